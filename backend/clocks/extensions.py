"""The one longer time that a limit may be given. Pure."""

from __future__ import annotations

from datetime import datetime

from backend.clocks import sentences
from backend.clocks.dates import FuzzyDate
from backend.clocks.deadlines import End, day_after, elapsed
from backend.clocks.limits import Extension, Span
from backend.clocks.situation import Situation
from backend.clocks.timing import Extended, Step
from tenants.calendars.working_days import ONE_DAY, Calendar


def prolonged(extension: Extension | None, end: End, situation: Situation) -> tuple[End, Extended | None, list[Step]]:
    """The end once extended, and whether that can still be done.

    Only the first extension counts, and only one granted before the limit ran out. It never ends sooner than
    the limit that it extends, nor later than its own limit after that.
    """
    if extension is None:
        return end, None, []
    granted = next(iter(situation.instants(extension.granted)), None)
    if granted is None:
        return end, Extended.POSSIBLE if within(end, situation.now) else Extended.TOO_LATE, []
    if not within(end, granted):
        return end, Extended.TOO_LATE, [(sentences.extended_too_late, (granted, situation.calendar))]
    later = _agreed(extension, end, situation)
    return later, Extended.USED, [(sentences.extended, (granted, later, situation.calendar))]


def within(end: End, at: datetime) -> bool:
    """Whether ``at`` is in time: a limit in hours is kept up to its last instant, one in days up to the midnight."""
    return at <= end.due_at if end.last_day is None else at < end.due_at


def _agreed(extension: Extension, end: End, situation: Situation) -> End:
    most = None if extension.limit is None else _further(end, extension.limit, situation.calendar)
    recorded = situation.events.get(extension.until, ()) if extension.until else ()
    if not recorded:
        return most or end
    until = min(recorded, key=situation.earliest)
    agreed = _end_at(until, end, situation.calendar)
    if most is not None and most.due_at < agreed.due_at:
        return most
    return max(end, agreed, key=lambda each: each.due_at)


def _end_at(until: datetime | FuzzyDate, end: End, calendar: Calendar) -> End:
    """An agreed end in the terms of the limit: a day lasts until its midnight, an hour is an instant."""
    if isinstance(until, datetime) and end.last_day is None:
        return End(until, None)
    day = calendar.local_day(until) if isinstance(until, datetime) else until.earliest
    return End(calendar.day_starts(day + ONE_DAY), day)


def _further(end: End, span: Span, calendar: Calendar) -> End:
    """``span`` more, counted from the end of the first limit."""
    spent = elapsed(span)
    if spent is not None:
        return End(end.due_at + spent, None)
    day = day_after(end.last_day or calendar.local_day(end.due_at), span, calendar)
    return End(calendar.day_starts(day + ONE_DAY), day)
