"""How the load of a rota is shared between its people. Pure.

What counts as a night, a weekend or a bank holiday is fixed here, in local wall time, so that two rotas
can be compared: nights run from 22:00 to 07:00, weekends from the midnight that begins Saturday to the one
that ends Sunday, bank holidays from midnight to midnight. An hour may be all three and counts in each.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from notifications.coverage.findings import Duty
from notifications.coverage.spans import Span, common, length
from tenants.calendars.working_days import ONE_DAY, SATURDAY, Calendar

NIGHT_BEGINS: Final = time(22)
NIGHT_ENDS: Final = time(7)
# How far over the average, in per cent, is called an overload. No source sets a figure; this one is shown.
OVERLOAD_PERCENT: Final = 20.0


class Measure(StrEnum):
    HOURS = "hours"
    NIGHTS = "nights"
    WEEKENDS = "weekends"
    BANK_HOLIDAYS = "bank_holidays"


@dataclass(frozen=True, slots=True)
class Share:
    """One person's time on call, by measure, and how far it lies over the average in per cent.

    ``over`` is negative under the average and 0 where nobody has any time. ``overloads`` are the measures
    more than ``OVERLOAD_PERCENT`` over it.
    """

    person_id: UUID
    spent: dict[Measure, timedelta]
    over: dict[Measure, float]

    @property
    def overloads(self) -> list[Measure]:
        return [measure for measure in Measure if self.over[measure] > OVERLOAD_PERCENT]


@dataclass(frozen=True, slots=True)
class Fairness:
    """Everybody's share, the most loaded first, and the average of each measure over all of them."""

    average: dict[Measure, timedelta]
    shares: list[Share]


def fairness(
    duties: Iterable[Duty], members: Iterable[UUID], begins: datetime, until: datetime, calendar: Calendar
) -> Fairness:
    """The shares of [begins, until) among ``members`` and whoever else had a duty in it.

    Members without any duty are there, with nothing, and lower the average. ``duties`` are the times that
    somebody *held* the rota, so the repeated hour of autumn counts once; they may reach over the ends.
    """
    windows = {
        Measure.HOURS: [(begins, until)],
        **{kind: common(spans, [(begins, until)]) for kind, spans in _unsocial(begins, until, calendar).items()},
    }
    held: dict[UUID, list[Span]] = {member: [] for member in members}
    for duty in duties:
        if duty.begins < until and duty.until > begins:
            held.setdefault(duty.person_id, []).append(duty.span)
    spent = {
        person: {measure: length(common(spans, windows[measure])) for measure in Measure}
        for person, spans in held.items()
    }
    average = {
        measure: sum((times[measure] for times in spent.values()), timedelta()) / max(len(spent), 1)
        for measure in Measure
    }
    shares = [
        Share(person, times, {measure: _percent_over(times[measure], average[measure]) for measure in Measure})
        for person, times in spent.items()
    ]
    return Fairness(average, sorted(shares, key=lambda share: (-share.spent[Measure.HOURS], share.person_id)))


def _percent_over(spent: timedelta, average: timedelta) -> float:
    return (spent / average - 1) * 100 if average else 0.0


def _unsocial(begins: datetime, until: datetime, calendar: Calendar) -> dict[Measure, list[Span]]:
    """Nights, weekends and bank holidays near the range, as instants."""
    found: dict[Measure, list[Span]] = {Measure.NIGHTS: [], Measure.WEEKENDS: [], Measure.BANK_HOLIDAYS: []}
    for day in _days(calendar.local(begins).date() - ONE_DAY, calendar.local(until).date()):
        following = day + ONE_DAY
        night = _at(day, NIGHT_BEGINS, calendar), _at(following, NIGHT_ENDS, calendar)
        whole = calendar.day_starts(day), calendar.day_starts(following)
        found[Measure.NIGHTS].append(night)
        if day.weekday() >= SATURDAY:
            found[Measure.WEEKENDS].append(whole)
        if day in calendar.bank_holidays:
            found[Measure.BANK_HOLIDAYS].append(whole)
    return found


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += ONE_DAY


def _at(day: date, clock: time, calendar: Calendar) -> datetime:
    return datetime.combine(day, clock, tzinfo=calendar.tz).astimezone(UTC)
