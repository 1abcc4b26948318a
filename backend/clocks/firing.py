"""What a clock's timer does: warn, say that it is due, say that its limit has passed. Each once, never early."""

from datetime import datetime
from typing import Final
from uuid import UUID

from backend.cases import naming
from backend.cases import repository as case_files
from backend.clocks import repository
from backend.clocks.models import Change, Clock, ClockNotice, ClockState, Step
from backend.clocks.recomputing import CLOCK_TIMER
from backend.clocks.recording import TIME, record
from backend.clocks.steps import Telling, coming, reached
from backend.clocks.timing import Effect
from backend.kit.audit import Entry
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe
from notifications.alerts.models import Alert
from notifications.alerts.service import raise_alert
from notifications.webhooks.events import CLOCK_BREACHED
from notifications.webhooks.places import areas_of, placed_by
from notifications.webhooks.telling import happened

REMINDER: Final = "clock-reminder"
DUE: Final = "clock-due"
TOLD_BESIDES: Final = "clock-breach-notice"
CLOCK_PASSED: Final = Actor("clock_passed", NOTICES)
"""Owed, on a clock of a run whose limit has passed; the package that keeps runs does what follows there."""

OUTCOMES: Final[dict[Effect, tuple[ClockState, Change, str | None]]] = {
    Effect.BREACH: (ClockState.BREACHED, Change.BREACHED, "clock-breach"),
    Effect.MISS_NEEDS_REASON: (ClockState.MISSED, Change.MISSED, "clock-miss"),
    Effect.LAPSES: (ClockState.EXPIRED, Change.EXPIRED, "clock-expiry"),
}
"""What becomes of a clock whose limit has passed, the line of its history, and the alert that says so."""
NOBODYS_FAULT: Final = (ClockState.ENDED, Change.ENDED, None)


async def fire(session: TenantSession, clock_id: UUID) -> None:
    """Tell whatever the clock has reached, and set its next timer.

    A timer that was already being served when the clock was worked out anew finds another instant, or a clock
    that is over, and does nothing: the timer that is right is owed beside it.
    """
    clock = await repository.locked(session, clock_id)
    now = await session.now()
    if clock.state is not ClockState.RUNNING or clock.next_at is None or clock.next_at > now:
        return
    here = reached(clock, now)
    clock.next_at = coming(clock, now)
    if clock.next_at is not None:
        await owe(session, CLOCK_TIMER, clock.id, due_at=clock.next_at)
    if here is None or await repository.was_told(session, clock.id, here):
        return
    alert = await (_pass(session, clock, now) if here.step is Step.LATE else _warn(session, clock, here))
    session.append(
        ClockNotice, clock_id=clock.id, step=here.step, number=here.number, at=here.at, due_at=clock.due_at,
        told_at=now, alert_id=alert.id if alert else None,
    )  # fmt: skip


async def _warn(session: TenantSession, clock: Clock, here: Telling) -> Alert | None:
    detail = {"clock": clock.definition, "step": here.step.value, "due_at": clock.due_at.isoformat()}
    session.audit_entries.append(Entry("clock.reminded", "clock", clock.id, None, detail))
    return await _tell(session, clock, REMINDER if here.step is Step.WARNING else DUE, clock.owner_role)


async def _pass(session: TenantSession, clock: Clock, now: datetime) -> Alert | None:
    clock.state, change, alert_type = OUTCOMES.get(clock.effect, NOBODYS_FAULT)
    match clock.state:
        case ClockState.BREACHED:
            clock.breached_at = clock.breached_at or now
            await happened(session, CLOCK_BREACHED, clock.id)
        case ClockState.MISSED:
            clock.missed_at = now
        case _:
            clock.ended_at = now
    await record(session, clock, change, TIME)
    if clock.run_id is not None and clock.state in {ClockState.BREACHED, ClockState.MISSED}:
        await owe(session, CLOCK_PASSED, clock.id)
    besides = clock.rule.get("tell_on_breach")
    if besides and clock.state is ClockState.BREACHED:
        await _tell(session, clock, TOLD_BESIDES, str(besides).replace("-", "_"))
    return await _tell(session, clock, alert_type, clock.owner_role) if alert_type else None


async def _tell(session: TenantSession, clock: Clock, alert_type: str, role: str) -> Alert | None:
    called = await naming.of_roles(session, await case_files.case(session, clock.case_id), [role], confined=True)
    return await raise_alert(session, alert_type, subject_kind="case", subject_id=clock.case_id, **called)


async def _areas(session: TenantSession, clock_id: UUID) -> frozenset[UUID]:
    return await areas_of(session, "Case", await repository.case_of(session, clock_id))


placed_by("Clock", _areas)
