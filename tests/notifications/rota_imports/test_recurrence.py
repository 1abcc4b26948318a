"""Daily and weekly repetition, held against the reference implementation."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # comes with icalendar
from hypothesis import given
from hypothesis import strategies as st

from notifications.rota_imports.recurrence import NotUnderstood, parse, starts

LONDON = ZoneInfo("Europe/London")
START = datetime(2026, 10, 19, 9)  # noqa: DTZ001  # a Monday, in wall time
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def given_by(rule: dict[str, Any], start: datetime = START, lasting: int = 60) -> list[datetime]:
    return list(starts(parse(rule, start), start, LONDON, start + timedelta(days=lasting)))


@given(
    frequency=st.sampled_from(["DAILY", "WEEKLY"]),
    interval=st.integers(1, 5),
    days=st.sets(st.sampled_from(DAYS), max_size=4),
    week_start=st.sampled_from(DAYS),
    end=st.sampled_from(["none", "count", "until"]),
    number=st.integers(1, 20),
    offset=st.integers(0, 6),
)
def test_it_repeats_as_the_reference_does(
    frequency: str, interval: int, days: set[str], week_start: str, end: str, number: int, offset: int
) -> None:
    start = START + timedelta(days=offset)
    if days:
        days.add(DAYS[start.weekday()])
    rule: dict[str, Any] = {"FREQ": [frequency], "INTERVAL": [interval], "WKST": [week_start]}
    text = f"FREQ={frequency};INTERVAL={interval};WKST={week_start}"
    if days:
        rule["BYDAY"] = sorted(days)
        text += f";BYDAY={','.join(sorted(days))}"
    until = start + timedelta(days=number * 3)
    if end == "count":
        rule["COUNT"], text = [number], f"{text};COUNT={number}"
    elif end == "until":
        rule["UNTIL"], text = [until], f"{text};UNTIL={until:%Y%m%dT%H%M%S}"
    last = start + timedelta(days=60)
    expected = [one for one in rrulestr(text, dtstart=start).xafter(start, inc=True, count=100) if one < last]
    assert given_by(rule, start) == expected


def test_an_end_in_utc_is_compared_on_the_line_of_instants() -> None:
    # The third start is at 09:00 in winter, which is 09:00Z, and the second at 08:00Z.
    start = datetime(2026, 10, 23, 9)  # noqa: DTZ001  # a wall time
    for until, number in ((datetime(2026, 10, 25, 9, tzinfo=UTC), 3), (datetime(2026, 10, 25, 8, 59, tzinfo=UTC), 2)):
        assert len(given_by({"FREQ": ["DAILY"], "UNTIL": [until]}, start)) == number


def test_a_date_as_an_end_includes_its_day() -> None:
    assert len(given_by({"FREQ": ["DAILY"], "UNTIL": [(START + timedelta(days=2)).date()]})) == 3


def test_a_first_day_that_is_not_one_of_the_rules_is_refused() -> None:
    with pytest.raises(NotUnderstood, match="first day"):
        parse({"FREQ": ["WEEKLY"], "BYDAY": ["TU"]}, START)
