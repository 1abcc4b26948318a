"""Where the texts on a child's death mislead, as those who respond live through it at Christmas and after."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from infra.dev.clock import Clock
from support.api import JSON, Api, Door, death, operation
from support.long_play import RUNS
from support.partnership import CHILD, SEEDED, Partnership
from support.scene import AGAIN, FIRST, PAGE, WINDOW, Phones, Scene, forget_daily_work
from support.work import Work

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
# Christmas Eve is a Thursday. The telephone of health is covered from eight to eight, and it is five past.
CONFIRMED = datetime(2026, 12, 24, 20, 5, tzinfo=UTC)
DIED, REPORTED = CONFIRMED - timedelta(minutes=20), CONFIRMED + timedelta(minutes=5)
DESKS = ("cdop", "control.room", "coroner.north", "duty.team", "gp.liaison")
NOTICE, SECOND_TALK, FINAL_TALK = (
    "statutory-notice", "child-death-second-case-discussion", "child-death-final-case-discussion",
)  # fmt: skip
RUN_OF = "query ($id: ID!) { childDeath(id: $id) { case { id pathwayRuns { id version pathway stage } } } }"
CLOCKS = "query ($id: ID!) { case(id: $id) { clocks { definition state force dueAt pathway } } }"
RESPONSE = "child-death-joint-agency-response"


@dataclass
class Night:
    """A partnership on Christmas Eve, with who may act and what has left."""

    scene: Scene
    door: Door
    people: dict[str, Api]
    case: str = ""

    async def report(self, **told: Any) -> JSON:
        """A clinician reports a death; what is due at once is done."""
        report = death(REPORTED, diedAt=DIED.isoformat(), confirmedAt=CONFIRMED.isoformat(), **told)
        answer = await self.people["clinician"].mutate("ReportChildDeath", **report)
        assert answer["__typename"] == "ReportChildDeathPayload", answer
        shown = await self.people["clinician"].run(RUN_OF, id=answer["childDeath"]["id"])
        self.case = shown["childDeath"]["case"]["id"]
        await self.scene.work.run_due()
        return answer

    async def until(self, instant: datetime) -> dict[str, list[str]]:
        """Let time pass; what was sent on the way, by kind."""
        await self.scene.at(instant)
        await self.scene.work.run_due()
        return self.scene.phones.new()

    async def silent(self, instant: datetime) -> None:
        assert await self.until(instant) == {}, instant

    async def take(self, answer: JSON, *roles: str) -> None:
        """Acknowledge the slots of an alert, each as who is called for it."""
        for slot in answer["alert"]["slots"]:
            if slot["role"] in roles:
                taken = await self.people[slot["role"]].mutate("AcknowledgeAlert", slotId=slot["id"])
                assert taken["__typename"] == "AlertAnswerPayload", taken

    async def runs(self) -> dict[str, JSON]:
        found = (await self.people["sio"].run(RUNS, id=self.case))["case"]["pathwayRuns"]
        return {one["pathway"]: one for one in found}

    async def do(self, pathway: str, mutation: str, role: str, **given: Any) -> JSON:
        """An act in the case's run of a pathway that must work."""
        answer = await self.attempt(pathway, mutation, role, **given)
        assert answer["__typename"].endswith("Payload"), answer
        return answer

    async def attempt(self, pathway: str, mutation: str, role: str, **given: Any) -> JSON:
        run = (await self.runs())[pathway]
        if mutation != "RecordPathwayEvent":
            given["version"] = run["version"]
        return await self.people[role].mutate(mutation, runId=run["id"], **given)

    async def begin(self, pathway: str, criterion: str) -> None:
        started = await self.people["designated_doctor"].mutate(
            "StartPathway", caseId=self.case, pathway=pathway, criteria=[criterion]
        )
        assert started["__typename"] == "PathwayRunPayload", started

    async def screen(self, pathway: str) -> JSON:
        run = (await self.runs())[pathway]
        shown: JSON = (await self.people["sio"].run(operation("PathwayRunScreen"), id=run["id"]))["pathwayRun"]
        return shown

    async def owed(self, pathway: str) -> set[str]:
        return {one["code"] for one in (await self.screen(pathway))["tasks"] if one["state"] == "OPEN"}

    async def events(self, pathway: str) -> set[str]:
        return {one["code"] for one in (await self.screen(pathway))["events"]}

    async def clocks(self) -> dict[str, tuple[str, str]]:
        shown = (await self.people["sio"].run(CLOCKS, id=self.case))["case"]["clocks"]
        return {one["definition"]: (one["state"], one["dueAt"]) for one in shown}

    async def settle(self, pathway: str, role: str) -> None:
        """Say of each duty that must be done and is open that there was no cause for it."""
        for task in (await self.screen(pathway))["tasks"]:
            if task["state"] == "OPEN" and task["force"] == "MUST":
                settled = await self.people[role].mutate(
                    "SettlePathwayTask", taskId=task["id"], version=task["version"], state="NOT_APPLICABLE",
                    reason="There was no cause for it.",
                )  # fmt: skip
                assert settled["__typename"].endswith("Payload"), settled


@pytest.fixture
async def night(
    door: Door, cambs: Partnership, environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client
) -> Night:
    """Ten past eight in Cambridgeshire and Peterborough."""
    scene = Scene(cambs, environment, clock, work, Phones(carrier))
    await forget_daily_work(cambs)
    await clock.freeze(REPORTED)
    await scene.lay_out_shifts(REPORTED)
    people = {role: await door.member(cambs, role) for role in ("clinician", "duty_manager", "cdop_manager")}
    people |= {role: await door.on_call(cambs, role) for role in ("designated_doctor", "sio")}
    people["paediatrician"] = people["designated_doctor"]  # who answers while nobody of that rota does
    scene.phones.new()
    return Night(scene, door, people)


def desks(partnership: str, *names: str) -> list[str]:
    return sorted(f"email {name}.{partnership}@example.org" if name != "coroner.north" else f"email {name}@example.org"
                  for name in names)  # fmt: skip


async def test_a_death_at_five_past_eight_on_christmas_eve_reaches_the_doctor_who_answers_till_eight(
    night: Night, cambs: Partnership
) -> None:
    """Cambridgeshire and Peterborough manual §3.6.1, §4.5: twelve hours elapse while no paediatrician is on call."""
    scene = night.scene
    doctor, officer = [await scene.on_call(role) for role in ("designated_doctor", "sio")]
    answer = await night.report()
    sent = scene.phones.new()
    assert sent == {PAGE: await scene.reach(FIRST, doctor, officer), NOTICE: desks("cambs", *DESKS)}, (
        "the team that both authorities share by night, and nobody of the county's own office"
    )
    await night.silent(REPORTED + WINDOW - SECOND)
    assert await night.until(REPORTED + WINDOW) == {PAGE: await scene.reach(AGAIN, doctor, officer)}
    await night.take(answer, "sio")
    # The third rung is the designated doctor, who is the one that answers already: the same person rings again.
    assert await night.until(REPORTED + 2 * WINDOW) == {PAGE: await scene.reach(FIRST, doctor)}
    await night.take(answer, "paediatrician")
    await night.silent(REPORTED + 2 * HOUR)
    due = {name: at for name, (_, at) in (await night.clocks()).items()}
    assert due["child-death-first-discussion"] == "2026-12-25T08:05:00Z"
    assert due["child-death-scene-visit"] == "2026-12-25T20:05:00Z"
    assert due["child-death-coroner-report"] == "2027-01-22T00:00:00Z", "the 28th day, with every holiday in it"
    slept = [await scene.person(code) for code in ("wren-saltmarsh", "rowan-fenwick", "isolde-marram")]
    untouched = await scene.reach(("push", *AGAIN), *slept)

    # Four hours ahead the doctor is reminded; the discussion is held before anybody comes on call.
    await night.silent(CONFIRMED + 8 * HOUR - SECOND)
    assert await night.until(CONFIRMED + 8 * HOUR) == {"clock-reminder": await scene.reach(AGAIN, doctor)}
    await night.silent(CONFIRMED + 11 * HOUR)
    await night.do(RESPONSE, "RecordPathwayEvent", "designated_doctor", code="first-discussion-held",
                   occurredAt=(CONFIRMED + 11 * HOUR).isoformat())  # fmt: skip
    assert (await night.clocks())["child-death-first-discussion"][0] == "MET"
    await night.silent(CONFIRMED + 18 * HOUR - SECOND)
    officer = await scene.on_call("sio")
    assert await night.until(CONFIRMED + 18 * HOUR) == {"clock-reminder": await scene.reach(AGAIN, officer)}
    await night.do(RESPONSE, "RecordPathwayEvent", "sio", code="visit-made",
                   occurredAt=(CONFIRMED + 18 * HOUR).isoformat())  # fmt: skip
    await night.silent(datetime(2026, 12, 29, 12, tzinfo=UTC))
    everything = {f"{one['channel']} {one['to']}" for one in scene.phones.messages()}
    assert not everything & set(untouched), "no paediatrician was rung: none was on call when it mattered"
    assert not [seed for seed in SEEDED if seed in str(scene.phones.messages())]
    assert cambs.slug == "cambs-peterborough"


async def test_a_first_discussion_that_is_forgotten_calls_who_has_come_on_at_eight(night: Night) -> None:
    answer = await night.report()
    await night.take(answer, "sio", "paediatrician")
    await night.until(CONFIRMED + 8 * HOUR)
    due = CONFIRMED + 12 * HOUR
    await night.silent(due - SECOND)
    fresh = await night.scene.on_call("paediatrician")
    assert await night.until(due) == {"clock-notice": await night.scene.reach(AGAIN, fresh)}
    assert await night.until(due + SECOND) == {"clock-breach": await night.scene.reach(AGAIN, fresh)}
    behind = await night.scene.on_call("designated_doctor")
    assert fresh != behind
    quarter = due + timedelta(minutes=15, seconds=1)
    assert await night.until(quarter) == {"clock-breach": await night.scene.reach(AGAIN, behind)}
    assert (await night.clocks())["child-death-first-discussion"][0] == "BREACHED"


async def test_where_a_visiting_child_dies_the_host_acts_and_the_panel_of_the_home_is_told_twice_if_need_be(
    night: Night, herts: Partnership
) -> None:
    """Cambridgeshire and Peterborough manual §2.7, L470-480; Working Together 2005 ¶5.48-5.49."""
    await forget_daily_work(herts)
    scene = night.scene
    called = [await scene.on_call(role) for role in ("designated_doctor", "sio")]
    answer = await night.report(homeArea=None, homeAreaOutside="Hertfordshire")
    who = answer["childDeath"]["jurisdiction"]
    assert (who["responseArea"]["code"], who["reviewArea"], who["reviewOutside"]) == (
        "cambridgeshire", None, "Hertfordshire",
    )  # fmt: skip
    sent = scene.phones.new()
    panels = sorted([*desks("cambs", *DESKS), *desks("herts", "cdop")])
    assert sent == {PAGE: await scene.reach(FIRST, *called), NOTICE: panels}, "its panel, and nobody's telephone there"
    await night.take(answer, "sio", "paediatrician")
    assert "child-death-first-discussion" in await night.clocks(), "the host's protocol runs, whatever the home address"
    assert "home-area-told" in await night.owed(RESPONSE)
    await night.do(RESPONSE, "GivePathwayNotice", "sio", notification="home-area-told", givenTo="Hertfordshire's panel")
    assert "home-area-told" not in await night.owed(RESPONSE)
    (entry,) = await register(night.people["cdop_manager"])
    assert ([one["panel"] for one in entry["panelsTold"]], entry["panelsToTell"]) == (["Hertfordshire"], [])

    await tell_home(night)
    await scene.work.run_due(rounds=20)
    assert scene.phones.new() == {NOTICE: desks("herts", "cdop")}
    panel = await night.door.member(herts, "cdop_manager")
    notices = (await panel.run(operation("DeathNotices"), first=10, unmatched=True))["deathNotices"]["edges"]
    assert [edge["node"]["source"] for edge in notices] == ["OTHER_PANEL"] * 2, "neither was refused for the other"
    assert await register(panel) == [], "the home reviews; it does not respond"
    # One of the two reports of the host's own is as welcome as two notices.
    again = await night.report(homeArea=None, homeAreaOutside="Hertfordshire")
    assert again["childDeath"]["possibleDuplicateIds"] == [answer["childDeath"]["id"]]
    assert scene.phones.new().keys() == {PAGE, NOTICE}, "a second report wakes people as the first did"
    assert len(await register(night.people["cdop_manager"])) == 2


async def register(panel: Api) -> list[JSON]:
    shown = (await panel.run(operation("DeathRegister"), first=10))["deathRegister"]
    return [edge["node"] for edge in shown["edges"]]


async def tell_home(night: Night) -> None:
    items = {
        "died-at": DIED.isoformat(), "area-of-death": "Cambridgeshire", "usual-home": "Hertfordshire",
        "notified-by": "The police, at the scene",
    }  # fmt: skip
    offered = await night.people["duty_manager"].mutate(
        "OfferTransfer", kind="DEATH_NOTICE", caseId=night.case, partner="hertfordshire",
        receivingArea="hertfordshire", children=[{"name": CHILD, "dateOfBirth": "2024-02-29"}],
        told=[{"code": code, "text": words} for code, words in items.items()], reason="The home is there.",
    )  # fmt: skip
    assert offered["__typename"] == "TransferPayload", offered


async def test_suspicion_at_the_second_discussion_brings_in_police_and_procedures_and_nothing_is_left_unsaid(
    night: Night,
) -> None:
    """Working Together 2005 ¶5.23, 5.39-5.40; Cambridgeshire and Peterborough manual L639, L660."""
    await met_first(night)
    await night.begin(SECOND_TALK, "preliminary-results")
    await night.do(SECOND_TALK, "MovePathway", "designated_doctor", stage="discussion")
    assert set(await night.runs()) == {RESPONSE, SECOND_TALK}
    suggested = {"decision": "abuse-suggested", "options": ["suggested"], "reasons": "Fractures of different ages."}
    decided = await night.do(SECOND_TALK, "DecidePathway", "sio", **suggested)
    escalation = "child-death-suspicion-escalation"
    assert decided["decision"]["follows"]["started"].keys() == {escalation, "strategy-discussion"}
    assert "abuse-suggested" in await night.owed(SECOND_TALK), "police and social care are told by telephone"
    assert "abuse-suggested" in await night.events(RESPONSE)
    await night.do(escalation, "DecidePathway", "sio", decision="kind-of-suspicion", options=["crime"],
                   reasons="The injuries are not explained.")  # fmt: skip
    assert "crime-suspected" in await night.events(RESPONSE), "the response counts from it, whatever run it arises in"
    assert {"police-told", "two-scenes", "siblings-at-once", "refer-section-47-and-panel"} <= await night.owed(
        escalation
    )
    await night.silent(REPORTED + 3 * HOUR - SECOND)
    await night.do(escalation, "GivePathwayNotice", "sio", notification="police-told", givenTo="Control room",
                   acknowledged=True)  # fmt: skip
    await night.do(SECOND_TALK, "GivePathwayNotice", "designated_doctor", notification="abuse-suggested",
                   givenTo="Child abuse investigation, duty team", acknowledged=True)  # fmt: skip
    assert {"police-told-of-suspicion", "abuse-suggested-told"} <= await night.events(RESPONSE)

    # What the discussion found on safeguarding is typed in before anything goes on, and an empty answer is none.
    shut = await night.attempt(SECOND_TALK, "MovePathway", "designated_doctor", stage="follow-up")
    assert (shut["why"], shut["missing"]) == ("GATE", ["information safeguarding-statement"])
    empty = await night.attempt(SECOND_TALK, "CompletePathwayForm", "designated_doctor", form="second-minutes",
                                answers={"safeguarding-statement": "  "})  # fmt: skip
    assert [(one["field"], "nothing was found" in one["message"]) for one in empty["fields"]] == [
        ("answers.safeguarding-statement", True)
    ]
    minutes = {"safeguarding-statement": "Abuse is suggested.", "results-summary": "Fractures of different ages."}
    await night.do(SECOND_TALK, "CompletePathwayForm", "designated_doctor", form="second-minutes", answers=minutes)
    await night.do(SECOND_TALK, "MovePathway", "designated_doctor", stage="follow-up")
    # The results are the coroner's: who has no part in them reads what was found on safeguarding, and not them.
    run = (await night.runs())[SECOND_TALK]["id"]
    reader = night.door.person("wren.saltmarsh")
    (read,) = (await reader.run(operation("PathwayRunScreen"), id=run))["pathwayRun"]["forms"]
    assert (read["withheld"], set(read["answers"])) == (["results-summary"], {"safeguarding-statement"})


async def met_first(night: Night) -> None:
    """The response has begun; everybody who was called has answered, and has been told of since."""
    answer = await night.report()
    await night.take(answer, "sio", "paediatrician")
    await night.do(RESPONSE, "RecordPathwayEvent", "designated_doctor", code="first-discussion-held",
                   occurredAt=REPORTED.isoformat())  # fmt: skip
    night.scene.phones.new()
    await night.until(REPORTED + 2 * HOUR)


async def test_a_final_meeting_that_is_skipped_does_not_end_before_it_is_written_that_nothing_was_found(
    night: Night,
) -> None:
    """Cambridgeshire and Peterborough manual §4.7, L688-692: skipped by rule, with a record, and never in silence."""
    await met_first(night)
    await night.begin(FINAL_TALK, "final-result")
    skipped = await night.do(FINAL_TALK, "DecidePathway", "designated_doctor", decision="skip", options=["skipped"],
                             reasons="A conclusive cause, no contributory factor, little to be learnt.")  # fmt: skip
    assert skipped["run"]["stage"] == "distribute"
    await night.settle(FINAL_TALK, "designated_doctor")
    done = {"decision": "closed", "options": ["done"], "reasons": "All of it is sent."}
    for mutation, given in (("DecidePathway", done), ("ClosePathway", {"reason": "All of it is sent."})):
        refused = await night.attempt(FINAL_TALK, mutation, "designated_doctor", **given)
        assert (refused["__typename"], refused["why"], refused["subject"], refused["missing"]) == (
            "PathwayRefusedProblem", "GATE", "maltreatment-minuted", ["information maltreatment-statement"],
        ), mutation  # fmt: skip
    empty = await night.attempt(FINAL_TALK, "CompletePathwayForm", "designated_doctor", form="final-minutes",
                                answers={"lessons": "None."})  # fmt: skip
    assert [one["field"] for one in empty["fields"]] == ["answers.maltreatment-statement"]
    await night.do(FINAL_TALK, "CompletePathwayForm", "designated_doctor", form="final-minutes",
                   answers={"maltreatment-statement": "There is no evidence of it."})  # fmt: skip
    closed = await night.do(FINAL_TALK, "DecidePathway", "designated_doctor", **done)
    assert closed["run"]["state"] == "CLOSED"
    taken = (await night.screen(FINAL_TALK))["decisions"]
    assert [one["options"] for one in taken] == [["skipped"], ["done"]], "that it was skipped stays on record"
    await night.scene.work.run_due()
    assert night.scene.phones.new() == {}
