"""Lengths of time in a partnership's criteria, counted on the calendar. Pure."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Part(BaseModel):
    """A part of a continuum: never changed once read, and nothing in it that the grammar does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True)


class Span(Part):
    """A length of time: exactly one of days, weeks, months or years. Months and years end with the month."""

    days: int | None = Field(default=None, ge=1, le=36_600)
    weeks: int | None = Field(default=None, ge=1, le=5_200)
    months: int | None = Field(default=None, ge=1, le=1_200)
    years: int | None = Field(default=None, ge=1, le=100)

    @model_validator(mode="after")
    def _is_one_length(self) -> Self:
        if len([one for one in (self.days, self.weeks, self.months, self.years) if one is not None]) != 1:
            message = "is one length of time; give exactly one of days, weeks, months or years"
            raise ValueError(message)
        return self

    def after(self, day: date) -> date:
        """The day on which the span has passed; 31 January and a month is the last of February."""
        return self._moved(day, 1)

    def before(self, day: date) -> date:
        """The day from which the span reaches to ``day``."""
        return self._moved(day, -1)

    def _moved(self, day: date, way: int) -> date:
        if self.months is None and self.years is None:
            return day + way * timedelta(days=self.days or 0, weeks=self.weeks or 0)
        number = day.year * 12 + day.month - 1 + way * ((self.months or 0) + 12 * (self.years or 0))
        year, month = divmod(number, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

    def __str__(self) -> str:
        for unit in ("days", "weeks", "months", "years"):
            number = getattr(self, unit)
            if number is not None:
                return f"{number} {unit if number > 1 else unit[:-1]}"
        return ""
