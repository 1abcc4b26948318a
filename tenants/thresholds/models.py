"""Editions of threshold documents as a partnership keeps them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of


class ThresholdState(StrEnum):
    """How far a text has come. Only an approved one is in force, from its day on."""

    DRAFT = "draft"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class ThresholdEdition(TenantRow, table=True):
    """A threshold document: ``content`` is the continuum as data, ``text`` as somebody wrote it.

    Neither changes once the row is made: a correction is another edition. ``scheme`` is ``partnership``, or the
    code of the agency whose own policy it is. A withdrawn one stays readable, and decisions by it stand.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "scheme", "number"),
        CheckConstraint(
            "state <> 'approved' OR (approved_at IS NOT NULL AND in_force_from IS NOT NULL)", name="approved"
        ),
        belongs_to("made_by", "person"),
        belongs_to("approved_by", "person"),
        belongs_to("withdrawn_by", "person"),
        Index("threshold_edition_by_making", "tenant_id", "made_at", "id"),
    )

    scheme: str = Field(max_length=80)
    number: int
    title: str = Field(max_length=300)
    state: ThresholdState = one_of(ThresholdState, default=ThresholdState.DRAFT)
    content: dict[str, Any] = column(JSONB())
    text: str | None = None
    digest: str = Field(max_length=64)
    made_by: UUID | None = None
    made_at: datetime = instant()
    approved_by: UUID | None = None
    approved_role: str | None = Field(default=None, max_length=80)
    approved_at: datetime | None = instant(default=None)
    authority: str | None = Field(default=None, max_length=300)
    in_force_from: date | None = None
    withdrawn_by: UUID | None = None
    withdrawn_at: datetime | None = instant(default=None)
    withdrawal_reason: str | None = None
