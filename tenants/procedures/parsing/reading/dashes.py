"""Tables ruled by dashes alone, as Pandoc writes them: a run of dashes over each column, or under its head. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_RULER = re.compile(r" *-{2,}(?: +-{2,})+ *")
_FRAME = re.compile(r" *-{3,} *")
_DASHES = re.compile(r"-+")
_LONGEST: Final = 2_000
"""Lines of a table."""

_TALLEST: Final = 10
"""Lines of a head."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a line, as ranges of it. One that ``adds`` goes on in the cells of the row before."""

    line: int
    cells: tuple[tuple[int, int], ...]
    adds: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table by their lines, and the lines of its rules; ``end`` is the line after its last."""

    rows: tuple[Row, ...]
    rules: tuple[int, ...]
    end: int


def dashed(lines: Sequence[str]) -> Iterator[Table]:
    """Every table ruled by dashes alone: with a head over the rule, with none between two rules, or in a frame."""
    place = 0
    while place < len(lines):
        found = None
        if _RULER.fullmatch(lines[place]):
            found = _framed(lines, place) or _headed(lines, place) or _headless(lines, place)
        if found is not None:
            yield found
        place = found.end if found is not None else place + 1


def _headed(lines: Sequence[str], ruler: int) -> Table | None:
    if ruler == 0 or not lines[ruler - 1].strip() or (ruler > 1 and lines[ruler - 2].strip()):
        return None
    end = _until(lines, ruler + 1)
    closing = (end,) if end < len(lines) and _RULER.fullmatch(lines[end]) else ()
    rows = [[number] for number in (ruler - 1, *range(ruler + 1, end))]
    return _table(lines, ruler, rows, (ruler, *closing), end + len(closing))


def _headless(lines: Sequence[str], ruler: int) -> Table | None:
    end = _until(lines, ruler + 1)
    opened = ruler == 0 or not lines[ruler - 1].strip()
    if not opened or end == len(lines) or lines[end].split() != lines[ruler].split():
        return None
    return _table(lines, ruler, [[number] for number in range(ruler + 1, end)], (ruler, end), end + 1)


def _framed(lines: Sequence[str], ruler: int) -> Table | None:
    """A row goes on from line to line, until a blank one."""
    head = range(ruler - 1, max(-1, ruler - 2 - _TALLEST), -1)
    above = next((number for number in head if not _told(lines[number])), None)
    if above is None or above == ruler - 1 or not _FRAME.fullmatch(lines[above]):
        return None
    below = range(ruler + 1, min(len(lines), ruler + _LONGEST))
    under = next((number for number in below if _FRAME.fullmatch(lines[number])), None)
    if under is None:
        return None
    rows = [list(range(above + 1, ruler)), []]
    for number in range(ruler + 1, under):
        if lines[number].strip():
            rows[-1].append(number)
        elif rows[-1]:
            rows.append([])
    return _table(lines, ruler, [row for row in rows if row], (above, ruler, under), under + 1)


def _told(line: str) -> bool:
    return bool(line.strip()) and _FRAME.fullmatch(line) is None


def _until(lines: Sequence[str], start: int) -> int:
    """The first line from a place on that is blank or a rule."""
    stops = (n for n in range(start, len(lines)) if not lines[n].strip() or _RULER.fullmatch(lines[n]))
    return next(stops, len(lines))


def _table(
    lines: Sequence[str], ruler: int, rows: Sequence[Sequence[int]], rules: tuple[int, ...], end: int
) -> Table | None:
    """None where a word reaches from one column into the next, or nothing stands side by side."""
    starts = [found.start() for found in _DASHES.finditer(lines[ruler])]
    made = []
    for row in rows:
        for number in row:
            line = lines[number]
            if "\t" in line or any(line[start - 1 : start].strip() for start in starts[1:]):
                return None
            made.append(Row(number, tuple(_cells(line, starts)), adds=number != row[0]))
    beside = any(sum(start < end for start, end in row.cells) > 1 for row in made)
    return Table(tuple(made), rules, end) if beside and len(rows) > 1 else None


def _cells(line: str, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    for start, end in zip((0, *starts[1:]), (*starts[1:], len(line)), strict=True):
        said = line[start:end]
        first = min(start, len(line)) + len(said) - len(said.lstrip())
        yield first, first + len(said.strip())
