"""Cancel an alert that was raised in error, or stand everybody down."""

from datetime import datetime
from uuid import UUID

from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from backend.kit.tasks import cancel, owe
from notifications.alerts import offers, repository, templates
from notifications.alerts.attendance import CONFIRMATION_DUE
from notifications.alerts.models import Alert, AlertSlot, AlertState, Answer, Ending, Page, Purpose, SlotState
from notifications.alerts.paging import audit, fall_silent, send
from notifications.deliveries import repository as sent
from notifications.deliveries import service as deliveries
from notifications.deliveries.models import Delivery, DeliveryState
from notifications.ladders.preferences import Way
from notifications.webhooks.events import ALERT_CLOSED
from notifications.webhooks.telling import happened

_NEVER_LEFT = frozenset({DeliveryState.CANCELLED, DeliveryState.FAILED, DeliveryState.PENDING})


async def close(session: TenantSession, alert_id: UUID, by: UUID | None, ending: Ending, reason: str) -> Alert:
    """End the alert: nobody is called any more, and everybody who was is told so, once.

    They are told by the addresses that rang, in fixed words. ``by`` None is for what ends it without anybody's act.
    Raises ``NotFound``, and ``Conflict`` when the alert was closed before.
    """
    # Slots before the alert, as an answer locks them, so that neither waits for the other for ever.
    slots = await repository.locked_slots(session, alert_id)
    alert = await repository.alert(session, alert_id, lock=True)
    if alert.state == AlertState.CLOSED:
        raise Conflict(f"This alert was closed before: {str(alert.closed_as).replace('_', ' ')}.")
    now = await session.now()
    alert.state, alert.closed_at, alert.closed_by = AlertState.CLOSED, now, by
    alert.closed_as, alert.closing_reason = ending, reason
    pages = await repository.pages(session, [slot.id for slot in slots])
    for slot in slots:
        await _end(session, slot, pages[slot.id], now)
    await offers.withdraw(session, [slot.id for slot in slots], now)
    cancel(session, CONFIRMATION_DUE, [slot.id for slot in slots])
    await session.flush()
    told = await _tell(session, alert, slots, pages, now)
    audit(session, f"alert.{ending.value}", alert.id, by, told=told)
    if not alert.drill:
        await happened(session, ALERT_CLOSED, alert.id)
    return alert


async def _end(session: TenantSession, slot: AlertSlot, pages: list[Page], now: datetime) -> None:
    """An unanswered slot is cancelled; who has taken one stays on record as its holder."""
    if slot.state in {SlotState.PAGING, SlotState.EXHAUSTED}:
        slot.state = SlotState.CANCELLED
    for page in pages:
        if page.answer is None and page.purpose == Purpose.CALL:
            page.answer, page.answered_at = Answer.EXPIRED, now
    await fall_silent(session, slot, pages, now)


async def _tell(
    session: TenantSession, alert: Alert, slots: list[AlertSlot], pages: dict[UUID, list[Page]], now: datetime
) -> int:
    """Write one notice for each person, desk and endpoint that was called, whatever slots they were called for."""
    by_slot = await sent.by_slot(session, [slot.id for slot in slots])
    rung: dict[UUID, list[Delivery]] = {}
    for slot in slots:
        for delivery in by_slot[slot.id]:
            if delivery.page_id is not None and DeliveryState(delivery.state) not in _NEVER_LEFT:
                rung.setdefault(delivery.page_id, []).append(delivery)
    template = templates.ended(alert.closed_as or Ending.CANCELLED, drill=alert.drill)
    told: set[Way] = set()
    notices = 0
    for slot in slots:
        for page in pages[slot.id]:
            ways = {Way(delivery.channel, delivery.address) for delivery in rung.get(page.id, ())} - told
            if not ways:
                continue
            told |= ways
            notices += 1
            page_id = session.append(
                Page, slot_id=slot.id, step=slot.step, purpose=Purpose.NOTICE, person_id=page.person_id,
                entry_id=page.entry_id, found_by=page.found_by, paged_at=now,
            )  # fmt: skip
            send(session, alert, slot.id, page_id, sorted(ways), template, now)
    if notices:
        await owe(session, deliveries.queue_for(urgent=True), alert.id)
    return notices
