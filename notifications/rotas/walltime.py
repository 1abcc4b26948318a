"""Between the clock on the wall and the line of instants. Pure.

A wall time that occurs twice in autumn has a first and a last instant; one that the clocks jump over in
spring counts as the instant of the jump.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ONE_SECOND = timedelta(seconds=1)

Span = tuple[datetime, datetime]


def zone_called(name: str) -> ZoneInfo:
    """The zone. Raises ValueError, naming it, for one that is unknown."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"There is no time zone called {name!r}.") from error


def wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """What clocks in ``zone`` show at ``instant``, without zone."""
    return instant.astimezone(zone).replace(tzinfo=None)


def occurrences(shown: datetime, zone: ZoneInfo) -> Span:
    """The first and the last instant at which clocks in ``zone`` show ``shown``, equal outside a repeated hour."""
    first = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
    last = shown.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first <= last:
        return first, last
    whole = shown.replace(microsecond=0, tzinfo=zone, fold=0)
    before, after = whole.replace(fold=1).astimezone(UTC), whole.astimezone(UTC)
    while after - before > ONE_SECOND:
        middle = before + (after - before) // ONE_SECOND // 2 * ONE_SECOND
        before, after = (middle, after) if wall(middle, zone) < shown else (before, middle)
    return after, after


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that touch or overlap as one and empty ones left out."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found
