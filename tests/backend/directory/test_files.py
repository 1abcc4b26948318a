"""The directory in files: hours as people write them, CSV there and back, faults by line."""

import csv
import io
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.directory.csv_files import COLUMNS, read_csv, written_csv
from backend.directory.hours_text import read_hours, written_hours
from backend.directory.listing import Listing, Organisation, Point, Service
from backend.pathways.definitions.faults import Faulty
from notifications.ladders.hours import Hours
from notifications.rotas.rules import BankHolidays
from tenants.contacts.service_models import PointKind

HEADER = "service,name,organisation,organisation_name,topics,areas,fallback,minimum_age,point,kind,value,hours"
OFFICE = "Mon-Fri 09:00-17:00 except bank holidays"
CSV = f"""{HEADER},verified_on,verified_how
day,Day team,care,Social care,referral;early-help,north,night,0,desk,phone,01632 960001,{OFFICE},2026-01-05,Rang it
day,Day team,care,Social care,referral;early-help,north,night,0,,email,day@example.org,,,
night,Night team,care,Social care,,,,,,phone,01632 960002,,,
"""

CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
DAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
HOURS = st.builds(Hours, weekdays=DAYS, start=CLOCKS, end=CLOCKS, bank_holidays=st.sampled_from(BankHolidays))


@given(st.lists(HOURS, max_size=4).map(tuple))
def test_hours_are_read_as_they_are_written(hours: tuple[Hours, ...]) -> None:
    assert read_hours(written_hours(hours)) == hours


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [("Mon-Fri 09:00-17:00", (0, 1, 2, 3, 4)), ("sat-mon 09:00-17:00", (0, 5, 6)), ("Wed, Fri 09:00-17:00", (2, 4))],
)
def test_days_are_a_list_or_a_span_that_may_go_round_the_week(text: str, weekdays: tuple[int, ...]) -> None:
    (found,) = read_hours(text)
    assert (found.weekdays, found.start, found.end) == (weekdays, time(9), time(17))


@pytest.mark.parametrize("text", ["always", "Mon-Fri", "Mon-Fri 9-5", "Mon 09:00-25:00", "Day 09:00-10:00",
                                  "Mon 09:00-10:00 except sundays"])  # fmt: skip
def test_other_words_are_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match="; write"):
        read_hours(text)


def test_a_row_is_a_way_to_reach_a_service() -> None:
    found = read_csv(CSV, "contacts.csv")
    day, night = found.services
    assert (day.topics, day.areas, day.fallback, day.minimum_age) == (
        ("referral", "early-help"),
        ("north",),
        "night",
        0,
    )
    assert [(point.code, point.kind, point.verified_on) for point in day.points] == [
        ("desk", PointKind.PHONE, date(2026, 1, 5)), ("email-1", PointKind.EMAIL, None),
    ]  # fmt: skip
    assert day.points[0].hours[0].bank_holidays is BankHolidays.EXCEPT
    assert night.points[0].hours == ()
    assert [one.name for one in found.organisations] == ["Social care"]


def test_what_is_written_is_read_the_same() -> None:
    found = written_csv(read_csv(CSV, "contacts.csv"))
    again = read_csv(found, "again.csv")
    assert written_csv(again) == found
    assert read_csv(written_csv(again), "again.csv") == again


def test_no_cell_is_a_formula_to_a_spreadsheet_and_it_comes_back_as_it_was() -> None:
    one = Service(code="a", organisation="o", name="=HYPERLINK(1)", description="@x", points=(
        Point(code="p", kind=PointKind.PHONE, value="+44 1632 960001"),))  # fmt: skip
    found = Listing(organisations=(Organisation(code="o", name="'quoted"),), services=(one,))
    written = written_csv(found)
    cells = [cell for row in csv.reader(io.StringIO(written)) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert read_csv(written, "again.csv") == found


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        ("kind,value", "kynd,value", "contacts.csv:1: 'kynd' is no column; did you mean `kind`?"),
        ("01632 960001", "not a number", "contacts.csv:2: value must be a telephone number"),
        (
            "day,Day team,care,Social care,referral;early-help,north,night,0,,email",
            "day,Other,care,Social care,referral;early-help,north,night,0,,email",
            "contacts.csv:3: name of day differs from line 2; write the same on both",
        ),
        (",phone,01632 960002", ",fone,01632 960002", "contacts.csv:4: kind 'fone': Input should be"),
        (
            "Mon-Fri 09:00-17:00 except bank holidays",
            "office hours",
            "contacts.csv:2: hours: 'office hours' is not hours",
        ),
        ("2026-01-05,Rang it", "2026-01-05,", "contacts.csv:2: verified_on and verified_how go together"),
        ("night,Night team,care,Social care,,,,,,phone,01632 960002,,,", "night,Night team", "more or fewer cells"),
        ("night,Night team", ",Night team", "contacts.csv:4: service is empty; give the service a code"),
        ("night,0,desk", "night,200,desk", "contacts.csv:3: minimum_age of day differs from line 2"),
    ],
)
def test_a_fault_is_told_by_its_line(was: str, becomes: str, fault: str) -> None:
    assert was in CSV
    with pytest.raises(Faulty) as refused:
        read_csv(CSV.replace(was, becomes), "contacts.csv")
    assert any(fault in str(each) for each in refused.value.faults), refused.value.faults


def test_duplicates_are_pointed_out() -> None:
    again = CSV + "day-2,DAY TEAM,care,Social care,,,,,,phone,01632960001,,,\n"
    said = list(read_csv(again, "contacts.csv").duplicates())
    assert said == ["day and day-2 have the same organisation and name: DAY TEAM",
                    "day and day-2 are reached by the same phone"]  # fmt: skip


def test_every_column_is_written() -> None:
    assert written_csv(Listing()).strip().split(",") == list(COLUMNS)
