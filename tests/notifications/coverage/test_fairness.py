"""Who carries how much of a rota."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from notifications.coverage.fairness import OVERLOAD_PERCENT, Fairness, Measure, fairness
from notifications.coverage.findings import Duty
from tenants.calendars.working_days import Calendar, england_bank_holidays

LONDON = Calendar("Europe/London", england_bank_holidays([2026, 2027]))
WREN, ROWAN, HAZEL = uuid4(), uuid4(), uuid4()
ROTA = uuid4()
HOUR = timedelta(hours=1)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON.tz).astimezone(UTC)  # type: ignore[misc, arg-type]


def duty(person: UUID, begins: datetime, until: datetime) -> Duty:
    return Duty(ROTA, person, begins, until)


def of(duties: list[Duty], begins: datetime, until: datetime, *members: UUID) -> Fairness:
    return fairness(duties, members, begins, until, LONDON)


def hours(found: Fairness, person: UUID) -> list[float]:
    (share,) = [share for share in found.shares if share.person_id == person]
    return [share.spent[measure] / HOUR for measure in Measure]


def test_a_whole_week_is_counted_by_its_kinds_of_hours() -> None:
    begins, until = local(2026, 11, 16), local(2026, 11, 23)
    assert hours(of([duty(WREN, begins, until)], begins, until), WREN) == [168, 63, 48, 0]


def test_christmas_is_a_bank_holiday_with_its_night_and_its_substitute() -> None:
    begins, until = local(2026, 12, 25), local(2026, 12, 29)
    # Christmas Day is a Friday; Boxing Day falls on the Saturday and is kept on Monday the 28th.
    assert date(2026, 12, 28) in LONDON.bank_holidays
    assert hours(of([duty(WREN, begins, until)], begins, until), WREN) == [96, 7 + 2 + 9 * 3, 48, 48]


def test_the_night_of_a_clock_change_is_an_hour_longer_or_shorter() -> None:
    for day, night in ((local(2026, 10, 24, 12), 10), (local(2027, 3, 27, 12), 8)):
        found = of([duty(WREN, day, day + 23 * HOUR)], day, day + timedelta(days=2))
        assert hours(found, WREN)[1] == night


def test_members_who_had_nothing_are_there_and_lower_the_average() -> None:
    begins = local(2026, 11, 16)
    found = of([duty(WREN, begins, begins + 30 * HOUR)], begins, begins + 48 * HOUR, WREN, ROWAN, HAZEL)
    assert hours(found, HAZEL) == [0, 0, 0, 0]
    assert found.average[Measure.HOURS] == 10 * HOUR
    assert found.shares[0].person_id == WREN
    assert found.shares[0].over[Measure.HOURS] == 200
    assert Measure.HOURS in found.shares[0].overloads
    assert found.shares[1].over[Measure.HOURS] == -100
    assert found.shares[1].overloads == []


def test_an_overload_begins_over_the_limit_and_not_at_it() -> None:
    begins = local(2026, 11, 16, 8)
    for wren, named in ((12.0, False), (12.2, True)):
        ends = begins + wren * HOUR
        found = of([duty(WREN, begins, ends), duty(ROWAN, ends, ends + (20 - wren) * HOUR)], begins, begins + 40 * HOUR)
        assert (Measure.HOURS in found.shares[0].overloads) is named
    assert OVERLOAD_PERCENT == 20


def test_only_what_lies_in_the_time_asked_for_counts() -> None:
    begins = local(2026, 11, 16)
    turns = [duty(WREN, begins - 10 * HOUR, begins + HOUR), duty(ROWAN, begins - 9 * HOUR, begins)]
    found = of(turns, begins, begins + 24 * HOUR, WREN)
    assert [share.person_id for share in found.shares] == [WREN]
    assert hours(found, WREN)[0] == 1


def test_a_rota_of_nobody_has_no_shares_and_no_average() -> None:
    begins = local(2026, 11, 16)
    found = of([], begins, begins + HOUR)
    assert found.shares == []
    assert set(found.average.values()) == {timedelta()}


@given(st.lists(st.tuples(st.integers(0, 1400), st.integers(1, 60), st.sampled_from([WREN, ROWAN])), max_size=12))
def test_shares_make_up_the_whole_and_no_kind_of_hour_exceeds_all_hours(
    given_turns: list[tuple[int, int, UUID]],
) -> None:
    begins = local(2026, 10, 1)
    until, reached, turns = begins + timedelta(days=60), begins, []
    for start, lasting, person in sorted(given_turns, key=lambda turn: turn[0]):
        first = max(reached, begins + start * HOUR)
        reached = first + lasting * HOUR
        turns.append(duty(person, first, reached))
    found = of(turns, begins, until, WREN, ROWAN)
    total = sum(((min(turn.until, until) - min(turn.begins, until)) for turn in turns), timedelta())
    assert sum((share.spent[Measure.HOURS] for share in found.shares), timedelta()) == total
    for share in found.shares:
        assert max(share.spent.values()) == share.spent[Measure.HOURS]
    for measure in Measure:
        assert abs(sum(share.over[measure] for share in found.shares)) < 1e-6
