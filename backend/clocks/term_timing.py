"""Where terms and watches stand: expiries, minimum terms, ranges, risk windows, portfolio targets. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from backend.clocks import sentences
from backend.clocks.deadlines import End
from backend.clocks.extensions import prolonged, within
from backend.clocks.limits import Limit, Span
from backend.clocks.rules import Expiry, MinimumTerm, Range, RiskWindow, Target
from backend.clocks.running import Run, held_run, started_run
from backend.clocks.situation import Situation
from backend.clocks.standing import first_since, standing, without_date
from backend.clocks.timing import Effect, Missing, Reason, Step, Timing, Window
from tenants.calendars.working_days import ONE_DAY, Calendar


def expiry(rule: Expiry, situation: Situation) -> Timing:
    """When something lapses by law, and whether it may still be extended. ``holds`` is whether it is in force."""
    found = held_run(rule.limit, rule.start, rule.id, situation)
    if isinstance(found, Missing):
        return without_date(rule, found)
    started = situation.earliest(found.started)
    ended = None if rule.ended_by is None else first_since(rule.ended_by, started, situation)
    if ended is not None and ended <= situation.now:
        missing = Missing(Reason.ENDED, (rule.ended_by or "",))
        return without_date(rule, missing, holds=False)._replace(met_at=ended)
    extension = None
    if rule.extension is not None:
        end, extension, steps = prolonged(rule.extension, found.low, situation)
        found = found.ending(end, steps)
    if rule.lapses == "beginning_of_day":
        found = _at_its_beginning(found, situation.calendar)
    timing = standing(
        rule, Effect.LAPSES, found, situation, started=started, warn_before=rule.warn_before, extension=extension
    )
    return timing._replace(holds=within(found.low, situation.now))


def _at_its_beginning(found: Run, calendar: Calendar) -> Run:
    low, high = (
        end if end.last_day is None else End(calendar.day_starts(end.last_day), end.last_day - ONE_DAY)
        for end in (found.low, found.high)
    )
    step: Step = (sentences.lapses_at_its_beginning, (low.due_at, calendar))
    return found._replace(low=low, high=high, steps=(*found.steps, step))


def minimum_term(rule: MinimumTerm, situation: Situation) -> Timing:
    """From when something is allowed: on the safe side, the latest that a rough start may mean.

    ``holds`` is whether it is still too early.
    """
    found = held_run(rule.limit, rule.start, rule.id, situation, late=True)
    if isinstance(found, Missing):
        return without_date(rule, found)
    low, high = found.low, found.high
    timing = standing(
        rule, Effect.ALLOWED_FROM, found._replace(low=high), situation, started=situation.earliest(found.started)
    )
    provisional = None if low == high else Window(low.due_at, high.due_at)
    return timing._replace(provisional=provisional, holds=situation.now < high.due_at)


def planned_range(rule: Range, situation: Situation) -> Timing:
    """Between which days something is to be planned, without a breach at the end."""
    found = _simple(rule, rule.latest, situation)
    if isinstance(found, Missing):
        return without_date(rule, found)
    first = found if rule.earliest is None else _simple(rule, rule.earliest, situation)
    if isinstance(first, Missing):
        return without_date(rule, first)
    low = first.low
    begins = low.due_at if low.last_day is None else situation.calendar.day_starts(low.last_day)
    steps = found.steps if first is found else (*first.steps, *found.steps)
    timing = standing(
        rule, Effect.REMINDER, found._replace(steps=steps), situation,
        started=situation.earliest(found.started), met_by=rule.met_by,
    )  # fmt: skip
    return timing._replace(provisional=Window(begins, found.high.due_at))


def risk_window(rule: RiskWindow, situation: Situation) -> Timing:
    """For how long a watch is raised, and whether it is at this moment."""
    found = _simple(rule, rule.limit, situation)
    if isinstance(found, Missing):
        return without_date(rule, found)
    started = situation.earliest(found.started)
    # On the safe side: the watch ends with the latest that a rough start may mean.
    timing = standing(rule, Effect.WATCH_ENDS, found._replace(low=found.high), situation, started=started)
    ends = found.high.due_at
    return timing._replace(provisional=Window(started, ends), holds=started <= situation.now < ends)


def target(rule: Target, situation: Situation) -> Timing:
    """By when this case would count towards a share of all cases. It is never overdue by itself."""
    found = _simple(rule, rule.limit, situation)
    if isinstance(found, Missing):
        return without_date(rule, found)
    started = situation.earliest(found.started)
    return standing(rule, Effect.REPORTED, found, situation, started=started, met_by=rule.met_by)


def share_kept(timings: Iterable[Timing], now: datetime) -> float | None:
    """The share in time, in per cent, of the cases that are decided: met, or with their time run out. None of none.

    Give it the timings of one ``Target``, a case each.
    """
    decided = [timing.kept is True for timing in timings if timing.kept is not None or _run_out(timing, now)]
    return 100 * sum(decided) / len(decided) if decided else None


def _run_out(timing: Timing, now: datetime) -> bool:
    return timing.due_at is not None and timing.due_at <= now


def _simple(rule: Range | RiskWindow | Target, span: Span, situation: Situation) -> Run | Missing:
    return started_run(Limit.model_construct(value=span.value, unit=span.unit), rule.start, rule.id, situation)
