"""Hours of the week on the partnership's own clocks, bank holidays told apart. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from notifications.rotas.rules import BankHolidays, Window

_ONE_DAY = timedelta(days=1)
_A_MONDAY = date(2001, 1, 1)


class Hours(BaseModel):
    """From ``start`` to before ``end`` in local time on ``weekdays`` (0 is Monday).

    An end at or before the start lies on the next day, so 00:00 to 00:00 is the whole day. The day
    on which the hours begin decides whether they are a bank holiday's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(min_length=1)
    start: time
    end: time
    bank_holidays: BankHolidays = BankHolidays.REGARDLESS

    @model_validator(mode="after")
    def _is_wall_time(self) -> Self:
        if self.start.tzinfo or self.end.tzinfo:
            message = "hours are local wall times and carry no time zone"
            raise ValueError(message)
        return self

    @classmethod
    def of(cls, window: Window) -> Self:
        """A rota's hours of cover."""
        return cls(
            weekdays=tuple(window.weekdays), start=window.start, end=window.end, bank_holidays=window.bank_holidays
        )

    def include(self, local: datetime, holidays: frozenset[date]) -> bool:
        """Whether a local wall time lies in the hours."""
        today, clock = local.date(), local.time()
        if self.start < self.end:
            return self._begin_on(today, holidays) and self.start <= clock < self.end
        return (self._begin_on(today, holidays) and clock >= self.start) or (
            self._begin_on(today - _ONE_DAY, holidays) and clock < self.end
        )

    def _begin_on(self, day: date, holidays: frozenset[date]) -> bool:
        if self.bank_holidays is BankHolidays.ONLY and day not in holidays:
            return False
        if self.bank_holidays is BankHolidays.EXCEPT and day in holidays:
            return False
        return day.weekday() in self.weekdays


def covers(hours: Iterable[Hours], local: datetime, holidays: frozenset[date] = frozenset()) -> bool:
    """Whether any of ``hours`` includes a local wall time; none at all means all hours."""
    windows = tuple(hours)
    return not windows or any(window.include(local, holidays) for window in windows)


def first_uncovered(groups: Iterable[Sequence[Hours]]) -> str | None:
    """The first time of a week that none of ``groups`` covers, in words; a group without hours covers all.

    Every day is tried with and without a bank holiday on it and on the day before, by every edge that
    a window has.
    """
    held = list(groups)
    if any(not group for group in held):
        return None
    windows = [window for group in held for window in group]
    edges = sorted({time.min, *(edge for window in windows for edge in (window.start, window.end))})
    days = [_A_MONDAY + timedelta(days=number) for number in range(7)]
    for day, edge in product(days, edges):
        before = day - _ONE_DAY
        for holidays in (frozenset[date](), frozenset({day}), frozenset({before}), frozenset({before, day})):
            if not windows or not covers(windows, datetime.combine(day, edge), holidays):
                return f"{day:%A} {edge:%H:%M}{' with a bank holiday' if holidays else ''}"
    return None
