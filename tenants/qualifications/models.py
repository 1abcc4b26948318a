"""Qualifications and areas: facts about a person that a rota or a task may ask for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, instant


class Qualification(TenantRow, table=True):
    """One person's rank, post or training, by the partnership's own code; valid for ever without an end."""

    __table_args__ = (UniqueConstraint("tenant_id", "person_id", "code"), belongs_to("person_id", "person"))

    person_id: UUID
    code: str = Field(max_length=60)
    valid_until: datetime | None = instant(default=None)


class PersonArea(TenantRow, table=True):
    """An area that a person works in, unless it was taken away again. Who has none works in all of them."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "person_id", "area_id"),
        belongs_to("person_id", "person"),
        belongs_to("area_id", "area"),
        Index(None, "tenant_id", "area_id"),
    )

    person_id: UUID
    area_id: UUID
    removed_at: datetime | None = instant(default=None)
