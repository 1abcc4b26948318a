"""Deliveries as those write them who have something to say: recorded as pending, and stopped.

Workers claim, send and record them (``claiming``); providers' receipts move them on (``receipts``).
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from backend.kit import metrics
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, PAGES, Actor
from notifications.deliveries import repository
from notifications.deliveries.models import Delivery, DeliveryEvent, DeliveryState
from tenants.contacts.models import Channel

DELIVER_PAGES: Final = Actor("deliver_pages", PAGES)
DELIVER_NOTICES: Final = Actor("deliver_notices", NOTICES)
# Owed when a page's time is up, and at once when none of its messages can arrive.
PAGE_ENDED: Final = Actor("page_ended", PAGES)


def queue_for(*, urgent: bool) -> Actor:
    """First pages and escalations have workers of their own; notices never stand in front of them."""
    return DELIVER_PAGES if urgent else DELIVER_NOTICES


def add(session: TenantSession, now: datetime, **values: Any) -> UUID:
    """Record a new delivery of an alert as pending; ``values`` are those of ``Delivery``. Returns its id."""
    delivery_id = session.append(Delivery, created_at=now, **values)
    enter(session, delivery_id, DeliveryState.PENDING, values["channel"], now, {}, drill=values.get("drill", False))
    return delivery_id


async def cancel_pending(session: TenantSession, slot_id: UUID, now: datetime) -> None:
    """Stop everything that has not left for this slot; what is under way is not repeated."""
    for gone in await repository.unwant(session, slot_id):
        detail = {"attempt": gone.attempts}
        enter(session, gone.id, DeliveryState.CANCELLED, gone.channel, now, detail, drill=gone.drill)


def enter(
    session: TenantSession, delivery_id: UUID, state: DeliveryState, channel: Channel, now: datetime,
    detail: dict[str, Any], *, drill: bool,
) -> None:  # fmt: skip
    """Write a state to a delivery's history, and count it."""
    session.append(DeliveryEvent, delivery_id=delivery_id, state=state, at=now, detail=detail)
    metrics.count_delivery(str(channel), str(state), drill=drill)
