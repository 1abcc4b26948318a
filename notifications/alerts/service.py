"""Take answers to an alert.

Every function works in the caller's transaction: the alert, its slots, its first deliveries and
the tasks that will send and escalate them become durable together or not at all.
"""

from datetime import datetime
from uuid import UUID

from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid, NotFound
from backend.kit.session import TenantSession
from notifications.alerts import attendance, repository
from notifications.alerts.escalation import escalate, next_rung
from notifications.alerts.means import SIGNED_IN, Means, record
from notifications.alerts.models import Alert, AlertSlot, Answer, Factor, Given, Page, Purpose, SlotState, Via
from notifications.alerts.paging import audit, fall_silent, refuse_spared, spared
from notifications.alerts.raising import CONFIGURATION_ALARM, raise_alert, settle
from tenants.contacts import repository as contacts

__all__ = ["CONFIGURATION_ALARM", "acknowledge", "decline", "escalate", "opened", "override", "raise_alert"]


async def acknowledge(session: TenantSession, slot_id: UUID, person_id: UUID, means: Means = SIGNED_IN) -> AlertSlot:
    """Take the slot: paging for it stops in this transaction, for it alone. ``means`` is kept with the answer.

    Raises ``Forbidden`` for somebody who was not paged for the slot or is kept from the matter since,
    ``Conflict`` when another person has it or it is closed. Asking twice by the same person is no error.
    """
    slot = await repository.slot_to_take(session, slot_id)
    if slot.acknowledged_by == person_id:
        return slot
    pages = (await repository.pages(session, [slot.id]))[slot.id]
    own = _own_pages(pages, person_id)
    _refuse_unless(slot, {SlotState.PAGING, SlotState.EXHAUSTED}, "open the alert to see who answered")
    # Locked before anything is written: who reads its list of the people kept out reads the last word on it.
    alert = await repository.alert(session, slot.alert_id, lock=True)
    if person_id in spared(alert):
        raise Forbidden("You cannot take part in this alert.")
    now = await session.now()
    audit(session, "slot.acknowledged", slot.alert_id, person_id, role=slot.role, via=means.via.value)
    await record(session, slot.id, person_id, Given.ACCEPTED, means, page_id=own[-1].id)
    await _take(session, alert, slot, person_id, pages, now)
    return slot


async def override(session: TenantSession, slot_id: UUID, person_id: UUID, by: UUID, reason: str) -> AlertSlot:
    """Answer for somebody who has said by other means that they are coming, as a duty manager may.

    The slot is that person's, whether or not they were paged; that ``by`` answered for them, and
    why, is kept with it. Raises ``NotFound`` for nobody, ``Invalid`` for somebody who has left or is kept
    from what the alert is about, ``Conflict`` when the slot is taken or closed.
    """
    slot = await repository.locked_slot(session, slot_id)
    person = (await contacts.people(session, [person_id])).get(person_id)
    if person is None:
        raise NotFound("There is no such person in this partnership.")
    if not person.active:
        raise Invalid([FieldError("personId", "must be somebody who is active in this partnership")])
    alert = await repository.alert(session, slot.alert_id, lock=True)
    refuse_spared(alert, "personId", person_id)
    _refuse_unless(slot, {SlotState.PAGING, SlotState.EXHAUSTED}, "there is nothing to answer")
    now = await session.now()
    slot.answered_for_by, slot.override_reason = by, reason
    audit(session, "slot.answered_for", slot.alert_id, by, role=slot.role, person=str(person_id))
    pages = (await repository.pages(session, [slot.id]))[slot.id]
    called = [page.id for page in pages if page.person_id == person_id and page.purpose == Purpose.CALL]
    means = Means(Via.OVERRIDE, Factor.SIGN_IN, given_by=by, reason=reason)
    await record(session, slot.id, person_id, Given.ACCEPTED, means, page_id=called[-1] if called else None)
    await _take(session, alert, slot, person_id, pages, now)
    return slot


async def decline(
    session: TenantSession, slot_id: UUID, person_id: UUID, reason: str, means: Means = SIGNED_IN
) -> AlertSlot:
    """Say that one cannot come: the next rung is paged at once. ``means`` is kept with the answer.

    Raises as ``acknowledge`` does. Declining again is no error.
    """
    slot = await repository.locked_slot(session, slot_id)
    own = _own_pages((await repository.pages(session, [slot.id]))[slot.id], person_id)[-1]
    if own.answer is Answer.DECLINED:
        return slot
    held = slot.acknowledged_by == person_id
    _refuse_unless(
        slot, {SlotState.PAGING}, "offer it to somebody else" if held else "there is nothing left to decline"
    )
    now = await session.now()
    own.reason = reason
    await record(session, slot.id, person_id, Given.DECLINED, means, page_id=own.id)
    if own.step != slot.step:
        own.answer, own.answered_at = Answer.DECLINED, now
        return slot
    audit(session, "slot.declined", slot.alert_id, person_id, role=slot.role, via=means.via.value)
    await next_rung(session, slot, Answer.DECLINED, now, only=own.id, actor_id=person_id)
    return slot


async def opened(session: TenantSession, alert_id: UUID, person_id: UUID) -> None:
    """Note that a responder has opened the alert; opening is not answering."""
    for page in await repository.unopened(session, alert_id, person_id):
        page.opened_at = await session.now()


async def _take(
    session: TenantSession, alert: Alert, slot: AlertSlot, person_id: UUID, pages: list[Page], now: datetime
) -> None:
    """Give the slot to a person: everybody else's phones fall silent, and attendance is awaited.

    The alert is locked: of two slots answered at once, the second sees the first's answer.
    """
    slot.state, slot.acknowledged_by, slot.acknowledged_at = SlotState.ACKNOWLEDGED, person_id, now
    own = [page for page in pages if page.person_id == person_id and page.purpose == Purpose.CALL]
    for page in own:
        if page.answer is None or page is own[-1]:
            page.answer, page.answered_at = Answer.ACKNOWLEDGED, now
    await fall_silent(session, slot, pages, now)
    await attendance.await_it(session, slot, now)
    await settle(session, alert, (await repository.slots(session, [alert.id]))[alert.id], now)


def _own_pages(pages: list[Page], person_id: UUID) -> list[Page]:
    """The pages that let a person answer: those of the ladder, and of an offer that was accepted."""
    held = {Answer.ACKNOWLEDGED, Answer.LAPSED}
    own = [
        page
        for page in pages
        if page.person_id == person_id
        and (page.purpose == Purpose.CALL or (page.purpose == Purpose.OFFER and page.answer in held))
    ]
    if not own:
        raise Forbidden("Only somebody who was paged for this slot may answer it.")
    return own


def _refuse_unless(slot: AlertSlot, states: set[SlotState], advice: str) -> None:
    if slot.state not in states:
        raise Conflict(f"This slot is already {slot.state}; {advice}.")
