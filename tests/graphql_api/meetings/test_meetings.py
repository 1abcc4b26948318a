"""Meetings as an app shows them and acts on them."""

from datetime import timedelta

import httpx

import backend.worker
from backend.kit.tasks import cancel
from backend.meetings import calling_off, repository
from backend.meetings.models import MeetingInvitation
from backend.pathways import voiding
from graphql_api.cases.running import key_of
from graphql_api.ids import encode
from infra.dev.clock import Clock
from notifications.deliveries import notices
from notifications.deliveries.service import DELIVER_NOTICES
from support.api import JSON, Api, Door, fresh_key, operation
from support.meetings import CODE, FRIDAY, Enquiry
from support.scene import PAGE, Phones
from support.work import Work

MANAGER_WORKER_OFFICER = ("social-care-manager", "social-worker", "sio")
TUESDAY = (FRIDAY + timedelta(days=4)).isoformat()


async def person(door: Door, enquired: Enquiry, role: str) -> Api:
    return await door.of(enquired.partnership, enquired.people[role].person_id)


def asked(enquired: Enquiry, *roles: str) -> list[JSON]:
    return [{"role": role, "personId": encode("Person", enquired.people[role].person_id)} for role in roles]


async def call(api: Api, enquired: Enquiry, **changes: object) -> JSON:
    given = {
        "runId": encode("PathwayRun", enquired.run_id), "meeting": CODE, "plannedAt": TUESDAY, "place": "County Hall",
        "invitees": asked(enquired, "social-care-manager", "social-worker", "sio"), **changes,
    }  # fmt: skip
    return await api.mutate("CallMeeting", **given)


async def screen(api: Api, meeting_id: str) -> JSON:
    shown: JSON = (await api.run(operation("MeetingScreen"), id=meeting_id))["meeting"]
    return shown


async def mine(api: Api) -> list[str]:
    edges = (await api.run(operation("MyMeetings"), first=10))["myMeetings"]["edges"]
    return [edge["node"]["id"] for edge in edges]


async def test_a_meeting_is_called_answered_held_and_minuted(
    door: Door, enquired: Enquiry, clock: Clock, work: Work, carrier: httpx.Client
) -> None:
    manager, sio = await person(door, enquired, "social-care-manager"), await person(door, enquired, "sio")
    called = await call(manager, enquired, items=["Who tells the school"])
    assert called["__typename"] == "MeetingPayload", called
    meeting = called["meeting"]
    assert [item["text"] for item in meeting["agenda"]] == [
        "What is known", "Earlier harm", "What the police do next", "Who tells the school",
    ]  # fmt: skip
    await work.run_due()
    shown = await screen(sio, meeting["id"])
    own = next(one for one in shown["invitations"] if one["role"] == "sio")
    assert own["toldAt"] is not None
    assert own["notices"] > 0
    answered = await sio.mutate("AnswerMeetingInvitation", invitationId=own["id"], answer="ATTENDING")
    assert answered["__typename"] == "MeetingPayload", answered
    assert await mine(sio) == [meeting["id"]]
    assert await mine(await person(door, enquired, "paediatrician")) == []

    await clock.freeze(FRIDAY + timedelta(days=4, hours=2))
    attendance = [
        {"invitationId": one["id"], "attendance": "ABSENT" if one["role"] == "sio" else "ATTENDED"}
        for one in shown["invitations"]
    ]
    given = {"meetingId": meeting["id"], "version": 1, "heldAt": TUESDAY, "attendance": attendance}
    short = await manager.mutate("HoldMeeting", **given)
    assert short["__typename"] == "MeetingNotQuorateProblem"
    assert (short["missing"], short["present"], short["wanted"]) == (["police"], ["social-care"], 2)
    key = fresh_key()
    excepted = {**given, "exceptionReason": "The officer was called away.", "idempotencyKey": key}
    held = await manager.mutate("HoldMeeting", **excepted)
    assert held["meeting"]["quorum"] == {"met": False, "exceptionReason": "The officer was called away."}
    assert await manager.mutate("HoldMeeting", **excepted) == held

    shown = await screen(sio, meeting["id"])
    assert (shown["state"], shown["minutesTask"]["state"]) == ("HELD", "OPEN")
    assert [step["kind"] for step in shown["steps"]] == ["CALLED", "HELD"]
    assert {one["role"]: one["attendance"] for one in shown["invitations"]}["sio"] == "ABSENT"
    assert "County Hall" not in str(Phones(carrier).messages())


async def test_a_recipient_does_not_see_what_is_withheld_and_the_others_see_why(door: Door, enquired: Enquiry) -> None:
    manager, worker = await person(door, enquired, "social-care-manager"), await person(door, enquired, "social-worker")
    meeting = await enquired.hold(await enquired.call(FRIDAY, *MANAGER_WORKER_OFFICER), FRIDAY)
    meeting_id, document = encode("Meeting", meeting.id), encode("Document", await enquired.document())
    shown = await screen(manager, meeting_id)
    own = next(one["id"] for one in shown["invitations"] if one["role"] == "social-worker")
    second = next(item["id"] for item in shown["agenda"] if item["number"] == 2)
    recorded = await manager.mutate("RecordMeetingMinutes", meetingId=meeting_id, version=2, documentId=document)
    minutes = recorded["meeting"]["minutes"][0]["id"]
    early = await manager.mutate("CirculateMeetingMinutes", minutesId=minutes, copies=[{"invitationId": own}])
    assert early["__typename"] == "ConflictProblem"
    await manager.mutate("ApproveMeetingMinutes", minutesId=minutes)
    copies = [{"invitationId": own, "withheld": [{"itemId": second, "reason": "A colleague is investigated."}]}]
    sent = await manager.mutate("CirculateMeetingMinutes", minutesId=minutes, copies=copies)
    assert sent["__typename"] == "MeetingPayload", sent

    theirs, all_of_it = await screen(worker, meeting_id), await screen(manager, meeting_id)
    assert [item["number"] for item in theirs["agenda"]] == [1, 3]
    assert [item["number"] for item in all_of_it["agenda"]] == [1, 2, 3]
    assert "investigated" not in str(theirs)
    assert theirs["minutes"][0]["document"] is None
    assert all_of_it["minutes"][0]["document"]["id"] == document
    withheld = [one["withheld"] for one in all_of_it["invitations"] if one["id"] == own]
    assert withheld == [[{"itemId": second, "reason": "A colleague is investigated."}]]
    got = await worker.mutate("RequestDocumentDownload", documentId=document)
    assert got["__typename"] == "NotFoundProblem"

    copy = theirs["minutes"][0]["copies"][0]
    assert (await manager.mutate("ConfirmMinutesRead", copyId=copy["id"]))["__typename"] == "ForbiddenProblem"
    read = await worker.mutate("ConfirmMinutesRead", copyId=copy["id"])
    assert read["meeting"]["minutes"][0]["copies"][0]["readAt"] is not None


async def test_actions_and_decisions_of_a_meeting_are_those_of_its_run(door: Door, enquired: Enquiry) -> None:
    manager = await person(door, enquired, "social-care-manager")
    meeting = await enquired.hold(await enquired.call(FRIDAY, *MANAGER_WORKER_OFFICER), FRIDAY)
    meeting_id, owner = encode("Meeting", meeting.id), encode("Person", enquired.people["social-worker"].person_id)
    due = (FRIDAY + timedelta(days=5)).isoformat()
    given = await manager.mutate(
        "AddMeetingAction", meetingId=meeting_id, text="See the child.", role="social-worker", ownerId=owner, dueAt=due
    )
    (action,) = given["meeting"]["actions"]
    assert (action["owner"]["id"], action["state"]) == (owner, "OPEN")
    run = (await screen(manager, meeting_id))["run"]
    decided = await manager.mutate(
        "DecideAtMeeting", meetingId=meeting_id, version=run["version"], decision="enquire", options=["enquiry"],
        reasons="All agreed.",
    )  # fmt: skip
    assert [one["code"] for one in decided["meeting"]["decisions"]] == ["enquire"]
    case_id = encode("Case", enquired.case_id)
    listed = await manager.run(operation("CaseMeetings"), caseId=case_id, first=5, state="HELD")
    assert [edge["node"]["id"] for edge in listed["meetings"]["edges"]] == [meeting_id]


async def test_meetings_of_a_restricted_case_are_as_if_they_never_were(door: Door, enquired: Enquiry) -> None:
    manager, sio = await person(door, enquired, "social-care-manager"), await person(door, enquired, "sio")
    meeting_id = (await call(manager, enquired))["meeting"]["id"]
    case_id = encode("Case", enquired.case_id)
    done = await manager.mutate("RestrictCase", caseId=case_id, personIds=[], reason="A colleague's child")
    assert done["__typename"] == "CasePayload", done
    assert await screen(sio, meeting_id) is None
    assert await mine(sio) == []
    listed = await sio.run(operation("CaseMeetings"), caseId=case_id, first=5)
    assert listed["meetings"]["edges"] == []
    refused = await sio.mutate("CancelMeeting", meetingId=meeting_id, version=1, reason="x")
    never = await sio.mutate("CancelMeeting", meetingId=encode("Meeting", enquired.run_id), version=1, reason="x")
    assert refused == never


async def test_meetings_to_come_are_called_off_with_their_run_and_what_was_held_stays(
    door: Door, enquired: Enquiry, clock: Clock, work: Work, carrier: httpx.Client
) -> None:
    manager, sio = await person(door, enquired, "social-care-manager"), await person(door, enquired, "sio")
    held = await enquired.hold(await enquired.call(FRIDAY, *MANAGER_WORKER_OFFICER), FRIDAY)
    overdue = await enquired.call(FRIDAY, "sio")
    coming, unsent = [(await call(manager, enquired))["meeting"] for _ in range(2)]
    outside = {"role": "education-representative", "outsideName": "Fern Hollow", "outsideEmail": "fern@example.org"}
    asked_too = await manager.mutate("InviteToMeeting", meetingId=coming["id"], version=1, invitees=[outside])
    assert asked_too["__typename"] == "MeetingPayload", asked_too
    await forget_invitations(enquired, unsent["id"])
    phones = Phones(carrier)
    await work.run_due()
    phones.new()

    run = (await screen(manager, coming["id"]))["run"]
    reason = "The child is another's, who has been found."
    closed = await manager.mutate("ClosePathway", runId=run["id"], version=run["version"], reason=reason)
    assert closed["run"]["state"] == "CLOSED", closed
    await work.run_due()
    sent = phones.new()
    assert sent.keys() == {PAGE, "meeting-changed", "meeting-off-outside"}
    assert all(to.startswith("push ") for to in sent[PAGE]), "which goes with the others, and has no template"
    assert sent["meeting-off-outside"] == ["email fern@example.org"]
    once = [*sent["meeting-changed"], *sent[PAGE]]
    assert len(once) == len(set(once)), "each is told once, of one meeting"
    shown = {one["id"]: await screen(sio, one["id"]) for one in (coming, unsent)}
    for one in shown.values():
        assert (one["state"], [step["kind"] for step in one["steps"]]) == ("CANCELLED", ["CALLED", "CANCELLED"])
        assert one["steps"][-1]["reason"] == f"Section 47 enquiry was closed: {reason}"
    assert shown[coming["id"]]["steps"][-1]["notices"] == sum(map(len, sent.values()))
    assert shown[unsent["id"]]["steps"][-1]["notices"] == 0, "what had not left never does"
    past, was = [await screen(sio, encode("Meeting", one.id)) for one in (overdue, held)]
    assert (past["state"], past["steps"][-1]["notices"]) == ("CANCELLED", 0), "its hour was over: who came knows"
    assert (was["state"], [step["kind"] for step in was["steps"]]) == ("HELD", ["CALLED", "HELD"])

    own = next(one["id"] for one in shown[coming["id"]]["invitations"] if one["role"] == "sio")
    late = await sio.mutate("AnswerMeetingInvitation", invitationId=own, answer="ATTENDING")
    assert late["__typename"] == "ConflictProblem"
    anew = await call(manager, enquired)
    assert [fault["field"] for fault in anew["fields"]] == ["runId"]
    await clock.freeze(FRIDAY + timedelta(days=40))
    await work.run_due()
    assert phones.new() == {}, "nothing of it comes later"


async def test_what_nobody_here_ended_calls_its_meetings_off_in_nobodys_name(
    door: Door, enquired: Enquiry, work: Work
) -> None:
    manager = await person(door, enquired, "social-care-manager")
    meeting_id = (await call(manager, enquired))["meeting"]["id"]
    await work.run_due()
    async with enquired.partnership.session() as session:
        await voiding.end_run(session, None, enquired.run_id, "The other side has taken it back.")
        await session.commit()
    shown = await screen(manager, meeting_id)
    assert (shown["state"], shown["steps"][-1]["reason"]) == (
        "CANCELLED", "Section 47 enquiry was closed: The other side has taken it back.",
    )  # fmt: skip
    assert shown["steps"][-1]["notices"] > 0
    query = "query ($id: ID!) { meeting(id: $id) { steps { takenBy { id } } } }"
    assert (await manager.run(query, id=meeting_id))["meeting"]["steps"][-1] == {"takenBy": None}
    assert backend.worker.meetings is calling_off, "a worker ends runs too"


async def forget_invitations(enquired: Enquiry, meeting_id: str) -> None:
    """Let the messages of a meeting wait for another try, as when their provider is down."""
    async with enquired.partnership.session() as session:
        row = key_of("Meeting", meeting_id)
        asked = await repository.of_meeting(session, MeetingInvitation, row)
        told = await notices.about(session, [one.id for one in asked])
        tasks = [one.id for found in told.values() for one in found]
        cancel(session, DELIVER_NOTICES, tasks)
        await session.commit()
