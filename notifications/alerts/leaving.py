"""What waits for somebody who leaves, or may no longer take part, goes on at once to whoever is next."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from notifications.alerts import attendance, offers, repository
from notifications.alerts.escalation import next_rung
from notifications.alerts.models import AlertState, Answer, OfferState, SlotState
from notifications.alerts.paging import calls

HELD_LATELY: Final = timedelta(days=1)
"""A slot of a met alert that was taken longer ago than this has been attended to: nobody is woken for it."""


async def move_on(session: TenantSession, person_id: UUID, *, by: UUID) -> int:
    """Open the slots that a person holds, and page the next rung where they were being called.

    The person must be off the rotas and inactive already, or they would be called again. Returns how many
    slots moved on.
    """
    for offer_id in await repository.offers_to(session, person_id):
        await _decline(session, offer_id, person_id)
    now = await session.now()
    moved = 0
    for slot_id in await repository.slots_of_person(session, person_id, now - HELD_LATELY):
        moved += await _move(session, slot_id, person_id, by)
    return moved


async def keep_out(session: TenantSession, subject_id: UUID, person_id: UUID, *, by: UUID) -> int:
    """Call a person no more in the alerts about a subject that are not closed, as ``move_on`` does in all alerts.

    Returns how many slots moved on.
    """
    now = await session.now()
    moved = 0
    for alert in (await repository.by_subject(session, [subject_id])).get(subject_id, []):
        slots = [slot.id for slot in await repository.locked_slots(session, alert.id)]
        locked = await repository.alert(session, alert.id, lock=True)
        if locked.state == AlertState.CLOSED:
            continue
        locked.never_ids = sorted({*locked.never_ids, str(person_id)})
        await session.flush()  # what follows reads the alert anew
        for offered in await repository.open_offers(session, slots):
            if offered.receiver_id == person_id:
                await _decline(session, offered.id, person_id)
        for slot_id in await repository.slots_of_person(session, person_id, now - HELD_LATELY):
            if slot_id in slots:
                moved += await _move(session, slot_id, person_id, by)
    return moved


async def _decline(session: TenantSession, offer_id: UUID, person_id: UUID) -> None:
    try:
        await offers.end(session, offer_id, person_id, OfferState.DECLINED)
    except Conflict:
        return  # it ended while we looked


async def _move(session: TenantSession, slot_id: UUID, person_id: UUID, by: UUID) -> bool:
    slot = await repository.locked_slot(session, slot_id)
    now = await session.now()
    if slot.state == SlotState.ACKNOWLEDGED and slot.acknowledged_by == person_id:
        alert = await repository.alert(session, slot.alert_id, lock=True)
        if alert.state == AlertState.CLOSED:
            return False
        await attendance.reopen(session, slot, alert, now, "slot.left", by=by)
        return True
    pages = calls((await repository.pages(session, [slot.id]))[slot.id])
    waiting = [page for page in pages if page.person_id == person_id and page.answer is None]
    for page in waiting:
        if page.step == slot.step and slot.state == SlotState.PAGING:
            await next_rung(session, slot, Answer.UNREACHABLE, now, only=page.id, actor_id=by)
            return True
        page.answer, page.answered_at = Answer.UNREACHABLE, now
    return False
