"""Alert policies, a version at a time."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.kit.tables import TenantRow, column, instant


class AlertPolicy(TenantRow, table=True):
    """Slots and ladders of one type of alert. At most one version of a type is in force.

    ``slots`` is a list of ``SlotPolicy`` as JSON. A version in force is never edited: running
    alerts hold a copy, and a change is a new version.
    """

    __table_args__ = (
        Index("alert_policy_version", "tenant_id", "alert_type", "version", unique=True),
        Index("alert_policy_in_force", "tenant_id", "alert_type", unique=True, postgresql_where=text("in_force")),
    )

    alert_type: str = Field(max_length=60)
    version: int
    slots: list[dict[str, Any]] = column(JSONB())
    in_force: bool = False
    created_at: datetime = instant()
