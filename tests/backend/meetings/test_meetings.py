"""Meetings on the real database: who may do what, what is refused, what is told to whom, what stays."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.cases.access import service as access
from backend.clocks.recording import EVENT
from backend.documents import service as documents
from backend.documents import withholding
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Forbidden, Invalid, NotFound, Problem
from backend.meetings import acting, answering, calling, calling_off, circulating, minutes, repository
from backend.meetings.acting import ActionTold
from backend.meetings.agenda import OutcomeTold
from backend.meetings.answering import AnswerTold
from backend.meetings.calling import CallTold, PlanTold
from backend.meetings.circulating import CopyTold
from backend.meetings.holding import AttendanceTold
from backend.meetings.inviting import InviteeTold
from backend.meetings.minutes import MinutesTold
from backend.meetings.models import ItemState, MeetingInvitation, MeetingState, MeetingStep
from backend.meetings.record_models import Answer, Attendance, MeetingDecision, MeetingWithholding
from backend.meetings.refusals import NotQuorate
from backend.meetings.withholding import WithheldTold, kept_from
from backend.pathways import clockwork, settling
from backend.pathways import repository as pathways
from backend.pathways.casework_models import PathwayTask, TaskKind, TaskState
from backend.pathways.deciding import DecisionTold
from backend.pathways.models import PathwayEvent
from backend.pathways.refusals import Refused
from backend.pathways.settling import SettlingTold
from infra.dev.clock import Clock
from support.meetings import FRIDAY, Enquiry
from support.scene import Phones
from support.work import Work

SOON = FRIDAY + timedelta(minutes=30)
ALL = ("social-care-manager", "social-worker", "sio")
TABLES = (
    "meeting_step", "meeting_item", "meeting_outcome", "meeting_invitation", "meeting_answer", "meeting_attendance",
    "meeting_minutes", "meeting_approval", "meeting_withholding", "meeting_copy", "meeting_reading", "meeting_action",
    "meeting_decision", "document_withholding",
)  # fmt: skip


def fields(refused: Invalid) -> set[str]:
    return {error.field for error in refused.errors}


async def test_a_meeting_without_a_quorum_needs_the_exceptions_reason(enquired: Enquiry) -> None:
    meeting = await enquired.call(FRIDAY, *ALL)
    with pytest.raises(NotQuorate) as short:
        await enquired.hold(meeting, FRIDAY, "sio")
    assert (short.value.found.missing, short.value.found.present) == (("police",), ("social-care",))
    async with enquired.partnership.session() as session:
        assert "discussion-held" not in {
            row.code for row in await pathways.of_run(session, PathwayEvent, enquired.run_id)
        }
    held = await enquired.hold(meeting, FRIDAY, "sio", exception_reason="The child was in danger at once.")
    assert (held.state, held.quorate, held.exception_reason) == (
        MeetingState.HELD, False, "The child was in danger at once.",
    )  # fmt: skip


async def test_a_reason_for_an_exception_that_is_none_is_refused(enquired: Enquiry) -> None:
    meeting = await enquired.call(FRIDAY, *ALL)
    with pytest.raises(Invalid, match="exceptionReason"):
        await enquired.hold(meeting, FRIDAY, exception_reason="Just in case.")


async def test_a_deputy_counts_for_their_agency_and_a_report_does_not(enquired: Enquiry) -> None:
    meeting = await enquired.call(FRIDAY, *ALL)
    sio = await enquired.invitation(meeting, "sio")
    rest = [await enquired.invitation(meeting, role) for role in ALL[:2]]
    came = tuple(AttendanceTold(row.id, Attendance.ATTENDED) for row in rest)
    with pytest.raises(NotQuorate):
        await enquired.hold(meeting, FRIDAY, attendance=(*came, AttendanceTold(sio.id, Attendance.REPORT_ONLY)))
    deputy = AttendanceTold(sio.id, Attendance.DEPUTY, "DS Rowan Invented")
    assert (await enquired.hold(meeting, FRIDAY, attendance=(*came, deputy))).quorate


async def test_somebody_outside_the_partnership_counts_for_the_agency_that_is_said(enquired: Enquiry) -> None:
    outsider = InviteeTold("practitioner", outside_name="PC Outside", agency="police", told_how="By telephone")
    meeting = await enquired.call(FRIDAY, *ALL[:2], more=[outsider])
    assert (await enquired.invitation(meeting, "practitioner")).notices == 0
    assert (await enquired.hold(meeting, FRIDAY)).quorate


async def test_of_everybody_who_was_asked_it_is_said_whether_they_came(enquired: Enquiry) -> None:
    meeting = await enquired.call(FRIDAY, *ALL)
    sio = await enquired.invitation(meeting, "sio")
    everybody = [(await enquired.invitation(meeting, role)).id for role in ALL]
    for attendance, wrong in (
        ((AttendanceTold(sio.id, Attendance.ATTENDED),), "leaves out 2"),
        ((AttendanceTold(sio.id, Attendance.DEPUTY),), "said of a deputy"),
        (tuple(AttendanceTold(each, Attendance.ABSENT) for each in everybody), "nobody came"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=wrong):
            await enquired.hold(meeting, FRIDAY, attendance=attendance)
    with pytest.raises(NotFound, match="invitation"):
        await enquired.hold(meeting, FRIDAY, attendance=(AttendanceTold(uuid7(), Attendance.ATTENDED),))
    with pytest.raises(Invalid, match="heldAt"):
        await enquired.hold(meeting, FRIDAY + timedelta(days=1))


async def test_of_two_who_hold_it_at_once_one_wins_and_its_event_is_recorded_once(enquired: Enquiry) -> None:
    meeting = await enquired.call(FRIDAY, *ALL)

    async def hold() -> Problem | None:
        try:
            await enquired.hold(meeting, FRIDAY)
        except Problem as problem:
            return problem
        return None

    outcomes = await asyncio.gather(hold(), hold(), hold())
    assert [type(one) for one in outcomes if one is not None] == [Conflict, Conflict]
    async with enquired.partnership.session() as session:
        rows = await pathways.of_run(session, PathwayEvent, enquired.run_id)
    assert [row.occurred_at for row in rows if row.code == "discussion-held"] == [FRIDAY]


async def test_only_who_calls_or_chairs_it_calls_a_meeting_that_the_pathway_has(enquired: Enquiry) -> None:
    with pytest.raises(Refused, match="social-care-manager may call"):
        await enquired.call(FRIDAY, by=enquired.people["sio"])
    reporter = Caller(enquired.partnership.id, enquired.partnership.slug, enquired.manager.person_id, ("clinician",))
    with pytest.raises(Forbidden):
        await enquired.call(FRIDAY, by=reporter)
    async with enquired.partnership.session() as session:
        told = CallTold("case-conference", PlanTold(FRIDAY.replace(year=2099)))
        with pytest.raises(Invalid) as wrong:
            await calling.call(session, enquired.manager, enquired.run_id, told, uuid7())
    assert fields(wrong.value) == {"meeting", "plannedAt", "place"}


async def test_whom_a_case_does_not_know_is_not_asked(enquired: Enquiry) -> None:
    stranger = (await enquired.partnership.member("designated_doctor")).person_id
    for invitee, field in (
        (InviteeTold("designated-doctor", person_id=stranger), "invitees.0.personId"),
        (InviteeTold("never-heard-of", outside_name="A Name"), "invitees.0.role"),
        (InviteeTold("sio"), "invitees.0"),
        (InviteeTold("practitioner", outside_name="A Name", agency="circus"), "invitees.0.agencyKind"),
    ):
        with pytest.raises(Invalid) as wrong:
            await enquired.call(FRIDAY, more=[invitee])
        assert fields(wrong.value) == {field}
    with pytest.raises(NotFound, match="no such person"):
        await enquired.call(FRIDAY, more=[InviteeTold("sio", person_id=uuid7())])
    with pytest.raises(Invalid, match="before"):
        await enquired.call(FRIDAY, "sio", "sio")


async def test_somebody_outside_is_asked_once_and_whoever_shares_their_address_as_well(enquired: Enquiry) -> None:
    def outsider(name: str) -> InviteeTold:
        return InviteeTold("practitioner", outside_name=name, outside_email="Office@quill-lane.example.sch.uk")

    meeting = await enquired.call(SOON, more=[outsider("Ms Fern Invented"), outsider("Mr Alder Invented")])
    for again in ("Ms Fern Invented", "ms fern invented"):
        async with enquired.partnership.session() as session:
            with pytest.raises(Invalid, match="before") as wrong:
                await calling.invite(session, enquired.manager, meeting.id, [outsider(again)], version=1)
        assert fields(wrong.value) == {"invitees.0.outsideName"}


async def test_a_restricted_case_is_as_if_it_never_was_and_only_its_list_is_asked(enquired: Enquiry) -> None:
    meeting = await enquired.call(SOON, "sio")
    async with enquired.partnership.session() as session:
        people = [enquired.manager.person_id, enquired.people["social-worker"].person_id]
        await access.restrict(session, enquired.manager, enquired.case_id, people, "A colleague's child")
        await session.commit()
    own = await enquired.invitation(meeting, "sio")
    async with enquired.partnership.session() as session:
        with pytest.raises(NotFound, match="no such invitation"):
            await answering.answer(session, enquired.people["sio"], own.id, AnswerTold(Answer.ATTENDING), uuid7())
        with pytest.raises(Invalid, match="restricted case's list"):
            await calling.invite(session, enquired.manager, meeting.id, enquired.invitees("paediatrician"), version=1)
        rows = (await session.scalars(repository.meetings(enquired.people["sio"]))).all()
        assert meeting.id not in {row.id for row in rows}


async def test_an_answer_stands_for_the_instant_it_was_given_for(enquired: Enquiry, clock: Clock) -> None:
    meeting = await enquired.call(SOON, *ALL)
    own, sio = await enquired.invitation(meeting, "sio"), enquired.people["sio"]
    async with enquired.partnership.session() as session:
        with pytest.raises(Invalid, match="deputyName"):
            await answering.answer(session, sio, own.id, AnswerTold(Answer.SENDS_DEPUTY), uuid7())
        told = AnswerTold(Answer.SENDS_DEPUTY, "DS Rowan Invented")
        row = await answering.answer(session, sio, own.id, told, uuid7())
        for_them = AnswerTold(Answer.APOLOGIES, note="Rang at noon.")
        other = await answering.answer(session, enquired.manager, own.id, for_them, uuid7())
        assert (row.answered_by, other.answered_by) == (sio.person_id, enquired.manager.person_id)
        assert row.planned_at == SOON
        await session.commit()
    await clock.freeze(SOON)
    held = await enquired.hold(meeting, SOON)
    async with enquired.partnership.session() as session:
        with pytest.raises(Conflict, match="held already"):
            await answering.answer(session, sio, own.id, AnswerTold(Answer.ATTENDING), uuid7())
        with pytest.raises(Conflict, match="held already"):
            await calling.invite(session, enquired.manager, meeting.id, enquired.invitees("paediatrician"),
                                 version=held.version)  # fmt: skip


async def test_who_was_asked_is_told_of_another_hour_and_of_no_meeting_at_all(
    enquired: Enquiry, work: Work, phones: Phones
) -> None:
    meeting = await enquired.call(SOON, "sio", "social-worker")
    await work.run_due()
    before = len(phones.messages())
    async with enquired.partnership.session() as session:
        with pytest.raises(Invalid, match="must lie ahead"):
            await calling_off.adjourn(
                session, enquired.manager, meeting.id, "Late.", PlanTold(FRIDAY, "Here"), version=1
            )
        put_off = PlanTold(SOON + timedelta(days=1), "County Hall")
        meeting = await calling_off.adjourn(session, enquired.manager, meeting.id, "A fire alarm.", put_off, version=1)
        await session.commit()
    async with enquired.partnership.session() as session:
        with pytest.raises(Conflict, match="version 2"):
            await calling_off.cancel(session, enquired.manager, meeting.id, "Twice.", version=1)
        meeting = await calling_off.cancel(session, enquired.manager, meeting.id, "It is another child.", version=2)
        await session.commit()
    await work.run_due()
    async with enquired.partnership.session() as session:
        steps = await repository.of_meeting(session, MeetingStep, meeting.id)
    assert [(row.kind.value, row.planned_at) for row in steps] == [
        ("called", SOON), ("adjourned", SOON + timedelta(days=1)), ("cancelled", SOON + timedelta(days=1)),
    ]  # fmt: skip
    sent = phones.messages()[before:]
    assert len(sent) == sum(row.notices for row in steps) > 0
    assert not any(word in str(sent) for word in ("fire", "County Hall", "another child"))
    with pytest.raises(Conflict, match="cancelled already"):
        await enquired.hold(meeting, FRIDAY)


async def test_nobody_is_sent_word_of_a_discussion_that_is_being_held(
    enquired: Enquiry, work: Work, phones: Phones
) -> None:
    meeting = await enquired.call(FRIDAY, *ALL)
    await work.run_due()
    assert (await enquired.invitation(meeting, "sio")).notices == 0
    assert phones.messages() == []


async def test_minutes_leave_nothing_out_that_is_never_left_empty(enquired: Enquiry) -> None:
    meeting = await enquired.call(FRIDAY, *ALL)
    document = await enquired.document()
    async with enquired.partnership.session() as session:
        with pytest.raises(Conflict, match="held"):
            await minutes.record(session, enquired.manager, meeting.id, MinutesTold(document), uuid7(), version=1)
    meeting = await enquired.hold(meeting, FRIDAY, outcomes=())
    second = await enquired.item(meeting, 2)
    async with enquired.partnership.session() as session:
        with pytest.raises(Invalid, match="item 2"):
            await minutes.record(session, enquired.manager, meeting.id, MinutesTold(document), uuid7(), version=2)
        with pytest.raises(Refused):
            await minutes.record(session, enquired.people["sio"], meeting.id, MinutesTold(document), uuid7(), version=2)
        with pytest.raises(NotFound, match="document"):
            await minutes.record(session, enquired.manager, meeting.id, MinutesTold(uuid7()), uuid7(), version=2)
        found = (OutcomeTold(second.id, ItemState.NOTHING_FOUND, "No earlier harm on file."),)
        row = await minutes.record(
            session, enquired.manager, meeting.id, MinutesTold(document, found), uuid7(), version=2
        )
        with pytest.raises(Refused):
            await minutes.approve(session, enquired.people["sio"], row.id, uuid7())
        own = (await repository.of_meeting(session, MeetingInvitation, meeting.id))[0]
        with pytest.raises(Conflict, match="not approved"):
            await circulating.circulate(session, enquired.manager, row.id, [CopyTold(own.id)])


async def test_what_is_withheld_from_a_recipient_is_not_there_for_them(enquired: Enquiry) -> None:
    meeting = await enquired.hold(await enquired.call(FRIDAY, *ALL), FRIDAY)
    document, second = await enquired.document(), await enquired.item(meeting, 2)
    worker, sio = enquired.people["social-worker"], enquired.people["sio"]
    own, other = await enquired.invitation(meeting, "social-worker"), await enquired.invitation(meeting, "sio")
    async with enquired.partnership.session() as session:
        secret = WithheldTold(own.id, second.id, "The police investigate a colleague.")
        row = await minutes.record(
            session, enquired.manager, meeting.id, MinutesTold(document, withheld=(secret,)), uuid7(), version=2
        )
        await minutes.approve(session, enquired.manager, row.id, uuid7())
        with pytest.raises(Invalid, match=r"copies\.0\.documentId"):
            await circulating.circulate(session, enquired.manager, row.id, [CopyTold(own.id, document_id=document)])
        copies = await circulating.circulate(session, enquired.manager, row.id, [CopyTold(own.id), CopyTold(other.id)])
        assert [copy.document_id for copy in copies] == [None, document]
        await session.commit()
    async with enquired.partnership.session() as session:
        with pytest.raises(NotFound, match="document"):
            await documents.download(session, document, worker.person_id)
        for person, seen in ((worker, set()), (sio, {document})):
            found = await withholding.of_cases(session, person.person_id, [enquired.case_id])
            assert {each.id for each in found[enquired.case_id]} == seen
        asked = await repository.of_meeting(session, MeetingInvitation, meeting.id)
        kept = await repository.of_meeting(session, MeetingWithholding, meeting.id)
        assert kept_from(worker.person_id, asked, kept) == {second.id}
        assert kept_from(sio.person_id, asked, kept) == set()
        with pytest.raises(Forbidden):
            await circulating.confirm_read(session, sio, copies[0].id, uuid7())


async def test_a_version_made_for_one_recipient_is_kept_from_another_who_may_not_read_it(enquired: Enquiry) -> None:
    meeting = await enquired.hold(await enquired.call(FRIDAY, *ALL), FRIDAY)
    whole, for_worker = await enquired.document("All"), await enquired.document("For the worker")
    first, third = await enquired.item(meeting, 1), await enquired.item(meeting, 3)
    worker, sio = await enquired.invitation(meeting, "social-worker"), await enquired.invitation(meeting, "sio")
    async with enquired.partnership.session() as session:
        row = await minutes.record(session, enquired.manager, meeting.id, MinutesTold(whole), uuid7(), version=2)
        await minutes.approve(session, enquired.manager, row.id, uuid7())
        copies = await circulating.circulate(session, enquired.manager, row.id, [
            CopyTold(worker.id, ((first.id, "Not theirs."),), for_worker), CopyTold(sio.id, ((third.id, "A source."),)),
        ])  # fmt: skip
        assert [copy.document_id for copy in copies] == [for_worker, None]
        hidden = [
            await withholding.withheld(session, [whole, for_worker], enquired.people[role].person_id)
            for role in ("social-worker", "sio", "social-care-manager")
        ]
    assert hidden == [{whole}, {whole, for_worker}, set()]


async def test_actions_become_tasks_that_keep_their_own_limit(enquired: Enquiry) -> None:
    meeting = await enquired.call(FRIDAY, *ALL)
    owner = enquired.people["social-worker"].person_id
    told = ActionTold("See the child at school.", "social-worker", owner, FRIDAY + timedelta(days=4))
    async with enquired.partnership.session() as session:
        with pytest.raises(Conflict, match="held first"):
            await acting.add_action(session, enquired.manager, meeting.id, told, uuid7())
    await enquired.hold(meeting, FRIDAY)
    async with enquired.partnership.session() as session:
        stranger = (await enquired.partnership.member("designated_doctor")).person_id
        for wrong, field in (
            (ActionTold("x", "social-worker", stranger, told.due_at), "ownerId"),
            (ActionTold("x", "sio", owner, told.due_at), "role"),
            (ActionTold(" ", "social-worker", owner, FRIDAY), "text"),
        ):
            with pytest.raises(Invalid) as refused:
                await acting.add_action(session, enquired.manager, meeting.id, wrong, uuid7())
            assert field in fields(refused.value)
        first = await acting.add_action(session, enquired.manager, meeting.id, told, uuid7())
        second = await acting.add_action(session, enquired.manager, meeting.id, told, uuid7())
        await session.flush()
        await clockwork.wind_by_id(session, enquired.run_id, EVENT)
        rows = [row for row in await pathways.of_run(session, PathwayTask, enquired.run_id)
                if row.kind is TaskKind.ACTION]  # fmt: skip
        assert {(row.id, row.due_at, row.owner_id) for row in rows} == {
            (each.id, told.due_at, owner) for each in (first, second)
        }
        done = SettlingTold(TaskState.DONE, evidence="Seen on Monday.")
        settled = await settling.settle(
            session, enquired.people["social-worker"], first.id, done, version=1, transaction_id="settle-1"
        )
        assert settled.state is TaskState.DONE


async def test_a_decision_of_the_run_may_be_taken_at_a_meeting(enquired: Enquiry) -> None:
    meeting = await enquired.hold(await enquired.call(FRIDAY, *ALL), FRIDAY)
    async with enquired.partnership.session() as session:
        run = await pathways.run(session, enquired.run_id)
        told = DecisionTold("enquire", ("enquiry",), "All agreed.")
        decision = await acting.decide(
            session, enquired.manager, meeting.id, told, uuid7(), version=run.version, transaction_id="decide-1"
        )
        (kept,) = await repository.of_meeting(session, MeetingDecision, meeting.id)
        assert kept.decision_id == decision.id


async def test_what_happened_around_a_meeting_can_be_neither_changed_nor_deleted(enquired: Enquiry) -> None:
    for table in TABLES:
        for statement in (f"UPDATE {table} SET tenant_id = tenant_id", f"DELETE FROM {table}"):  # noqa: S608
            async with enquired.partnership.session() as session:
                with pytest.raises(DBAPIError, match="permission denied"):
                    await session.execute(text(statement))
