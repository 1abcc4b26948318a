"""Where partnerships differ over a referral, and where its texts mislead, as the people concerned live through it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from infra.dev.clock import Clock
from support.api import JSON, Door
from support.long_play import RUNS
from support.partnership import Partnership
from support.play import Play
from support.stage import CLOCK_IDS, Stage, at, limits, sign_as_another
from support.work import Work

REFERRAL, EARLY_HELP, PRE_BIRTH = "referral-to-childrens-social-care", "early-help-assessment", "pre-birth-assessment"
ASSESSMENT = "child-and-family-assessment"
LONDON = ZoneInfo("Europe/London")
SECOND = timedelta(seconds=1)
CAMBS = {
    "referrer": "juniper.blythe", "social-care-intake": "tansy.millrace", "social-care-manager": "nettie.sedgewick",
    "social-worker": "corin.waterbeck", "health-visitor": "isolde.marram", "head-of-service": "linden.oakshaw",
}  # fmt: skip
HERTS = {
    "referrer": "clover.ashdown", "social-care-intake": "perrin.woodruff", "social-care-manager": "elowen.tidewater",
    "social-worker": "hollis.greenway", "health-visitor": "fern.hollowell", "head-of-service": "briar.candlewick",
}  # fmt: skip
PARTIES = "query ($id: ID!) { case(id: $id) { parties { identity { __typename ... on Withheld { reason } } } } }"
HEARD: JSON = {
    "concern-nature": "Bruises that nobody explains.", "concern-origin": "Seen this morning.",
    "apparent-needs": "To be safe.", "maltreatment-alleged": True, "urgent-action": False,
    "proposed-actions": "Decide today.", "action-owners": "Intake.", "decision-rationale": "None was made yet.",
}  # fmt: skip


def on(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Local time. 24 December 2026 is a Thursday, and Boxing Day is kept on Monday the 28th."""
    return datetime(2027 if month < 11 else 2026, month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


@pytest.fixture
def stage(door: Door, clock: Clock, work: Work, carrier: httpx.Client) -> Stage:
    return Stage(door, clock, work, carrier)


async def received_on_christmas_eve(stage: Stage, partnership: Partnership, cast: dict[str, str]) -> Play:
    play = await stage.play(partnership, cast, on(12, 24, 11), REFERRAL, criteria=["significant-harm"])
    await play.step("MovePathway", "social-care-intake", stage="intake")
    return play


async def test_a_missed_acknowledgement_that_must_be_given_is_called_and_answered_for(
    stage: Stage, cambs: Partnership
) -> None:
    """Counted from receipt, by telephone too; one working day from Christmas Eve is the Tuesday after."""
    play = await received_on_christmas_eve(stage, cambs, CAMBS)
    await play.do("RecordPathwayEvent", "social-care-intake", runId=play.run, code="screening-done")
    assert (await limits(play))["referral-acknowledged"] == ("MUST", "RUNNING", "2026-12-29")
    play = await decided(play, "single-assessment")
    await play.work.run_due()
    assert await play.told() == {}
    await play.at(on(12, 29, 8) - SECOND)
    assert await play.told() == {}, "nobody is disturbed over Christmas"
    await play.at(on(12, 29, 8))
    assert await play.told() == {"clock-notice": {CAMBS["social-care-intake"]}}
    await play.at(on(12, 30))
    assert await play.told() == {"clock-breach": {CAMBS["social-care-intake"]}}
    assert "acknowledge" in await play.owed("social-care-manager", force="MUST")
    await acknowledge_breach(play)
    await give_reason(play, "referral-acknowledged")

    # The referral cannot be ended over it: what must be done is done, or said not to have been.
    await outcome_signed(play)
    await settle_what_must_be(play, besides="acknowledge")
    ending = {"decision": "disagreement", "options": ["content"], "reasons": "I agree."}
    held = await play.refused("DecidePathway", "referrer", **ending)
    assert (held["why"], held["missing"]) == ("DUTIES", ["obligation acknowledge"])
    await play.step("GivePathwayNotice", "social-care-intake", notification="acknowledgement", givenTo="Dr Blythe")
    assert (await limits(play))["referral-acknowledged"] == ("MUST", "MET_LATE", "2026-12-29"), "late, and it stays so"
    assert (await play.step("DecidePathway", "referrer", **ending))["run"]["state"] == "CLOSED"


async def test_where_it_should_be_given_it_waits_for_the_written_referral_and_holds_nothing_up(
    stage: Stage, herts: Partnership
) -> None:
    play = await received_on_christmas_eve(stage, herts, HERTS)
    assert "referral-acknowledged" not in await limits(play), "there is nothing in writing yet"
    await play.at(on(12, 24, 16))
    await play.do("RecordPathwayEvent", "social-care-intake", runId=play.run, code="written-referral-received")
    assert (await limits(play))["referral-acknowledged"] == ("SHOULD", "RUNNING", "2026-12-29")
    play = await decided(play, "may-be-in-need")
    await play.at(on(12, 29, 8))
    assert await play.told() == {"clock-notice": {HERTS["social-care-intake"]}}
    await play.at(on(12, 30))
    assert await play.told() == {"clock-breach": {HERTS["social-care-intake"]}}
    assert "acknowledge" not in await play.owed("social-care-manager", force="MUST")
    await settle_what_must_be(play)
    ended = await play.step("DecidePathway", "referrer", decision="disagreement", options=["content"], reasons="Yes.")
    assert ended["run"]["state"] == "CLOSED", "an expectation that was missed is on record, and holds nothing up"
    assert (await limits(play))["referral-acknowledged"][1] == "BREACHED"


async def decided(play: Play, option: str) -> Play:
    """The manager decides the same day, and the referral goes on to feedback."""
    await play.step("CompletePathwayForm", "social-care-intake", form="referral-record", answers=HEARD)
    await play.step("MovePathway", "social-care-intake", stage="consideration")
    answer = await play.step("DecidePathway", "social-care-manager", decision="next-step", options=[option],
                             reasons="It has to be seen what the children need.")  # fmt: skip
    assert answer["run"]["stage"] == "feedback"
    return play


async def outcome_signed(play: Play) -> None:
    """Another manager signs the outcome, and the chronology is opened, before a referral is closed."""
    await sign_as_another(play, "outcome-approved")
    await play.step("CompletePathwayForm", "social-care-intake", form="feedback-record", answers={
        "feedback-given": "An assessment.", "decision-rationale": "Needs.", "chronology-link": "Opened."})  # fmt: skip


async def settle_what_must_be(play: Play, besides: str = "") -> None:
    """Say of each duty that must be done that there is no cause for it here, each as whose it is."""
    for task in (await play.screen("social-care-manager"))["tasks"]:
        if task["state"] == "OPEN" and task["force"] == "MUST" and task["code"] != besides:
            by = task["role"] if task["role"] in play.cast else "social-care-manager"
            await play.do("SettlePathwayTask", by, taskId=task["id"], version=task["version"],
                          state="NOT_APPLICABLE", reason="Not in this referral.")  # fmt: skip
    await play.screen("social-care-manager")


async def acknowledge_breach(play: Play) -> None:
    query = "{ alerts(first: 50) { edges { node { type slots { id state } } } } }"
    shown = (await play.who("social-care-intake").run(query))["alerts"]["edges"]
    (slot,) = (slot for edge in shown if edge["node"]["type"] == "clock-breach" for slot in edge["node"]["slots"])
    await play.do("AcknowledgeAlert", "social-care-intake", slotId=slot["id"])


async def give_reason(play: Play, definition: str) -> None:
    shown = (await play.who("social-care-intake").run(CLOCK_IDS, id=play.case))["case"]["clocks"]
    (clock,) = (one for one in shown if one["definition"] == definition)
    answer = await play.do("GiveBreachReason", "social-care-intake", clockId=clock["id"], reason="Nobody was in.")
    assert answer["clock"]["state"] == "BREACHED"


async def test_one_assessment_of_35_days_from_the_referral_tells_the_head_of_service_when_it_is_exceeded(
    stage: Stage, cambs: Partnership
) -> None:
    play = await received_on_christmas_eve(stage, cambs, CAMBS)
    await play.do("RecordPathwayEvent", "social-care-intake", runId=play.run, code="screening-done")
    await play.step("GivePathwayNotice", "social-care-intake", notification="acknowledgement", givenTo="Dr Blythe")
    await play.at(on(12, 24, 15))
    assert await play.told() == {"clock-notice": {CAMBS["social-care-manager"]}}, "it is evaluated the same day"
    play = await decided(play, "single-assessment")
    await play.step("CompletePathwayForm", "social-care-intake", form="feedback-record",
                    answers={"feedback-given": "An assessment.", "decision-rationale": "Needs.",
                             "chronology-link": "Opened."})  # fmt: skip
    clocks = await limits(play)
    assert clocks["assessment-concluded-in-time"] == ("SHOULD", "RUNNING", "2027-02-16"), "from receipt, not decision"
    assert not {"initial-assessment-completed-in-time", "core-assessment-completed-in-time"} & clocks.keys()
    await play.at(on(2, 10) - SECOND)
    assert await play.told() == {}
    await play.at(on(2, 10))
    assert await play.told() == {"clock-reminder": {CAMBS["social-worker"]}}
    await play.at(on(2, 16, 8))
    assert await play.told() == {"clock-notice": {CAMBS["social-worker"]}}
    await play.at(on(2, 17))
    assert await play.told() == {
        "clock-breach": {CAMBS["social-worker"]}, "clock-notice": {CAMBS["head-of-service"]},
    }  # fmt: skip


async def test_an_assessment_is_told_once_the_supervisor_has_confirmed_the_seven_points(
    stage: Stage, cambs: Partnership
) -> None:
    play = await stage.play(cambs, CAMBS, on(12, 1, 10), ASSESSMENT, by="social-worker", criteria=["assessment-needed"])
    for following in ("assess", "conclude"):
        await play.step("MovePathway", "social-worker", stage=following)
    outcome = {"decision": "outcome", "options": ["in-need"], "reasons": "They need help for some months."}
    for role, mutation, given in (
        ("social-care-manager", "DecidePathway", outcome), ("social-worker", "MovePathway", {"stage": "told"}),
    ):  # fmt: skip
        shut = await play.refused(mutation, role, **given)
        assert (shut["subject"], shut["missing"]) == ("checklist-before-conclusion", ["sign-off checklist-confirmed"])
    points = ("child-alone", "interaction", "all-children", "home", "parents", "analysis", "evidence")
    await play.step("CompletePathwayForm", "social-care-manager", form="supervisor-checklist",
                    answers={f"point-{one}": True for one in points})  # fmt: skip
    await play.step("SignOffPathway", "social-care-manager", signOff="checklist-confirmed")
    assert (await play.step("DecidePathway", "social-care-manager", **outcome))["run"]["stage"] == "told"


async def test_two_stages_count_seven_days_from_the_referral_and_35_from_the_end_of_the_first(
    stage: Stage, herts: Partnership
) -> None:
    play = await received_on_christmas_eve(stage, herts, HERTS)
    await play.at(on(12, 24, 15))
    play = await decided(play, "may-be-in-need")
    initial = await at(play, "initial-assessment")
    assert (await limits(play))["initial-assessment-completed-in-time"] == ("SHOULD", "RUNNING", "2027-01-07")
    assert "assessment-concluded-in-time" not in await limits(play)
    await play.at(on(1, 6) - SECOND)
    assert await play.told() == {}
    await play.at(on(1, 6))
    assert await play.told() == {"clock-reminder": {HERTS["social-worker"]}}
    await play.at(on(1, 6, 16))
    await initial.step("MovePathway", "social-worker", stage="assess")
    shut = await initial.refused("MovePathway", "social-worker", stage="decide")
    assert (shut["subject"], shut["missing"]) == ("wishes-known", ["form child-seen-record"]), "the child is seen first"
    await initial.step("CompletePathwayForm", "social-worker", form="child-seen-record", answers={
        "child-seen-when": "On Monday, alone.", "childs-wishes": "To stay with her grandmother."})  # fmt: skip
    await initial.step("MovePathway", "social-worker", stage="decide")
    gate = await initial.refused("DecidePathway", "social-care-manager", decision="initial-assessment-outcome",
                                 options=["core-assessment"], reasons="More has to be known.")  # fmt: skip
    assert gate["subject"] == "endorsed-before-told"
    await initial.step("OpenPathwayGate", "social-care-manager", gate="endorsed-before-told", reason="Signed on paper.")
    await initial.step("DecidePathway", "social-care-manager", decision="initial-assessment-outcome",
                       options=["core-assessment"], reasons="More has to be known.")  # fmt: skip
    clocks = await limits(play)
    assert clocks["initial-assessment-completed-in-time"][1] == "MET"
    assert clocks["core-assessment-completed-in-time"] == ("MUST", "RUNNING", "2027-02-24")
    await play.at(on(1, 20))
    assert await play.told() == {}


async def test_an_unborn_childs_assessment_moves_with_the_expected_birth(stage: Stage, cambs: Partnership) -> None:
    play = await stage.play(
        cambs, {**CAMBS, "midwife": "juniper.blythe"}, on(12, 1, 10), PRE_BIRTH, child={"expectedOn": "2027-03-01"},
        by="social-worker", criteria=["unborn-child"], variant="unborn",
    )  # fmt: skip
    await play.step("MovePathway", "social-worker", stage="assess")
    done = "pre-birth-assessment-completed-in-time"
    assert (await limits(play))[done] == ("SHOULD", "RUNNING", "2027-02-01"), "as the child's record has the date"
    await moved(play, on(12, 8, 10), "2027-02-15")
    assert (await limits(play))[done] == ("SHOULD", "RUNNING", "2027-01-18")
    await play.at(on(1, 5) - SECOND)
    assert await play.told() == {}
    await play.at(on(1, 5))
    assert await play.told() == {"clock-reminder": {CAMBS["social-worker"]}}
    await moved(play, on(1, 12, 10), "2027-03-20")
    assert (await limits(play))[done] == ("SHOULD", "RUNNING", "2027-02-20")
    await play.at(on(2, 7) - SECOND)
    assert await play.told() == {}, "what would have been due in January is not spoken of"
    await play.at(on(2, 7))
    assert await play.told() == {"clock-reminder": {CAMBS["social-worker"]}}, "and is reminded of for the new day"
    await moved(play, on(2, 7, 10), "2027-02-24")
    assert (await limits(play))[done] == ("SHOULD", "RUNNING", "2027-02-19"), "ten working days from so late a scan"
    assert await play.told() == {}, "nobody is late by it"
    events = [one for one in (await play.screen("midwife"))["events"] if one["code"] == "expected-delivery"]
    assert [one["occurredOn"] for one in events] == ["2027-03-01", "2027-02-15", "2027-03-20", "2027-02-24"]
    await play.step("CompletePathwayForm", "social-worker", form="pre-birth-record",
                    answers={"outcome-reasons": "A plan for a child in need."})  # fmt: skip
    assert (await limits(play))[done][1] == "MET"

    # Another is known of a fortnight before the birth: four weeks ahead has long gone, and the board's ten days hold.
    late = await stage.another(
        play, PRE_BIRTH, child={"expectedOn": "2027-02-21"}, by="social-worker", criteria=["unborn-child"],
        variant="unborn",
    )  # fmt: skip
    await late.step("MovePathway", "social-worker", stage="assess")
    assert (await limits(late))[done] == ("SHOULD", "RUNNING", "2027-02-19"), "ten working days from Sunday the 7th"
    await late.work.run_due()
    assert await late.told() == {"clock-reminder": {CAMBS["social-worker"]}}, "soon, but nobody is late"


async def moved(play: Play, when: datetime, expected: str) -> None:
    """A scan gives another date, which is entered once: in the child's record."""
    await play.at(when)
    query = "query ($id: ID!) { case(id: $id) { subjects { child { id } } } }"
    (subject,) = (await play.who("social-worker").run(query, id=play.case))["case"]["subjects"]
    await play.do("CorrectExpectedDate", "social-worker", childId=subject["child"]["id"], expectedOn=expected,
                  reason="Scan.")  # fmt: skip
    await play.work.run_due()


async def test_a_refusal_of_early_help_leads_nowhere_by_itself(stage: Stage, cambs: Partnership) -> None:
    cast = {**CAMBS, "practitioner": "juniper.blythe"}
    play = await stage.play(cambs, cast, on(12, 1, 10), EARLY_HELP, by="practitioner", criteria=["additional-needs"])
    declined = await play.step("DecidePathway", "practitioner", decision="offer-taken", options=["declined"],
                               reasons="They would rather manage alone.")  # fmt: skip
    follows = declined["decision"]["follows"]
    assert (declined["run"]["stage"], follows["started"], follows["events"]) == ("refused", {}, ["family-declined"])
    screen = await play.screen("practitioner")
    assert screen["questions"] == [], "nothing there leads to social care"
    bans = {one["code"]: one["permission"] for one in screen["prohibitions"]}
    assert bans["escalating-a-refusal"] == "forbidden"
    for day in (on(12, 2), on(12, 25), on(1, 29, 12)):
        await play.at(day)
        assert await play.told() == {}, "time does not lead on either"
    runs = (await play.who("practitioner").run(RUNS, id=play.case))["case"]["pathwayRuns"]
    assert [(one["pathway"], one["stage"]) for one in runs] == [(EARLY_HELP, "refused")]

    silent = await play.refused("CompletePathwayForm", "practitioner", form="refusal-record", answers={})
    assert {fault["field"] for fault in silent["fields"]} == {
        "answers.refusal-reason", "answers.risk-view", "answers.intended-referral-told",
    }  # fmt: skip
    await play.step("CompletePathwayForm", "practitioner", form="refusal-record", answers={
        "refusal-reason": "They would rather manage alone.", "risk-view": "None to the children.",
        "intended-referral-told": "None is intended.",
    })  # fmt: skip
    # It may end there, or be offered again; harm is referred at any time, and nothing of this holds it up.
    harm = await play.do("StartPathway", "practitioner", caseId=play.case, pathway=REFERRAL,
                         criteria=["significant-harm"])  # fmt: skip
    assert harm["run"]["stage"] == "before-referral"
    for duty in await play.owed("practitioner", force="MUST"):
        await play.settle(duty, "practitioner", state="NOT_APPLICABLE", words="No referral was intended.")
    ended = await play.step("ClosePathway", "practitioner", reason="The family manages; they know where to turn.")
    assert ended["run"]["state"] == "CLOSED"


async def test_who_referred_is_hidden_where_the_public_did_and_a_professional_is_named(
    stage: Stage, herts: Partnership
) -> None:
    """Working Together 2005 ¶4.21; a professional's referral stays anonymous to nobody."""
    name = "Ottilie Nosuch of next door"
    play = await stage.play(
        herts, HERTS, on(12, 1, 10), REFERRAL, criteria=["significant-harm"], variant="public-referral"
    )
    heard = {**HEARD, "referrer-name": name, "referrer-type": "member of the public"}
    await play.step("MovePathway", "social-care-intake", stage="intake")
    await play.step("CompletePathwayForm", "social-care-intake", form="referral-record", answers=heard)
    assert await named(play, "social-care-intake") == [(name, [])]
    assert await named(play, "social-worker") == [(name, [])]
    for role in ("health-visitor", "referrer"):
        assert await named(play, role) == [(None, ["referrer-name"])]
    await play.do(
        "AddParty", "social-care-intake", caseId=play.case, party={"roles": ["PUBLIC_REFERRER"], "name": name}
    )
    (party,) = (await play.who("health-visitor").run(PARTIES, id=play.case))["case"]["parties"]
    assert party["identity"] == {"__typename": "Withheld", "reason": "PUBLIC_REFERRER"}
    shown = str(await play.who("health-visitor").run(PARTIES, id=play.case)) + str(await play.screen("health-visitor"))
    assert "Nosuch" not in shown
    # A caller who promises to write is asked for nothing in writing, and agrees in the end to be named.
    await play.step("CompletePathwayForm", "social-care-intake", form="referral-record",
                    answers={**heard, "referrer-consents-to-naming": True})  # fmt: skip
    assert await named(play, "health-visitor") == [(name, []), (name, [])]

    other = await stage.another(play, REFERRAL, criteria=["significant-harm"])
    await other.step("MovePathway", "social-care-intake", stage="intake")
    professional = {**HEARD, "referrer-name": "Dr Ashdown"}
    await other.step("CompletePathwayForm", "social-care-intake", form="referral-record", answers=professional)
    assert await named(other, "health-visitor") == [(None, ["referrer-name"])], "nobody has said who it was"
    await other.step("CompletePathwayForm", "social-care-intake", form="referral-record",
                     answers={**professional, "referrer-type": "professional"})  # fmt: skip
    assert await named(other, "health-visitor") == [("Dr Ashdown", []), ("Dr Ashdown", [])]
    hidden = await other.who("social-care-intake").mutate(
        "AddParty", caseId=other.case, party={"roles": ["PROFESSIONAL_REFERRER"], "anonymous": True}
    )
    assert hidden["__typename"] == "ValidationProblem"
    await play.work.run_due()
    assert await play.told() == {}
    assert not [one for one in play.phones.messages() if "Nosuch" in str(one) or "Ashdown" in one["body"]]


async def named(play: Play, role: str) -> list[tuple[str | None, list[str]]]:
    """The referrer's name as each record shows it to somebody, and what it keeps from them."""
    forms = (await play.screen(role))["forms"]
    return [(form["answers"].get("referrer-name"), form["withheld"]) for form in forms]
