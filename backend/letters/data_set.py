"""A letter as a data set: JSON and CSV with every field of its template, filled or not. Pure."""

import csv
import io
import json
from typing import Final

from backend.kit.csv_cells import guarded
from backend.letters.composing import Letter
from backend.letters.template import Template
from backend.letters.values import Value

FORMAT: Final = "safeguard-data-set/1"


def as_json(template: Template, letter: Letter, wording: str) -> bytes:
    """``wording`` names the template's edition. A field without a value is null; one that is kept says so."""
    told = {
        "format": FORMAT, "dataSet": template.id, "title": template.title, "edition": wording,
        "case": letter.values["reference"].text, "made": letter.values["date"].data,
        "fields": [
            {"id": one.id, "label": one.label, "source": one.source, "required": one.required,
             "value": None if letter.values[one.id].left_out and not letter.values[one.id].rows
             else letter.values[one.id].data,
             "kept": letter.values[one.id].left_out}
            for one in template.fields
        ],
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=2).encode()


def as_csv(template: Template, letter: Letter) -> bytes:
    """A row for each field: id, label, value as printed; tables one line to a row. Excel reads it as UTF-8."""
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(["field", "label", "value"])
    for one in template.fields:
        writer.writerow([one.id, one.label, guarded(_printed(letter.values[one.id]))])
    return b"\xef\xbb\xbf" + made.getvalue().encode()


def _printed(value: Value) -> str:
    return "\n".join(" | ".join(row) for row in value.rows) if value.rows else value.text
