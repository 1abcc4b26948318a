"""Working days by number, so that the thousandth from a day is found without walking there. Pure.

``days_off`` are ordinals (1 January of the year 1 is 1) in order, and each falls from Monday to Friday.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date


def working_days_before(days_off: Sequence[int], day: date) -> int:
    """How many working days lie before ``day`` since the calendar's first Monday, 1 January of the year 1."""
    ordinal = day.toordinal()
    return _weekdays_before(ordinal) - bisect_left(days_off, ordinal)


def working_day(days_off: Sequence[int], number: int) -> date:
    """The working day before which ``number`` others lie. Raises ValueError or OverflowError outside 1 to 9999."""
    return date.fromordinal(_upward(days_off, number, number))


def working_day_from(days_off: Sequence[int], day: date, n: int) -> date:
    """The ``n``-th working day strictly after ``day``, or strictly before it where ``n`` is negative.

    ``day`` itself where ``n`` is nought. Raises as ``working_day``.
    """
    if n == 0:
        return day
    ordinal = day.toordinal()
    weekdays, off = _weekdays_before(ordinal), bisect_left(days_off, ordinal)
    if n < 0:
        return date.fromordinal(_downward(days_off, weekdays - off + n, weekdays + n))
    worked = (ordinal - 1) % 7 < 5 and (off == len(days_off) or days_off[off] != ordinal)
    number = weekdays - off + n - 1 + worked
    return date.fromordinal(_upward(days_off, number, number + off))


def _weekdays_before(ordinal: int) -> int:
    weeks, weekday = divmod(ordinal - 1, 7)
    return weeks * 5 + min(weekday, 5)


def _ordinal(weekday: int) -> int:
    return weekday // 5 * 7 + weekday % 5 + 1


def _upward(days_off: Sequence[int], number: int, weekday: int) -> int:
    """From a weekday that is not after the one sought: it moves on by the days off that it has passed."""
    while True:
        ordinal = _ordinal(weekday)
        wanted = number + bisect_right(days_off, ordinal)
        if wanted == weekday:
            return ordinal
        weekday = wanted


def _downward(days_off: Sequence[int], number: int, weekday: int) -> int:
    """From a weekday that is not before the one sought: it moves back by the days off that it has passed."""
    while True:
        ordinal = _ordinal(weekday)
        wanted = number + bisect_left(days_off, ordinal)
        if wanted == weekday:
            return ordinal
        weekday = wanted
