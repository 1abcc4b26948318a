"""Simple repeating events: daily and weekly, in wall time. Pure.

A rota's events repeat by the day or the week. Anything richer (monthly, by position, by month) is refused
by name rather than half understood: a turn that is not there is a night without anybody on call.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final

_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UNDERSTOOD: Final = frozenset({"FREQ", "INTERVAL", "UNTIL", "COUNT", "BYDAY", "WKST"})
_ONE_DAY: Final = timedelta(days=1)
# Each event is walked through from its first day, so a beginning before this is refused.
LONGEST_AGO: Final = timedelta(days=5 * 366)


class NotUnderstood(ValueError):
    """A rule that is not a simple daily or weekly one; the message says which part of it."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """Every ``interval`` days, or on ``weekdays`` (0 is Monday) of every ``interval``-th week from ``week_starts``.

    It ends after ``count`` times or with the last start at or before ``until``, whichever is given; a date
    stands for its whole day, an instant is compared on the line of instants.
    """

    weekly: bool
    interval: int
    weekdays: frozenset[int]
    week_starts: int = 0
    count: int | None = None
    until: date | datetime | None = None


def parse(rule: Mapping[str, Any], start: datetime) -> Repetition:
    """An RRULE as ``icalendar`` reads it, for an event that first starts at the wall time ``start``.

    Raises ``NotUnderstood`` for every part beyond FREQ (DAILY or WEEKLY), INTERVAL, UNTIL, COUNT, BYDAY and
    WKST, for values out of range, and for a first start that is not on a day of the rule.
    """
    parts = {name.upper(): value if isinstance(value, list) else [value] for name, value in rule.items()}
    if unknown := sorted(parts.keys() - _UNDERSTOOD):
        raise NotUnderstood(f"the part {unknown[0][:20]} is not understood")
    frequency = str(parts.get("FREQ", [""])[0]).upper()
    if frequency not in {"DAILY", "WEEKLY"}:
        raise NotUnderstood(f"FREQ={frequency[:20]} is not understood")
    weekdays = frozenset(_weekday(str(day)) for day in parts.get("BYDAY", []))
    if frequency == "WEEKLY" and not weekdays:
        weekdays = frozenset({start.weekday()})
    if weekdays and start.weekday() not in weekdays:
        raise NotUnderstood("its first day is not one of its BYDAY")
    until = parts.get("UNTIL", [None])[0]
    if until is not None and not isinstance(until, date):
        raise NotUnderstood("UNTIL is not a date")
    if until is not None and "COUNT" in parts:
        raise NotUnderstood("UNTIL and COUNT stand side by side")
    return Repetition(
        weekly=frequency == "WEEKLY", interval=_number(parts, "INTERVAL") or 1, weekdays=weekdays,
        week_starts=_weekday(str(parts.get("WKST", ["MO"])[0])), count=_number(parts, "COUNT"), until=until,
    )  # fmt: skip


def starts(repetition: Repetition, start: datetime, zone: tzinfo, before: datetime) -> Iterator[datetime]:
    """Wall times at which the event starts, from ``start`` on and before the wall time ``before``.

    The wall time of day stays the same through every clock change.
    """
    given = 0
    day, first_week = start, _week(start, repetition.week_starts)
    while day < before and given != repetition.count and not _is_past(repetition.until, day, zone):
        if repetition.weekly:
            period = (_week(day, repetition.week_starts) - first_week).days // 7
        else:
            period = (day.date() - start.date()).days
        if period % repetition.interval == 0 and (not repetition.weekdays or day.weekday() in repetition.weekdays):
            given += 1
            yield day
        day += _ONE_DAY


def _week(day: datetime, week_starts: int) -> date:
    return day.date() - timedelta(days=(day.weekday() - week_starts) % 7)


def _is_past(until: date | datetime | None, day: datetime, zone: tzinfo) -> bool:
    if until is None:
        return False
    if not isinstance(until, datetime):
        return day > datetime.combine(until, time.max)
    return day > until if until.tzinfo is None else day.replace(tzinfo=zone) > until


def _weekday(name: str) -> int:
    if name.upper() not in _DAYS:
        raise NotUnderstood(f"the day {name[:20]} is not understood")
    return _DAYS.index(name.upper())


def _number(parts: Mapping[str, list[Any]], name: str) -> int | None:
    if name not in parts:
        return None
    try:
        number = int(parts[name][0])
    except (TypeError, ValueError):
        number = 0
    if not 1 <= number <= 10_000:
        raise NotUnderstood(f"{name} is not a number from 1 to 10,000")
    return number
