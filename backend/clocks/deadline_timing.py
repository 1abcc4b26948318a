"""Where deadlines and words with a figure set for them stand: once, again and again, backward. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from backend.clocks import sentences
from backend.clocks.dates import FuzzyDate
from backend.clocks.deadlines import End, end_before
from backend.clocks.extensions import prolonged
from backend.clocks.limits import Limit, OwnFallBack, Start, Unit
from backend.clocks.rules import AgreedDate, Deadline, Qualitative
from backend.clocks.running import Run, held_run, picked, run, started_run, stops_of
from backend.clocks.situation import Moment, Situation
from backend.clocks.standing import standing, without_date
from backend.clocks.timing import Effect, Missing, Reason, Step, Timing
from tenants.calendars.working_days import ONE_DAY, Calendar

_ITSELF = Limit(value=0, unit=Unit.SAME_DAY)


def deadline(rule: Deadline, situation: Situation) -> Timing:
    """By when a duty is to be done; the next time, where it recurs."""
    if isinstance(rule.limit, Limit):
        if rule.recurs:
            return _recurring(rule, rule.limit, rule.recurs.counts_from, situation)
        if rule.fall_back:
            return _backward(rule, rule.limit, rule.fall_back, situation)
    stops = stops_of(rule.pauses, situation) if rule.pauses else ()
    found = held_run(rule.limit, rule.start, rule.id, situation, stops)
    if isinstance(found, Missing):
        paused = found.reason is Reason.PAUSED
        return without_date(rule, Missing(found.reason, tuple(each.ends for each in rule.pauses)) if paused else found)
    extension = None
    if rule.extension is not None:
        end, extension, steps = prolonged(rule.extension, found.low, situation)
        found = found.ending(end, steps)
    return standing(
        rule, _effect(rule), found, situation, started=situation.earliest(found.started), met_by=rule.met_by,
        warn_before=rule.warn_before, extension=extension,
    )  # fmt: skip


def qualitative(rule: Qualitative, situation: Situation) -> Timing:
    """By when the partnership has said that words without a figure are to be done."""
    limits = situation.choices.limits
    if rule.setting not in limits:
        return without_date(rule, Missing(Reason.SETTING_NOT_MADE, (rule.setting,)))
    span = limits[rule.setting]
    if span is None:
        return without_date(rule, Missing(Reason.NO_DATE_OF_ITS_OWN))
    limit = Limit.model_construct(value=span.value, unit=span.unit)
    said: Step = (sentences.set_by_partnership, (rule.wording, span))
    if rule.needs == "interval":
        timing = _recurring(rule, limit, "last_held", situation)
        return timing._replace(steps=(said, *timing.steps))
    found = started_run(limit, rule.start, rule.id, situation)
    if isinstance(found, Missing):
        return without_date(rule, found)
    return standing(
        rule, Effect.BREACH, found._replace(steps=(said, *found.steps)), situation,
        started=situation.earliest(found.started), met_by=rule.met_by, warn_before=rule.warn_before,
    )  # fmt: skip


def agreed_date(rule: AgreedDate, situation: Situation) -> Timing:
    """A date set in the case: as recorded. Until it is, the gate that waits for it is shut."""
    moments = situation.events.get(rule.event, ())
    if not moments:
        missing = Missing(Reason.AWAITING_START, (rule.event,))
        return without_date(rule, missing, holds=None if rule.before is None else True)
    moment = max(moments, key=situation.earliest)
    low, high = _ends(moment, situation.calendar)
    found = Run(_ITSELF, moment, low, high, ((sentences.agreed, (low, situation.calendar)),))
    timing = standing(
        rule, Effect.BREACH, found, situation, started=None, met_by=rule.met_by, warn_before=rule.warn_before
    )
    return timing._replace(holds=None if rule.before is None else False)


def _ends(moment: Moment, calendar: Calendar) -> tuple[End, End]:
    if isinstance(moment, FuzzyDate):
        low, high = (End(calendar.day_starts(day + ONE_DAY), day) for day in (moment.earliest, moment.latest))
        return low, high
    return End(moment, None), End(moment, None)


def _effect(rule: Deadline) -> Effect:
    return Effect.MISS_NEEDS_REASON if rule.soft else Effect.BREACH


def _recurring(
    rule: Deadline | Qualitative, limit: Limit, counts_from: Literal["last_held", "due"], situation: Situation
) -> Timing:
    """The next time: after the last one held or, where the partnership says so, after that was due.

    Counted from when they were due, all of them are so many whole intervals from the first start, so that a
    month end is not worn away. What starts the clock may be what meets it: reviews run from the last review.
    """
    start, met_by = rule.start, rule.met_by
    moments = situation.moments(start, rule.id)
    held = sorted(situation.events.get(met_by or "", ()), key=situation.earliest)
    if moments is None:
        return without_date(rule, Missing(Reason.START_NOT_CHOSEN, start.events))
    by_due = situation.choices.counts_from.get(rule.id, counts_from) == "due"
    base: Moment | None
    if by_due:
        base = moments[0] if moments else None
        since = [each for each in held if base and situation.earliest(each) > situation.earliest(base)]
        limit = limit.model_copy(update={"value": limit.value * (len(since) + 1)})
    else:
        base = held[-1] if held else picked(start, moments) if moments else None
    if base is None:
        return without_date(rule, Missing(Reason.AWAITING_START, start.events))
    found = run(limit, base, situation, stops_of(rule.pauses, situation) if isinstance(rule, Deadline) else ())
    if isinstance(found, Missing):
        return without_date(rule, found)
    if held:
        step: Step = (sentences.again, (len(held), "when it was due" if by_due else "when it was last held"))
        found = found._replace(steps=(step, *found.steps))
    effect = _effect(rule) if isinstance(rule, Deadline) else Effect.BREACH
    started = situation.earliest(base)
    timing = standing(rule, effect, found, situation, started=started, warn_before=rule.warn_before)
    return timing._replace(held=len(held), resets=None)


def _backward(rule: Deadline, limit: Limit, fall_back: Limit | OwnFallBack, situation: Situation) -> Timing:
    """Before an event that is to come; the fall-back where that had passed when the event became known, or moved."""
    start, calendar = limit.start or rule.start, situation.calendar
    moments = situation.moments(start, rule.id)
    if not moments:
        reason = Reason.START_NOT_CHOSEN if moments is None else Reason.AWAITING_START
        return without_date(rule, Missing(reason, start.events))
    anchor = picked(start, moments)
    low, high = _ends_before(anchor, limit, calendar)
    steps: tuple[Step, ...] = ((sentences.counted_back, (limit, anchor, low, calendar)),)
    found = Run(limit, anchor, low, high, steps)
    learned = fall_back.start or start
    recorded = situation.moments(learned, rule.id)
    first = picked(learned, recorded) if recorded else None
    known = None if first is None else situation.earliest(first)
    since: Moment | None = _overtaken(start, anchor, limit, situation)
    if since is None and known is not None and known >= low.due_at:
        since = first
    instead = None if since is None else _instead(fall_back, situation)
    if since is not None and instead is not None:
        later = run(instead, since, situation, ())
        if isinstance(later, Run):
            found = later._replace(steps=(*steps, (sentences.too_near, (since, calendar)), *later.steps))
    return standing(
        rule, _effect(rule), found, situation, started=known, met_by=rule.met_by, warn_before=rule.warn_before
    )


def _ends_before(anchor: Moment, limit: Limit, calendar: Calendar) -> tuple[End, End]:
    """Where the limit before the event ends at the earliest and at the latest."""
    if isinstance(anchor, FuzzyDate):
        first, last = (calendar.day_starts(day) for day in (anchor.earliest, anchor.latest))
    else:
        first = last = anchor
    return end_before(first, limit, calendar), end_before(last, limit, calendar)


def _overtaken(start: Start, anchor: Moment, limit: Limit, situation: Situation) -> datetime | None:
    """Since when the event is known to be too near, where the limit had lain ahead until it was moved; or None.

    It stays so whatever day it is moved to next, unless the limit before that day lies ahead again.
    """
    known = (situation.revised.get(code, ()) for code in start.events)
    history = next((each for each in known if each and each[-1][1] == anchor), ())
    since: datetime | None = None
    before: datetime | None = None
    for at, moment in history:
        due = _ends_before(moment, limit, situation.calendar)[0].due_at
        if due > at:
            since = None
        elif since is None and before is not None and before > at:
            since = at
        before = due
    return since


def _instead(fall_back: Limit | OwnFallBack, situation: Situation) -> Limit | None:
    """The limit that holds once the first has passed; none where only the partnership could say and has not."""
    if isinstance(fall_back, Limit):
        return fall_back
    span = situation.choices.limits.get(fall_back.setting)
    return Limit.model_construct(value=span.value, unit=span.unit) if span else None
