"""Where whole cases mislead: what is corrected across runs and rounds, and who is told and may write."""

from datetime import datetime, timedelta

import httpx
import pytest

from infra.dev.clock import Clock
from support.api import JSON, Door, operation
from support.long_play import LongPlay
from support.partnership import CHILD, Partnership
from support.towards_a_conference import (
    AROUND_THE_TABLE,
    CAST,
    CONFERENCE,
    DISCUSSION,
    ENDING,
    ENQUIRY,
    MANAGER,
    OUTCOME,
    REVIEW,
    approved_minutes,
    discussion_called,
    end_of,
    on,
    recorded,
    register,
    the_board_sets_its_figures,
)
from support.work import Work

DOCTOR = "fern.hollowell"


@pytest.fixture
async def play(door: Door, herts: Partnership, clock: Clock, work: Work, carrier: httpx.Client) -> LongPlay:
    """A first strategy discussion has been held, recorded, and has led to enquiries."""
    made = await LongPlay.begun(herts, door, clock, work, carrier, CAST, on(11, 23, 9))
    made.owner = MANAGER
    await the_board_sets_its_figures(made)
    await made.clock.freeze(on(11, 24, 9))
    made.case = (await made.do("OpenCase", "social-care-manager", pathway=DISCUSSION))["case"]["id"]
    await made.do("AddSubject", "social-care-manager", caseId=made.case,
                  child={"name": CHILD, "dateOfBirth": "2019-05-05"})  # fmt: skip
    for role, subject in CAST.items():
        await made.do("AssignPractitioner", "social-care-manager", caseId=made.case,
                      personId=await made.person(subject), role=role)  # fmt: skip
    await made.do("StartPathway", "social-care-manager", caseId=made.case, pathway=DISCUSSION,
                  criteria=["reasonable-cause"])  # fmt: skip
    return made


async def held(play: LongPlay) -> JSON:
    meeting = await discussion_called(play, on(11, 24, 11), "paediatrician")
    await play.clock.freeze(on(11, 24, 12))
    answer = await play.held(meeting, "strategy-discussion-chair", on(11, 24, 11))
    assert answer["__typename"] == "MeetingPayload", answer
    return meeting


async def towards_the_conference(play: LongPlay) -> JSON:
    meeting = await held(play)
    await recorded(play, "A teacher saw new bruises.")
    await play.decide(DISCUSSION, "what-next", "section-47", "social-care-manager")
    await play.clock.freeze(on(11, 30, 9))
    await play.form(ENQUIRY, "enquiry-record", "social-worker", {
        "basis": "reasonable cause to suspect significant harm", "begun-at": on(11, 24, 14).isoformat(),
        "other-children": "There are no others."})  # fmt: skip
    await play.form(ENQUIRY, "interview-record", "social-worker", {"childs-words": "She is afraid at home."})
    await play.move(ENQUIRY, "enquiry", "social-care-manager")
    await play.decide(ENQUIRY, "concluded", "concluded", "social-care-manager")
    await play.form(OUTCOME, "outcome-record", "social-worker", {
        "outcome": "continuing risk", "evidence-analysis": "Inflicted.", "people-consulted": ["School"]})  # fmt: skip
    await play.decide(OUTCOME, "outcome", "continuing-risk", "social-care-manager")
    return meeting


async def a_plan(play: LongPlay) -> None:
    await towards_the_conference(play)
    await play.tell(OUTCOME, "outcome-copies", "social-worker", "Mother, school, police")
    await play.form(CONFERENCE, "invitation-list", "social-care-manager", {
        "conference-number": "First", "chair": "D/Supt Hornbeam", "invitees": ["Mother"],
        "child-attendance": "She writes."})  # fmt: skip
    meeting = await play.call(CONFERENCE, "initial-conference", "social-care-manager", on(12, 14, 14),
                              "conference-chair", "social-worker", *AROUND_THE_TABLE)  # fmt: skip
    await play.form(CONFERENCE, "conference-report", "social-worker", {
        "chronology": "Since 2025.", "wishes-and-feelings": "Safe.", "analysis": "Harm."})  # fmt: skip
    await play.move(CONFERENCE, "conference", "conference-chair")
    for gate in ("conference-explained-first", "chair-meets-family-first"):
        await play.act(CONFERENCE, "OpenPathwayGate", "conference-chair", gate=gate, reason="She would not be met.")
    await play.clock.freeze(on(12, 14, 16))
    answer = await play.held(meeting, "conference-chair", on(12, 14, 14))
    assert answer["__typename"] == "MeetingPayload", answer
    await play.form(CONFERENCE, "conference-decision", "conference-chair", {
        "quorum-result": "All", "agency-views": "All agree.", "test-limb": "harm shown and more is likely",
        "decision": "A plan is needed.", "category": ["neglect"], "key-worker": "P. Woodruff",
        "core-group-members": ["P. Woodruff"]})  # fmt: skip
    await play.form(CONFERENCE, "outline-plan", "conference-chair", {"contingency": "A court is asked."})
    await play.decide(CONFERENCE, "continuing-risk", "plan", "conference-chair")


async def reviewed(play: LongPlay, at: datetime, option: str) -> None:
    await play.form(REVIEW, "core-group-report", "key-worker", {"planned-and-actual-outcomes": "As in the plan."})
    await play.move(REVIEW, "review", "key-worker")
    meeting = await play.call(REVIEW, "review-conference", "conference-chair", at, "conference-chair", "key-worker",
                              *AROUND_THE_TABLE)  # fmt: skip
    await play.clock.freeze(at)
    assert (await play.held(meeting, "conference-chair", at))["__typename"] == "MeetingPayload"
    await play.form(REVIEW, "review-decision", "conference-chair", {
        "quorum-result": "All", "continuing-risk": "Considered.", "family-views": "None."})  # fmt: skip
    await play.act(REVIEW, "SignOffPathway", "conference-chair", signOff="chair-signs-review")
    await play.decide(REVIEW, "continuing-risk", option, "conference-chair")


async def event(play: LongPlay, pathway: str, code: str) -> JSON:
    """The newest entry of an event in a run."""
    found: list[JSON] = (await play.shown(pathway, "social-care-manager"))["events"]
    return [one for one in found if one["code"] == code][-1]


async def test_a_start_that_is_corrected_on_a_clock_is_corrected_where_it_was_recorded(play: LongPlay) -> None:
    meeting = await towards_the_conference(play)
    shown = await play.who("conference-chair").run(
        "query ($id: ID!) { case(id: $id) { clocks { id definition } } }", id=play.case)  # fmt: skip
    (clock,) = [one["id"] for one in shown["case"]["clocks"] if one["definition"] == "initial-conference-held"]
    await play.do("CorrectClockStart", "conference-chair", clockId=clock, startedAt=on(11, 23, 16).isoformat(),
                  reason="It was held a day earlier.")  # fmt: skip
    clocks = await play.clocks("conference-chair")
    assert clocks["initial-conference-held"][1] == end_of(12, 14)
    assert clocks["strategy-record-circulated"][1] == end_of(11, 24), "all that runs from the same event follows"
    assert (await play.sitting(meeting, "social-worker"))["heldAt"] == "2026-11-23T16:00:00Z"


async def test_an_event_may_be_corrected_where_it_was_recorded_after_another_run_corrected_its_own(
    play: LongPlay,
) -> None:
    await towards_the_conference(play)
    taken_over = await event(play, CONFERENCE, "strategy-discussion-held")
    await play.do("CorrectPathwayEvent", "conference-chair", eventId=taken_over["id"],
                  occurredAt=on(11, 23, 16).isoformat(), reason="A day earlier.")  # fmt: skip
    recorded_first = await event(play, DISCUSSION, "strategy-discussion-held")
    await play.do("CorrectPathwayEvent", "social-care-manager", eventId=recorded_first["id"],
                  occurredAt=on(11, 25, 11).isoformat(), reason="A day later, by the minutes.")  # fmt: skip
    assert (await play.clocks("conference-chair"))["initial-conference-held"][1] == end_of(12, 16)


async def test_what_is_corrected_of_an_earlier_round_opens_no_gate_of_the_next(play: LongPlay) -> None:
    await a_plan(play)
    await reviewed(play, on(3, 1, 10), "continues")
    await play.form(REVIEW, "review-minutes", "minute-taker", {"invitees": ["All"]})
    await play.tell(REVIEW, "review-record", "minute-taker", "All")
    await play.decide(REVIEW, "ended", "runs", "conference-chair")
    report = await event(play, REVIEW, "core-group-reported")
    await play.do("CorrectPathwayEvent", "key-worker", eventId=report["id"],
                  occurredAt=(on(3, 1, 10) - timedelta(days=1)).isoformat(), reason="A day earlier.")  # fmt: skip
    gates = {one["code"]: one["missing"] for one in (await play.shown(REVIEW, "key-worker"))["gates"]}
    assert gates["core-group-reports-first"] == ["event core-group-reported"]


@pytest.mark.parametrize("told", [
    {"occurredOn": "2027-03-03"}, {"occurredAt": on(3, 3, 9).isoformat()},
])  # fmt: skip
async def test_a_plan_that_ended_on_a_day_or_as_was_said_ahead_is_on_the_register_no_more(
    play: LongPlay, told: JSON
) -> None:
    await a_plan(play)
    await reviewed(play, on(3, 1, 10), "ends")
    await play.form(ENDING, "ending-record", "conference-chair", {
        "ground-met": "no longer at continuing risk", "not-a-move": True, "evidence": "None.",
        "deciding-meeting": "Review"})  # fmt: skip
    await play.decide(ENDING, "ground", "reduced-risk", "conference-chair")
    if "occurredOn" in told:
        await play.clock.freeze(on(3, 5, 9))
    ended = await event(play, ENDING, "plan-ended")
    await play.do("CorrectPathwayEvent", "conference-chair", eventId=ended["id"], reason="By the minutes.", **told)
    await play.clock.freeze(on(3, 9, 9))
    assert await register(play) == []
    (entry,) = await register(play, on(3, 2).date())
    assert entry["endedOn"] == "2027-03-03"


async def test_the_return_counts_a_plan_until_the_day_that_the_register_says(play: LongPlay) -> None:
    await a_plan(play)
    await reviewed(play, on(3, 30, 10), "ends")
    await play.form(ENDING, "ending-record", "conference-chair", {
        "ground-met": "no longer at continuing risk", "not-a-move": True, "evidence": "None.",
        "deciding-meeting": "Review"})  # fmt: skip
    await play.clock.freeze(on(4, 2, 9))
    run = (await play.runs())[ENDING]
    await play.do("DecidePathway", "conference-chair", runId=run["id"], version=run["version"], decision="ground",
                  options=["reduced-risk"], reasons="As decided.", occurredAt=on(3, 30, 10).isoformat())  # fmt: skip
    assert await register(play, on(3, 31).date()) == []
    shown = await play.door.person("hollis.greenway").run(
        operation("Statistic"), code="CHILDREN_ON_PLANS", fromOn="2027-03-01", untilOn="2027-03-31"
    )
    assert shown["statistic"]["rows"] == []


async def test_whoever_a_case_is_kept_from_hears_no_more_of_its_meetings(play: LongPlay) -> None:
    meeting = await discussion_called(play, on(11, 24, 11), "paediatrician")
    await play.told()
    await play.do("BarFromCase", "social-care-manager", caseId=play.case, personId=await play.person(DOCTOR),
                  reason="She is of the family.")  # fmt: skip
    sitting = await play.sitting(meeting, "social-worker")
    await play.do("AdjournMeeting", "social-care-manager", meetingId=meeting["id"], version=sitting["version"],
                  plannedAt=on(11, 24, 14).isoformat(), place="County Hall", reason="An hour later.")  # fmt: skip
    await play.work.run_due()
    assert DOCTOR not in (await play.told())["meeting-changed"]

    await play.clock.freeze(on(11, 24, 15))
    sitting = await play.sitting(meeting, "social-worker")
    answer = await play.held(sitting, "strategy-discussion-chair", on(11, 24, 14), "paediatrician")
    assert answer["__typename"] == "MeetingPayload", answer
    sitting = await play.sitting(meeting, "strategy-discussion-chair")
    minutes = await approved_minutes(play, sitting)
    await play.who("strategy-discussion-chair").mutate(
        "CirculateMeetingMinutes", minutesId=minutes,
        copies=[{"invitationId": one["id"]} for one in sitting["invitations"]],
    )  # fmt: skip
    await play.work.run_due()
    assert DOCTOR not in (await play.told()).get("meeting-minutes", set())


async def test_whoever_broke_the_glass_completes_no_clock_and_adds_no_document(play: LongPlay) -> None:
    await held(play)
    await play.do("RestrictCase", "social-care-manager", caseId=play.case, personIds=[], reason="Restricted.")
    shown = await play.who("social-care-manager").run(
        "query ($id: ID!) { case(id: $id) { clocks { id } } }", id=play.case)  # fmt: skip
    somebody = play.door.person("hollis.greenway")
    await somebody.mutate("BreakGlass", caseId=play.case, reason="An emergency at night.", minutes=30)
    answer = await somebody.mutate("CompleteClock", clockId=shown["case"]["clocks"][0]["id"])
    assert answer["__typename"] == "ForbiddenProblem"
    told = {"caseId": play.case, "title": "Note", "size": 3, "sha256": "0" * 64, "contentType": "text/plain"}
    answer = await somebody.mutate("StartDocumentUpload", **told)
    assert answer["__typename"] == "ForbiddenProblem"
    begun = await play.do("StartDocumentUpload", "social-care-manager", **told)
    answer = await somebody.mutate("CompleteDocumentUpload", documentId=begun["document"]["id"])
    assert answer["__typename"] == "ForbiddenProblem"
