"""What a register of children with plans holds beside the runs it is read from."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class Holder(StrEnum):
    """Whose plan it is: a child of OURS who stays elsewhere, or one of ANOTHER area's who stays or lives here."""

    OURS = "ours"
    ANOTHER = "another"


class PlanStay(TenantRow, table=True):
    """A child with a plan in another authority's area than the one that holds it (Working Together 2005 ¶4.122).

    The authority that holds a plan keeps it while the child is away, for a time or until the receiving
    authority's conference. ``authority`` is the other one: the host of a child of ours, the holder of another's
    plan. ``area_id`` is the area of ours concerned. Of another's plan, ``plan_from_on``, ``categories`` and
    ``key_worker`` are as the notice gave them. ``until_on`` is the first day on which the child is there no more.
    """

    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="order"),
        belongs_to("case_id", "case_file"),
        belongs_to("child_id", "child"),
        belongs_to("area_id", "area"),
        belongs_to("recorded_by", "person"),
        belongs_to("ended_by", "person"),
        Index(None, "tenant_id", "child_id"),
        Index(None, "tenant_id", "case_id"),
    )

    case_id: UUID
    child_id: UUID
    area_id: UUID
    holder: Holder = one_of(Holder)
    authority: str = Field(max_length=200)
    temporary: bool
    from_on: date
    until_on: date | None = None
    plan_from_on: date | None = None
    categories: list[str] = column(JSONB(), default_factory=list)
    key_worker: str | None = Field(None, max_length=200)
    key_worker_telephone: str | None = Field(None, max_length=40)
    told_by: str = Field(max_length=200)
    recorded_by: UUID
    recorded_at: datetime = instant()
    ended_by: UUID | None = None
    ended_at: datetime | None = instant(default=None)


class PlanEntryCorrection(TenantRow, table=True):
    """For one of a case's children, other days than the run's own, or that the plan is not theirs; never changed.

    A plan runs on a case, and a case may have several children: one joins later, is 18 or leaves before the
    others, or never had a plan. The latest row for a run and a child stands, whole.
    """

    __table_args__ = (
        belongs_to("run_id", "pathway_run"),
        belongs_to("child_id", "child"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "run_id", "child_id", "recorded_at"),
    )

    run_id: UUID
    child_id: UUID
    without_plan: bool
    from_on: date | None = None
    until_on: date | None = None
    reason: str
    recorded_by: UUID
    recorded_at: datetime = instant()
