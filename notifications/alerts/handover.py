"""Accept, decline and withdraw an offered slot."""

from uuid import UUID

from backend.kit.session import TenantSession
from notifications.alerts import attendance, offers
from notifications.alerts.models import AlertSlot, OfferState
from notifications.alerts.paging import audit


async def accept(session: TenantSession, offer_id: UUID, person_id: UUID) -> AlertSlot:
    """Take over the slot: from now on it is the receiver's, who has the whole time to confirm attendance.

    Raises ``Forbidden`` for anybody but the receiver, ``Conflict`` once the offer has ended.
    """
    found, slot = await offers.end(session, offer_id, person_id, OfferState.ACCEPTED)
    if slot.acknowledged_by == found.giver_id:
        now = await session.now()
        slot.acknowledged_by, slot.acknowledged_at = person_id, now
        slot.answered_for_by, slot.override_reason = None, None
        await attendance.await_it(session, slot, now)
        audit(session, "slot.handed_over", slot.alert_id, person_id, role=slot.role, giver=str(found.giver_id))
    return slot


async def decline(session: TenantSession, offer_id: UUID, person_id: UUID) -> AlertSlot:
    """Leave the slot with its giver. Raises as ``accept`` does."""
    return (await offers.end(session, offer_id, person_id, OfferState.DECLINED))[1]


async def withdraw(session: TenantSession, offer_id: UUID, person_id: UUID) -> AlertSlot:
    """Keep the slot after all. Raises ``Forbidden`` for anybody but the giver, ``Conflict`` once it has ended."""
    return (await offers.end(session, offer_id, person_id, OfferState.WITHDRAWN))[1]
