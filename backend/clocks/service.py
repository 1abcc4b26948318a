"""Start clocks, remind before they are due, escalate when they are breached.

A clock's timers are task rows against the database clock, written with it in one transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.cases import service as cases
from backend.clocks import repository
from backend.clocks.deadlines import in_time
from backend.clocks.definitions import PathwayClocks
from backend.clocks.figures import limits_of
from backend.clocks.kernel import timing_of
from backend.clocks.limits import Span, Unit
from backend.clocks.models import Clock, ClockState
from backend.clocks.rules import Deadline, Qualitative
from backend.clocks.situation import Choices, Situation
from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, cancel, owe
from notifications.alerts.service import raise_alert
from tenants.calendars import repository as calendars
from tenants.partnerships import repository as partnerships

CLOCK_REMINDER: Final = Actor("clock_reminder", NOTICES)
CLOCK_BREACH: Final = Actor("clock_breach", NOTICES)
AT_ONCE: Final = Span(value=0, unit=Unit.HOURS)


async def start(
    session: TenantSession, case_id: UUID, pathway: PathwayClocks, events: Mapping[str, datetime], zone: str
) -> None:
    """Start the clocks of a national ``pathway`` whose start event is among ``events``.

    The partnership's own values (setting ``clocks``, by clock) lie over the national ones. A start that the source
    does not state is taken from the default that the rule names.
    """
    own = await partnerships.settings(session, ("clocks", "at_once_escalate_after_minutes"))
    rules = pathway.with_local(own.get("clocks", {})).clocks
    calendar, receipt = await calendars.practice(session, zone)
    situation = Situation(
        calendar, await session.now(),
        {event: (at,) for event, at in events.items()},
        choices=Choices(
            receipt=receipt,
            starts={rule.id: rule.start.event for rule in rules if isinstance(rule, Deadline) and rule.start.unstated},
        ),
    )  # fmt: skip
    for rule in rules:
        if isinstance(rule, Qualitative) and rule.start.event in events:
            at = events[rule.start.event]
            clock_id = _append(session, case_id, rule, pathway.edition, at, at)
            await _set_grace(session, clock_id, own.get("at_once_escalate_after_minutes"))
        elif isinstance(rule, Deadline):
            timing = timing_of(rule, situation)
            if timing.due_at is not None and timing.started_at is not None:
                clock_id = _append(session, case_id, rule, pathway.edition, timing.started_at, timing.due_at)
                await set_timers(session, clock_id, timing.due_at, timing.warn_at)


def _append(
    session: TenantSession, case_id: UUID, rule: Deadline | Qualitative, edition: str, started: datetime, due: datetime
) -> UUID:
    return session.append(
        Clock, case_id=case_id, definition=rule.id, title=rule.action, rule=_kept_rule(rule, edition),
        force=rule.force, citation=rule.citation, owner_role=rule.role, start_event=rule.start.event,
        started_at=started, due_at=due,
    )  # fmt: skip


def _kept_rule(rule: Deadline | Qualitative, edition: str) -> dict[str, Any]:
    """The rule as it stood when the clock started; words without a figure are kept as nought hours."""
    limit = next(iter(limits_of(rule)), AT_ONCE)
    return {
        "value": limit.value, "unit": limit.unit.value, "wording": rule.wording, "origin": rule.origin,
        "start_inferred": rule.start.unstated, "authority": rule.authority, "edition": edition,
        "warn_before": [lead.model_dump(mode="json") for lead in rule.warn_before],
    }  # fmt: skip


async def set_timers(session: TenantSession, clock_id: UUID, due: datetime, warn_at: Sequence[datetime]) -> None:
    """A reminder ahead, unless it is too late for one, and an escalation at the limit."""
    if warn_at and due > await session.now():
        await owe(session, CLOCK_REMINDER, clock_id, due_at=warn_at[0])
    await owe(session, CLOCK_BREACH, clock_id, due_at=due)


async def _set_grace(session: TenantSession, clock_id: UUID, minutes: int | None) -> None:
    """An "at once" has no figure.

    It escalates only after the minutes the partnership has set, counted from when we were told, and
    not at all where it has set none.
    """
    if minutes is not None:
        await owe(session, CLOCK_BREACH, clock_id, due_at=await session.now() + timedelta(minutes=minutes))


async def remind(session: TenantSession, clock_id: UUID) -> None:
    """Tell the clock's owner that the limit is near, once."""
    clock = await repository.locked(session, clock_id)
    if clock.state != ClockState.RUNNING or clock.reminded_at is not None:
        return
    clock.reminded_at = await session.now()
    await raise_alert(session, "clock-reminder", subject_kind="case", subject_id=clock.case_id,
                      stand_ins={"owner": clock.owner_role})  # fmt: skip
    await record(session, clock, "clock.reminded", None)


async def breach(session: TenantSession, clock_id: UUID) -> None:
    """Mark the clock breached and escalate. A breach is never reset by anything."""
    clock = await repository.locked(session, clock_id)
    # A timer that was already being served when the limit moved finds a due instant that is yet to come.
    if clock.state != ClockState.RUNNING or clock.due_at > await session.now():
        return
    clock.state, clock.breached_at = ClockState.BREACHED, await session.now()
    await raise_alert(session, "clock-breach", subject_kind="case", subject_id=clock.case_id,
                      stand_ins={"owner": clock.owner_role})  # fmt: skip
    await record(session, clock, "clock.breached", None)


async def complete(session: TenantSession, clock_id: UUID, person_id: UUID, completed_at: datetime | None) -> Clock:
    """Record that the duty was done, at ``completed_at`` or now. A breached clock stays breached.

    Raises ``Conflict`` when it was recorded before, ``Invalid`` for an instant before the start or
    in the future.
    """
    clock = await repository.locked(session, clock_id)
    if clock.met_at is not None or clock.state == ClockState.CANCELLED:
        raise Conflict("This clock has already ended.")
    now = await session.now()
    done = completed_at or now
    if not clock.started_at <= done <= now:
        raise Invalid([FieldError("completedAt", "must lie between the clock's start and now")])
    clock.met_at, clock.met_by = done, person_id
    if clock.state == ClockState.RUNNING and _kept(clock, done):
        clock.state = ClockState.MET
    elif clock.state == ClockState.RUNNING:
        # Done too late, and recorded before the timer fired: nobody needs to be called any more.
        clock.state, clock.breached_at = ClockState.BREACHED, now
    await cancel(session, CLOCK_REMINDER, [clock.id])
    await cancel(session, CLOCK_BREACH, [clock.id])
    await record(session, clock, "clock.completed", person_id)
    return clock


def _kept(clock: Clock, done: datetime) -> bool:
    """Whether the limit was kept; an "at once" has no figure that could be missed."""
    limit = Span(value=clock.rule["value"], unit=clock.rule["unit"])
    return limit == AT_ONCE or in_time(limit, clock.due_at, done)


async def record(session: TenantSession, clock: Clock, kind: str, actor_id: UUID | None, **more: str) -> None:
    """A line in the case's timeline and in the audit log."""
    detail = {"clock": clock.definition, "due_at": clock.due_at.isoformat(), "state": str(clock.state), **more}
    await cases.add_event(session, clock.case_id, kind, actor_id, detail=detail)
    session.audit_entries.append(Entry(kind, "clock", clock.id, actor_id, detail))
