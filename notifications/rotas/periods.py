"""When the periods of a rotation begin, in local wall time. Pure.

Periods are numbered from 0, which begins at the first handover. Every beginning is worked out from the
first one and never from the one before, so nothing drifts: not over clock changes, and not from the 31st
to the 28th of each month.
"""

from calendar import monthrange
from datetime import datetime, timedelta

from notifications.rotas.rules import PeriodUnit, Rotation
from tenants.calendars.working_days import Calendar

_STEPS = {
    PeriodUnit.HOURS: timedelta(hours=1),
    PeriodUnit.DAYS: timedelta(days=1),
    PeriodUnit.WEEKS: timedelta(weeks=1),
}


def handover(rotation: Rotation, number: int, calendar: Calendar) -> datetime:
    """Wall time at which period ``number`` begins. Raises OverflowError or ValueError after the year 9999.

    A rotation in working days that is first handed over on another day begins there and then, and counts
    from the first working day after.
    """
    first, period = rotation.first_handover, rotation.period
    if number == 0:
        return first
    if period.unit in _STEPS:
        return first + number * period.every * _STEPS[period.unit]
    if period.unit is PeriodUnit.MONTHS:
        year, month = divmod(first.year * 12 + first.month - 1 + number * period.every, 12)
        return first.replace(year=year, month=month + 1, day=min(first.day, monthrange(year, month + 1)[1]))
    counted = calendar.working_days_before(first.date()) + number * period.every
    return datetime.combine(calendar.working_day(counted), first.time())


def period_at(rotation: Rotation, shown: datetime, calendar: Calendar) -> int:
    """Number of the period in which the wall time ``shown`` lies; below 0 before the first handover."""
    first, period = rotation.first_handover, rotation.period
    if shown < first:
        return -1
    if period.unit in _STEPS:
        return (shown - first) // (period.every * _STEPS[period.unit])
    if period.unit is PeriodUnit.MONTHS:
        units = (shown.year - first.year) * 12 + shown.month - first.month
    else:
        units = calendar.working_days_before(shown.date()) - calendar.working_days_before(first.date())
    number = units // period.every
    # The day is right; the time of day, or a weekend, may not have reached the handover or be past the next.
    while number > 0 and handover(rotation, number, calendar) > shown:
        number -= 1
    while handover(rotation, number + 1, calendar) <= shown:
        number += 1
    return number
