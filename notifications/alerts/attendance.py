"""From an answer to attendance: a slot whose holder never confirms it is opened and called anew."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kit.problems import Conflict, Forbidden
from backend.kit.session import TenantSession
from backend.kit.tasks import PAGES, Actor, cancel, owe
from notifications.alerts import offers, repository
from notifications.alerts.escalation import climb_on
from notifications.alerts.models import Alert, AlertSlot, AlertState, Answer, SlotState
from notifications.alerts.paging import audit
from notifications.alerts.raising import settle
from notifications.ladders.policy import SlotPolicy

CONFIRMATION_DUE: Final = Actor("confirmation_due", PAGES)


async def await_it(session: TenantSession, slot: AlertSlot, now: datetime) -> None:
    """Start the holder's time to confirm, where the ladder sets one."""
    within = SlotPolicy.model_validate(slot.ladder).confirm_within
    if slot.confirm_by is not None:
        cancel(session, CONFIRMATION_DUE, [slot.id])
    slot.confirmed_at = None
    slot.confirm_by = now + timedelta(seconds=within) if within else None
    if slot.confirm_by is not None:
        await owe(session, CONFIRMATION_DUE, slot.id, due_at=slot.confirm_by)


async def confirm(session: TenantSession, slot_id: UUID, person_id: UUID) -> AlertSlot:
    """Say that one is there, or under way: the slot is kept. Confirming again is no error.

    Raises ``Forbidden`` for anybody but the slot's holder, ``Conflict`` when the alert was closed.
    """
    slot = await repository.locked_slot(session, slot_id)
    if slot.acknowledged_by != person_id:
        raise Forbidden("Only who has taken this slot may confirm their attendance.")
    if (await repository.alert(session, slot.alert_id)).state == AlertState.CLOSED:
        raise Conflict("This alert has been closed; nobody needs to attend.")
    if slot.confirmed_at is None:
        slot.confirmed_at = await session.now()
        cancel(session, CONFIRMATION_DUE, [slot.id])
        audit(session, "slot.attendance_confirmed", slot.alert_id, person_id, role=slot.role)
    return slot


async def lapse(session: TenantSession, slot_id: UUID) -> None:
    """The holder's time to confirm is up: open the slot and climb its ladder from the first rung.

    Whoever declined before is asked again: what kept them may be over.
    """
    slot = await repository.locked_slot(session, slot_id)
    now = await session.now()
    overdue = slot.confirm_by is not None and slot.confirm_by <= now and slot.confirmed_at is None
    if slot.state != SlotState.ACKNOWLEDGED or not overdue:
        return
    alert = await repository.alert(session, slot.alert_id, lock=True)
    if alert.state == AlertState.CLOSED:
        return
    await reopen(session, slot, alert, now, "slot.lapsed", by=None)


async def reopen(
    session: TenantSession, slot: AlertSlot, alert: Alert, now: datetime, action: str, *, by: UUID | None
) -> None:
    """Take a slot from its holder and climb its ladder from the first rung. Slot and alert are locked."""
    holder = slot.acknowledged_by
    for page in (await repository.pages(session, [slot.id]))[slot.id]:
        if page.person_id == holder and page.answer == Answer.ACKNOWLEDGED:
            page.answer = Answer.LAPSED
    await offers.withdraw(session, [slot.id], now)
    slot.state, slot.acknowledged_by, slot.acknowledged_at = SlotState.PAGING, None, None
    slot.confirm_by, slot.answered_for_by, slot.override_reason = None, None, None
    slot.step = slot.climb_from = slot.step + 1
    cancel(session, CONFIRMATION_DUE, [slot.id])
    audit(session, action, alert.id, by, role=slot.role, holder=str(holder))
    await session.flush()
    await settle(session, alert, (await repository.slots(session, [alert.id]))[alert.id], now)
    await climb_on(session, slot, now)
