"""What the auditor found, when it last looked, and the indexes that make looking cheap."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from backend.kit.tables import Row, TenantRow, instant, one_of, table_of
from notifications.alerts.models import AlertSlot
from notifications.deliveries.models import Delivery


class FindingKind(StrEnum):
    """Something that should have happened and has not."""

    PAGE_WITHOUT_DELIVERY = "page_without_delivery"
    DELIVERY_STUCK = "delivery_stuck"
    TIMER_MISSING = "timer_missing"
    SLOT_IDLE = "slot_idle"
    ALERT_STALLED = "alert_stalled"
    TASK_OVERDUE = "task_overdue"
    ROTA_NOT_EXTENDED = "rota_not_extended"


class WatchFinding(TenantRow, table=True):
    """One fault, from the pass that first saw it until the pass that no longer does.

    ``repaired`` says that the auditor put back what was missing. ``alerted`` marks the finding for
    which the partnership was told: the first of its kind to be open.
    """

    __table_args__ = (
        Index("watch_finding_open", "tenant_id", "kind", "subject_id", unique=True,
              postgresql_where=text("cleared_at IS NULL")),
        Index(None, "tenant_id", "subject_id"),
    )  # fmt: skip

    kind: FindingKind = one_of(FindingKind)
    subject_id: UUID
    found_at: datetime = instant()
    repaired: bool = False
    alerted: bool = False
    cleared_at: datetime | None = instant(default=None)


class Duty(Row, table=True):
    """Something that one scheduler of any number does again and again. Read before any partnership is known.

    ``audit`` looks for faults each minute, ``sweep`` wakes what is due each second and says so now and
    then. ``claimed_at`` is when one of them began, ``finished_at`` when one last came to the end.
    """

    __table_args__ = ({"schema": "routing"},)

    name: str = Field(primary_key=True, max_length=40)
    claimed_at: datetime = instant()
    finished_at: datetime | None = instant(default=None)
    findings: int = 0


# On tables of other packages, for the questions asked here: rows at rest are in none of the first three.
_DELIVERY, _SLOT = table_of(Delivery).c, table_of(AlertSlot).c
Index(
    "delivery_outstanding", _DELIVERY.tenant_id, _DELIVERY.created_at,
    postgresql_where=text("state IN ('pending', 'claimed', 'unknown')"),
)  # fmt: skip
Index(
    "alert_slot_waiting", _SLOT.tenant_id, _SLOT.id,
    postgresql_where=text("state = 'paging' AND ladder ->> 'needs_answer' = 'true'"),
)  # fmt: skip
Index(
    "alert_slot_unconfirmed", _SLOT.tenant_id, _SLOT.id,
    postgresql_where=text("state = 'acknowledged' AND confirm_by IS NOT NULL AND confirmed_at IS NULL"),
)  # fmt: skip
Index("delivery_by_age", _DELIVERY.tenant_id, _DELIVERY.created_at, _DELIVERY.id)
