"""What follows once a clock's end is known: warnings, whether it was met in time, resets of its start. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from backend.clocks import sentences
from backend.clocks.deadlines import End, reminder_at
from backend.clocks.extensions import within
from backend.clocks.limits import Lead, Occurrence, Start
from backend.clocks.rules import Rule
from backend.clocks.running import Run
from backend.clocks.situation import Moment, Situation
from backend.clocks.timing import Effect, Extended, Missing, Resets, Step, Timing, Window

_LATE = (Effect.BREACH, Effect.MISS_NEEDS_REASON)


def standing(
    rule: Rule,
    effect: Effect,
    found: Run,
    situation: Situation,
    *,
    started: datetime | None,
    met_by: str | None = None,
    warn_before: Iterable[Lead] = (),
    extension: Extended | None = None,
    held: int = 0,
) -> Timing:
    """The timing of a clock that ends with ``found.low``."""
    end, limit = found.low, found.limit
    met_at = None if met_by is None else first_since(met_by, started, situation)
    start = limit.start or getattr(rule, "start", None)
    resets, steps = None, found.steps
    if start is not None and start.of is Occurrence.LAST:
        resets = resets_of(start, rule.id, situation)
    if resets is not None:
        steps = (*steps, (sentences.reset, (resets.count, resets.first, situation.calendar)))
    return Timing(
        rule, effect, limit.force or rule.force, limit.citation or rule.citation, end.due_at, end.last_day,
        None, started,
        warnings(started, end, warn_before, situation) if warn_before else (),
        None if found.high == end else Window(end.due_at, found.high.due_at),
        resets, extension, held, met_at,
        None if met_at is None else within(end, met_at),
        met_at is None and effect in _LATE and not within(end, situation.now),
        None, steps,
    )  # fmt: skip


def without_date(rule: Rule, missing: Missing, *, holds: bool | None = None, steps: tuple[Step, ...] = ()) -> Timing:
    return Timing(rule, Effect.NONE, rule.force, rule.citation, missing=missing, holds=holds, steps=steps)


def warnings(started: datetime | None, end: End, leads: Iterable[Lead], situation: Situation) -> tuple[datetime, ...]:
    """When to warn, earliest first, no instant twice."""
    return tuple(sorted({reminder_at(started, end.due_at, lead, situation.calendar) for lead in leads}))


def first_since(event: str, started: datetime | None, situation: Situation) -> datetime | None:
    """The first time that ``event`` happened not before the start; a mere date counts if any of it was not."""
    found = situation.events.get(event, ())
    later = (moment for moment in found if started is None or _not_before(moment, started, situation))
    return min((situation.earliest(moment) for moment in later), default=None)


def _not_before(moment: Moment, started: datetime, situation: Situation) -> bool:
    if isinstance(moment, datetime):
        return moment >= started
    return moment.latest >= situation.calendar.local_day(started)


def resets_of(start: Start, clock: str, situation: Situation) -> Resets | None:
    """How often a start that counts from its last occurrence was moved; None where it never was."""
    moments = situation.moments(start, clock) or []
    if len(moments) < 2:
        return None
    count = len(moments) - 1
    first, last = situation.earliest(moments[0]), situation.earliest(moments[-1])
    return Resets(first, last, count, count >= situation.choices.warn_from_resets)
