"""Where limits end once their starts are recorded: pauses, fuzzy starts, the shorter or longer of several. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from backend.clocks import sentences
from backend.clocks.deadlines import End, day_after, elapsed, end_of
from backend.clocks.limits import Limit, Limits, LongerOf, Occurrence, Pause, ShorterOf, Span, Start, Unit, each_limit
from backend.clocks.situation import Moment, Situation
from backend.clocks.timing import Missing, Reason, Step
from tenants.calendars.working_days import ONE_DAY, Calendar


class Stop(NamedTuple):
    """A time for which a clock stands still; without an end as yet, it is still doing so."""

    begins: datetime
    ends: datetime | None


class Run(NamedTuple):
    """One limit that runs: from which start, and where it ends at the earliest and at the latest."""

    limit: Limit
    started: Moment
    low: End
    high: End
    steps: tuple[Step, ...]

    def ending(self, end: End, steps: Iterable[Step]) -> Run:
        """The same with another end, and what led to it."""
        high = max(end, self.high, key=lambda each: each.due_at)
        return self._replace(low=end, high=high, steps=(*self.steps, *steps))


def stops_of(pauses: Iterable[Pause], situation: Situation) -> list[Stop]:
    """The recorded pauses among those that a rule names, in order and joined where they overlap."""
    found: list[Stop] = []
    for pause in pauses:
        ends = situation.instants(pause.ends)
        for begins in situation.instants(pause.begins):
            found.append(Stop(begins, next((end for end in ends if end >= begins), None)))  # noqa: PERF401
    joined: list[Stop] = []
    for stop in sorted(found, key=lambda each: each.begins):
        last = joined[-1] if joined else None
        if last is not None and (last.ends is None or stop.begins <= last.ends):
            ends_at = None if last.ends is None or stop.ends is None else max(last.ends, stop.ends)
            joined[-1] = Stop(last.begins, ends_at)
        else:
            joined.append(stop)
    return joined


def run(limit: Limit, start: Moment, situation: Situation, stops: Sequence[Stop]) -> Run | Missing:
    """One limit from one start. A fuzzy start is run from both of its ends."""
    calendar, receipt = situation.calendar, situation.choices.receipt
    if isinstance(start, datetime):
        first = last = start
        if not stops:
            end = end_of(start, limit, calendar, receipt)
            return Run(limit, start, end, end, ((sentences.counted, (limit, start, end, calendar, receipt)),))
    else:
        # Whole days count from the day itself; hours may begin at any moment of it.
        hours = elapsed(limit) is not None
        first = calendar.day_starts(start.earliest)
        last = first
        if hours or not start.exact:
            last = calendar.day_starts(start.latest + ONE_DAY if hours else start.latest)
    low = end_of(first, limit, calendar, receipt)
    steps: list[Step] = [(sentences.counted, (limit, start, low, calendar, receipt))]
    high = low if last is first else end_of(last, limit, calendar, receipt)
    if stops:
        later = stretched(low, first, limit, calendar, stops, steps)
        high_later = later if last is first else stretched(high, last, limit, calendar, stops, [])
        if later is None or high_later is None:
            return Missing(Reason.PAUSED)
        low, high = later, high_later
    if isinstance(start, datetime) or low == high:
        return Run(limit, start, low, high, tuple(steps))
    return Run(limit, start, low, high, (*steps, (sentences.fuzzy, (start, high, calendar))))


def stretched(
    end: End, start: datetime, span: Span, calendar: Calendar, stops: Sequence[Stop], steps: list[Step]
) -> End | None:
    """The end after each stop that began before it; None while one goes on.

    Hours gain the real time of the stop. Days gain the midnights that it spans, working days those of them
    that begin a working day.
    """
    for stop in stops:
        begins = max(stop.begins, start)
        if begins >= end.due_at:
            break
        if stop.ends is None:
            return None
        if stop.ends <= begins:
            continue
        if end.last_day is None:
            end = End(end.due_at + (stop.ends.astimezone(UTC) - begins), None)
        else:
            days = calendar.local_day(begins), calendar.local_day(stop.ends)
            end = _days_later(end.last_day, span, days, calendar)
        steps.append((sentences.paused, (begins, stop.ends, end, calendar)))
    return end


def _days_later(last: date, span: Span, stood_still: tuple[date, date], calendar: Calendar) -> End:
    begins, ends = stood_still
    if span.unit is Unit.WORKING_DAYS:
        stood = calendar.working_days_before(ends + ONE_DAY) - calendar.working_days_before(begins + ONE_DAY)
        later = calendar.add_working_days(last, stood)
        if ends > last:  # it stood still as the last day ended: there is the rest of a worked day yet
            later = max(later, calendar.first_working_day(ends))
    else:
        later = day_after(last, Span(value=(ends - begins).days, unit=Unit.CALENDAR_DAYS), calendar)
    return End(calendar.day_starts(later + ONE_DAY), later)


def picked(start: Start, moments: Sequence[Moment]) -> Moment:
    """Which recorded start counts."""
    return moments[-1] if start.of is Occurrence.LAST else moments[0]


def started_run(
    limit: Limit, start: Start, clock: str, situation: Situation, stops: Sequence[Stop] = ()
) -> Run | Missing:
    """The limit from whichever recorded start counts, or what is missing for it."""
    moments = situation.moments(start, clock)
    if moments is None:
        return Missing(Reason.START_NOT_CHOSEN, start.events)
    if not moments:
        return Missing(Reason.AWAITING_START, start.events)
    found = run(limit, picked(start, moments), situation, stops)
    if start.unstated and isinstance(found, Run):
        step = (sentences.start_chosen, (situation.choices.starts[clock],))
        return found._replace(steps=(step, *found.steps))
    return found


def held_run(
    limits: Limits, start: Start, clock: str, situation: Situation, stops: Sequence[Stop] = (), *, late: bool = False
) -> Run | Missing:
    """The limit that holds, of one or of several.

    The shorter of several needs one that runs, the longer all of them. With ``late`` a fuzzy start is taken at
    its latest: for what is not allowed before.
    """
    if isinstance(limits, Limit):
        return started_run(limits, limits.start or start, clock, situation, stops)
    found = [started_run(limit, limit.start or start, clock, situation, stops) for limit in each_limit(limits)]
    runs = [each for each in found if isinstance(each, Run)]
    lacking = [each for each in found if isinstance(each, Missing)]
    if not runs or (isinstance(limits, LongerOf) and lacking):
        needs = dict.fromkeys(code for each in lacking for code in each.needs)
        return Missing(lacking[0].reason, tuple(needs))
    shorter = isinstance(limits, ShorterOf)
    pick = min if shorter else max
    best = pick(runs, key=lambda each: (each.high if late else each.low).due_at)
    low = pick((each.low for each in runs), key=lambda each: each.due_at)
    high = pick((each.high for each in runs), key=lambda each: each.due_at)
    steps = [step for each in runs for step in each.steps]
    if len(runs) > 1:
        steps.append((sentences.chosen, ("earlier" if shorter else "later", high if late else low, situation.calendar)))
    return Run(best.limit, best.started, low, high, tuple(steps))
