"""Rotas as rules, and the shifts they come to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant


class Rota(TenantRow, table=True):
    """Who takes turns in a role, in what hours, and who answers outside them.

    ``rule`` is a ``RotaRule`` as JSON. ``uncovered_role`` names the role whose rota answers when
    this one has nobody: the partnership's own rule for the uncovered hours.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "role"),
        Index(None, "tenant_id", "uncovered_role"),
    )

    role: str = Field(max_length=60)
    name: str
    rule: dict[str, Any] = column(JSONB())
    uncovered_role: str | None = Field(None, max_length=60)
    materialised_until: datetime | None = instant(default=None)


class Shift(TenantRow, table=True):
    """One person's turn. ``during`` is when they answer; ``turn`` is the same less the repeated hour.

    Turns of a rota never overlap (exclusion constraint). ``during`` may, in the hour that comes
    twice at the autumn clock change: an overlap, never a gap.
    """

    __table_args__ = (
        ExcludeConstraint(
            ("tenant_id", "="), ("rota_id", "="), ("turn", "&&"), using="gist", name="shift_one_at_a_time"
        ),
        Index("shift_during", "tenant_id", "rota_id", "during", postgresql_using="gist"),
        belongs_to("rota_id", "rota"),
        belongs_to("person_id", "person"),
        Index(None, "tenant_id", "person_id"),
    )  # fmt: skip

    rota_id: UUID
    person_id: UUID
    during: Range[datetime] = column(TSTZRANGE())
    turn: Range[datetime] = column(TSTZRANGE())
