"""Rules that bind whole families of work, each where its text misleads, as the people concerned live through it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from infra.dev.clock import Clock
from notifications.alerts.models import AlarmKind, ConfigurationAlarm
from support.api import JSON, Door
from support.long_play import RUNS
from support.partnership import Partnership
from support.play import Play
from support.scene import Scene
from support.stage import Stage, at, limits
from support.transfers import national
from support.work import Work

REFERRAL, WITHHELD, VISIT = "referral-to-childrens-social-care", "threat-to-life-warning", "child-death-scene-visit"
OUTCOME, SAFETY_PLAN, ENDING = (
    "section-47-outcome", "safety-plan-without-conference", "discontinue-child-protection-plan",
)  # fmt: skip
LONDON = ZoneInfo("Europe/London")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
CAMBS = {
    "referrer": "juniper.blythe", "social-care-intake": "tansy.millrace", "social-care-manager": "nettie.sedgewick",
    "social-worker": "corin.waterbeck", "police-officer": "odette.larkspur", "sio": "bram.cartwheel",
    "paediatrician": "isolde.marram", "practitioner": "wren.saltmarsh",
}  # fmt: skip
HERTS = {
    "social-care-manager": "elowen.tidewater", "social-worker": "perrin.woodruff", "key-worker": "hollis.greenway",
    "conference-chair": "briar.candlewick", "practitioner": "fern.hollowell", "reviewing-officer": "sylvan.harebell",
    "social-care-intake": "clover.ashdown",
}  # fmt: skip


def on(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Local time in December 2026. The fifth is a Saturday."""
    return datetime(2026, 12, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


@pytest.fixture
def stage(door: Door, clock: Clock, work: Work, carrier: httpx.Client) -> Stage:
    return Stage(door, clock, work, carrier)


async def test_an_acknowledgement_is_no_decision_and_the_referrer_asks_again_after_three_working_days(
    stage: Stage, cambs: Partnership
) -> None:
    """Cambridgeshire and Peterborough manual L3, L5, L3126, L3131: telephoned on a Saturday night, without consent."""
    play = await stage.play(cambs, CAMBS, on(5, 23), REFERRAL, by="referrer", criteria=["significant-harm"])
    assert play.phones.new() == {}
    # Neither consent nor a form nor early help is on record, and nothing of it holds the referral up.
    await play.step("MovePathway", "social-care-intake", stage="intake")
    bans = {one["code"]: one["permission"] for one in (await play.screen("referrer"))["prohibitions"]}
    assert bans["delaying-a-significant-harm-referral"] == bans["waiting-for-a-manager"] == "forbidden"
    await play.do("RecordPathwayEvent", "referrer", runId=play.run, code="referral-telephoned")
    assert (await play.clocks("referrer"))["referral-confirmed-in-writing"] == ("RUNNING", "2026-12-06T23:00:00Z")
    await play.do("RecordPathwayEvent", "social-care-intake", runId=play.run, code="screening-done")
    found = await limits(play)
    assert {code: found[code] for code in (
        "referral-acknowledged", "referral-decided", "referral-response-decided", "referral-evaluated-same-day",
        "referral-chased",
    )} == {
        "referral-acknowledged": ("MUST", "RUNNING", "2026-12-07"),
        "referral-decided": ("SHOULD", "RUNNING", "2026-12-07"),
        "referral-response-decided": ("SHOULD", "RUNNING", "2026-12-07"),
        "referral-evaluated-same-day": ("SHOULD", "RUNNING", "2026-12-05"),
        "referral-chased": ("SHOULD", "RUNNING", "2026-12-09"),
    }, "each has its own start, force and end"  # fmt: skip
    await play.step("GivePathwayNotice", "social-care-intake", notification="acknowledgement", givenTo="Dr Blythe")
    found = await limits(play)
    assert (found["referral-acknowledged"][1], found["referral-chased"][1]) == ("MET", "RUNNING")
    await play.at(on(9) - SECOND)
    await play.told()
    await play.at(on(9, 8))
    assert CAMBS["referrer"] in (await play.told())["clock-notice"]
    await play.step("CompletePathwayForm", "social-care-intake", form="feedback-record", answers={
        "feedback-given": "That the child is assessed.", "decision-rationale": "Harm.",
        "chronology-link": "Opened."})  # fmt: skip
    assert (await limits(play))["referral-chased"][1] == "MET"


async def test_a_referrer_who_cannot_be_told_is_chased_for_by_whoever_holds_the_case(
    stage: Stage, cambs: Partnership
) -> None:
    """Cambridgeshire and Peterborough manual L3131: the referrer is of another authority, and has no account here."""
    inside = {role: subject for role, subject in CAMBS.items() if role != "referrer"}
    play = await stage.play(cambs, inside, on(5, 23), REFERRAL, criteria=["significant-harm"])
    await play.do("AssignPractitioner", "social-care-manager", caseId=play.case, role="referrer",
                  outsideName="Dr Fern Hollow", outsideAgency="A surgery far away")  # fmt: skip
    await Scene(cambs, {}, play.clock, play.work, play.phones).lay_out_shifts(on(9))
    await play.step("MovePathway", "social-care-intake", stage="intake")
    await play.at(on(9, 8) - SECOND)
    await play.told()
    await play.at(on(9, 8))
    assert await play.told() == {"clock-notice": {CAMBS["social-care-manager"]}}
    await play.at(on(10))
    assert (await play.told())["clock-breach"] == {CAMBS["social-care-manager"]}
    assert (await limits(play))["referral-chased"][1] == "BREACHED"
    vain = select(ConfigurationAlarm).where(col(ConfigurationAlarm.kind) == AlarmKind.NOBODY_FOUND)
    async with cambs.session() as session:
        assert not (await session.scalars(vain)).all(), "nothing is wrong with the set-up"


async def test_consent_goes_by_purpose_and_protection_waits_for_none(stage: Stage, cambs: Partnership) -> None:
    """Cambridgeshire and Peterborough manual L38-42, L3146-3151, L4152-4153: always for help, never for protection."""
    overlay = "parental-consultation-before-referral"
    play = await stage.play(cambs, CAMBS, on(7, 10), REFERRAL, by="referrer", criteria=["significant-harm"])
    await play.step("AttachPathwayOverlay", "referrer", overlay=overlay, reason="It is about to be referred.")
    laid = await at(play, overlay)
    forces = {one["code"]: one["force"] for one in (await laid.screen("referrer"))["tasks"]}
    assert (forces["consent-for-help"], forces["protection-without-consent"]) == ("MUST", "SHOULD")
    assert forces["manager-authorises"] == "SHOULD", "agencies are asked without consent on a manager's word"
    none = {"consultation-outcome": "not sought", "consultation-reason": "He would flee.", "purpose": "protection"}
    await laid.step("CompletePathwayForm", "referrer", form="consultation-record", answers=none)
    silent = await laid.refused(
        "CompletePathwayForm", "referrer", form="exemption-record", answers={"exemption": "loss of evidence"}
    )
    assert [one["field"] for one in silent["fields"]] == ["answers.exemption-reasons"]
    (kept,) = (await laid.screen("referrer"))["forms"]
    assert kept["answers"] == none, "the basis is kept"
    await play.screen("referrer")
    assert (await play.step("MovePathway", "social-care-intake", stage="intake"))["run"]["stage"] == "intake"

    asked = await stage.another(play, "early-help-assessment", by="practitioner", criteria=["additional-needs"])
    await asked.step("DecidePathway", "practitioner", decision="offer-taken", options=["taken"], reasons="Gladly.")
    assert "consent" in await asked.owed("practitioner", force="MUST"), "help is never given without it"


async def test_a_concern_of_the_public_is_always_passed_on_by_the_agency_that_hears_it(
    stage: Stage, cambs: Partnership
) -> None:
    """Cambridgeshire and Peterborough manual L3164-3181: the caller promises to ring, and often does not."""
    play = await stage.play(cambs, CAMBS, on(7, 10), REFERRAL, by="practitioner", criteria=["significant-harm"],
                            variant="public-concern")  # fmt: skip
    (duty,) = [
        one for one in (await play.screen("practitioner"))["tasks"] if one["code"] == "refer-public-concern-always"
    ]
    assert (duty["role"], duty["force"], duty["state"]) == ("practitioner", "SHOULD", "OPEN")
    bans = {one["code"]: one["permission"] for one in (await play.screen("practitioner"))["prohibitions"]}
    assert bans["promising-anonymity"] == "forbidden"
    left = await play.refused("ClosePathway", "practitioner", reason="The caller will ring social care.")
    assert "does not end in the stage before-referral" in left["message"]
    await play.step("CompletePathwayForm", "referrer", form="online-referral-form", answers={
        "concern-nature": "Left alone at night.", "consent-refusal": "Nobody was asked.",
        "anonymity-preference": "anonymous"})  # fmt: skip
    read = {role: (await play.screen(role))["forms"][0]["withheld"] for role in ("practitioner", "social-care-manager")}
    assert read == {"practitioner": ["anonymity-preference"], "social-care-manager": []}
    await play.step("MovePathway", "social-care-intake", stage="intake")
    assert "referral-acknowledged" in await limits(play)


async def test_a_warning_that_is_withheld_is_reviewed_every_day_and_ends_in_nothing_but_a_referral(
    stage: Stage, cambs: Partnership
) -> None:
    """Cambridgeshire and Peterborough manual L1669-1670: no interval is printed, and the partnership has set one."""
    play = await stage.play(cambs, CAMBS, on(5, 9), WITHHELD, by="police-officer", criteria=["child-at-risk-of-life"])
    await play.step("CompletePathwayForm", "police-officer", form="warning-record", answers={
        "issued-at": on(5, 8).isoformat(), "children-involved": ["A child of the house"]})  # fmt: skip
    await play.step("DecidePathway", "police-officer", decision="refer-or-withhold", options=["withheld"],
                    reasons="They would learn of it.")  # fmt: skip
    closing = await play.refused("ClosePathway", "police-officer", reason="Nothing came of it.")
    assert "does not end in the stage withheld" in closing["message"]
    review = {"decision": "review-of-withholding", "reasons": "It is still so."}
    for day in (6, 7):
        await play.at(on(day, 9) - SECOND)
        assert await play.told() == {}
        await play.at(on(day, 9))
        assert await play.told() == {"clock-notice": {CAMBS["police-officer"]}}
        await play.screen("police-officer")
        await play.step("DecidePathway", "police-officer", **review, options=["withhold-on"])
    await play.at(on(8, 9, 1))
    assert (await play.told())["clock-breach"] == {CAMBS["police-officer"]}, "nobody looked at it again"
    await play.screen("police-officer")
    told = await play.step("DecidePathway", "police-officer", **review, options=["refer-now"])
    assert told["run"]["stage"] == "response"


async def test_a_home_that_is_not_visited_is_told_with_the_reasons_all_the_same(
    stage: Stage, cambs: Partnership
) -> None:
    """Cambridgeshire and Peterborough manual L601: the reasons for no visit are themselves shared."""
    play = await stage.play(cambs, CAMBS, on(5, 21), VISIT, by="sio", criteria=["death-at-home"])
    await play.step("DecidePathway", "sio", decision="visit", options=["no-visit"],
                    reasons="The family is elsewhere and the house was searched.")  # fmt: skip
    assert await play.owed("sio", force="MUST") >= {"share-visit-or-reasons"}
    for duty in await play.owed("sio", force="MUST") - {"share-visit-or-reasons"}:
        await play.settle(duty, "sio", state="NOT_APPLICABLE", words="There was no such meeting.")
    none = {"decision": "concern", "options": ["none"], "reasons": "Nothing points to it."}
    held = await play.refused("DecidePathway", "sio", **none)
    assert (held["why"], held["missing"]) == ("DUTIES", ["obligation share-visit-or-reasons"])
    await play.step("GivePathwayNotice", "sio", notification="visit-or-reasons", givenTo="Pathologist and panel")
    assert (await play.step("DecidePathway", "sio", **none))["run"]["state"] == "CLOSED"


async def of_the_nation(stage: Stage, herts: Partnership, pathway: str, by: str, **entry: Any) -> Play:
    """A run of a pathway that the partnership has as the nation has it."""
    figures = {"notify-ending-within": {"value": 5, "unit": "working_days"}} if pathway == ENDING else {}
    await national(herts, pathway, figures=figures)
    return await stage.play(herts, HERTS, on(1, 10), pathway, by=by, **entry)


async def test_a_worry_is_not_watched_without_a_day_for_looking_at_it_again(stage: Stage, herts: Partnership) -> None:
    """Working Together 2005 ¶4.60."""
    play = await of_the_nation(stage, herts, OUTCOME, "social-care-manager", criteria=["enquiries-concluded"])
    found = {"outcome": "worry remains without evidence", "evidence-analysis": "None.", "people-consulted": ["School"]}
    await play.step("CompletePathwayForm", "social-worker", form="outcome-record", answers=found)
    watch = {"decision": "outcome", "options": ["worry-remains"], "reasons": "The school is still uneasy."}
    shut = await play.refused("DecidePathway", "social-care-manager", **watch)
    assert (shut["why"], shut["subject"], shut["missing"]) == (
        "GATE", "review-date-set", ["information monitoring-review-on"],
    )  # fmt: skip
    arranged = {"monitored-items": "How he comes to school.", "monitoring-method": "By the school nurse."}
    no_day = await play.refused("CompletePathwayForm", "social-worker", form="monitoring-arrangement", answers=arranged)
    assert [one["field"] for one in no_day["fields"]] == ["answers.monitoring-review-on"]
    arranged |= {"monitoring-review-on": "2026-12-18"}
    await play.step("CompletePathwayForm", "social-worker", form="monitoring-arrangement", answers=arranged)
    assert (await play.step("DecidePathway", "social-care-manager", **watch))["run"]["stage"] == "monitoring"
    assert (await limits(play))["monitoring-review-set"] == ("SHOULD", "RUNNING", "2026-12-18")


async def test_no_conference_is_a_qualified_managers_word_and_anybody_may_still_ask_for_one(
    stage: Stage, herts: Partnership
) -> None:
    """Working Together 2005 ¶4.63-4.64."""
    play = await of_the_nation(stage, herts, OUTCOME, "social-care-manager", criteria=["enquiries-concluded"])
    await national(herts, SAFETY_PLAN)
    await play.step("CompletePathwayForm", "social-worker", form="outcome-record", answers={
        "outcome": "substantiated without continuing risk", "evidence-analysis": "One blow.",
        "people-consulted": ["School", "Mother"], "no-risk-grounds": ["an isolated incident"]})  # fmt: skip
    alone = {"decision": "outcome", "options": ["no-continuing-risk"], "reasons": "He has left the household."}
    shut = await play.refused("DecidePathway", "social-care-manager", **alone)
    assert (shut["why"], shut["subject"]) == ("GATE", "manager-endorses")
    own = await play.refused("SignOffPathway", "social-worker", signOff="no-conference-endorsed")
    assert own["why"] == "ROLE"
    await play.step("SignOffPathway", "social-care-manager", signOff="no-conference-endorsed")
    await play.step("DecidePathway", "social-care-manager", **alone)
    plan = await at(play, SAFETY_PLAN)
    shut = await plan.refused("MovePathway", "social-worker", stage="carrying-out")
    assert set(shut["missing"]) == {"sign-off plan-endorsed", "information safety-plan-review-on"}
    asked = await play.step("DecidePathway", "practitioner", decision="challenge", options=["asks"],
                            reasons="He comes back every weekend.")  # fmt: skip
    assert asked["decision"]["follows"]["started"].keys() == {"professional-differences"}


@pytest.mark.parametrize("ground", ["moved", "eighteen", "died", "left-for-good"])
async def test_a_plan_ends_without_a_review_conference_only_on_grounds_of_their_own(
    stage: Stage, herts: Partnership, ground: str
) -> None:
    """Working Together 2005 ¶4.114-4.115: a move needs the other authority's conference, and nothing else needs one."""
    play = await of_the_nation(stage, herts, ENDING, "conference-chair", criteria=["no-longer-a-child"])
    ends = {"decision": "ground", "options": [ground], "reasons": "As the record shows."}
    record: JSON = {"evidence": "The register of births.", "not-a-move": True}
    if ground == "moved":
        shut = await play.refused("DecidePathway", "social-care-manager", **ends)
        assert (shut["subject"], shut["missing"]) == (
            "receiving-conference-was-held", ["information receiving-conference-date"],
        )  # fmt: skip
        record = {"evidence": "Their minutes.", "receiving-conference-date": "2026-11-30"}
        await play.step("CompletePathwayForm", "conference-chair", form="ending-record", answers=record)
        await play.do("RecordPathwayEvent", "social-care-manager", runId=play.run, code="receiving-conference-held")
    else:
        await play.step("CompletePathwayForm", "conference-chair", form="ending-record", answers=record)
    assert (await play.step("DecidePathway", "social-care-manager", **ends))["run"]["stage"] == "notice"
    assert "tell-invitees" in await play.owed("key-worker")
    (text,) = [one["text"] for one in (await play.screen("key-worker"))["tasks"] if one["code"] == "tell-invitees"]
    assert "invited to the initial conference that led to the plan" in " ".join(text.split())
    await play.step("GivePathwayNotice", "key-worker", notification="ending-notice", givenTo="All of that conference")
    assert "tell-invitees" not in await play.owed("key-worker")


async def test_services_begin_before_an_assessment_has_ended(stage: Stage, herts: Partnership) -> None:
    """Working Together 2005 ¶4.4; who decides is the role that the definition names."""
    play = await stage.play(herts, HERTS, on(1, 10), REFERRAL, criteria=["child-in-need"])
    await play.step("MovePathway", "social-care-intake", stage="intake")
    await play.step("MovePathway", "social-care-intake", stage="consideration")
    assess = {"decision": "next-step", "options": ["may-be-in-need"], "reasons": "It has to be seen."}
    assert (await play.refused("DecidePathway", "social-worker", **assess))["why"] == "ROLE"
    await play.step("DecidePathway", "social-care-manager", **assess)
    await play.do("StartPathway", "social-worker", caseId=play.case, pathway="child-in-need-plan",
                  criteria=["initial-assessment"])  # fmt: skip
    runs = (await play.who("social-worker").run(RUNS, id=play.case))["case"]["pathwayRuns"]
    assert {one["pathway"]: one["state"] for one in runs} == {
        REFERRAL: "OPEN", "initial-assessment": "OPEN", "child-in-need-plan": "OPEN",
    }  # fmt: skip


async def test_a_care_plan_changes_only_once_the_care_review_was_held(stage: Stage, herts: Partnership) -> None:
    """Working Together 2005 ¶4.117-4.119."""
    plan, overlay = "child-protection-plan", "looked-after-review-alignment"
    await national(herts, overlay)
    play = await stage.play(herts, HERTS, on(1, 10), plan, by="key-worker", criteria=["conference-decided"])
    await play.step("AttachPathwayOverlay", "key-worker", overlay=overlay, reason="She is looked after.")
    laid = await at(play, overlay)
    due = {"reviewing-officer-name": "Dr Harebell", "care-review-due-on": "2026-12-14"}
    await laid.step("CompletePathwayForm", "reviewing-officer", form="alignment-record", answers=due)
    assert (await limits(play))["care-review-held"] == ("MUST", "RUNNING", "2026-12-14")
    change = {"form": "care-plan-change-record", "answers": {"care-plan-change": "To an aunt."}}
    shut = await laid.refused("CompletePathwayForm", "reviewing-officer", **change)
    assert (shut["subject"], shut["missing"]) == ("care-plan-locked", ["information care-review-date"])
    await play.at(on(14, 15))
    await laid.do("RecordPathwayEvent", "reviewing-officer", runId=laid.run, code="care-review-held")
    await laid.screen("reviewing-officer")
    held = {**due, "care-review-date": "2026-12-14"}
    await laid.step("CompletePathwayForm", "reviewing-officer", form="alignment-record", answers=held)
    await laid.step("CompletePathwayForm", "reviewing-officer", **change)
    assert (await limits(play))["care-review-held"][1] == "MET"


async def test_until_the_other_authoritys_conference_the_plan_stays_as_it_is_and_the_day_of_the_move_counts(
    stage: Stage, cambs: Partnership
) -> None:
    """Cambridgeshire and Peterborough manual L4337, L4349: the form of the move alone sets the limits before it."""
    cast = {**CAMBS, "key-worker": "corin.waterbeck", "designated-manager": "rowan.fenwick",
            "receiving-manager": "wren.saltmarsh"}  # fmt: skip
    move = "transfer-child-protection-plan"
    play = await stage.play(cambs, cast, on(1, 10), move, by="key-worker", criteria=["permanent-move"])
    bans = {one["code"]: one["permission"] for one in (await play.screen("key-worker"))["prohibitions"]}
    assert bans["significant-change-before-conference"] == bans["ending-before-receiving-conference"] == "forbidden"
    told = {"permanence": "A tenancy of their own.", "move-date": "2026-12-20"}
    await play.step("CompletePathwayForm", "key-worker", form="transfer-record", answers=told,
                    events=[{"code": "move-becomes-known"}])  # fmt: skip
    assert (await limits(play))["transfer-papers-sent"] == ("MUST", "RUNNING", "2026-12-06"), "a Sunday"
    for _ in range(2):  # and once more, with nothing new in it
        await play.step("CompletePathwayForm", "key-worker", form="transfer-record",
                        answers={**told, "move-date": "2026-12-28"})  # fmt: skip
    assert (await limits(play))["transfer-papers-sent"] == ("MUST", "RUNNING", "2026-12-14"), "it moves with the day"
    days = [one["occurredOn"] for one in (await play.screen("key-worker"))["events"] if one["code"] == "child-moves"]
    assert days == ["2026-12-20", "2026-12-28"], "both stay on record"
    await play.step("DecidePathway", "social-care-manager", decision="permanent", options=["permanent"],
                    reasons="For good.")  # fmt: skip
    await play.step("DecidePathway", "receiving-manager", decision="acceptance", options=["questions"],
                    reasons="Which flat is it?")  # fmt: skip
    assert (await play.screen("key-worker"))["stage"] == "receiving", "a question moves nothing on"
    await play.step("DecidePathway", "receiving-manager", decision="acceptance", options=["accepted"], reasons="Yes.")
    assert (await play.screen("key-worker"))["stage"] == "conference"
    await play.step("MovePathway", "receiving-manager", stage="handed-over")
    ended = await play.refused("DecidePathway", "designated-manager", decision="old-plan", options=["ended"],
                               reasons="They have taken over.")  # fmt: skip
    assert (ended["subject"], ended["missing"]) == ("receiving-conference-first", ["meeting transfer-in-conference"])
