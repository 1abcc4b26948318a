"""A meeting that was held, and one to come."""

from uuid import UUID

from sqlalchemy import text

from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.letters.models import IssuedLetter
from backend.meetings import calling, circulating, holding, minutes
from backend.meetings import repository as meetings
from backend.meetings.agenda import OutcomeTold
from backend.meetings.calling import CallTold, PlanTold
from backend.meetings.circulating import CopyTold
from backend.meetings.holding import AttendanceTold, HeldTold
from backend.meetings.inviting import InviteeTold
from backend.meetings.minutes import MinutesTold
from backend.meetings.models import ItemState, MeetingInvitation, MeetingItem
from backend.meetings.record_models import Attendance
from support.casework import put_in_force
from support.meetings import CODE, PATHWAY, arrived, begun


async def seed_meeting(session: TenantSession, caller: Caller) -> None:
    """A strategy discussion that was held, with minutes that one person may not read whole, and one to come."""
    await put_in_force(session, PATHWAY)
    run_id, now = uuid7(), await session.now()
    case_id: UUID = await session.scalar(text("SELECT id FROM case_file ORDER BY id DESC LIMIT 1"))
    await begun(session, dict.fromkeys(("social-care-manager", "sio"), caller), run_id, case_id)
    police = InviteeTold("sio", outside_name="DS Outside", told_how="By telephone")
    asked = (InviteeTold("social-care-manager", person_id=caller.person_id), police)
    told = CallTold(CODE, PlanTold(now, "Here"), invitees=asked)
    meeting = await calling.call(session, caller, run_id, told, uuid7())
    people = await meetings.of_meeting(session, MeetingInvitation, meeting.id)
    agenda = await meetings.of_meeting(session, MeetingItem, meeting.id)
    came = tuple(AttendanceTold(row.id, Attendance.ATTENDED) for row in people)
    found = tuple(OutcomeTold(row.id, ItemState.NOTHING_FOUND, "Nothing.") for row in agenda)
    await holding.hold(session, caller, meeting.id, HeldTold(now, came, found), version=1, transaction_id="hold")
    document = await arrived(session, case_id, caller, f"Record of {caller.partnership}")
    row = await minutes.record(session, caller, meeting.id, MinutesTold(document), uuid7(), version=2)
    await minutes.approve(session, caller, row.id, uuid7())
    outside = CopyTold(people[1].id, ((agenda[0].id, "A source."),), sent_how="By hand")
    await circulating.circulate(session, caller, row.id, [CopyTold(people[0].id), outside])
    session.append(IssuedLetter, document_id=document, case_id=case_id, meeting_id=meeting.id, number=1,
                   template="meeting-minutes", wording="a" * 64, audience="case", issued_by=caller.person_id,
                   issued_at=await session.now())  # fmt: skip
    await session.flush()
