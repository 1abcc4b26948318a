"""What all definitions share: roles, agencies, sources and the catalogue, from the files beside them."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final, Literal

from pydantic import Field

from backend.pathways.definitions.forms_of_work import Kind
from backend.pathways.definitions.vocabulary import AgencyCode, Code, Grammar, Line, Words


class Agency(Grammar):
    """A body that takes part, whichever it is in a partnership's area."""

    code: Code
    title: Line


class Role(Grammar):
    """A post or function. The sources call one role by many names; one person may hold several roles."""

    code: Code
    title: Line
    agency: AgencyCode
    aliases: tuple[Line, ...] = ()
    text: Words | None = None


class Roles(Grammar):
    """The file ``roles.yaml``."""

    agencies: tuple[Agency, ...]
    roles: tuple[Role, ...]


class Shape(StrEnum):
    """How a source numbers its places."""

    PARAGRAPH = "paragraph"
    """¶4.19, ¶4.15-4.22"""
    APPENDIX = "appendix"
    """appendix 1, appendix 1 ¶16"""
    CHAPTER = "chapter"
    """chapter 5, preface, box 1"""
    SLIDE = "slide"
    """s29, s28-30"""
    SECTION = "section"
    """§4.5"""
    LINE = "line"
    """L3126, L3-59: a line of the text that the definitions were read from"""


_SHAPES: Final = {
    Shape.PARAGRAPH: r"¶?\d{1,2}(\.\d{1,3}){1,2}[a-z]?(-\d{1,2}(\.\d{1,3}){1,2}[a-z]?)?",
    Shape.APPENDIX: r"appendix \d+( ¶\d+)?",
    Shape.CHAPTER: r"chapter \d+|preface|box \d+",
    Shape.SLIDE: r"s\d{1,3}(-\d{1,3})?",
    Shape.SECTION: r"§\d+(\.\d+)*(-\d+(\.\d+)*)?",
    Shape.LINE: r"L\d{1,5}(-\d{1,5})?",
}


class Source(Grammar):
    """A text that rules are read from. ``title`` is how citations begin, such as ``Working Together 2005``."""

    title: Line
    name: Line
    standing: Literal["statutory-guidance", "practice-guidance", "local-procedures", "summary", "statute"]
    places: tuple[Shape, ...] = Field(min_length=1)
    chapters: dict[int, int] = Field(default_factory=dict)
    """The last paragraph of each chapter, where they are known."""
    lines: int | None = None
    slides: int | None = None

    def missing(self, place: str) -> str | None:
        """What is wrong with ``place``, or None where the source has it."""
        if not any(re.fullmatch(_SHAPES[shape], place) for shape in self.places):
            shapes = ", ".join(shape.value for shape in self.places)
            return f"{place!r} is no place in {self.title}, which is numbered by {shapes}"
        for chapter, number in re.findall(r"(\d+)\.(\d+)", place) if self.chapters else ():
            last = self.chapters.get(int(chapter))
            if last is None or int(number) > last:
                return f"{self.title} has no ¶{chapter}.{number}"
        numbers = [int(number) for number in re.findall(r"\d+", place)]
        most = self.lines if place.startswith("L") else self.slides if re.match(r"s\d", place) else None
        if most is not None and max(numbers) > most:
            return f"{self.title} ends before {place}"
        return None


class Sources(Grammar):
    """The file ``sources.yaml``."""

    sources: tuple[Source, ...]


class Row(Grammar):
    """One item of the catalogue, whether or not its definition is written."""

    id: Code
    kind: Kind


class Catalogue(Grammar):
    """The file ``catalogue.yaml``: all items by family. A family is a folder."""

    families: dict[Code, tuple[Row, ...]]

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Each item with its family."""
        for family, rows in self.families.items():
            for row in rows:
                yield family, row


def citation_fault(citation: str, sources: Mapping[str, Source]) -> str | None:
    """What dangles in ``citation``, or None where every place in it exists.

    A citation names sources with their places: ``Working Together 2005 ¶4.19, 4.20; Worcestershire 2006 s14``.
    """
    for part in citation.split(";"):
        said = part.strip()
        title = max((title for title in sources if said.startswith(f"{title} ")), key=len, default=None)
        if title is None:
            return f"{said!r} names no source"
        for place in said.removeprefix(title).split(","):
            if fault := sources[title].missing(place.strip()):
                return fault
    return None
