"""A child on the way to a child protection plan and out of it: from strategy discussions to the plan's end."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from typing import TypeAlias

import httpx
import pytest

from infra.dev.clock import Clock
from support.api import JSON, Door, open_door, operation
from support.command_line import CommandLine
from support.long_play import LongPlay
from support.partnership import CHILD, Partnership
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
    REGISTRAR,
    REVIEW,
    SCHOOL,
    VISITOR,
    WORKER,
    a_first_discussion_leads_to_enquiries,
    end_of,
    nothing_found,
    on,
    the_board_sets_its_figures,
    the_enquiries_lead_to_a_conference,
    two_more_discussions_move_its_limit,
)  # fmt: skip
from support.work import Work
from tenants.calendars import bank_holidays

Operator: TypeAlias = Callable[..., str]
SCHOOLS = "education-representative"


@pytest.fixture
async def door(environment: dict[str, str]) -> AsyncIterator[Door]:
    async with open_door(environment) as opened:
        yield opened


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


async def a_day_is_proclaimed(play: LongPlay, operator: Operator) -> None:
    await play.at(on(12, 15, 10))
    assert "a bank holiday from now on" in operator(
        "proclaim", "2027-01-04", "--name", "A day of thanks", "--source", "The Gazette 64999"
    )
    await play.work.run_due()
    assert (await play.clocks("conference-chair"))["initial-conference-held"] == ("RUNNING", end_of(1, 8))
    assert await play.told() == {}


async def the_conference_is_prepared(play: LongPlay) -> JSON:
    shut = await play.attempt(CONFERENCE, "MovePathway", "conference-chair", stage="conference")
    assert (shut["why"], shut["subject"], shut["missing"]) == (
        "GATE", "invitations-and-reports", ["form conference-report", "form invitation-list"],
    )  # fmt: skip
    await play.form(CONFERENCE, "invitation-list", "social-care-manager", {
        "conference-number": "First", "chair": "D/Supt Hornbeam, who has no part in the case",
        "invitees": ["Mother", "Police", "Health visitor", "School"], "child-attendance": "She writes."})  # fmt: skip
    assert "invitations" in await play.due(CONFERENCE, "social-care-manager")
    await play.tell(CONFERENCE, "invitations", "social-care-manager", "Mother and all agencies, by letter")
    assert "notify-early" not in await play.due(CONFERENCE, "social-care-manager")
    meeting = await play.call(CONFERENCE, "initial-conference", "social-care-manager", on(12, 31, 14),
                              "conference-chair", "social-worker", *AROUND_THE_TABLE, parent=MOTHER)  # fmt: skip
    assert await play.told() == {"meeting-invitation": {CHAIR, WORKER, MANAGER, DETECTIVE, VISITOR, SCHOOL}}

    await play.at(on(12, 29, 12))
    await play.form(CONFERENCE, "conference-report", "social-worker", {
        "chronology": "Since 2025.", "wishes-and-feelings": "To be safe.", "analysis": "Harm will go on."})  # fmt: skip
    await play.form(CONFERENCE, "professional-report", "health-visitor", {
        "agency-involvement": "Weekly visits.", "agency-views": "A plan is needed."})  # fmt: skip
    assert "report-by-social-care" not in await play.due(CONFERENCE, "social-worker")
    await play.move(CONFERENCE, "conference", "conference-chair")
    assert await play.told() == {}, "its reminder is still to come"
    return meeting


async def it_decides_on_a_plan(play: LongPlay, meeting: JSON) -> None:
    await play.at(on(12, 31, 16))
    assert await play.told() == {"clock-reminder": {CHAIR}}, "five working days are left"
    absent = ("health-visitor", "education-representative")
    short = await play.held(meeting, "conference-chair", on(12, 31, 14), *absent)
    assert (short["__typename"], short["present"], short["wanted"]) == (
        "MeetingNotQuorateProblem", ["police", "social-care"], 3,
    )  # fmt: skip
    held = await play.held(meeting, "conference-chair", on(12, 31, 14), "education-representative")
    assert held["__typename"] == "MeetingPayload", held
    assert (await play.clocks("key-worker"))["initial-conference-held"][0] == "MET"
    assert (await play.undecided(CONFERENCE, "continuing-risk", "plan", "social-care-manager"))[0] == "ROLE"
    shut = await play.undecided(CONFERENCE, "continuing-risk", "plan", "conference-chair")
    assert shut == ("GATE", "quorum-met", ["information quorum-result"])
    await play.form(CONFERENCE, "conference-decision", "conference-chair", {
        "quorum-result": "Social care, police and health", "agency-views": "All agree; the school in writing.",
        "test-limb": "harm shown and more is likely", "decision": "A plan is needed.", "category": ["neglect"],
        "key-worker": "Perrin Woodruff", "core-group-members": ["P. Woodruff", "Dr Brackenbury"]})  # fmt: skip
    await play.form(CONFERENCE, "outline-plan", "conference-chair", {"contingency": "A court is asked."})
    follows = await play.decide(CONFERENCE, "continuing-risk", "plan", "conference-chair")
    assert (list(follows["started"]), follows["not_in_force"]) == ([PLAN, GROUP, REVIEW], [])
    runs = await play.runs()
    assert [(runs[one]["kind"], runs[one]["stage"], runs[one]["round"]) for one in (GROUP, REVIEW)] == [
        ("cycle", "first-meeting", 1), ("cycle", "preparing", 1),
    ]  # fmt: skip
    clocks = await play.clocks("key-worker")
    # New Year's Day, a weekend and the proclaimed Monday lie between; three months are of the calendar.
    assert clocks["conference-decision-circulated"] == ("RUNNING", end_of(1, 5))
    assert clocks["first-core-group-held"] == ("RUNNING", end_of(1, 18))
    assert clocks["conference-record-sent"] == ("RUNNING", end_of(1, 18))
    assert clocks["first-review-conference-held"] == ("RUNNING", end_of(3, 31))
    assert (await play.due(GROUP, "key-worker"))["meet-first"] == end_of(1, 18)
    assert (await play.due(REVIEW, "key-worker"))["review-in-time"] == end_of(3, 31)
    (entry,) = await register(play)
    assert (entry["name"], entry["startedOn"], entry["categories"], entry["keyWorkers"], entry["reviewDueOn"]) == (
        CHILD, "2026-12-31", ["neglect"], ["Perrin Woodruff"], "2027-03-31",
    )  # fmt: skip
    assert await play.told() == {}


async def register(play: LongPlay, day: date | None = None) -> list[JSON]:
    """Who has a plan at the end of a day, as the keeper of the register sees it."""
    shown = await play.door.person(REGISTRAR).run(operation("PlanRegister"), first=10, on=day and day.isoformat())
    return [edge["node"] for edge in shown["planRegister"]["edges"]]


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
                   answers={"lead-body": "Hertfordshire", "key-worker-name": "Perrin Woodruff"})  # fmt: skip
    await play.meet(GROUP, "first-core-group", "key-worker", on(1, 14, 10), "key-worker", "health-visitor", SCHOOLS,
                    parent=MOTHER)  # fmt: skip
    # Told of the meeting, and by then that the limit is near; nobody else of the case, and nothing else.
    assert await play.told() == {"meeting-invitation": {WORKER, VISITOR, SCHOOL}, "clock-reminder": {WORKER}}
    clocks = await play.clocks("key-worker")
    assert clocks["first-core-group-held"][0] == "MET"
    assert clocks["core-group-meets-regularly"] == ("RUNNING", end_of(3, 11))
    assert "meet-first" not in await play.due(GROUP, "key-worker")
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
    assert [one["missing"] for one in shown["gates"]] == [["information quorum-result"]]
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
    await play.decide(ENDING, "ground", "reduced-risk", "conference-chair")

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
