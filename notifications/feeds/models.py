"""The addresses that calendars may subscribe to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from backend.kit.tables import TenantRow, belongs_to, instant


class CalendarFeed(TenantRow, table=True):
    """One feed: of a rota, or without one of its owner's own turns.

    It opens with a token that was shown once; only the token's SHA-256 is here. ``last_read_at`` is known to
    the hour, so that a feed nobody reads any more can be told and revoked.
    """

    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash"),
        belongs_to("owner_id", "person"),
        belongs_to("rota_id", "rota"),
        Index(None, "tenant_id", "owner_id"),
        Index(None, "tenant_id", "rota_id"),
    )

    owner_id: UUID
    rota_id: UUID | None = None
    token_hash: str = Field(max_length=64)
    created_at: datetime = instant()
    revoked_at: datetime | None = instant(default=None)
    last_read_at: datetime | None = instant(default=None)
