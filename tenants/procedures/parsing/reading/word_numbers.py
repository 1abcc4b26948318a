"""The numbers that Word counts and does not write down: from numbering.xml, level by level."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from tenants.procedures.parsing.marks import as_roman

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PLACE = re.compile(r"%([1-9])")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_MOST: Final = 780


@dataclass(frozen=True, slots=True)
class Level:
    """How a level counts: its first number, the shape of a number, and the text around, %1 the first level's."""

    start: int
    shape: str
    text: str


class WordNumbers:
    """Counts as Word does: a level starts afresh after one above it; lists of one definition count on."""

    def __init__(self, numbering: etree._Element | None) -> None:
        self._levels: dict[str, dict[int, Level]] = {}
        self._abstract: dict[str, str] = {}
        self._overridden: dict[tuple[str, int], int] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[str] = set()
        if numbering is not None:
            self._read(numbering)

    def _read(self, numbering: etree._Element) -> None:
        for abstract in numbering.iterchildren(f"{W}abstractNum"):
            levels = {int(_value(level, "ilvl") or 0): _level(level) for level in abstract.iterchildren(f"{W}lvl")}
            self._levels[_value(abstract, "abstractNumId") or ""] = levels
        for number in numbering.iterchildren(f"{W}num"):
            name = _value(number, "numId") or ""
            self._abstract[name] = _inner(number, "abstractNumId") or ""
            for override in number.iterchildren(f"{W}lvlOverride"):
                start = _inner(override, "startOverride")
                if start is not None and start.isdigit():
                    self._overridden[name, int(_value(override, "ilvl") or 0)] = int(start)

    def next(self, name: str, depth: int) -> tuple[str | None, bool]:
        """What is printed before the next paragraph of the list ``name``, and whether it is one of a list at all.

        None for a bullet, which has no number.
        """
        abstract = self._abstract.get(name)
        levels = self._levels.get(abstract or "", {})
        level = levels.get(depth)
        if abstract is None or level is None:
            return None, name not in ("", "0")
        if level.shape == "bullet":
            return None, True
        if level.shape == "none" and not level.text:
            return None, False
        counts = self._counts.setdefault(abstract, {})
        if name not in self._started:
            self._started.add(name)
            for (other, place), start in self._overridden.items():
                if other == name:
                    counts[place] = start - 1
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [place for place in counts if place > depth]:
            del counts[deeper]
        return _PLACE.sub(lambda found: self._number(levels, counts, int(found[1]) - 1), level.text) or None, True

    @staticmethod
    def _number(levels: Mapping[int, Level], counts: Mapping[int, int], depth: int) -> str:
        level = levels.get(depth)
        start = level.start if level is not None else 1
        return shaped(counts.get(depth, start), level.shape if level is not None else "decimal")


def shaped(number: int, shape: str) -> str:
    """A number as Word or OpenDocument prints it in this shape."""
    if number < 1 or number > _MOST:
        return str(number)
    if shape in ("lowerLetter", "upperLetter", "a", "A"):
        made = _LETTERS[(number - 1) % 26] * ((number - 1) // 26 + 1)
        return made.upper() if shape in ("upperLetter", "A") else made
    if shape in ("lowerRoman", "upperRoman", "i", "I") and number < 90:
        return as_roman(number).upper() if shape in ("upperRoman", "I") else as_roman(number)
    return f"{number:02d}" if shape == "decimalZero" else str(number)


def _level(level: etree._Element) -> Level:
    start = _inner(level, "start") or "1"
    return Level(
        int(start) if start.isdigit() else 1, _inner(level, "numFmt") or "decimal", _inner(level, "lvlText") or ""
    )


def _value(element: etree._Element, name: str) -> str | None:
    return element.get(f"{W}{name}")


def _inner(element: etree._Element, name: str) -> str | None:
    found = element.find(f"{W}{name}")
    return found.get(f"{W}val") if found is not None else None
