"""Dates as they are remembered: a moment, a day, a month, a season or a year. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

EARLIEST: Final = date(1900, 1, 1)
HINT: Final = "must be written 2026-03-02, 2026-03, 2026-spring or 2026"

# The first month of each season, as the Met Office counts them; winter is called by the year it begins in.
_SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
_WRITTEN: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?|-(spring|summer|autumn|winter))?", re.ASCII)


class Precision(StrEnum):
    """How exactly the time of an event is known."""

    MOMENT = "moment"
    DAY = "day"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Occurred:
    """When something happened: the first instant of what is known, and how exactly it is known."""

    at: datetime
    precision: Precision


def fuzzy(text: str, zone: str) -> Occurred:
    """A date as written, in the partnership's zone. Raises ``ValueError`` with what would be right."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(HINT)
    year, month, day, season = found.groups()
    try:
        first = date(int(year), _SEASONS[season] if season else int(month or 1), int(day or 1))
    except ValueError:
        raise ValueError(f"is not a date there is; {HINT}") from None
    if first < EARLIEST:
        raise ValueError("lies before 1900; check the year")
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.SEASON if season else Precision.YEAR
    return Occurred(datetime.combine(first, time(), ZoneInfo(zone)).astimezone(UTC), precision)


def written(occurred: Occurred, zone: str) -> str:
    """The date as ``fuzzy`` reads it; a moment is written as its local day."""
    here = occurred.at.astimezone(ZoneInfo(zone)).date()
    match occurred.precision:
        case Precision.YEAR:
            return f"{here.year:04}"
        case Precision.SEASON:
            season = next(name for name, month in _SEASONS.items() if month == here.month)
            return f"{here.year:04}-{season}"
        case Precision.MONTH:
            return f"{here.year:04}-{here.month:02}"
        case _:
            return here.isoformat()
