"""Alerts, their slots, and who was paged for each."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class AlertState(StrEnum):
    OPEN = "open"
    MET = "met"
    CLOSED = "closed"


class SlotState(StrEnum):
    PAGING = "paging"
    ACKNOWLEDGED = "acknowledged"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"
    EXPIRED = "expired"
    UNREACHABLE = "unreachable"


class Alert(TenantRow, table=True):
    """A call for people. ``subject_id`` is opaque here: it names what the alert is about elsewhere."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "reference"),
        Index(None, "tenant_id", "subject_id"),
        Index("alert_by_acceptance", "tenant_id", "accepted_at", "id"),
    )

    type: str = Field(max_length=60)
    reference: str = Field(max_length=20)
    subject_kind: str = Field(max_length=60)
    subject_id: UUID
    policy_version: int
    state: AlertState = one_of(AlertState, default=AlertState.OPEN)
    accepted_at: datetime = instant()
    met_at: datetime | None = instant(default=None)


class AlertSlot(TenantRow, table=True):
    """One role that must answer. ``ladder`` is frozen from the policy; later edits do not reach it."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "alert_id", "role"),
        belongs_to("alert_id", "alert"),
        belongs_to("acknowledged_by", "person"),
    )

    alert_id: UUID
    role: str = Field(max_length=60)
    required: bool = True
    ladder: dict[str, Any] = column(JSONB())
    step: int = 0
    state: SlotState = one_of(SlotState, default=SlotState.PAGING)
    acknowledged_by: UUID | None = None
    acknowledged_at: datetime | None = instant(default=None)


class Page(TenantRow, table=True):
    """One try of one step: a person or a directory entry, and what came of it."""

    __table_args__ = (
        belongs_to("slot_id", "alert_slot"),
        belongs_to("person_id", "person"),
        belongs_to("entry_id", "directory_entry"),
        Index(None, "tenant_id", "slot_id"),
        Index(None, "tenant_id", "person_id"),
    )

    slot_id: UUID
    step: int
    person_id: UUID | None = None
    entry_id: UUID | None = None
    found_by: str = Field(max_length=80)
    paged_at: datetime = instant()
    expires_at: datetime | None = instant(default=None)
    opened_at: datetime | None = instant(default=None)
    answer: Answer | None = one_of(Answer, default=None)
    answered_at: datetime | None = instant(default=None)
    reason: str | None = None


class AlarmKind(StrEnum):
    NO_POLICY = "no_policy"
    NOBODY_FOUND = "nobody_found"
    LADDER_EXHAUSTED = "ladder_exhausted"


class ConfigurationAlarm(TenantRow, table=True):
    """A rota, step or slot that reached nobody: an emergency of set-up, to be mended at once."""

    __table_args__ = (Index(None, "tenant_id", "subject_id"),)

    kind: AlarmKind = one_of(AlarmKind)
    subject_id: UUID
    role: str = Field(max_length=60)
    raised_at: datetime = instant()
