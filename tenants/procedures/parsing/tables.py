"""Tables drawn with bars, tabs or spaces: which lines are rows, and where their cells are."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from tenants.procedures.parsing import contents, marks
from tenants.procedures.parsing.source import Line

_OF_RULERS: Final = frozenset("+-=|: \t")
_CELL_BY_SPACES = re.compile(r"\S+(?:\s{1,2}\S+)*")
_APART: Final = 3
"""Spaces between two cells, at the least."""

_RULES_OF_LIST: Final = 3
"""Rules of a table whose lines are a row each: over it, under its head and under it. One of more rules the rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one line as ranges of its content, by column. A line that ``continues`` adds to the row before."""

    table: int
    cells: tuple[tuple[int, int], ...]
    ruler: bool = False
    continues: bool = False
    guessed: bool = False


def tables(lines: Sequence[Line], away: frozenset[int]) -> dict[int, Row]:
    """The rows by index of line. A table is two such lines or more, three where only spaces part two columns."""
    found: dict[int, Row] = {}
    number = 0
    for block in _blocks(lines, away):
        for start, rows in _drawn(lines, block):
            number += 1
            for index, row in zip(block[start : start + len(rows)], rows, strict=True):
                found[index] = replace(row, table=number)
    return found


def _blocks(lines: Sequence[Line], away: frozenset[int]) -> Iterator[list[int]]:
    """Runs of lines that nothing blank parts, and of which the format does not say itself that they are rows."""
    block: list[int] = []
    for index, line in enumerate(lines):
        if index in away or line.blank or line.style.away is not None or line.style.cells:
            if len(block) > 1:
                yield block
            block = []
        else:
            block.append(index)
    if len(block) > 1:
        yield block


def _drawn(lines: Sequence[Line], block: list[int]) -> Iterator[tuple[int, list[Row]]]:
    """The tables in a block, each with where it starts. The first way of drawing that fits is taken."""
    place = 0
    texts = [lines[index].content for index in block]
    while place < len(block):
        for way in (_barred, _tabbed, _spaced):
            rows = way(texts, place)
            if rows:
                yield place, rows
                place += len(rows)
                break
        else:
            place += 1


def _barred(texts: Sequence[str], place: int) -> list[Row]:
    rows: list[Row] = []
    crossed = 0
    for text in _from(texts, place):
        if _ruler(text):
            if rows and rows[-1].ruler:
                break
            rows.append(Row(0, (), ruler=True))
            crossed += text.strip().startswith("+")
        elif text.count("|") >= 2 or (rows and text.count("|") == 1) or text.strip().startswith("|"):
            rows.append(Row(0, tuple(_between_bars(text))))
        else:
            break
    if len(rows) < 2 or not any(row.cells for row in rows):
        return []
    return _ruled(rows, joined=crossed > _RULES_OF_LIST) if crossed else rows


def _ruled(rows: Sequence[Row], *, joined: bool) -> list[Row]:
    """Lines between rules with crosses: all one row where they are ``joined``, else those whose first cell is empty."""
    return [
        replace(
            row, continues=before.cells != () and row.cells != () and (joined or row.cells[0][0] == row.cells[0][1])
        )
        for before, row in pairwise((Row(0, ()), *rows))
    ]


def _from(texts: Sequence[str], place: int) -> Iterator[str]:
    """The lines from a place on, not copied: a table is looked for at each of them."""
    for index in range(place, len(texts)):
        yield texts[index]


def _ruler(text: str) -> bool:
    return ("|" in text or "+" in text) and ("--" in text or "==" in text) and _OF_RULERS.issuperset(text)


def _between_bars(text: str) -> Iterator[tuple[int, int]]:
    start, end = 0, len(text)
    stripped = text.strip()
    if stripped.startswith("|"):
        start = text.index("|") + 1
    if stripped.endswith("|") and len(stripped) > 1:
        end = text.rindex("|")
    place = start
    for part in text[start:end].split("|"):
        yield _trimmed(text, place, place + len(part))
        place += len(part) + 1


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _tabbed(texts: Sequence[str], place: int) -> list[Row]:
    rows: list[Row] = []
    for text in _from(texts, place):
        cells = tuple(_between_tabs(text))
        if len(cells) < 2 or contents.entry(text) or _only_numbered(text, cells):
            break
        rows.append(Row(0, cells))
    return rows if len(rows) >= 2 else []


def _between_tabs(text: str) -> Iterator[tuple[int, int]]:
    place = 0
    if "\t" not in text.strip():
        return
    for part in text.split("\t"):
        start, end = _trimmed(text, place, place + len(part))
        if start < end:
            yield start, end
        place += len(part) + 1


def _only_numbered(text: str, cells: Sequence[tuple[int, int]]) -> bool:
    """A number or bullet and its text, which a tab or spaces part, are no two cells."""
    if len(cells) != 2:
        return False
    opening = marks.mark(text) or marks.bare_number(text)
    return opening is not None and opening.end >= cells[1][0]


def _spaced(texts: Sequence[str], place: int) -> list[Row]:
    """Columns kept apart by spaces: each row's cells begin where others' do."""
    rows: list[Row] = []
    columns: list[int] = []
    for text in _from(texts, place):
        cells = tuple(_between_spaces(text))
        if contents.entry(text) or _only_numbered(text, cells):
            break
        columns = columns or [start for start, _ in cells]
        placed = _by_column(cells, columns)
        if len(cells) >= 2 and placed:
            rows.append(Row(0, placed, guessed=True))
        elif rows and len(cells) == 1 and len(placed) > 1:
            rows.append(Row(0, placed, continues=True, guessed=True))
        else:
            break
    full = [row for row in rows if not row.continues]
    return rows if len(full) >= (2 if len(columns) >= 3 else 3) else []


def _between_spaces(text: str) -> Iterator[tuple[int, int]]:
    if " " * _APART not in text.strip():
        if text.strip():
            yield _trimmed(text, 0, len(text))
        return
    for found in _CELL_BY_SPACES.finditer(text):
        yield found.span()


def _by_column(cells: Sequence[tuple[int, int]], columns: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """The cells, each in the column at which it begins, give or take two; nothing where one begins at none."""
    placed: list[tuple[int, int]] = []
    for start, end in cells:
        column = next(
            (place for place, at in enumerate(columns) if abs(start - at) <= 2 and place >= len(placed)), None
        )
        if column is None:
            return ()
        placed += [(start, start)] * (column - len(placed)) + [(start, end)]
    return tuple(placed)
