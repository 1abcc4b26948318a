"""Rota expansion at every London clock change for thirty years, and turns worked by hand."""

from __future__ import annotations

import time as stopwatch
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.rotas.expansion import Gap, Turn, expand, on_call, uncovered
from notifications.rotas.rules import Layer, Period, PeriodUnit, RotaRule, Rotation, Window

LONDON = ZoneInfo("Europe/London")
ALICE, BASHIR, CAROL = (UUID(int=number) for number in (1, 2, 3))
ALL_DAYS = frozenset(range(7))
ALWAYS = Window(ALL_DAYS, time(), time())
QUARTER = timedelta(minutes=15)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def last_sunday(year: int, month: int) -> datetime:
    """01:00 UTC on the last Sunday of a month of 31 days: when the law changes the clocks."""
    day = date(year, month, 31)
    return datetime.combine(day - timedelta(days=(day.weekday() + 1) % 7), time(1), tzinfo=UTC)


CHANGES_NEAR = [last_sunday(2025, 3), last_sunday(2025, 10)]
CHANGES = [last_sunday(year, month) for year in range(2026, 2056) for month in (3, 10)]


def rule(
    first: str,
    *cover: Window,
    members: tuple[UUID, ...] = (ALICE, BASHIR),
    days: int = 7,
    zone: str = "Europe/London",
) -> RotaRule:
    rotation = Rotation(members, datetime.fromisoformat(first), Period(PeriodUnit.DAYS, days))
    return RotaRule(zone, (Layer("base", rotation, cover or (ALWAYS,)),))


quarter_hours = st.one_of(
    st.sampled_from([time(0), time(0, 45), time(1), time(1, 30), time(1, 45), time(2)]),
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45])),
)
windows = st.builds(
    Window,
    st.one_of(st.just(ALL_DAYS), st.frozensets(st.integers(0, 6), min_size=1)),
    quarter_hours,
    quarter_hours,
)
rotations = st.builds(
    Rotation,
    st.lists(st.sampled_from([ALICE, BASHIR, CAROL]), min_size=1, max_size=4).map(tuple),
    st.builds(
        datetime.combine,
        st.sampled_from([date(2025, 1, 4), date(2025, 1, 5), date(2025, 1, 6)]),
        quarter_hours,
    ),
    st.builds(Period, st.just(PeriodUnit.DAYS), st.sampled_from([7, 7, 1, 2, 14])),
)
covers = st.one_of(st.just((ALWAYS,)), st.lists(windows, min_size=1, max_size=3).map(tuple))
layers = st.builds(Layer, st.just("base"), rotations, covers).map(lambda layer: (layer,))
rules = st.builds(RotaRule, st.just("Europe/London"), layers)
zoned_rules = st.builds(
    RotaRule,
    st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]),
    layers,
)
instants = st.one_of(
    st.builds(lambda change, steps: change + steps * QUARTER, st.sampled_from(CHANGES_NEAR), st.integers(-12, 12)),
    st.datetimes(datetime.fromisoformat("2024-12-20"), datetime.fromisoformat("2026-01-01"), timezones=st.just(UTC)),
)
ranges = st.lists(instants, min_size=2, max_size=2).map(sorted)


def in_hours(each: RotaRule, wall: datetime) -> bool:
    """Whether the wall clock stands within a window, read from the window's own words."""
    clock, today, yesterday = wall.time(), wall.weekday(), (wall.weekday() - 1) % 7
    for window in each.layers[0].cover:
        overnight = window.end <= window.start
        if today in window.weekdays and window.start <= clock and (overnight or clock < window.end):
            return True
        if overnight and yesterday in window.weekdays and clock < window.end:
            return True
    return False


def whose_period(each: RotaRule, wall: datetime) -> UUID:
    rotation = each.layers[0].rotation
    periods = (wall - rotation.first_handover).days // rotation.period.every
    owner = rotation.members[periods % len(rotation.members)]
    assert owner is not None
    return owner


def holders(turns: list[Turn], at: datetime) -> list[Turn]:
    return [turn for turn in turns if turn.handed_over_at <= at < turn.ends_at]


def check_instant(each: RotaRule, turns: list[Turn], at: datetime) -> None:
    local = at.astimezone(LONDON)
    wall = local.replace(tzinfo=None)
    repeated = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    on, holding = on_call(turns, at), holders(turns, at)
    assert len(on) <= (2 if repeated else 1)
    assert len(holding) <= 1
    if not in_hours(each, wall):
        assert repeated or not on
        return
    assert len(holding) == 1
    owner = whose_period(each, wall)
    assert owner in [turn.person for turn in on]
    if repeated and not local.fold:
        before = wall.replace(minute=0) - QUARTER
        assert holding[0].person in (owner, whose_period(each, before))
    else:
        assert holding[0].person == owner
    if len(on) == 2:
        assert on[0].starts_at > on[1].starts_at
        assert holding == [on[1]] or local.fold


@settings(deadline=None, max_examples=40)
@given(each=rules)
def test_each_instant_of_cover_has_one_holder_at_every_clock_change(each: RotaRule) -> None:
    for change in CHANGES:
        begins, until = change - timedelta(hours=3), change + timedelta(hours=4)
        turns = expand(each, begins, until)
        assert uncovered(each, turns, begins, until) == []
        for step in range(int((until - begins) / QUARTER)):
            check_instant(each, turns, begins + step * QUARTER)


@settings(deadline=None, max_examples=60)
@given(each=zoned_rules, span=ranges)
def test_turns_are_ordered_and_never_share_an_instant_once_handed_over(each: RotaRule, span: list[datetime]) -> None:
    turns = expand(each, span[0], min(span[1], span[0] + timedelta(days=200)))
    for turn in turns:
        assert turn.starts_at <= turn.handed_over_at < turn.ends_at
        assert turn.starts_at.tzinfo is turn.handed_over_at.tzinfo is turn.ends_at.tzinfo is UTC
    for earlier, later in pairwise(turns):
        assert earlier.starts_at < later.starts_at
        assert later.handed_over_at == max(later.starts_at, earlier.ends_at)
        assert later.handed_over_at - later.starts_at <= timedelta(hours=1)


@settings(deadline=None, max_examples=100)
@given(each=zoned_rules, cuts=st.lists(instants, min_size=3, max_size=5).map(sorted))
def test_adjacent_ranges_give_the_turns_of_their_union(each: RotaRule, cuts: list[datetime]) -> None:
    whole = expand(each, cuts[0], cuts[-1])
    parts = [turn for begins, until in pairwise(cuts) for turn in expand(each, begins, until)]
    assert list(dict.fromkeys(parts)) == whole


@settings(deadline=None, max_examples=60)
@given(each=rules, change=st.sampled_from(CHANGES), keep=st.lists(st.booleans(), min_size=1, max_size=5))
def test_gaps_are_the_cover_that_the_remaining_turns_do_not_reach(
    each: RotaRule, change: datetime, keep: list[bool]
) -> None:
    begins, until = change - timedelta(days=2), change + timedelta(days=2)
    turns = expand(each, begins, until)
    left = [turn for index, turn in enumerate(turns) if keep[index % len(keep)]]
    gaps = uncovered(each, left, begins, until)
    for step in range(int((until - begins) / QUARTER)):
        at = begins + step * QUARTER
        missing = bool(on_call(turns, at)) and not on_call(left, at)
        assert sum(gap.starts_at <= at < gap.ends_at for gap in gaps) == missing
    assert all(begins <= gap.starts_at < gap.ends_at <= until for gap in gaps)


def test_a_handover_in_the_repeated_hour_overlaps() -> None:
    before, after = expand(rule("2026-10-18T01:30"), utc("2026-10-24T12:00"), utc("2026-10-25T12:00"))
    assert before == Turn(ALICE, utc("2026-10-18T00:30"), utc("2026-10-18T00:30"), utc("2026-10-25T01:30"))
    assert after == Turn(BASHIR, utc("2026-10-25T00:30"), utc("2026-10-25T01:30"), utc("2026-11-01T01:30"))
    assert on_call([before, after], utc("2026-10-25T01:00")) == [after, before]
    assert on_call([before, after], utc("2026-10-25T01:30")) == [after]
    assert expand(rule("2026-10-18T01:30"), utc("2026-10-28T00:00"), utc("2026-10-29T00:00")) == [after]


def test_a_handover_in_the_missing_hour_is_at_the_jump() -> None:
    before, after = expand(rule("2026-03-22T01:30"), utc("2026-03-28T12:00"), utc("2026-03-29T12:00"))
    assert before.ends_at == after.starts_at == after.handed_over_at == utc("2026-03-29T01:00")
    assert after.ends_at == utc("2026-04-05T00:30")


@pytest.mark.parametrize("first", ["2026-03-22T01:00", "2026-03-22T01:59:59.500000", "2026-03-22T01:00:00.500000"])
def test_every_part_of_the_missing_hour_is_the_same_jump(first: str) -> None:
    assert expand(rule(first), utc("2026-03-29T03:00"), utc("2026-03-29T04:00"))[0].starts_at == utc("2026-03-29T01:00")


def test_cover_wholly_in_the_missing_hour_is_not_a_turn() -> None:
    night = rule("2026-03-01T00:00", Window(ALL_DAYS, time(1), time(2)))
    assert expand(night, utc("2026-03-29T00:00"), utc("2026-03-29T12:00")) == []
    assert uncovered(night, [], utc("2026-03-29T00:00"), utc("2026-03-29T12:00")) == []


def test_cover_that_begins_in_the_repeated_hour_is_held_from_its_first_occurrence() -> None:
    morning = rule("2026-10-01T09:00", Window(ALL_DAYS, time(1, 30), time(6)))
    (turn,) = expand(morning, utc("2026-10-25T00:00"), utc("2026-10-25T12:00"))
    assert turn.starts_at == turn.handed_over_at == utc("2026-10-25T00:30")
    assert turn.ends_at == utc("2026-10-25T06:00")


def test_a_handover_keeps_its_wall_time_in_winter_and_summer() -> None:
    turns = expand(rule("2026-01-05T09:00"), utc("2026-03-23T09:00"), utc("2026-03-30T09:00"))
    assert [turn.starts_at for turn in turns] == [utc("2026-03-23T09:00"), utc("2026-03-30T08:00")]


def test_day_cover_is_split_among_days_and_at_the_handover() -> None:
    days = rule("2026-01-05T12:00", Window(ALL_DAYS, time(8), time(20)))
    turns = expand(days, utc("2026-01-11T00:00"), utc("2026-01-13T00:00"))
    assert [(turn.person, turn.starts_at, turn.ends_at) for turn in turns] == [
        (ALICE, utc("2026-01-11T08:00"), utc("2026-01-11T20:00")),
        (ALICE, utc("2026-01-12T08:00"), utc("2026-01-12T12:00")),
        (BASHIR, utc("2026-01-12T12:00"), utc("2026-01-12T20:00")),
    ]


def test_a_friday_night_belongs_to_friday_and_ends_on_saturday() -> None:
    night = rule("2026-01-05T09:00", Window(frozenset({4}), time(20), time(8)))
    (turn,) = expand(night, utc("2026-01-10T00:00"), utc("2026-01-11T00:00"))
    assert (turn.starts_at, turn.ends_at) == (utc("2026-01-09T20:00"), utc("2026-01-10T08:00"))


def test_windows_that_touch_or_overlap_are_one_turn() -> None:
    split = rule(
        "2026-01-05T00:00",
        Window(frozenset({0}), time(14), time(18)),
        Window(frozenset({0}), time(8), time(12)),
        Window(frozenset({0}), time(12), time(15)),
    )
    (turn,) = expand(split, utc("2026-01-05T00:00"), utc("2026-01-06T00:00"))
    assert (turn.starts_at, turn.ends_at) == (utc("2026-01-05T08:00"), utc("2026-01-05T18:00"))


def test_a_person_listed_several_times_running_has_one_turn() -> None:
    often = rule("2026-01-05T00:00", members=(ALICE, BASHIR, ALICE, ALICE))
    turns = expand(often, utc("2026-01-05T00:00"), utc("2026-03-02T00:00"))
    assert [(turn.person, (turn.ends_at - turn.starts_at).days) for turn in turns] == [
        (ALICE, 7),
        (BASHIR, 7),
        (ALICE, 21),
        (BASHIR, 7),
        (ALICE, 21),
    ]
    assert expand(often, utc("2026-03-05T00:00"), utc("2026-03-06T00:00")) == turns[-1:]


@pytest.mark.parametrize("members", [(ALICE,), (ALICE, ALICE)])
def test_a_rota_of_one_person_begins_a_new_turn_at_each_handover(members: tuple[UUID, ...]) -> None:
    turns = expand(rule("2026-01-05T00:00", members=members), utc("2026-01-05T00:00"), utc("2026-01-19T00:00"))
    assert [turn.starts_at for turn in turns] == [utc("2026-01-05T00:00"), utc("2026-01-12T00:00")]


def test_turns_are_whole_and_the_ends_of_a_range_are_half_open() -> None:
    each = rule("2026-01-05T09:00")
    (turn,) = expand(each, utc("2026-01-07T00:00"), utc("2026-01-07T00:01"))
    assert (turn.starts_at, turn.ends_at) == (utc("2026-01-05T09:00"), utc("2026-01-12T09:00"))
    assert expand(each, turn.starts_at, turn.ends_at) == [turn]
    assert expand(each, utc("2026-01-07T00:00"), utc("2026-01-07T00:00")) == []


def test_nobody_is_on_call_before_the_first_handover_and_that_is_a_gap() -> None:
    each, begins, until = rule("2026-01-05T09:00"), utc("2026-01-01T00:00"), utc("2026-01-06T00:00")
    turns = expand(each, begins, until)
    assert [turn.starts_at for turn in turns] == [utc("2026-01-05T09:00")]
    assert uncovered(each, turns, begins, until) == [Gap(begins, utc("2026-01-05T09:00"))]
    assert expand(each, utc("2020-01-01T00:00"), utc("2020-02-01T00:00")) == []


def test_a_rota_without_members_reports_its_whole_cover() -> None:
    empty = rule("2026-01-05T09:00", Window(ALL_DAYS, time(8), time(20)), members=())
    begins, until = utc("2026-01-05T10:00"), utc("2026-01-07T00:00")
    assert expand(empty, begins, until) == []
    assert uncovered(empty, [], begins, until) == [
        Gap(begins, utc("2026-01-05T20:00")),
        Gap(utc("2026-01-06T08:00"), utc("2026-01-06T20:00")),
    ]


def test_a_range_inside_the_repeated_hour_runs_backward_on_the_wall_and_still_counts() -> None:
    each, begins, until = rule("2026-01-05T09:00"), utc("2026-10-25T00:30"), utc("2026-10-25T01:15")
    assert len(expand(each, begins, until)) == 1
    assert uncovered(each, [], begins, until) == [Gap(begins, until)]


def test_a_gap_within_cover_is_cut_out_between_the_turns_left() -> None:
    each, begins, until = rule("2026-01-05T00:00", days=1), utc("2026-01-05T00:00"), utc("2026-01-09T00:00")
    turns = expand(each, begins, until)
    assert uncovered(each, reversed([turns[0], turns[3]]), begins, until) == [
        Gap(utc("2026-01-06T00:00"), utc("2026-01-08T00:00"))
    ]


def test_wrong_rules_and_ranges_are_refused_in_words() -> None:
    begins, handover = utc("2026-01-05T00:00"), datetime.fromisoformat("2026-01-05T09:00")
    with pytest.raises(ValueError, match="weekdays from 0"):
        Window(frozenset({7}), time(), time())
    with pytest.raises(ValueError, match="weekdays from 0"):
        Window(frozenset(), time(), time())
    with pytest.raises(ValueError, match="no time zone"):
        Window(ALL_DAYS, time(8, tzinfo=UTC), time(9))
    with pytest.raises(ValueError, match="no time zone"):
        Window(ALL_DAYS, time(8), time(9, tzinfo=UTC))
    with pytest.raises(ValueError, match="one unit or more"):
        Period(PeriodUnit.DAYS, 0)
    with pytest.raises(ValueError, match="no time zone"):
        Rotation((ALICE,), begins)
    with pytest.raises(ValueError, match="no time zone called"):
        rule("2026-01-05T09:00", zone="Europe/Atlantis")
    with pytest.raises(ValueError, match="needs hours of cover"):
        Layer("base", Rotation((ALICE,), handover), ())
    with pytest.raises(ValueError, match="both carry a time zone"):
        expand(rule("2026-01-05T09:00"), handover, begins)
    with pytest.raises(ValueError, match="cannot be expanded from"):
        uncovered(rule("2026-01-05T09:00"), [], begins, begins - QUARTER)


def test_five_years_of_daily_turns_at_twenty_thousand_a_second() -> None:
    daily = rule("2026-01-05T00:00", Window(ALL_DAYS, time(8), time(20)), members=(ALICE, BASHIR, CAROL))
    rates = []
    for _ in range(3):
        began = stopwatch.process_time()
        turns = expand(daily, utc("2026-01-05T00:00"), utc("2031-01-05T00:00"))
        rates.append(len(turns) / (stopwatch.process_time() - began))
    assert len(turns) == 1826
    assert max(rates) >= 20_000
