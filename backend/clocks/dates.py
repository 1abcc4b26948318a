"""Dates as the sources print them, down to a season: "autumn 2008", "April 2008", "2008", "2008-04-01". Pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
_HINT: Final = 'write a day as 2008-04-01, or "April 2008", "autumn 2008", "2008"'


@dataclass(frozen=True, slots=True)
class FuzzyDate:
    """A date known to the day, the month, the season or the year, kept as it was printed.

    It lies somewhere from ``earliest`` to ``latest``, both included. Seasons are the meteorological ones:
    autumn is September to November, and winter 2008 runs from December 2008 to February 2009. Raises
    ValueError where the two are the wrong way round.
    """

    text: str
    earliest: date
    latest: date

    def __post_init__(self) -> None:
        if self.latest < self.earliest:
            raise ValueError(f"{self.text}: the latest day lies before the earliest.")

    def __str__(self) -> str:
        return self.text

    @property
    def exact(self) -> bool:
        return self.earliest == self.latest

    @classmethod
    def parse(cls, value: str) -> FuzzyDate:
        """Read any of the printed forms. Raises ValueError that names them."""
        text = " ".join(value.split())
        *words, year = text.lower().split() or [""]
        try:
            if not words and "-" in year:
                return cls.of(date.fromisoformat(year))
            number = int(year)
            if not words:
                return cls(text, date(number, 1, 1), date(number, 12, 31))
            word = words[0] if len(words) == 1 else ""
            if word in _MONTHS:
                return _months(text, number, _MONTHS.index(word) + 1, 1)
            if word in _SEASONS:
                return _months(text, number, _SEASONS[word], 3)
        except ValueError as error:
            raise ValueError(f"{value!r} is not a date: {_HINT}") from error
        raise ValueError(f"{value!r} is not a date: {_HINT}")

    @classmethod
    def of(cls, day: date) -> FuzzyDate:
        return cls(day.isoformat(), day, day)


def _months(text: str, year: int, month: int, months: int) -> FuzzyDate:
    last_year, last = divmod(month - 1 + months - 1, 12)
    last_year, last = year + last_year, last + 1
    return FuzzyDate(text, date(year, month, 1), date(last_year, last, monthrange(last_year, last)[1]))


def _read(value: Any) -> Any:
    """YAML reads a bare day as a date and a bare year as a number."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return FuzzyDate.of(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return FuzzyDate.parse(value) if isinstance(value, str) else value


PrintedDate = Annotated[
    FuzzyDate,
    BeforeValidator(_read),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "description": f"A date: {_HINT}."}),
]
"""A fuzzy date as a field that is read from, and written as, its printed form."""
