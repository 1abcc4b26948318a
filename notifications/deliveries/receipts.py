"""What providers report of a delivery. Late, repeated and reordered reports change nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.kit import metrics
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from notifications.deliveries import repository
from notifications.deliveries.failures import after_failure
from notifications.deliveries.models import Delivery, DeliveryState
from notifications.deliveries.service import enter

_ENDED = frozenset({DeliveryState.DELIVERED, DeliveryState.OPENED, DeliveryState.FAILED, DeliveryState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Receipt:
    """One provider's word on one delivery: delivered, opened or failed. ``dead`` retires the address."""

    delivery_id: UUID
    state: DeliveryState
    provider: str
    provider_id: str
    reason: str = "the provider reports that it did not arrive"
    dead: bool = False


async def take(session: TenantSession, receipts: Sequence[Receipt]) -> set[UUID]:
    """Record any number of receipts: one statement for all that arrived. Returns the deliveries that do not exist."""
    good = [receipt for receipt in receipts if receipt.state != DeliveryState.FAILED]
    known: set[UUID] = set()
    if good:
        rows = await repository.arrived(session, {
            "ids": [one.delivery_id for one in good], "states": [one.state.value for one in good],
            "providers": [one.provider for one in good], "provider_ids": [one.provider_id for one in good],
            "event_ids": [uuid7() for _ in good],
        })  # fmt: skip
        for row in rows:
            known.add(row.id)
            if row.channel is not None:
                metrics.count_delivery(row.channel, row.state, drill=row.drill)
    failures = {one.delivery_id: one for one in receipts if one.state == DeliveryState.FAILED}
    if failures:
        known |= await _fail(session, failures)
    return {receipt.delivery_id for receipt in receipts} - known


async def _fail(session: TenantSession, failures: dict[UUID, Receipt]) -> set[UUID]:
    now = await session.now()
    found = await repository.locked(session, failures)
    failed = [one for one in found if one.state not in _ENDED and _holds(one, failures[one.id])]
    for delivery in failed:
        told = failures[delivery.id]
        delivery.state, delivery.failure, delivery.lease_until = DeliveryState.FAILED, told.reason, None
        delivery.provider_id = delivery.provider_id or told.provider_id
        detail = {"attempt": delivery.attempts, "provider": told.provider, "reason": told.reason}
        enter(session, delivery.id, delivery.state, delivery.channel, now, detail, drill=delivery.drill)
    await after_failure(session, failed, {one.id for one in failed if failures[one.id].dead})
    return {delivery.id for delivery in found}


def _holds(delivery: Delivery, told: Receipt) -> bool:
    """Whether it is the attempt in hand that failed, and not an earlier one by another provider."""
    same_provider = delivery.provider in {None, told.provider}
    return same_provider and delivery.provider_id in {None, told.provider_id}
