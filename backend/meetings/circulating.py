"""Minutes go to their recipients, each with what they may read, and come back with word that they were read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.cases.access import repository as access
from backend.documents.withholding import withheld as withheld_documents
from backend.identity.policies import Caller, Permission
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from backend.meetings import repository
from backend.meetings.circulation import CAME, waiting
from backend.meetings.minutes import approval_of, arrived, entered_by_minutes, met, of_case
from backend.meetings.models import MeetingInvitation
from backend.meetings.record_models import MeetingCopy, MeetingMinutes, MeetingReading
from backend.meetings.repository import NO_COPY
from backend.meetings.standing import Sitting, attendances, invitations, items, must_hold, must_list, seen
from backend.meetings.withholding import WithheldTold, hide, withheld_by_invitation, withhold
from backend.pathways import duties
from backend.pathways.casework_models import TaskState
from backend.pathways.repository import locked_task
from backend.pathways.taking import finish
from notifications.deliveries import notices
from notifications.deliveries.wording import MEETING_MINUTES

WORD_LASTS: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CopyTold:
    """What one recipient gets. ``withheld`` are items by id with the reason.

    ``document_id`` is a version of the minutes without what is withheld; where an item is withheld and there is no
    such version they read the items in the app, and get no file.
    """

    invitation_id: UUID
    withheld: tuple[tuple[UUID, str], ...] = ()
    document_id: UUID | None = None
    sent_how: str | None = None


async def circulate(
    session: TenantSession, caller: Caller, minutes_id: UUID, told: Sequence[CopyTold]
) -> list[MeetingCopy]:
    """Give approved minutes to recipients, and send them word of it. What is late is kept as late.

    When all whom the definition names have theirs, the clocks of the circulation are met and its task is done.
    Raises ``NotFound``, ``Forbidden``, ``Refused``, ``Conflict`` for minutes that are not approved, ``Invalid``.
    """
    sitting, minutes = await entered_by_minutes(session, caller, minutes_id)
    asked = await invitations(session, sitting.row)
    must_hold(asked, {one.invitation_id for one in told})
    must_list(await items(session, sitting.row), {item for one in told for item, _ in one.withheld})
    for one in told:
        if one.document_id is not None:
            await of_case(session, sitting, one.document_id)
    sitting.as_role(sitting.keepers, "circulate its minutes")
    if await approval_of(session, minutes) is None:
        raise Conflict("These minutes are not approved. Let the chair approve them first.")
    barred = await access.barred(session, sitting.row.case_id)
    for number, one in enumerate(told):
        if asked[one.invitation_id].person_id in barred:
            fault = "is of somebody from whom the case is kept; leave it out"
            raise Invalid([FieldError(f"copies.{number}.invitationId", fault)])
    served = await _served(session, minutes)
    if faults := _faults(told, asked, served):
        raise Invalid(faults)
    await _check_documents(session, minutes, told, asked)
    withheld = [WithheldTold(one.invitation_id, item, reason) for one in told for item, reason in one.withheld]
    await withhold(session, sitting, withheld, "copies")
    await hide(session, sitting, _versions(told))
    copies = await _copies(session, sitting, minutes, told, asked)
    await cases.record(session, sitting.row.case_id, "meeting.minutes_circulated", caller, meeting=sitting.row.id,
                       minutes=minutes_id, copies=len(copies))  # fmt: skip
    await _follow(session, sitting, minutes, served | {one.invitation_id for one in told})
    await finish(session, sitting.at)
    return copies


async def confirm_read(session: TenantSession, caller: Caller, copy_id: UUID, reading_id: UUID) -> MeetingReading:
    """Say that one has read one's copy. Said again it changes nothing.

    Raises ``NotFound``, ``Forbidden`` for somebody else's copy.
    """
    caller.require(Permission.ATTEND_MEETINGS)
    copy = await repository.row(session, MeetingCopy, copy_id)
    row = await seen(session, caller, copy.meeting_id, otherwise=NO_COPY)
    invitation = await repository.row(session, MeetingInvitation, copy.invitation_id)
    if invitation.person_id != caller.person_id:
        raise Forbidden("Only its recipient says that a copy was read.")
    await repository.locked(session, row.id)
    rows = await repository.of_meeting(session, MeetingReading, row.id)
    if known := next((one for one in rows if one.copy_id == copy_id), None):
        return known
    reading = MeetingReading(
        tenant_id=session.tenant_id, id=reading_id, meeting_id=row.id, copy_id=copy_id, read_by=caller.person_id,
        read_at=await session.now(),
    )  # fmt: skip
    session.insert(reading)
    await cases.record(session, row.case_id, "meeting.minutes_read", caller, meeting=row.id, copy=copy_id)
    return reading


async def _served(session: TenantSession, minutes: MeetingMinutes) -> set[UUID]:
    rows = await repository.of_meeting(session, MeetingCopy, minutes.meeting_id)
    return {row.invitation_id for row in rows if row.minutes_id == minutes.id}


def _faults(told: Sequence[CopyTold], asked: Mapping[UUID, MeetingInvitation], served: set[UUID]) -> list[FieldError]:
    faults = [] if told else [FieldError("copies", "name somebody")]
    for number, one in enumerate(told):
        at, outside = f"copies.{number}", asked[one.invitation_id].person_id is None
        faults += text_faults(**{f"{at}.sentHow": (one.sent_how, 300)})
        if outside != (one.sent_how is not None):
            faults.append(FieldError(f"{at}.sentHow", "is said of somebody outside the partnership, and only then"))
        if one.invitation_id in served:
            faults.append(FieldError(f"{at}.invitationId", "has a copy of these minutes already"))
    if len({one.invitation_id for one in told}) < len(told):
        faults.append(FieldError("copies", "names somebody twice"))
    return faults


async def _check_documents(
    session: TenantSession, minutes: MeetingMinutes, told: Sequence[CopyTold],
    asked: Mapping[UUID, MeetingInvitation],
) -> None:  # fmt: skip
    for number, one in enumerate(told):
        if one.document_id is None:
            continue
        field = f"copies.{number}.documentId"
        if one.document_id == minutes.document_id:
            raise Invalid([FieldError(field, "holds all of the minutes; leave it out, or give a version without them")])
        await arrived(session, one.document_id, field)
        person_id = asked[one.invitation_id].person_id
        if person_id is not None and await withheld_documents(session, [one.document_id], person_id):
            raise Invalid([FieldError(field, "is kept from this recipient; give a version that was made for them")])


def _versions(told: Sequence[CopyTold]) -> dict[UUID, set[UUID]]:
    """Documents that were made for some recipients, by those."""
    found: dict[UUID, set[UUID]] = {}
    for one in told:
        if one.document_id is not None:
            found.setdefault(one.document_id, set()).add(one.invitation_id)
    return found


async def _copies(
    session: TenantSession, sitting: Sitting, minutes: MeetingMinutes, told: Sequence[CopyTold],
    asked: Mapping[UUID, MeetingInvitation],
) -> list[MeetingCopy]:  # fmt: skip
    hidden, now, due_at = await withheld_by_invitation(session, sitting), sitting.at.now, await _due(session, sitting)
    made = []
    for one in told:
        copy_id, person_id = uuid7(), asked[one.invitation_id].person_id
        sent = 0
        if person_id is not None:
            sent = await notices.tell(session, [person_id], template=MEETING_MINUTES, subject_id=copy_id,
                                      until=now + WORD_LASTS)  # fmt: skip
        whole = None if one.invitation_id in hidden else minutes.document_id
        row = MeetingCopy(
            tenant_id=session.tenant_id, id=copy_id, meeting_id=sitting.row.id, minutes_id=minutes.id,
            invitation_id=one.invitation_id, document_id=one.document_id or whole, sent_how=one.sent_how,
            notices=sent, due_at=due_at, late=due_at is not None and now > due_at,
            circulated_by=sitting.caller.person_id, circulated_at=now,
        )  # fmt: skip
        session.insert(row)
        made.append(row)
    return made


async def _due(session: TenantSession, sitting: Sitting) -> datetime | None:
    if sitting.row.minutes_task_id is None:
        return None
    return (await locked_task(session, sitting.row.minutes_task_id)).due_at


async def _follow(session: TenantSession, sitting: Sitting, minutes: MeetingMinutes, served: set[UUID]) -> None:
    """Meet the clocks of each circulation that is complete now; with all of them the task is done."""
    barred = await access.barred(session, sitting.row.case_id)
    asked = [one for one in (await invitations(session, sitting.row)).values() if one.person_id not in barred]
    came = {row.invitation_id for row in await attendances(session, sitting.row) if row.attendance in CAME}
    lacking = waiting(sitting.definition, asked, came, served)
    for left in lacking:
        if left.complete:
            await met(session, sitting, left.circulation.clocks, minutes.id)
    if all(left.complete for left in lacking) and sitting.row.minutes_task_id is not None:
        task = await locked_task(session, sitting.row.minutes_task_id)
        if task.state is TaskState.OPEN:
            duties.close(task, sitting.at, TaskState.DONE, evidence="minutes circulated")
