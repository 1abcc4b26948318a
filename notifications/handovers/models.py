"""Hand-over notes, the open alerts they list, and how far each rota's changes have been seen."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, instant, one_of


class HandoverState(StrEnum):
    WAITING = "waiting"
    OPEN = "open"
    SIGNED = "signed"
    VOID = "void"


class Handover(TenantRow, table=True):
    """From ``outgoing_id`` to ``incoming_id`` at ``at``, the change of a rota's position.

    ``waiting`` while nobody has taken over; ``void`` when the outgoing person came back themselves.
    Once both have signed nothing of it changes: a trigger sees to that too. ``note`` is the
    outgoing person's alone and leaves only through the API. ``…_device_at`` is when the phone of who signed offline
    says that they did. ``uncovered_at`` is when the manager was
    told that nobody takes over, ``manager_told_at`` when they were told that somebody does not sign.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "rota_id", "position", "outgoing_id", "at"),
        belongs_to("rota_id", "rota"),
        belongs_to("outgoing_id", "person"),
        belongs_to("incoming_id", "person"),
        Index("handover_by_instant", "tenant_id", "at", "id"),
        Index("handover_unsigned", "tenant_id", "rota_id", "state"),
    )

    rota_id: UUID
    position: int = 1
    role: str = Field(max_length=60)
    outgoing_id: UUID
    incoming_id: UUID | None = None
    at: datetime = instant()
    state: HandoverState = one_of(HandoverState)
    note: str | None = Field(default=None, max_length=4_000)
    written_at: datetime | None = instant(default=None)
    outgoing_signed_at: datetime | None = instant(default=None)
    incoming_signed_at: datetime | None = instant(default=None)
    outgoing_device_at: datetime | None = instant(default=None)
    incoming_device_at: datetime | None = instant(default=None)
    created_at: datetime = instant()
    reminded_at: datetime | None = instant(default=None)
    uncovered_at: datetime | None = instant(default=None)
    manager_told_at: datetime | None = instant(default=None)


class HandoverAlert(TenantRow, table=True):
    """An alert's slot that was open at the hand-over, in the state it had then. Ids only."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "handover_id", "slot_id"),
        belongs_to("handover_id", "handover"),
        belongs_to("alert_id", "alert"),
        belongs_to("slot_id", "alert_slot"),
    )

    handover_id: UUID
    alert_id: UUID
    slot_id: UUID
    state: str = Field(max_length=40)
    listed_at: datetime = instant()


class HandoverMark(TenantRow, table=True):
    """The instant up to which a rota's changes have had their hand-overs."""

    __table_args__ = (UniqueConstraint("tenant_id", "rota_id"), belongs_to("rota_id", "rota"))

    rota_id: UUID
    seen_until: datetime = instant()
