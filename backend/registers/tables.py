"""A register as a table of text, for people who work in a spreadsheet. Pure."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar

from backend.kit.csv_cells import guarded

RowT = TypeVar("RowT")

MOST_ROWS: Final = 2_000
"""How many entries one file holds; whoever wants more narrows what they ask for."""


def csv_text(columns: Mapping[str, Callable[[RowT], Any]], rows: Iterable[RowT]) -> str:
    """The rows as CSV (RFC 4180) under the columns' headings.

    Days are ISO dates, lists are parted by semicolons, yes and no are words, and what is not known is empty. What a
    spreadsheet would take for a formula begins with an apostrophe: names are typed by people.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value(row)) for value in columns.values()])
    return file.getvalue()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime() | date():
            return value.isoformat()
        case list() | tuple():
            return _cell("; ".join(str(one) for one in value))
        case _:
            return guarded(str(value))
