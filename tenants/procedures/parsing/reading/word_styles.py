"""What Word's styles say of a paragraph: a heading, an entry of a contents page, one of a list."""

import re
from typing import Final

from lxml import etree

from tenants.procedures.parsing.reading.word_elements import W, inner, is_on

_HEADING = re.compile(r"heading\s*([1-9])$", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|table of figures|index)\s*\d?$|toc heading$", re.IGNORECASE)
_MOST_INHERITED: Final = 20


class WordStyles:
    """Styles inherit from the one they are based on; what the paragraph itself says comes first."""

    def __init__(self, styles: etree._Element) -> None:
        self._names: dict[str, str] = {}
        self._based: dict[str, str] = {}
        self._elements: dict[str, etree._Element] = {}
        for style in styles.iterchildren(f"{W}style"):
            name = style.get(f"{W}styleId") or ""
            self._elements[name] = style
            self._names[name] = inner(style, "name") or name
            if (based := inner(style, "basedOn")) is not None:
                self._based[name] = based

    def of(self, paragraph: etree._Element) -> str | None:
        found = paragraph.find(f"{W}pPr/{W}pStyle")
        return found.get(f"{W}val") if found is not None else None

    def contents(self, name: str | None) -> bool:
        return name is not None and _CONTENTS.match(self._names.get(name, name)) is not None

    def heading(self, paragraph: etree._Element, name: str | None) -> int | None:
        """The level from 1: by the paragraph's outline level, or the name or outline level of its styles."""
        own = paragraph.find(f"{W}pPr/{W}outlineLvl")
        if own is not None and (level := _level(own)) is not None:
            return level
        for style in self.line(name):
            called = self._names.get(style, style)
            if called.lower() in ("title", "subtitle"):
                return 1
            if (found := _HEADING.match(called)) is not None:
                return int(found[1])
            outline = self._elements[style].find(f"{W}pPr/{W}outlineLvl") if style in self._elements else None
            if outline is not None and (level := _level(outline)) is not None:
                return level
        return None

    def numbering(self, paragraph: etree._Element, name: str | None) -> tuple[str | None, int]:
        """The list that the paragraph is one of, and its depth there; a list 0 takes it out of its style's."""
        properties = paragraph.find(f"{W}pPr/{W}numPr")
        number = inner(properties, "numId")
        depth = inner(properties, "ilvl")
        for style in self.line(name):
            inherited = self._elements[style].find(f"{W}pPr/{W}numPr") if style in self._elements else None
            if inherited is not None:
                number = number if number is not None else inner(inherited, "numId")
                depth = depth if depth is not None else inner(inherited, "ilvl")
        return (None if number in (None, "0") else number), int(depth) if depth is not None and depth.isdecimal() else 0

    def strong(self, name: str | None) -> bool:
        """Whether the words of a style are bold unless they say otherwise."""
        for style in self.line(name):
            properties = self._elements[style].find(f"{W}rPr") if style in self._elements else None
            if properties is not None and properties.find(f"{W}b") is not None:
                return is_on(properties, "b")
        return False

    def run_strong(self, properties: etree._Element | None, *, otherwise: bool) -> bool:
        """Whether a run is bold: as it says itself, or its own style, or else its paragraph."""
        if properties is not None and properties.find(f"{W}b") is not None:
            return is_on(properties, "b")
        style = inner(properties, "rStyle")
        return otherwise or self.strong(style)

    def list_of(self, name: str) -> str | None:
        """The list that a style of lists names."""
        found = self._elements[name].find(f"{W}pPr/{W}numPr") if name in self._elements else None
        return inner(found, "numId")

    def line(self, name: str | None) -> list[str]:
        """The style and those it is based on, nearest first."""
        line: list[str] = []
        while name is not None and name not in line and len(line) < _MOST_INHERITED:
            line.append(name)
            name = self._based.get(name)
        return line


def _level(outline: etree._Element) -> int | None:
    value = outline.get(f"{W}val") or ""
    return int(value) + 1 if value.isdecimal() and int(value) < 9 else None
