"""What is recorded on a case towards its level of need, the decisions on it, and what agencies think of them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class ThresholdIndicator(TenantRow, table=True):
    """An indicator of a threshold document as somebody recorded it; never changed.

    It is of a child, of an adult of the case, or of neither where it is the family's. A later row with
    ``ends_id`` says since when (``observed_on``) the state that it names has ended; one with ``withdrawn`` besides
    says that the row it names was a mistake. ``note`` is free text and leaves the case in no message.
    """

    __table_args__ = (
        CheckConstraint("NOT withdrawn OR ends_id IS NOT NULL", name="withdraws_something"),
        CheckConstraint("child_id IS NULL OR party_id IS NULL", name="of_one"),
        UniqueConstraint("tenant_id", "ends_id"),
        belongs_to("case_id", "case_file"),
        belongs_to("child_id", "child"),
        belongs_to("party_id", "party"),
        belongs_to("ends_id", "threshold_indicator"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "case_id", "recorded_at"),
    )

    case_id: UUID
    scheme: str = Field(max_length=80)
    indicator: str = Field(max_length=80)
    observed_on: date
    child_id: UUID | None = None
    party_id: UUID | None = None
    note: str | None = None
    ends_id: UUID | None = None
    withdrawn: bool = False
    recorded_by: UUID
    recorded_at: datetime = instant()


class Direction(StrEnum):
    """How a decision stands to the one before it."""

    FIRST = "first"
    UP = "up"
    DOWN = "down"
    SAME = "same"
    REPLACED = "replaced"
    """The level before is none of this edition's, so that the two cannot be compared."""


class ThresholdDecision(TenantRow, table=True):
    """A person's decision on a case's level of need, by an edition; never changed. The last one holds.

    ``suggested`` is what the criteria said then and ``grounds`` why, as it was shown. ``opened`` names the pathways
    that were started with it, those that ran already and those not in force. ``area_id`` is the case's area then.
    """

    __table_args__ = (
        belongs_to("case_id", "case_file"),
        belongs_to("edition_id", "threshold_edition"),
        belongs_to("previous_id", "threshold_decision"),
        belongs_to("run_id", "pathway_run"),
        belongs_to("area_id", "area"),
        belongs_to("decided_by", "person"),
        UniqueConstraint("tenant_id", "previous_id"),
        Index(None, "tenant_id", "case_id", "decided_at"),
        Index("threshold_decision_by_deciding", "tenant_id", "decided_at", "id"),
    )

    case_id: UUID
    edition_id: UUID
    scheme: str = Field(max_length=80)
    level: str = Field(max_length=80)
    suggested: str | None = Field(default=None, max_length=80)
    direction: Direction = one_of(Direction)
    reasons: str
    earlier_help: str | None = None
    grounds: list[Any] = column(JSONB())
    opened: dict[str, Any] = column(JSONB())
    previous_id: UUID | None = None
    run_id: UUID | None = None
    area_id: UUID | None = None
    decided_by: UUID
    decided_at: datetime = instant()


class ThresholdView(TenantRow, table=True):
    """Whether an agency agrees with a decision; never changed. The agency's last one counts.

    ``run_id`` is the run of the pathway for professional differences in which a disagreement is settled.
    """

    __table_args__ = (
        CheckConstraint("agrees OR reasons IS NOT NULL", name="said_why"),
        belongs_to("decision_id", "threshold_decision"),
        belongs_to("agency_id", "agency"),
        belongs_to("run_id", "pathway_run"),
        belongs_to("given_by", "person"),
        Index(None, "tenant_id", "decision_id", "given_at"),
    )

    decision_id: UUID
    agency_id: UUID
    agrees: bool
    reasons: str | None = None
    wanted: str | None = Field(default=None, max_length=80)
    run_id: UUID | None = None
    given_by: UUID
    given_at: datetime = instant()
