"""Limits worked by hand, and every unit against a walk that counts one day at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.clocks import deadlines
from backend.clocks.deadlines import add_months, due_at, in_time, last_day, reminder_at
from backend.clocks.limits import Span, Unit
from tenants.calendars.receipt import DayOne, ReceiptRule
from tenants.calendars.working_days import Calendar, england_bank_holidays

LONDON = ZoneInfo("Europe/London")
ENGLAND = Calendar(bank_holidays=england_bank_holidays(range(2025, 2032)))
BY_FIVE = ReceiptRule(cut_off=time(17))
SAME_DAY_BY_FIVE = ReceiptRule(cut_off=time(17), day_one=DayOne.SAME_DAY)
SAME_DAY_ALWAYS = ReceiptRule(day_one=DayOne.SAME_DAY)
WHOLE_DAYS = [unit for unit in Unit if unit not in (Unit.MINUTES, Unit.HOURS)]
STARTS = st.datetimes(
    datetime.fromisoformat("2025-06-01"), datetime.fromisoformat("2029-06-01"), timezones=st.just(LONDON)
)


def london(text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


HOURS = [
    ("scene visit, clocks go back", "2026-10-24T12:00", 24, "2026-10-25T11:00"),
    ("scene visit, clocks go forward", "2026-03-28T12:00", 24, "2026-03-29T12:00"),
    ("twelve hours over the spring night 2027", "2027-03-27T20:00", 12, "2027-03-28T08:00"),
    ("twelve hours over the autumn night 2027", "2027-10-30T20:00", 12, "2027-10-31T07:00"),
    ("written confirmation over Christmas", "2026-12-24T16:30", 48, "2026-12-26T16:30"),
    ("at once", "2026-07-01T09:15", 0, "2026-07-01T08:15"),
]


@pytest.mark.parametrize(("why", "start", "hours", "expected"), HOURS, ids=[row[0] for row in HOURS])
def test_hours_run_through_everything(why: str, start: str, hours: int, expected: str) -> None:
    assert due_at(london(start), Span(value=hours, unit=Unit.HOURS), ENGLAND) == utc(expected)


def test_hours_tell_the_two_passes_of_the_repeated_hour_apart() -> None:
    limit = Span(value=1, unit=Unit.HOURS)
    assert due_at(london("2026-10-25T01:30"), limit, ENGLAND) == utc("2026-10-25T01:30")
    assert due_at(london("2026-10-25T01:30", fold=1), limit, ENGLAND) == utc("2026-10-25T02:30")


DAYS = [
    ("same day", "2026-11-06T10:00", 0, Unit.SAME_DAY, "2026-11-06"),
    ("same day, last moment", "2026-11-06T23:59:59.999999", 0, Unit.SAME_DAY, "2026-11-06"),
    ("same day, midnight belongs to the new day", "2026-11-07T00:00", 0, Unit.SAME_DAY, "2026-11-07"),
    ("no days is the same day", "2026-11-06T10:00", 0, Unit.CALENDAR_DAYS, "2026-11-06"),
    ("coroner's report, 28 days from death", "2026-03-01T03:00", 28, Unit.CALENDAR_DAYS, "2026-03-29"),
    ("28 days over Christmas are not stretched", "2026-12-10T03:00", 28, Unit.CALENDAR_DAYS, "2027-01-07"),
    ("five weeks", "2026-11-06T10:00", 5, Unit.WEEKS, "2026-12-11"),
    ("month end, common year", "2026-01-31T10:00", 1, Unit.MONTHS, "2026-02-28"),
    ("month end, leap year", "2028-01-31T10:00", 1, Unit.MONTHS, "2028-02-29"),
    ("three months to a review", "2026-11-30T10:00", 3, Unit.MONTHS, "2027-02-28"),
    ("month after a short month keeps its day", "2026-02-28T10:00", 1, Unit.MONTHS, "2026-03-28"),
    ("twelve months to December", "2026-12-05T10:00", 12, Unit.MONTHS, "2027-12-05"),
    ("a year from 29 February", "2028-02-29T10:00", 1, Unit.YEARS, "2029-02-28"),
    ("four years from 29 February", "2028-02-29T10:00", 4, Unit.YEARS, "2032-02-29"),
    ("one working day over a weekend", "2026-11-06T10:00", 1, Unit.WORKING_DAYS, "2026-11-09"),
    ("one working day from a Saturday", "2026-11-07T10:00", 1, Unit.WORKING_DAYS, "2026-11-09"),
    ("none from a Saturday", "2026-11-07T10:00", 0, Unit.WORKING_DAYS, "2026-11-09"),
    ("one working day over Easter", "2026-04-02T10:00", 1, Unit.WORKING_DAYS, "2026-04-07"),
    ("three working days over Easter 2027", "2027-03-25T10:00", 3, Unit.WORKING_DAYS, "2027-04-01"),
    ("seven working days over Christmas", "2026-12-22T10:00", 7, Unit.WORKING_DAYS, "2027-01-05"),
    ("conference, fifteen working days", "2026-12-15T10:00", 15, Unit.WORKING_DAYS, "2027-01-08"),
]


@pytest.mark.parametrize(("why", "start", "value", "unit", "expected"), DAYS, ids=[row[0] for row in DAYS])
def test_whole_days(why: str, start: str, value: int, unit: Unit, expected: str) -> None:
    day, limit = date.fromisoformat(expected), Span(value=value, unit=unit)
    assert last_day(london(start), limit, ENGLAND) == day
    assert due_at(london(start), limit, ENGLAND) == london((day + timedelta(days=1)).isoformat())


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-29T00:30", "2026-03-29T23:00"),
        ("2026-10-25T00:30", "2026-10-26T00:00"),
        ("2027-03-28T12:00", "2027-03-28T23:00"),
        ("2027-10-31T12:00", "2027-11-01T00:00"),
    ],
)
def test_the_days_of_the_clock_changes_end_at_their_own_midnight(start: str, expected: str) -> None:
    assert due_at(london(start), Span(value=0, unit=Unit.SAME_DAY), ENGLAND) == utc(expected)


def test_the_local_date_counts_and_not_the_date_in_utc() -> None:
    assert last_day(utc("2026-06-30T23:30"), Span(value=1, unit=Unit.CALENDAR_DAYS), ENGLAND) == date(2026, 7, 2)


RULES = (ReceiptRule(), BY_FIVE, SAME_DAY_BY_FIVE, SAME_DAY_ALWAYS)
RECEIPTS = [  # the last of two working days in November 2026 under each of the rules above
    ("Thursday in hours", "2026-11-05T16:59", [9, 9, 6, 6]),
    ("Thursday at the cut-off", "2026-11-05T17:00", [9, 10, 9, 6]),
    ("Friday in hours", "2026-11-06T09:00", [10, 10, 9, 9]),
    ("Friday after hours", "2026-11-06T18:00", [10, 11, 10, 9]),
    ("Saturday", "2026-11-07T09:00", [10, 11, 10, 10]),
    ("Sunday night", "2026-11-08T23:00", [10, 11, 10, 10]),
    ("Monday before hours", "2026-11-09T00:00", [11, 11, 10, 10]),
]


@pytest.mark.parametrize(("why", "start", "expected"), RECEIPTS, ids=[row[0] for row in RECEIPTS])
def test_receipt_rules(why: str, start: str, expected: list[int]) -> None:
    limit = Span(value=2, unit=Unit.WORKING_DAYS)
    assert [last_day(london(start), limit, ENGLAND, rule).day for rule in RULES] == expected


def test_the_cut_off_is_read_in_local_time_and_moves_no_other_unit() -> None:
    received = utc("2026-07-01T16:30")
    assert last_day(received, Span(value=1, unit=Unit.WORKING_DAYS), ENGLAND, BY_FIVE) == date(2026, 7, 3)
    assert last_day(received, Span(value=1, unit=Unit.CALENDAR_DAYS), ENGLAND, BY_FIVE) == date(2026, 7, 2)
    assert last_day(received, Span(value=0, unit=Unit.SAME_DAY), ENGLAND, BY_FIVE) == date(2026, 7, 1)


def slow_last_day(day: date, value: int, unit: Unit) -> date:
    """The answer by walking forward one day at a time."""
    if unit is Unit.WORKING_DAYS:
        while value or not ENGLAND.is_working_day(day):
            day += timedelta(days=1)
            if ENGLAND.is_working_day(day) and value:
                value -= 1
        return day
    if unit in (Unit.MONTHS, Unit.YEARS):
        months = value * (12 if unit is Unit.YEARS else 1)
        turned, wanted = 0, day.day
        while turned < months:
            day += timedelta(days=1)
            turned += day.day == 1
        while months and day.day < wanted and (day + timedelta(days=1)).day != 1:
            day += timedelta(days=1)
        return day
    for _ in range(value * (7 if unit is Unit.WEEKS else 1)):
        day += timedelta(days=1)
    return day


def slow_midnight_after(day: date) -> datetime:
    """The first whole minute, stepping through real time, at which London's date has passed `day`."""
    instant = datetime.combine(day, time(22), tzinfo=UTC)
    while instant.astimezone(LONDON).date() <= day:
        instant += timedelta(minutes=1)
    return instant


@given(start=STARTS, value=st.integers(0, 40), unit=st.sampled_from(WHOLE_DAYS))
def test_whole_days_against_a_walk(start: datetime, value: int, unit: Unit) -> None:
    value = {Unit.SAME_DAY: 0, Unit.YEARS: value % 3}.get(unit, value)
    expected = slow_last_day(start.astimezone(LONDON).date(), value, unit)
    assert last_day(start, Span(value=value, unit=unit), ENGLAND) == expected
    assert due_at(start, Span(value=value, unit=unit), ENGLAND) == slow_midnight_after(expected)


@given(start=STARTS, fold=st.integers(0, 1), hours=st.integers(0, 200))
def test_hours_are_counted_one_real_hour_at_a_time(start: datetime, fold: int, hours: int) -> None:
    expected = start.replace(fold=fold).astimezone(UTC)
    for _ in range(hours):
        expected += timedelta(hours=1)
    due = due_at(start.replace(fold=fold), Span(value=hours, unit=Unit.HOURS), ENGLAND)
    assert due == expected
    assert due.tzinfo is UTC


@given(
    starts=st.tuples(STARTS, STARTS),
    value=st.integers(0, 20),
    unit=st.sampled_from(Unit),
    rule=st.sampled_from(RULES),
)
def test_a_later_start_is_never_due_earlier(
    starts: tuple[datetime, datetime], value: int, unit: Unit, rule: ReceiptRule
) -> None:
    limit = Span(value=0 if unit is Unit.SAME_DAY else value, unit=unit)
    early, late = sorted(start.astimezone(UTC) for start in starts)
    assert early <= due_at(early, limit, ENGLAND, rule) <= due_at(late, limit, ENGLAND, rule)


def test_every_unit_is_in_exactly_one_table() -> None:
    assert set(deadlines._ELAPSED) | set(deadlines._LAST_DAY) == set(Unit)
    assert not set(deadlines._ELAPSED) & set(deadlines._LAST_DAY)


def test_in_time_up_to_the_last_instant_of_hours_and_before_the_midnight_of_days() -> None:
    due, tick = utc("2026-11-07T00:00"), timedelta(microseconds=1)
    assert in_time(Span(value=24, unit=Unit.HOURS), due, due)
    assert not in_time(Span(value=24, unit=Unit.HOURS), due, due + tick)
    assert in_time(Span(value=0, unit=Unit.SAME_DAY), due, due - tick)
    assert not in_time(Span(value=0, unit=Unit.SAME_DAY), due, due)


LEADS = st.builds(
    Span, value=st.integers(1, 60), unit=st.sampled_from([unit for unit in Unit if unit is not Unit.SAME_DAY])
)


@given(start=STARTS, span=st.timedeltas(timedelta(), timedelta(days=60)), lead=LEADS)
def test_a_reminder_lies_between_start_and_due(start: datetime, span: timedelta, lead: Span) -> None:
    begins = start.astimezone(UTC)
    reminder = reminder_at(start, begins + span, lead, ENGLAND)
    assert begins <= reminder <= begins + span
    if lead.unit is Unit.HOURS:
        assert reminder == max(begins, begins + span - timedelta(hours=lead.value))
    assert reminder.tzinfo is UTC


REMINDERS = [
    ("hours are real hours over the clock change", 24, Unit.HOURS, "2026-10-26T00:00", "2026-10-25T00:00"),
    ("a day keeps the time on the wall", 1, Unit.CALENDAR_DAYS, "2026-10-26T00:00", "2026-10-24T23:00"),
    (
        "five working days are left at the end of 19 January",
        5,
        Unit.WORKING_DAYS,
        "2027-01-20T00:00",
        "2027-01-13T00:00",
    ),
    ("a weekend is not worked", 1, Unit.WORKING_DAYS, "2026-11-10T00:00", "2026-11-09T00:00"),
    ("a month ahead of the last of March", 1, Unit.MONTHS, "2027-04-01T00:00", "2027-03-01T00:00"),
]


@pytest.mark.parametrize(("why", "value", "unit", "due", "expected"), REMINDERS, ids=[row[0] for row in REMINDERS])
def test_reminders_ahead_of_a_limit(why: str, value: int, unit: Unit, due: str, expected: str) -> None:
    assert reminder_at(None, london(due), Span(value=value, unit=unit), ENGLAND) == utc(expected)


@pytest.mark.parametrize("unit", Unit)
def test_a_start_without_zone_is_refused_in_words(unit: Unit) -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        due_at(datetime.fromisoformat("2026-11-06T10:00"), Span(value=0, unit=unit), ENGLAND)


@pytest.mark.parametrize("unit", [unit for unit in Unit if unit is not Unit.SAME_DAY])
def test_a_limit_beyond_the_calendar_is_refused_in_words(unit: Unit) -> None:
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        due_at(utc("9999-12-31T20:00"), Span(value=100_000, unit=unit), ENGLAND)


def test_wrong_limits_rules_and_reminders_are_refused_in_words() -> None:
    due = utc("2026-11-06T10:00")
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        Span(value=-1, unit=Unit.WORKING_DAYS)
    with pytest.raises(ValueError, match="has the value 0"):
        Span(value=1, unit=Unit.SAME_DAY)
    with pytest.raises(ValueError, match="no time zone"):
        ReceiptRule(cut_off=time(17, tzinfo=UTC))
    with pytest.raises(ValueError, match="has no last day"):
        last_day(due, Span(value=24, unit=Unit.HOURS), ENGLAND)
    hour = Span(value=1, unit=Unit.HOURS)
    with pytest.raises(ValueError, match="both carry a time zone"):
        reminder_at(due, due.replace(tzinfo=None), hour, ENGLAND)
    with pytest.raises(ValueError, match="cannot be due at"):
        reminder_at(due, due - timedelta(seconds=1), hour, ENGLAND)


@given(day=st.dates(date(2000, 1, 1), date(2040, 1, 1)), months=st.integers(-300, 300))
def test_months_keep_the_day_or_end_the_month(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year - day.year) * 12 + moved.month - day.month == months
    assert moved.day == day.day or (moved.day < day.day and (moved + timedelta(days=1)).day == 1)
