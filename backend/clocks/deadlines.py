"""Due instants of statutory limits: one span, one start, one calendar, no hidden inputs.

Two families of unit stand side by side, and a further unit is one more row in one of the two tables:

- *elapsed* units are a span of real time. They run through nights, weekends, holidays and clock changes, so
  24 hours over the autumn change end at an earlier time on the wall.
- *whole-day* units name a last day. The sources print days without a time of day, so all of the last local
  day may be used.

The due instant of a whole-day unit is half-open: it is the first instant *after* the last day, local midnight
at the start of the next one. Show people `last_day`; store and compare `due_at`, by `in_time`. Rules that
combine limits (the shorter of two, the last of several starts, a recurrence) are in `backend.clocks.kernel`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

from backend.clocks.limits import Span, Unit
from tenants.calendars.receipt import UNADJUSTED_RECEIPT, DayOne, ReceiptRule
from tenants.calendars.working_days import ONE_DAY, Calendar


class End(NamedTuple):
    """Where a limit ends: the instant in UTC, and the last local day of a whole-day limit."""

    due_at: datetime
    last_day: date | None


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or the last day of a month too short to have it.

    31 January and one month is the last of February; 29 February and twelve months is 28 February. Months may
    be negative.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _add_years(day: date, years: float) -> date:
    """Whole years first: 17½ is the seventeenth birthday and six months."""
    whole = int(years)
    anniversary = add_months(day, 12 * whole)
    return anniversary if whole == years else add_months(anniversary, 6 if years > 0 else -6)


_WORKING: Final = Unit.WORKING_DAYS
_ELAPSED: Mapping[Unit, timedelta] = MappingProxyType(
    {Unit.MINUTES: timedelta(minutes=1), Unit.HOURS: timedelta(hours=1)}
)

_LAST_DAY: Mapping[Unit, Callable[[date, float, Calendar], date]] = MappingProxyType(
    {
        Unit.SAME_DAY: lambda day, _, __: day,
        Unit.CALENDAR_DAYS: lambda day, days, _: day + timedelta(days=days),
        Unit.WORKING_DAYS: lambda day, days, calendar: calendar.add_working_days(day, int(days)),
        Unit.WEEKS: lambda day, weeks, _: day + timedelta(weeks=weeks),
        Unit.MONTHS: lambda day, months, _: add_months(day, int(months)),
        Unit.YEARS: lambda day, years, _: _add_years(day, years),
    }
)


def elapsed(span: Span) -> timedelta | None:
    """The real time that an elapsed span lasts; None for one in whole days."""
    unit = _ELAPSED.get(span.unit)
    return None if unit is None else span.value * unit


def day_after(day: date, span: Span, calendar: Calendar, *, backward: bool = False) -> date:
    """The day a whole-day span after `day`, or before it. Raises ValueError beyond the years 1 to 9999."""
    try:
        return _LAST_DAY[span.unit](day, -span.value if backward else span.value, calendar)
    except (OverflowError, ValueError) as error:
        side = "before" if backward else "from"
        raise ValueError(f"{span} {side} {day} is outside the years 1 to 9999.") from error


def last_day(start: datetime, span: Span, calendar: Calendar, receipt: ReceiptRule = UNADJUSTED_RECEIPT) -> date:
    """The last local day on which a whole-day limit is still kept, to be shown as "by the end of".

    The day of the start is day nought: 28 days from a death on 1 March end with 29 March (Working Together
    2005 ¶5.38); fifteen working days from a strategy discussion leave out its own day (¶4.67). `receipt`
    bears on working days alone, and nought of those is the first worked day on or after receipt. Raises
    ValueError for a start without zone, an elapsed unit, or a day beyond the year 9999.
    """
    if span.unit is not _WORKING:
        if span.unit in _ELAPSED:
            raise ValueError(f"A limit in {span.unit} ends at an instant and has no last day.")
        return day_after(calendar.local_day(start), span, calendar)
    received = receipt.received_on(start, calendar)
    if span.value == 0:
        return calendar.first_working_day(received)
    if receipt.day_one is DayOne.SAME_DAY and calendar.is_working_day(received):
        return calendar.add_working_days(received, int(span.value) - 1)
    return day_after(received, span, calendar)


def end_of(start: datetime, span: Span, calendar: Calendar, receipt: ReceiptRule = UNADJUSTED_RECEIPT) -> End:
    """Where `span` ends if it began at `start`. Raises as `due_at`."""
    try:
        spent = _ELAPSED.get(span.unit)
        if spent is None:
            day = last_day(start, span, calendar, receipt)
            return End(calendar.day_starts(day + ONE_DAY), day)
        calendar.local_day(start)  # refuses one without zone
        return End(start.astimezone(UTC) + span.value * spent, None)
    except OverflowError as error:
        raise ValueError(f"{span} from {start} is outside the years 1 to 9999.") from error


def due_at(start: datetime, span: Span, calendar: Calendar, receipt: ReceiptRule = UNADJUSTED_RECEIPT) -> datetime:
    """When `span` runs out if it began at `start`, in UTC.

    Hours are exact spans of elapsed time, and nought hours is at once: due at the start (24 hours for the
    visit, Working Together 2005 ¶5.36). Any other unit is due at the local midnight that ends `last_day`.
    Never earlier than `start`. Raises ValueError for a start without zone or a date beyond the year 9999.
    """
    return end_of(start, span, calendar, receipt).due_at


def end_before(anchor: datetime, span: Span, calendar: Calendar) -> End:
    """Where a limit ends that lies `span` before `anchor`: fourteen days before a move on the 20th end with the 6th.

    Working days are counted backward, the anchor's own day left out. Raises as `due_at`.
    """
    try:
        day = calendar.local_day(anchor)
        spent = elapsed(span)
        if spent is not None:
            return End(anchor.astimezone(UTC) - spent, None)
        day = day_after(day, span, calendar, backward=True)
        return End(calendar.day_starts(day + ONE_DAY), day)
    except OverflowError as error:
        raise ValueError(f"{span} before {anchor} is outside the years 1 to 9999.") from error


def in_time(span: Span, due: datetime, done: datetime) -> bool:
    """Whether an act at `done` kept the limit that was `due`.

    An elapsed limit is kept up to and including its last instant ("within 24 hours"); a whole-day limit up to
    the midnight, which already belongs to the next day.
    """
    return done <= due if span.unit in _ELAPSED else done < due


def reminder_at(start: datetime | None, due: datetime, lead: Span, calendar: Calendar) -> datetime:
    """When to remind, `lead` ahead of `due`, in UTC; never before `start`, where there is one.

    A lead in hours is elapsed time. One in days keeps the wall time of `due`: two working days ahead of the end
    of a Tuesday is the beginning of Monday. Raises ValueError for an instant without zone, or a due instant
    before the start.
    """
    if due.utcoffset() is None or (start is not None and start.utcoffset() is None):
        raise ValueError("A reminder needs a start and a due instant that both carry a time zone.")
    ends, begins = due.astimezone(UTC), None if start is None else start.astimezone(UTC)
    if begins is not None and ends < begins:
        raise ValueError(f"A limit cannot be due at {ends} when it starts at {begins}.")
    spent = elapsed(lead)
    if spent is not None:
        ahead = ends - spent
    else:
        local = calendar.local(due)
        day = day_after(local.date(), lead, calendar, backward=True)
        ahead = datetime.combine(day, local.time(), tzinfo=calendar.tz).astimezone(UTC)
    return ahead if begins is None else max(begins, ahead)
