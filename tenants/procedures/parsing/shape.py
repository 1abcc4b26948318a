"""Measures of a whole text: how wide its lines are broken, whether it was slides, which words it uses."""

import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Final

from tenants.procedures.parsing.source import Line, Source

WINDOW: Final = 120
"""Lines over which the width is measured: chapters of one manual come from different hands."""

_WIDEST_BROKEN: Final = 130
_NARROWEST: Final = 50
_FEWEST_COLUMNS: Final = 40
_SLIDE = re.compile(r"(\d{1,3})( ?)(?=[A-Z])")
_FEWEST_SLIDES: Final = 4
_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class Shape:
    """``widths`` gives for each line the column at which its neighbours are broken, None where they are not.

    ``slides`` maps the index of a line to the length of the slide number glued to its title.
    """

    widths: tuple[int | None, ...]
    styled: bool
    slides: dict[int, int]
    words: frozenset[str]

    def width(self, index: int) -> int | None:
        return self.widths[index]


def measure(source: Source, away: Container[int]) -> Shape:
    """Measure what is read; headers and contents pages are set wider, or to no width at all."""
    lines = source.lines
    widths = [None] * len(lines) if source.styled else _widths(lines, away)
    words = frozenset(found.lower() for found in _WORD.findall(source.text))
    return Shape(tuple(widths), source.styled, {} if source.styled else _slides(lines), words)


def _widths(lines: tuple[Line, ...], away: Container[int]) -> list[int | None]:
    """For each line the width to which its window keeps; none where a neighbour is too long to be broken at all."""
    lengths = [0 if line.blank or index in away else len(line.content.rstrip()) for index, line in enumerate(lines)]
    windows = [_width(lengths[start : start + WINDOW]) for start in range(0, len(lines), WINDOW)]
    widths: list[int | None] = [windows[index // WINDOW] for index in range(len(lines))]
    start = 0
    for index in range(len(lines) + 1):
        if index == len(lines) or not lengths[index]:
            if start < index:
                widths[start:index] = [_narrowed(widths[start], lengths[start:index])] * (index - start)
            start = index + 1
    return [line.width or width for line, width in zip(lines, widths, strict=True)]


def _narrowed(width: int | None, block: list[int]) -> int | None:
    """The width of a few lines on end, which may be of another hand than those around."""
    widest = max(block, default=0)
    if widest > _WIDEST_BROKEN:
        return None
    return min(width, widest) if width is not None and len(block) >= 3 and widest >= _NARROWEST else width


def _width(lengths: list[int]) -> int | None:
    """The width that all but few lines keep to, of those that may be broken; None of too few lines."""
    broken = sorted(length for length in lengths if 0 < length <= _WIDEST_BROKEN)
    width = broken[max(0, int(len(broken) * 0.97) - 1)] if len(broken) >= 3 else 0
    return width if width >= _FEWEST_COLUMNS else None


def _slides(lines: tuple[Line, ...]) -> dict[int, int]:
    """Titles that count 1, 2, 3 … through the text, most of them glued to their number."""
    found: dict[int, int] = {}
    glued = expected = 0
    for index, line in enumerate(lines):
        opening = _SLIDE.match(line.content)
        if opening is not None and int(opening[1]) == expected + 1:
            expected += 1
            glued += not opening[2]
            found[index] = opening.end()
    return found if expected >= _FEWEST_SLIDES and glued * 2 > expected else {}
