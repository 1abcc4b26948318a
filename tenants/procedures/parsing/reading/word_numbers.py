"""The numbers that Word counts and does not write down: from numbering.xml, level by level."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from tenants.procedures.parsing.marks import as_roman
from tenants.procedures.parsing.reading.word_elements import W, inner, is_on
from tenants.procedures.parsing.reading.word_styles import WordStyles

_PLACE = re.compile(r"%([1-9])")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_MOST: Final = 780
_ABOVE: Final = -1


@dataclass(frozen=True, slots=True)
class Level:
    """How a level counts: its first number, the shape of a number, and the text around, %1 the first level's.

    ``plain`` shows the numbers of the levels above in figures, whatever their own shape. ``restarts`` is the level
    from whose next number on it starts afresh: any above it, unless it says which; None where it counts on. ``style``
    is the style of paragraphs whose numbers it counts.
    """

    start: int
    shape: str
    text: str
    plain: bool = False
    restarts: int | None = _ABOVE
    style: str | None = None


class WordNumbers:
    """Counts as Word does: a level starts afresh after one above it; lists of one definition count on."""

    def __init__(self, numbering: etree._Element | None, styles: WordStyles) -> None:
        self._styles = styles
        self._defined: dict[str, dict[int, Level]] = {}
        self._linked: dict[str, str] = {}
        self._abstract: dict[str, str] = {}
        self._own: dict[str, dict[int, Level]] = {}
        self._overridden: dict[tuple[str, int], int] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[str] = set()
        if numbering is not None:
            self._read(numbering)

    def _read(self, numbering: etree._Element) -> None:
        for abstract in numbering.iterchildren(f"{W}abstractNum"):
            name = abstract.get(f"{W}abstractNumId") or ""
            self._defined[name] = dict(_levels(abstract))
            if (style := inner(abstract, "numStyleLink")) is not None:
                self._linked[name] = style
        for number in numbering.iterchildren(f"{W}num"):
            name = number.get(f"{W}numId") or ""
            self._abstract[name] = inner(number, "abstractNumId") or ""
            for override in number.iterchildren(f"{W}lvlOverride"):
                self._own.setdefault(name, {}).update(_levels(override))
                start = inner(override, "startOverride")
                if start is not None and start.isdecimal():
                    self._overridden[name, int(override.get(f"{W}ilvl") or 0)] = int(start)

    def depth(self, name: str, style: str | None, depth: int) -> int:
        """The depth at which a paragraph of this style counts: that of the level that names the style, if one does."""
        levels = self._levels(name)
        for each in self._styles.line(style):
            for place, level in levels.items():
                if level.style == each and depth == 0:
                    return place
        return depth

    def next(self, name: str, depth: int) -> tuple[str | None, bool]:
        """What is printed before the next paragraph of the list ``name``, and whether it is one of a list at all.

        None for a bullet, which has no number.
        """
        levels = self._levels(name)
        level = levels.get(depth)
        if level is None:
            return None, name not in ("", "0")
        if level.shape == "bullet":
            return None, True
        if level.shape == "none" and not level.text:
            return None, False
        counts = self._counts.setdefault(self._definition(name), {})
        if name not in self._started:
            self._started.add(name)
            for (other, place), start in self._overridden.items():
                if other == name:
                    counts[place] = start - 1
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [place for place in counts if place > depth and _afresh(levels.get(place), place, depth)]:
            del counts[deeper]
        said = _PLACE.sub(lambda found: self._number(levels, counts, int(found[1]) - 1, level), level.text)
        return said or None, True

    def _definition(self, name: str) -> str:
        """Which definition a list is of: its own, or that of the list which a style names."""
        abstract = self._abstract.get(name, "")
        style = self._linked.get(abstract)
        return self._abstract.get(self._styles.list_of(style) or "", abstract) if style is not None else abstract

    def _levels(self, name: str) -> Mapping[int, Level]:
        if name not in self._abstract:
            return {}
        return {**self._defined.get(self._definition(name), {}), **self._own.get(name, {})}

    @staticmethod
    def _number(levels: Mapping[int, Level], counts: Mapping[int, int], depth: int, asking: Level) -> str:
        level = levels.get(depth)
        start = level.start if level is not None else 1
        plain = asking.plain or level is None
        return shaped(counts.get(depth, start), "decimal" if plain or level is None else level.shape)


def _afresh(level: Level | None, place: int, depth: int) -> bool:
    """Whether a level starts afresh after a number ``depth`` deep."""
    if level is None or level.restarts == _ABOVE:
        return place > depth
    return level.restarts is not None and depth <= level.restarts


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


def _levels(parent: etree._Element) -> Iterator[tuple[int, Level]]:
    for level in parent.iterchildren(f"{W}lvl"):
        depth, start, restarts = (
            level.get(f"{W}ilvl") or "0",
            inner(level, "start") or "1",
            inner(level, "lvlRestart"),
        )
        if not depth.isdecimal():
            continue
        after = _ABOVE if restarts is None or not restarts.isdecimal() else int(restarts) - 1
        yield (
            int(depth),
            Level(
                int(start) if start.isdecimal() else 1, inner(level, "numFmt") or "decimal",
                inner(level, "lvlText") or "", is_on(level, "isLgl"), None if restarts == "0" else after,
                inner(level, "pStyle"),
            ),
        )  # fmt: skip
