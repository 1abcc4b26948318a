"""Two columns of print that were drawn out side by side: the left is read first, then the right."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from tenants.procedures.parsing.manual import Doubt, DoubtKind
from tenants.procedures.parsing.source import Line
from tenants.procedures.parsing.view import ended

_GAP = re.compile(r"(?<=\S) {3,}(?=\S)")
_FEWEST: Final = 6
"""Lines of two columns side by side, at the least."""

_NARROWEST: Final = 20
_FLOWING: Final = 0.25
"""The share of lines that go on in the next, in either column: prose does, and the cells of a table seldom."""

_TOGETHER: Final = 0.6
"""The share of beginnings that stand side by side: in a table nearly all do."""


def unfolded(lines: Sequence[Line]) -> tuple[tuple[Line, ...], tuple[Doubt, ...]]:
    """The lines in the order of reading. Each half of a line is a line of its own, with the number of the whole."""
    made: list[Line] = []
    doubts: list[Doubt] = []
    for page in _pages(lines):
        gutter = _gutter(page)
        place = 0
        for start, end in _regions(page, gutter) if gutter else ():
            made += page[place:start]
            made += _unfolded(page[start:end], gutter or 0)
            place = end
            told = f"{end - start} lines printed in two columns: read the left one, then the right one"
            doubts.append(Doubt(page[start].number, DoubtKind.COLUMNS, told))
        made += page[place:]
    return tuple(made), tuple(doubts)


def _pages(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    start = 0
    for index, line in enumerate(lines):
        if line.page_ends or index == len(lines) - 1:
            yield lines[start : index + 1]
            start = index + 1


def _gutter(page: Sequence[Line]) -> int | None:
    """The column at which right halves begin, give or take one."""
    starts = Counter(gap.end() for line in page if not line.cuts for gap in _GAP.finditer(line.content))
    near = {column: sum(starts[column + step] for step in (-1, 0, 1)) for column in starts}
    best = max(near, key=lambda column: (near[column], starts[column]), default=0)
    return best if near.get(best, 0) >= _FEWEST else None


def _regions(page: Sequence[Line], gutter: int) -> Iterator[tuple[int, int]]:
    """Runs of lines that keep to the columns and are prose in both."""
    start: int | None = None
    for index in range(len(page) + 1):
        keeps = index < len(page) and _keeps(page[index], gutter)
        if keeps and start is None:
            start = index
        elif not keeps and start is not None:
            first, last = _trimmed(page, start, index, gutter)
            if _prose([halves for line in page[first:last] if (halves := _halves(line, gutter)) is not None]):
                yield first, last
            start = None


def _trimmed(page: Sequence[Line], start: int, end: int, gutter: int) -> tuple[int, int]:
    """The run from its first line of two halves to its last, with what a column has more without a blank line."""
    both = [index for index in range(start, end) if _halves(page[index], gutter) is not None]
    if not both:
        return start, start
    last = both[-1] + 1
    while last < end and not page[last].blank:
        last += 1
    return both[0], last


def _keeps(line: Line, gutter: int) -> bool:
    text = line.content.rstrip()
    one_side = len(text) < gutter - 1 or line.indent >= gutter - 1
    return not line.cuts and (one_side or _halves(line, gutter) is not None)


def _halves(line: Line, gutter: int) -> tuple[str, str, int] | None:
    """The left half, the right half, and where it begins; None for a line that does not have both."""
    for column in (gutter, gutter - 1, gutter + 1):
        left, right = line.content[:column], line.content[column:]
        if left.strip() and left.endswith("  ") and right[:1].strip():
            return left.strip(), right.strip(), column
    return None


def _prose(halves: Sequence[tuple[str, str, int]]) -> bool:
    if len(halves) < _FEWEST:
        return False
    for side in (0, 1):
        column = [str(both[side]) for both in halves]
        if sum(map(len, column)) < _NARROWEST * len(column):
            return False
        if sum(not ended(one) and after[:1].islower() for one, after in pairwise(column)) < _FLOWING * len(column):
            return False
    begin = [(left[:1].isupper(), right[:1].isupper()) for left, right, _ in halves]
    together, either = (sum(map(test, begin)) for test in (all, any))
    return together <= max(1, _TOGETHER * either)


def _unfolded(lines: Sequence[Line], gutter: int) -> list[Line]:
    left: list[Line] = []
    right: list[Line] = []
    for line in lines:
        halves = _halves(line, gutter)
        if halves is not None:
            place = line.start + halves[2]
            left.append(replace(line, end=place, content=line.content[: halves[2]], page_ends=False))
            right.append(replace(line, start=place, content=line.content[halves[2] :]))
        elif not line.blank and line.indent >= gutter - 1:
            right.append(line)
        else:
            left.append(replace(line, page_ends=False))
            right += [replace(line, start=line.end, content="")] if line.blank or line.page_ends else []
    return [*_of_width(left), *_of_width(right)]


def _of_width(column: Sequence[Line]) -> Iterator[Line]:
    """The lines, with the width at which those of their column are broken."""
    width = max((len(line.content.strip()) for line in column), default=0)
    return (replace(line, width=width) for line in column)
