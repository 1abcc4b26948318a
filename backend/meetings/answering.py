"""Answer an invitation: for oneself, or for somebody who has told the case's people."""

from dataclasses import dataclass
from uuid import UUID

from backend.cases import service as cases
from backend.identity.policies import Caller, Permission
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from backend.meetings import repository
from backend.meetings.models import MeetingInvitation, Part
from backend.meetings.record_models import Answer, MeetingAnswer
from backend.meetings.repository import NO_INVITATION
from backend.meetings.standing import invitations, refuse_unless_to_come


@dataclass(frozen=True, slots=True)
class AnswerTold:
    """``deputy_name`` is who comes instead, for ``SENDS_DEPUTY`` alone."""

    answer: Answer
    deputy_name: str | None = None
    note: str | None = None


async def answer(
    session: TenantSession, caller: Caller, invitation_id: UUID, told: AnswerTold, answer_id: UUID
) -> MeetingAnswer:
    """Answer for the instant that is planned now. A later answer stands for the one before.

    Somebody else's invitation is answered by whoever may change the case, and the answer says who did. Raises
    ``NotFound``, ``Forbidden``, ``Invalid``, ``Conflict`` for a meeting that is not to come.
    """
    caller.require(Permission.ATTEND_MEETINGS)
    invitation = await repository.row(session, MeetingInvitation, invitation_id)
    known = await repository.meeting(session, invitation.meeting_id, otherwise=NO_INVITATION)
    if invitation.person_id == caller.person_id:
        await cases.seen(session, caller, known.case_id, otherwise=NO_INVITATION)
    else:
        await cases.changeable(session, caller, known.case_id, otherwise=NO_INVITATION)
    if faults := _faults(told):
        raise Invalid(faults)
    meeting = await repository.locked(session, known.id)
    refuse_unless_to_come(meeting)
    if invitation_id not in await invitations(session, meeting):
        raise Conflict("This invitation was taken back. Whoever called the meeting may ask you anew.")
    if invitation.part is Part.RECIPIENT:
        raise Conflict("Nobody is asked to come by this; it only gives the papers.")
    row = MeetingAnswer(
        tenant_id=session.tenant_id, id=answer_id, meeting_id=meeting.id, invitation_id=invitation_id,
        planned_at=meeting.planned_at, answer=told.answer, deputy_name=told.deputy_name, note=told.note,
        answered_by=caller.person_id, answered_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    await cases.record(session, meeting.case_id, "meeting.answered", caller, meeting=meeting.id,
                       invitation=invitation_id, answer=told.answer.value)  # fmt: skip
    return row


def _faults(told: AnswerTold) -> list[FieldError]:
    faults = text_faults(deputyName=(told.deputy_name, 200), note=(told.note, 1_000))
    if told.answer is Answer.SENDS_DEPUTY and told.deputy_name is None:
        faults.append(FieldError("deputyName", "say who comes instead"))
    elif told.answer is not Answer.SENDS_DEPUTY and told.deputy_name is not None:
        faults.append(FieldError("deputyName", "is for SENDS_DEPUTY; leave it out"))
    return faults
