"""What was said of a meeting is put right: invitations taken back before they leave, and who came to it."""

from datetime import timedelta
from typing import Any

import pytest

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Invalid
from backend.meetings import acting, answering, calling, calling_off, correcting, recalling, repository
from backend.meetings.acting import ActionTold
from backend.meetings.agenda import OutcomeTold
from backend.meetings.answering import AnswerTold
from backend.meetings.calling import CallTold, PlanTold
from backend.meetings.filling import filled_form
from backend.meetings.holding import AttendanceTold
from backend.meetings.inviting import InviteeTold
from backend.meetings.models import ItemState, Meeting, MeetingInvitation
from backend.meetings.record_models import Answer, Attendance, MeetingAttendance
from backend.meetings.refusals import NotQuorate
from backend.meetings.standing import attendances, invitations
from backend.pathways import opening, recording
from backend.pathways import repository as pathways
from backend.pathways.deciding import DecisionTold
from backend.pathways.models import PathwayEvent
from backend.pathways.moments import MomentTold
from backend.pathways.opening import EntryTold
from notifications.deliveries import notices
from notifications.deliveries.models import DeliveryState
from support.casework import put_in_force
from support.meetings import CODE, FRIDAY, PATHWAY, Enquiry
from support.scene import Phones
from support.work import Work

SOON = FRIDAY + timedelta(hours=2)
EMAIL = "dr.outside@example.org"
OUTSIDE = InviteeTold("practitioner", outside_name="Dr Outside", agency="health", outside_email=EMAIL)


def to(messages: list[dict[str, object]], address: str) -> list[dict[str, object]]:
    return [one for one in messages if one["to"] == address]


async def states(enquired: Enquiry, *rows: MeetingInvitation) -> list[set[DeliveryState]]:
    async with enquired.partnership.session() as session:
        found = await notices.about(session, [row.id for row in rows])
    return [{one.state for one in found[row.id]} for row in rows]


async def test_an_invitation_that_has_not_left_never_does_once_the_meeting_is_off_or_its_person_not_asked(
    enquired: Enquiry, work: Work, phones: Phones
) -> None:
    meeting = await enquired.call(SOON, "sio", "social-worker", more=[OUTSIDE])
    sio, worker, outside = [await enquired.invitation(meeting, one) for one in ("sio", "social-worker", "practitioner")]
    async with enquired.partnership.session() as session:
        row = await recalling.remove(session, enquired.manager, sio.id, "Another officer has it.", version=1)
        assert row.notices == 0
        with pytest.raises(Conflict, match="taken back"):
            await answering.answer(session, enquired.people["sio"], sio.id, AnswerTold(Answer.ATTENDING), uuid7())
        with pytest.raises(Conflict, match="version 2"):
            await recalling.remove(session, enquired.manager, worker.id, "Late.", version=1)
        await session.commit()
    async with enquired.partnership.session() as session:
        await calling_off.cancel(session, enquired.manager, meeting.id, "It is another child.", version=2)
        await session.commit()
    await work.run_due()
    assert phones.messages() == [], "somebody was told of a meeting that they were never asked to"
    assert await states(enquired, sio, worker, outside) == [{DeliveryState.CANCELLED}] * 3


async def test_somebody_outside_is_told_by_email_which_names_the_hour_and_nothing_else(
    enquired: Enquiry, work: Work, phones: Phones
) -> None:
    here = InviteeTold("sio", person_id=enquired.people["sio"].person_id, outside_email=EMAIL)
    nowhere = InviteeTold("practitioner", outside_name="Dr Outside", outside_email="dr outside@example")
    for wrong in (here, nowhere):
        with pytest.raises(Invalid, match="outsideEmail"):
            await enquired.call(SOON, more=[wrong])
    meeting = await enquired.call(SOON, "sio", more=[OUTSIDE])
    await work.run_due()
    (first,) = to(phones.messages(), EMAIL)
    assert "Friday 30 April 2027 at 17:00" in str(first), "by the partnership's clock"
    assert not any(word in str(first) for word in ("Strategy", "County", "enquiry", "http", str(meeting.id)))
    later = SOON + timedelta(days=4)
    async with enquired.partnership.session() as session:
        meeting = await calling_off.adjourn(session, enquired.manager, meeting.id, "A fire alarm.",
                                        PlanTold(later, "County Hall"), version=1)  # fmt: skip
        await session.commit()
    await work.run_due()
    _, second = to(phones.messages(), EMAIL)
    assert "Tuesday 4 May 2027 at 17:00" in str(second)
    sio = await enquired.invitation(meeting, "sio")
    own = await enquired.invitation(meeting, "practitioner")
    async with enquired.partnership.session() as session:
        gone = await recalling.remove(session, enquired.manager, own.id, "Not concerned.", version=2)
        again = await recalling.remove(session, enquired.manager, own.id, "Not concerned.", version=3)
        assert (gone.notices, again.id) == (1, gone.id)
        taken = await recalling.remove(session, enquired.manager, sio.id, "On leave.", version=3)
        assert taken.notices > 0
        # Whoever was taken off by mistake is asked anew, and told anew.
        made = await calling.invite(session, enquired.manager, meeting.id, enquired.invitees("sio"), version=4)
        assert made[0].notices > 0
        assert set(await invitations(session, meeting)) == {made[0].id}
        await session.commit()
    await work.run_due()
    third = to(phones.messages(), EMAIL)[2:]
    assert len(third) == 1
    said = f"{third[0]['subject']}\n{third[0]['body']}"
    assert not any(word in said for word in ("2027", "County", "concerned", "alarm"))


async def test_who_came_is_put_right_with_a_trace_and_the_quorum_is_found_anew(enquired: Enquiry) -> None:
    meeting = await enquired.call(FRIDAY, "social-care-manager", "social-worker", "sio")
    sio = await enquired.invitation(meeting, "sio")
    came, absent = AttendanceTold(sio.id, Attendance.ATTENDED), AttendanceTold(sio.id, Attendance.ABSENT)

    async def correct(one: AttendanceTold, version: int, reason: str = "Misread.", why: str | None = None) -> Meeting:
        async with enquired.partnership.session() as session:
            row = await correcting.correct_attendance(
                session, enquired.manager, meeting.id, (one,), reason, version=version, exception_reason=why
            )
            await session.commit()
        return row

    with pytest.raises(Conflict, match="recorded when it is held"):
        await correct(absent, 1)
    await enquired.hold(meeting, FRIDAY)
    for one, reason, field in ((came, "x", "already"), (absent, " ", "reason"),
                               (AttendanceTold(sio.id, Attendance.DEPUTY), "x", "deputy")):  # fmt: skip
        with pytest.raises(Invalid, match=field):
            await correct(one, 2, reason)
    with pytest.raises(NotQuorate):
        await correct(absent, 2)
    row = await correct(absent, 2, why="The child was in danger at once.")
    assert (row.quorate, row.exception_reason) == (False, "The child was in danger at once.")
    row = await correct(AttendanceTold(sio.id, Attendance.DEPUTY, "DS Rowan Invented"), 3)
    assert (row.quorate, row.exception_reason, row.version) == (True, None, 4)
    async with enquired.partnership.session() as session:
        rows = [one for one in await repository.of_meeting(session, MeetingAttendance, meeting.id)
                if one.invitation_id == sio.id]  # fmt: skip
        assert [(one.attendance.value, one.reason) for one in rows] == [
            ("attended", None), ("absent", "Misread."), ("deputy", "Misread."),
        ]  # fmt: skip
        held = {one.invitation_id: one for one in await attendances(session, meeting)}
        assert held[sio.id].deputy_name == "DS Rowan Invented"


def _filled(code: str, label: str, source: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": code, "label": label, "from_meeting": source, **more}


# Codes of its own: what fills an item is said beside it, and its code means nothing.
RECORD = [
    _filled("table-round", "Who took part", {"tells": ["attended"]}, kind="people"),
    _filled("police-there", "Police who took part", {"tells": ["attended"], "agencies": ["police"]}),
    _filled("lead-asked", "The worker", {"tells": ["invited"], "roles": ["social-worker"]}, kind="people"),
    _filled("moment", "When", {"tells": ["held"]}, kind="instant"),
    _filled("who-asked", "Who called it", {"tells": ["called-by"]}, kind="person"),
    _filled("outcome", "Outcome", {"tells": ["decisions-with-reasons"]}),
    _filled("verdict", "Verdict", {"tells": ["decisions"]}, kind="choice", choices=["Enquire.", "Do not."]),
    _filled("to-do", "What follows", {"tells": ["decisions", "actions"]}),
    _filled("before", "What there was", {"agenda": ["earlier harm", "What the police do next"]}),
    _filled("papers", "Reports", {"tells": ["reported"]}),
    {"id": "earlier-harm", "label": "Earlier harm"},
]
WITH_A_FORM = PATHWAY | {
    "id": "enquiry-with-a-form",
    "information": RECORD,
    "forms": [{"id": "record-of-it", "title": "Record", "stage": "strategy", "roles": ["social-care-manager"],
               "information": [one["id"] for one in RECORD], "citation": "Working Together 2005 ¶5.56"}],
    "meetings": [PATHWAY["meetings"][0] | {"minutes": PATHWAY["meetings"][0]["minutes"] | {"form": "record-of-it"}}],
}  # fmt: skip


async def test_the_form_of_the_minutes_is_filled_from_the_meeting(enquired: Enquiry) -> None:
    manager, run_id, due = enquired.manager, uuid7(), FRIDAY + timedelta(days=4)
    owner = enquired.people["social-worker"].person_id
    async with enquired.partnership.session() as session:
        await put_in_force(session, WITH_A_FORM)
        await opening.start(session, manager, enquired.case_id, EntryTold("enquiry-with-a-form", ("harm",)), run_id,
                            str(uuid7()))  # fmt: skip
        asked = enquired.invitees("social-care-manager", "social-worker", "sio", "paediatrician")
        told = CallTold(CODE, PlanTold(FRIDAY, joining="By telephone"), invitees=asked)
        meeting = await calling.call(session, manager, run_id, told, uuid7())
        await session.commit()
    second, third = [(await enquired.item(meeting, number)).id for number in (2, 3)]
    minuted = (OutcomeTold(second, ItemState.NOTHING_FOUND, "No earlier harm."),
               OutcomeTold(third, ItemState.DISCUSSED, "They interview."))  # fmt: skip
    meeting = await enquired.hold(meeting, FRIDAY, "paediatrician", outcomes=minuted)
    async with enquired.partnership.session() as session:
        run = await pathways.run(session, run_id)
        await acting.decide(session, manager, meeting.id, DecisionTold("enquire", ("enquiry",), "All agreed."), uuid7(),
                            version=run.version, transaction_id="d")  # fmt: skip
        await acting.add_action(session, manager, meeting.id, ActionTold("See the child.", "social-worker", owner, due),
                                uuid7())  # fmt: skip
        made = await filled_form(session, meeting, set())
        kept = await filled_form(session, meeting, {second})
    assert made is not None
    assert kept is not None
    assert made.form.id == "record-of-it"
    assert len(made.answers["table-round"]) == 3
    assert not any("paediatrician" in one for one in made.answers["table-round"])
    (officer,) = [one for one in made.answers["table-round"] if one.endswith("(sio)")]
    assert made.answers["police-there"] == officer
    assert len(made.answers["lead-asked"]) == 1
    assert made.answers["moment"] == FRIDAY.isoformat()
    assert f"{made.answers['who-asked']} (social care manager)" in made.answers["table-round"]
    assert made.answers["outcome"] == "Enquire: All agreed."
    assert made.answers["verdict"] == "Enquire."
    enquire, see = made.answers["to-do"].splitlines()
    assert enquire == "Enquire."
    assert see.startswith("See the child. (")
    assert see.endswith("by 04/05/2027)")
    assert made.answers["before"] == "No earlier harm.\nThey interview."
    assert made.lacking == ("papers", "earlier-harm"), "a label that reads like an item of the agenda fills nothing"
    assert kept.answers["before"] == "They interview.", "what is withheld from somebody is not filled in for them"


async def test_a_meeting_was_held_when_the_event_of_it_is_corrected_to(enquired: Enquiry) -> None:
    manager, right = enquired.manager, FRIDAY - timedelta(hours=2)
    other = await enquired.hold(await enquired.call(SOON, "sio", "social-worker"), FRIDAY - timedelta(days=2))
    meeting = await enquired.hold(await enquired.call(SOON, "sio", "social-worker"), FRIDAY - timedelta(days=5))
    for at, hour in ((meeting.held_at, right - timedelta(hours=1)), (right - timedelta(hours=1), right)):
        async with enquired.partnership.session() as session:
            events = await pathways.of_run(session, PathwayEvent, enquired.run_id)
            (event,) = [one for one in events if (one.code, one.occurred_at) == ("discussion-held", at)]
            await recording.correct_event(session, manager, event.id, MomentTold(at=hour), "Misread.", uuid7())
            await session.commit()
    async with enquired.partnership.session() as session:
        mended = await repository.meeting(session, meeting.id)
        assert (mended.held_at, mended.version) == (right, meeting.version + 2)
        assert (await repository.meeting(session, other.id)).held_at == FRIDAY - timedelta(days=2)
