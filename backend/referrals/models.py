"""A referral as it was received."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant


class Referral(TenantRow, table=True):
    """What somebody told of children, never changed: by whom it was sent in, and the case that it opened.

    ``application_id`` names a row outside the partnership, so no key of the database ties it. ``told`` is what the
    pathway is begun with. How the referral stands is what the case's run says, and is not kept here.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "case_id"),
        CheckConstraint("num_nonnulls(application_id, person_id) = 1", name="sender"),
        belongs_to("case_id", "case_file"),
        belongs_to("person_id", "person"),
        Index(None, "tenant_id", "application_id", "received_at"),
        Index(None, "tenant_id", "person_id", "received_at"),
    )

    case_id: UUID
    application_id: UUID | None = None
    person_id: UUID | None = None
    their_reference: str | None = Field(None, max_length=80)
    told: dict[str, Any] = column(JSONB())
    received_at: datetime = instant()
