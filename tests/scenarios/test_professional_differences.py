"""A paediatrician disagrees that nothing is done, and it goes up the line by itself until somebody settles it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from infra.dev.clock import Clock
from support.api import JSON, Door
from support.partnership import Partnership
from support.play import Play
from support.work import Work

REFERRAL = "referral-to-childrens-social-care"
REFERRER, LINE_MANAGER, HEAD, CHAIR = "fern.hollowell", "elowen.tidewater", "hollis.greenway", "verity.hornbeam"
CAST = {
    "referrer": REFERRER, "social-care-intake": "perrin.woodruff", "social-care-manager": "marlow.goosegrass",
    "line-manager": LINE_MANAGER, "head-of-service": HEAD, "partnership-chair": CHAIR,
}  # fmt: skip


def on(day: int, hour: int) -> datetime:
    """Local time in December 2026. The 18th is a Friday."""
    return datetime(2026, 12, day, hour, tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)


@pytest.fixture
async def play(door: Door, herts: Partnership, clock: Clock, work: Work, carrier: httpx.Client) -> Play:
    """On a Friday noon it is decided that nothing further is done."""
    made = await Play.begun(herts, door, clock, work, carrier, CAST, on(18, 12))
    made.owner = CAST["social-care-manager"]
    made.case = (await made.do("OpenCase", "social-care-manager", pathway=REFERRAL))["case"]["id"]
    for role, subject in CAST.items():
        await made.do("AssignPractitioner", "social-care-manager", caseId=made.case,
                      personId=await made.person(subject), role=role)  # fmt: skip
    started = await made.do("StartPathway", "social-care-intake", caseId=made.case, pathway=REFERRAL,
                            criteria=["significant-harm"])  # fmt: skip
    made.run, made.version = started["run"]["id"], started["run"]["version"]
    for stage in ("intake", "consideration"):
        await made.step("MovePathway", "social-care-intake", stage=stage)
    await made.step("DecidePathway", "social-care-manager", decision="next-step", options=["no-further-action"],
                    reasons="An old accident explains it.")  # fmt: skip
    await made.work.run_due()
    await made.told()
    return made


async def disputed(play: Play, by: str = "referrer", **more: str) -> JSON:
    decision = (await play.screen("referrer"))["decisions"][-1]
    answer: JSON = await play.who(by).mutate(
        "RaiseDisagreement", decisionId=decision["id"], reasons="The bruises are of different ages.",
        wanted="That the children are assessed.", **more,
    )  # fmt: skip
    return answer


async def at_the_decision(play: Play) -> JSON:
    found: JSON = (await play.screen("referrer"))["decisions"][0]
    return found


async def test_it_goes_up_the_line_by_its_clocks_until_it_is_settled(play: Play) -> None:
    raised = await disputed(play)
    assert raised["__typename"] == "PathwayDisagreementPayload", raised
    settling = raised["run"]
    assert (settling["pathway"], settling["stage"]) == ("professional-differences", "discussion")
    await play.work.run_due()
    assert await play.told() == {"difference-notice": {LINE_MANAGER}}
    # The decision stays in force, and its run goes on: the disagreement is shown beside it.
    decision = await at_the_decision(play)
    assert decision["inForce"] is True
    assert [(one["wanted"], one["open"], one["outcome"]) for one in decision["disagreements"]] == [
        ("That the children are assessed.", True, None),
    ]
    assert (await disputed(play))["__typename"] == "ConflictProblem"  # once by one person
    assert (await disputed(play, personId=await play.person(HEAD)))["__typename"] == "PathwayDisagreementPayload"
    await play.work.run_due()
    await play.told()

    # One working day from Friday is Monday, when it is said to be due; at its end it goes up by itself.
    await play.at(on(21, 9))
    assert (await play.told())["clock-notice"] >= {LINE_MANAGER}
    assert (await play.screen("head-of-service", settling["id"]))["stage"] == "discussion"
    await play.at(on(22, 0))
    told = await play.told()
    assert (told["clock-breach"], told["difference-notice"]) == ({LINE_MANAGER}, {HEAD})
    shown = await play.screen("head-of-service", settling["id"])
    assert shown["stage"] == "senior-managers"
    assert [(one["kind"], one["subject"], one["actedBy"]) for one in shown["actions"] if one["kind"] == "WENT_UP"] == [
        ("WENT_UP", "difference-settled-by-discussion", None),
    ]
    assert (await play.clocks("head-of-service"))["difference-settled-by-senior-managers"][0] == "RUNNING"

    await play.at(on(23, 12))
    settled = await play.do("DecidePathway", "head-of-service", runId=settling["id"], version=shown["version"],
                            decision="settled-by-senior-managers", options=["decision-changes"],
                            reasons="Somebody has to see the children.")  # fmt: skip
    assert settled["run"]["state"] == "CLOSED"
    assert settled["decision"]["follows"]["reopened"] == "next-step"
    (mine, _) = (await at_the_decision(play))["disagreements"]
    assert (mine["open"], mine["outcome"]["options"]) == (False, ["decision-changes"])
    # The decision is taken anew, although its run has long gone on to feedback.
    again = await play.step("DecidePathway", "social-care-manager", decision="next-step", options=["may-be-in-need"],
                            reasons="As the head of service wishes.")  # fmt: skip
    assert again["decision"]["state"] == "TAKEN"
    assert again["run"]["state"] == "OPEN"


async def test_a_clinician_who_referred_may_disagree_though_she_may_change_no_case(play: Play, door: Door) -> None:
    """For herself alone; a colleague of hers, who sees the case but does not work on it, may not."""
    await door.change_roles(play.partnership, REFERRER, "clinician")
    other = await disputed(play, personId=await play.person(HEAD))
    assert other["__typename"] == "ForbiddenProblem"
    raised = await disputed(play)
    assert raised["__typename"] == "PathwayDisagreementPayload", raised
    colleague = await door.member(play.partnership, "clinician")
    decision = (await at_the_decision(play))["id"]
    refused = await colleague.mutate("RaiseDisagreement", decisionId=decision, reasons="It hurts.", wanted="Help.")
    assert refused["__typename"] == "ForbiddenProblem"


async def test_one_that_is_settled_in_time_goes_no_further(play: Play) -> None:
    settling = (await disputed(play))["run"]
    await play.work.run_due()
    await play.told()
    await play.at(on(21, 7))
    wrong = await play.who("referrer").mutate(
        "DecidePathway", runId=settling["id"], version=settling["version"], decision="settled-by-discussion",
        options=["withdrawn"], reasons="I see.",
    )  # fmt: skip
    assert (wrong["__typename"], wrong["why"]) == ("PathwayRefusedProblem", "ROLE")
    ended = await play.do(
        "DecidePathway",
        "line-manager",
        runId=settling["id"],
        version=settling["version"],
        decision="settled-by-discussion",
        options=["decision-stands"],
        reasons="It was explained.",
    )
    assert ended["run"]["state"] == "CLOSED"
    before = await at_the_decision(play)
    assert before["disagreements"][0]["outcome"]["options"] == ["decision-stands"]
    await play.at(on(30, 12))
    told = await play.told()
    assert "difference-notice" not in told
    assert not any({HEAD, CHAIR} & to for to in told.values())
