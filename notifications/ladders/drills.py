"""When the next drill falls: wall-clock rule and a chance in, an instant out. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from notifications.ladders.hours import Hours, covers
from notifications.ladders.models import DrillPattern

_MINUTE = timedelta(minutes=1)
_WEEK_OF_MINUTES = 7 * 24 * 60


class DrillRule(BaseModel):
    """Weekly at ``weekday`` and ``at``, or once in ``every_days`` at a random minute within ``between``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pattern: DrillPattern
    weekday: Annotated[int, Field(ge=0, le=6)] | None = None
    at: time | None = None
    every_days: int = Field(7, ge=1, le=92)
    between: tuple[Hours, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.pattern is DrillPattern.WEEKLY and (self.weekday is None or self.at is None):
            message = "a weekly drill needs its weekday and its time"
            raise ValueError(message)
        if self.pattern is DrillPattern.RANDOM and not self.between:
            message = "a drill at a random time needs the hours within which it may fall"
            raise ValueError(message)
        return self


def next_drill(
    rule: DrillRule, after: datetime, zone: str, chance: float, holidays: frozenset[date] = frozenset()
) -> datetime:
    """The first drill after ``after``, in UTC. ``chance`` from 0 to below 1 picks the minute of a random one;
    ``holidays`` are the bank holidays by which its hours tell days apart.

    A random drill falls within ``every_days`` of ``after``; when none of those days has hours that are
    open, in the first week that has. A wall time that is jumped over in spring counts as the hour
    after; of one that comes twice, the first. Raises ``ValueError`` for hours that never come.
    """
    local = after.astimezone(ZoneInfo(zone))
    if rule.pattern is DrillPattern.WEEKLY:
        return _weekly(rule, after, local.date(), zone)
    start = after.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE
    for length in (rule.every_days * 24 * 60, 8 * _WEEK_OF_MINUTES):
        open_minutes = [
            minute
            for minute in (start + number * _MINUTE for number in range(length))
            if covers(rule.between, _wall(minute, zone), holidays)
        ]
        if open_minutes:
            return open_minutes[int(chance * len(open_minutes))]
    message = "the hours for drills never come"
    raise ValueError(message)


def _weekly(rule: DrillRule, after: datetime, today: date, zone: str) -> datetime:
    days = (today + timedelta(days=number) for number in range(9))
    falls = (
        datetime.combine(day, rule.at or time.min, ZoneInfo(zone)).astimezone(UTC)
        for day in days
        if day.weekday() == rule.weekday
    )
    return next(instant for instant in falls if instant > after)


def _wall(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
