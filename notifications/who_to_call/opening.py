"""Until when hours cover an instant, and when they next begin. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from notifications.ladders.hours import Hours, covers

# A week, and the days on either side of which a bank holiday may move an opening.
_DAYS_AHEAD: Final = 12


def ends(hours: Sequence[Hours], local: datetime, holidays: frozenset[date]) -> datetime | None:
    """The wall time at which hours that cover ``local`` end; None for hours without an end."""
    return next((at for at in _edges(hours, local) if not covers(hours, at, holidays)), None)


def begins(hours: Sequence[Hours], local: datetime, holidays: frozenset[date]) -> datetime | None:
    """The next wall time that the hours cover; None where none of the coming days has one."""
    return next((at for at in _edges(hours, local) if covers(hours, at, holidays)), None)


def _edges(hours: Sequence[Hours], local: datetime) -> Iterator[datetime]:
    """Every wall time after ``local`` at which a window may begin or end, in order."""
    clocks = sorted({edge for window in hours for edge in (window.start, window.end)})
    for number in range(_DAYS_AHEAD):
        day = local.date() + timedelta(days=number)
        for clock in clocks:
            at = datetime.combine(day, clock)
            if at > local.replace(tzinfo=None):
                yield at
