"""A template of a letter: named fields with their sources, paragraphs to be worded locally, and their order. Pure."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, StringConstraints

from backend.letters.sources import SOURCES, About, item_of

ANY: Final = "any"
"""The template that stands for all: what is worded in it stands in every letter."""
EVERYWHERE: Final[Mapping[str, str]] = {"letterhead": "{partnership}", "footer": ""}
ALWAYS: Final[Mapping[str, str]] = {"partnership": "partnership.name", "date": "letter.date",
                                    "reference": "case.reference"}  # fmt: skip
"""Fields that every template has."""
_PLACE: Final = re.compile(r"\{([a-z0-9-]+)\}")

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]


class _Grammar(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Kind(StrEnum):
    LETTER = "letter"
    PACK = "pack"
    RECORD = "record"
    DATA_SET = "data-set"


class LetterField(_Grammar):
    """``required``: without it nothing is issued."""

    id: Code
    label: Words
    source: str
    required: bool = False


class Paragraph(_Grammar):
    """Words that a partnership may replace by its own; ``{place}`` in them stands for the field of that id."""

    id: Code
    text: Words


class Part(_Grammar):
    """A paragraph by its id, or fields under a heading."""

    paragraph: Code | None = None
    heading: Words | None = None
    fields: tuple[Code, ...] = ()


class Template(_Grammar):
    """``addressed``: each copy is for one recipient. ``citation`` is where the sources ask for such a thing."""

    id: Code
    title: Words
    kind: Kind
    about: About
    addressed: bool = False
    citation: Words
    fields: tuple[LetterField, ...]
    paragraphs: tuple[Paragraph, ...] = ()
    body: tuple[Part, ...]

    @property
    def all_fields(self) -> dict[str, LetterField]:
        always = {code: LetterField(id=code, label=code.capitalize(), source=source) for code, source in ALWAYS.items()}
        return always | {one.id: one for one in self.fields}

    @property
    def wordings(self) -> dict[str, str]:
        """Every paragraph that may be worded, with its national words."""
        return dict(EVERYWHERE) | {one.id: one.text for one in self.paragraphs}

    def digest(self, own: Mapping[str, str]) -> str:
        """Names the template with these paragraphs of a partnership's own."""
        said = self.model_dump_json() + "".join(f"\n{code}={own[code]}" for code in sorted(own))
        return hashlib.sha256(said.encode()).hexdigest()


def places(text: str) -> list[str]:
    """The fields that a paragraph names, in order."""
    return _PLACE.findall(text)


def filled(text: str, values: Mapping[str, str]) -> str:
    """A paragraph with its fields put in; all of them are known. What is put in is not looked at again."""
    return _PLACE.sub(lambda one: values[one[1]], text)


def faults(template: Template, items: Mapping[str, frozenset[str]]) -> list[str]:
    """What is wrong with a template. ``items`` are the codes of information by pathway."""
    return [*_field_faults(template, items), *_body_faults(template)]


def _field_faults(template: Template, items: Mapping[str, frozenset[str]]) -> Iterator[str]:
    ids = [one.id for one in template.fields]
    yield from (f"field {one} is there twice" for one in sorted({one for one in ids if ids.count(one) > 1}))
    yield from (f"field {one} stands in every letter; leave it out" for one in ids if one in ALWAYS)
    for one in template.fields:
        item = item_of(one.source)
        if item is not None:
            pathway, code = item
            if code not in items.get(pathway, frozenset()):
                yield f"field {one.id}: no item {code} of a pathway {pathway}"
        elif one.source not in SOURCES:
            yield f"field {one.id}: there is no source {one.source}"
        elif SOURCES[one.source].needs is About.MEETING and template.about is not About.MEETING:
            yield f"field {one.id}: {one.source} is of a meeting, and this is about a case"


def _body_faults(template: Template) -> Iterator[str]:
    wordings = [one.id for one in template.paragraphs]
    yield from (
        f"paragraph {one} is there twice" for one in sorted({one for one in wordings if wordings.count(one) > 1})
    )
    for code, text in template.wordings.items():
        yield from (f"paragraph {code}: {fault}" for fault in wording_faults(template, text))
    shown: set[str] = set()
    for number, part in enumerate(template.body, 1):
        if (part.paragraph is None) == (part.heading is None):
            yield f"part {number}: give a paragraph, or a heading with fields"
        if part.paragraph is not None and part.paragraph not in wordings:
            yield f"part {number}: there is no paragraph {part.paragraph}"
        if part.heading is not None and not part.fields:
            yield f"part {number}: a heading needs fields"
        yield from (f"part {number}: there is no field {one}" for one in part.fields if one not in template.all_fields)
        shown |= {*part.fields, *places(template.wordings.get(part.paragraph or "", ""))}
    yield from (f"field {one.id} is shown nowhere" for one in template.fields if one.id not in shown)


def wording_faults(template: Template, text: str) -> list[str]:
    """What is wrong with words of a paragraph: it may name the template's fields that are no tables."""
    known = template.all_fields
    found = [
        f"there is no field {one}; choose of {', '.join(sorted(known))}" for one in places(text) if one not in known
    ]
    tables = {one.id for one in known.values() if (source := SOURCES.get(one.source)) and source.columns}
    return found + [f"{one} is a table, and cannot stand in a sentence" for one in places(text) if one in tables]
