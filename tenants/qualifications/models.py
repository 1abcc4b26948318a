"""Qualifications: facts about a person that a rota or a task may ask for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, instant


class Qualification(TenantRow, table=True):
    """One person's rank, post or training, by the partnership's own code; valid for ever without an end."""

    __table_args__ = (UniqueConstraint("tenant_id", "person_id", "code"), belongs_to("person_id", "person"))

    person_id: UUID
    code: str = Field(max_length=60)
    valid_until: datetime | None = instant(default=None)
