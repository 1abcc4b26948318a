"""Every query on deliveries and their history."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Interval, Row, bindparam, func, select, text
from sqlmodel import col

from backend.kit.session import TenantSession
from backend.kit.tables import grouped, link
from notifications.deliveries.models import Delivery, DeliveryEvent, DeliveryState

OUTSTANDING = (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.UNKNOWN)


# The hot path is written out: one statement claims, one records, and each brings the clock along.
_CLAIM = text("""
    WITH held AS (
        SELECT id, state FROM delivery
        WHERE tenant_id = :tenant AND alert_id = :alert AND state IN ('pending', 'claimed', 'unknown')
          AND (lease_until IS NULL OR lease_until <= app.now())
        ORDER BY id FOR UPDATE SKIP LOCKED)
    UPDATE delivery SET state = 'claimed', attempts = attempts + 1, lease_until = app.now() + :lease
    FROM held WHERE delivery.tenant_id = :tenant AND delivery.id = held.id
    RETURNING delivery.id, delivery.channel, delivery.address, delivery.template, delivery.reference,
        delivery.wanted, delivery.attempts, held.state AS was, app.now() AS now
""").bindparams(bindparam("lease", type_=Interval()))
_HAND_OVER = text("""
    UPDATE delivery SET state = 'handed_over', handed_over_at = app.now(), provider_id = given.provider_id,
        lease_until = NULL, failure = NULL
    FROM unnest(CAST(:ids AS uuid[]), CAST(:provider_ids AS text[])) AS given(id, provider_id)
    WHERE delivery.tenant_id = :tenant AND delivery.id = given.id AND delivery.state = 'claimed'
    RETURNING delivery.id, delivery.channel, delivery.attempts, delivery.first_page, delivery.raised_at,
        app.now() AS now
""")

_ARRIVED = text("""
    UPDATE delivery SET state = 'delivered', lease_until = NULL, provider_id = coalesce(provider_id, :provider_id),
        handed_over_at = coalesce(handed_over_at, app.now())
    WHERE tenant_id = :tenant AND id = :id AND state IN ('pending', 'claimed', 'unknown', 'handed_over')
    RETURNING channel, attempts, app.now() AS now
""")


async def claim(session: TenantSession, alert_id: UUID, lease: timedelta) -> list[Row[Any]]:
    """Claim deliveries of an alert that nobody holds; those another worker is locking are passed over.

    ``was`` is the state before: anything but pending may have left already.
    """
    values = {"tenant": session.tenant_id, "alert": alert_id, "lease": lease}
    return list((await session.execute(_CLAIM, values)).all())


async def hand_over(session: TenantSession, provider_ids: Mapping[UUID, str]) -> list[Row[Any]]:
    """Record that the provider has these, where they are still claimed."""
    values = {
        "tenant": session.tenant_id, "ids": list(provider_ids), "provider_ids": list(provider_ids.values()),
    }  # fmt: skip
    return list((await session.execute(_HAND_OVER, values)).all())


async def arrived(session: TenantSession, delivery_id: UUID, provider_id: str) -> Row[Any] | None:
    """Record that the message is on the handset; None when it was known already, or never will be."""
    values = {"tenant": session.tenant_id, "id": delivery_id, "provider_id": provider_id}
    return (await session.execute(_ARRIVED, values)).one_or_none()


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
    return grouped(found, lambda delivery: delivery.slot_id)


async def history(session: TenantSession, delivery_ids: Iterable[UUID]) -> dict[UUID, list[DeliveryEvent]]:
    """States by delivery, first to last."""
    found = await session.scalars(
        select(DeliveryEvent)
        .where(col(DeliveryEvent.tenant_id) == session.tenant_id, col(DeliveryEvent.delivery_id).in_(set(delivery_ids)))
        .order_by(col(DeliveryEvent.at), col(DeliveryEvent.id))
    )  # fmt: skip
    return grouped(found, lambda event: event.delivery_id)


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


async def last_arrived(
    session: TenantSession, slot_ids: Iterable[UUID], since: datetime
) -> dict[tuple[str, str], datetime]:
    """When a message to a channel and address last reached its handset, among the slots' deliveries."""
    found = await session.execute(
        select(col(Delivery.channel), col(Delivery.address), func.max(col(DeliveryEvent.at)).label("at"))
        .join(DeliveryEvent, link(DeliveryEvent, "delivery_id", Delivery))
        .where(
            col(Delivery.tenant_id) == session.tenant_id,
            col(Delivery.slot_id).in_(list(slot_ids)),
            col(DeliveryEvent.state).in_((DeliveryState.DELIVERED, DeliveryState.OPENED)),
            col(DeliveryEvent.at) > since,
        )
        .group_by(col(Delivery.channel), col(Delivery.address))
    )
    return {(row.channel, row.address): row.at for row in found}
