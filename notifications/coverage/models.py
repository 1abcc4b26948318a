"""Warnings about rotas, each from the moment it was first seen to the one it was mended or had passed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from backend.kit.tables import Row, TenantRow, belongs_to, instant, one_of
from notifications.coverage.findings import WarningKind


class WarningOutcome(StrEnum):
    """How a warning ended: the rota was mended in time, or the time it spoke of passed as it was."""

    MENDED = "mended"
    PASSED = "passed"


class RotaWarning(TenantRow, table=True):
    """A fault seen ahead. Open until ``ended_at``; kept for ever, as what was known and when may be asked.

    Without a rota it is about the partnership, which has none. ``begins`` and ``until`` are the time it
    matters in, and for short rest the rest itself. ``other_rota_id`` is the rota of the clashing turn.
    """

    __table_args__ = (
        belongs_to("rota_id", "rota"),
        belongs_to("other_rota_id", "rota"),
        belongs_to("person_id", "person"),
        Index("rota_warning_open", "tenant_id", "kind", postgresql_where=text("ended_at IS NULL")),
        Index("rota_warning_by_sight", "tenant_id", "first_seen_at", "id"),
        Index(None, "tenant_id", "rota_id"),
        Index(None, "tenant_id", "other_rota_id"),
        Index(None, "tenant_id", "person_id"),
    )

    kind: WarningKind = one_of(WarningKind)
    rota_id: UUID | None = None
    other_rota_id: UUID | None = None
    person_id: UUID | None = None
    position: int | None = None
    begins: datetime | None = instant(default=None)
    until: datetime | None = instant(default=None)
    first_seen_at: datetime = instant()
    ended_at: datetime | None = instant(default=None)
    outcome: WarningOutcome | None = one_of(WarningOutcome, default=None)


class RotaWarningCount(Row, table=True):
    """How many warnings of a kind a partnership has open: counts only, read over all partnerships for the gauge."""

    __table_args__ = ({"schema": "routing"},)

    tenant_id: UUID = Field(primary_key=True)
    kind: WarningKind = one_of(WarningKind, primary_key=True)
    open: int = 0
