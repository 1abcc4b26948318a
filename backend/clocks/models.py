"""A statutory clock as a row: what must be done, by when, by whom, and by what authority."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.clocks.limits import Force
from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class ClockState(StrEnum):
    RUNNING = "running"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


class Clock(TenantRow, table=True):
    """``rule`` is the definition as it stood when the clock started: value, unit, origin, edition."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "case_id", "definition"),
        belongs_to("case_id", "case_file"),
        Index("clock_due", "tenant_id", "state", "due_at", "id"),
        belongs_to("met_by", "person"),
    )

    case_id: UUID
    definition: str = Field(max_length=80)
    title: str
    rule: dict[str, Any] = column(JSONB())
    force: Force = one_of(Force)
    citation: str
    owner_role: str = Field(max_length=60)
    start_event: str = Field(max_length=60)
    started_at: datetime = instant()
    due_at: datetime = instant()
    state: ClockState = one_of(ClockState, default=ClockState.RUNNING)
    reminded_at: datetime | None = instant(default=None)
    breached_at: datetime | None = instant(default=None)
    met_at: datetime | None = instant(default=None)
    met_by: UUID | None = None
