"""Every query on deliveries and their history."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import col

from backend.kit.session import TenantSession
from notifications.deliveries.models import Delivery, DeliveryEvent, DeliveryState

OUTSTANDING = (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.UNKNOWN)


async def claimable(session: TenantSession, alert_id: UUID, now: datetime) -> list[Delivery]:
    """Deliveries of an alert that nobody holds, locked; those another worker is locking are passed over."""
    found = await session.scalars(
        select(Delivery)
        .where(
            col(Delivery.tenant_id) == session.tenant_id,
            col(Delivery.alert_id) == alert_id,
            col(Delivery.state).in_(OUTSTANDING),
            or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) <= now),
        )
        .order_by(col(Delivery.id))
        .with_for_update(skip_locked=True)
    )
    return list(found)


async def next_wake(session: TenantSession, alert_id: UUID) -> tuple[int, datetime | None]:
    """How many of the alert's deliveries are outstanding, and when the first of them may be tried."""
    count, soonest = (
        await session.execute(
            select(func.count(), func.min(Delivery.lease_until)).where(
                col(Delivery.tenant_id) == session.tenant_id,
                col(Delivery.alert_id) == alert_id,
                col(Delivery.state).in_(OUTSTANDING),
            )
        )
    ).one()
    return count, soonest


async def locked(session: TenantSession, delivery_ids: Iterable[UUID]) -> list[Delivery]:
    found = await session.scalars(
        select(Delivery)
        .where(col(Delivery.tenant_id) == session.tenant_id, col(Delivery.id).in_(set(delivery_ids)))
        .order_by(col(Delivery.id))
        .with_for_update()
    )
    return list(found)


async def by_slot(session: TenantSession, slot_ids: Iterable[UUID]) -> dict[UUID, list[Delivery]]:
    """Deliveries by slot, oldest first."""
    found = await session.scalars(
        select(Delivery)
        .where(col(Delivery.tenant_id) == session.tenant_id, col(Delivery.slot_id).in_(set(slot_ids)))
        .order_by(col(Delivery.id))
    )
    grouped: dict[UUID, list[Delivery]] = defaultdict(list)
    for delivery in found:
        grouped[delivery.slot_id].append(delivery)
    return grouped


async def history(session: TenantSession, delivery_ids: Iterable[UUID]) -> dict[UUID, list[DeliveryEvent]]:
    """States by delivery, first to last."""
    found = await session.scalars(
        select(DeliveryEvent)
        .where(col(DeliveryEvent.tenant_id) == session.tenant_id, col(DeliveryEvent.delivery_id).in_(set(delivery_ids)))
        .order_by(col(DeliveryEvent.at), col(DeliveryEvent.id))
    )  # fmt: skip
    grouped: dict[UUID, list[DeliveryEvent]] = defaultdict(list)
    for event in found:
        grouped[event.delivery_id].append(event)
    return grouped


async def unwant(session: TenantSession, slot_id: UUID) -> list[Delivery]:
    """Lock the slot's outstanding deliveries and mark them as no longer wanted."""
    found = await session.scalars(
        select(Delivery)
        .where(
            col(Delivery.tenant_id) == session.tenant_id,
            col(Delivery.slot_id) == slot_id,
            col(Delivery.state).in_(OUTSTANDING),
        )
        .with_for_update()
    )
    unwanted = list(found)
    for delivery in unwanted:
        delivery.wanted = False
    return unwanted
