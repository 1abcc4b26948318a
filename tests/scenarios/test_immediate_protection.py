"""A child in danger on the Friday before Easter: police protection, an order of the court, and what lapses when.

Hours and days are lawful maxima. They run through the holiday and the change of the clocks, an alarm comes before
they end, and nothing brings them back once they have.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from infra.dev.clock import Clock
from support.api import JSON, Door, said
from support.long_play import RUNS
from support.partnership import Partnership
from support.play import Play
from support.scene import AGAIN, Scene
from support.work import Work

IMMEDIATE, POLICE, ORDER = "immediate-protection", "police-protection", "emergency-protection-order"
LONDON = ZoneInfo("Europe/London")
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
OFFICER, MANAGER, WORKER, LAWYER = "odette.larkspur", "nettie.sedgewick", "tansy.millrace", "corin.waterbeck"
CAST = {
    "police-officer": OFFICER, "social-care-manager": MANAGER, "social-worker": WORKER, "order-applicant": WORKER,
    "legal-adviser": LAWYER, "child-abuse-investigator": "bram.cartwheel", "strategy-discussion-chair": MANAGER,
    "other-authority-manager": "rowan.fenwick",
}  # fmt: skip
CLOCKS = "query ($id: ID!) { case(id: $id) { clocks { id definition state dueAt extension } } }"
MY_ALERTS = "{ alerts(first: 50) { edges { node { type slots { id } } } } }"
ACTION = {
    "risk-basis": "Alone in the house since the morning.", "acting-agency": "The constabulary",
    "safety-option": "police protection", "other-children-considered": "A brother, found later in the evening.",
    "police-powers-reason": "No court sat before the morning.", "finding-authority": "Peterborough",
}  # fmt: skip
ENTRY = {
    "child": "The child of this case", "officer": "Inspector Larkspur", "lapses-at": "2027-03-29T20:00:00+00:00",
    "kind-of-protection": "removed to suitable accommodation", "place": "With foster carers",
    "grounds": "Alone, without food, and the parents not found.",
}  # fmt: skip
APPLICATION = {
    "child": "The child of this case", "applicant": "Tansy Millrace",
    "ground": "likely to suffer significant harm",
}  # fmt: skip


def on(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Local time in 2027. Good Friday is 26 March; the clocks go forward on Easter Sunday and back on 31 October."""
    return datetime(2027, month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


async def acted(play: Play, begun: datetime) -> None:
    """The police act alone; half an hour later social care opens the case and everybody's part in it is recorded."""
    play.owner = MANAGER
    play.case = (await play.do("OpenCase", "social-care-manager", pathway=IMMEDIATE))["case"]["id"]
    for role, subject in play.cast.items():
        await play.do("AssignPractitioner", "social-care-manager", caseId=play.case,
                      personId=await play.person(subject), role=role)  # fmt: skip
    started = await play.do("StartPathway", "social-care-manager", caseId=play.case, pathway=IMMEDIATE,
                            criteria=["risk-to-life"], variant="acted-alone", occurredAt=said(begun))  # fmt: skip
    play.run, play.version = started["run"]["id"], started["run"]["version"]
    assert started["run"]["stage"] == "action"
    await play.step(
        "CompletePathwayForm", "police-officer", form="emergency-action-record",
        answers={**ACTION, "action-time": begun.isoformat()}, events=[{"code": "danger-evaluated"}],
    )  # fmt: skip


async def runs(play: Play) -> list[JSON]:
    found: list[JSON] = (await play.who("social-care-manager").run(RUNS, id=play.case))["case"]["pathwayRuns"]
    return found


async def at(play: Play, pathway: str, number: int = 0) -> Play:
    """The play as it goes on in another run of the case."""
    found = [one for one in await runs(play) if one["pathway"] == pathway]
    return replace(play, run=found[number]["id"], version=found[number]["version"])


async def expiries(play: Play, pathway: str) -> list[tuple[str, str]]:
    """State and due instant of each term of a register on the case, the first to end first."""
    shown = (await play.who("social-care-manager").run(CLOCKS, id=play.case))["case"]["clocks"]
    return sorted((one["state"], one["dueAt"]) for one in shown if one["definition"] == f"{pathway}-expires")


async def events(play: Play) -> dict[str, str]:
    return {
        one["code"]: one["occurredAt"] or one["occurredOn"] for one in (await play.screen("social-worker"))["events"]
    }


async def silent(play: Play, until: datetime) -> None:
    """Nobody is told anything until then."""
    await play.at(until)
    assert await play.told() == {}, until


async def test_from_good_friday_to_the_lapse_of_the_order(
    door: Door, cambs: Partnership, clock: Clock, work: Work, carrier: httpx.Client, environment: dict[str, str]
) -> None:
    play = await Play.begun(cambs, door, clock, work, carrier, CAST, on(3, 26, 20, 30))
    await Scene(cambs, environment, clock, work, play.phones).lay_out_shifts(on(4, 6))
    await acted(play, on(3, 26, 20))
    happened = await events(play)
    assert happened["single-agency-acted"] == happened["emergency-action-taken"] == said(on(3, 26, 20))
    assert {one["pathway"] for one in await runs(play)} == {IMMEDIATE, "strategy-discussion"}
    protection = await taken_into_protection(play)
    await discussed_on_saturday(play)
    await silent(play, on(3, 28, 21) - SECOND)
    order = await order_sought_and_made(play, protection)
    await extended_once(play, order)
    await lapsed(play, order)
    await answered_for(play)


async def taken_into_protection(play: Play) -> Play:
    """Seventy-two hours from Friday at eight end on Easter Monday at nine: the clocks have gone forward."""
    advice = await play.refused("DecidePathway", "social-care-manager", decision="safety-option",
                                options=["emergency-protection-order"], reasons="A court would do.")  # fmt: skip
    assert (advice["why"], advice["subject"], advice["missing"]) == (
        "GATE", "legal-advice-first", ["form legal-advice-record"],
    )  # fmt: skip
    decided = await play.step("DecidePathway", "police-officer", decision="safety-option", options=[POLICE],
                              reasons="No court sits tonight.")  # fmt: skip
    assert decided["decision"]["follows"]["started"].keys() == {POLICE}
    assert decided["run"]["stage"] == "after-action"

    first = await at(play, POLICE)
    ahead = await first.refused("CompletePathwayForm", "police-officer", form="police-protection-entry",
                                answers={**ENTRY, "begun-at": on(3, 27, 20).isoformat()})  # fmt: skip
    assert [fault["field"] for fault in ahead["fields"]] == ["answers.begun-at"], "a term is not counted from a slip"
    begun = {**ENTRY, "begun-at": on(3, 26, 20).isoformat()}
    await first.step("CompletePathwayForm", "police-officer", form="police-protection-entry", answers=begun)
    assert await expiries(play, POLICE) == [("RUNNING", said(on(3, 29, 21)))], "from when it began, not from the form"

    # The brother is found later: an entry of his own, with a term of its own.
    brother = await play.do("StartPathway", "police-officer", caseId=play.case, pathway=POLICE,
                            criteria=["likely-harm-otherwise"])  # fmt: skip
    second = replace(play, run=brother["run"]["id"], version=brother["run"]["version"])
    begun = {**ENTRY, "child": "His brother", "begun-at": on(3, 26, 20, 25).isoformat()}
    await second.step("CompletePathwayForm", "police-officer", form="police-protection-entry", answers=begun)
    twice = await play.who("police-officer").mutate("StartPathway", caseId=play.case, pathway=IMMEDIATE,
                                                    criteria=["risk-to-life"])  # fmt: skip
    assert twice["__typename"] == "ConflictProblem", "a pathway runs once"

    for one in (first, second):
        await one.step("GivePathwayNotice", "police-officer", notification="authority-told",
                       givenTo="The out-of-hours team", acknowledged=True)  # fmt: skip
        assert {"enquire", "enquiries-owed", "release-in-time"} <= await one.owed("social-care-manager", force="MUST")
    await play.work.run_due()
    assert await play.told() == {}, "who is told is told by telephone, and nothing is sent"
    await play.at(on(3, 27, 9))
    await second.step("DecidePathway", "police-officer", decision="what-follows", options=["returned"],
                      reasons="The grandmother has come for him.")  # fmt: skip
    assert await expiries(play, POLICE) == [("ENDED", said(on(3, 29, 21, 25))), ("RUNNING", said(on(3, 29, 21)))]
    return first


async def discussed_on_saturday(play: Play) -> None:
    """The strategy discussion after acting alone; its record is due on the first working day, which is Tuesday."""
    discussion = await at(play, "strategy-discussion")
    await play.at(on(3, 27, 11))
    await discussion.step("MovePathway", "social-care-manager", stage="discussion")
    await discussion.do("RecordPathwayEvent", "social-care-manager", runId=discussion.run,
                        code="strategy-discussion-held", occurredAt=said(on(3, 27, 10)))  # fmt: skip
    assert (await events(play))["strategy-discussion-held"] == said(on(3, 27, 10)), "both runs have it"
    clocks = await play.clocks("social-care-manager")
    assert clocks["strategy-record-circulated"] == ("RUNNING", said(on(3, 31)))
    await discussion.screen("social-care-manager")
    await discussion.step("DecidePathway", "social-care-manager", decision="what-next", options=["section-47"],
                          reasons="Left alone before, as the school says.")  # fmt: skip
    await discussion.step("GivePathwayNotice", "strategy-discussion-chair", notification="record-to-parties",
                          givenTo="All who took part", acknowledged=True)  # fmt: skip
    assert (await play.clocks("social-care-manager"))["strategy-record-circulated"][0] == "MET"
    enquiry = await at(play, "section-47-enquiry")
    await enquiry.do("RecordPathwayEvent", "social-worker", runId=enquiry.run, code="enquiry-begun",
                     occurredAt=said(on(3, 27, 10, 45)))  # fmt: skip
    await play.screen("social-care-manager")
    assert (await events(play))["enquiry-begun"] == said(on(3, 27, 10, 45))


async def order_sought_and_made(play: Play, protection: Play) -> Play:
    """The officer is warned a day ahead. An application ends nothing; the order does."""
    await play.at(on(3, 28, 21))
    assert await play.told() == {"clock-reminder": {OFFICER}}
    await protection.step("DecidePathway", "social-care-manager", decision="what-follows", options=["order-sought"],
                          reasons="The parents are still not found.")  # fmt: skip
    assert ("RUNNING", said(on(3, 29, 21))) in await expiries(play, POLICE), "sought is not made"
    await play.at(on(3, 29, 11))
    order = await at(play, ORDER)
    made = {"decision": "court-answer", "options": ["made"], "reasons": "By the duty judge, by telephone."}
    unadvised = await order.refused("DecidePathway", "order-applicant", **made)
    assert (unadvised["subject"], unadvised["missing"]) == ("legal-advice-first", ["information legal-advice-taken"])
    await order.step("CompletePathwayForm", "order-applicant", form="application",
                     answers={**APPLICATION, "legal-advice-taken": "On Sunday, of Corin Waterbeck."})  # fmt: skip
    await order.step("DecidePathway", "order-applicant", **made)
    dates = {"order-start": on(3, 29, 10, 30).isoformat(), "order-expiry": on(4, 6, 23, 59).isoformat()}
    await order.step("CompletePathwayForm", "order-applicant", form="order-entry", answers={**APPLICATION, **dates})
    await protection.step("DecidePathway", "social-care-manager", decision="what-follows", options=["order-made"],
                          reasons="The order is made.")  # fmt: skip
    assert ("ENDED", said(on(3, 29, 21))) in await expiries(play, POLICE)
    assert await expiries(play, ORDER) == [("RUNNING", said(on(4, 7)))], "days to their midnight; nothing is converted"
    assert {"tell-authority", "end-in-time"} <= await order.owed("social-care-manager", force="MUST")
    assert (await events(play))["order-made"] == said(on(3, 29, 10, 30))
    await silent(play, on(4, 4) - SECOND)
    return order


async def extended_once(play: Play, order: Play) -> None:
    """Three days ahead there is an alarm. The court adds six days of the seven that there are, and never again."""
    await play.at(on(4, 4))
    assert await play.told() == {"clock-reminder": {MANAGER}}
    await play.at(on(4, 5, 14))
    extended = {"decision": "extension", "options": ["extended"], "reasons": "The parents have to be heard."}
    await order.screen("order-applicant")
    refused = {**extended, "options": ["not-extended"], "reasons": "The court wants to hear the grandmother first."}
    await order.step("DecidePathway", "order-applicant", **refused)
    assert await expiries(play, ORDER) == [("RUNNING", said(on(4, 7)))]
    assert "extension" in {one["code"] for one in (await order.screen("order-applicant"))["questions"]}
    await order.step("DecidePathway", "order-applicant", **extended)
    shown = await order.screen("order-applicant")
    assert [(one["options"], one["reasons"]) for one in shown["decisions"] if one["code"] == "extension"] == [
        (["not-extended"], refused["reasons"]), (["extended"], extended["reasons"]),
    ], "the refusal stays on record"  # fmt: skip
    assert "extension" not in {one["code"] for one in shown["questions"]}
    assert await expiries(play, ORDER) == [("RUNNING", said(on(4, 14)))], "seven days, until the court's day is known"
    await order.step("CompletePathwayForm", "order-applicant", form="order-extension",
                     answers={"plan-after-order": "Care proceedings."})  # fmt: skip
    assert await expiries(play, ORDER) == [("RUNNING", said(on(4, 14)))], "a day that nobody names is not today"
    await order.step("CompletePathwayForm", "order-applicant", form="order-extension",
                     answers={"extended": "2027-04-12", "plan-after-order": "Care proceedings."})  # fmt: skip
    assert await expiries(play, ORDER) == [("RUNNING", said(on(4, 13)))]
    again = await order.refused("DecidePathway", "order-applicant", **extended)
    assert (again["why"], again["subject"]) == ("OPTIONS", "extension")
    await order.do("RecordPathwayEvent", "order-applicant", runId=order.run, code="order-extended")
    assert await expiries(play, ORDER) == [("RUNNING", said(on(4, 13)))], "another extension adds nothing"
    await silent(play, on(4, 10) - SECOND)


async def lapsed(play: Play, order: Play) -> None:
    """Two reminders and the day itself; then it has lapsed, somebody has to answer for it, and it stays so."""
    for instant, kind in ((on(4, 10), "clock-reminder"), (on(4, 12), "clock-reminder"), (on(4, 12, 8), "clock-notice")):
        await play.at(instant)
        assert await play.told() == {kind: {MANAGER}}
    await silent(play, on(4, 13) - SECOND)
    await play.at(on(4, 13) + SECOND)
    assert await play.told() == {"clock-breach": {MANAGER}}
    assert await expiries(play, ORDER) == [("EXPIRED", said(on(4, 13)))]
    await acknowledge(play, "social-care-manager")
    await silent(play, on(4, 13, 9))

    await order.screen("order-applicant")
    await order.step("CompletePathwayForm", "order-applicant", form="order-extension",
                     answers={"extended": "2027-04-20", "plan-after-order": "Care proceedings."})  # fmt: skip
    assert await expiries(play, ORDER) == [("EXPIRED", said(on(4, 13)))], "no form brings it back"
    await order.step("DecidePathway", "social-care-manager", decision="outcome", options=["lapsed"],
                     reasons="The child is with the grandmother, by agreement.")  # fmt: skip
    early = await order.refused("ClosePathway", "social-care-manager", reason="It is over.")
    assert early["why"] == "DUTIES"
    assert await order.owed("social-care-manager", force="MUST") == {
        "exclusion-consent", "tell-authority", "end-in-time", "enquiries-owed",
    }  # fmt: skip
    await order.settle("exclusion-consent", "order-applicant", state="NOT_APPLICABLE", words="Nobody was excluded.")
    await order.settle("end-in-time", "social-care-manager", state="NOT_DONE", words="The order was let lapse.")
    for duty in ("tell-authority", "enquiries-owed"):
        await order.settle(duty, "social-care-manager", words="Enquiries began on Saturday 27 March.")
    assert (await order.step("ClosePathway", "social-care-manager", reason="It is over."))["run"]["state"] == "CLOSED"


async def answered_for(play: Play) -> None:
    """The authority where the child was found answers until the other has accepted in so many words."""
    await play.screen("social-care-manager")
    freed = {"decision": "release", "options": ["freed"], "reasons": "They have the child's plan."}
    held = await play.refused("DecidePathway", "social-care-manager", **freed)
    assert (held["subject"], held["missing"]) == ("released-by-acceptance", ["information accepted-by"])
    await play.step("DecidePathway", "other-authority-manager", decision="acceptance", options=["accepted"],
                    reasons="She is ours.")  # fmt: skip
    await play.step("CompletePathwayForm", "other-authority-manager", form="acceptance-record",
                    answers={"responsible-authority": "Invented Shire", "accepted-by": "Rowan Fenwick"})  # fmt: skip
    await play.step("DecidePathway", "social-care-manager", **freed)
    assert await play.told() == {}


async def acknowledge(play: Play, role: str) -> None:
    shown = (await play.who(role).run(MY_ALERTS))["alerts"]["edges"]
    (slot,) = (slot for edge in shown if edge["node"]["type"] == "clock-expiry" for slot in edge["node"]["slots"])
    await play.do("AcknowledgeAlert", role, slotId=slot["id"])


async def test_police_protection_that_nobody_ends_lapses_after_72_hours_and_is_never_late(
    door: Door, cambs: Partnership, clock: Clock, work: Work, carrier: httpx.Client, environment: dict[str, str]
) -> None:
    """From a Friday at eight over the autumn change: Monday at seven. Whoever does not answer has somebody behind."""
    play = await Play.begun(cambs, door, clock, work, carrier, CAST, on(10, 29, 20, 30))
    scene = Scene(cambs, environment, clock, work, play.phones)
    await scene.lay_out_shifts(on(10, 30))
    await acted(play, on(10, 29, 20))
    await play.step("DecidePathway", "police-officer", decision="safety-option", options=[POLICE], reasons="Tonight.")
    protection = await at(play, POLICE)
    begun: dict[str, Any] = {**ENTRY, "begun-at": on(10, 29, 20).isoformat()}
    await protection.step("CompletePathwayForm", "police-officer", form="police-protection-entry", answers=begun)
    lapses = on(11, 1, 19)
    assert await expiries(play, POLICE) == [("RUNNING", said(lapses))]
    for instant in (lapses - 24 * HOUR, lapses - 6 * HOUR):
        await silent(play, instant - SECOND)
        await play.at(instant)
        assert await play.told() == {"clock-reminder": {OFFICER}}
    await silent(play, lapses - SECOND)
    await play.at(lapses)
    assert await play.told() == {"clock-notice": {OFFICER}}
    assert await expiries(play, POLICE) == [("RUNNING", said(lapses))], "its last instant counts"
    await play.at(lapses + SECOND)
    assert await play.told() == {"clock-breach": {OFFICER}}
    assert await expiries(play, POLICE) == [("EXPIRED", said(lapses))]
    behind = await scene.on_call("designated_doctor")
    await play.at(lapses + timedelta(minutes=15, seconds=1))
    assert play.phones.new() == {"clock-breach": await scene.reach(AGAIN, behind)}

    # What was done too late is recorded as it was, and undoes no lapse.
    await protection.step("DecidePathway", "police-officer", decision="what-follows", options=["returned"],
                          reasons="She was taken home at eight.")  # fmt: skip
    assert await expiries(play, POLICE) == [("EXPIRED", said(lapses))]
    # The entry has come to its end: when the police act again it is another, with hours of its own.
    anew = await play.do("StartPathway", "police-officer", caseId=play.case, pathway=POLICE,
                         criteria=["likely-harm-otherwise"])  # fmt: skip
    later = replace(play, run=anew["run"]["id"], version=anew["run"]["version"])
    begun = {**ENTRY, "begun-at": (lapses + timedelta(minutes=10)).isoformat()}
    await later.step("CompletePathwayForm", "police-officer", form="police-protection-entry", answers=begun)
    assert ("RUNNING", said(lapses + timedelta(hours=72, minutes=10))) in await expiries(play, POLICE)
