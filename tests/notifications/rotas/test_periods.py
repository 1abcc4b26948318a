"""When rotations hand over: months that have no 31st, working days only, every second week."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rotas.expansion import cover_of, expand
from notifications.rotas.periods import handover, period_at
from notifications.rotas.rules import BankHolidays, Layer, Period, PeriodUnit, RotaRule, Rotation, Window
from tenants.calendars.working_days import Calendar, england_bank_holidays

PEOPLE = tuple(UUID(int=number) for number in range(1, 6))
CALENDAR = Calendar("Europe/London", england_bank_holidays(range(2020, 2061)), frozenset({date(2026, 12, 29)}))
WEEKDAYS = (Window(frozenset(range(5)), time(9), time(17)),)
EVERY_DAY = frozenset(range(7))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def starts(first: str, period: Period, count: int) -> list[str]:
    rotation = Rotation(PEOPLE, local(first), period)
    return [handover(rotation, number, CALENDAR).isoformat(timespec="minutes") for number in range(count)]


def test_a_rotation_by_months_from_the_31st_uses_the_last_day_of_shorter_ones_and_comes_back() -> None:
    assert starts("2027-12-31T09:00", Period(PeriodUnit.MONTHS), 5) == [
        "2027-12-31T09:00", "2028-01-31T09:00", "2028-02-29T09:00", "2028-03-31T09:00", "2028-04-30T09:00",
    ]  # fmt: skip


def test_a_rotation_by_working_days_skips_weekends_bank_holidays_and_closure_days() -> None:
    # Christmas 2026: Friday 25th, Monday 28th in lieu of Saturday's Boxing Day; the partnership shuts on the 29th.
    assert starts("2026-12-23T09:00", Period(PeriodUnit.WORKING_DAYS), 4) == [
        "2026-12-23T09:00", "2026-12-24T09:00", "2026-12-30T09:00", "2026-12-31T09:00",
    ]  # fmt: skip


def test_a_rotation_by_working_days_that_starts_on_a_saturday_counts_from_the_monday() -> None:
    assert starts("2026-01-03T09:00", Period(PeriodUnit.WORKING_DAYS, 2), 3) == [
        "2026-01-03T09:00", "2026-01-07T09:00", "2026-01-09T09:00",
    ]  # fmt: skip


def test_every_second_week_and_every_twelve_hours_keep_their_wall_time() -> None:
    assert starts("2026-03-16T09:00", Period(PeriodUnit.WEEKS, 2), 2) == ["2026-03-16T09:00", "2026-03-30T09:00"]
    assert starts("2026-03-28T20:00", Period(PeriodUnit.HOURS, 12), 3) == [
        "2026-03-28T20:00", "2026-03-29T08:00", "2026-03-29T20:00",
    ]  # fmt: skip


@given(
    first=st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001  # local wall times
    after=st.timedeltas(timedelta(0), timedelta(days=9000)),
    unit=st.sampled_from(PeriodUnit),
    every=st.integers(1, 10),
)
def test_every_wall_time_lies_in_the_one_period_that_holds_it(
    first: datetime, after: timedelta, unit: PeriodUnit, every: int
) -> None:
    rotation, shown = Rotation(PEOPLE, first, Period(unit, every)), first + after
    number = period_at(rotation, shown, CALENDAR)
    assert number >= 0
    assert handover(rotation, number, CALENDAR) <= shown < handover(rotation, number + 1, CALENDAR)


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_nobody_is_starved_by_a_daily_rotation_over_working_days(count: int) -> None:
    """Counted in plain days, five people over weekdays would give two of seven turns to weekends that nobody works."""
    rotation = Rotation(PEOPLE[:count], local("2026-01-05T09:00"), Period(PeriodUnit.WORKING_DAYS))
    rule = RotaRule("Europe/London", (Layer("base", rotation, WEEKDAYS),))
    begins, until = datetime(2026, 1, 5, tzinfo=UTC), datetime(2027, 1, 5, tzinfo=UTC)
    turns = expand(rule, begins, until, CALENDAR)
    worked = [turn for turn in turns if CALENDAR.is_working_day(turn.starts_at.date())]
    held = [sum(turn.person == person for turn in worked) for person in PEOPLE[:count]]
    assert sum(held) == sum(CALENDAR.is_working_day((begins + timedelta(days=day)).date()) for day in range(365))
    assert max(held) - min(held) <= 1


def test_hours_may_apply_on_bank_holidays_alone_or_on_other_days_alone() -> None:
    rotation = Rotation(PEOPLE[:1], local("2026-01-01T00:00"))
    week = Window(frozenset(range(5)), time(9), time(17), BankHolidays.EXCEPT)
    holiday = Window(EVERY_DAY, time(10), time(12), BankHolidays.ONLY)
    rule = RotaRule("Europe/London", (Layer("base", rotation, (week, holiday)),))
    cover = cover_of(rule, datetime(2026, 4, 2, tzinfo=UTC), datetime(2026, 4, 9, tzinfo=UTC), CALENDAR)
    # Maundy Thursday, Good Friday, Easter Monday and the days after.
    assert [f"{start:%a %H}-{end:%H}" for start, end in cover] == [
        "Thu 08-16", "Fri 09-11", "Mon 09-11", "Tue 08-16", "Wed 08-16",
    ]  # fmt: skip


def test_a_rule_that_depends_on_the_calendar_is_not_expanded_without_one() -> None:
    rotation = Rotation(PEOPLE[:2], local("2026-01-05T09:00"), Period(PeriodUnit.WORKING_DAYS))
    rule = RotaRule("Europe/London", (Layer("base", rotation, WEEKDAYS),))
    with pytest.raises(ValueError, match="give the partnership's calendar"):
        expand(rule, datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC))
