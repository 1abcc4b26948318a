"""Duties that are watched until they begin, and who was told what on the way."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of
from notifications.readiness.rules import Stage


class DutyWatch(TenantRow, table=True):
    """A person who begins a duty in a rota at an instant: known by these, not by shifts, which are made anew.

    ``told_at`` is when they were told that they are on call: once, however often the rota changes.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "rota_id", "person_id", "begins_at"),
        belongs_to("rota_id", "rota"),
        belongs_to("person_id", "person"),
    )

    rota_id: UUID
    person_id: UUID
    begins_at: datetime = instant()
    told_at: datetime | None = instant(default=None)


class ReadinessReminder(TenantRow, table=True):
    """That somebody was not ready at a stage, what was missing, and who was told."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "watch_id", "stage"),
        belongs_to("watch_id", "duty_watch"),
    )

    watch_id: UUID
    stage: Stage = one_of(Stage)
    at: datetime = instant()
    missing: list[Any] = column(JSONB(), default_factory=list)
    notices: int = Field(ge=0)
    manager_told: bool = False
