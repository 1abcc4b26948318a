"""Meetings as an app shows them and acts on them."""

from datetime import timedelta

import httpx

from graphql_api.ids import encode
from infra.dev.clock import Clock
from support.api import JSON, Api, Door, fresh_key, operation
from support.meetings import CODE, FRIDAY, Enquiry
from support.scene import Phones
from support.work import Work

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
    meeting = await enquired.hold(await enquired.call(FRIDAY, *("social-care-manager", "social-worker", "sio")), FRIDAY)
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
    meeting = await enquired.hold(await enquired.call(FRIDAY, *("social-care-manager", "social-worker", "sio")), FRIDAY)
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
