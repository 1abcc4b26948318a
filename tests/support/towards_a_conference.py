"""A child on the way to an initial child protection conference: discussions, enquiries, a limit that moves, a plan."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from support.api import JSON, operation, said
from support.long_play import LongPlay
from support.partnership import CHILD

Operator: TypeAlias = Callable[..., str]
"""What ``safeguard calendar`` says to its arguments."""

DISCUSSION, ENQUIRY, OUTCOME = "strategy-discussion", "section-47-enquiry", "section-47-outcome"
CONFERENCE, PLAN, GROUP = "initial-child-protection-conference", "child-protection-plan", "core-group"
REVIEW, ENDING = "child-protection-review-conference", "discontinue-child-protection-plan"

MANAGER, WORKER, CHAIR, MINUTES = "elowen.tidewater", "perrin.woodruff", "verity.hornbeam", "marlow.goosegrass"
DETECTIVE, VISITOR, SCHOOL, DOCTOR = "tobin.gravelpit", "merle.brackenbury", "lucan.foxearth", "fern.hollowell"
CAST = {
    "social-care-manager": MANAGER, "strategy-discussion-chair": MANAGER, "social-worker": WORKER,
    "key-worker": WORKER, "conference-chair": CHAIR, "minute-taker": MINUTES, "child-abuse-investigator": DETECTIVE,
    "health-visitor": VISITOR, "education-representative": SCHOOL, "paediatrician": DOCTOR,
}  # fmt: skip
MOTHER = "Linnet Testparent"
REGISTRAR, AUTHOR = "hollis.greenway", "saffron.lockgate"
AROUND_THE_TABLE = ("social-care-manager", "child-abuse-investigator", "health-visitor", "education-representative")

TEN_DAYS, FIVE_DAYS = "{value: 10, unit: working_days}", "{value: 5, unit: working_days}"
FIGURES = {
    DISCUSSION: "", ENQUIRY: "", OUTCOME: "", CONFERENCE: f"send-conference-record-within: {TEN_DAYS}",
    GROUP: "core-group-meets-every: {value: 8, unit: weeks}", REVIEW: f"send-review-record-within: {TEN_DAYS}",
    ENDING: f"notify-ending-within: {FIVE_DAYS}",
}  # fmt: skip
"""What the board has set, where the national text has words alone."""


def on(month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    """Local time from October 2026 on: Christmas 2026 is a Friday, Good Friday the 26th of March 2027."""
    year = 2026 if month >= 11 else 2027
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)


def end_of(month: int, day: int) -> str:
    """How a limit in days is printed that lasts to the end of one."""
    ends = datetime.combine(on(month, day).date() + timedelta(days=1), datetime.min.time(), ZoneInfo("Europe/London"))
    return said(ends.astimezone(UTC))


async def the_board_sets_its_figures(play: LongPlay) -> None:
    author, board = play.door.person(AUTHOR), play.door.person(REGISTRAR)
    for pathway, figures in FIGURES.items():
        overlay = (
            f"pathway: {pathway}\npartnership: hertfordshire\nedition: The board's own figures\n"
            f"words_stand: Board minute 4 of 3 November 2026\nsettings: {{{figures}}}\n"
        )
        edition = (await author.mutate("DraftPathwayEdition", pathway=pathway, overlayText=overlay))["edition"]["id"]
        await author.mutate("CheckPathwayEdition", editionId=edition)
        own = await author.mutate("ApprovePathwayEdition", editionId=edition, inForceFrom="2026-11-23", authority="I")
        assert own["__typename"] == "ForbiddenProblem"
        answer = await board.mutate("ApprovePathwayEdition", editionId=edition, inForceFrom="2026-11-23",
                                    authority="Board minute 4 of 3 November 2026")  # fmt: skip
        assert answer["edition"]["state"] == "APPROVED", answer


async def a_first_discussion_leads_to_enquiries(play: LongPlay) -> None:
    await play.clock.freeze(on(11, 24, 9))
    play.case = (await play.do("OpenCase", "social-care-manager", pathway=DISCUSSION))["case"]["id"]
    await play.do("AddSubject", "social-care-manager", caseId=play.case, child={
        "name": CHILD, "dateOfBirth": "2019-05-05"})  # fmt: skip
    for role, subject in CAST.items():
        await play.do(
            "AssignPractitioner",
            "social-care-manager",
            caseId=play.case,
            personId=await play.person(subject),
            role=role,
        )
    await play.do("StartPathway", "social-care-manager", caseId=play.case, pathway=DISCUSSION,
                  criteria=["reasonable-cause"])  # fmt: skip
    meeting = await discussion_called(play, on(11, 24, 11), "paediatrician")
    assert await play.told() == {"meeting-invitation": {MANAGER, WORKER, DETECTIVE, DOCTOR}}
    await play.at(on(11, 24, 12))
    short = await play.held(meeting, "strategy-discussion-chair", on(11, 24, 11), "child-abuse-investigator")
    assert (short["__typename"], short["missing"]) == ("MeetingNotQuorateProblem", ["police"])
    answer = await play.held(meeting, "strategy-discussion-chair", on(11, 24, 11))
    assert answer["__typename"] == "MeetingPayload", answer
    await recorded(play, "A teacher saw new bruises.")
    follows = await play.decide(DISCUSSION, "what-next", "section-47", "social-care-manager")
    assert (list(follows["started"]), follows["not_in_force"]) == ([ENQUIRY], [])

    # The record is owed by the end of the next day. Writing it is not yet sending it.
    assert (await play.clocks("social-worker"))["strategy-record-circulated"] == ("RUNNING", end_of(11, 25))
    sitting = await play.sitting(meeting, "strategy-discussion-chair")
    minutes = await approved_minutes(play, sitting)
    assert (await play.clocks("social-worker"))["strategy-record-circulated"][0] == "RUNNING"
    await play.do("CirculateMeetingMinutes", "strategy-discussion-chair", minutesId=minutes,
                  copies=[{"invitationId": one["id"]} for one in sitting["invitations"]])  # fmt: skip
    assert (await play.clocks("social-worker"))["strategy-record-circulated"][0] == "MET"
    await play.work.run_due()
    assert await play.told() == {"meeting-minutes": {MANAGER, WORKER, DETECTIVE, DOCTOR}}

    # What is kept from the family is kept from whoever need not know it.
    for role, withheld in (("social-worker", []), ("health-visitor", ["information-to-family"])):
        (form,) = (await play.shown(DISCUSSION, role))["forms"]
        assert form["withheld"] == withheld, role


async def discussion_called(play: LongPlay, at: datetime, *more: str) -> JSON:
    """A discussion of social care and the police is called, and the run is in its stage."""
    await play.move(DISCUSSION, "discussion", "social-care-manager")
    return await play.call(DISCUSSION, DISCUSSION, "social-care-manager", at, "social-care-manager", "social-worker",
                           "child-abuse-investigator", *more)  # fmt: skip


async def recorded(play: LongPlay, said: str) -> None:
    await play.form(DISCUSSION, "record-of-strategy-discussion", "strategy-discussion-chair", {
        "attendees": ["E. Tidewater", "P. Woodruff", "DI Gravelpit"], "information-shared": said,
        "other-children": "There are no others.", "decision-basis": "What the school has seen.",
        "information-to-family": "Nothing before the child was seen.",
    })  # fmt: skip


async def approved_minutes(play: LongPlay, sitting: JSON) -> str:
    """The discussion's record, written and approved; gives its id."""
    minuted = await play.do("RecordMeetingMinutes", "strategy-discussion-chair", meetingId=sitting["id"],
                            version=sitting["version"], documentId=await play.paper("Record", "social-worker"),
                            outcomes=nothing_found(sitting))  # fmt: skip
    minutes: str = minuted["meeting"]["minutes"][0]["id"]
    await play.do("ApproveMeetingMinutes", "strategy-discussion-chair", minutesId=minutes)
    return minutes


def nothing_found(sitting: JSON) -> list[JSON]:
    """Nothing of note on items that are never left out."""
    return [
        {"itemId": one["id"], "state": "NOTHING_FOUND", "text": "Asked, and nothing was found."}
        for one in sitting["agenda"] if one["neverEmpty"]
    ]  # fmt: skip


async def the_enquiries_lead_to_a_conference(play: LongPlay) -> None:
    await play.at(on(11, 30, 9))
    assert await play.told() == {}
    await play.form(ENQUIRY, "enquiry-record", "social-worker", {
        "basis": "reasonable cause to suspect significant harm", "begun-at": on(11, 24, 14).isoformat(),
        "other-children": "There are no others."})  # fmt: skip
    await play.form(ENQUIRY, "interview-record", "social-worker", {"childs-words": "She is afraid at home."})
    await play.move(ENQUIRY, "enquiry", "social-care-manager")
    follows = await play.decide(ENQUIRY, "concluded", "concluded", "social-care-manager")
    assert list(follows["started"]) == [OUTCOME]
    open_yet = await play.attempt(ENQUIRY, "ClosePathway", "social-care-manager", reason="Concluded.")
    assert (open_yet["why"], open_yet["missing"]) == ("DUTIES", ["obligation others-help"])
    (task,) = [one for one in (await play.shown(ENQUIRY, "social-worker"))["tasks"] if one["code"] == "others-help"]
    await play.do("SettlePathwayTask", "social-worker", taskId=task["id"], version=task["version"],
                  state="NOT_APPLICABLE", reason="Nobody was asked.")  # fmt: skip
    await play.act(ENQUIRY, "ClosePathway", "social-care-manager", reason="Concluded.")

    await play.form(OUTCOME, "outcome-record", "social-worker", {
        "outcome": "continuing risk", "evidence-analysis": "The bruises were inflicted.",
        "people-consulted": ["School", "Police", "Mother"]})  # fmt: skip
    forbidden = await play.undecided(OUTCOME, "outcome", "continuing-risk", "social-worker")
    assert forbidden == ("ROLE", "social-care-manager", ["role social-care-manager"])
    follows = await play.decide(OUTCOME, "outcome", "continuing-risk", "social-care-manager")
    assert list(follows["started"]) == [CONFERENCE]
    # Fifteen working days from the discussion, not from the outcome.
    assert (await play.clocks("conference-chair"))["initial-conference-held"] == ("RUNNING", end_of(12, 15))
    await play.tell(OUTCOME, "outcome-copies", "social-worker", "Mother, school, police")
    await play.decide(OUTCOME, "challenge", "content", "social-worker")
    assert await play.states(ENQUIRY, OUTCOME) == [("CLOSED", "outcome"), ("CLOSED", "decided")]


async def two_more_discussions_move_its_limit(play: LongPlay) -> None:
    await again_discussed(play, on(12, 4, 16, 30))
    # Nothing of the first shows that the second was recorded: all of it is owed again.
    assert {"circulate", "record-basis"} <= (await play.due(DISCUSSION, "social-worker")).keys()
    assert (await play.clocks("conference-chair"))["initial-conference-held"] == ("RUNNING", end_of(12, 29))
    assert (await play.clocks("conference-chair"))["strategy-record-circulated"] == ("RUNNING", end_of(12, 7))
    assert await play.told() == {"meeting-invitation": {MANAGER, WORKER, DETECTIVE}}, "once is no drift"
    await play.at(on(12, 7, 9))
    assert await play.told() == {"clock-notice": {MANAGER}}
    await play.tell(DISCUSSION, "record-to-parties", "social-care-manager", "All who took part")

    await again_discussed(play, on(12, 14, 9))
    assert (await play.clocks("conference-chair"))["initial-conference-held"] == ("RUNNING", end_of(1, 7))
    assert await play.told() == {"meeting-invitation": {MANAGER, WORKER, DETECTIVE}, "clock-notice": {MANAGER}}
    (drift,) = [one for one in await clocks_of(play, "resets firstStartedAt") if one["resets"]]
    assert (drift["definition"], drift["resets"], drift["firstStartedAt"]) == (
        "initial-conference-held", 2, "2026-11-24T11:00:00Z",
    )  # fmt: skip
    await play.tell(DISCUSSION, "record-to-parties", "social-care-manager", "All who took part")
    await play.decide(DISCUSSION, "further", "closed", "social-care-manager")


async def clocks_of(play: LongPlay, fields: str) -> list[JSON]:
    query = f"query ($id: ID!) {{ case(id: $id) {{ clocks {{ definition state dueAt {fields} }} }} }}"
    found: list[JSON] = (await play.who("social-care-manager").run(query, id=play.case))["case"]["clocks"]
    return found


async def again_discussed(play: LongPlay, at: datetime) -> None:
    await play.at(at - timedelta(hours=2))
    await play.decide(DISCUSSION, "further", "further-discussion", "social-care-manager")
    assert "call-discussion" in await play.due(DISCUSSION, "social-worker")
    called = await discussion_called(play, at)
    await play.at(at)
    answer = await play.held(called, "strategy-discussion-chair", at)
    assert answer["__typename"] == "MeetingPayload", answer
    await play.decide(DISCUSSION, "what-next", "no-action", "social-care-manager")
    await play.work.run_due()


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
    assert await play.told() == {"clock-reminder": {MANAGER}}, "five working days are left"
    absent = ("health-visitor", "education-representative")
    short = await play.held(meeting, "conference-chair", on(12, 31, 14), *absent)
    assert (short["__typename"], short["present"], short["wanted"]) == (
        "MeetingNotQuorateProblem", ["police", "social-care"], 3,
    )  # fmt: skip
    held = await play.held(meeting, "conference-chair", on(12, 31, 14), "education-representative")
    assert (held["why"], held["subject"], held["missing"], held["provision"]) == (
        "GATE", "conference-explained-first", ["event purpose-explained"], "Working Together 2005 ¶4.70",
    )  # fmt: skip
    run = (await play.runs())[CONFERENCE]["id"]
    await play.do("RecordPathwayEvent", "social-worker", runId=run, code="purpose-explained",
                  occurredAt=on(12, 28, 10).isoformat())  # fmt: skip
    held = await play.held(meeting, "conference-chair", on(12, 31, 14), "education-representative")
    assert (held["why"], held["subject"]) == ("GATE", "chair-meets-family-first")
    await play.act(CONFERENCE, "OpenPathwayGate", "conference-chair", gate="chair-meets-family-first",
                   reason="The mother would not be met before the day.")  # fmt: skip
    (departure,) = (await play.shown(CONFERENCE, "conference-chair"))["departures"]
    assert (departure["subjectCode"], departure["state"]) == ("chair-meets-family-first", "ACKNOWLEDGED")
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
    assert entry["endedOn"] is None, "the day on which the child is 18 is no end yet"
    assert (entry["name"], entry["startedOn"], entry["categories"], entry["keyWorkers"], entry["reviewDueOn"]) == (
        CHILD, "2026-12-31", ["neglect"], ["Perrin Woodruff"], "2027-03-31",
    )  # fmt: skip
    assert await play.told() == {}


async def register(play: LongPlay, day: date | None = None) -> list[JSON]:
    """Who has a plan at the end of a day, as the keeper of the register sees it."""
    shown = await play.door.person(REGISTRAR).run(operation("PlanRegister"), first=10, on=day and day.isoformat())
    return [edge["node"] for edge in shown["planRegister"]["edges"]]
