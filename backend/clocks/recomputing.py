"""Bring the clocks of a run in line with what is recorded in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.cases import naming
from backend.cases import repository as case_files
from backend.clocks import repository
from backend.clocks.matching import matched
from backend.clocks.models import Change, Clock, ClockMark, ClockState, Why
from backend.clocks.recording import EVENT, Before, Cause, record
from backend.clocks.rules import RULE, Rule
from backend.clocks.situation import Situation
from backend.clocks.steps import Told, next_instant
from backend.clocks.timing import Resets
from backend.clocks.transitions import moved
from backend.clocks.wanted import Wanted, wanted
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, cancel, owe
from notifications.alerts.service import raise_alert
from tenants.partnerships import repository as partnerships

CLOCK_TIMER: Final = Actor("clock_timer", NOTICES)
GRACE: Final = "at_once_escalate_after_minutes"
"""The setting with the minutes after which an "at once" is late, counted from when it became known."""
RESETS: Final = "clock-resets"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose clocks they are: those of a run, or of a case on which none runs."""

    case_id: UUID
    pathway: str
    edition: str
    run_id: UUID | None = None


async def recompute(
    session: TenantSession, scope: Scope, rules: Iterable[Rule], situation: Situation, cause: Cause = EVENT
) -> list[Clock]:
    """Make and move the clocks of a run, in the transaction of whatever changed. Returns all that it has.

    Nothing changes where nothing differs, so it may be called as often as one likes. A breach, a miss and a
    lapse stand: only a correction with a reason lifts them, and ``breached_at`` stays even then. What the
    clocks domain has recorded of its own (extensions, pauses, completions) is laid over ``situation``.
    """
    await session.flush()
    rows = await repository.of_run_locked(session, scope.case_id, scope.run_id)
    marks = await repository.marks(session, scope.case_id, scope.run_id)
    told = await repository.told(session, [row.id for row in rows if row.state in repository.OPEN])
    return await settle(session, scope, rows, told, rules, with_marks(situation, marks), cause)


async def settle(
    session: TenantSession, scope: Scope, rows: Sequence[Clock], told: dict[UUID, list[Told]],
    rules: Iterable[Rule], situation: Situation, cause: Cause,
) -> list[Clock]:  # fmt: skip
    """As ``recompute``, with the locked rows at hand; none for a run that has just begun."""
    minutes = (await partnerships.settings(session, (GRACE,))).get(GRACE)
    found = wanted(rules, situation, grace=None if minutes is None else timedelta(minutes=minutes))
    after: list[Clock] = []
    for row, each in matched(rows, found, revive=cause.revive):
        if row is not None:
            await _move(session, row, each, cause, told.get(row.id, []), situation.now)
            after.append(row)
        elif each is not None and each.started_at is not None and each.due_at is not None:
            after.append(await _begin(session, scope, each, each.started_at, each.due_at, rows, cause))
    await _settle_past(session, rows, after, cause)
    return sorted({row.id: row for row in (*rows, *after)}.values(), key=lambda row: (row.due_at, row.id))


def with_marks(situation: Situation, marks: Iterable[ClockMark]) -> Situation:
    """The situation with what this domain has recorded itself; an instant that is there already is not doubled."""
    events = dict(situation.events)
    for mark in marks:
        known = events.get(mark.event, ())
        if mark.at not in known:
            events[mark.event] = (*known, mark.at)
    return replace(situation, events=events)


async def _begin(
    session: TenantSession, scope: Scope, each: Wanted, started: datetime, due: datetime, rows: Sequence[Clock],
    cause: Cause,
) -> Clock:  # fmt: skip
    now = await session.now()
    mine = (scope.case_id, scope.run_id, each.rule.id)
    numbers = [row.occurrence for row in (*rows, *session.inserted(Clock))
               if (row.case_id, row.run_id, row.definition) == mine]  # fmt: skip
    row = fresh(session.tenant_id, scope, each, started, due, max(numbers, default=0) + 1)
    moved(row, each, now, lifts=False)
    if row.state is ClockState.MET_LATE:
        row.breached_at = now
    row.met_by = cause.by if row.met_at is not None else None
    row.next_at = next_instant(row, (), now) if row.state is ClockState.RUNNING else None
    session.insert(row)
    await record(session, row, Change.STARTED, cause)
    if row.next_at is not None:
        await owe(session, CLOCK_TIMER, row.id, due_at=row.next_at)
    await _warn_of_resets(session, row, each, known=0)
    return row


def fresh(tenant_id: UUID, scope: Scope, each: Wanted, started: datetime, due: datetime, occurrence: int) -> Clock:
    """A clock as it is when it begins, before anything is known of how it stands."""
    return Clock(
        tenant_id=tenant_id, id=uuid7(), case_id=scope.case_id, run_id=scope.run_id, pathway=scope.pathway,
        definition=each.rule.id, occurrence=occurrence, held=each.held,
        title=each.rule.action, rule=kept(each.rule),
        edition=scope.edition, force=each.force, citation=each.citation, owner_role=each.rule.role.replace("-", "_"),
        effect=each.effect, start_event=each.start_event, started_at=started, due_at=due,
        state=ClockState.RUNNING,
    )  # fmt: skip


def kept(rule: Rule) -> dict[str, Any]:
    """A rule as data, which ``parse_rule`` reads."""
    return {**RULE.dump_python(rule, mode="json", exclude_defaults=True), "kind": rule.kind}


async def _move(
    session: TenantSession, row: Clock, each: Wanted | None, cause: Cause, told: list[Told], now: datetime
) -> None:  # fmt: skip
    was, resets = Before(row.started_at, row.due_at), row.resets
    kind = moved(row, each, now, lifts=cause.lifts)
    if kind is Change.RECALCULATED and cause.kind == "extension":
        kind = Change.EXTENDED
    if kind is Change.COMPLETED:
        row.met_by = cause.by
    next_at = next_instant(row, told, now) if row.state is ClockState.RUNNING else None
    if next_at != row.next_at:
        row.next_at = next_at
        cancel(session, CLOCK_TIMER, [row.id])
        if next_at is not None:
            await owe(session, CLOCK_TIMER, row.id, due_at=next_at)
    if kind is not None:
        await record(session, row, kind, cause, was=was)
    if each is not None:
        await _warn_of_resets(session, row, each, known=resets)


async def _warn_of_resets(session: TenantSession, row: Clock, each: Wanted, *, known: int) -> None:
    """Say that a later start has moved the limit again, whether it was known before or not."""
    repeated: Resets | None = each.timing.resets if each.timing is not None else None
    if repeated is not None and repeated.warning and row.resets > known and row.state is ClockState.RUNNING:
        called = await naming.of_roles(
            session, await case_files.case(session, row.case_id), [row.owner_role], confined=True
        )
        await raise_alert(session, RESETS, subject_kind="case", subject_id=row.case_id, **called)


async def _settle_past(session: TenantSession, rows: Sequence[Clock], after: Sequence[Clock], cause: Cause) -> None:
    """An earlier clock of a rule that ran out undone is done, late, with the one that followed it."""
    done = {row.definition: row for row in after if row.state in {ClockState.MET, ClockState.MET_LATE}}
    for row in rows:
        later = done.get(row.definition)
        if (
            later is not None and row.occurrence < later.occurrence and row.met_at is None
            and row.state in {ClockState.BREACHED, ClockState.MISSED}
        ):  # fmt: skip
            row.state, row.met_at, row.met_by = ClockState.MET_LATE, later.met_at, later.met_by
            await record(session, row, Change.COMPLETED, cause)


async def cancel_all(session: TenantSession, case_id: UUID, run_id: UUID | None, cause: Cause) -> list[Clock]:
    """Cancel what still runs or stands still when a run is closed. Nothing of it comes back by itself."""
    await session.flush()
    rows = [row for row in await repository.of_run_locked(session, case_id, run_id) if row.state in repository.OPEN]
    for row in rows:
        row.state, row.why, row.next_at, row.ended_at = ClockState.CANCELLED, Why.CLOSED, None, await session.now()
        await record(session, row, Change.CANCELLED, cause)
    cancel(session, CLOCK_TIMER, [row.id for row in rows])
    return rows
