"""An entry of the register as it is read: what is asked of a list, and what a row of it says."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from backend.cases.children.models import Child
from backend.registers.plans.models import PlanStay


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of the register is narrowed by. ``on`` is the day at whose end it is read.

    Ages are completed years on that day; a child who is not born yet has none, and is in no band of ages.
    """

    on: date
    area_id: UUID | None = None
    category: str | None = None
    key_worker_id: UUID | None = None
    youngest: int | None = None
    oldest: int | None = None
    unborn: bool | None = None
    over_two_years: bool | None = None
    review_overdue: bool | None = None
    held_elsewhere: bool | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in the register's order, and which child, case and run it is of."""

    id: UUID
    child_id: UUID
    case_id: UUID
    run_id: UUID | None
    area_id: UUID | None
    started_at: datetime
    ended_at: datetime | None
    categories: tuple[str, ...]
    stay_id: UUID | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A plan that the child had before and that ended."""

    started_on: date
    ended_on: date


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A child with a plan on a day. The unborn have neither name nor date of birth, and an expected date."""

    place: Place
    child: Child
    case_reference: str
    area: str | None
    started_on: date
    ended_on: date | None
    authority: str | None
    key_workers: tuple[str, ...]
    core_group: tuple[str, ...]
    earlier: tuple[Earlier, ...]
    review_due_on: date | None
    review_overdue: bool
    over_two_years: bool
    age: int | None
    stay: PlanStay | None = None
    away: tuple[PlanStay, ...] = field(default=())
