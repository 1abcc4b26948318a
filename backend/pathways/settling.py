"""Settle a task by hand, give it to somebody, name a deputy."""

from dataclasses import dataclass
from uuid import UUID

from backend.cases import service as cases
from backend.cases.people import following
from backend.identity.policies import Caller
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from backend.pathways import duties, leaving, repository
from backend.pathways.casework_models import PathwayTask, TaskKind, TaskState
from backend.pathways.judging import Act
from backend.pathways.models import ActionKind
from backend.pathways.repository import no_such
from backend.pathways.standing import Standing, entered
from backend.pathways.taking import finish, take

following.follow(leaving.pass_on_of_case)

BY_HAND = frozenset({TaskState.DONE, TaskState.NOT_APPLICABLE, TaskState.NOT_DONE})


@dataclass(frozen=True, slots=True)
class SettlingTold:
    """How a task ends: done with its evidence, or not applicable or not done with the reason."""

    state: TaskState
    evidence: str | None = None
    reason: str | None = None


async def settle(
    session: TenantSession, caller: Caller, task_id: UUID, told: SettlingTold, *, version: int, transaction_id: str
) -> PathwayTask:
    """End a task: by its owner, its deputy, or whoever holds its role or leads its stage.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for a task that has ended or moved on, ``Invalid`` where the
    evidence or the reason is missing.
    """
    at, row = await _entered(session, caller, task_id, version)
    faults = text_faults(evidence=(told.evidence, 2_000), reason=(told.reason, 2_000))
    if told.state not in BY_HAND:
        faults.append(FieldError("state", "must be DONE, NOT_APPLICABLE or NOT_DONE"))
    elif told.state is TaskState.DONE and told.evidence is None:
        faults.append(FieldError("evidence", "say what shows that it was done"))
    elif told.state is not TaskState.DONE and told.reason is None:
        faults.append(FieldError("reason", "say why"))
    if faults:
        raise Invalid(faults)
    if caller.person_id not in {row.owner_id, row.deputy_id} and not at.roles & {row.role, str(row.lead_role)}:
        raise Forbidden(f"This task is for the {row.role}. Its owner, deputy or the stage's lead may settle it.")
    if row.kind is TaskKind.OBLIGATION:
        key = duties.key_of(at.definition, row)
        act = Act(ActionKind.DUTY_SETTLED, key, (told.state.value,))
        await take(session, at, act, transaction_id, reason=told.reason or told.evidence)
    else:
        await cases.record(session, row.case_id, "pathway.task_settled", caller, task=row.id, state=told.state.value)
    duties.close(row, at, told.state, evidence=told.evidence, reason=told.reason)
    await finish(session, at)
    return row


async def assign(
    session: TenantSession, caller: Caller, task_id: UUID, owner_id: UUID | None, deputy_id: UUID | None, *,
    version: int,
) -> PathwayTask:  # fmt: skip
    """Give a task to somebody of the case, with or without a deputy. Without an owner it is the lead's to give.

    Raises ``NotFound``, ``Forbidden``, ``Conflict``, ``Invalid`` for somebody who has left or does not work on the
    case.
    """
    named = {field: one for field, one in (("ownerId", owner_id), ("deputyId", deputy_id)) if one is not None}
    for field, person_id in named.items():
        await cases.here(session, field, [person_id])
    at, row = await _entered(session, caller, task_id, version)
    working = {one.person_id for one in at.practitioners}
    faults = [
        FieldError(field, "must work on the case; put them on it first")
        for field, person_id in named.items()
        if person_id not in working
    ]
    if owner_id is not None and owner_id == deputy_id:
        faults.append(FieldError("deputyId", "must be somebody else than the owner"))
    if faults:
        raise Invalid(faults)
    row.owner_id, row.deputy_id, row.version = owner_id, deputy_id, row.version + 1
    await cases.record(session, row.case_id, "pathway.task_assigned", caller, task=row.id, owner=owner_id,
                       deputy=deputy_id)  # fmt: skip
    return row


async def _entered(session: TenantSession, caller: Caller, task_id: UUID, version: int) -> tuple[Standing, PathwayTask]:
    known = await repository.row(session, PathwayTask, task_id)
    at = await entered(session, caller, known.run_id, otherwise=no_such(PathwayTask))
    row = await repository.locked_task(session, task_id)
    if row.version != version:
        raise Conflict(f"The task has changed since you looked; it is at version {row.version} now.")
    if row.state is not TaskState.OPEN:
        raise Conflict(f"This task is {row.state.value.replace('_', ' ')} already.")
    return at, row
