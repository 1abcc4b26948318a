"""Rotas as rules, what is laid over them, and the shifts they come to."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, column, instant, one_of
from notifications.rotas.resolution import AdjustmentKind


class Rota(TenantRow, table=True):
    """Who takes turns in a role, in what hours, and who answers outside them.

    ``rule`` is a ``RotaRule`` as JSON. ``uncovered_role`` names the role whose rota answers when
    this one has nobody: the partnership's own rule for the uncovered hours. A role may have several
    rotas for different areas. Nobody is put on call who lacks ``qualification``, where one is named.
    One that has ended puts nobody on call from then on, and stays as it was until then.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        Index(None, "tenant_id", "role"),
        Index(None, "tenant_id", "uncovered_role"),
    )

    code: str = Field(max_length=60)
    role: str = Field(max_length=60)
    name: str
    rule: dict[str, Any] = column(JSONB())
    uncovered_role: str | None = Field(default=None, max_length=60)
    qualification: str | None = Field(default=None, max_length=60)
    materialised_until: datetime | None = instant(default=None)
    ended_at: datetime | None = instant(default=None)
    end_reason: str | None = None


class RotaArea(TenantRow, table=True):
    """An area or site that a rota serves. A rota without any serves all."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "rota_id", "area_id"),
        belongs_to("rota_id", "rota"),
        belongs_to("area_id", "area"),
        Index(None, "tenant_id", "area_id"),
    )

    rota_id: UUID
    area_id: UUID


class SwapState(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    UNDONE = "undone"


class ShiftSwap(TenantRow, table=True):
    """One person asks another to take a turn, perhaps in return for one of theirs.

    The keys name turns of the rule; ``during`` and ``return_during`` are where those lay when asked.
    """

    __table_args__ = (
        belongs_to("rota_id", "rota"),
        belongs_to("asker_id", "person"),
        belongs_to("other_id", "person"),
        Index(None, "tenant_id", "rota_id"),
        Index(None, "tenant_id", "asker_id"),
        Index(None, "tenant_id", "other_id"),
        Index("shift_swap_one_request", "tenant_id", "rota_id", "turn_key", unique=True,
              postgresql_where=text("state = 'asked'")),
    )  # fmt: skip

    rota_id: UUID
    asker_id: UUID
    other_id: UUID
    position: int
    turn_key: str = Field(max_length=120)
    during: Range[datetime] = column(TSTZRANGE())
    return_position: int | None = None
    return_key: str | None = Field(default=None, max_length=120)
    return_during: Range[datetime] | None = column(TSTZRANGE(), default=None)
    state: SwapState = one_of(SwapState, default=SwapState.ASKED)
    asked_at: datetime = instant()
    expires_at: datetime = instant()
    ended_at: datetime | None = instant(default=None)


class RotaAdjustment(TenantRow, table=True):
    """Something laid over a rota's rule for a time; withdrawn when it no longer holds, never deleted.

    Leave has no rota: it holds in all of them.
    """

    __table_args__ = (
        belongs_to("rota_id", "rota"),
        belongs_to("person_id", "person"),
        belongs_to("instead_id", "person"),
        belongs_to("swap_id", "shift_swap"),
        belongs_to("made_by", "person"),
        belongs_to("withdrawn_by", "person"),
        Index("rota_adjustment_in_force", "tenant_id", "rota_id", postgresql_where=text("withdrawn_at IS NULL")),
        Index(None, "tenant_id", "person_id"),
        Index(None, "tenant_id", "instead_id"),
        Index(None, "tenant_id", "swap_id"),
        Index(None, "tenant_id", "made_by"),
        Index(None, "tenant_id", "withdrawn_by"),
    )

    rota_id: UUID | None = None
    position: int | None = None
    kind: AdjustmentKind = one_of(AdjustmentKind)
    during: Range[datetime] = column(TSTZRANGE())
    person_id: UUID | None = None
    instead_id: UUID | None = None
    turns: list[dict[str, Any]] = column(JSONB(), default_factory=list)
    turn_key: str | None = Field(default=None, max_length=120)
    swap_id: UUID | None = None
    reason: str = Field(max_length=500)
    made_by: UUID
    made_at: datetime = instant()
    withdrawn_by: UUID | None = None
    withdrawn_at: datetime | None = instant(default=None)


class Shift(TenantRow, table=True):
    """One person's turn at a position, as it in fact is. ``during`` is when they answer; ``turn`` is the
    same less the repeated hour.

    Turns of a position never overlap (exclusion constraint). ``during`` may, in the hour that comes
    twice at the autumn clock change: an overlap, never a gap. ``layer`` and ``adjustment_id`` say
    where the shift comes from; ``turn_key`` is the turn of the rule that it is, or is a part of.
    ``moved_at`` is when one that had begun was last given another end.
    """

    __table_args__ = (
        ExcludeConstraint(
            ("tenant_id", "="), ("rota_id", "="), ("position", "="), ("turn", "&&"),
            using="gist", name="shift_one_at_a_time",
        ),
        Index("shift_during", "tenant_id", "rota_id", "during", postgresql_using="gist"),
        belongs_to("rota_id", "rota"),
        belongs_to("person_id", "person"),
        belongs_to("adjustment_id", "rota_adjustment"),
        Index(None, "tenant_id", "person_id"),
        Index(None, "tenant_id", "adjustment_id"),
    )  # fmt: skip

    rota_id: UUID
    position: int = 1
    person_id: UUID
    during: Range[datetime] = column(TSTZRANGE())
    turn: Range[datetime] = column(TSTZRANGE())
    layer: str = Field(default="", max_length=60)
    turn_key: str = Field(default="", max_length=120)
    adjustment_id: UUID | None = None
    moved_at: datetime | None = instant(default=None)
