"""Tasks of a run: made when a duty begins, given to whoever holds the role, settled by what shows them done."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from backend.cases.people.models import CasePractitioner
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.pathways import repository
from backend.pathways.casework_models import PathwayTask, TaskKind, TaskState
from backend.pathways.course import duty_keys
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.records import Channel, Notification
from backend.pathways.definitions.steps import Obligation
from backend.pathways.standing import Standing


async def begin(session: TenantSession, at: Standing, obligations: Iterable[Obligation]) -> None:
    """A task for each duty that begins, or for each role of one that all its roles have."""
    wanted = [
        _task(session, at, TaskKind.OBLIGATION, duty.id, duty.stage, duty.text, role, duty.force.value, duty.citation)
        for duty in obligations
        for role in (duty.roles if duty.each else (held_role(duty.roles, at.practitioners),))
        if (f"{duty.id}/{role}" if duty.each else duty.id) not in at.course.duties
    ]
    await _insert_new(session, at, wanted)


async def begin_notification(session: TenantSession, at: Standing, one: Notification) -> None:
    """A task for each recipient to read it or, where somebody has to call or write, one for the stage's lead."""
    lead = lead_of(at.definition, one.stage or at.course.stage)
    giver = held_role(tuple(code for code in (lead, *at.roles) if code), at.practitioners) if lead else "practitioner"
    roles = one.to if one.by is Channel.TASK else (giver,)
    wanted = [
        _task(session, at, TaskKind.NOTIFICATION, one.id, one.stage or at.course.stage, one.title, role,
              one.force.value, one.citation)
        for role in roles
    ]  # fmt: skip
    await _insert_new(session, at, wanted)


def work_of_meeting(
    session: TenantSession, at: Standing, kind: TaskKind, code: str, text: str, role: str, *, stage: str, force: str,
    citation: str, owner_id: UUID | None = None, due_at: datetime | None = None, task_id: UUID | None = None,
) -> PathwayTask:  # fmt: skip
    """A task that a meeting leads to; unlike a duty, one meeting after another may lead to it."""
    row = _task(session, at, kind, code, stage, text, role, force, citation)
    row.id, row.due_at = task_id or row.id, due_at
    row.owner_id = owner_id or row.owner_id
    session.insert(row)
    return row


async def _insert_new(session: TenantSession, at: Standing, wanted: Iterable[PathwayTask]) -> None:
    """A duty that is open already is not owed twice."""
    there = {(row.kind, row.code, row.role) for row in await _open(session, at.run.id)}
    for row in wanted:
        if (row.kind, row.code, row.role) not in there:
            session.insert(row)


def _task(
    session: TenantSession, at: Standing, kind: TaskKind, code: str, stage: str | None, text: str, role: str,
    force: str, citation: str,
) -> PathwayTask:  # fmt: skip
    return PathwayTask(
        tenant_id=session.tenant_id, id=uuid7(), run_id=at.run.id, case_id=at.run.case_id, kind=kind, code=code,
        stage=stage, text=text, role=role, lead_role=lead_of(at.definition, stage), force=force, citation=citation,
        owner_id=holder(role, at.practitioners), created_at=at.now,
    )  # fmt: skip


async def settle_shown(session: TenantSession, at: Standing, keys: Iterable[str], evidence: str) -> None:
    """Close the tasks of duties that a step has shown to be done."""
    wanted = set(keys)
    for row in await _open(session, at.run.id):
        if row.kind is TaskKind.OBLIGATION and key_of(at.definition, row) in wanted:
            close(row, at, TaskState.DONE, evidence=evidence)


async def settle_notification(session: TenantSession, at: Standing, code: str, evidence: str) -> None:
    """Close the tasks of a notification that was given."""
    for row in await _open(session, at.run.id):
        if row.kind is TaskKind.NOTIFICATION and row.code == code:
            close(row, at, TaskState.DONE, evidence=evidence)


async def lapse(session: TenantSession, at: Standing, reason: str, *, only: frozenset[str] | None = None) -> int:
    """Close open tasks as no longer asked for, all or those of some duties. Returns how many."""
    rows = [row for row in await _open(session, at.run.id) if only is None or row.code in only]
    for row in rows:
        close(row, at, TaskState.LAPSED, reason=reason)
    return len(rows)


def close(
    row: PathwayTask, at: Standing, state: TaskState, *, evidence: str | None = None, reason: str | None = None
) -> None:
    """Settle one task."""
    row.state, row.evidence, row.reason = state, evidence, reason
    row.settled_at, row.settled_by, row.version = at.now, at.by, row.version + 1


async def give_unowned(session: TenantSession, at: Standing) -> None:
    """Open tasks whose role somebody on the case has come to hold are theirs."""
    for row in await _open(session, at.run.id):
        if row.owner_id is None:
            row.owner_id = holder(row.role, at.practitioners)


def key_of(definition: Definition, row: PathwayTask) -> str:
    """What the settling of a task's duty is kept under."""
    duty = next((one for one in definition.obligations if one.id == row.code), None)
    if duty is None or not duty.each:
        return row.code
    return f"{row.code}/{row.role}" if f"{row.code}/{row.role}" in duty_keys(duty) else row.code


def holder(role: str, practitioners: Iterable[CasePractitioner]) -> UUID | None:
    """Who of the case holds a role; the first who was given it."""
    return next((row.person_id for row in practitioners if row.person_id and row.role.replace("_", "-") == role), None)


def held_role(roles: tuple[str, ...], practitioners: Iterable[CasePractitioner]) -> str:
    """The first of several roles that somebody on the case holds, or the first."""
    people = list(practitioners)
    return next((role for role in roles if holder(role, people) is not None), roles[0])


def lead_of(definition: Definition, stage: str | None) -> str | None:
    """Who answers for a stage."""
    return next((one.lead for one in definition.stages if one.id == stage), None)


async def _open(session: TenantSession, run_id: UUID) -> list[PathwayTask]:
    return [row for row in await repository.of_run(session, PathwayTask, run_id) if row.state is TaskState.OPEN]
