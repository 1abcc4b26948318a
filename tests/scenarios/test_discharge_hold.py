"""A child in hospital about whom abuse is suspected leaves only once both authorities have been telephoned."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from infra.dev.clock import Clock
from support.api import Door
from support.partnership import Partnership
from support.play import Play
from support.work import Work

HOLD = "serious-injury-and-discharge-hold"
CAST = {
    "consultant-on-call": "isolde.marram", "ward-nurse": "juniper.blythe", "social-care-manager": "nettie.sedgewick",
    "social-worker": "tansy.millrace",
}  # fmt: skip
SATURDAY_NIGHT = datetime(2026, 12, 5, 23, tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)
RELEASE = {"decision": "release", "options": ["released"], "reasons": "Well enough to go to the grandparents."}
CALLS = {
    "hospital-authority": "Cambridgeshire", "home-authority": "Peterborough",
    "hospital-call": "23:10, Nettie Sedgewick", "home-call": "23:20, Corin Waterbeck",
}  # fmt: skip


@pytest.fixture
async def play(door: Door, cambs: Partnership, clock: Clock, work: Work, carrier: httpx.Client) -> Play:
    """On a Saturday night abuse is suspected about a child on a ward."""
    made = await Play.begun(cambs, door, clock, work, carrier, CAST, SATURDAY_NIGHT)
    made.owner = CAST["social-care-manager"]
    made.case = (await made.do("OpenCase", "social-care-manager", pathway=HOLD))["case"]["id"]
    for role, subject in CAST.items():
        await made.do("AssignPractitioner", "social-care-manager", caseId=made.case,
                      personId=await made.person(subject), role=role)  # fmt: skip
    started = await made.do("StartPathway", "consultant-on-call", caseId=made.case, pathway=HOLD,
                            criteria=["abuse-in-admitted-child"])  # fmt: skip
    assert started["run"]["stage"] == "hold", "treatment is over: only the hold on discharge is left"
    made.run, made.version = started["run"]["id"], started["run"]["version"]
    return made


async def test_the_child_stays_until_both_authorities_are_told_and_the_meeting_is_answered_for(play: Play) -> None:
    await play.refused("DecidePathway", "consultant-on-call", **RELEASE)
    await play.step("GivePathwayNotice", "consultant-on-call", notification="hospital-authority-called",
                    givenTo="Nettie Sedgewick", acknowledged=True)  # fmt: skip
    await play.refused("DecidePathway", "consultant-on-call", **RELEASE)

    await play.step("GivePathwayNotice", "ward-nurse", notification="home-authority-called",
                    givenTo="Corin Waterbeck", acknowledged=True)  # fmt: skip
    await play.step("CompletePathwayForm", "consultant-on-call", form="call-log", answers=CALLS)
    await play.refused("DecidePathway", "consultant-on-call", **RELEASE)

    await play.step("DecidePathway", "social-care-manager", decision="strategy-meeting", options=["not-held"],
                    reasons="The discussion of this afternoon covers it.")  # fmt: skip
    await play.step("CompletePathwayForm", "social-worker", form="discharge-record", answers={
        "hospital-authority": "Cambridgeshire", "home-authority": "Peterborough", "consultant": "Dr Isolde Marram",
        "strategy-meeting-required": False, "strategy-meeting-reason": "Covered this afternoon.",
        "discharge-plan": "To the grandparents, seen on Monday.",
    })  # fmt: skip
    await play.step("DecidePathway", "consultant-on-call", **RELEASE)
    shown = await play.screen("consultant-on-call")
    assert shown["stage"] == "discharge"
    assert "child-discharged" in {event["code"] for event in shown["events"]}
