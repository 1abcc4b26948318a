"""Working days of a partnership: England's bank holidays plus its own closure days.

Everything here is a function of its arguments. Days are plain local dates in the calendar's zone;
instants are aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from tenants.calendars import counting

ONE_DAY = timedelta(days=1)
SATURDAY = 5


def england_bank_holidays(years: Iterable[int]) -> frozenset[date]:
    """The days of `years` on which England observes a bank holiday, as GOV.UK lists them.

    England's own list is asked for, so Easter Monday is in and Scotland's 2 January is out. A holiday that
    falls on a weekend counts on its substitute day only: the weekend date is dropped. A holiday proclaimed
    after the installed release of `holidays` is missing until that release is updated.
    """
    listed = holidays.country_holidays("GB", subdiv="ENG", years=list(years), expand=False)
    return frozenset(day for day in listed if day.weekday() < SATURDAY)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What counts as a working day for one partnership, and in which zone its days begin and end.

    A working day is Monday to Friday, neither a bank holiday nor a closure day. The calendar knows only the
    bank holidays it was given: load every year that a limit may reach, or the days of a missing year are
    counted as ordinary ones. An unknown zone raises ValueError.
    """

    zone: str = "Europe/London"
    bank_holidays: frozenset[date] = field(default=frozenset(), repr=False)
    closure_days: frozenset[date] = field(default=frozenset(), repr=False)
    days_off: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """Days from Monday to Friday on which nobody works, as ordinals in order."""
    tz: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        off = (day.toordinal() for day in self.bank_holidays | self.closure_days if day.weekday() < SATURDAY)
        object.__setattr__(self, "days_off", tuple(sorted(off)))
        try:
            object.__setattr__(self, "tz", ZoneInfo(self.zone))
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"There is no time zone called {self.zone!r}.") from error

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < SATURDAY and day not in self.bank_holidays and day not in self.closure_days

    def next_working_day(self, day: date) -> date:
        """The first working day strictly after `day`."""
        return self.add_working_days(day, 1)

    def first_working_day(self, day: date) -> date:
        """`day` itself when it is a working day, otherwise the next one."""
        return day if self.is_working_day(day) else self.next_working_day(day)

    def add_working_days(self, day: date, n: int) -> date:
        """The `n`-th working day strictly after `day`; a negative `n` counts strictly backward.

        `day` is never counted, whether worked or not: one working day from a Saturday is the Monday. Nought
        leaves `day` as it is. A sum that leaves the years 1 to 9999 raises ValueError.
        """
        try:
            return counting.working_day_from(self.days_off, day, n)
        except (OverflowError, ValueError) as error:
            raise ValueError(f"The calendar ends before it holds {n} working days.") from error

    def working_days_before(self, day: date) -> int:
        """How many working days lie before `day`, since 1 January of the year 1."""
        return counting.working_days_before(self.days_off, day)

    def working_day(self, number: int) -> date:
        """The working day before which `number` others lie. Raises OverflowError or ValueError after the year 9999."""
        return counting.working_day(self.days_off, number)

    def local(self, instant: datetime) -> datetime:
        """`instant` on the partnership's clocks, without zone; ValueError when `instant` has no zone."""
        if instant.utcoffset() is None:
            raise ValueError(f"An instant needs a time zone; {instant.isoformat()} has none.")
        return instant.astimezone(self.tz).replace(tzinfo=None)

    def local_day(self, instant: datetime) -> date:
        """The partnership's date at `instant`; ValueError when it has no zone."""
        if instant.utcoffset() is None:
            raise ValueError(f"An instant needs a time zone; {instant.isoformat()} has none.")
        return instant.astimezone(self.tz).date()

    def day_starts(self, day: date) -> datetime:
        """The first instant of the local `day`, in UTC: the exclusive end of the day before.

        A midnight that occurs twice counts at its first occurrence; one that the clocks jump over counts as
        the instant of the jump.
        """
        return _midnight(self.tz, day)


@lru_cache(maxsize=4096)
def _midnight(tz: ZoneInfo, day: date) -> datetime:
    """Kept: many clocks end on the same few hundred days."""
    return datetime.combine(day, time.min, tzinfo=tz).astimezone(UTC)
