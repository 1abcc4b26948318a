"""England's bank holidays against GOV.UK's own list, and working-day sums against a walk over days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from tenants.calendars.working_days import Calendar, england_bank_holidays

YEARS = range(2012, 2029)
ENGLAND = Calendar(bank_holidays=england_bank_holidays(YEARS))
CLOSED = Calendar(
    bank_holidays=england_bank_holidays(YEARS),
    closure_days=frozenset({date(2026, 12, 29), date(2026, 12, 30), date(2026, 12, 31)}),
)
DAYS = st.dates(date(2012, 3, 1), date(2028, 10, 31))


@pytest.fixture(scope="module")
def govuk() -> BankHolidays:
    return BankHolidays(use_cached_holidays=True)


def test_the_same_bank_holidays_as_govuk(govuk: BankHolidays) -> None:
    listed = {event["date"] for event in govuk.get_holidays(division="england-and-wales")}
    assert {day.year for day in listed} == set(YEARS)
    assert england_bank_holidays(YEARS) == listed


def test_the_same_working_days_as_govuk(govuk: BankHolidays) -> None:
    day = date(2012, 1, 1)
    while day <= date(2028, 12, 31):
        assert ENGLAND.is_working_day(day) is govuk.is_work_day(day, division="england-and-wales"), day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 4, 6), "Easter Monday is England's, not Scotland's"),
        (date(2026, 8, 31), "the late summer holiday is in August"),
        (date(2026, 12, 28), "substitute for Boxing Day on a Saturday"),
        (date(2022, 9, 19), "state funeral"),
        (date(2020, 5, 8), "early May holiday moved to a Friday"),
    ],
)
def test_bank_holidays_that_are_easily_lost(day: date, why: str) -> None:
    assert not ENGLAND.is_working_day(day), why


@pytest.mark.parametrize("day", [date(2026, 1, 2), date(2026, 3, 17), date(2026, 8, 3), date(2020, 5, 4)])
def test_holidays_of_scotland_and_northern_ireland_are_worked(day: date) -> None:
    assert ENGLAND.is_working_day(day)


def test_a_weekend_holiday_counts_on_its_substitute_day_only() -> None:
    assert date(2021, 12, 25) not in ENGLAND.bank_holidays
    assert {date(2021, 12, 27), date(2021, 12, 28)} <= ENGLAND.bank_holidays


def test_only_the_years_asked_for() -> None:
    assert {day.year for day in england_bank_holidays([2026])} == {2026}
    assert england_bank_holidays([]) == frozenset()
    assert len(england_bank_holidays(iter([2026, 2027]))) == 16


@pytest.mark.parametrize(
    ("calendar", "day", "n", "expected"),
    [
        (ENGLAND, date(2026, 11, 6), 1, date(2026, 11, 9)),
        (ENGLAND, date(2026, 11, 7), 1, date(2026, 11, 9)),
        (ENGLAND, date(2026, 11, 7), 0, date(2026, 11, 7)),
        (ENGLAND, date(2026, 4, 2), 1, date(2026, 4, 7)),
        (ENGLAND, date(2026, 12, 24), 1, date(2026, 12, 29)),
        (ENGLAND, date(2026, 12, 24), 5, date(2027, 1, 5)),
        (CLOSED, date(2026, 12, 24), 1, date(2027, 1, 4)),
        (ENGLAND, date(2026, 12, 29), -1, date(2026, 12, 24)),
        (ENGLAND, date(2026, 4, 5), -1, date(2026, 4, 2)),
    ],
)
def test_adding_working_days(calendar: Calendar, day: date, n: int, expected: date) -> None:
    assert calendar.add_working_days(day, n) == expected
    if n == 1:
        assert calendar.next_working_day(day) == expected


@given(day=DAYS, n=st.integers(-40, 40))
def test_the_sum_is_worked_and_has_n_working_days_up_to_it(day: date, n: int) -> None:
    reached = CLOSED.add_working_days(day, n)
    low, high = sorted((day, reached))
    walked = [low + timedelta(days=offset) for offset in range((high - low).days + 1)]
    assert sum(CLOSED.is_working_day(each) for each in walked if each != day) == abs(n)
    assert n == 0 or CLOSED.is_working_day(reached)


@given(day=DAYS)
def test_first_and_next_working_day_agree(day: date) -> None:
    first, following = ENGLAND.first_working_day(day), ENGLAND.next_working_day(day)
    assert following > day
    assert first == (day if ENGLAND.is_working_day(day) else following)


def test_a_sum_beyond_the_last_year_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="calendar ends before it holds 9 working days"):
        Calendar().add_working_days(date(9999, 12, 30), 9)


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../London"])
def test_an_unknown_zone_is_refused_in_words(zone: str) -> None:
    with pytest.raises(ValueError, match="no time zone called"):
        Calendar(zone=zone)


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Europe/London", date(2026, 1, 5), datetime(2026, 1, 5, 0, 0, tzinfo=UTC)),
        ("Europe/London", date(2026, 3, 29), datetime(2026, 3, 29, 0, 0, tzinfo=UTC)),
        ("Europe/London", date(2026, 3, 30), datetime(2026, 3, 29, 23, 0, tzinfo=UTC)),
        ("Europe/London", date(2026, 10, 25), datetime(2026, 10, 24, 23, 0, tzinfo=UTC)),
        ("Europe/London", date(2026, 10, 26), datetime(2026, 10, 26, 0, 0, tzinfo=UTC)),
        ("Asia/Beirut", date(2026, 3, 29), datetime(2026, 3, 28, 22, 0, tzinfo=UTC)),
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, 0, tzinfo=UTC)),
    ],
)
def test_the_first_instant_of_a_local_day(zone: str, day: date, expected: datetime) -> None:
    calendar = Calendar(zone=zone)
    assert calendar.day_starts(day) == expected
    assert calendar.local(expected).date() == day
    assert calendar.local(expected - timedelta(microseconds=1)).date() == day - timedelta(days=1)


def test_an_instant_without_zone_has_no_local_day() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        ENGLAND.local(datetime.fromisoformat("2026-11-06T10:00"))
