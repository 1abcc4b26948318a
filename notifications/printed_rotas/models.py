"""The issues of the printed rota."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.kit.ids import uuid7
from backend.kit.tables import TenantRow, instant


class PrintedRota(TenantRow, table=True):
    """One issue, in the partnership's bucket under ``object_key``; ``version`` has no gap. Never changed.

    ``digest`` is the SHA-256 of what it says but for its number and dates, so that a change which alters
    nothing on paper makes no new issue.
    """

    __table_args__ = (UniqueConstraint("tenant_id", "version"),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    version: int
    issued_at: datetime = instant()
    valid_until: datetime = instant()
    object_key: str
    version_id: str
    size: int
    digest: str = Field(max_length=64)
