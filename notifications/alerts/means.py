"""How an answer came, and the record of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.kit.session import TenantSession
from notifications.alerts.models import Factor, Given, SlotAnswer, Via


@dataclass(frozen=True, slots=True)
class Means:
    """The way an answer came and what it rests on.

    ``delivery_id`` is the message that was answered, ``received_id`` the provider's id of the text or
    call. ``given_by`` and ``reason`` are those of a duty manager who answers for somebody. ``device_at`` is when
    the phone says that it was given: by its own clock, and perhaps long before it had a network.
    """

    via: Via
    factor: Factor
    delivery_id: UUID | None = None
    received_id: str | None = None
    given_by: UUID | None = None
    reason: str | None = None
    device_at: datetime | None = None


SIGNED_IN: Final = Means(Via.SIGNED_IN, Factor.SIGN_IN)


def signed_in(device_at: datetime | None) -> Means:
    """The way of an answer given in the app, at an instant of its device."""
    return replace(SIGNED_IN, device_at=device_at)


async def record(
    session: TenantSession, slot_id: UUID, person_id: UUID, given: Given, means: Means, *,
    page_id: UUID | None = None, offer_id: UUID | None = None,
) -> None:  # fmt: skip
    """Write down an answer in the transaction in which it takes effect."""
    received_id = means.received_id[:80] if means.received_id else None
    session.append(
        SlotAnswer, slot_id=slot_id, page_id=page_id, offer_id=offer_id, person_id=person_id, given=given,
        via=means.via, factor=means.factor, given_by=means.given_by, reason=means.reason,
        delivery_id=means.delivery_id, received_id=received_id, at=await session.now(),
        device_at=means.device_at,
    )  # fmt: skip
