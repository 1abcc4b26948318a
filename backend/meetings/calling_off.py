"""A meeting is put off to another instant, or called off: by whoever keeps it, or because its run has ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.cases.access import repository as access
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from backend.meetings import recalling, repository
from backend.meetings.calling import PlanTold, plan_faults
from backend.meetings.models import Meeting, MeetingState, MeetingStep, Part, StepKind
from backend.meetings.standing import entered, invitations, refuse_unless_to_come
from backend.pathways.concluding import Ended, ends_with_runs
from notifications.deliveries import notices
from notifications.deliveries.wording import MEETING_CHANGED

# How long word that a meeting is off or elsewhere is worth sending when its own hour is near or past.
WORD_LASTS: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a meeting, by whom (None: nobody here), when and why."""

    kind: StepKind
    by: Caller | None
    at: datetime
    reason: str


async def adjourn(
    session: TenantSession, caller: Caller, meeting_id: UUID, reason: str, to: PlanTold, *, version: int
) -> Meeting:
    """Put a meeting off. Who was asked is told, and asked anew: answers for the old instant stand no more.

    Raises as ``entered`` does, ``Invalid`` for a plan that cannot be or lies behind, or without a reason.
    """
    sitting = await entered(session, caller, meeting_id)
    sitting.refuse_unless_at(version)
    refuse_unless_to_come(sitting.row)
    sitting.as_role(sitting.keepers, "adjourn it")
    faults = plan_faults(to, sitting.at.now)
    if fault := text_fault("reason", reason, 2_000):
        faults.append(fault)
    if to.planned_at <= sitting.at.now:
        faults.append(FieldError("plannedAt", "must lie ahead"))
    if faults:
        raise Invalid(faults)
    row = sitting.row
    row.state, row.version = MeetingState.ADJOURNED, row.version + 1
    row.planned_at, row.place, row.joining = to.planned_at, to.place, to.joining
    await _tell(session, row, Change(StepKind.ADJOURNED, caller, sitting.at.now, reason))
    return row


async def cancel(session: TenantSession, caller: Caller, meeting_id: UUID, reason: str, *, version: int) -> Meeting:
    """Call a meeting off, and tell who was asked; an invitation that has not left yet is recalled instead.

    Raises as ``adjourn`` does.
    """
    sitting = await entered(session, caller, meeting_id)
    sitting.refuse_unless_at(version)
    refuse_unless_to_come(sitting.row)
    sitting.as_role(sitting.keepers, "cancel it")
    if fault := text_fault("reason", reason, 2_000):
        raise Invalid([fault])
    sitting.row.state, sitting.row.version = MeetingState.CANCELLED, sitting.row.version + 1
    await _tell(session, sitting.row, Change(StepKind.CANCELLED, caller, sitting.at.now, reason))
    return sitting.row


async def end_with_run(session: TenantSession, ended: Ended) -> None:
    """Call off whatever meetings of a run are still to come when it ends, and tell who was asked, once.

    One whose hour has come is called off without a word, for whoever was there knows. One that was held stays as it
    is. A run that has ended calls no more of them.
    """
    for row in await repository.to_come_of(session, ended.run.id):
        row.state, row.version = MeetingState.CANCELLED, row.version + 1
        change = Change(StepKind.CANCELLED, ended.by, ended.at, ended.reason)
        await _tell(session, row, change, silently=row.planned_at <= ended.at)


ends_with_runs(end_with_run)


async def _tell(session: TenantSession, row: Meeting, change: Change, *, silently: bool = False) -> None:
    """Record the step, and send word of it to all who were asked to come; invitations that have not left never do."""
    step_id, until, sent = uuid7(), max(row.planned_at, change.at + WORD_LASTS), 0
    asked = [one for one in (await invitations(session, row)).values() if one.part is not Part.RECIPIENT]
    unsent = await recalling.recall(session, asked, changed=change.kind)
    if not silently:
        barred = await access.barred(session, row.case_id)
        open_to = [one for one in asked if one.person_id not in barred]
        people = [one.person_id for one in open_to if one.person_id and one.id not in unsent]
        sent = await notices.tell(session, people, template=MEETING_CHANGED, subject_id=step_id, until=until)
        sent += await recalling.tell_outside(session, row, asked, unsent, change.kind, until=until)
    session.append(
        MeetingStep, id=step_id, meeting_id=row.id, kind=change.kind, planned_at=row.planned_at, reason=change.reason,
        notices=sent, taken_by=change.by.person_id if change.by else None, taken_at=change.at,
    )  # fmt: skip
    await cases.record(session, row.case_id, f"meeting.{change.kind.value}", change.by, meeting=row.id, code=row.code,
                       planned_at=row.planned_at.isoformat())  # fmt: skip
