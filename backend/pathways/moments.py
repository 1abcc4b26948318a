"""When an event happened, as it is told and as it stands after corrections. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from backend.clocks.dates import FuzzyDate
from backend.clocks.situation import Moment
from backend.kit.problems import FieldError
from backend.pathways.models import PathwayEvent

EARLIEST: Final = timedelta(days=365 * 120)
LATEST: Final = timedelta(days=365 * 25)


@dataclass(frozen=True, slots=True)
class MomentTold:
    """An instant, or a date known only roughly ("April 2008"). Neither is now."""

    at: datetime | None = None
    on: str | None = None


NOW: Final = MomentTold()


def moment_fault(told: MomentTold, field: str, now: datetime, *, ahead: bool = True) -> FieldError | None:
    """What is wrong with a moment. ``ahead`` allows one that is still to come."""
    if told.at is not None and told.on is not None:
        return FieldError(f"{field}.occurredOn", "give occurredAt or occurredOn, not both")
    if told.on is not None:
        return _day_fault(told.on, f"{field}.occurredOn", now, ahead=ahead)
    if told.at is not None and not now - EARLIEST <= told.at <= now + LATEST:
        return FieldError(f"{field}.occurredAt", "lies too far from today; check the year")
    if told.at is not None and told.at > now and not ahead:
        return FieldError(f"{field}.occurredAt", "must not lie in the future")
    return None


def _day_fault(told: str, field: str, now: datetime, *, ahead: bool) -> FieldError | None:
    try:
        day = FuzzyDate.parse(told)
    except ValueError as error:
        return FieldError(field, str(error).rstrip("."))
    if len(told) > 40:
        return FieldError(field, "must be at most 40 characters")
    # A day begins here before it does by the universal clock.
    if day.earliest > (now + timedelta(hours=1)).date() and not ahead:
        return FieldError(field, "must not lie in the future")
    return None


def standing(events: Iterable[PathwayEvent]) -> list[PathwayEvent]:
    """The events as they are known now: what was corrected or withdrawn is left out."""
    rows = list(events)
    corrected = {row.corrects_id for row in rows if row.corrects_id is not None}
    return [row for row in rows if row.id not in corrected and not row.withdrawn]


def revised(events: Iterable[PathwayEvent]) -> dict[str, list[tuple[datetime, Moment]]]:
    """Of each event that stands corrected all that it was known as, each since when, the first first."""
    rows = {row.id: row for row in events}
    found: dict[str, list[tuple[datetime, Moment]]] = {}
    for row in standing(rows.values()):
        history = []
        one: PathwayEvent | None = row
        while one is not None and not one.withdrawn:
            history.append((one.recorded_at, moment_of(one)))
            one = rows.get(one.corrects_id) if one.corrects_id else None
        if len(history) > 1:
            found[row.code] = history[::-1]
    return found


def to_come(events: Iterable[PathwayEvent], now: datetime) -> dict[str, PathwayEvent]:
    """The entries that lie ahead of now, by event: of each the last that was made."""
    return {row.code: row for row in standing(events) if row.anticipated and _is_ahead(row, now)}


def _is_ahead(row: PathwayEvent, now: datetime) -> bool:
    moment = moment_of(row)
    return moment > now if isinstance(moment, datetime) else moment.earliest > now.date()


def moment_of(row: PathwayEvent) -> Moment:
    """The moment that a standing event is known to."""
    if row.occurred_at is not None:
        return row.occurred_at
    return FuzzyDate.parse(row.occurred_on or "")
