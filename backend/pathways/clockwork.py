"""What the clocks of a run are worked out from, and when its tasks are due. Called after every change of a run."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.clocks.kernel import timings_of
from backend.clocks.situation import Fact, Moment, Situation
from backend.kit.session import TenantSession
from backend.pathways import repository
from backend.pathways.casework_models import PathwayTask, TaskKind, TaskState
from backend.pathways.definitions.effective import Effective
from backend.pathways.definitions.simulation import choices
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.models import PathwayEvent, PathwayFact, PathwayRun
from backend.pathways.moments import moment_of, standing
from tenants.calendars import repository as calendars
from tenants.partnerships import repository as partnerships


async def situation_of(session: TenantSession, run: PathwayRun) -> Situation:
    """All that the kernel may know of a run: its standing events and facts, the edition's choices, the calendar."""
    one = effective_of(await editions.edition(session, run.edition_id))
    calendar, receipt = await calendars.practice(session, (await partnerships.own(session)).zone)
    events: dict[str, list[Moment]] = {}
    for row in standing(await repository.of_run(session, PathwayEvent, run.id)):
        events.setdefault(row.code, []).append(moment_of(row))
    facts = {row.code: row.value for row in await repository.of_run(session, PathwayFact, run.id)}
    return Situation(
        calendar, await session.now(), events, {code: value for code, value in facts.items() if _is_fact(value)},
        choices(one, receipt),
    )  # fmt: skip


def _is_fact(value: Any) -> bool:
    """Whether a condition can be asked of it: lists and fractions are told to people alone."""
    return isinstance(value, Fact)


async def wind(session: TenantSession, run: PathwayRun, one: Effective) -> None:
    """Bring what depends on a run's events and facts up to date, in the transaction that changed them."""
    situation = await situation_of(session, run)
    due = due_by_clock(one, situation)
    for task in await repository.of_run(session, PathwayTask, run.id):
        if task.state is TaskState.OPEN:
            task.due_at = min((due[clock] for clock in clocks_of(one, task) if clock in due), default=None)


def due_by_clock(one: Effective, situation: Situation) -> dict[str, datetime]:
    """The earliest instant at which each clock of the definition that runs and is not met is due."""
    found: dict[str, datetime] = {}
    for rule in one.definition.clocks:
        for timing in timings_of(rule, situation):
            if timing.due_at is not None and (timing.met_at is None or timing.held):
                found[rule.id] = min(timing.due_at, found.get(rule.id, timing.due_at))
    return found


def clocks_of(one: Effective, task: PathwayTask) -> Iterable[str]:
    """The clocks that bind the duty or the notification that a task stands for."""
    items = one.definition.obligations if task.kind is TaskKind.OBLIGATION else one.definition.notifications
    return next((item.clocks for item in items if item.id == task.code), ())


async def wind_each(session: TenantSession, run_ids: Iterable[UUID]) -> None:
    """As ``wind``, for runs to which an event was passed on."""
    for run in (await repository.runs_by_id(session, run_ids)).values():
        await wind(session, run, effective_of(await editions.edition(session, run.edition_id)))
