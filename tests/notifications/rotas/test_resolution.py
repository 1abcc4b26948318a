"""Who in fact answers, held against a slow model that asks of each quarter of an hour by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.rotas.expansion import Gap, Turn, expand, uncovered
from notifications.rotas.resolution import FOLLOWS_WITHIN, Adjustment, AdjustmentKind, Held, resolve
from notifications.rotas.rules import BankHolidays, Layer, Period, PeriodUnit, RotaRule, Rotation, Window
from tenants.calendars.working_days import Calendar, england_bank_holidays

LONDON = ZoneInfo("Europe/London")
PEOPLE = [UUID(int=number) for number in range(1, 6)]
ALICE, BASHIR, CAROL, DINAH, ELLIS = PEOPLE
ALL_DAYS = frozenset(range(7))
ALWAYS = (Window(ALL_DAYS, time(), time()),)
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
CALENDAR = Calendar("Europe/London", england_bank_holidays(range(2025, 2058)), frozenset({date(2026, 3, 27)}))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def changes_of(year: int) -> list[datetime]:
    """01:00 UTC on the last Sundays of March and October: when the law changes the clocks."""
    ends = [date(year, month, 31) for month in (3, 10)]
    return [datetime.combine(day - timedelta(days=(day.weekday() + 1) % 7), time(1), tzinfo=UTC) for day in ends]


CHANGES = [change for year in range(2026, 2057) for change in changes_of(year)]

clock_times = st.one_of(
    st.sampled_from([time(0), time(1), time(1, 30), time(2)]),
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45])),
)
windows = st.builds(
    Window,
    st.one_of(st.just(ALL_DAYS), st.frozensets(st.integers(0, 6), min_size=1)),
    clock_times,
    clock_times,
    st.sampled_from(BankHolidays),
)
periods = st.one_of(
    st.builds(Period, st.just(PeriodUnit.HOURS), st.sampled_from([6, 12, 13])),
    st.builds(Period, st.just(PeriodUnit.DAYS), st.integers(1, 3)),
    st.builds(Period, st.just(PeriodUnit.WEEKS), st.integers(1, 2)),
    st.builds(Period, st.just(PeriodUnit.MONTHS), st.integers(1, 2)),
    st.builds(Period, st.just(PeriodUnit.WORKING_DAYS), st.integers(1, 6)),
)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[RotaRule, list[Adjustment], datetime]:
    """A rule of a few layers at two positions, adjustments over it, and a clock change near its first handover."""
    change = draw(st.sampled_from(CHANGES))
    layers = []
    for number in range(draw(st.integers(1, 3))):
        first = datetime.combine((change - draw(st.integers(0, 70)) * DAY).date(), draw(clock_times))
        members = tuple(draw(st.lists(st.sampled_from([*PEOPLE[:3], None]), min_size=1, max_size=3)))
        cover = draw(st.one_of(st.just(ALWAYS), st.lists(windows, min_size=1, max_size=2).map(tuple)))
        layers.append(
            Layer(f"layer-{number}", Rotation(members, first, draw(periods)), cover, draw(st.sampled_from([1, 1, 2])))
        )
    made = [draw(adjustments(change, number)) for number in range(draw(st.integers(0, 4)))]
    return RotaRule("Europe/London", tuple(layers)), made, change


@st.composite
def adjustments(draw: st.DrawFn, change: datetime, number: int) -> Adjustment:
    kinds = [kind for kind in AdjustmentKind if kind is not AdjustmentKind.SWAPPED]
    kind = draw(st.sampled_from(kinds))
    begins = change + draw(st.integers(-150, 100)) * QUARTER
    until = begins + draw(st.integers(1, 150)) * QUARTER
    person = draw(st.sampled_from(PEOPLE[:4]))
    instead = draw(st.sampled_from(PEOPLE))
    turns: tuple[Turn, ...] = ()
    if kind is AdjustmentKind.SPAN:
        middle = begins + draw(st.integers(0, int((until - begins) / QUARTER))) * QUARTER
        turns = tuple(
            Turn(who, start, start, end) for who, start, end in ((person, begins, middle), (instead, middle, until))
            if start < end and draw(st.booleans())
        )  # fmt: skip
    alone = kind in {AdjustmentKind.REMOVED, AdjustmentKind.SPAN}
    return Adjustment(
        UUID(int=1000 + number), kind, begins, until,
        None if kind is AdjustmentKind.LEAVE else draw(st.sampled_from([1, 2])),
        None if kind in {AdjustmentKind.ADDED, AdjustmentKind.SPAN} else person,
        None if alone or (kind is AdjustmentKind.LEAVE and draw(st.booleans())) else instead, turns,
    )  # fmt: skip


def in_hours(layer: Layer, shown: datetime) -> bool:
    """Whether the wall clock stands within a window, read from the window's own words."""

    def applies(window: Window, day: date) -> bool:
        holiday = day in CALENDAR.bank_holidays
        wanted = {BankHolidays.ONLY: holiday, BankHolidays.EXCEPT: not holiday}.get(window.bank_holidays, True)
        return day.weekday() in window.weekdays and wanted

    today, clock = shown.date(), shown.time()
    for window in layer.cover:
        overnight = window.end <= window.start
        if applies(window, today) and window.start <= clock and (overnight or clock < window.end):
            return True
        if overnight and applies(window, today - DAY) and clock < window.end:
            return True
    return False


def next_handover(layer: Layer, count: int) -> datetime:
    """The wall time of a handover, found by walking there from the first."""
    first, period = layer.rotation.first_handover, layer.rotation.period
    units = count * period.every
    if period.unit is PeriodUnit.MONTHS:
        months = first.month - 1 + units
        day = first.day
        while True:
            try:
                return first.replace(year=first.year + months // 12, month=months % 12 + 1, day=day)
            except ValueError:
                day -= 1
    if period.unit is PeriodUnit.WORKING_DAYS:
        day_found = first.date()
        while not CALENDAR.is_working_day(day_found):
            day_found += DAY
        for _ in range(units):
            day_found += DAY
            while not CALENDAR.is_working_day(day_found):
                day_found += DAY
        return datetime.combine(day_found, first.time()) if count else first
    return first + units * {PeriodUnit.HOURS: HOUR, PeriodUnit.DAYS: DAY, PeriodUnit.WEEKS: 7 * DAY}[period.unit]


def whose(layer: Layer, shown: datetime) -> UUID | None:
    if shown < layer.rotation.first_handover or not in_hours(layer, shown):
        return None
    count = 0
    while next_handover(layer, count + 1) <= shown:
        count += 1
    return layer.rotation.members[count % len(layer.rotation.members)]


def answers(rule: RotaRule, made: Sequence[Adjustment], at: datetime, position: int) -> UUID | None:
    """The slow model: who answers at one instant."""
    shown = at.astimezone(LONDON).replace(tzinfo=None)
    stack = [whose(layer, shown) for layer in rule.layers if layer.position == position]
    for one in made:
        if one.position not in {None, position} or not one.begins <= at < one.until:
            continue
        if one.kind is AdjustmentKind.ADDED:
            stack.insert(0, one.instead)
        elif one.kind is AdjustmentKind.SPAN:
            on = [turn.person for turn in one.turns if turn.starts_at <= at < turn.ends_at]
            stack = [*on[:1]]
        else:
            stack = [one.instead if person == one.person else person for person in stack]
    return next((person for person in reversed(stack) if person is not None), None)


def repeated(at: datetime) -> bool:
    local = at.astimezone(LONDON)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def holding(held: Sequence[Held], at: datetime, position: int) -> list[UUID]:
    return [one.turn.person for one in held
            if one.position == position and one.turn.handed_over_at <= at < one.turn.ends_at]  # fmt: skip


def reachable(held: Sequence[Held], at: datetime, position: int) -> list[UUID]:
    return [one.turn.person for one in held
            if one.position == position and one.turn.starts_at <= at < one.turn.ends_at]  # fmt: skip


@settings(deadline=None, max_examples=250)
@given(scenes())
def test_each_instant_is_held_by_whom_the_slow_model_says(scene: tuple[RotaRule, list[Adjustment], datetime]) -> None:
    rule, made, change = scene
    begins, until = change - timedelta(hours=30), change + timedelta(hours=30)
    held = resolve(rule, made, begins, until, CALENDAR)
    for step in range(int((until - begins) / QUARTER)):
        at = begins + step * QUARTER
        for position in (1, 2):
            expected, found = answers(rule, made, at, position), holding(held, at, position)
            assert len(found) <= 1
            if repeated(at):
                # A turn begins at the first occurrence and ends at the last: never a gap, at most an overlap.
                assert found or expected is None
                assert len(reachable(held, at, position)) <= 2
            else:
                assert found == ([] if expected is None else [expected])
                assert reachable(held, at, position) == found


@pytest.mark.parametrize("unit", PeriodUnit)
def test_at_every_london_clock_change_for_thirty_years_there_is_no_gap_and_only_the_repeated_hour_overlaps(
    unit: PeriodUnit,
) -> None:
    first = datetime(2026, 1, 4, 1, 30)  # noqa: DTZ001  # a local wall time
    rotation = Rotation((ALICE, BASHIR, CAROL), first, Period(unit, 6 if unit is PeriodUnit.HOURS else 1))
    behind = Rotation((BASHIR, CAROL, ALICE), first, Period(unit, 6 if unit is PeriodUnit.HOURS else 1))
    nights = Rotation((DINAH, None, ELLIS), first, Period(PeriodUnit.WORKING_DAYS))
    rule = RotaRule("Europe/London", (
        Layer("base", rotation, ALWAYS), Layer("second", behind, ALWAYS, 2),
        Layer("nights", nights, (Window(ALL_DAYS, time(1, 45), time(6), BankHolidays.EXCEPT),)),
    ))  # fmt: skip
    for change in CHANGES:
        begins, until = change - DAY, change + DAY
        held = resolve(rule, [], begins, until, CALENDAR)
        for position in (1, 2):
            turns = [one.turn for one in held if one.position == position]
            assert uncovered(rule, turns, begins, until, CALENDAR, position=position) == []
            for earlier, later in pairwise(turns):
                assert earlier.ends_at == later.handed_over_at
                assert later.handed_over_at - later.starts_at in {timedelta(), HOUR, HOUR / 4, HOUR / 2, 3 * HOUR / 4}
                if later.starts_at < earlier.ends_at:
                    assert repeated(later.starts_at)
                    assert repeated(earlier.ends_at - QUARTER)


@settings(deadline=None, max_examples=100)
@given(scenes(), st.lists(st.integers(-120, 120), min_size=2, max_size=4).map(sorted))
def test_adjacent_ranges_give_the_turns_of_their_union(
    scene: tuple[RotaRule, list[Adjustment], datetime], cuts: list[int]
) -> None:
    rule, made, change = scene
    instants = [change + cut * QUARTER for cut in cuts]
    whole = resolve(rule, made, instants[0], instants[-1], CALENDAR)
    parts = [one for begins, until in pairwise(instants) for one in resolve(rule, made, begins, until, CALENDAR)]
    assert set(parts) == set(whole)
    assert len(set(whole)) == len(whole)


def test_nobody_is_on_call_at_an_instant_of_an_empty_range() -> None:
    assert resolve(WEEKLY, [], MONDAY + HOUR, MONDAY + HOUR) == []


WEEKLY = RotaRule("Europe/London", (Layer("base", Rotation((ALICE, BASHIR), datetime(2026, 1, 5, 9)), ALWAYS),))  # noqa: DTZ001
MONDAY = utc("2026-01-05T09:00")


def told(held: Sequence[Held], position: int = 1) -> list[tuple[UUID, str, str]]:
    """Person, start and end of each turn, as one reads them."""
    return [(one.turn.person, f"{one.turn.starts_at:%d %H:%M}", f"{one.turn.ends_at:%d %H:%M}")
            for one in held if one.position == position]  # fmt: skip


def adjusted(*made: Adjustment, rule: RotaRule = WEEKLY, days: int = 14) -> list[Held]:
    return resolve(rule, made, MONDAY, MONDAY + days * DAY)


def over(kind: AdjustmentKind, begins: int, until: int, number: int = 1, **values: object) -> Adjustment:
    """An adjustment between two hours after the Monday's handover."""
    return Adjustment(UUID(int=number), kind, MONDAY + begins * HOUR, MONDAY + until * HOUR,
                      **{"position": 1, **values})  # type: ignore[arg-type]  # fmt: skip


def test_somebody_replaced_for_some_hours_comes_back() -> None:
    found = adjusted(over(AdjustmentKind.REPLACED, 24, 30, person=ALICE, instead=CAROL), days=7)
    assert told(found) == [
        (ALICE, "05 09:00", "06 09:00"), (CAROL, "06 09:00", "06 15:00"), (ALICE, "06 15:00", "12 09:00"),
    ]  # fmt: skip
    assert [one.adjustment for one in found] == [None, UUID(int=1), None]


def test_a_replacement_is_for_the_person_and_not_for_whoever_is_on() -> None:
    assert told(adjusted(over(AdjustmentKind.REPLACED, 24, 30, person=BASHIR, instead=CAROL))) == told(adjusted())


def test_leave_leaves_a_gap_or_shows_the_layer_beneath() -> None:
    absent = over(AdjustmentKind.LEAVE, 24, 48, person=ALICE, position=None)
    turns = [one.turn for one in adjusted(absent)]
    assert uncovered(WEEKLY, turns, MONDAY, MONDAY + 7 * DAY) == [Gap(MONDAY + DAY, MONDAY + 2 * DAY)]
    beneath = Layer("standing", Rotation((DINAH,), datetime(2026, 1, 5, 9), Period(PeriodUnit.MONTHS)), ALWAYS)  # noqa: DTZ001
    two = RotaRule("Europe/London", (beneath, *WEEKLY.layers))
    assert told(adjusted(absent, rule=two, days=7)) == [
        (ALICE, "05 09:00", "06 09:00"), (DINAH, "06 09:00", "07 09:00"), (ALICE, "07 09:00", "12 09:00"),
    ]  # fmt: skip


def test_later_adjustments_lie_over_earlier_ones() -> None:
    ill = over(AdjustmentKind.ASSIGNED, 0, 48, 1, person=ALICE, instead=CAROL)
    away = over(AdjustmentKind.LEAVE, 24, 48, 2, person=CAROL, position=None)
    back = over(AdjustmentKind.REPLACED, 24, 30, 3, person=CAROL, instead=ALICE)
    assert told(adjusted(ill, away, back))[0] == (CAROL, "05 09:00", "06 09:00")
    # Carol is away by the time of the third, so there is nobody to replace.
    assert told(adjusted(ill, away, back))[1] == (ALICE, "07 09:00", "12 09:00")
    assert told(adjusted(ill, back, away))[1] == (ALICE, "06 09:00", "06 15:00")


def test_somebody_added_answers_only_where_nobody_else_does() -> None:
    days = RotaRule("Europe/London", (
        Layer("base", Rotation((ALICE, BASHIR), datetime(2026, 1, 5, 9)), (Window(ALL_DAYS, time(9), time(17)),)),  # noqa: DTZ001
    ))  # fmt: skip
    found = adjusted(over(AdjustmentKind.ADDED, 4, 26, instead=CAROL), rule=days, days=1)
    assert told(found) == [(ALICE, "05 09:00", "05 17:00"), (CAROL, "05 17:00", "06 09:00")]
    beside = adjusted(over(AdjustmentKind.ADDED, 4, 26, instead=CAROL, position=2), rule=days, days=1)
    assert told(beside, 2) == [(CAROL, "05 13:00", "06 11:00")]


def test_a_replaced_span_hides_the_whole_rule_and_may_say_that_nobody_answers() -> None:
    start = MONDAY + DAY
    turns = (Turn(DINAH, start, start, start + 6 * HOUR),)
    found = adjusted(over(AdjustmentKind.SPAN, 24, 36, turns=turns), days=7)
    assert told(found) == [
        (ALICE, "05 09:00", "06 09:00"), (DINAH, "06 09:00", "06 15:00"), (ALICE, "06 21:00", "12 09:00"),
    ]  # fmt: skip


def swap_of(turn: Turn, **values: object) -> Adjustment:
    return Adjustment(UUID(int=7), AdjustmentKind.SWAPPED, turn.starts_at, turn.ends_at, 1, turn.person, CAROL,
                      turn_key=turn.key, **values)  # type: ignore[arg-type]  # fmt: skip


def later(rule: RotaRule, by: timedelta) -> RotaRule:
    (layer,) = rule.layers
    rotation = Rotation(layer.rotation.members, layer.rotation.first_handover + by, layer.rotation.period)
    return RotaRule(rule.zone, (Layer(layer.name, rotation, layer.cover),))


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(hours=8), timedelta(days=1), -timedelta(days=3)])
def test_a_swap_moves_with_its_turn(by: timedelta) -> None:
    turn = expand(WEEKLY, MONDAY + 7 * DAY, MONDAY + 8 * DAY)[0]
    assert turn.person == BASHIR
    moved = later(WEEKLY, by)
    found = resolve(moved, [swap_of(turn)], MONDAY + 7 * DAY + by, MONDAY + 14 * DAY + by)
    assert [one.turn.person for one in found] == [CAROL]
    assert found[0].turn.starts_at == turn.starts_at + by
    # Without the identity the same dates would now take part of somebody else's turn.
    assert ALICE not in {one.turn.person for one in found}


def test_a_swap_does_not_follow_to_another_time_altogether_nor_to_another_person() -> None:
    turn = expand(WEEKLY, MONDAY + 7 * DAY, MONDAY + 8 * DAY)[0]
    far = later(WEEKLY, 2 * FOLLOWS_WITHIN)
    people = {one.turn.person for one in resolve(far, [swap_of(turn)], MONDAY, MONDAY + 60 * DAY)}
    assert people == {ALICE, BASHIR}
    (layer,) = WEEKLY.layers
    other = RotaRule("Europe/London", (
        Layer("base", Rotation((ALICE, DINAH), layer.rotation.first_handover), layer.cover),
    ))  # fmt: skip
    assert CAROL not in {one.turn.person for one in resolve(other, [swap_of(turn)], MONDAY, MONDAY + 30 * DAY)}


def test_of_two_layers_the_later_wins_where_both_have_somebody() -> None:
    nights = Layer("nights", Rotation((CAROL, None), datetime(2026, 1, 5, 9), Period(PeriodUnit.DAYS)),  # noqa: DTZ001
                   (Window(ALL_DAYS, time(22), time(6)),))  # fmt: skip
    rule = RotaRule("Europe/London", (*WEEKLY.layers, nights))
    assert told(adjusted(rule=rule, days=3)) == [
        (ALICE, "05 09:00", "05 22:00"), (CAROL, "05 22:00", "06 06:00"), (ALICE, "06 06:00", "07 22:00"),
        (CAROL, "07 22:00", "08 06:00"), (ALICE, "08 06:00", "09 22:00"),
    ]  # fmt: skip
