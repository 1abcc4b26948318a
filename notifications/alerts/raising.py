"""Raise an alert, and the alarm that something in its set-up reaches nobody."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

import structlog

from backend.kit import metrics
from backend.kit.ids import spoken_reference, uuid7
from backend.kit.session import TenantSession
from backend.kit.tasks import owe
from notifications.alerts import repository, templates
from notifications.alerts.models import AlarmKind, Alert, AlertSlot, AlertState, ConfigurationAlarm, SlotState
from notifications.alerts.paging import Trouble, audit, page_from, spared
from notifications.alerts.responders import resolve
from notifications.deliveries import service as deliveries
from notifications.ladders import repository as ladders
from notifications.ladders.policy import PersonTarget, RotaTarget, SlotPolicy, Target, TeamTarget
from notifications.webhooks.events import ALERT_MET, ALERT_RAISED
from notifications.webhooks.places import areas_of, placed_by
from notifications.webhooks.telling import happened

log = structlog.get_logger(__name__)

CONFIGURATION_ALARM: Final = "configuration-alarm"
StandIn: TypeAlias = str | PersonTarget
"""Who is called in place of a role of the policy: the rota of another role, or one person."""
ANYBODY_ELSE: Final = "*"
"""The stand-in for every rota that no other stand-in replaces: for what only named people may be called for."""


async def raise_alert(
    session: TenantSession,
    alert_type: str,
    *,
    subject_kind: str,
    subject_id: UUID,
    area_ids: Iterable[UUID] = (),
    stand_ins: Mapping[str, StandIn] | None = None,
    drill: bool = False,
    raised_by: UUID | None = None,
    alert_id: UUID | None = None,
    never: Iterable[UUID] = (),
) -> Alert | None:
    """Record an alert and its first pages; workers send them once the caller has committed.

    ``area_ids`` choose among desks. ``stand_ins`` replace a policy's role by the one that this
    subject names, such as ``owner``, or by a named person. ``never`` are people whom no rung calls.
    A ``drill`` says so in its words and takes nobody's turn. Gives
    None when the partnership has no policy in force for the type, after raising a configuration alarm.
    """
    now = await session.now()
    policy = await ladders.plans_in_force(session, alert_type)
    if policy is None:
        trouble = Trouble(AlarmKind.NO_POLICY, alert_type)
        await alarm(session, trouble, subject_id, now, about=alert_type, drill=drill)
        return None
    areas = list(area_ids)
    plans = await frozen(session, policy.slots, stand_ins or {}, drill=drill, take_turns=not drill)
    alert = Alert(
        tenant_id=session.tenant_id, id=alert_id or uuid7(), type=alert_type, reference=spoken_reference(),
        subject_kind=subject_kind, subject_id=subject_id, policy_version=policy.version, accepted_at=now,
        area_ids=[str(area) for area in areas], never_ids=sorted(map(str, never)), drill=drill, raised_by=raised_by,
    )  # fmt: skip
    slots = [
        AlertSlot(tenant_id=session.tenant_id, alert_id=alert.id, role=plan.role,
                  required=plan.required, ladder=plan.model_dump(mode="json"))
        for plan in plans
    ]  # fmt: skip
    detail = {"type": alert_type, "policy_version": policy.version} | ({"drill": True} if drill else {})
    audit(session, "alert.raised", alert.id, raised_by, **detail)
    responders = await resolve(session, plans, areas, now)
    for slot, plan in zip(slots, plans, strict=True):
        troubles = await page_from(session, alert, slot, plan, responders, now, spared(alert))
        await alarms(session, troubles, slot.id, now, about=alert_type, drill=drill)
    if not drill:
        await happened(session, ALERT_RAISED, alert.id)
    await settle(session, alert, slots, now)
    session.insert(alert)
    for slot in slots:
        session.insert(slot)
    urgent = any(plan.needs_answer for plan in plans)
    await owe(session, deliveries.queue_for(urgent=urgent), alert.id)
    return alert


async def frozen(
    session: TenantSession, slots: Iterable[SlotPolicy], stand_ins: Mapping[str, StandIn], *, drill: bool,
    take_turns: bool,
) -> list[SlotPolicy]:  # fmt: skip
    """A policy's ladders as an alert keeps them: roles stood in, turns of teams set, a drill's words.

    ``take_turns`` moves the teams on; without it they are asked where they stand.
    """
    plans = [_stand_in(slot, stand_ins) for slot in slots]
    teams = {team for plan in plans for team in plan.teams()}
    if teams:
        turns = await (ladders.take_turns if take_turns else ladders.turns)(session, teams)
        plans = [_with_turns(plan, turns) for plan in plans]
    return [templates.of_drill(plan) for plan in plans] if drill else plans


def _stand_in(plan: SlotPolicy, stand_ins: Mapping[str, StandIn]) -> SlotPolicy:
    def target(old: Target) -> Target:
        if not isinstance(old, RotaTarget):
            return old
        instead = stand_ins.get(old.role, stand_ins.get(ANYBODY_ELSE))
        match instead:
            case None:
                return old
            case PersonTarget():
                return instead
            case _:
                return old.model_copy(update={"role": instead})

    return _each_target(plan, target) if stand_ins else plan


def _with_turns(plan: SlotPolicy, turns: Mapping[str, int]) -> SlotPolicy:
    def target(old: Target) -> Target:
        return old.model_copy(update={"turn": turns[old.team]}) if isinstance(old, TeamTarget) else old

    return _each_target(plan, target)


def _each_target(plan: SlotPolicy, change: Callable[[Target], Target]) -> SlotPolicy:
    steps = tuple(step.model_copy(update={"target": change(step.target)}) for step in plan.steps)
    return plan.model_copy(update={"steps": steps})


async def settle(session: TenantSession, alert: Alert, slots: Iterable[AlertSlot], now: datetime) -> None:
    """The alert is met once every required slot that needs an answer has one, and open again until then."""
    held = list(slots)
    waiting = [s for s in held if s.required and s.ladder["needs_answer"] and s.state != SlotState.ACKNOWLEDGED]
    answered = any(slot.state == SlotState.ACKNOWLEDGED for slot in held)
    if alert.state == AlertState.OPEN and answered and not waiting:
        alert.state, alert.met_at = AlertState.MET, now
        audit(session, "alert.met", alert.id, None)
        if not alert.drill:
            await happened(session, ALERT_MET, alert.id)
    elif alert.state == AlertState.MET and waiting:
        alert.state, alert.met_at = AlertState.OPEN, None
        audit(session, "alert.reopened", alert.id, None)


async def alarms(
    session: TenantSession, troubles: Iterable[Trouble], slot_id: UUID, now: datetime, *, about: str, drill: bool
) -> None:
    """An alarm for each trouble of a slot's climb."""
    for trouble in troubles:
        await alarm(session, trouble, slot_id, now, about=about, drill=drill)


async def alarm(
    session: TenantSession, trouble: Trouble, subject_id: UUID, now: datetime, *, about: str, drill: bool
) -> None:
    """Record that somebody could not be reached, and tell the partnership's configuration owner.

    A ``drill`` that comes upon a fault has found a real one: its owner is told in earnest. It is
    counted apart all the same, because nobody was called in vain.
    """
    alarm_id = note_alarm(session, trouble, subject_id, now, drill=drill)
    if about != CONFIGURATION_ALARM:
        await raise_alert(session, CONFIGURATION_ALARM, subject_kind="configuration_alarm", subject_id=alarm_id)


def note_alarm(
    session: TenantSession, trouble: Trouble, subject_id: UUID, now: datetime, *, drill: bool = False
) -> UUID:
    """Record a fault of set-up that somebody is told of with others. Returns the alarm's id."""
    alarm_id = session.append(
        ConfigurationAlarm, kind=trouble.kind, subject_id=subject_id, role=trouble.role, raised_at=now
    )
    metrics.count_alarm(trouble.kind.value, drill=drill)
    log.error("configuration_alarm", kind=trouble.kind.value, role=trouble.role)
    return alarm_id


async def _areas(session: TenantSession, alert_id: UUID) -> frozenset[UUID]:
    """The areas that an alert was raised for or, of one that was raised for none, those of its case."""
    alert = await repository.alert(session, alert_id)
    if alert.area_ids or alert.subject_kind != "case":
        return frozenset(UUID(area) for area in alert.area_ids)
    return await areas_of(session, "Case", alert.subject_id)


placed_by("Alert", _areas)
