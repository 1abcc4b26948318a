"""Hours of the week, and when drills fall: by the wall clock, whatever the season."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from notifications.ladders.drills import DrillRule, next_drill
from notifications.ladders.hours import Hours, covers

LONDON = "Europe/London"
CHRISTMAS = date(2026, 12, 25)  # a Friday
HOLIDAYS = frozenset({CHRISTMAS, date(2026, 12, 28)})
WEEKDAYS = [0, 1, 2, 3, 4]
OFFICE: dict[str, Any] = {"weekdays": WEEKDAYS, "start": "09:00", "end": "17:00"}


def wall(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour)  # noqa: DTZ001  # a local wall time


def hours(**more: Any) -> Hours:
    return Hours.model_validate({**OFFICE, **more})


@pytest.mark.parametrize(
    ("rule", "at", "held"),
    [
        ("regardless", wall(2026, 12, 25, 10), True),
        ("except", wall(2026, 12, 25, 10), False),
        ("except", wall(2026, 12, 24, 10), True),
        ("only", wall(2026, 12, 25, 10), True),
        ("only", wall(2026, 12, 24, 10), False),
        ("only", wall(2026, 12, 26, 10), False),  # a Saturday; its holiday is kept on the Monday
        ("only", wall(2026, 12, 28, 10), True),
    ],
)
def test_a_bank_holiday_counts_as_the_hours_say(rule: str, at: datetime, *, held: bool) -> None:
    assert hours(bank_holidays=rule).include(at, HOLIDAYS) is held


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    night = hours(start="17:00", end="09:00", bank_holidays="except")
    assert not night.include(wall(2026, 12, 26, 8), frozenset({CHRISTMAS}))
    assert night.include(wall(2026, 12, 25, 8), frozenset({CHRISTMAS}))


def test_no_hours_are_all_hours() -> None:
    assert covers((), wall(2026, 12, 25, 3))


RANDOM = DrillRule.model_validate({"pattern": "random", "every_days": 7, "between": [OFFICE]})
instants = st.datetimes(wall(2026, 1, 1), wall(2032, 1, 1), timezones=st.just(UTC))


@given(instants, st.integers(0, 6), st.times(timezones=st.none()).map(lambda t: t.replace(microsecond=0, second=0)))
def test_a_weekly_drill_keeps_its_hour_through_the_clock_changes(after: datetime, weekday: int, at: time) -> None:
    rule = DrillRule.model_validate({"pattern": "weekly", "weekday": weekday, "at": at})
    falls = next_drill(rule, after, LONDON, 0)
    local = falls.astimezone(ZoneInfo(LONDON))
    assert after < falls <= after + timedelta(days=7, hours=1)
    jumped = local.replace(tzinfo=None) - datetime.combine(local.date(), at) == timedelta(hours=1)
    assert local.weekday() == weekday
    assert local.time() == at or jumped


@settings(max_examples=20, deadline=None)
@given(instants, st.floats(0, 1, exclude_max=True))
def test_a_random_drill_falls_in_its_hours_and_in_its_time(after: datetime, chance: float) -> None:
    falls = next_drill(RANDOM, after, LONDON, chance)
    assert after < falls <= after + timedelta(days=7, minutes=1)
    assert covers(RANDOM.between, falls.astimezone(ZoneInfo(LONDON)).replace(tzinfo=None))


def test_chance_moves_a_drill_through_all_its_hours() -> None:
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    assert next_drill(RANDOM, monday, LONDON, 0) == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert next_drill(RANDOM, monday, LONDON, 0.9999999) == datetime(2026, 11, 27, 16, 59, tzinfo=UTC)


def test_no_drill_falls_on_a_bank_holiday_that_its_hours_leave_out() -> None:
    rule = DrillRule.model_validate({"pattern": "random", "between": [{**OFFICE, "bank_holidays": "except"}]})
    christmas_eve = datetime(2026, 12, 24, 18, tzinfo=UTC)
    assert next_drill(rule, christmas_eve, LONDON, 0, HOLIDAYS) == datetime(2026, 12, 29, 9, tzinfo=UTC)
    assert next_drill(rule, christmas_eve, LONDON, 0, HOLIDAYS - {CHRISTMAS}).date() == CHRISTMAS


@pytest.mark.parametrize(
    "wrong",
    [
        {"pattern": "weekly", "weekday": 1},
        {"pattern": "weekly", "at": "09:00"},
        {"pattern": "random"},
        {"pattern": "random", "between": [OFFICE], "every_days": 0},
    ],
)
def test_a_rule_that_is_not_whole_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DrillRule.model_validate(wrong)
