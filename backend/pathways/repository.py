"""Every query on runs and what belongs to them."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, bindparam, func, or_, select, true
from sqlmodel import col

from backend.cases.access.models import TeamMember
from backend.cases.access.repository import in_sight
from backend.cases.models import CaseFile
from backend.cases.people.models import CasePractitioner
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.reading import by_key, by_parent
from backend.kit.session import TenantSession
from backend.pathways.casework_models import (
    PathwayDecision,
    PathwayDeparture,
    PathwayDisagreement,
    PathwayNotice,
    PathwayOverlay,
    PathwaySignOff,
    PathwayTask,
    TaskState,
)
from backend.pathways.models import (
    PathwayAction,
    PathwayEvent,
    PathwayFact,
    PathwayForm,
    PathwayRun,
    RunState,
)

RowT = TypeVar(
    "RowT", PathwayTask, PathwayDecision, PathwayDeparture, PathwayNotice, PathwaySignOff, PathwayEvent, PathwayForm,
    PathwayFact, PathwayAction, PathwayOverlay,
)  # fmt: skip
NO_RUN: Final = "There is no such run of a pathway in this partnership."
NAMES: Final[Mapping[type[Any], str]] = {
    PathwayTask: "task", PathwayDecision: "decision", PathwayDisagreement: "disagreement",
    PathwayDeparture: "departure", PathwayEvent: "event of a pathway",
}  # fmt: skip
NOW: Final = func.app.now()


def no_such(model: type[Any]) -> str:
    return f"There is no such {NAMES[model]} in this partnership."


async def run(session: TenantSession, run_id: UUID) -> PathwayRun:
    """The run, whoever asks. Raises ``NotFound``."""
    found = await session.get(PathwayRun, (session.tenant_id, run_id))
    if found is None:
        raise NotFound(NO_RUN)
    return found


async def locked(session: TenantSession, run_id: UUID) -> PathwayRun:
    """The run as it is now, locked until the transaction ends. Raises ``NotFound``."""
    await session.flush()  # reading it anew would lose what this transaction has changed
    found: PathwayRun | None = await session.scalar(
        select(PathwayRun)
        .where(col(PathwayRun.tenant_id) == session.tenant_id, col(PathwayRun.id) == run_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(NO_RUN)
    return found


async def runs_by_id(session: TenantSession, run_ids: Iterable[UUID]) -> dict[UUID, PathwayRun]:
    return await by_key(session, PathwayRun, run_ids)


async def runs_of_cases(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[PathwayRun]]:
    """Runs by case, first to last, overlays and closed ones among them."""
    return await by_parent(session, PathwayRun, "case_id", case_ids, order=("opened_at", "id"))


async def open_runs(session: TenantSession, case_id: UUID) -> list[PathwayRun]:
    """The open runs of a case, first to last."""
    if session.is_new(CaseFile, case_id):
        found = [row for row in session.inserted(PathwayRun) if row.case_id == case_id]
    else:
        await session.flush()
        found = (await runs_of_cases(session, [case_id])).get(case_id, [])
    return [row for row in found if row.state is RunState.OPEN]


async def row(session: TenantSession, model: type[RowT], row_id: UUID) -> RowT:
    """The row, whoever asks. Raises ``NotFound``."""
    found = await session.get(model, (session.tenant_id, row_id))
    if found is None:
        raise NotFound(no_such(model))
    return found


async def of_runs(session: TenantSession, model: type[RowT], run_ids: Iterable[UUID]) -> dict[UUID, list[RowT]]:
    """Rows of several runs, in the order they were made."""
    return await by_parent(session, model, "run_id", run_ids)


async def of_run(session: TenantSession, model: type[RowT], run_id: UUID) -> list[RowT]:
    """Rows of one run, those not yet written among them, in the order they were made.

    Of a run that this transaction began all rows are at hand, so the database is not asked: a death is reported
    while somebody waits.
    """
    if session.is_new(PathwayRun, run_id):
        return sorted((row for row in session.inserted(model) if row.run_id == run_id), key=lambda each: each.id)
    await session.flush()
    return (await of_runs(session, model, [run_id])).get(run_id, [])


async def disagreements(session: TenantSession, decision_ids: Iterable[UUID]) -> dict[UUID, list[PathwayDisagreement]]:
    """Disagreements by the decision they are with, first to last."""
    return await by_parent(session, PathwayDisagreement, "decision_id", decision_ids, order=("raised_at", "id"))


async def disagreement(session: TenantSession, disagreement_id: UUID) -> PathwayDisagreement:
    """Raises ``NotFound``."""
    found = await session.get(PathwayDisagreement, (session.tenant_id, disagreement_id))
    if found is None:
        raise NotFound(no_such(PathwayDisagreement))
    return found


async def settled_in(session: TenantSession, run_ids: Iterable[UUID]) -> dict[UUID, PathwayDisagreement]:
    """By run, the disagreement that it is there to settle, where it is."""
    await session.flush()
    return await by_key(session, PathwayDisagreement, run_ids, "run_id")


async def suspended(session: TenantSession, run_id: UUID) -> str | None:
    """The code of a decision of this run that an open disagreement suspends."""
    settling = and_(
        col(PathwayRun.tenant_id) == col(PathwayDisagreement.tenant_id),
        col(PathwayRun.id) == col(PathwayDisagreement.run_id),
    )
    decided = and_(
        col(PathwayDecision.tenant_id) == col(PathwayDisagreement.tenant_id),
        col(PathwayDecision.id) == col(PathwayDisagreement.decision_id),
    )
    found: str | None = await session.scalar(
        select(col(PathwayDecision.code))
        .select_from(PathwayDisagreement)
        .join(PathwayDecision, decided)
        .join(PathwayRun, settling)
        .where(
            col(PathwayDisagreement.tenant_id) == session.tenant_id,
            col(PathwayDecision.run_id) == run_id,
            col(PathwayDisagreement.suspends).is_(True),
            col(PathwayRun.state) == RunState.OPEN,
        )
        .limit(1)
    )
    return found


async def actions(session: TenantSession, run_id: UUID) -> list[PathwayAction]:
    """The actions of a run in their order."""
    return sorted(await of_run(session, PathwayAction, run_id), key=lambda each: each.version)


async def locked_task(session: TenantSession, task_id: UUID) -> PathwayTask:
    """The task as it is now, locked. Raises ``NotFound``."""
    await session.flush()
    found = await session.get(
        PathwayTask, (session.tenant_id, task_id), with_for_update={"key_share": True}, populate_existing=True
    )
    if found is None:
        raise NotFound(no_such(PathwayTask))
    return found


async def open_tasks_of(
    session: TenantSession, person_id: UUID, *, case_id: UUID | None = None
) -> list[tuple[UUID, UUID]]:
    """Run and id of the open tasks that somebody owns or deputises for, in the order in which they are locked.

    Of every case, or of one.
    """
    found = await session.execute(
        select(col(PathwayTask.run_id), col(PathwayTask.id))
        .where(
            col(PathwayTask.tenant_id) == session.tenant_id, col(PathwayTask.state) == TaskState.OPEN,
            or_(col(PathwayTask.owner_id) == person_id, col(PathwayTask.deputy_id) == person_id),
            col(PathwayTask.case_id) == case_id if case_id is not None else true(),
        )
        .order_by(col(PathwayTask.run_id), col(PathwayTask.id))
    )  # fmt: skip
    return [(row.run_id, row.id) for row in found]


# Both are kept for the people who ask most: putting them together takes longer than sending them to the database.
@lru_cache(maxsize=128)
def tasks(caller: Caller, *, few: bool = False) -> Select[PathwayTask]:
    """Tasks of cases that are there for the caller; ``few`` as for ``in_sight``."""
    return select(PathwayTask).where(
        col(PathwayTask.tenant_id) == caller.tenant_id, in_sight(caller, col(PathwayTask.case_id), few=few)
    )


@lru_cache(maxsize=128)
def mine(caller: Caller) -> ColumnElement[bool]:
    """Tasks the person owns or deputises for; without an owner, those of a role they hold or lead in the case.

    Each part names what an index finds: what a partnership has ever had to do is not gone through for it.
    """
    theirs = [
        col(CasePractitioner.tenant_id) == caller.tenant_id,
        col(CasePractitioner.person_id) == caller.person_id,
        col(CasePractitioner.to_at).is_(None),
    ]
    held = (
        select(1)
        .where(
            *theirs,
            col(CasePractitioner.case_id) == col(PathwayTask.case_id),
            func.replace(col(CasePractitioner.role), "_", "-").in_([col(PathwayTask.role), col(PathwayTask.lead_role)]),
        )
        .correlate(PathwayTask)
        .exists()
    )
    cases = select(col(CasePractitioner.case_id)).where(*theirs).scalar_subquery()
    return or_(
        col(PathwayTask.owner_id) == caller.person_id,
        col(PathwayTask.deputy_id) == caller.person_id,
        # As an array, for within OR PostgreSQL uses no index for IN.
        and_(col(PathwayTask.owner_id).is_(None), col(PathwayTask.case_id) == any_(func.array(cases)), held),
    )


def of_my_teams(caller: Caller) -> ColumnElement[bool]:
    """Tasks of cases that a team of the person's holds, or that a colleague of such a team owns."""
    lasting = and_(col(TeamMember.from_at) <= NOW, or_(col(TeamMember.to_at).is_(None), col(TeamMember.to_at) > NOW))
    teams = select(col(TeamMember.team_id)).where(
        col(TeamMember.tenant_id) == caller.tenant_id, col(TeamMember.person_id) == caller.person_id, lasting
    )
    colleagues = select(col(TeamMember.person_id)).where(
        col(TeamMember.tenant_id) == caller.tenant_id, col(TeamMember.team_id).in_(teams), lasting
    )
    cases = select(col(CaseFile.id)).where(
        col(CaseFile.tenant_id) == caller.tenant_id, col(CaseFile.team_id).in_(teams)
    )
    return or_(col(PathwayTask.case_id).in_(cases), col(PathwayTask.owner_id).in_(colleagues))


def in_state(state: TaskState) -> ColumnElement[bool]:
    """The state stands in the statement itself: a plan for any state could not use the index of what is open."""
    return col(PathwayTask.state) == bindparam(None, state, literal_execute=True)


def overdue() -> ColumnElement[bool]:
    """Open tasks whose due instant has passed by the database clock."""
    return and_(in_state(TaskState.OPEN), col(PathwayTask.due_at) < NOW)
