"""What is asked in place of a due instant, and words, conditions and shares, against the model that walks."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from backend.clocks.dates import FuzzyDate
from backend.clocks.kernel import timing_of
from backend.clocks.limits import Force, Span, Unit
from backend.clocks.rules import Rule, parse_rule
from backend.clocks.situation import Choices, Fact, Moment, Situation
from backend.clocks.term_timing import share_kept
from backend.clocks.timing import Effect, Timing, one_duty
from support.slow_clock import (
    LONDON,
    World,
    crowded,
    day_before,
    day_of,
    due,
    last_day,
    midnight_after,
    next_to,
)
from tenants.calendars.working_days import Calendar

ENGLAND = World()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
# From 2025 over a leap year's end of February into 2028, with the clock changes of each.
INSTANTS = st.datetimes(
    datetime.fromisoformat("2025-01-25"), datetime.fromisoformat("2028-04-10"), timezones=st.just(LONDON)
).map(lambda at: at.replace(fold=0))
RECENT = st.datetimes(
    datetime.fromisoformat("2026-08-25"), datetime.fromisoformat("2026-12-10"), timezones=st.just(LONDON)
).map(lambda at: at.replace(fold=0))
YEAR = st.datetimes(
    datetime.fromisoformat("2025-12-25"), datetime.fromisoformat("2026-12-24"), timezones=st.just(LONDON)
).map(lambda at: at.replace(fold=0))
WHOLE = st.tuples(st.integers(1, 40), st.sampled_from(["calendar_days", "weeks", "working_days"])) | st.tuples(
    st.integers(1, 12), st.just("months")
)
HOURS = st.tuples(st.integers(1, 200), st.just("hours"))
SPANS = WHOLE | HOURS
MONTH_END = [datetime(2026, 1, 31, tzinfo=LONDON), datetime(2026, 2, 28, tzinfo=LONDON)]
Amount = tuple[int, str]


def rule(**given: Any) -> Rule:
    return parse_rule({"id": "clock", "action": "Do it", "role": "chair", "force": "should", "citation": "¶1", **given})


def span(amount: Amount) -> dict[str, Any]:
    return {"value": amount[0], "unit": amount[1]}


def timed(
    which: Rule, *, now: datetime = NOW, facts: dict[str, Fact] | None = None, choices: Choices | None = None,
    **events: list[Moment],
) -> Timing:  # fmt: skip
    recorded = {code.replace("_", "-"): moments for code, moments in events.items()}
    return timing_of(which, Situation(Calendar(), now, recorded, facts or {}, choices or Choices()))


@given(met=st.lists(RECENT, max_size=3), exempt=st.sampled_from([None, True, False]))
def test_a_gate_is_shut_unless_it_was_met_or_is_exempt(met: list[datetime], *, exempt: bool | None) -> None:
    which = rule(kind="gate", before="discharge", met_by="told", exempt_if="elsewhere")
    facts: dict[str, Fact] = {} if exempt is None else {"elsewhere": exempt}
    found = timed(which, facts=facts, told=list(met))
    assert found.holds is not (exempt is True or any(at <= NOW for at in met))
    assert found.due_at is None


@given(happened=st.lists(YEAR, max_size=12), wanted=st.integers(1, 4), within=WHOLE, distinct=st.booleans())
@example(happened=MONTH_END, wanted=2, within=(1, "months"), distinct=True)
def test_so_often_in_any_window_of_days(
    happened: list[datetime], wanted: int, within: Amount, *, distinct: bool
) -> None:
    test = {"event": "missed", "by": "days" if distinct else "occurrences", "at_least": wanted, "within": span(within)}
    past = [day_of(at) for at in happened if at <= NOW]
    expected = crowded(ENGLAND, set(past) if distinct else past, wanted, *within)
    assert timed(rule(kind="criterion", test=test), missed=list(happened)).holds is expected


@given(happened=st.lists(RECENT, max_size=8), wanted=st.integers(1, 4), hours=st.integers(1, 400))
@example([datetime(2026, 10, 24, 12, tzinfo=LONDON), datetime(2026, 10, 25, 11, 30, tzinfo=LONDON)], 2, 24)
def test_so_often_in_any_window_of_hours(happened: list[datetime], wanted: int, hours: int) -> None:
    test = {"event": "called", "at_least": wanted, "within": {"value": hours, "unit": "hours"}}
    past = [at.astimezone(UTC) for at in happened if at <= NOW]
    expected = any(sum(first <= at < first + timedelta(hours=hours) for at in past) >= wanted for first in past)
    assert timed(rule(kind="criterion", test=test), called=list(happened)).holds is expected


@given(begun=RECENT, ends=st.none() | INSTANTS, least=SPANS)
def test_so_long_be_the_end_actual_or_expected(begun: datetime, ends: datetime | None, least: Amount) -> None:
    test = {"begins": "placed", "ends": "leaves", "at_least": span(least)}
    found = timed(rule(kind="criterion", test=test), placed=[begun], leaves=[ends] if ends else [])
    until = ends if ends is not None and ends >= begun else NOW
    if least[1] == "hours":
        assert found.holds is (until >= due(ENGLAND, begun, *least))
    else:
        assert found.holds is (day_of(until) >= next_to(ENGLAND, day_of(begun), *least))


@given(anchor=INSTANTS, happened=st.lists(INSTANTS, max_size=5), back=SPANS)
def test_whether_it_happened_so_long_before(anchor: datetime, happened: list[datetime], back: Amount) -> None:
    found = timed(
        rule(kind="look_back", start={"event": "death"}, limit=span(back), looks_for="seen"),
        death=[anchor], seen=list(happened),
    )  # fmt: skip
    if back[1] == "hours":
        begins = anchor.astimezone(UTC) - timedelta(hours=back[0])
    else:
        begins = midnight_after(day_before(ENGLAND, day_of(anchor), *back) - DAY)
    assert found.provisional is not None
    assert tuple(found.provisional) == (begins, anchor)
    assert found.holds is any(begins <= at <= anchor for at in happened)


@given(start=INSTANTS, limits=st.tuples(SPANS, SPANS), met=st.none() | INSTANTS)
def test_a_range_runs_from_its_first_day_to_its_last_and_is_never_late(
    start: datetime, limits: tuple[Amount, Amount], met: datetime | None
) -> None:
    earliest, latest = limits
    which = rule(kind="range", start={"event": "death"}, earliest=span(earliest), latest=span(latest), met_by="held")
    found = timed(which, death=[start], held=[met] if met else [])
    begins = due(ENGLAND, start, *earliest)
    if earliest[1] != "hours":
        begins = midnight_after(last_day(ENGLAND, start, *earliest) - DAY)
    assert found.provisional is not None
    assert tuple(found.provisional) == (begins, due(ENGLAND, start, *latest))
    assert (found.effect, found.overdue) == (Effect.REMINDER, False)
    assert found.met_at == (met if met is not None and met >= start else None)


@given(start=RECENT, limit=SPANS)
def test_a_watch_is_raised_until_its_span_is_over(start: datetime, limit: Amount) -> None:
    found = timed(rule(kind="risk_window", start={"event": "arrived"}, limit=span(limit)), arrived=[start])
    ends = due(ENGLAND, start, *limit)
    assert (found.due_at, found.holds, found.overdue) == (ends, start <= NOW < ends, False)


@given(
    cases=st.lists(st.tuples(RECENT, st.none() | RECENT), max_size=8),
    limit=st.tuples(st.integers(1, 60), st.just("calendar_days")),
)
def test_a_share_counts_the_cases_that_are_decided(
    cases: list[tuple[datetime, datetime | None]], limit: Amount
) -> None:
    which = rule(kind="target", start={"event": "opened"}, limit=span(limit), met_by="closed", per_cent=80)
    found = [timed(which, opened=[opened], closed=[closed] if closed else []) for opened, closed in cases]
    verdicts = []
    for opened, closed in cases:
        ends = due(ENGLAND, opened, *limit)
        if closed is not None and closed >= opened:
            verdicts.append(closed < ends)
        elif ends <= NOW:
            verdicts.append(False)
    share = share_kept(found, NOW)
    assert share == (None if not verdicts else 100 * sum(verdicts) / len(verdicts))
    assert not any(one.overdue for one in found)


@given(start=INSTANTS, printed=SPANS, own=st.none() | SPANS, met=st.none() | st.booleans())
def test_a_condition_that_is_not_met_leaves_the_partnerships_own_limit(
    start: datetime, printed: Amount, own: Amount | None, *, met: bool | None
) -> None:
    condition = {"fact": "in-the-week", "otherwise": {"setting": "else-within"}}
    which = rule(start={"event": "visit"}, limit=span(printed), condition=condition, soft="wherever possible")
    limits = {} if own is None else {"else-within": Span(value=own[0], unit=Unit(own[1]))}
    facts: dict[str, Fact] = {} if met is None else {"in-the-week": met}
    found = timed(which, facts=facts, choices=Choices(limits=limits), visit=[start])
    holds = {None: None, True: printed, False: own}[met]
    assert found.due_at == (None if holds is None else due(ENGLAND, start, *holds))
    assert found.overdue is (found.due_at is not None and found.due_at < NOW)
    assert found.effect is (Effect.NONE if holds is None else Effect.MISS_NEEDS_REASON)


@given(start=INSTANTS, own=st.none() | SPANS, seen=st.lists(INSTANTS, max_size=3), regular=st.booleans())
def test_words_have_the_partnerships_figure_or_none(
    start: datetime, own: Amount | None, seen: list[datetime], *, regular: bool
) -> None:
    which = rule(
        kind="qualitative", wording="regularly" if regular else "promptly", setting="within", start={"event": "plan"},
        met_by="seen", needs="interval" if regular else "limit",
    )  # fmt: skip
    limits = {} if own is None else {"within": Span(value=own[0], unit=Unit(own[1]))}
    found = timed(which, choices=Choices(limits=limits), plan=[start], seen=list(seen))
    counted = max(seen, default=start) if regular else start
    assert found.due_at == (None if own is None else due(ENGLAND, counted, *own))


@given(day=st.dates(date(2026, 10, 20), date(2026, 12, 20)), width=st.integers(0, 60), own=st.none() | st.just(NOW))
def test_a_date_known_roughly_has_certainly_come_once_its_last_day_has(
    day: date, width: int, own: datetime | None
) -> None:
    rough = FuzzyDate("roughly", day, day + width * DAY)
    which = rule(kind="fixed_date", date=FuzzyDate.parse("autumn 2026") if own else rough, setting="edition")
    found = timed(which, choices=Choices(dates={"edition": rough} if own else {}))
    today = day_of(NOW)
    assert found.holds is (True if rough.latest <= today else False if today < rough.earliest else None)
    assert found.due_at == midnight_after(day - DAY)


@given(clocks=st.lists(st.tuples(INSTANTS, SPANS, st.sampled_from(["must", "should", "will", "may"])), max_size=5))
def test_of_clocks_on_one_duty_the_earliest_is_shown_and_the_strongest_breached(
    clocks: list[tuple[datetime, Amount, str]],
) -> None:
    found = one_duty(
        timed(rule(start={"event": "told"}, limit=span(limit), force=force), told=[start])
        for start, limit, force in clocks
    )
    if not clocks:
        assert found is None
        return
    assert found is not None
    ends = [(due(ENGLAND, start, *limit), force) for start, limit, force in clocks]
    assert found.shown.due_at == min(end for end, _ in ends)
    strongest = next(each for each in ("must", "should", "will", "may") if each in {force for _, force in ends})
    assert found.binding.force is Force(strongest)
    assert found.binding.due_at == min(end for end, force in ends if force == strongest)
