"""A register as a file that a spreadsheet opens."""

import csv
import io
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from backend.registers.tables import csv_text


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_what_is_not_known_is_empty_and_a_name_is_no_formula() -> None:
    rows = [("=1+1", date(2026, 3, 14), None, ("neglect", "physical abuse"), True)]
    columns = {
        "Name": lambda row: row[0], "On": lambda row: row[1], "None": lambda row: row[2], "Kinds": lambda row: row[3],
        "Late": lambda row: row[4],
    }  # fmt: skip
    assert read(csv_text(columns, rows)) == [
        {"Name": "'=1+1", "On": "2026-03-14", "None": "", "Kinds": "neglect; physical abuse", "Late": "yes"}
    ]


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs"))))
def test_any_name_comes_back_and_none_begins_a_formula(name: str) -> None:
    (row,) = read(csv_text({"Name": str, "Other": lambda _: "x"}, [name]))
    assert row["Name"] in {name, f"'{name}"}
    assert not row["Name"].startswith(("=", "+", "-", "@"))
