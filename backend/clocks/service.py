"""Start clocks, remind before they are due, escalate when they are breached.

A clock's timers are task rows against the database clock, written with it in one transaction.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

from backend.cases import service as cases
from backend.clocks import repository
from backend.clocks.deadlines import Limit, Unit, due_at, in_time, reminder_at
from backend.clocks.definitions import ClockDefinition, PathwayClocks
from backend.clocks.models import Clock, ClockState
from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, cancel, owe
from notifications.alerts.service import raise_alert
from tenants.calendars.working_days import Calendar, england_bank_holidays
from tenants.partnerships import repository as partnerships

CLOCK_REMINDER: Final = Actor("clock_reminder", NOTICES)
CLOCK_BREACH: Final = Actor("clock_breach", NOTICES)
AT_ONCE: Final = Limit(0, Unit.HOURS)


async def start(
    session: TenantSession, case_id: UUID, pathway: PathwayClocks, events: Mapping[str, datetime], zone: str
) -> None:
    """Start the clocks of a national ``pathway`` whose start event is among ``events``.

    The partnership's own values (setting ``clocks``, by clock) lie over the national ones.
    """
    own = await partnerships.settings(session, ("clocks", "at_once_escalate_after_minutes"))
    calendar = Calendar(zone=zone, bank_holidays=_bank_holidays())
    for definition in pathway.with_local(own.get("clocks", {})).clocks:
        started = events.get(definition.start_event)
        if started is None:
            continue
        due = due_at(started, definition.limit, calendar)
        clock_id = session.append(
            Clock, case_id=case_id, definition=definition.id, title=definition.title,
            rule=_rule(definition, pathway.edition), force=definition.force, citation=definition.citation,
            owner_role=definition.owner_role, start_event=definition.start_event, started_at=started, due_at=due,
        )  # fmt: skip
        if definition.at_once:
            await _set_grace(session, clock_id, own.get("at_once_escalate_after_minutes"))
        else:
            await _set_timers(session, clock_id, definition, started, due)


@cache
def _bank_holidays() -> frozenset[date]:
    """England's, for as far as a child's case can reach."""
    return england_bank_holidays(range(2000, 2101))


def _rule(definition: ClockDefinition, edition: str) -> dict[str, Any]:
    kept = definition.model_dump(mode="json", include={
        "value", "unit", "wording", "origin", "start_inferred", "authority", "remind_before_hours",
    })  # fmt: skip
    return {**kept, "edition": edition}


async def _set_timers(
    session: TenantSession, clock_id: UUID, definition: ClockDefinition, started: datetime, due: datetime
) -> None:
    """A reminder ahead, unless it is too late for one, and an escalation at the limit."""
    if definition.remind_before_hours and due > await session.now():
        lead = timedelta(hours=definition.remind_before_hours)
        await owe(session, CLOCK_REMINDER, clock_id, due_at=reminder_at(started, due, lead))
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
    await _record(session, clock, "clock.reminded", None)


async def breach(session: TenantSession, clock_id: UUID) -> None:
    """Mark the clock breached and escalate. A breach is never reset by anything."""
    clock = await repository.locked(session, clock_id)
    if clock.state != ClockState.RUNNING:
        return
    clock.state, clock.breached_at = ClockState.BREACHED, await session.now()
    await raise_alert(session, "clock-breach", subject_kind="case", subject_id=clock.case_id,
                      stand_ins={"owner": clock.owner_role})  # fmt: skip
    await _record(session, clock, "clock.breached", None)


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
    await _record(session, clock, "clock.completed", person_id)
    return clock


def _kept(clock: Clock, done: datetime) -> bool:
    """Whether the limit was kept; an "at once" has no figure that could be missed."""
    limit = Limit(clock.rule["value"], Unit(clock.rule["unit"]))
    return limit == AT_ONCE or in_time(limit, clock.due_at, done)


async def _record(session: TenantSession, clock: Clock, kind: str, actor_id: UUID | None) -> None:
    detail = {"clock": clock.definition, "due_at": clock.due_at.isoformat(), "state": str(clock.state)}
    await cases.add_event(session, clock.case_id, kind, actor_id, detail=detail)
    session.audit_entries.append(Entry(kind, "clock", clock.id, actor_id, detail))
