"""Measures of a whole text: how wide its lines are broken, whether it was slides, which words it uses."""

import re
from dataclasses import dataclass
from typing import Final

from tenants.procedures.parsing.source import Line, Source

WINDOW: Final = 120
"""Lines over which the width is measured: chapters of one manual come from different hands."""

_WIDEST_BROKEN: Final = 130
_SLIDE = re.compile(r"(\d{1,3})( ?)(?=[A-Z])")
_FEWEST_SLIDES: Final = 4
_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class Shape:
    """``widths`` gives for each window of lines the column at which they are broken, None where they are not.

    ``slides`` maps the index of a line to the length of the slide number glued to its title.
    """

    widths: tuple[int | None, ...]
    slides: dict[int, int]
    words: frozenset[str]

    def width(self, index: int) -> int | None:
        return self.widths[index // WINDOW]


def measure(source: Source) -> Shape:
    lines = source.lines
    widths = tuple(
        None if source.styled else _width(lines[start : start + WINDOW]) for start in range(0, len(lines), WINDOW)
    )
    words = frozenset(found.lower() for found in _WORD.findall(source.text))
    return Shape(widths, {} if source.styled else _slides(lines), words)


def _width(lines: tuple[Line, ...]) -> int | None:
    """The width that nine lines in ten keep to, where there are enough lines and they are narrow enough."""
    lengths = sorted(len(line.content.rstrip()) for line in lines if not line.blank)
    if len(lengths) < 3:
        return None
    widest = lengths[max(0, int(len(lengths) * 0.97) - 1)]
    return widest if widest <= _WIDEST_BROKEN else None


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
