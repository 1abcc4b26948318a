"""Raise an alert, climb its ladders, take answers.

Every function works in the caller's transaction: the alert, its slots, its first deliveries and
the tasks that will send and escalate them become durable together or not at all.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from backend.kit import metrics
from backend.kit.audit import Entry
from backend.kit.ids import spoken_reference
from backend.kit.problems import Conflict, Forbidden
from backend.kit.session import TenantSession
from backend.kit.tasks import cancel, owe
from notifications.alerts import repository
from notifications.alerts.models import (
    AlarmKind,
    Alert,
    AlertSlot,
    AlertState,
    Answer,
    ConfigurationAlarm,
    Page,
    SlotState,
)
from notifications.alerts.responders import Responder, Responders, resolve
from notifications.deliveries import service as deliveries
from notifications.deliveries.service import PAGE_ENDED
from notifications.ladders import repository as ladders
from notifications.ladders.policy import SlotPolicy, Step, Target

log = structlog.get_logger(__name__)

CONFIGURATION_ALARM: Final = "configuration-alarm"


async def raise_alert(
    session: TenantSession,
    alert_type: str,
    *,
    subject_kind: str,
    subject_id: UUID,
    area_ids: Iterable[UUID] = (),
    stand_ins: Mapping[str, str] | None = None,
) -> Alert | None:
    """Record an alert and its first pages; workers send them once the caller has committed.

    ``area_ids`` choose among directory entries. ``stand_ins`` replace a policy's role by the one
    that this subject names, such as ``owner``. Gives None when the partnership has no policy in
    force for the type, after raising a configuration alarm.
    """
    now = await session.now()
    policy = await ladders.in_force(session, alert_type)
    if policy is None:
        await _alarm(session, AlarmKind.NO_POLICY, subject_id, alert_type, now, about=alert_type)
        return None
    plans = [_stand_in(SlotPolicy.model_validate(slot), stand_ins or {}) for slot in policy.slots]
    alert = Alert(
        tenant_id=session.tenant_id, type=alert_type, reference=spoken_reference(), subject_kind=subject_kind,
        subject_id=subject_id, policy_version=policy.version, accepted_at=now,
    )  # fmt: skip
    slots = [
        AlertSlot(tenant_id=session.tenant_id, alert_id=alert.id, role=plan.role,
                  required=plan.required, ladder=plan.model_dump(mode="json"))
        for plan in plans
    ]  # fmt: skip
    _audit(session, "alert.raised", alert.id, None, type=alert_type, policy_version=policy.version)
    responders = await resolve(session, plans, area_ids, now)
    for slot, plan in zip(slots, plans, strict=True):
        await _climb(session, alert, slot, plan, responders, now)
    _settle(session, alert, slots, now)
    session.insert(alert)
    for slot in slots:
        session.insert(slot)
    urgent = any(plan.needs_answer for plan in plans)
    await owe(session, deliveries.queue_for(urgent=urgent), alert.id)
    return alert


def _stand_in(plan: SlotPolicy, stand_ins: Mapping[str, str]) -> SlotPolicy:
    def step(old: Step) -> Step:
        role = stand_ins.get(old.target.role, old.target.role)
        return old.model_copy(update={"target": Target(kind=old.target.kind, role=role)})

    return plan.model_copy(update={"steps": tuple(step(old) for old in plan.steps)})


async def _climb(
    session: TenantSession, alert: Alert, slot: AlertSlot, plan: SlotPolicy, responders: Responders, now: datetime,
    declined: frozenset[UUID] = frozenset(),
) -> None:  # fmt: skip
    """Page the first rung from ``slot.step`` on that reaches somebody who has not declined.

    A rung that reaches nobody is an emergency: the next is tried at once and an alarm raised.
    """
    while (step := plan.rung(slot.step)) is not None:
        found = responders.at_step(step)
        willing = [responder for responder in found if responder.person_id not in declined]
        if willing:
            await _page(session, alert, slot, plan, step, willing, now)
            return
        if not found:
            await _alarm(session, AlarmKind.NOBODY_FOUND, slot.id, step.target.role, now, about=alert.type)
        slot.step += 1
    slot.state = SlotState.EXHAUSTED
    _audit(session, "slot.exhausted", alert.id, None, role=slot.role)
    await _alarm(session, AlarmKind.LADDER_EXHAUSTED, slot.id, slot.role, now, about=alert.type)


async def _page(
    session: TenantSession, alert: Alert, slot: AlertSlot, plan: SlotPolicy, step: Step,
    found: list[Responder], now: datetime,
) -> None:  # fmt: skip
    expires = now + timedelta(seconds=step.acknowledge_within) if step.acknowledge_within else None
    for number, responder in enumerate(found):
        page_id = session.append(
            Page, slot_id=slot.id, step=slot.step, person_id=responder.person_id, entry_id=responder.entry_id,
            found_by=responder.found_by, paged_at=now, expires_at=expires,
        )  # fmt: skip
        for channel, address in responder.addresses:
            deliveries.add(
                session, now, alert_id=alert.id, slot_id=slot.id, page_id=page_id, channel=channel, address=address,
                template=plan.template, reference=alert.reference, raised_at=alert.accepted_at,
                first_page=plan.needs_answer and now == alert.accepted_at,
            )  # fmt: skip
        if expires is not None and number == 0:  # one timer is enough for everybody on the rung
            await owe(session, PAGE_ENDED, page_id, due_at=expires)


async def escalate(session: TenantSession, page_id: UUID) -> None:
    """A page's time is up, or none of its messages can arrive: go one rung up, unless it was answered."""
    page = await repository.page(session, page_id)
    slot = await repository.locked_slot(session, page.slot_id)
    if slot.state != SlotState.PAGING or slot.step != page.step:
        return
    now = await session.now()
    if page.expires_at is not None and page.expires_at <= now:
        await _next_rung(session, slot, Answer.EXPIRED, now, only=None, actor_id=None)
    else:
        # Whoever else was paged by this rung keeps their time.
        await _next_rung(session, slot, Answer.UNREACHABLE, now, only=page.id, actor_id=None)


async def _next_rung(
    session: TenantSession,
    slot: AlertSlot,
    answer: Answer,
    now: datetime,
    *,
    only: UUID | None,
    actor_id: UUID | None,
) -> None:
    """Close the current rung's open pages with ``answer`` and page the next one."""
    pages = (await repository.pages(session, [slot.id]))[slot.id]
    current = [page for page in pages if page.step == slot.step]
    for page in current:
        if page.answer is None and only in {None, page.id}:
            page.answer, page.answered_at = answer, now
    if any(page.answer is None for page in current):
        return
    alert = await repository.alert(session, slot.alert_id)
    await cancel(session, PAGE_ENDED, [page.id for page in current])
    await deliveries.cancel_pending(session, slot.id, now)
    slot.step += 1
    plan = SlotPolicy.model_validate(slot.ladder)
    _audit(session, "slot.escalated", alert.id, actor_id, role=slot.role, after=answer.value, step=slot.step)
    declined = frozenset(page.person_id for page in pages if page.answer == Answer.DECLINED and page.person_id)
    await _climb(session, alert, slot, plan, await resolve(session, [plan], (), now), now, declined)
    await owe(session, deliveries.queue_for(urgent=True), alert.id)


async def acknowledge(session: TenantSession, slot_id: UUID, person_id: UUID) -> AlertSlot:
    """Take the slot: paging for it stops in this transaction, for it alone.

    Raises ``Forbidden`` for somebody who was not paged for the slot, ``Conflict`` when another
    person has it or it is closed. Asking twice by the same person is no error.
    """
    slot = await repository.locked_slot(session, slot_id)
    pages = await _own_pages(session, slot, person_id)
    if slot.acknowledged_by == person_id:
        return slot
    if slot.state not in {SlotState.PAGING, SlotState.EXHAUSTED}:
        raise Conflict(f"This slot is already {slot.state}; open the alert to see who answered.")
    now = await session.now()
    slot.state, slot.acknowledged_by, slot.acknowledged_at = SlotState.ACKNOWLEDGED, person_id, now
    for page in pages:
        if page.answer is None or page is pages[-1]:
            page.answer, page.answered_at = Answer.ACKNOWLEDGED, now
    everyone = (await repository.pages(session, [slot.id]))[slot.id]
    await cancel(session, PAGE_ENDED, [page.id for page in everyone])
    await deliveries.cancel_pending(session, slot.id, now)
    await session.flush()
    # Two slots answered at once: whoever locks the alert second sees the first's answer.
    alert = await repository.alert(session, slot.alert_id, lock=True)
    _audit(session, "slot.acknowledged", alert.id, person_id, role=slot.role)
    _settle(session, alert, (await repository.slots(session, [alert.id]))[alert.id], now)
    return slot


async def decline(session: TenantSession, slot_id: UUID, person_id: UUID, reason: str) -> AlertSlot:
    """Say that one cannot come: the next rung is paged at once.

    Raises as ``acknowledge`` does. Declining again is no error.
    """
    slot = await repository.locked_slot(session, slot_id)
    own = (await _own_pages(session, slot, person_id))[-1]
    if own.answer is Answer.DECLINED:
        return slot
    if slot.state != SlotState.PAGING:
        raise Conflict(f"This slot is already {slot.state}; there is nothing left to decline.")
    now = await session.now()
    own.reason = reason
    if own.step != slot.step:
        own.answer, own.answered_at = Answer.DECLINED, now
        return slot
    _audit(session, "slot.declined", slot.alert_id, person_id, role=slot.role)
    await _next_rung(session, slot, Answer.DECLINED, now, only=own.id, actor_id=person_id)
    return slot


async def opened(session: TenantSession, alert_id: UUID, person_id: UUID) -> None:
    """Note that a responder has opened the alert; opening is not answering."""
    slots = (await repository.slots(session, [alert_id]))[alert_id]
    for pages in (await repository.pages(session, [slot.id for slot in slots])).values():
        for page in pages:
            if page.person_id == person_id and page.opened_at is None:
                page.opened_at = await session.now()


async def _own_pages(session: TenantSession, slot: AlertSlot, person_id: UUID) -> list[Page]:
    pages = [page for page in (await repository.pages(session, [slot.id]))[slot.id] if page.person_id == person_id]
    if not pages:
        raise Forbidden("Only somebody who was paged for this slot may answer it.")
    return pages


def _settle(session: TenantSession, alert: Alert, slots: Iterable[AlertSlot], now: datetime) -> None:
    """The alert is met once every required slot that needs an answer has one."""
    waiting = [s for s in slots if s.required and s.ladder["needs_answer"] and s.state != SlotState.ACKNOWLEDGED]
    answered = [s for s in slots if s.state == SlotState.ACKNOWLEDGED]
    if alert.state == AlertState.OPEN and answered and not waiting:
        alert.state, alert.met_at = AlertState.MET, now
        _audit(session, "alert.met", alert.id, None)


async def _alarm(
    session: TenantSession, kind: AlarmKind, subject_id: UUID, role: str, now: datetime, *, about: str
) -> None:
    """Record that somebody could not be reached, and tell the partnership's configuration owner."""
    alarm_id = session.append(ConfigurationAlarm, kind=kind, subject_id=subject_id, role=role, raised_at=now)
    metrics.CONFIGURATION_ALARMS.labels(kind.value).inc()
    log.error("configuration_alarm", kind=kind.value, role=role)
    if about != CONFIGURATION_ALARM:
        await raise_alert(session, CONFIGURATION_ALARM, subject_kind="configuration_alarm", subject_id=alarm_id)


def _audit(session: TenantSession, action: str, alert_id: UUID, actor_id: UUID | None, **detail: object) -> None:
    session.audit_entries.append(Entry(action, "alert", alert_id, actor_id, detail))
