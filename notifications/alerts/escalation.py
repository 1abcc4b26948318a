"""What time does to a page: it is sent again, and it runs out."""

from datetime import datetime
from uuid import UUID

from backend.kit.session import TenantSession
from backend.kit.tasks import owe
from notifications.alerts import repository
from notifications.alerts.models import Alert, AlertSlot, Answer, Page, Purpose, SlotState
from notifications.alerts.paging import audit, calls, fall_silent, owe_page_again, page_from, send, spared, wording
from notifications.alerts.raising import alarms
from notifications.alerts.responders import resolve
from notifications.deliveries import service as deliveries
from notifications.ladders.policy import SlotPolicy


async def escalate(session: TenantSession, page_id: UUID) -> None:
    """A page's time is up, or none of its messages can arrive: go one rung up, unless it was answered."""
    page, slot = await _on_the_rung(session, page_id)
    if slot is None:
        return
    now = await session.now()
    if page.expires_at is not None and page.expires_at <= now:
        await next_rung(session, slot, Answer.EXPIRED, now, only=None, actor_id=None)
    else:
        # Whoever else was paged by this rung keeps their time.
        await next_rung(session, slot, Answer.UNREACHABLE, now, only=page.id, actor_id=None)


async def page_again(session: TenantSession, page_id: UUID) -> None:
    """Send the rung's messages again to all who have not answered; nobody new is asked.

    Whoever was called stays called until the rung's time is up, also when their shift has ended meanwhile.
    """
    page, slot = await _on_the_rung(session, page_id)
    if slot is None:
        return
    now = await session.now()
    plan = SlotPolicy.model_validate(slot.ladder)
    step = plan.rung(slot.step - slot.climb_from)
    if step is None or (page.expires_at is not None and page.expires_at <= now):
        return
    alert = await repository.alert(session, slot.alert_id)
    on_the_rung = [p for p in calls((await repository.pages(session, [slot.id]))[slot.id]) if p.step == slot.step]
    silent = [p for p in on_the_rung if p.answer is None]
    people = [p.person_id for p in silent if p.person_id is not None]
    responders = await resolve(session, [plan], _areas(alert), now, also=people)
    desks = {found.entry_id: found.addresses for found in responders.at_step(step)}
    for waiting in silent:
        person = waiting.person_id
        again = responders.ways_to(person, step) if person is not None else desks.get(waiting.entry_id, ())
        send(session, alert, slot.id, waiting.id, again, wording(alert, plan, person, again), now)
    await owe_page_again(session, page.id, step, page.expires_at, now)
    await owe(session, deliveries.queue_for(urgent=True), alert.id)


async def _on_the_rung(session: TenantSession, page_id: UUID) -> tuple[Page, AlertSlot | None]:
    """The page, and its slot, locked, if it is still being called by the page's rung."""
    page = await repository.page(session, page_id)
    slot = await repository.locked_slot(session, page.slot_id)
    calling = slot.state == SlotState.PAGING and slot.step == page.step and page.purpose == Purpose.CALL
    return page, slot if calling else None


async def next_rung(
    session: TenantSession,
    slot: AlertSlot,
    answer: Answer,
    now: datetime,
    *,
    only: UUID | None,
    actor_id: UUID | None,
) -> None:
    """Close the current rung's open pages with ``answer`` and page the next one."""
    pages = calls((await repository.pages(session, [slot.id]))[slot.id])
    current = [page for page in pages if page.step == slot.step]
    for page in current:
        if page.answer is None and only in {None, page.id}:
            page.answer, page.answered_at = answer, now
    if any(page.answer is None for page in current):
        return
    await fall_silent(session, slot, current, now)
    slot.step += 1
    declined = frozenset(
        page.person_id
        for page in pages
        if page.answer == Answer.DECLINED and page.person_id and page.step >= slot.climb_from
    )
    audit(session, "slot.escalated", slot.alert_id, actor_id, role=slot.role, after=answer.value, step=slot.step)
    await climb_on(session, slot, now, declined)


async def climb_on(
    session: TenantSession, slot: AlertSlot, now: datetime, declined: frozenset[UUID] = frozenset()
) -> None:
    """Page from the slot's present rung on, with whoever is there now."""
    alert = await repository.alert(session, slot.alert_id)
    plan = SlotPolicy.model_validate(slot.ladder)
    responders = await resolve(session, [plan], _areas(alert), now)
    troubles = await page_from(session, alert, slot, plan, responders, now, declined | spared(alert))
    await alarms(session, troubles, slot.id, now, about=alert.type, drill=alert.drill)
    await owe(session, deliveries.queue_for(urgent=True), alert.id)


def _areas(alert: Alert) -> list[UUID]:
    return [UUID(area) for area in alert.area_ids]
