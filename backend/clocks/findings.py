"""Clocks that ask a question in place of setting a date: gates, criteria, look-backs; and fixed dates. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from backend.clocks import sentences
from backend.clocks.criteria import Counted, Lasting, Sized
from backend.clocks.deadlines import day_after, elapsed
from backend.clocks.limits import Span, Unit
from backend.clocks.rules import Criterion, FixedDate, Gate, LookBack
from backend.clocks.running import picked
from backend.clocks.situation import Situation
from backend.clocks.standing import first_since, without_date
from backend.clocks.timing import Effect, Missing, Reason, Timing, Window
from tenants.calendars.working_days import ONE_DAY, Calendar

_NO_DATE = Missing(Reason.NO_DATE_OF_ITS_OWN)


def gate(rule: Gate, situation: Situation) -> Timing:
    """``holds`` while the gate is shut: what it waits for has not happened, and no exemption is recorded."""
    met = first_since(rule.met_by, None, situation)
    exempt = rule.exempt_if is not None and situation.facts.get(rule.exempt_if) is True
    shut = not exempt and (met is None or met > situation.now)
    missing = Missing(Reason.NO_DATE_OF_ITS_OWN, (rule.met_by,) if shut else ())
    return without_date(rule, missing, holds=shut)


def criterion(rule: Criterion, situation: Situation) -> Timing:
    """``holds`` where the criterion is fulfilled; None while something it needs is not recorded."""
    match rule.test:
        case Lasting() as test:
            return _lasting(rule, test, situation)
        case Counted() as test:
            return _counted(rule, test, situation)
        case Sized() as test:
            size = situation.facts.get(test.fact)
            if not isinstance(size, Span):
                return without_date(rule, Missing(Reason.FACT_NOT_RECORDED, (test.fact,)))
            order = _compared(size, test.at_least)
            return without_date(rule, _NO_DATE, holds=order > 0 or (order == 0 and not test.exclusive))


def _lasting(rule: Criterion, test: Lasting, situation: Situation) -> Timing:
    begun = situation.instants(test.begins)
    if not begun:
        return without_date(rule, Missing(Reason.AWAITING_START, (test.begins,)))
    ends = [at for at in situation.instants(test.ends) if at >= begun[0]]
    until = ends[-1] if ends else situation.now
    return without_date(rule, _NO_DATE, holds=not until < _reached(begun[0], test.at_least, situation.calendar))


def _reached(start: datetime, span: Span, calendar: Calendar) -> datetime:
    """The first instant at which something that began at ``start`` has lasted so long; days count by their date."""
    spent = elapsed(span)
    if spent is not None:
        return start.astimezone(UTC) + spent
    return calendar.day_starts(day_after(calendar.local_day(start), span, calendar))


def _counted(rule: Criterion, test: Counted, situation: Situation) -> Timing:
    setting = test.setting or ""
    wanted = test.at_least or situation.choices.counts.get(setting)
    if not wanted:
        return without_date(rule, Missing(Reason.SETTING_NOT_MADE, (setting,)))
    happened = [at.astimezone(UTC) for at in situation.instants(test.event) if at <= situation.now]
    days = [situation.calendar.local_day(at) for at in happened]
    spent = elapsed(test.within) if test.within else None
    if spent is not None:
        holds = any(last - first < spent for first, last in zip(happened, happened[wanted - 1 :], strict=False))
    else:
        holds = _crowded_days(sorted(set(days)) if test.by == "days" else days, wanted, test.within, situation.calendar)
    return without_date(rule, _NO_DATE, holds=holds)


def _crowded_days(days: Sequence[date], wanted: int, within: Span | None, calendar: Calendar) -> bool:
    """Whether so many of the days lie in some window on end: twelve months from 1 March end with 28 February."""
    if within is None:
        return len(days) >= wanted
    pairs = zip(days, days[wanted - 1 :], strict=False)
    return any(last < day_after(first, within, calendar) for first, last in pairs)


_FAMILIES = (
    {Unit.MINUTES: 1.0, Unit.HOURS: 60.0},
    {Unit.CALENDAR_DAYS: 1.0, Unit.WEEKS: 7.0},
    {Unit.MONTHS: 1.0, Unit.YEARS: 12.0},
    {Unit.WORKING_DAYS: 1.0},
)


def _compared(one: Span, other: Span) -> float:
    """Above nought where ``one`` is longer. Raises ValueError for units that cannot be related, as days to months."""
    for family in _FAMILIES:
        if one.unit in family and other.unit in family:
            return one.value * family[one.unit] - other.value * family[other.unit]
    raise ValueError(f"{one} cannot be compared with {other}; record it in {other.unit}.")


def look_back(rule: LookBack, situation: Situation) -> Timing:
    """``holds`` where what it looks for happened within the span before the event; ``provisional`` is that span."""
    moments = situation.moments(rule.start, rule.id)
    if not moments:
        reason = Reason.START_NOT_CHOSEN if moments is None else Reason.AWAITING_START
        return without_date(rule, Missing(reason, rule.start.events))
    ends, calendar = situation.earliest(picked(rule.start, moments)), situation.calendar
    spent = elapsed(rule.limit)
    if spent is None:
        begins = calendar.day_starts(day_after(calendar.local_day(ends), rule.limit, calendar, backward=True))
    else:
        begins = ends.astimezone(UTC) - spent
    found = any(begins <= at <= ends for at in situation.instants(rule.looks_for))
    timing = without_date(rule, _NO_DATE, holds=found, steps=((sentences.looked_back, (begins, ends, calendar)),))
    return timing._replace(provisional=Window(begins, ends))


def fixed_date(rule: FixedDate, situation: Situation) -> Timing:
    """From when something takes effect: the partnership's own date where it has one, else the source's."""
    own = None if rule.setting is None else situation.choices.dates.get(rule.setting)
    found, calendar = own or rule.date, situation.calendar
    first, last = calendar.day_starts(found.earliest), calendar.day_starts(found.latest)
    return Timing(
        rule, Effect.TAKES_EFFECT, rule.force, rule.citation, due_at=first,
        provisional=None if found.exact else Window(first, calendar.day_starts(found.latest + ONE_DAY)),
        holds=True if last <= situation.now else False if situation.now < first else None,
    )  # fmt: skip
