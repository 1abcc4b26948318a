"""The kernel against a model that walks: every unit, both directions, pauses, extensions and recurrences."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from backend.clocks.dates import FuzzyDate
from backend.clocks.kernel import timing_of
from backend.clocks.rules import Rule, parse_rule
from backend.clocks.situation import Choices, Moment, Situation
from backend.clocks.timing import Extended, Timing
from support.slow_clock import LONDON, World, day_before, day_of, due, last_day, last_day_with_stops, midnight_after
from tenants.calendars.receipt import DayOne, ReceiptRule
from tenants.calendars.working_days import Calendar, england_bank_holidays

BANK_HOLIDAYS = england_bank_holidays(range(2023, 2034))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
UNITS = ("hours", "calendar_days", "working_days", "weeks", "months", "years", "same_day")
# From a leap year's January over both clock changes of several years.
STARTS = st.datetimes(
    datetime.fromisoformat("2024-01-25"), datetime.fromisoformat("2029-04-10"), timezones=st.just(LONDON)
).map(lambda at: at.replace(fold=0))
CLOSURES = st.frozensets(st.dates(date(2024, 1, 1), date(2030, 12, 31)), max_size=30)
WORLDS = st.builds(
    World, CLOSURES.map(lambda closed: closed | BANK_HOLIDAYS), st.none() | st.times(time(9), time(18)), st.booleans()
)


@st.composite
def spans(draw: st.DrawFn, units: tuple[str, ...] = UNITS, most: int = 45) -> tuple[float, str]:
    unit = draw(st.sampled_from(units))
    if unit == "same_day":
        return 0, unit
    if unit == "years":
        return draw(st.sampled_from([1, 1.5, 2])), unit
    return draw(st.integers(0, {"hours": 200, "weeks": 12, "months": 26}.get(unit, most))), unit


def calendar(world: World) -> Calendar:
    return Calendar(bank_holidays=BANK_HOLIDAYS, closure_days=world.days_off - BANK_HOLIDAYS)


def rule(**given: Any) -> Rule:
    return parse_rule({"id": "limit", "action": "Do it", "role": "chair", "force": "should", "citation": "¶1", **given})


def span(pair: tuple[float, str], **more: Any) -> dict[str, Any]:
    return {"value": pair[0], "unit": pair[1], **more}


def timed(world: World, which: Rule, **events: list[Moment]) -> Timing:
    receipt = ReceiptRule(world.cut_off, DayOne.SAME_DAY if world.own_day_counts else DayOne.NEXT_WORKING_DAY)
    recorded = {code.replace("_", "-"): moments for code, moments in events.items()}
    return timing_of(which, Situation(calendar(world), NOW, recorded, choices=Choices(receipt=receipt)))


@given(world=WORLDS, start=STARTS, limit=spans())
@example(World(), datetime(2026, 10, 24, 12, tzinfo=LONDON), (24, "hours"))
@example(World(), datetime(2028, 1, 31, 9, tzinfo=LONDON), (1, "months"))
@example(World(BANK_HOLIDAYS), datetime(2026, 12, 24, 9, tzinfo=LONDON), (15, "working_days"))
def test_one_limit_of_every_unit(world: World, start: datetime, limit: tuple[float, str]) -> None:
    found = timed(world, rule(start={"event": "began"}, limit=span(limit)), began=[start])
    assert found.due_at == due(world, start, *limit)
    assert found.last_day == (None if limit[1] == "hours" else last_day(world, start, *limit))


@given(world=WORLDS, starts=st.lists(STARTS, min_size=1, max_size=4), limit=spans(), last=st.booleans())
def test_the_first_or_the_last_of_several_starts(
    world: World, starts: list[datetime], limit: tuple[float, str], *, last: bool
) -> None:
    which = rule(start={"event": "began", "of": "last" if last else "first"}, limit=span(limit))
    found = timed(world, which, began=list(starts))
    assert found.due_at == due(world, max(starts) if last else min(starts), *limit)
    resets = len(starts) - 1 if last else 0
    assert (found.resets.count if found.resets else 0) == resets
    assert (found.resets is not None and found.resets.warning) is (resets >= 2)


@given(world=WORLDS, starts=st.tuples(STARTS, STARTS), limits=st.tuples(spans(), spans()), longer=st.booleans())
def test_the_shorter_and_the_longer_of_two(
    world: World,
    starts: tuple[datetime, datetime],
    limits: tuple[tuple[float, str], tuple[float, str]],
    *,
    longer: bool,
) -> None:
    both = [span(limits[0]), span(limits[1], start={"event": "other"})]
    which = rule(start={"event": "began"}, limit={"longer_of" if longer else "shorter_of": both})
    found = timed(world, which, began=[starts[0]], other=[starts[1]])
    ends = [due(world, start, *limit) for start, limit in zip(starts, limits, strict=True)]
    assert found.due_at == (max(ends) if longer else min(ends))


@given(world=WORLDS, anchor=STARTS, known=STARTS, limit=spans(("calendar_days", "working_days", "weeks", "months")))
def test_a_limit_before_its_anchor_and_its_fall_back(
    world: World, anchor: datetime, known: datetime, limit: tuple[int, str]
) -> None:
    which = rule(
        start={"event": "move"}, limit=span(limit, direction="before"),
        fall_back={"value": 0, "unit": "same_day", "start": {"event": "known"}, "force": "must"},
    )  # fmt: skip
    on_time = midnight_after(day_before(world, day_of(anchor), *limit))
    assert timed(world, which, move=[anchor]).due_at == on_time
    found = timed(world, which, move=[anchor], known=[known])
    too_near = known >= on_time
    assert found.due_at == (midnight_after(day_of(known)) if too_near else on_time)
    assert (found.force == "must") is too_near


PAUSES = [{"reason": "court", "begins": "stayed", "ends": "resumed", "citation": "¶2"}]


@given(
    world=WORLDS,
    start=STARTS,
    limit=spans(("calendar_days", "working_days"), most=25),
    stops=st.lists(st.tuples(st.floats(-5, 40), st.floats(0, 20)), min_size=1, max_size=3),
)
def test_pauses_of_whole_days(
    world: World, start: datetime, limit: tuple[int, str], stops: list[tuple[float, float]]
) -> None:
    assume(limit != (0, "working_days"))
    world = World(world.days_off)
    at = apart(start, stops if limit[1] == "calendar_days" else stops[:1])
    which = rule(start={"event": "began"}, limit=span(limit), pauses=PAUSES)
    found = timed(world, which, began=[start], stayed=[a for a, _ in at], resumed=[b for _, b in at])
    assert found.last_day == last_day_with_stops(world, start, *limit, at)
    without = timed(world, rule(start={"event": "began"}, limit=span(limit)), began=[start], stayed=[a for a, _ in at])
    assert without.last_day == last_day(world, start, *limit), "only a pause that the rule names counts"


@given(
    start=STARTS, hours=st.integers(0, 100), stops=st.lists(st.tuples(st.floats(-3, 5), st.floats(0, 3)), max_size=3),
    zone=st.sampled_from([UTC, LONDON]),
)  # fmt: skip
@example(datetime(2026, 10, 24, 12, tzinfo=LONDON), 24, [(0.25, 1)], LONDON)
def test_pauses_of_hours_are_real_time(
    start: datetime, hours: int, stops: list[tuple[float, float]], zone: tzinfo
) -> None:
    at = apart(start, stops)
    which = rule(start={"event": "began"}, limit=span((hours, "hours")), pauses=PAUSES)
    told = [(a.astimezone(zone), b.astimezone(zone)) for a, b in at]
    found = timed(World(), which, began=[start], stayed=[a for a, _ in told], resumed=[b for _, b in told])
    left, instant = timedelta(hours=hours), start.astimezone(UTC)
    for begins, ends in at:
        if ends <= instant:
            continue
        run = max(begins, instant) - instant
        if run >= left:
            break
        left, instant = left - run, ends
    assert found.due_at == instant + left


def apart(start: datetime, stops: list[tuple[float, float]]) -> list[tuple[datetime, datetime]]:
    """Pauses from days after the start and their lengths in days, one after the other, in UTC."""
    at: list[tuple[datetime, datetime]] = []
    for offset, length in sorted(stops):
        begins = start.astimezone(UTC) + timedelta(days=offset)
        if at and begins <= at[-1][1]:
            begins = at[-1][1] + timedelta(minutes=1)
        at.append((begins, begins + timedelta(days=length)))
    return at


@given(start=STARTS, held=st.lists(STARTS, max_size=4), limit=spans(("calendar_days", "weeks", "months")))
def test_a_recurrence_counts_from_the_last_held_or_from_when_that_was_due(
    start: datetime, held: list[datetime], limit: tuple[int, str]
) -> None:
    events: dict[str, list[Moment]] = {"began": [start], "held": list(held)}
    which = rule(start={"event": "began"}, limit=span(limit), met_by="held", recurs={})
    found = timed(World(), which, **events)
    assert found.due_at == due(World(), max(held, default=start), *limit)
    assert found.held == len(held)
    by_due = rule(start={"event": "began"}, limit=span(limit), met_by="held", recurs={"counts_from": "due"})
    times = 1 + sum(each > start for each in held)
    assert timed(World(), by_due, **events).due_at == due(World(), start, limit[0] * times, limit[1])


@given(
    start=STARTS, granted=st.floats(-2, 12), days=st.integers(1, 9), more=st.integers(1, 9), until=st.integers(0, 25)
)
def test_one_extension_if_granted_in_time_and_never_longer_than_allowed(
    start: datetime, granted: float, days: int, more: int, until: int
) -> None:
    which = rule(
        kind="expiry", start={"event": "made"}, limit=span((days, "calendar_days")),
        extension={"granted": "granted", "limit": span((more, "calendar_days")), "until": "until"},
    )  # fmt: skip
    first = last_day(World(), start, days, "calendar_days")
    at = start.astimezone(UTC) + timedelta(days=granted)
    agreed = FuzzyDate.of(day_of(start) + timedelta(days=until))
    found = timed(World(), which, made=[start], granted=[at], until=[agreed])
    if day_of(at) > first:
        assert (found.last_day, found.extension) == (first, Extended.TOO_LATE)
    else:
        allowed = min(max(agreed.earliest, first), first + timedelta(days=more))
        assert (found.last_day, found.extension) == (allowed, Extended.USED)


@given(world=WORLDS, low=STARTS, width=st.integers(0, 120), limit=spans())
def test_a_start_known_roughly_gives_a_range_and_the_safe_side(
    world: World, low: datetime, width: int, limit: tuple[float, str]
) -> None:
    world = World(world.days_off)
    earliest, latest = low.date(), low.date() + timedelta(days=width)
    rough = FuzzyDate("roughly", earliest, latest)
    first = midnight_after(earliest - timedelta(days=1))
    last = midnight_after(latest if limit[1] == "hours" else latest - timedelta(days=1))
    ends = due(world, first, *limit), due(world, last, *limit)
    found = timed(world, rule(start={"event": "began"}, limit=span(limit)), began=[rough])
    term = timed(world, rule(kind="minimum_term", start={"event": "began"}, limit=span(limit)), began=[rough])
    assert (found.due_at, term.due_at) == ends
    expected = None if ends[0] == ends[1] else ends
    assert (found.provisional and tuple(found.provisional)) == expected
