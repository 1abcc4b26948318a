"""The numbers that OpenDocument counts and does not write down: of lists by their style, of headings by the outline."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from tenants.procedures.parsing.reading.word_numbers import shaped

OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_MOST_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Level:
    """``shown`` is how many levels a number shows: 2 for 1.1."""

    start: int
    shape: str
    before: str
    after: str
    shown: int


class OdtLists:
    """Counts as the program does: each list from its start, unless it says that it goes on."""

    def __init__(self, content: etree._Element, styles: etree._Element) -> None:
        self._levels: dict[str, dict[int, Level]] = {}
        self._outline: dict[int, Level] = {}
        for root in (styles, content):
            for style in root.iter(f"{TEXT}list-style"):
                self._levels[style.get(f"{STYLE}name") or ""] = _levels(style, "list-level-style-number")
            for style in root.iter(f"{TEXT}outline-style"):
                self._outline = _levels(style, "outline-level-style")
        self._counts: dict[str, dict[int, int]] = {}
        self._headings: dict[int, int] = {}

    def begins(self, name: str | None, depth: int, *, on: bool) -> bool:
        """A list begins; whether it is one that counts."""
        counts = self._counts.setdefault(name or "", {})
        if not on:
            counts.pop(depth, None)
        return depth in self._levels.get(name or "", {})

    def next(self, name: str | None, depth: int, start: str | None) -> str | None:
        levels = self._levels.get(name or "", {})
        return _counted(levels, self._counts.setdefault(name or "", {}), depth, start)

    def heading(self, level: int) -> str | None:
        """What is printed before the next heading of this level, None where headings are not numbered."""
        return _counted(self._outline, self._headings, level - 1, None)


def _counted(levels: Mapping[int, Level], counts: dict[int, int], depth: int, start: str | None) -> str | None:
    level = levels.get(depth)
    for deeper in [place for place in counts if place > depth]:
        del counts[deeper]
    counts[depth] = (
        int(start) if start and start.isdecimal() else counts.get(depth, (level.start if level else 1) - 1) + 1
    )
    if level is None or not level.shape:
        return None
    places = range(max(0, depth - level.shown + 1), depth + 1)
    shapes = [(counts.get(place, 1), levels[place].shape if place in levels else "1") for place in places]
    return f"{level.before}{'.'.join(shaped(number, shape) for number, shape in shapes)}{level.after}" or None


def _levels(style: etree._Element, name: str) -> dict[int, Level]:
    return {
        whole(level, "level") - 1: Level(
            whole(level, "start-value"), level.get(f"{STYLE}num-format") or "", level.get(f"{STYLE}num-prefix") or "",
            level.get(f"{STYLE}num-suffix") or "", whole(level, "display-levels"),
        )
        for level in style.iterchildren(f"{TEXT}{name}")
    }  # fmt: skip


def whole(element: etree._Element, name: str) -> int:
    """An attribute that counts from 1; 1 where it is not there or is none that is counted so far."""
    said = element.get(f"{TEXT}{name}") or ""
    return int(said) if said.isdecimal() and len(said) < _MOST_DIGITS else 1
