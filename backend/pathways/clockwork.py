"""What the clocks of a run are worked out from, and when its tasks are due. Called after every change of a run."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.clocks import repository as clock_rows
from backend.clocks import service as clocks
from backend.clocks.models import Clock, ClockState
from backend.clocks.recording import Cause
from backend.clocks.situation import Fact, Moment, Situation
from backend.kit.session import TenantSession
from backend.pathways import repository
from backend.pathways.casework_models import PathwayTask, TaskKind, TaskState
from backend.pathways.definitions.effective import Effective
from backend.pathways.definitions.records import Meeting
from backend.pathways.definitions.simulation import choices
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.models import PathwayEvent, PathwayFact, PathwayRun, RunState
from backend.pathways.moments import moment_of, revised, standing
from backend.pathways.rounds import ended_by, outlasting
from tenants.calendars import repository as calendars
from tenants.partnerships import repository as partnerships


async def situation_of(
    session: TenantSession, run: PathwayRun, one: Effective, *, since: UUID | None = None
) -> Situation:  # fmt: skip
    """All that the kernel may know of a run: its standing events and facts, the edition's choices, the calendar.

    ``since`` leaves out the events that were recorded before that action.
    """
    calendar, receipt = await calendars.practice(session, (await partnerships.own(session)).zone)
    events: dict[str, list[Moment]] = {}
    rows = await repository.of_run(session, PathwayEvent, run.id)
    by_id = {row.id: row for row in rows}
    for row in standing(rows):
        if since is not None and _first_entry(row, by_id).id < since:
            continue
        events.setdefault(row.code, []).append(moment_of(row))
    facts = {row.code: row.value for row in await repository.of_run(session, PathwayFact, run.id)}
    return Situation(
        calendar, await session.now(), events, {code: value for code, value in facts.items() if _is_fact(value)},
        choices(one, receipt), revised(rows),
    )  # fmt: skip


def _first_entry(row: PathwayEvent, by_id: Mapping[UUID, PathwayEvent]) -> PathwayEvent:
    """What a correction, or one of a correction, was first entered as: it belongs to that round."""
    while row.corrects_id is not None:
        row = by_id[row.corrects_id]
    return row


def _is_fact(value: Any) -> bool:
    """Whether a condition can be asked of it: lists and fractions are told to people alone."""
    return isinstance(value, Fact)


async def wind(session: TenantSession, run: PathwayRun, one: Effective, cause: Cause = clocks.EVENT) -> list[Clock]:
    """Bring what depends on a run's events and facts up to date, in the transaction that changed them.

    Returns the run's clocks. Those of a run that is closed are cancelled; of one that has ended with an event only
    those are kept that outlast it.
    """
    if run.state is RunState.CLOSED:
        closing = Cause("closing", run.closed_by)
        return await clocks.cancel_all(session, run.case_id, run.id, closing)
    situation = await situation_of(session, run, one)
    scope = clocks.Scope(run.case_id, run.pathway, one.definition.edition, run.id)
    first = session.is_new(PathwayRun, run.id) and all(row.run_id != run.id for row in session.inserted(Clock))
    over = ended_by(one.definition, situation) is not None
    rules = outlasting(one.definition) if over else one.definition.clocks
    rows = await (clocks.begin if first else clocks.recompute)(session, scope, rules, situation, cause)
    due = due_by_clock(rows)
    for task in await repository.of_run(session, PathwayTask, run.id):
        if task.state is TaskState.OPEN and task.kind is not TaskKind.ACTION:
            task.due_at = min((due[clock] for clock in clocks_of(one, task) if clock in due), default=None)
    return rows


async def ended(session: TenantSession, run: PathwayRun, one: Effective) -> str | None:
    """The event with which an open run has ended, whether or not a clock outlasts it."""
    if one.definition.ends_with is None or run.state is RunState.CLOSED:
        return None
    return ended_by(one.definition, await situation_of(session, run, one))


async def is_outlasted(session: TenantSession, run: PathwayRun, one: Effective) -> bool:
    """Whether a clock that outlasts the end of a run waits to be met. Its clocks are wound."""
    rows = await clock_rows.of_run_locked(session, run.case_id, run.id)
    return bool(due_by_clock(rows).keys() & {rule.id for rule in outlasting(one.definition)})


async def wind_by_id(session: TenantSession, run_id: UUID, cause: Cause) -> list[Clock]:
    """As ``wind``, for whoever knows only the clocks of a run; the run is locked as for any act in it."""
    run = await repository.locked(session, run_id)
    return await wind(session, run, effective_of(await editions.edition(session, run.edition_id)), cause)


clocks.runs_from(wind_by_id)


def due_by_clock(rows: Iterable[Clock]) -> dict[str, datetime]:
    """The earliest instant at which each clock of the definition that is not met is due."""
    found: dict[str, datetime] = {}
    for row in rows:
        if row.met_at is None and row.state in {ClockState.RUNNING, ClockState.BREACHED, ClockState.MISSED}:
            found[row.definition] = min(row.due_at, found.get(row.definition, row.due_at))
    return found


def clocks_of(one: Effective, task: PathwayTask) -> Iterable[str]:
    """The clocks that bind the duty, the notification or the minutes that a task stands for."""
    if task.kind is TaskKind.MINUTES:
        return _clocks_of_minutes(next((each for each in one.definition.meetings if each.id == task.code), None))
    items = one.definition.obligations if task.kind is TaskKind.OBLIGATION else one.definition.notifications
    return next((item.clocks for item in items if item.id == task.code), ())


def _clocks_of_minutes(meeting: Meeting | None) -> Iterable[str]:
    if meeting is not None:
        yield from meeting.minutes.clocks if meeting.minutes else ()
        for circulation in meeting.circulation:
            yield from circulation.clocks


async def wind_each(session: TenantSession, run_ids: Iterable[UUID], cause: Cause = clocks.EVENT) -> None:
    """As ``wind``, for runs to which an event was passed on."""
    wanted = set(run_ids)
    if not wanted:
        return
    for run in (await repository.runs_by_id(session, wanted)).values():
        await wind(session, run, effective_of(await editions.edition(session, run.edition_id)), cause)
