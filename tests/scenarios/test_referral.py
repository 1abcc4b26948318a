"""A referral by telephone on Christmas Eve, to the answer to the referrer in January, in two partnerships that differ.

Cambridgeshire and Peterborough evaluate it the same day and confirm, acknowledge and chase by their own figures;
Hertfordshire goes by the national ones. Everybody acts in their own role, and after every step it is seen which limits
run, what is refused, who was told, and that nobody else was.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from infra.dev.clock import Clock
from support.api import JSON, Door
from support.partnership import Partnership
from support.play import Play
from support.stage import Stage, limits, sign_as_another
from support.work import Work

REFERRAL = "referral-to-childrens-social-care"
LONDON = ZoneInfo("Europe/London")
SECOND = timedelta(seconds=1)
CAMBS = {
    "referrer": "juniper.blythe", "social-care-intake": "tansy.millrace", "social-care-manager": "nettie.sedgewick",
    "social-worker": "corin.waterbeck",
}  # fmt: skip
HERTS = {
    "referrer": "clover.ashdown", "social-care-intake": "perrin.woodruff", "social-care-manager": "elowen.tidewater",
    "social-worker": "hollis.greenway",
}  # fmt: skip
NAME = "Dr Nosuch"
HEARD: JSON = {
    "concern-nature": "Bruises that the child does not explain.", "concern-origin": "Seen at a clinic this morning.",
    "apparent-needs": "To be safe at home.", "maltreatment-alleged": True, "maltreatment-foundation": "Her own words.",
    "urgent-action": False, "referrer-name": NAME, "referrer-type": "professional", "proposed-actions": "Decide today.",
    "channel": "telephone", "action-owners": "Intake, by tonight.", "decision-rationale": "Nothing was decided yet.",
}  # fmt: skip
EVALUATED, CONFIRMED, ACKNOWLEDGED, CHASED, DECIDED, RESPONSE = (
    "referral-evaluated-same-day", "referral-confirmed-in-writing", "referral-acknowledged", "referral-chased",
    "referral-decided", "referral-response-decided",
)  # fmt: skip
UNSIGNED = "sign-off outcome-approved"


def on(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Local time. 24 December 2026 is a Thursday, and Boxing Day is kept on Monday the 28th."""
    return datetime(2027 if month < 11 else 2026, month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


@pytest.fixture
def stage(door: Door, clock: Clock, work: Work, carrier: httpx.Client) -> Stage:
    return Stage(door, clock, work, carrier)


async def states(play: Play) -> dict[str, str]:
    return {code: state for code, (_, state, _) in (await limits(play)).items()}


async def test_cambridgeshire_evaluates_it_the_same_day(stage: Stage, cambs: Partnership) -> None:
    play = await telephoned(stage, cambs, CAMBS)
    assert await limits(play) == {
        EVALUATED: ("SHOULD", "RUNNING", "2026-12-24"), CONFIRMED: ("SHOULD", "RUNNING", None),
        ACKNOWLEDGED: ("MUST", "RUNNING", "2026-12-29"), DECIDED: ("SHOULD", "RUNNING", "2026-12-29"),
        RESPONSE: ("SHOULD", "RUNNING", "2026-12-29"), CHASED: ("SHOULD", "RUNNING", "2026-12-31"),
    }  # fmt: skip
    assert (await play.clocks("referrer"))[CONFIRMED][1] == "2026-12-25T10:30:00Z", "24 hours, Christmas or not"
    assert await play.told() == {"clock-notice": {CAMBS["social-care-manager"]}}, "it is due today"
    await considered_and_confirmed(play)
    assert (await states(play))[CONFIRMED] == "MET"
    await decided(play)
    assert await states(play) == {
        EVALUATED: "MET", CONFIRMED: "MET", ACKNOWLEDGED: "RUNNING", DECIDED: "MET", RESPONSE: "MET", CHASED: "RUNNING",
    }  # fmt: skip
    await acknowledged(play)
    assert (await states(play))[CHASED] == "RUNNING", "an acknowledgement is no decision"
    await play.at(on(12, 31, 8))
    assert await play.told() == {"clock-notice": {CAMBS["referrer"]}}, "who has not heard of a decision asks again"
    await answered(play, **{"chronology-link": "Opened today."})
    assert (await states(play))[CHASED] == "MET"
    shut = await play.refused("DecidePathway", "referrer", **CONTENT)
    assert (shut["why"], shut["subject"], shut["missing"]) == ("GATE", "outcome-signed", [UNSIGNED])
    by_hand = await play.refused("ClosePathway", "social-care-intake", reason="It is done.")
    assert by_hand["__typename"] == "PathwayRefusedProblem", "and not by hand either"
    own = await play.refused("SignOffPathway", "social-care-manager", signOff="outcome-approved")
    assert own["why"] == "OWN_WORK"
    await sign_as_another(play, "outcome-approved")
    await laid_over_and_settled(play)
    await closed(play)


async def test_hertfordshire_goes_by_the_national_figures(stage: Stage, herts: Partnership) -> None:
    play = await telephoned(stage, herts, HERTS)
    assert await limits(play) == {
        CONFIRMED: ("SHOULD", "RUNNING", None), DECIDED: ("SHOULD", "RUNNING", "2026-12-29"),
    }  # fmt: skip
    assert (await play.clocks("referrer"))[CONFIRMED][1] == "2026-12-26T10:30:00Z"
    assert await play.told() == {}
    await considered_and_confirmed(play)
    assert await limits(play) == {
        CONFIRMED: ("SHOULD", "MET", None), DECIDED: ("SHOULD", "RUNNING", "2026-12-29"),
        ACKNOWLEDGED: ("SHOULD", "RUNNING", "2026-12-29"), CHASED: ("SHOULD", "RUNNING", "2026-12-31"),
    }  # fmt: skip
    await decided(play)
    assert await states(play) == {CONFIRMED: "MET", DECIDED: "MET", ACKNOWLEDGED: "RUNNING", CHASED: "RUNNING"}
    await acknowledged(play)
    assert (await states(play))[CHASED] == "MET", "there is nothing to ask for again"
    await play.at(on(12, 31, 8))
    assert await play.told() == {}
    await answered(play)
    await laid_over_and_settled(play)
    await closed(play)


async def telephoned(stage: Stage, partnership: Partnership, cast: dict[str, str]) -> Play:
    """A paediatrician has rung at half past ten; intake writes down at eleven what was said."""
    play = await stage.play(partnership, cast, on(12, 24, 11), REFERRAL, criteria=["significant-harm"])
    await play.step("MovePathway", "social-care-intake", stage="intake")
    rung = {"code": "referral-telephoned", "occurredAt": on(12, 24, 10, 30).isoformat()}
    await play.step("CompletePathwayForm", "social-care-intake", form="referral-record", answers=HEARD, events=[rung])
    assert "identify-maltreatment-and-urgency" not in await play.owed("social-care-intake")
    await play.work.run_due()
    return play


async def considered_and_confirmed(play: Play) -> None:
    """What may be an offence is told to the police at once; the referrer writes in the afternoon."""
    await play.step("MovePathway", "social-care-intake", stage="consideration")
    await play.step("DecidePathway", "social-care-manager", decision="possible-offence", options=["offence-possible"],
                    reasons="The bruises may be an assault.")  # fmt: skip
    await play.step("GivePathwayNotice", "social-care-manager", notification="police-notified",
                    givenTo="Control room, 101", acknowledged=True)  # fmt: skip
    assert "police-informed" in {event["code"] for event in (await play.screen("referrer"))["events"]}
    await play.at(on(12, 24, 15))
    await play.step("CompletePathwayForm", "referrer", form="written-referral", answers={})
    await play.do("RecordPathwayEvent", "social-care-intake", runId=play.run, code="written-referral-received")
    await play.screen("referrer")
    await play.work.run_due()
    assert await play.told() == {}


async def decided(play: Play) -> None:
    await play.at(on(12, 24, 16))
    wrong = await play.refused("DecidePathway", "social-care-intake", **NOTHING_MORE)
    assert (wrong["why"], wrong["missing"]) == ("ROLE", ["role social-care-manager"]), wrong
    unreasoned = await play.refused("DecidePathway", "social-care-manager", **{**NOTHING_MORE, "reasons": " "})
    assert unreasoned["__typename"] == "ValidationProblem", "no further action is a decision with reasons"
    answer = await play.step("DecidePathway", "social-care-manager", **NOTHING_MORE)
    assert answer["run"]["stage"] == "feedback"
    await play.work.run_due()
    assert await play.told() == {}


NOTHING_MORE: JSON = {
    "decision": "next-step", "options": ["no-further-action"], "reasons": "An old accident explains the bruises.",
}  # fmt: skip
CONTENT: JSON = {"decision": "disagreement", "options": ["content"], "reasons": "I agree."}


async def acknowledged(play: Play) -> None:
    """The one working day ends on Tuesday: Christmas, a weekend and the holiday on Monday lie between."""
    await play.at(on(12, 29, 8) - SECOND)
    assert await play.told() == {}, "nobody is disturbed over Christmas"
    await play.at(on(12, 29, 8))
    assert await play.told() == {"clock-notice": {play.cast["social-care-intake"]}}
    await play.at(on(12, 29, 10))
    await play.step("GivePathwayNotice", "social-care-intake", notification="acknowledgement", givenTo=NAME)
    assert (await states(play))[ACKNOWLEDGED] == "MET"


async def answered(play: Play, **more: str) -> None:
    """The referrer hears that nothing further is done, and why."""
    await play.at(on(12, 31, 10))
    await play.step("SignOffPathway", "social-care-manager", signOff="decision-recorded")
    await play.step("CompletePathwayForm", "social-care-intake", form="feedback-record", answers={
        "feedback-given": "That nothing further is done, and why.", "decision-rationale": "An accident.", **more,
    })  # fmt: skip
    await play.step("GivePathwayNotice", "social-care-intake", notification="no-action-explained", givenTo=NAME)
    await play.work.run_due()
    assert await play.told() == {}


async def laid_over_and_settled(play: Play) -> None:
    """What must be done is settled, and what was laid over the referral taken off, before it can end."""
    for task in (await play.screen("social-care-manager"))["tasks"]:
        if task["state"] == "OPEN" and task["force"] == "MUST":
            by = task["role"] if task["role"] in play.cast else "social-care-manager"
            await play.do("SettlePathwayTask", by, taskId=task["id"], version=task["version"],
                          state="NOT_APPLICABLE", reason="Not in this referral.")  # fmt: skip
    await play.screen("referrer")
    held = await play.refused("DecidePathway", "referrer", **CONTENT)
    assert (held["why"], held["missing"]) == ("OVERLAYS", ["overlay police-offence-notification"])
    await play.detach("police-offence-notification", "social-care-manager", "The police know, and investigate nothing.")


async def closed(play: Play) -> None:
    """The referrer agrees; whatever day comes, nothing more is due and nobody is told of anything."""
    ended = await play.step("DecidePathway", "referrer", **CONTENT)
    assert ended["run"]["state"] == "CLOSED"
    assert set((await states(play)).values()) == {"MET"}
    shown = await play.screen("referrer")
    assert [action["version"] for action in shown["actions"]] == list(range(1, shown["version"] + 1))
    assert {task["state"] for task in shown["tasks"]} <= {"DONE", "NOT_APPLICABLE", "LAPSED"}
    await play.at(on(1, 29, 12))
    assert await play.told() == {}
    assert not [one for one in play.phones.messages() if "Nosuch" in str(one)]
