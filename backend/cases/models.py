"""The case file: one matter, its timeline, and who has looked at it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class CaseFile(TenantRow, table=True):
    """A matter that a pathway runs on."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "reference"),
        belongs_to("area_id", "area"),
        Index(None, "tenant_id", "area_id"),
    )

    pathway: str = Field(max_length=80)
    reference: str = Field(max_length=20)
    area_id: UUID | None = None
    state: CaseState = one_of(CaseState, default=CaseState.OPEN)
    opened_at: datetime = instant()


class CaseEvent(TenantRow, table=True):
    """One entry of the timeline. ``detail`` holds ids, codes and instants; people read ``kind``."""

    __table_args__ = (
        belongs_to("case_id", "case_file"),
        belongs_to("actor_id", "person"),
        Index("case_event_timeline", "tenant_id", "case_id", "recorded_at", "id"),
    )

    case_id: UUID
    kind: str = Field(max_length=80)
    occurred_at: datetime = instant()
    recorded_at: datetime = instant()
    actor_id: UUID | None = None
    detail: dict[str, Any] = column(JSONB(), default_factory=dict)


class AccessEntry(TenantRow, table=True):
    """A look at a record: every view is logged as well as every change."""

    __table_args__ = (
        Index("access_entry_by_subject", "tenant_id", "subject_id", "at"),
        belongs_to("person_id", "person"),
    )

    person_id: UUID
    subject_kind: str = Field(max_length=60)
    subject_id: UUID
    action: str = Field(max_length=40)
    at: datetime = instant()
