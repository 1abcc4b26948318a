"""A strategy discussion called on the Friday before a bank holiday, held on the Tuesday, its record late."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from backend.clocks import repository as clocks
from backend.clocks.models import Clock as ClockRow
from backend.clocks.models import ClockState
from backend.kit.ids import uuid7
from backend.meetings import answering, circulating, minutes, repository
from backend.meetings.answering import AnswerTold
from backend.meetings.circulating import CopyTold
from backend.meetings.minutes import MinutesTold
from backend.meetings.models import MeetingInvitation, MeetingState
from backend.meetings.record_models import Answer, MeetingCopy, MeetingMinutes
from backend.pathways import repository as pathways
from backend.pathways.casework_models import PathwayTask, TaskKind, TaskState
from infra.dev.clock import Clock
from notifications.deliveries.models import Delivery
from support.api import rows
from support.meetings import Enquiry
from support.partnership import SEEDED
from support.scene import Phones
from support.work import Work

TUESDAY = datetime(2027, 5, 4, 9, tzinfo=UTC)
THURSDAY = datetime(2027, 5, 6, 9, tzinfo=UTC)
END_OF_TUESDAY = datetime(2027, 5, 4, 23, tzinfo=UTC)
END_OF_WEDNESDAY = datetime(2027, 5, 5, 23, tzinfo=UTC)


async def clock_of(enquired: Enquiry, definition: str) -> ClockRow:
    async with enquired.partnership.session() as session:
        rows = (await clocks.of_cases(session, [enquired.case_id]))[enquired.case_id]
    return next(row for row in rows if row.definition == definition)


async def minutes_task(enquired: Enquiry) -> PathwayTask:
    async with enquired.partnership.session() as session:
        rows = await pathways.of_run(session, PathwayTask, enquired.run_id)
    return next(row for row in rows if row.kind is TaskKind.MINUTES)


async def test_a_discussion_called_before_a_bank_holiday_and_a_record_that_is_late(
    enquired: Enquiry, clock: Clock, work: Work, phones: Phones
) -> None:
    assert (await clock_of(enquired, "hold-strategy-discussion")).due_at == END_OF_TUESDAY
    meeting = await enquired.call(TUESDAY, "social-care-manager", "social-worker", "sio", "paediatrician")
    await work.run_due()
    asked = await invitations(enquired, meeting.id)
    assert all(row.notices > 0 for row in asked)
    invited = sum(row.notices for row in asked)
    assert await messages(enquired) == {"meeting-invitation": invited}
    assert len(phones.messages()) == invited

    sio = enquired.people["sio"]
    async with enquired.partnership.session() as session:
        own = await enquired.invitation(meeting, "sio")
        await answering.answer(session, sio, own.id, AnswerTold(Answer.ATTENDING), uuid7())
        await session.commit()
    await work.run_due()
    assert len(phones.messages()) == invited  # an answer is read in the app; nobody's telephone rings

    await clock.freeze(TUESDAY + timedelta(hours=2))
    meeting = await enquired.hold(meeting, TUESDAY, "paediatrician")
    assert (meeting.state, meeting.quorate) == (MeetingState.HELD, True)
    met = await clock_of(enquired, "hold-strategy-discussion")
    assert (met.state, met.met_at) == (ClockState.MET, TUESDAY)
    owed = await minutes_task(enquired)
    assert (owed.state, owed.due_at, owed.owner_id) == (TaskState.OPEN, END_OF_WEDNESDAY, enquired.manager.person_id)

    await clock.freeze(THURSDAY)
    minutes_id = await recorded_and_approved(enquired, meeting.id, meeting.version)
    asked = await invitations(enquired, meeting.id)
    async with enquired.partnership.session() as session:
        told = [CopyTold(row.id) for row in asked if row.role != "sio"]
        await circulating.circulate(session, enquired.manager, minutes_id, told)
        await session.commit()
    assert (await clock_of(enquired, "circulate-strategy-record")).met_at is None  # the officer has none yet
    assert (await minutes_task(enquired)).state is TaskState.OPEN
    async with enquired.partnership.session() as session:
        (copy,) = await circulating.circulate(session, enquired.manager, minutes_id, [CopyTold(own.id)])
        await session.commit()
    assert (copy.late, copy.due_at) == (True, END_OF_WEDNESDAY)
    late = await clock_of(enquired, "circulate-strategy-record")
    assert (late.state, late.met_at) == (ClockState.MET_LATE, THURSDAY)
    assert (await minutes_task(enquired)).state is TaskState.DONE

    await work.run_due()
    async with enquired.partnership.session() as session:
        copies = await repository.of_meeting(session, MeetingCopy, meeting.id)
    sent = await messages(enquired)
    assert sent["meeting-minutes"] == sum(row.notices for row in copies) > 0
    assert set(sent) == {"meeting-invitation", "meeting-minutes"}  # nobody was told that anything had changed
    assert len(phones.messages()) == sum(sent.values())
    assert not any(word in str(phones.messages()) for word in (*SEEDED, "harm", "Strategy", "strategy"))

    async with enquired.partnership.session() as session:
        reading = await circulating.confirm_read(session, sio, copy.id, uuid7())
        again = await circulating.confirm_read(session, sio, copy.id, uuid7())
        assert (reading.read_at, again.id) == (THURSDAY, reading.id)


async def messages(enquired: Enquiry) -> dict[str, int]:
    """How many messages there are for the partnership's people, by wording."""
    return Counter(row.template for row in await rows(enquired.partnership, Delivery))


async def invitations(enquired: Enquiry, meeting_id: UUID) -> list[MeetingInvitation]:
    async with enquired.partnership.session() as session:
        return await repository.of_meeting(session, MeetingInvitation, meeting_id)


async def recorded_and_approved(enquired: Enquiry, meeting_id: UUID, version: int) -> UUID:
    document = await enquired.document()
    async with enquired.partnership.session() as session:
        made: MeetingMinutes = await minutes.record(
            session, enquired.manager, meeting_id, MinutesTold(document), uuid7(), version=version
        )
        await minutes.approve(session, enquired.manager, made.id, uuid7())
        await session.commit()
    return made.id
