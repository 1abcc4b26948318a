"""What a rota's rule may say: layers of rotations over hours of cover, in local wall time. Pure.

Each type refuses, with ValueError, what could not be expanded or would put nobody on call unnoticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from uuid import UUID

from notifications.rotas.walltime import zone_called


class BankHolidays(StrEnum):
    """Whether hours of cover apply on a bank holiday."""

    REGARDLESS = "regardless"
    EXCEPT = "except"
    ONLY = "only"


class PeriodUnit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of cover: from `start` to before `end`, in local wall time, on the days `weekdays` (0 is Monday).

    `bank_holidays` says whether the window applies on them, on them alone, or whatever the day is. An end at
    or before the start is on the following day, so 00:00 to 00:00 is the whole day; such hours belong to the
    day they begin on. Raises ValueError for no weekday, an unknown weekday, or a time that carries a zone.
    """

    weekdays: frozenset[int]
    start: time
    end: time
    bank_holidays: BankHolidays = BankHolidays.REGARDLESS

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise ValueError(f"Cover needs weekdays from 0 (Monday) to 6, not {sorted(self.weekdays)}.")
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("Hours of cover are local wall times and carry no time zone.")


@dataclass(frozen=True, slots=True)
class Period:
    """How long a turn of a rotation is, in units of the wall clock: a day is one in spring and autumn too.

    Months are counted from the first handover, so one on the 31st falls on the last day of a shorter month
    and on the 31st again after it. Working days count those of the partnership's calendar alone: who has the
    Friday keeps the weekend, and nobody's turn is all weekend. Raises ValueError for less than one unit.
    """

    unit: PeriodUnit
    every: int = 1

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ValueError(f"A rotation hands over after one unit or more, not {self.every}.")


WEEKLY = Period(PeriodUnit.WEEKS)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Persons who take over from each other every `period`, at the wall time of `first_handover`.

    `first_handover` is a local date and time without zone, when the first member's first period begins; there
    are no turns before it. A person may be listed more than once. None is a period in which the layer has
    nobody, so that those beneath answer. Raises ValueError for a first handover with a zone.
    """

    members: tuple[UUID | None, ...]
    first_handover: datetime
    period: Period = WEEKLY

    def __post_init__(self) -> None:
        if self.first_handover.tzinfo is not None:
            raise ValueError("A first handover is a local wall time and carries no time zone.")

    @property
    def people(self) -> frozenset[UUID]:
        return frozenset(member for member in self.members if member is not None)


@dataclass(frozen=True, slots=True)
class Layer:
    """A rotation over hours of cover for one position: 1 is first on call, 2 second.

    Its name tells it from the rota's others and stays when the layer is changed, so that a swap still finds
    its turn. Raises ValueError for no name, a position under 1, and a layer without hours of cover: it would
    put nobody on call and report no gap either.
    """

    name: str
    rotation: Rotation
    cover: tuple[Window, ...]
    position: int = 1

    def __post_init__(self) -> None:
        if not self.name or "/" in self.name:
            raise ValueError("A layer needs a name without a slash.")
        if self.position < 1:
            raise ValueError(f"Positions on call are counted from 1, not {self.position}.")
        if not self.cover:
            raise ValueError("A rota needs hours of cover; for all hours, every day from 00:00 to 00:00.")


@dataclass(frozen=True, slots=True)
class RotaRule:
    """Layers in one zone, the lowest first: where two of a position have somebody, the later one answers.

    Raises ValueError for an unknown zone, no layer, or two layers of one name.
    """

    zone: str
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        zone_called(self.zone)
        names = [layer.name for layer in self.layers]
        if not names:
            raise ValueError("A rota needs at least one layer.")
        if len(set(names)) < len(names):
            raise ValueError("Two layers of a rota have the same name.")

    @property
    def positions(self) -> list[int]:
        return sorted({layer.position for layer in self.layers})

    @property
    def people(self) -> frozenset[UUID]:
        return frozenset[UUID]().union(*(layer.rotation.people for layer in self.layers))

    @property
    def needs_calendar(self) -> bool:
        """Whether its turns depend on bank holidays or working days."""
        return any(
            layer.rotation.period.unit is PeriodUnit.WORKING_DAYS
            or any(window.bank_holidays is not BankHolidays.REGARDLESS for window in layer.cover)
            for layer in self.layers
        )
