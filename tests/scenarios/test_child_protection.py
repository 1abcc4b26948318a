"""A child on the way to a child protection plan and out of it: from strategy discussions to the plan's end."""

from datetime import date, datetime, timedelta

import httpx
import pytest

from infra.dev.clock import Clock
from support.api import JSON, Door
from support.command_line import CommandLine
from support.long_play import LongPlay
from support.partnership import Partnership
from support.towards_a_conference import (
    AROUND_THE_TABLE,
    CAST,
    CHAIR,
    CONFERENCE,
    DETECTIVE,
    DISCUSSION,
    ENDING,
    GROUP,
    MANAGER,
    MINUTES,
    MOTHER,
    PLAN,
    REVIEW,
    SCHOOL,
    VISITOR,
    WORKER,
    Operator,
    a_day_is_proclaimed,
    a_first_discussion_leads_to_enquiries,
    end_of,
    it_decides_on_a_plan,
    nothing_found,
    on,
    register,
    the_board_sets_its_figures,
    the_conference_is_prepared,
    the_enquiries_lead_to_a_conference,
    two_more_discussions_move_its_limit,
)  # fmt: skip
from support.work import Work
from tenants.calendars import bank_holidays

SCHOOLS = "education-representative"


@pytest.fixture
def operator(environment: dict[str, str], command_line: CommandLine) -> Operator:
    """What ``safeguard calendar`` says."""

    def run(*arguments: str) -> str:
        done = command_line.run(["calendar", *arguments], environment)
        bank_holidays.forget()
        return done.stdout + done.stderr

    return run


async def test_from_three_strategy_discussions_to_the_end_of_the_plan(
    door: Door, herts: Partnership, clock: Clock, work: Work, carrier: httpx.Client, operator: Operator
) -> None:
    bank_holidays.forget()
    play = await LongPlay.begun(herts, door, clock, work, carrier, CAST, on(11, 23, 9))
    play.owner = MANAGER
    await the_board_sets_its_figures(play)
    await a_first_discussion_leads_to_enquiries(play)
    await the_enquiries_lead_to_a_conference(play)
    await two_more_discussions_move_its_limit(play)
    await a_day_is_proclaimed(play, operator)
    conference = await the_conference_is_prepared(play)
    await it_decides_on_a_plan(play, conference)
    await its_record_goes_to_each_without_what_is_withheld(play, conference)
    await the_core_group_meets_again_and_again(play)
    await the_first_review_keeps_the_plan(play)
    await the_core_group_meets_through_the_summer(play)
    await the_second_review_ends_it(play)
    await everybody_is_told(play)


async def its_record_goes_to_each_without_what_is_withheld(play: LongPlay, meeting: JSON) -> None:
    await play.at(on(1, 5, 9))
    assert await play.told() == {"clock-notice": {CHAIR}}
    await play.tell(CONFERENCE, "decision-circulated", "conference-chair", "All who were invited, by secure post")
    assert (await play.clocks("key-worker"))["conference-decision-circulated"][0] == "MET"

    sitting = await play.sitting(meeting, "minute-taker")
    parts = {one["role"]: one["id"] for one in sitting["invitations"]}
    secret = next(one["id"] for one in sitting["agenda"] if one["text"].startswith("Reports"))
    document = await play.paper("Record of the conference", "minute-taker")
    minuted = await play.do("RecordMeetingMinutes", "minute-taker", meetingId=meeting["id"], version=sitting["version"],
                            documentId=document, outcomes=nothing_found(sitting))  # fmt: skip
    minutes = minuted["meeting"]["minutes"][0]["id"]
    reason = {"itemId": secret, "reason": "The police ask that it is not told yet."}
    copies: list[JSON] = [{"invitationId": parts[role]} for role in parts if role not in {"parent", SCHOOLS}]
    copies.append({"invitationId": parts[SCHOOLS], "withheld": [reason]})
    early = await play.who("minute-taker").mutate("CirculateMeetingMinutes", minutesId=minutes, copies=copies)
    assert early["__typename"] == "ConflictProblem", "the chair approves them first"
    await play.do("ApproveMeetingMinutes", "conference-chair", minutesId=minutes)
    await play.do("CirculateMeetingMinutes", "minute-taker", minutesId=minutes, copies=copies)
    assert (await play.clocks("key-worker"))["conference-record-sent"][0] == "RUNNING", "the mother has hers to get"
    redacted = await play.paper("Record, for the family", "minute-taker")
    await play.do("CirculateMeetingMinutes", "minute-taker", minutesId=minutes, copies=[
        {"invitationId": parts["parent"], "withheld": [reason], "documentId": redacted, "sentHow": "By hand"}
    ])  # fmt: skip
    assert (await play.clocks("key-worker"))["conference-record-sent"][0] == "MET"
    await play.work.run_due()
    assert await play.told() == {"meeting-minutes": {CHAIR, WORKER, MANAGER, DETECTIVE, VISITOR, SCHOOL}}

    theirs = await play.sitting(meeting, SCHOOLS)
    assert secret not in {one["id"] for one in theirs["agenda"]}
    for role, found in ((SCHOOLS, "NotFoundProblem"), ("health-visitor", "RequestDocumentDownloadPayload")):
        answer = await play.who(role).mutate("RequestDocumentDownload", documentId=document)
        assert answer["__typename"] == found, role
    await play.decide(CONFERENCE, "closing", "complete", "conference-chair")
    assert await play.states(DISCUSSION, CONFERENCE) == [("CLOSED", "follow-up"), ("CLOSED", "after")]


async def the_core_group_meets_again_and_again(play: LongPlay) -> None:
    await play.act(PLAN, "CompletePathwayForm", "social-care-manager", form="key-worker-record",
                   answers={"lead-body": "Hertfordshire", "key-worker-name": "Perrin Woodruff",
                            "plan-due-on": "2027-01-29"})  # fmt: skip
    await play.meet(GROUP, "first-core-group", "key-worker", on(1, 14, 10), "key-worker", "health-visitor", SCHOOLS,
                    parent=MOTHER)  # fmt: skip
    # Told of the meeting, and by then that the limit is near; nobody else of the case, and nothing else.
    assert await play.told() == {"meeting-invitation": {WORKER, VISITOR, SCHOOL}, "clock-reminder": {WORKER}}
    clocks = await play.clocks("key-worker")
    assert clocks["first-core-group-held"][0] == "MET"
    assert clocks["core-group-meets-regularly"] == ("RUNNING", end_of(3, 11))
    assert "meet-first" not in await play.due(GROUP, "key-worker")
    assert clocks["plan-written-by-date"] == ("RUNNING", end_of(1, 29)), "the day that the conference wants"
    await play.act(PLAN, "CompletePathwayForm", "key-worker", form="child-protection-plan", answers={
        "outcomes": "No new injuries.", "actions": "She is visited every week.", "contingency": "A court is asked.",
        "childs-view": "She wants to stay at home."}, events=[{"code": "plan-written"}])  # fmt: skip
    assert (await play.clocks("key-worker"))["plan-written-by-date"][0] == "MET"
    await play.move(GROUP, "further-meetings", "key-worker")
    # Fifteen working days ahead of the review, which Good Friday and Easter Monday put back by two.
    await play.at(on(3, 8, 23))
    assert await play.told() == {}
    await play.at(on(3, 9, 9))
    assert await play.told() == {"clock-reminder": {CHAIR}}
    await core_group_held(play, on(3, 10, 10), 2, end_of(5, 5), {})


async def core_group_held(
    play: LongPlay, at: datetime, round_: int, following: str, reminded: dict[str, set[str]]
) -> None:
    """A meeting shows that it was held and owes the next, eight weeks from when it was held."""
    await play.meet(GROUP, "core-group-meeting", "key-worker", at, "key-worker", "health-visitor", SCHOOLS)
    assert await play.told() == {"meeting-invitation": {WORKER, VISITOR, SCHOOL}, **reminded}
    tasks = [one for one in (await play.shown(GROUP, "key-worker"))["tasks"] if one["code"] == "meet-regularly"]
    assert [one["state"] for one in tasks] == [*["DONE"] * (round_ - 1), "OPEN"]
    assert tasks[-1]["dueAt"] == following
    assert (await play.clocks("key-worker"))["core-group-meets-regularly"] == ("RUNNING", following)
    assert (await play.runs())[GROUP]["round"] == round_
    assert "written-note" in await play.due(GROUP, "key-worker")
    await play.form(GROUP, "core-group-note", "key-worker", {"decisions-and-actions": "The visits go on."})
    assert "written-note" not in await play.due(GROUP, "key-worker")


async def the_first_review_keeps_the_plan(play: LongPlay) -> None:
    await play.at(on(3, 30, 9))
    assert await play.told() == {}
    await reviewed(play, on(3, 31, 10), "continues")
    clocks = await play.clocks("key-worker")
    assert clocks["first-review-conference-held"][0] == "MET"
    assert clocks["further-review-conference-held"] == ("RUNNING", end_of(9, 30)), "31 March and six months"
    assert clocks["review-record-sent"] == ("RUNNING", end_of(4, 14))
    await play.at(on(4, 14, 9))
    assert await play.told() == {"clock-notice": {MINUTES}}
    await play.form(REVIEW, "review-minutes", "minute-taker", {"invitees": ["All of the initial conference"]})
    await play.tell(REVIEW, "review-record", "minute-taker", "All who attended or were invited")
    assert (await play.clocks("key-worker"))["review-record-sent"][0] == "MET"

    # Preparing the next begins another round: what was recorded for the first opens no gate and settles no duty of it.
    await play.decide(REVIEW, "ended", "runs", "conference-chair")
    shown = await play.shown(REVIEW, "conference-chair")
    assert (shown["round"], shown["stage"]) == (2, "preparing")
    assert [one["missing"] for one in shown["gates"]] == [["information quorum-result"], ["event core-group-reported"]]
    assert not any(one["given"] for one in shown["signOffsAsked"])
    owed = await play.due(REVIEW, "key-worker")
    assert owed["review-in-time"] == end_of(9, 30)
    assert "prepare-as-initial" in owed
    (entry,) = await register(play)
    assert entry["reviewDueOn"] == "2027-09-30"


async def reviewed(play: LongPlay, at: datetime, option: str) -> None:
    """A review conference is prepared, held on its last day and decided."""
    await play.form(REVIEW, "core-group-report", "key-worker", {"planned-and-actual-outcomes": "As in the plan."})
    await play.move(REVIEW, "review", "key-worker")
    await play.meet(REVIEW, "review-conference", "conference-chair", at, "conference-chair", "key-worker",
                    *AROUND_THE_TABLE, parent=MOTHER)  # fmt: skip
    assert await play.told() == {
        "meeting-invitation": {CHAIR, WORKER, MANAGER, DETECTIVE, VISITOR, SCHOOL}, "clock-notice": {CHAIR},
    }  # fmt: skip
    shut = await play.undecided(REVIEW, "continuing-risk", option, "conference-chair")
    assert shut == ("GATE", "review-quorum", ["information quorum-result"])
    await play.form(REVIEW, "review-decision", "conference-chair", {
        "quorum-result": "All agencies", "continuing-risk": "Considered by the same test.",
        "family-views": "The mother has asked for help."})  # fmt: skip
    await play.act(REVIEW, "SignOffPathway", "conference-chair", signOff="chair-signs-review")
    follows = await play.decide(REVIEW, "continuing-risk", option, "conference-chair")
    assert list(follows["started"]) == ([ENDING] if option == "ends" else [])


async def the_core_group_meets_through_the_summer(play: LongPlay) -> None:
    for round_, (held, following) in enumerate(
        (((5, 5), (6, 30)), ((6, 30), (8, 25)), ((8, 25), (10, 20))), 3
    ):  # fmt: skip
        await play.at(on(*held, 7))
        await core_group_held(play, on(*held, 10), round_, end_of(*following), {"clock-notice": {WORKER}})


async def the_second_review_ends_it(play: LongPlay) -> None:
    await play.at(on(9, 29, 9))
    assert await play.told() == {"clock-reminder": {CHAIR}}
    await reviewed(play, on(9, 30, 10), "ends")
    assert await play.states(PLAN, GROUP, REVIEW) == [
        ("OPEN", "key-worker"), ("OPEN", "further-meetings"), ("OPEN", "after"),
    ], "looking for the ground ends nothing"  # fmt: skip
    assert (await play.undecided(ENDING, "ground", "reduced-risk", "key-worker"))[0] == "ROLE"
    shut = await play.undecided(ENDING, "ground", "reduced-risk", "conference-chair")
    assert shut == ("GATE", "review-conference-decided", ["information deciding-meeting"])
    await play.form(ENDING, "ending-record", "conference-chair", {
        "ground-met": "no longer at continuing risk", "not-a-move": True, "evidence": "Six months without concern.",
        "deciding-meeting": "Review conference of 30 September 2027"})  # fmt: skip
    group = await play.call(GROUP, "core-group-meeting", "key-worker", on(10, 20, 10), "key-worker", "health-visitor",
                            parent=MOTHER)  # fmt: skip
    review = await play.call(REVIEW, "review-conference", "conference-chair", on(10, 27, 10), "conference-chair",
                             "key-worker")  # fmt: skip
    assert await play.told() == {"meeting-invitation": {WORKER, VISITOR, CHAIR}}
    await play.decide(ENDING, "ground", "reduced-risk", "conference-chair")
    await play.work.run_due()
    assert await play.told() == {"meeting-changed": {WORKER, VISITOR, CHAIR}}, "nobody waits in an empty room"
    for meeting, work in ((group, "Core group"), (review, "Child protection review conference")):
        off = await play.sitting(meeting, "key-worker")
        assert (off["state"], off["steps"][-1]["kind"], off["minutesTask"]) == ("CANCELLED", "CANCELLED", None)
        assert off["steps"][-1]["reason"] == f"{work} has ended: The child protection plan ends."
    anew = await play.who("conference-chair").mutate(
        "CallMeeting", runId=(await play.runs())[REVIEW]["id"], meeting="review-conference",
        plannedAt=on(10, 27, 10).isoformat(), place="County Hall",
    )  # fmt: skip
    assert [fault["field"] for fault in anew["fields"]] == ["runId"], "the run is open for its last record alone"

    # With the plan its core group ends at once; the review stays until the record of the last one has gone out.
    assert await play.states(PLAN, GROUP, REVIEW) == [
        ("CLOSED", "key-worker"), ("CLOSED", "further-meetings"), ("OPEN", "after"),
    ]  # fmt: skip
    ended = (await play.shown(GROUP, "key-worker"))["actions"][-1]
    assert (ended["kind"], ended["subject"]) == ("CLOSED", "plan-ended")
    assert {one["state"] for one in (await play.shown(GROUP, "key-worker"))["tasks"]} <= {"DONE", "LAPSED"}
    clocks = await play.clocks("key-worker")
    assert clocks["core-group-meets-regularly"][0] == "CANCELLED"
    assert clocks["further-review-conference-held"][0] == "CANCELLED"
    assert clocks["review-record-sent"] == ("RUNNING", end_of(10, 14))
    assert clocks["ending-notified"] == ("RUNNING", end_of(10, 7))
    assert [len(await register(play, date(2027, 9, day))) for day in (29, 30)] == [1, 0]


async def everybody_is_told(play: LongPlay) -> None:
    await play.at(on(10, 7, 9))
    assert await play.told() == {"clock-notice": {WORKER}}
    assert "ending-notice" in await play.due(ENDING, "key-worker")
    await play.tell(ENDING, "ending-notice", "key-worker", "Everybody invited on 31 December 2026")
    assert (await play.clocks("key-worker"))["ending-notified"][0] == "MET"
    await play.form(ENDING, "onward-help", "key-worker", {
        "notified": ["All who were invited to the conference"], "onward-services": "The visits go on."})  # fmt: skip
    await play.decide(ENDING, "onward", "none-wanted", "key-worker")
    still = await play.who("social-care-manager").mutate("CloseCase", caseId=play.case, reason="The plan has ended.")
    assert {(one["kind"], one["pathway"]) for one in still["remaining"]} >= {("RUN", REVIEW), ("CLOCK", REVIEW)}

    await play.at(on(10, 8, 9))
    await play.tell(REVIEW, "review-record", "minute-taker", "All who attended or were invited")
    assert await play.states(ENDING, REVIEW) == [("CLOSED", "notice"), ("CLOSED", "after")]
    await play.do("CloseCase", "social-care-manager", caseId=play.case, reason="The plan has ended.")
    await play.at(on(10, 8, 9) + timedelta(days=200))
    assert await play.told() == {}, "nothing of it comes again"
