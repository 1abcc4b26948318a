"""Deadlines by walking: a second model of the clock rules, written from their text and sharing no code with ours.

It steps one day, one hour or one minute at a time, and knows months only by the first of the next.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class World:
    """Days off beside weekends, the hour from which a receipt is too late, and whether its own day is day one."""

    days_off: frozenset[date] = frozenset()
    cut_off: time | None = None
    own_day_counts: bool = False

    def worked(self, day: date) -> bool:
        return day.isoweekday() <= 5 and day not in self.days_off


def day_of(instant: datetime) -> date:
    return instant.astimezone(LONDON).date()


def midnight_after(day: date) -> datetime:
    """The first whole minute, stepping through real time, at which London's date has passed ``day``."""
    instant = datetime.combine(day, time(22), tzinfo=UTC)
    while day_of(instant) <= day:
        instant += timedelta(minutes=1)
    return instant


def received(world: World, start: datetime) -> date:
    day = day_of(start)
    if world.cut_off is None:
        return day
    late = start.astimezone(LONDON).time() >= world.cut_off
    while late or not world.worked(day):
        day += DAY
        late = False
    return day


def last_day(world: World, start: datetime, value: float, unit: str) -> date:
    """The last day on which a limit in whole days is kept."""
    day = day_of(start)
    match unit:
        case "same_day":
            return day
        case "calendar_days" | "weeks":
            for _ in range(int(value) * (7 if unit == "weeks" else 1)):
                day += DAY
            return day
        case "working_days":
            return _last_working_day(world, received(world, start), int(value))
        case "months":
            return _months_on(day, int(value))
        case _:
            return _months_on(_months_on(day, int(value) * 12), 6 if value % 1 else 0)


def _last_working_day(world: World, day: date, left: int) -> date:
    if world.own_day_counts and world.worked(day) and left:
        left -= 1
    while left or not world.worked(day):
        day += DAY
        if world.worked(day) and left:
            left -= 1
    return day


def _months_on(day: date, months: int) -> date:
    wanted = day.day
    for _ in range(months):
        day += DAY
        while day.day != 1:
            day += DAY
    while months and day.day < wanted and (day + DAY).day != 1:
        day += DAY
    return day


def day_before(world: World, anchor: date, value: int, unit: str) -> date:
    """The day so long before ``anchor``."""
    day = anchor
    match unit:
        case "calendar_days" | "weeks":
            for _ in range(value * (7 if unit == "weeks" else 1)):
                day -= DAY
        case "working_days":
            while value:
                day -= DAY
                value -= world.worked(day)
        case "months":
            for _ in range(value):
                while day.day != 1:
                    day -= DAY
                day -= DAY
            while value and day.day > anchor.day:
                day -= DAY
    return day


def due(world: World, start: datetime, value: float, unit: str) -> datetime:
    """The instant at which a limit ends: for hours the last in time, for days the midnight after."""
    if unit != "hours":
        return midnight_after(last_day(world, start, value, unit))
    instant = start.astimezone(UTC)
    for _ in range(int(value)):
        instant += timedelta(hours=1)
    return instant


def last_day_with_stops(
    world: World, start: datetime, value: int, unit: str, stops: Iterable[tuple[datetime, datetime]]
) -> date:
    """Days are used up as they begin, save those that begin while the clock stands still.

    If it stands still as the last day ends, there is the rest of a day left once it goes on: of a worked one
    for working days.
    """
    held = [(day_of(max(begins, start)), day_of(ends)) for begins, ends in stops if ends > start]

    def still(day: date) -> bool:
        return any(begins < day <= ends for begins, ends in held)

    day, left = day_of(start), value
    while left:
        day += DAY
        left -= not still(day) and (unit == "calendar_days" or world.worked(day))
    stood = False
    while still(day + DAY):
        day += DAY
        stood = True
    while (stood or not value) and unit == "working_days" and not world.worked(day):
        day += DAY
    return day


def next_to(world: World, day: date, value: float, unit: str) -> date:
    """The first day on which something that began on ``day`` has lasted so long."""
    return last_day(World(world.days_off), datetime.combine(day, time(12), tzinfo=LONDON), value, unit)


def crowded(world: World, happened: Iterable[date], wanted: int, value: int, unit: str) -> bool:
    """Whether some window of that length, beginning on whatever day, holds so many of the days."""
    days = sorted(happened)
    day = days[0] if days else date.max
    while days and day <= days[-1]:
        end = next_to(world, day, value, unit)
        if sum(day <= each < end for each in days) >= wanted:
            return True
        day += DAY
    return False
