"""Significant events, entered by hand. What the product itself records stands on the timeline."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from backend.cases.chronology.dates import Precision
from backend.kit.tables import TenantRow, belongs_to, instant, one_of


class EventKind(StrEnum):
    """What kind of significant event."""

    CONTACT = "contact"
    VISIT = "visit"
    INCIDENT = "incident"
    INJURY = "injury"
    HEALTH = "health"
    EDUCATION = "education"
    FAMILY_CHANGE = "family_change"
    POLICE = "police"
    LEGAL = "legal"
    DECISION = "decision"
    MEETING = "meeting"
    OTHER = "other"


class ChronologyEntry(TenantRow, table=True):
    """Never changed: a correction is an entry of its own that names the one it corrects.

    ``occurred_at`` is the first moment of the day, month, season or year that ``precision`` tells.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "corrects_id"),
        belongs_to("case_id", "case_file"),
        belongs_to("child_id", "child"),
        belongs_to("corrects_id", "chronology_entry"),
        belongs_to("recorded_by", "person"),
        Index(None, "tenant_id", "case_id", "occurred_at", "id"),
    )

    case_id: UUID
    child_id: UUID | None = None
    kind: EventKind = one_of(EventKind)
    occurred_at: datetime = instant()
    precision: Precision = one_of(Precision)
    title: str = Field(max_length=200)
    text: str
    source: str | None = Field(None, max_length=200)
    corrects_id: UUID | None = None
    recorded_by: UUID
    recorded_at: datetime = instant()
