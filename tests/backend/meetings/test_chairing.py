"""The chair of a meeting is somebody who is there to chair it."""

from datetime import timedelta
from uuid import UUID

from backend.cases.access import bars
from backend.cases.people import practitioners
from backend.cases.people.models import CasePractitioner
from backend.cases.people.practitioners import AssignmentTold
from backend.identity import people
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.meetings import calling
from backend.meetings.calling import CallTold, PlanTold
from backend.meetings.models import Meeting
from support.api import rows
from support.meetings import CODE, FRIDAY, Enquiry
from support.work import Work

CHAIR = "social_care_manager"


async def chairs(enquired: Enquiry) -> dict[UUID, UUID | None]:
    return {row.id: row.chair_id for row in await rows(enquired.partnership, Meeting)}


async def on_the_case(enquired: Enquiry, person: Caller, role: str) -> None:
    async with enquired.partnership.session() as session:
        told = AssignmentTold(role, person_id=person.person_id)
        await practitioners.assign(session, person, enquired.case_id, told, uuid7())
        await session.commit()


async def test_a_meeting_to_come_falls_to_whoever_holds_the_chairs_role_once_its_chair_has_left(
    enquired: Enquiry, work: Work
) -> None:
    gone = enquired.manager.person_id
    held = await enquired.call(FRIDAY, "sio", "social-worker")
    await enquired.hold(held, FRIDAY)
    to_come = await enquired.call(FRIDAY + timedelta(days=7), "sio")
    assert await chairs(enquired) == {held.id: gone, to_come.id: gone}
    async with enquired.partnership.session() as session:
        by = await enquired.partnership.member("administrator")
        await people.leave(session, gone, "Another post", by=by)
        await session.commit()
    await work.run_due()
    assert await chairs(enquired) == {held.id: gone, to_come.id: None}, "what was held keeps who chaired it"

    next_one = await enquired.partnership.member("team_manager")
    await on_the_case(enquired, next_one, "observer")
    assert (await chairs(enquired))[to_come.id] is None
    await on_the_case(enquired, next_one, CHAIR)
    assert await chairs(enquired) == {held.id: gone, to_come.id: next_one.person_id}


async def test_a_chair_who_is_taken_off_the_case_is_followed_by_the_next_in_that_role(enquired: Enquiry) -> None:
    first = enquired.manager
    meeting = await enquired.call(FRIDAY, "sio")
    second = await enquired.partnership.member("team_manager")
    await on_the_case(enquired, second, CHAIR)
    assert await chairs(enquired) == {meeting.id: first.person_id}, "a second in the role takes nothing over"
    at_work = await rows(enquired.partnership, CasePractitioner)
    (place,) = [one for one in at_work if one.person_id == first.person_id]
    async with enquired.partnership.session() as session:
        await practitioners.end(session, second, place.id, "Not independent of the case.")
        await session.commit()
    assert await chairs(enquired) == {meeting.id: second.person_id}


async def test_nobody_chairs_a_meeting_of_a_case_that_is_kept_from_them(enquired: Enquiry) -> None:
    second = await enquired.partnership.member("team_manager")
    await on_the_case(enquired, second, CHAIR)
    async with enquired.partnership.session() as session:
        plan = PlanTold(FRIDAY, joining="By telephone")
        told = CallTold(CODE, plan, chair_id=second.person_id)
        meeting = await calling.call(session, enquired.manager, enquired.run_id, told, uuid7())
        await session.commit()
    async with enquired.partnership.session() as session:
        await bars.bar(session, enquired.manager, enquired.case_id, second.person_id, "It is about her family.")
        await session.commit()
    assert await chairs(enquired) == {meeting.id: enquired.manager.person_id}
