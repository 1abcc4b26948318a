"""Dates that are no days. Pure.

"Autumn 2008" is when the next edition should appear (Hertfordshire manual 2006 ¶1.4.3).
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

from backend.kit.problems import FieldError

# The month that each season begins in; winter is named by the year in which it begins.
SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
_HINT: Final = "must be a year, month, day or season, such as 2028, 2028-06, 2028-06-30 or 2028-autumn"
_SHAPE: Final = re.compile(r"(\d{4})(?:-(?:(\d{2})(?:-(\d{2}))?|(spring|summer|autumn|winter)))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last day that a fuzzy date may mean."""

    first: date
    last: date


def span(text: str) -> Span | None:
    """The days that a fuzzy date covers; None for what is none."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        return None
    year, month, day, season = found.groups()
    try:
        if season:
            return _months(int(year), SEASONS[season], 3)
        if day:
            one = date(int(year), int(month), int(day))
            return Span(one, one)
        return _months(int(year), int(month), 1) if month else _months(int(year), 1, 12)
    except ValueError:
        return None


def fault(field: str, text: str) -> FieldError | None:
    return None if span(text) else FieldError(field, _HINT)


def years_after(day: date, years: int) -> date:
    """The same day of a later year; the day before it for 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _months(year: int, first: int, count: int) -> Span:
    end_year, end_month = divmod(year * 12 + first - 1 + count - 1, 12)
    return Span(date(year, first, 1), date(end_year, end_month + 1, monthrange(end_year, end_month + 1)[1]))
