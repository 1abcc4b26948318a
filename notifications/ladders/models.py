"""Alert policies, a version at a time, whose turn it is in each team, and when drills are held."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class PolicyState(StrEnum):
    """The life of a version, in order."""

    DRAFT = "draft"
    VALIDATED = "validated"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


class AlertPolicy(TenantRow, table=True):
    """Slots and ladders of one type of alert. At most one version of a type is in force.

    ``slots`` is a list of ``SlotPolicy`` as JSON. What a version says is never edited (the
    application may not): running alerts hold a copy, and a change is a new version. ``manual``
    lets practitioners raise the type; the others are raised by a workflow. No person stands by a
    version that was loaded from a file. ``faulty_since`` is when the version in force was first seen
    to lean on something that is not there any more; None while all is well.
    """

    __table_args__ = (
        Index("alert_policy_version", "tenant_id", "alert_type", "version", unique=True),
        Index("alert_policy_in_force", "tenant_id", "alert_type", unique=True,
              postgresql_where=text("state = 'in_force'")),
        Index("alert_policy_by_creation", "tenant_id", "created_at", "id"),
        belongs_to("created_by", "person"),
        belongs_to("validated_by", "person"),
        belongs_to("switched_on_by", "person"),
    )  # fmt: skip

    alert_type: str = Field(max_length=60)
    version: int
    title: str = Field(max_length=200)
    citation: str = Field("", max_length=200)
    manual: bool = False
    slots: list[dict[str, Any]] = column(JSONB())
    state: PolicyState = one_of(PolicyState, default=PolicyState.DRAFT)
    created_at: datetime = instant()
    created_by: UUID | None = None
    validated_at: datetime | None = instant(default=None)
    validated_by: UUID | None = None
    switched_on_at: datetime | None = instant(default=None)
    switched_on_by: UUID | None = None
    superseded_at: datetime | None = instant(default=None)
    faulty_since: datetime | None = instant(default=None)


class TeamTurn(TenantRow, table=True):
    """Whose turn it is in a team: how many alerts have begun with one of its members."""

    __table_args__ = (UniqueConstraint("tenant_id", "team"),)

    team: str = Field(max_length=60)
    turn: int = 0


class DrillPattern(StrEnum):
    """When a drill falls: at one hour of the week, or at a time in given hours that nobody can foresee."""

    WEEKLY = "weekly"
    RANDOM = "random"


class DrillSchedule(TenantRow, table=True):
    """Drills of one type of alert, held again and again until the schedule is ended.

    ``rule`` is a ``DrillRule`` as JSON. A drill that would come too late, or into a real alert, is left
    out; ``skipped_because`` says why the latest was.
    """

    __table_args__ = (
        Index("drill_schedule_running", "tenant_id", "alert_type", unique=True,
              postgresql_where=text("ended_at IS NULL")),
        Index("drill_schedule_by_creation", "tenant_id", "created_at", "id"),
        belongs_to("created_by", "person"),
        belongs_to("ended_by", "person"),
    )  # fmt: skip

    alert_type: str = Field(max_length=60)
    rule: dict[str, Any] = column(JSONB())
    next_at: datetime = instant()
    created_at: datetime = instant()
    created_by: UUID
    ended_at: datetime | None = instant(default=None)
    ended_by: UUID | None = None
    held_at: datetime | None = instant(default=None)
    skipped_at: datetime | None = instant(default=None)
    skipped_because: str | None = None
