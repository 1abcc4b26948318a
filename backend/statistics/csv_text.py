"""A statistic as the text of a CSV file (RFC 4180). Pure."""

import csv
import io
from typing import Final

from backend.kit.csv_cells import guarded
from backend.statistics.disclosure import Figure
from backend.statistics.service import Table

KEPT_BACK: Final = "c"
"""What stands for a figure that is kept back, as in national statistics."""


def csv_text(table: Table) -> str:
    """A heading, and a line for each row; what has no value is left empty. ``data`` says what was generated."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    codes = [one.code for one in table.of.measures]
    writer.writerow(["statistic", "from", "until", "data", *table.of.dimensions, *codes])
    asked, data = table.asked, "generated" if table.generated else "recorded"
    for line in table.lines:
        figures = [_said(line.figures[code]) for code in codes]
        stated = [table.of.code.value, asked.from_on.isoformat(), asked.until_on.isoformat(), data]
        writer.writerow([*stated, *(guarded(value) for value in line.groups), *figures])
    return out.getvalue()


def _said(figure: Figure) -> str:
    if figure.kept_back:
        return KEPT_BACK
    return "" if figure.value is None else f"{figure.value:.10g}"
