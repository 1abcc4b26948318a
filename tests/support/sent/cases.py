"""What is sent to change cases, their pathways, levels of need and meetings, where it names what is not there."""

from uuid import uuid4

from graphql_api.ids import encode
from support.api import JSON


def case_changes(case_id: str, child_id: str) -> dict[str, JSON]:
    """What is sent to change a case. Where it names a thing that is not there, a role learns so too."""
    never = {kind: encode(kind, uuid4()) for kind in (
        "Case", "CaseLink", "CasePractitioner", "ChronologyEntry", "Draft", "HouseholdMember", "Relationship", "Team",
    )}  # fmt: skip
    person, event = {"childId": child_id}, {"kind": "VISIT", "title": "Visit", "text": "Seen", "occurred": "2026"}
    return {
        "openCase": {"pathway": "initial-assessment"}, "addSubject": {"caseId": case_id, "child": {"name": "x"}},
        "recordBirth": {**person, "dateOfBirth": "2026-01-01"},
        "correctExpectedDate": {**person, "expectedOn": "2026-01-01", "reason": "scan"},
        "correctChild": {**person, "details": {"name": "x"}, "reason": "register"},
        "addChildAddress": {**person, "address": "7 Invented Row"},
        "addParty": {"caseId": case_id, "party": {"roles": ["PARENT"]}},
        "addHouseholdMember": {"caseId": case_id, **person},
        "endHouseholdMember": {"householdMemberId": never["HouseholdMember"]},
        "recordRelationship": {"caseId": case_id, "fromPerson": person, "kind": "SIBLING", "toPerson": person},
        "endRelationship": {"relationshipId": never["Relationship"]},
        "assignPractitioner": {"caseId": case_id, "role": "gp", "outsideName": "Dr Outside"},
        "endAssignment": {"practitionerId": never["CasePractitioner"]},
        "linkCases": {"caseId": case_id, "otherCaseId": never["Case"], "kind": "SIBLING"},
        "unlinkCases": {"linkId": never["CaseLink"]}, "addChronologyEntry": {"caseId": case_id, "event": event},
        "correctChronologyEntry": {"entryId": never["ChronologyEntry"], "event": event},
        "restrictCase": {"caseId": case_id, "personIds": [never["Case"]], "reason": "x"},
        "liftCaseRestriction": {"caseId": case_id, "reason": "x"},
        "breakGlass": {"caseId": case_id, "reason": "No history is known"},
        "closeCase": {"caseId": never["Case"], "reason": "x"}, "reopenCase": {"caseId": never["Case"], "reason": "x"},
        "handOverCase": {"caseId": never["Case"], "ownerId": never["Case"], "reason": "x"},
        "barFromCase": {"caseId": never["Case"], "personId": never["Case"], "reason": "x"},
        "liftCaseBar": {"caseId": never["Case"], "personId": never["Case"], "reason": "x"},
        "saveDraft": {"form": "a-form", "content": {}, "version": 0}, "discardDraft": {"draftId": never["Draft"]},
        "createTeam": {"code": "B", "name": "B"}, "setTeamMembers": {"teamId": never["Team"], "personIds": []},
    }  # fmt: skip


def pathway_changes(case_id: str) -> dict[str, JSON]:
    """What is sent to change a run. Where it names a thing that is not there, a role learns so too."""
    never = {kind: encode(kind, uuid4()) for kind in (
        "PathwayDecision", "PathwayDeparture", "PathwayEdition", "PathwayEvent", "PathwayOverlay", "PathwayRun",
        "PathwayTask",
    )}  # fmt: skip
    run, edition = {"runId": never["PathwayRun"], "version": 1}, {"editionId": never["PathwayEdition"]}
    task = {"taskId": never["PathwayTask"], "version": 1}
    return {
        "draftPathwayEdition": {"pathway": "never-heard-of"}, "checkPathwayEdition": edition,
        "approvePathwayEdition": {**edition, "inForceFrom": "2026-01-01", "authority": "x"},
        "withdrawPathwayEdition": {**edition, "reason": "x"},
        "startPathway": {"caseId": case_id, "pathway": "never-heard-of", "criteria": []},
        "movePathway": {**run, "stage": "x"}, "completePathwayForm": {**run, "form": "x", "answers": {}},
        "givePathwayNotice": {**run, "notification": "x", "givenTo": "x"}, "signOffPathway": {**run, "signOff": "x"},
        "openPathwayGate": {**run, "gate": "x", "reason": "x"}, "closePathway": {**run, "reason": "x"},
        "migratePathway": {**run, **edition, "reason": "x"},
        "decidePathway": {**run, "decision": "x", "options": ["x"], "reasons": "x"},
        "answerPathwayDecision": {
            "decisionId": never["PathwayDecision"], "version": 1, "authorise": True, "reasons": "x",
        },
        "raiseDisagreement": {"decisionId": never["PathwayDecision"], "reasons": "x", "wanted": "x"},
        "recordPathwayEvent": {"runId": run["runId"], "code": "x"},
        "correctPathwayEvent": {"eventId": never["PathwayEvent"], "reason": "x"},
        "attachPathwayOverlay": {**run, "overlay": "x", "reason": "x"},
        "detachPathwayOverlay": {"overlayId": never["PathwayOverlay"], "version": 1, "reason": "x"},
        "acknowledgeDeparture": {
            "runId": run["runId"], "subjectKind": "obligation", "subjectCode": "x", "instead": "x", "reasons": "x",
        },
        "answerDeparture": {"departureId": never["PathwayDeparture"], "authorise": True},
        "settlePathwayTask": {**task, "state": "DONE", "evidence": "x"}, "assignPathwayTask": task,
    }  # fmt: skip


def threshold_changes(case_id: str) -> dict[str, JSON]:
    """What is sent to change a level of need. It names things that are not there, which a role learns."""
    edition = {"editionId": encode("ThresholdEdition", uuid4())}
    return {
        "draftThresholds": {"text": "x"}, "withdrawThresholds": {**edition, "reason": "x"},
        "approveThresholds": {**edition, "inForceFrom": "2026-01-01", "authority": "x"},
        "recordIndicator": {"caseId": case_id, "indicator": "never-heard-of"},
        "endIndicator": {"indicatorId": encode("RecordedIndicator", uuid4())},
        "decideThreshold": {"caseId": case_id, "level": "never-heard-of", "reasons": "x"},
        "giveThresholdView": {"decisionId": encode("ThresholdDecision", uuid4()), "agrees": True},
        "verifyDirectoryPoint": {"pointId": encode("DirectoryPoint", uuid4()), "how": "x"},
        "importDirectory": {"format": "CSV", "text": "x"},
    }  # fmt: skip


def meeting_changes() -> dict[str, JSON]:
    """What is sent to change a meeting. It names things that are not there, which a role learns."""
    never = {kind: encode(kind, uuid4()) for kind in (
        "Meeting", "MeetingInvitation", "MeetingMinutes", "MeetingCopy", "PathwayRun", "Document", "Person",
    )}  # fmt: skip
    meeting, minutes = {"meetingId": never["Meeting"], "version": 1}, {"minutesId": never["MeetingMinutes"]}
    when = {"plannedAt": "2026-12-01T09:00:00Z", "place": "x"}
    return {
        "callMeeting": {"runId": never["PathwayRun"], "meeting": "x", **when},
        "inviteToMeeting": {**meeting, "invitees": []},
        "answerMeetingInvitation": {"invitationId": never["MeetingInvitation"], "answer": "ATTENDING"},
        "holdMeeting": {**meeting, "heldAt": "2026-01-01T09:00:00Z", "attendance": []},
        "adjournMeeting": {**meeting, "reason": "x", **when}, "cancelMeeting": {**meeting, "reason": "x"},
        "recordMeetingMinutes": {**meeting, "documentId": never["Document"]}, "approveMeetingMinutes": minutes,
        "circulateMeetingMinutes": {**minutes, "copies": []}, "confirmMinutesRead": {"copyId": never["MeetingCopy"]},
        "addMeetingAction": {
            "meetingId": never["Meeting"], "text": "x", "role": "sio", "ownerId": never["Person"],
            "dueAt": "2027-01-01T09:00:00Z",
        },
        "removeMeetingInvitee": {"invitationId": never["MeetingInvitation"], "version": 1, "reason": "x"},
        "correctMeetingAttendance": {**meeting, "attendance": [], "reason": "x"},
        "issueLetter": {"template": "meeting-minutes", "aboutId": never["Meeting"], "audience": "CASE"},
        "wordLetter": {"template": "any", "paragraph": "never-was", "text": "x"},
        "decideAtMeeting": {**meeting, "decision": "x", "options": ["x"], "reasons": "x"},
    }  # fmt: skip
