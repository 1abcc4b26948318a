"""Cells of a CSV file that no spreadsheet takes for formulas: what people typed may begin with anything. Pure."""

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_MARK: Final = "'"


def guarded(text: str) -> str:
    """The text; behind an apostrophe if a spreadsheet would take it for a formula, or if it begins with one already."""
    return f"{_MARK}{text}" if text.startswith((*_FORMULA, _MARK)) else text


def unguarded(cell: str) -> str:
    """What ``guarded`` made the cell of. A cell that nobody guarded is as it was."""
    return cell[1:] if cell.startswith(_MARK) and cell[1:].startswith((*_FORMULA, _MARK)) else cell
