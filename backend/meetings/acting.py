"""What a meeting leads to: actions that become tasks of the run, and decisions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.cases import service as cases
from backend.clocks.limits import Force
from backend.identity.policies import Caller
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from backend.meetings.calling import FURTHEST
from backend.meetings.models import MeetingState
from backend.meetings.record_models import MeetingAction, MeetingDecision
from backend.meetings.standing import Sitting, entered
from backend.pathways import deciding, duties
from backend.pathways.casework_models import PathwayDecision, PathwayTask, TaskKind
from backend.pathways.deciding import DecisionTold


@dataclass(frozen=True, slots=True)
class ActionTold:
    """Who does what by when, and in which of their roles."""

    text: str
    role: str
    owner_id: UUID
    due_at: datetime


async def add_action(
    session: TenantSession, caller: Caller, meeting_id: UUID, told: ActionTold, task_id: UUID
) -> PathwayTask:
    """Make an action that was agreed a task of the run, for its owner, by its instant.

    Raises ``NotFound``, ``Forbidden``, ``Refused``, ``Conflict`` for a meeting that was not held or a run that is
    closed, ``Invalid`` for an owner who has left or does not work on the case in that role, or a limit that cannot
    be.
    """
    sitting = await entered(session, caller, meeting_id)
    await cases.here(session, "ownerId", [told.owner_id])
    _refuse_unless_held(sitting)
    sitting.as_role(sitting.keepers, "give actions")
    if sitting.at.course.closed:
        raise Conflict("The run of this meeting is closed. Start the pathway anew if it is needed again.")
    if faults := _faults(sitting, told):
        raise Invalid(faults)
    definition = sitting.definition
    task = duties.work_of_meeting(
        session, sitting.at, TaskKind.ACTION, definition.id, told.text, told.role, stage=definition.stage,
        force=Force.WILL.value, citation=definition.citation, owner_id=told.owner_id, due_at=told.due_at,
        task_id=task_id,
    )  # fmt: skip
    session.append(MeetingAction, meeting_id=meeting_id, task_id=task_id)
    await cases.record(session, sitting.row.case_id, "meeting.action_given", caller, meeting=meeting_id, task=task_id,
                       owner=told.owner_id)  # fmt: skip
    return task


async def decide(
    session: TenantSession, caller: Caller, meeting_id: UUID, told: DecisionTold, decision_id: UUID, *,
    version: int, transaction_id: str,
) -> PathwayDecision:  # fmt: skip
    """Take a decision of the run at a meeting that was held; ``version`` is the run's.

    Raises as ``deciding.decide`` does, and ``Conflict`` for a meeting that was not held.
    """
    sitting = await entered(session, caller, meeting_id)
    _refuse_unless_held(sitting)
    row = await deciding.decide(
        session, caller, sitting.row.run_id, told, decision_id, version=version, transaction_id=transaction_id
    )
    session.append(MeetingDecision, meeting_id=meeting_id, decision_id=decision_id)
    return row


def _refuse_unless_held(sitting: Sitting) -> None:
    if sitting.row.state is not MeetingState.HELD:
        raise Conflict(f"This meeting is {sitting.row.state.value}. Record that it was held first.")


def _faults(sitting: Sitting, told: ActionTold) -> list[FieldError]:
    faults = []
    if fault := text_fault("text", told.text, 2_000):
        faults.append(fault)
    held = {row.role.replace("_", "-") for row in sitting.at.practitioners if row.person_id == told.owner_id}
    if not held:
        faults.append(FieldError("ownerId", "must work on the case; put them on it first"))
    elif told.role not in held:
        faults.append(FieldError("role", f"is not theirs on this case; they are its {' and '.join(sorted(held))}"))
    if not sitting.at.now < told.due_at <= sitting.at.now + FURTHEST:
        faults.append(FieldError("dueAt", "must lie ahead, at most two years"))
    return faults
