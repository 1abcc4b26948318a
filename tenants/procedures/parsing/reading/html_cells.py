"""Which HTML tables are tables and not a page's layout, and what stands in which of their columns."""

from collections.abc import Iterator, Sequence
from typing import Final

from lxml import etree

_MOST_SPANNED: Final = 100
_FEWEST_ROWS: Final = 3
_LAID_OUT: Final = ("table", "h1", "h2", "h3")
_LISTED: Final = ("ul", "ol")


def own_rows(table: etree._Element) -> list[etree._Element]:
    """The rows of the table itself, not of those within its cells."""
    return [row for row in table.iter("tr") if next(iter(row.iterancestors("table")), None) is table]


def is_grid(table: etree._Element) -> bool:
    """Whether its cells belong together by row: no table or title is in them, and lists only where it is headed."""
    rows = own_rows(table)
    if not rows or max(len(_cells(row)) for row in rows) < 2:
        return False
    cells = [cell for row in rows for cell in _cells(row)]
    if any(True for cell in cells for _ in cell.iter(*_LAID_OUT)):
        return False
    headed = any(cell.tag == "th" for cell in cells) or len(rows) >= _FEWEST_ROWS
    return headed or not any(True for cell in cells for _ in cell.iter(*_LISTED))


def cells_of(rows: Sequence[etree._Element]) -> Iterator[tuple[etree._Element, list[etree._Element | None]]]:
    """Each row with its cells by column; None where a cell from beside or above reaches."""
    reaching: dict[int, int] = {}
    for row in rows:
        found: list[etree._Element | None] = []
        left = iter(_cells(row))
        cell = next(left, None)
        reached = max((column for column, more in reaching.items() if more), default=-1)
        while cell is not None or len(found) <= reached:
            above = reaching.get(len(found), 0)
            if above or cell is None:
                reaching[len(found)] = max(0, above - 1)
                found.append(None)
                continue
            down, across = _span(cell, "rowspan"), max(1, min(_span(cell, "colspan"), _MOST_SPANNED - len(found)))
            if down > 1:
                reaching |= dict.fromkeys(range(len(found), len(found) + across), down - 1)
            found += [cell, *[None] * (across - 1)]
            cell = next(left, None)
        yield row, found


def _cells(row: etree._Element) -> list[etree._Element]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _span(cell: etree._Element, name: str) -> int:
    said = cell.get(name) or ""
    return max(1, min(int(said), _MOST_SPANNED)) if said.isdecimal() and len(said) < 6 else 1
