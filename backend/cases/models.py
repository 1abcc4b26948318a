"""The case file: one matter, its timeline, the cases it is linked to, and who has looked at it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class CaseState(StrEnum):
    """VOID: what it was opened for did not come here after all. It is kept for the record, and is nobody's work."""

    OPEN = "open"
    CLOSED = "closed"
    VOID = "void"


class CaseFile(TenantRow, table=True):
    """A matter that a pathway runs on.

    ``owner_id`` answers for it and is told when somebody breaks the glass. A ``restricted`` case is
    there for its list alone (``CaseGrant``).
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "reference"),
        belongs_to("area_id", "area"),
        belongs_to("opened_by", "person"),
        belongs_to("owner_id", "person"),
        belongs_to("team_id", "team"),
        belongs_to("agency_id", "agency"),
        Index(None, "tenant_id", "area_id"),
        Index("case_file_by_opening", "tenant_id", "opened_at", "id"),
        Index(None, "tenant_id", "owner_id"),
        Index(None, "tenant_id", "team_id"),
    )

    pathway: str = Field(max_length=80)
    reference: str = Field(max_length=20)
    area_id: UUID | None = None
    state: CaseState = one_of(CaseState, default=CaseState.OPEN)
    opened_at: datetime = instant()
    opened_by: UUID | None = None
    owner_id: UUID | None = None
    team_id: UUID | None = None
    agency_id: UUID | None = None
    restricted: bool = False


class CaseChangeKind(StrEnum):
    """What was done to a case as a whole.

    OWNER_LEFT: whoever answered for it has left, and nobody does since. VOIDED: what it was opened for did not come.
    """

    CLOSED = "closed"
    REOPENED = "reopened"
    HANDED_OVER = "handed_over"
    OWNER_LEFT = "owner_left"
    VOIDED = "voided"


class CaseChange(TenantRow, table=True):
    """A case closed, voided, opened again or handed over, and why; never changed. ``was_`` is what held before.

    ``made_by`` is None for what nobody here did: an owner who left, or what another partnership took back.
    """

    __table_args__ = (
        CheckConstraint(
            "kind = 'owner_left' OR (reason IS NOT NULL AND (made_by IS NOT NULL OR kind = 'voided'))", name="said_why"
        ),
        belongs_to("case_id", "case_file"),
        belongs_to("made_by", "person"),
        belongs_to("was_owner_id", "person"),
        belongs_to("owner_id", "person"),
        belongs_to("was_team_id", "team"),
        belongs_to("team_id", "team"),
        Index(None, "tenant_id", "case_id", "made_at"),
    )

    case_id: UUID
    kind: CaseChangeKind = one_of(CaseChangeKind)
    reason: str | None = None
    made_by: UUID | None = None
    made_at: datetime = instant()
    was_owner_id: UUID | None = None
    owner_id: UUID | None = None
    was_team_id: UUID | None = None
    team_id: UUID | None = None


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


class LinkKind(StrEnum):
    """How a case stands to another. UMBRELLA and TRANSFER have a direction: from the case to the other."""

    SIBLING = "sibling"
    SAME_INCIDENT = "same_incident"
    UMBRELLA = "umbrella"
    TRANSFER = "transfer"


class CaseLink(TenantRow, table=True):
    """``case_id`` is the umbrella, or the case that was left in a transfer; the other two kinds read alike."""

    __table_args__ = (
        belongs_to("case_id", "case_file"),
        belongs_to("other_id", "case_file"),
        belongs_to("linked_by", "person"),
        belongs_to("ended_by", "person"),
        Index("case_link_in_force", "tenant_id", "case_id", "other_id", "kind", unique=True,
              postgresql_where=text("ended_at IS NULL")),
        Index(None, "tenant_id", "other_id"),
        CheckConstraint("case_id <> other_id", name="two"),
    )  # fmt: skip

    case_id: UUID
    other_id: UUID
    kind: LinkKind = one_of(LinkKind)
    reason: str | None = None
    linked_by: UUID
    linked_at: datetime = instant()
    ended_by: UUID | None = None
    ended_at: datetime | None = instant(default=None)


class AccessEntry(TenantRow, table=True):
    """A look at a record: every view is logged as well as every change.

    ``case_id`` is the case that the record belongs to, so that a case's log is one range of an index.
    """

    __table_args__ = (
        Index("access_entry_by_subject", "tenant_id", "subject_id", "at"),
        Index("access_entry_by_case", "tenant_id", "case_id", "at", "id"),
        Index("access_entry_by_person", "tenant_id", "person_id", "at"),
        belongs_to("person_id", "person"),
        belongs_to("case_id", "case_file"),
        {"info": {"followed": False}},
    )

    person_id: UUID
    subject_kind: str = Field(max_length=60)
    subject_id: UUID
    case_id: UUID | None = None
    action: str = Field(max_length=40)
    at: datetime = instant()
