"""A draft of a form."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant


class Draft(TenantRow, table=True):
    """What one person has written so far into one form, about one case or none.

    ``version`` counts the saves. It is deleted at ``expires_at``, which each save moves on.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "person_id", "form", "case_id", postgresql_nulls_not_distinct=True),
        belongs_to("person_id", "person"),
        belongs_to("case_id", "case_file"),
        Index(None, "tenant_id", "person_id", "saved_at", "id"),
    )

    person_id: UUID
    form: str = Field(max_length=80)
    case_id: UUID | None = None
    content: dict[str, Any] = column(JSONB())
    version: int = 1
    saved_at: datetime = instant()
    expires_at: datetime = instant()
