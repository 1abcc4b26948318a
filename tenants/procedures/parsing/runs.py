"""Items that a conversion ran together on one line, and how to take them apart again."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from tenants.procedures.parsing import marks
from tenants.procedures.parsing.view import View

_DASH = re.compile(r"(?<=\S) (?=- (?=\S))")
_GLYPH = re.compile(r"(?<=\S)\s(?=\s?[•▪■●➢➤\uf0a7\uf0b7\uf0d8]\s?\S)")
_LETTERED = re.compile(r"(?<=\S)\s(?=\s?(?:\((\d)\)|([a-h])\.)(?:\s|$))")
_BULLET_LINE: Final = "- "


class Runs:
    """Splits lines; dashes and letters only in slides, whose conversion loses the breaks of lines."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._dashed = False
        self._letter = 0

    def spans(self, index: int) -> list[tuple[int, int, bool]]:
        """The parts of a line: start, end, and whether it was split from what is before."""
        text = self._view.lines[index].content
        if index in self._view.shape.slides:
            self._dashed, self._letter = False, 0
            return [(0, len(text), False)]
        cuts = sorted(set(self._cuts(text)))
        self._dashed = self._dashed or text.startswith(_BULLET_LINE)
        edges = [0, *cuts, len(text)]
        return [(start, end, start > 0) for start, end in pairwise(edges)]

    def _cuts(self, text: str) -> Iterator[int]:
        for found in _GLYPH.finditer(text):
            yield found.end()
        if not self._view.shape.slides:
            return
        if self._dashed and marks.bullet(text) is None:
            for found in _DASH.finditer(text):
                yield found.end()
        for found in _LETTERED.finditer(text):
            if found[1] or ord(found[2]) - 96 == self._letter + 1:
                self._letter = 0 if found[1] else self._letter + 1
                yield found.end()
