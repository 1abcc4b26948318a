"""Due instants of statutory limits: one limit, one start, one calendar, no hidden inputs.

Two families of unit stand side by side, and a further unit is one more row in one of the two tables:

- *elapsed* units are a span of real time. They run through nights, weekends, holidays and clock changes, so
  24 hours over the autumn change end at an earlier time on the wall.
- *whole-day* units name a last day. The sources print days without a time of day, so all of the last local
  day may be used.

The due instant of a whole-day unit is half-open: it is the first instant *after* the last day, local midnight
at the start of the next one. Show people `last_day`; store and compare `due_at`, by `in_time`. Rules that
combine limits (the shorter of two, the last of several starts, a recurrence) are functions over these.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

from tenants.calendars.working_days import ONE_DAY, Calendar


class Unit(StrEnum):
    """How a limit counts. The values are stored with each clock and never change."""

    HOURS = "hours"
    SAME_DAY = "same_day"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


class DayOne(StrEnum):
    """Which day is the first of the working days, for an item received on a working day in hours."""

    NEXT_WORKING_DAY = "next_working_day"
    SAME_DAY = "same_day"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many of a unit, such as 28 calendar days. Same day carries the value 0.

    Raises ValueError for a negative value, and for a same-day limit that is not 0.
    """

    value: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.value < 0:
            raise ValueError(f"A limit cannot be negative: {self.value} {self.unit}.")
        if self.unit is Unit.SAME_DAY and self.value:
            raise ValueError(f"A same-day limit has the value 0, not {self.value}.")


@dataclass(frozen=True, slots=True)
class ReceiptRule:
    """How a partnership counts working days from a receipt; no source settles it.

    With no cut-off an item keeps the date on which it came, and day one is the next working day after it, or
    that same day when `day_one` says so and it is worked: a referral of Saturday has Monday as day one.

    A cut-off is a local wall time, the first moment that is too late. It deems an item that came at or after
    it, or on a day that is not worked, to have come on the next working day; `day_one` then counts from
    there. That lengthens the limit, so the record must show who decided it.
    """

    cut_off: time | None = None
    day_one: DayOne = DayOne.NEXT_WORKING_DAY

    def __post_init__(self) -> None:
        if self.cut_off is not None and self.cut_off.tzinfo is not None:
            raise ValueError("A cut-off is a local wall time and carries no time zone.")

    def received_on(self, local: datetime, calendar: Calendar) -> date:
        """The date on which an item that came at `local` wall time counts as received."""
        if self.cut_off is None:
            return local.date()
        if local.time() >= self.cut_off:
            return calendar.next_working_day(local.date())
        return calendar.first_working_day(local.date())


UNADJUSTED_RECEIPT = ReceiptRule()


@dataclass(frozen=True, slots=True)
class _Start:
    local: datetime
    calendar: Calendar
    receipt: ReceiptRule

    @property
    def day(self) -> date:
        return self.local.date()


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or the last day of a month too short to have it.

    31 January and one month is the last of February; 29 February and twelve months is 28 February.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _last_working_day(start: _Start, value: int) -> date:
    received = start.receipt.received_on(start.local, start.calendar)
    same_day = start.receipt.day_one is DayOne.SAME_DAY and start.calendar.is_working_day(received)
    if value == 0:
        return start.calendar.first_working_day(received)
    if same_day:
        return start.calendar.add_working_days(received, value - 1)
    return start.calendar.add_working_days(received, value)


_ELAPSED: Mapping[Unit, timedelta] = MappingProxyType({Unit.HOURS: timedelta(hours=1)})

_LAST_DAY: Mapping[Unit, Callable[[_Start, int], date]] = MappingProxyType(
    {
        Unit.SAME_DAY: lambda start, _: start.day,
        Unit.CALENDAR_DAYS: lambda start, days: start.day + timedelta(days=days),
        Unit.WORKING_DAYS: _last_working_day,
        Unit.WEEKS: lambda start, weeks: start.day + timedelta(weeks=weeks),
        Unit.MONTHS: lambda start, months: add_months(start.day, months),
        Unit.YEARS: lambda start, years: add_months(start.day, 12 * years),
    }
)


def last_day(start: datetime, limit: Limit, calendar: Calendar, receipt: ReceiptRule = UNADJUSTED_RECEIPT) -> date:
    """The last local day on which a whole-day limit is still kept, to be shown as "by the end of".

    The day of the start is day nought: 28 days from a death on 1 March end with 29 March (Working Together
    2005 ¶5.38); fifteen working days from a strategy discussion leave out its own day (¶4.67). `receipt`
    bears on working days alone, and nought of those is the first worked day on or after receipt. Raises
    ValueError for a start without zone, an elapsed unit, or a day beyond the year 9999.
    """
    local = calendar.local(start)
    if limit.unit not in _LAST_DAY:
        raise ValueError(f"A limit in {limit.unit} ends at an instant and has no last day.")
    try:
        return _LAST_DAY[limit.unit](_Start(local, calendar, receipt), limit.value)
    except (OverflowError, ValueError) as error:
        raise ValueError(f"{limit.value} {limit.unit} from {local.date()} is beyond the year 9999.") from error


def due_at(start: datetime, limit: Limit, calendar: Calendar, receipt: ReceiptRule = UNADJUSTED_RECEIPT) -> datetime:
    """When `limit` runs out if it began at `start`, in UTC.

    Hours are exact spans of elapsed time, and nought hours is at once: due at the start (24 hours for the
    visit, Working Together 2005 ¶5.36). Any other unit is due at the local midnight that ends `last_day`.
    Never earlier than `start`. Raises ValueError for a start without zone or a date beyond the year 9999.
    """
    calendar.local(start)
    try:
        if limit.unit in _ELAPSED:
            return start.astimezone(UTC) + limit.value * _ELAPSED[limit.unit]
        return calendar.day_starts(last_day(start, limit, calendar, receipt) + ONE_DAY)
    except OverflowError as error:
        raise ValueError(f"{limit.value} {limit.unit} from {start} is beyond the year 9999.") from error


def in_time(limit: Limit, due: datetime, done: datetime) -> bool:
    """Whether an act at `done` kept the limit that was `due`.

    An elapsed limit is kept up to and including its last instant ("within 24 hours"); a whole-day limit up to
    the midnight, which already belongs to the next day.
    """
    return done <= due if limit.unit in _ELAPSED else done < due


def reminder_at(start: datetime, due: datetime, lead: timedelta) -> datetime:
    """When to remind, `lead` of elapsed time ahead of `due`, in UTC; never before `start`.

    Raises ValueError for an instant without zone, a negative lead, or a due instant before the start.
    """
    if start.utcoffset() is None or due.utcoffset() is None:
        raise ValueError("A reminder needs a start and a due instant that both carry a time zone.")
    if lead < timedelta():
        raise ValueError(f"A reminder comes before its due instant; a lead of {lead} would come after.")
    begins, ends = start.astimezone(UTC), due.astimezone(UTC)
    if ends < begins:
        raise ValueError(f"A limit cannot be due at {ends} when it starts at {begins}.")
    return ends - min(lead, ends - begins)
