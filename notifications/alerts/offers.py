"""Hand a slot to somebody else, with their consent."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.tasks import PAGES, Actor, cancel, owe
from notifications.alerts import repository, templates
from notifications.alerts.means import SIGNED_IN, Means, record
from notifications.alerts.models import (
    AlertSlot,
    AlertState,
    Answer,
    Given,
    OfferState,
    Page,
    Purpose,
    SlotOffer,
    SlotState,
)
from notifications.alerts.paging import audit, refuse_spared, send
from notifications.deliveries import service as deliveries
from notifications.ladders.preferences import NotificationRules, ways
from tenants.contacts import repository as contacts
from tenants.contacts.models import Channel

OFFER_ENDED: Final = Actor("offer_ended", PAGES)
SHORTEST_SECONDS: Final = 60
LONGEST_SECONDS: Final = 3_600
_GIVEN: Final = {OfferState.ACCEPTED: Given.ACCEPTED, OfferState.DECLINED: Given.DECLINED}


async def offer(
    session: TenantSession, slot_id: UUID, giver_id: UUID, receiver_id: UUID, *, within: int, offer_id: UUID
) -> SlotOffer:
    """Offer one's slot to somebody, who has ``within`` seconds to answer and is paged at once.

    The giver holds the slot until it is accepted. Raises ``Forbidden`` for anybody but the holder,
    ``Conflict`` for a closed alert or while another offer is open, ``Invalid`` for a receiver who is
    the holder, not active, cannot be reached or is kept from what the alert is about, and for a time
    out of bounds, ``NotFound`` for nobody.
    """
    slot = await repository.locked_slot(session, slot_id)
    if not await contacts.people(session, [receiver_id]):
        raise NotFound("There is no such person in this partnership.")
    if slot.state != SlotState.ACKNOWLEDGED or slot.acknowledged_by != giver_id:
        raise Forbidden("Only who has taken this slot may hand it over.")
    alert = await repository.alert(session, slot.alert_id)
    if alert.state == AlertState.CLOSED:
        raise Conflict("This alert has been closed; there is nothing to hand over.")
    if not SHORTEST_SECONDS <= within <= LONGEST_SECONDS:
        bounds = f"must be {SHORTEST_SECONDS} to {LONGEST_SECONDS} seconds"
        raise Invalid([FieldError("answerWithin", bounds)])
    if await repository.open_offer(session, slot_id) is not None:
        raise Conflict("This slot is offered to somebody already. Wait for their answer or withdraw the offer.")
    found = await contacts.reach(session, [receiver_id])
    methods = [row.ContactMethod for row in found if row.ContactMethod is not None]
    if receiver_id == giver_id or not methods:
        raise Invalid([FieldError("toPersonId", "must be somebody else who is active here and can be reached")])
    refuse_spared(alert, "toPersonId", receiver_id)
    now = await session.now()
    made = SlotOffer(
        tenant_id=session.tenant_id, id=offer_id, slot_id=slot_id, giver_id=giver_id, receiver_id=receiver_id,
        offered_at=now, expires_at=now + timedelta(seconds=within),
    )  # fmt: skip
    session.insert(made)
    rules = NotificationRules.model_validate(found[0].notification_rules or {}).urgent
    page_id = session.append(
        Page, slot_id=slot_id, step=slot.step, purpose=Purpose.OFFER, person_id=receiver_id,
        found_by="offer", paged_at=now, expires_at=made.expires_at,
    )  # fmt: skip
    chosen = ways((Channel.PUSH, Channel.SMS), methods, rules, within)
    send(session, alert, slot_id, page_id, chosen, templates.OFFER, now)
    await owe(session, OFFER_ENDED, offer_id, due_at=made.expires_at)
    await owe(session, deliveries.queue_for(urgent=True), alert.id)
    audit(session, "slot.offered", alert.id, giver_id, role=slot.role, to=str(receiver_id))
    return made


async def withdraw(session: TenantSession, slot_ids: Iterable[UUID], now: datetime) -> None:
    """End the open offers of these slots, which their callers have locked."""
    for found in await repository.open_offers(session, slot_ids):
        await _end(session, found, OfferState.WITHDRAWN, Answer.EXPIRED, now)


async def expire(session: TenantSession, offer_id: UUID) -> None:
    """An offer's time is up: the giver keeps the slot."""
    found = await repository.offer(session, offer_id)
    slot = await repository.locked_slot(session, found.slot_id)
    found = await repository.offer(session, offer_id, lock=True)
    now = await session.now()
    if found.state == OfferState.OPEN and found.expires_at <= now:
        await _end(session, found, OfferState.EXPIRED, Answer.EXPIRED, now)
        await deliveries.cancel_pending(session, slot.id, now)
        audit(session, "slot.offer_expired", slot.alert_id, None, role=slot.role)


async def end(
    session: TenantSession, offer_id: UUID, person_id: UUID, state: OfferState, means: Means = SIGNED_IN
) -> tuple[SlotOffer, AlertSlot]:
    """Accept or decline as its receiver, or withdraw as its giver. The same answer again is no error.

    An answer is recorded with its ``means``.

    Raises ``Forbidden`` for anybody else, ``Conflict`` once it has ended otherwise.
    """
    found = await repository.offer(session, offer_id)
    slot = await repository.locked_slot(session, found.slot_id)
    found = await repository.offer(session, offer_id, lock=True)
    if person_id != (found.giver_id if state == OfferState.WITHDRAWN else found.receiver_id):
        raise Forbidden("Only who was offered the slot may answer, and only who offered it may withdraw.")
    now = await session.now()
    if found.state == state:
        return found, slot
    if found.state != OfferState.OPEN or found.expires_at <= now:
        ended = found.state if found.state != OfferState.OPEN else OfferState.EXPIRED
        raise Conflict(f"This offer is already {ended}; open the alert to see who holds the slot.")
    answer = {OfferState.ACCEPTED: Answer.ACKNOWLEDGED, OfferState.DECLINED: Answer.DECLINED}
    await _end(session, found, state, answer.get(state, Answer.EXPIRED), now)
    if state in _GIVEN:
        await record(session, slot.id, person_id, _GIVEN[state], means, offer_id=found.id)
    await deliveries.cancel_pending(session, slot.id, now)
    audit(session, f"slot.offer_{state.value}", slot.alert_id, person_id, role=slot.role)
    return found, slot


async def _end(session: TenantSession, found: SlotOffer, state: OfferState, answer: Answer, now: datetime) -> None:
    found.state, found.answered_at = state, now
    cancel(session, OFFER_ENDED, [found.id])
    for page in (await repository.pages(session, [found.slot_id]))[found.slot_id]:
        offered = page.purpose == Purpose.OFFER and page.person_id == found.receiver_id
        if offered and page.paged_at == found.offered_at and page.answer is None:
            page.answer, page.answered_at = answer, now
