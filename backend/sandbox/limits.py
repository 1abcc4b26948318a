"""The clocks of a generated run as they would stand now, with the history they would have by now.

They are worked out by the kernel from the run's events, as for any run; what the passing of time would have done is
written down as done, and nobody is told of what is past.
"""

from datetime import datetime, timedelta
from typing import Final

from backend.clocks.firing import NOBODYS_FAULT, OUTCOMES
from backend.clocks.models import Change, Clock, ClockState, Why
from backend.clocks.recomputing import CLOCK_TIMER, Scope, fresh
from backend.clocks.recording import EVENT, TIME, Cause, record
from backend.clocks.situation import Fact, Moment, Situation
from backend.clocks.steps import coming
from backend.clocks.transitions import moved
from backend.clocks.wanted import Wanted, wanted
from backend.kit.ids import uuid7
from backend.kit.tasks import owe
from backend.pathways import repository
from backend.pathways.casework_models import DepartureState, PathwayDeparture, PathwayTask, TaskKind, TaskState
from backend.pathways.clockwork import clocks_of, due_by_clock
from backend.pathways.definitions.simulation import choices
from backend.pathways.departing import edition_text
from backend.pathways.models import PathwayEvent, PathwayFact, RunState
from backend.pathways.moments import moment_of
from backend.pathways.standing import Standing
from backend.sandbox.runs import Desk

_REASONS: Final = (
    "Staff sickness in the team.", "The family could not be reached.", "A report of another agency came late.",
    "The interpreter was not available earlier.", "The child was out of the area.", "A meeting had to be moved.",
)  # fmt: skip
_EXPLAINED: Final = 0.7
_DAY: Final = timedelta(days=1)


async def wind(desk: Desk, at: Standing, *, departs: bool) -> list[Clock]:
    """Write the clocks of one run, whose last deed is done, and set the timers of those that go on."""
    session, closed_at = desk.session, at.run.closed_at
    now = session.know_now(closed_at or desk.ground.until)
    found = wanted(at.definition.clocks, await _situation(desk, at, now), grace=desk.ground.grace)
    scope, numbers, rows = Scope(at.run.case_id, at.run.pathway, at.definition.edition, at.run.id), dict[str, int](), []
    for each in found:
        if each.started_at is None or each.due_at is None or each.only_if_there:
            continue
        numbers[each.rule.id] = numbers.get(each.rule.id, 0) + 1
        row = fresh(session.tenant_id, scope, each, each.started_at, each.due_at, numbers[each.rule.id])
        await _live(desk, at, row, each, now)
        rows.append(row)
    if departs:
        _depart(desk, at, rows)
    await _dates(desk, at, rows)
    session.know_now(desk.ground.until)
    return rows


async def _situation(desk: Desk, at: Standing, now: datetime) -> Situation:
    """As ``clockwork.situation_of``, with the calendar at hand and nothing left to correct."""
    events: dict[str, list[Moment]] = {}
    for event in await repository.of_run(desk.session, PathwayEvent, at.run.id):
        events.setdefault(event.code, []).append(moment_of(event))
    facts = {row.code: row.value for row in await repository.of_run(desk.session, PathwayFact, at.run.id)}
    known = {code: value for code, value in facts.items() if isinstance(value, Fact)}
    practice = desk.ground.practice
    return Situation(practice.calendar, now, events, known, choices(at.one, practice.receipt))


async def _live(desk: Desk, at: Standing, row: Clock, each: Wanted, now: datetime) -> None:
    """Everything that has happened to a clock by ``now``, in its order."""
    session = desk.session
    begun = max(at.run.opened_at, min(row.started_at, now))
    session.insert(row)
    session.know_now(begun)
    await record(session, row, Change.STARTED, EVENT)
    late_from = each.late_from
    moved(row, each, now, lifts=False)
    if row.state is ClockState.MET_LATE and late_from is not None:
        row.breached_at = late_from
    if row.met_at is not None:
        row.met_by = desk.worker.person_id
        session.know_now(max(begun, row.met_at))
        await record(session, row, Change.COMPLETED, EVENT)
    elif row.state is ClockState.RUNNING and late_from is not None and late_from <= now:
        await _pass(desk, row, max(begun, late_from))
    if row.state in {ClockState.MET_LATE, ClockState.BREACHED, ClockState.MISSED}:
        await _explain(desk, row, now)
    elif row.state is ClockState.RUNNING and at.run.state is RunState.CLOSED:
        row.state, row.why, row.ended_at = ClockState.CANCELLED, Why.CLOSED, now
        session.know_now(now)
        await record(session, row, Change.CANCELLED, Cause("closing", at.run.closed_by))
    elif row.state is ClockState.RUNNING:
        row.next_at = coming(row, now)
        if row.next_at is not None:
            await owe(session, CLOCK_TIMER, row.id, due_at=row.next_at)


async def _pass(desk: Desk, row: Clock, late_from: datetime) -> None:
    row.state, change, _ = OUTCOMES.get(row.effect, NOBODYS_FAULT)
    match row.state:
        case ClockState.BREACHED:
            row.breached_at = late_from
        case ClockState.MISSED:
            row.missed_at = late_from
        case _:
            row.ended_at = late_from
    desk.session.know_now(late_from)
    await record(desk.session, row, change, TIME)


async def _explain(desk: Desk, row: Clock, now: datetime) -> None:
    """Most of what was late has its reason."""
    if desk.chance.random() > _EXPLAINED:
        return
    row.reason, row.reason_by = desk.chance.choice(_REASONS), desk.lead.person_id
    row.reason_at = min(now, max(row.due_at, row.met_at or row.due_at) + _DAY)
    desk.session.know_now(row.reason_at)
    await record(desk.session, row, Change.REASON_GIVEN, Cause("person", row.reason_by, row.reason))


def _depart(desk: Desk, at: Standing, rows: list[Clock]) -> None:
    """A departure, authorised, from the first limit of the run that was not kept."""
    late = next((row for row in rows if row.breached_at is not None), None)
    if late is None:
        return
    desk.session.insert(
        PathwayDeparture(
            tenant_id=desk.session.tenant_id, id=uuid7(), run_id=at.run.id, edition_id=at.edition.id,
            provision=late.citation[:400], edition=edition_text(at.edition), subject_kind="clock",
            subject_code=late.definition, force=str(late.force), instead="It was done later, as agreed beforehand.",
            reasons=desk.chance.choice(_REASONS), state=DepartureState.AUTHORISED,
            acknowledged_by=desk.worker.person_id, acknowledged_at=late.started_at,
            authority_role="social-care-manager", authority_by=desk.lead.person_id, authority_at=late.started_at + _DAY,
        )
    )  # fmt: skip


async def _dates(desk: Desk, at: Standing, rows: list[Clock]) -> None:
    """When the open tasks of the run are due."""
    due = due_by_clock(rows)
    for task in await repository.of_run(desk.session, PathwayTask, at.run.id):
        if task.state is TaskState.OPEN and task.kind is not TaskKind.ACTION:
            task.due_at = min((due[clock] for clock in clocks_of(at.one, task) if clock in due), default=None)
