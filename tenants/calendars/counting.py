"""Working days by number, so that the thousandth from a day is found without walking there. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from tenants.calendars.working_days import SATURDAY, Calendar


def working_days_before(calendar: Calendar, day: date) -> int:
    """How many working days lie before ``day`` since the calendar's first Monday, 1 January of the year 1."""
    weeks, weekday = divmod(day.toordinal() - 1, 7)
    return weeks * 5 + min(weekday, 5) - bisect_left(_days_off(calendar), day)


def working_day(calendar: Calendar, number: int) -> date:
    """The working day before which ``number`` others lie. Raises OverflowError after the year 9999."""
    days_off = _days_off(calendar)
    weekday = number
    while True:
        day = date.fromordinal(weekday // 5 * 7 + weekday % 5 + 1)
        wanted = number + bisect_right(days_off, day)
        if wanted == weekday:
            return day
        weekday = wanted


@lru_cache(maxsize=64)
def _days_off(calendar: Calendar) -> Sequence[date]:
    """Days from Monday to Friday on which nobody works, in order."""
    return sorted(day for day in calendar.bank_holidays | calendar.closure_days if day.weekday() < SATURDAY)
