"""Pages written down: the climb of a slot, the messages of a rung, the timers that follow."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kit.audit import Entry
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import PAGES, Actor, cancel, owe
from notifications.alerts import templates
from notifications.alerts.climbing import PassedOver, climb
from notifications.alerts.models import AlarmKind, Alert, AlertSlot, Page, Purpose, SlotState
from notifications.alerts.responders import Responder, Responders
from notifications.deliveries import service as deliveries
from notifications.deliveries.service import PAGE_ENDED
from notifications.ladders.policy import SlotPolicy, Step
from notifications.ladders.preferences import Way
from tenants.contacts.models import Channel

PAGE_AGAIN: Final = Actor("page_again", PAGES)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault of set-up that a climb came upon."""

    kind: AlarmKind
    role: str


async def page_from(
    session: TenantSession,
    alert: Alert,
    slot: AlertSlot,
    plan: SlotPolicy,
    responders: Responders,
    now: datetime,
    declined: AbstractSet[UUID] = frozenset(),
) -> list[Trouble]:
    """Page the first rung from ``slot.step`` on that reaches somebody who has not declined.

    A rung that reaches nobody is an emergency: the next is tried at once and the trouble returned,
    for whoever called to raise an alarm.
    """
    went = climb(plan, slot.step - slot.climb_from, responders, declined)
    troubles = [
        Trouble(AlarmKind.NOBODY_FOUND, rung.step.target.name)
        for rung in went.passed
        if rung.passed_over is PassedOver.NOBODY
    ]
    if went.paged is not None:
        slot.step = slot.climb_from + went.paged.number
        await _page(session, alert, slot, plan, went.paged.step, went.paged.reached, now)
        return troubles
    slot.step, slot.state = slot.climb_from + plan.rungs, SlotState.EXHAUSTED
    audit(session, "slot.exhausted", alert.id, None, role=slot.role)
    return [*troubles, Trouble(AlarmKind.LADDER_EXHAUSTED, slot.role)]


async def _page(
    session: TenantSession, alert: Alert, slot: AlertSlot, plan: SlotPolicy, step: Step,
    found: Iterable[Responder], now: datetime,
) -> None:  # fmt: skip
    expires = now + timedelta(seconds=step.acknowledge_within) if step.acknowledge_within else None
    # A drill's first page is no first page of the figures.
    first = plan.needs_answer and now == alert.accepted_at and not alert.drill
    for number, responder in enumerate(found):
        page_id = session.append(
            Page, slot_id=slot.id, step=slot.step, person_id=responder.person_id, entry_id=responder.entry_id,
            found_by=responder.found_by, paged_at=now, expires_at=expires,
        )  # fmt: skip
        words = wording(alert, plan, responder.person_id, responder.addresses)
        send(session, alert, slot.id, page_id, responder.addresses, words, now, first_page=first)
        if number == 0:  # one timer of each kind is enough for everybody on the rung
            if expires is not None:
                await owe(session, PAGE_ENDED, page_id, due_at=expires)
            await owe_page_again(session, page_id, step, expires, now)


async def owe_page_again(
    session: TenantSession, page_id: UUID, step: Step, expires: datetime | None, now: datetime
) -> None:
    """Have the rung paged again after its interval, unless its time is up by then."""
    if step.page_again_every is not None:
        due = now + timedelta(seconds=step.page_again_every)
        if expires is None or due < expires:
            await owe(session, PAGE_AGAIN, page_id, due_at=due)


def wording(alert: Alert, plan: SlotPolicy, person_id: UUID | None, ways: Iterable[Way]) -> str:
    """What a rung's message says. Only a person is asked to accept; another system is told the policy's own type."""
    if person_id is not None or any(way.channel is Channel.WEBHOOK for way in ways):
        return plan.template
    return templates.to_desk(plan, drill=alert.drill)


def send(
    session: TenantSession, alert: Alert, slot_id: UUID, page_id: UUID, ways: Iterable[Way], template: str,
    now: datetime, *, first_page: bool = False,
) -> None:  # fmt: skip
    """Write the messages of a page. One with a delay is not claimed before its time."""
    for way in ways:
        later = {"lease_until": now + timedelta(seconds=way.after)} if way.after else {}
        deliveries.add(
            session, now, alert_id=alert.id, slot_id=slot_id, page_id=page_id, channel=way.channel,
            address=way.address, template=template, reference=alert.reference, raised_at=alert.accepted_at,
            first_page=first_page, drill=alert.drill, **later,
        )  # fmt: skip


async def fall_silent(session: TenantSession, slot: AlertSlot, pages: Iterable[Page], now: datetime) -> None:
    """Forget the timers of these pages and stop every message of the slot that has not left."""
    ids = [page.id for page in pages]
    cancel(session, PAGE_ENDED, ids)
    if any(step.get("page_again_every") for step in slot.ladder["steps"]):
        cancel(session, PAGE_AGAIN, ids)
    await deliveries.cancel_pending(session, slot.id, now)


def spared(alert: Alert) -> frozenset[UUID]:
    """The people whom no rung of the alert calls."""
    return frozenset(UUID(one) for one in alert.never_ids)


def refuse_spared(alert: Alert, field: str, person_id: UUID) -> None:
    """Raise ``Invalid`` where a slot would be given to somebody whom no rung may call. The reason is not told."""
    if person_id in spared(alert):
        raise Invalid([FieldError(field, "must be somebody who may take part in this alert")])


def calls(pages: Iterable[Page]) -> list[Page]:
    """The pages that called by the ladder; offers and notices are none of its rungs."""
    return [page for page in pages if page.purpose == Purpose.CALL]


def audit(session: TenantSession, action: str, alert_id: UUID, actor_id: UUID | None, **detail: object) -> None:
    session.audit_entries.append(Entry(action, "alert", alert_id, actor_id, detail))
