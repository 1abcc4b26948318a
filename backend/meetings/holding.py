"""A meeting is held, with who came and what was found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.cases import service as cases
from backend.identity.policies import Caller
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from backend.meetings.agenda import OutcomeTold, outcome_faults
from backend.meetings.circulation import CAME
from backend.meetings.models import (
    Meeting,
    MeetingInvitation,
    MeetingItem,
    MeetingOutcome,
    MeetingState,
    MeetingStep,
    Part,
    StepKind,
)
from backend.meetings.quorum import QuorumFound, quorum_of
from backend.meetings.record_models import Attendance, MeetingAttendance
from backend.meetings.refusals import NotQuorate
from backend.meetings.standing import (
    Sitting,
    entered,
    invitations,
    items,
    must_hold,
    must_list,
    refuse_unless_to_come,
)
from backend.pathways import casework, duties
from backend.pathways.casework import Known
from backend.pathways.casework_models import TaskKind
from backend.pathways.moments import MomentTold, moment_fault


@dataclass(frozen=True, slots=True)
class AttendanceTold:
    """Whether somebody came; ``deputy_name`` is who came instead."""

    invitation_id: UUID
    attendance: Attendance
    deputy_name: str | None = None


@dataclass(frozen=True, slots=True)
class HeldTold:
    """When it was held, who came of all who were asked, and what was minuted so far.

    ``exception_reason`` is why it was held without a quorum.
    """

    held_at: datetime
    attendance: tuple[AttendanceTold, ...]
    outcomes: tuple[OutcomeTold, ...] = ()
    exception_reason: str | None = None


async def hold(
    session: TenantSession, caller: Caller, meeting_id: UUID, told: HeldTold, *, version: int, transaction_id: str
) -> Meeting:
    """Record that a meeting was held: its run gets the events of it, and clocks are worked out anew.

    Raises as ``entered`` does, ``NotFound`` for invitations and items of other meetings, ``Invalid`` where somebody
    who was asked is left out or nobody came, ``NotQuorate`` without a quorum and a reason, ``Refused`` by the run.
    """
    sitting = await entered(session, caller, meeting_id)
    row, at = sitting.row, sitting.at
    asked, agenda = await invitations(session, row), await items(session, row)
    must_hold(asked, {one.invitation_id for one in told.attendance})
    must_list(agenda, {one.item_id for one in told.outcomes})
    sitting.refuse_unless_at(version)
    refuse_unless_to_come(row)
    role = sitting.as_role(sitting.keepers, "record that it was held")
    if faults := _held_faults(told, asked, agenda, at.now):
        raise Invalid(faults)
    found = quorum_found(sitting, told.attendance, asked, told.exception_reason)
    keep_attendance(session, sitting, told.attendance)
    minute(session, sitting, told.outcomes)
    row.state, row.held_at, row.version = MeetingState.HELD, told.held_at, row.version + 1
    row.quorate, row.quorum, row.exception_reason = found.met, found.kept(), told.exception_reason
    row.minutes_task_id = await _owe_minutes(session, sitting)
    _step(session, sitting, StepKind.HELD)
    await cases.record(session, row.case_id, "meeting.held", caller, occurred_at=told.held_at, meeting=row.id,
                       code=row.code, role=role, quorate=found.met)  # fmt: skip
    await casework.hold_meeting(session, caller, row.run_id, row.code, told.held_at, Known(None, transaction_id))
    return row


def minute(session: TenantSession, sitting: Sitting, told: Iterable[OutcomeTold]) -> None:
    """Keep what was minuted of items."""
    for one in told:
        session.append(
            MeetingOutcome, meeting_id=sitting.row.id, item_id=one.item_id, state=one.state, text=one.text,
            recorded_by=sitting.caller.person_id, recorded_at=sitting.at.now,
        )  # fmt: skip


def _held_faults(
    told: HeldTold, asked: Mapping[UUID, MeetingInvitation], agenda: Mapping[UUID, MeetingItem], now: datetime
) -> list[FieldError]:
    faults = outcome_faults(told.outcomes, list(agenda.values()), "outcomes")
    faults += text_faults(exceptionReason=(told.exception_reason, 2_000))
    if fault := moment_fault(MomentTold(told.held_at), "", now, ahead=False):
        faults.append(FieldError("heldAt", fault.message))
    return faults + attendance_faults(told.attendance, asked)


def attendance_faults(told: Sequence[AttendanceTold], asked: Mapping[UUID, MeetingInvitation]) -> list[FieldError]:
    faults = []
    for number, one in enumerate(told):
        at = f"attendance.{number}.deputyName"
        if (one.attendance is Attendance.DEPUTY) != (one.deputy_name is not None):
            faults.append(FieldError(at, "is said of a deputy, and only then"))
        elif one.deputy_name is not None and (fault := text_fault(at, one.deputy_name, 200)):
            faults.append(fault)
    said = [one.invitation_id for one in told]
    left = [row for row in asked.values() if row.part is not Part.RECIPIENT and row.id not in said]
    if left:
        faults.append(FieldError("attendance", f"leaves out {len(left)} of those who were asked; say of each"))
    if len(set(said)) < len(said):
        faults.append(FieldError("attendance", "names somebody twice"))
    if any(asked[one].part is Part.RECIPIENT for one in said):
        faults.append(FieldError("attendance", "names somebody who only gets the papers"))
    if not any(one.attendance in CAME for one in told):
        faults.append(FieldError("attendance", "says that nobody came; adjourn or cancel the meeting"))
    return faults


def quorum_found(
    sitting: Sitting, attendance: Iterable[AttendanceTold], asked: Mapping[UUID, MeetingInvitation],
    exception_reason: str | None,
) -> QuorumFound:  # fmt: skip
    """Raises ``NotQuorate`` where there is neither a quorum nor a reason, ``Invalid`` for a reason without need."""
    rule = sitting.definition.quorum
    came = [asked[one.invitation_id].agency for one in attendance if one.attendance in CAME]
    found = quorum_of(rule, came)
    if rule is not None and not found.met and exception_reason is None:
        raise NotQuorate(found, rule.text, rule.fewer_if)
    if found.met and exception_reason is not None:
        raise Invalid([FieldError("exceptionReason", "is for a meeting without a quorum; there was one")])
    return found


def keep_attendance(
    session: TenantSession, sitting: Sitting, told: Iterable[AttendanceTold], reason: str | None = None
) -> None:
    """Keep who came; with a ``reason`` in the place of what was recorded before."""
    for one in told:
        session.append(
            MeetingAttendance, meeting_id=sitting.row.id, invitation_id=one.invitation_id, attendance=one.attendance,
            deputy_name=one.deputy_name, reason=reason, recorded_by=sitting.caller.person_id,
            recorded_at=sitting.at.now,
        )  # fmt: skip


async def _owe_minutes(session: TenantSession, sitting: Sitting) -> UUID | None:
    """The duty to write the minutes and circulate them, which the clocks of both make due."""
    definition = sitting.definition
    if definition.minutes is None and not definition.circulation:
        return None
    role = definition.minutes.by if definition.minutes else definition.chair
    citation = definition.minutes.citation if definition.minutes else definition.circulation[0].citation
    force = next((one.force for one in (definition.minutes, *definition.circulation) if one and one.force), None)
    task = duties.work_of_meeting(
        session, sitting.at, TaskKind.MINUTES, definition.id, f"Minutes of the {definition.title}", role,
        stage=definition.stage, force=(force or definition.force).value, citation=citation,
    )  # fmt: skip
    await session.flush()
    return task.id


def _step(session: TenantSession, sitting: Sitting, kind: StepKind) -> None:
    session.append(
        MeetingStep, meeting_id=sitting.row.id, kind=kind, planned_at=sitting.row.planned_at,
        taken_by=sitting.caller.person_id, taken_at=sitting.at.now,
    )  # fmt: skip
