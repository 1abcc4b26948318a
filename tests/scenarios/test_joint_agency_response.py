"""The unexpected death of a child, from the report before Christmas to the panel's review in March, through the API.

In Cambridgeshire and Peterborough the first discussion has twelve hours; in Hertfordshire the national "immediate"
is the limit. Everybody acts in their own role, and after every step it is seen what was sent, and that nothing else
was.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from infra.dev.clock import Clock
from support.api import JSON, Api, Door, death, operation
from support.partnership import SEEDED, Partnership
from support.scene import AGAIN, FIRST, PAGE, Phones, Scene, forget_daily_work
from support.work import Work

# A Wednesday; Friday is Christmas Day, and Monday is a bank holiday in place of the Saturday.
CONFIRMED = datetime(2026, 12, 23, 9, 0, tzinfo=UTC)
DIED, REPORTED = CONFIRMED - timedelta(minutes=20), CONFIRMED + timedelta(minutes=15)
HOUR, DAY, INSTANT = timedelta(hours=1), timedelta(days=1), timedelta(milliseconds=1)
# The 28th day after the death is 20 January: weekends and four days off are counted like any others.
CORONER_DUE = datetime(2027, 1, 21, tzinfo=UTC)
DISCUSSION, VISIT, CORONER, FINAL = (
    "Hold the first information-sharing and planning discussion", "Visit the home or scene",
    "Report to the coroner on the circumstances of the death", "Expect the final case discussion",
)  # fmt: skip
CLOCKS = """query ($id: ID!) { pathwayRun(id: $id) { case { clocks { title state force citation dueAt metAt } } } }"""
RUN_OF = "query ($id: ID!) { childDeath(id: $id) { case { pathwayRuns { id version pathway stage } } } }"
ALERTS = "{ alerts(first: 20) { edges { node { type slots { id } } } } }"
EMAIL = "statutory-notice"


@dataclass
class Response:
    """One response, as its people drive it."""

    scene: Scene
    people: dict[str, Api]
    id: str = ""
    version: int = 0
    told: list[dict[str, list[str]]] = field(default_factory=list)

    async def do(self, mutation: str, role: str, **given: Any) -> JSON:  # JSON values
        """A mutation that must work; keeps the version."""
        answer = await self.attempt(mutation, role, **given)
        assert answer["__typename"].endswith("Payload"), answer
        self.version = answer["run"]["version"]
        return answer

    async def attempt(self, mutation: str, role: str, **given: Any) -> JSON:  # JSON values
        if mutation not in {"RecordPathwayEvent", "SettlePathwayTask"}:
            given = {"version": self.version, **given}
        if mutation != "SettlePathwayTask":
            given = {"runId": self.id, **given}
        return await self.people[role].mutate(mutation, **given)

    async def record(self, event: str, role: str, at: datetime) -> None:
        await self.do("RecordPathwayEvent", role, code=event, occurredAt=at.isoformat())

    async def screen(self) -> JSON:
        shown: JSON = (await self.people["sio"].run(operation("PathwayRunScreen"), id=self.id))["pathwayRun"]
        return shown

    async def clocks(self) -> dict[str, JSON]:
        """By the words of each duty before its first comma or semicolon."""
        found = (await self.people["sio"].run(CLOCKS, id=self.id))["pathwayRun"]["case"]["clocks"]
        return {clock["title"].split(",")[0].split(";")[0]: clock for clock in found}

    async def due(self) -> dict[str, datetime]:
        return {title: datetime.fromisoformat(one["dueAt"]) for title, one in (await self.clocks()).items()}

    async def states(self) -> dict[str, str]:
        return {title: one["state"] for title, one in (await self.clocks()).items()}

    async def answer_breach(self, role: str) -> None:
        alerts = (await self.people[role].run(ALERTS))["alerts"]["edges"]
        (slot,) = (slot for edge in alerts if edge["node"]["type"] == "clock-breach" for slot in edge["node"]["slots"])
        taken = await self.people[role].mutate("AcknowledgeAlert", slotId=slot["id"])
        assert taken["__typename"] == "AlertAnswerPayload", taken

    async def until(self, instant: datetime) -> dict[str, list[str]]:
        """Let time pass; what was sent on the way, by kind."""
        await self.scene.at(instant)
        await self.scene.work.run_due()
        return self.scene.phones.new()


@pytest.fixture
def stage(
    environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client
) -> tuple[dict[str, str], Clock, Work, httpx.Client]:
    return environment, clock, work, carrier


async def opened(door: Door, partnership: Partnership, stage: Any, **told: Any) -> tuple[Response, JSON]:
    """A death is reported a quarter of an hour after it was confirmed, and both who are called answer."""
    environment, clock, work, carrier = stage
    scene = Scene(partnership, environment, clock, work, Phones(carrier))
    await forget_daily_work(partnership)
    await clock.freeze(REPORTED)
    await scene.lay_out_shifts(REPORTED)
    roles = ("clinician", "designated_doctor", "social_worker", "duty_manager", "cdop_manager")
    people = {role: await door.member(partnership, role) for role in roles}
    people |= {role: await door.on_call(partnership, role) for role in ("paediatrician", "sio")}
    report = death(diedAt=DIED.isoformat(), confirmedAt=CONFIRMED.isoformat(), **told)
    answer = await people["clinician"].mutate("ReportChildDeath", **report)
    assert answer["__typename"] == "ReportChildDeathPayload", answer
    response = Response(scene, people)
    case = (await people["clinician"].run(RUN_OF, id=answer["childDeath"]["id"]))["childDeath"]["case"]
    (run,) = case["pathwayRuns"]
    response.id, response.version = run["id"], run["version"]
    assert (run["pathway"], run["stage"]) == ("child-death-joint-agency-response", "first-response")
    await work.run_due()
    sent = scene.phones.new()
    called = [await scene.on_call(role) for role in ("paediatrician", "sio")]
    assert sent.pop(PAGE) == await scene.reach(FIRST, *called)
    assert sent.keys() == {EMAIL}, "the desks of the agencies, and nobody else"
    response.told = [sent]
    for slot in answer["alert"]["slots"]:
        taken = await people[slot["role"]].mutate("AcknowledgeAlert", slotId=slot["id"])
        assert taken["__typename"] == "AlertAnswerPayload", taken
    await work.run_due()
    assert scene.phones.new() == {}
    return response, answer


async def test_cambridgeshire_responds_over_christmas(door: Door, cambs: Partnership, stage: Any) -> None:
    response, _ = await opened(door, cambs, stage)
    assert await response.due() == {
        DISCUSSION: CONFIRMED + 12 * HOUR, VISIT: CONFIRMED + 24 * HOUR, CORONER: CORONER_DUE,
        FINAL: (await response.due())[FINAL],
    }  # fmt: skip
    first = (await response.clocks())[DISCUSSION]
    assert (first["force"], first["citation"]) == ("MUST", "Cambridgeshire and Peterborough manual §4.5, L618")
    await notified_and_planned(response)
    assert await response.until(CONFIRMED + 3 * HOUR) == {}
    await response.record("first-discussion-held", "paediatrician", CONFIRMED + 3 * HOUR)
    assert (await response.states())[DISCUSSION] == "MET"
    await enquired(response)
    await examined(response)
    await discussed_and_reviewed(response)
    assert not [seed for seed in SEEDED if seed in str(response.scene.phones.messages())]


async def test_hertfordshire_takes_immediate_at_its_word(door: Door, herts: Partnership, stage: Any) -> None:
    told = {"homeArea": "hertfordshire", "areaOfDeath": "hertfordshire", "coronerArea": None}
    response, _ = await opened(door, herts, stage, **told)
    due = await response.due()
    assert (due[DISCUSSION], due[VISIT], due[CORONER]) == (CONFIRMED, CONFIRMED + 24 * HOUR, CORONER_DUE)
    first = (await response.clocks())[DISCUSSION]
    assert (first["force"], first["citation"]) == ("SHOULD", "Working Together 2005 ¶5.33")
    await notified_and_planned(response)
    # Half an hour is the partnership's own; nobody has held it, so its owner is called, and then the next.
    assert await response.until(REPORTED + timedelta(minutes=30) - INSTANT) == {}
    owner = await response.scene.on_call("paediatrician")
    sent = await response.until(REPORTED + timedelta(minutes=30))
    assert sent == {"clock-breach": await response.scene.reach(AGAIN, owner)}
    await response.record("first-discussion-held", "paediatrician", REPORTED + timedelta(minutes=29))
    shown = (await response.clocks())[DISCUSSION]
    assert shown["metAt"] is not None
    await response.answer_breach("paediatrician")
    assert await response.until(REPORTED + timedelta(hours=2)) == {}, "an answered breach goes to nobody else"
    await enquired(response)
    await examined(response)
    await discussed_and_reviewed(response)


async def notified_and_planned(response: Response) -> None:
    """Everybody is told, each by whoever may; then planning begins."""
    shown = await response.screen()
    assert shown["variant"] == "hospital"
    assert {event["code"] for event in shown["events"]} == {"death", "death-confirmed", "designated-doctor-informed"}
    assert [notice["code"] for notice in shown["notices"]] == ["response-team-alerted"]
    refused = await response.attempt("MovePathway", "cdop_manager", stage="notification")
    assert (refused["__typename"], refused["why"]) == ("PathwayRefusedProblem", "ROLE"), refused
    refused = await response.attempt("MovePathway", "clinician", stage="notification")
    assert refused["__typename"] == "ForbiddenProblem", "who only reports does not work on the case"
    await response.do("MovePathway", "sio", stage="notification")
    for role, notification, to in (
        ("designated_doctor", "coroner-told", "The coroner's officer"),
        ("social_worker", "other-agencies-told", "Nursery and midwives"),
    ):
        await response.do("GivePathwayNotice", role, notification=notification, givenTo=to, acknowledged=True)
    await response.do("MovePathway", "designated_doctor", stage="planning")
    codes = {event["code"] for event in (await response.screen())["events"]}
    assert codes >= {"response-begun", "coroner-informed", "other-agencies-informed"}
    await response.scene.work.run_due()
    assert response.scene.phones.new() == {}


async def enquired(response: Response) -> None:
    """The police begin enquiries; the visit is reminded of, made on Christmas Eve in time, and decided with reasons."""
    officer = await response.scene.on_call("sio")
    await response.do("MovePathway", "paediatrician", stage="enquiries")
    reminder = CONFIRMED + 18 * HOUR
    assert await response.until(reminder - INSTANT) == {}
    officer = await response.scene.on_call("sio")
    assert await response.until(reminder) == {"clock-reminder": await response.scene.reach(AGAIN, officer)}
    await response.until(CONFIRMED + 23 * HOUR)
    await response.do(
        "DecidePathway", "sio", decision="visit", options=["joint-visit"], reasons="The child died in the cot at home."
    )
    await response.do(
        "CompletePathwayForm", "sio", form="visit-record",
        answers={
            "visit-decision-reason": "Both leads, because the cot is there.", "visit-findings": "An orderly home.",
            "after-visit-review": "Nothing that raises concern.",
        },
    )  # fmt: skip
    assert (await response.states())[VISIT] == "MET"
    assert await response.until(CONFIRMED + 24 * HOUR + INSTANT) == {}
    assert await response.until(datetime(2026, 12, 28, 12, tzinfo=UTC)) == {}, "a bank holiday after a weekend"


async def examined(response: Response) -> None:
    """The report to the coroner is reminded of a week ahead; without a review of the records nothing goes on."""
    await response.do("MovePathway", "sio", stage="post-mortem")
    await response.scene.lay_out_shifts(CORONER_DUE)
    assert await response.until(CORONER_DUE - 7 * DAY - INSTANT) == {}
    doctor = await response.scene.on_call("designated_doctor")
    assert await response.until(CORONER_DUE - 7 * DAY) == {"clock-reminder": await response.scene.reach(AGAIN, doctor)}
    refused = await response.attempt("MovePathway", "designated_doctor", stage="final-discussion")
    assert (refused["__typename"], refused["why"], refused["subject"]) == (
        "PathwayRefusedProblem", "GATE", "records-reviewed",
    ), refused  # fmt: skip
    assert refused["missing"] == ["information records-reviewed"]
    await response.until(CORONER_DUE - DAY)
    await response.do(
        "CompletePathwayForm", "designated_doctor", form="coroner-report",
        answers={
            "circumstances": "As they are known.", "records-reviewed": "Of health, social care and the nursery.",
            "post-mortem-facts": "Ordered on 23 December.",
        },
    )  # fmt: skip
    assert (await response.states())[CORONER] == "MET"
    assert await response.until(CORONER_DUE + HOUR) == {}


async def discussed_and_reviewed(response: Response) -> None:
    """Parents are told what was agreed, the final discussion speaks of maltreatment, the panel reviews."""
    await response.do("MovePathway", "designated_doctor", stage="final-discussion")
    to_parents = {"decision": "results-to-parents", "options": ["told-as-agreed"], "reasons": "Police still enquire."}
    refused = await response.attempt("DecidePathway", "designated_doctor", **to_parents)
    assert (refused["why"], refused["subject"]) == ("GATE", "disclosure-agreed"), refused
    await response.do(
        "CompletePathwayForm", "paediatrician", form="disclosure-record",
        answers={"disclosure-agreement": "The cause of death, in February; all four agreed."},
    )  # fmt: skip
    await response.do("DecidePathway", "designated_doctor", **to_parents)
    refused = await response.attempt("MovePathway", "designated_doctor", stage="panel-review")
    assert (refused["why"], refused["subject"]) == ("GATE", "maltreatment-spoken-of"), refused
    eight_weeks = DIED + timedelta(weeks=8)
    await response.scene.lay_out_shifts(eight_weeks)
    before = await response.until(eight_weeks - 2 * DAY)
    assert before == {}
    told = await response.until(eight_weeks + DAY)
    doctor = await response.scene.on_call("designated_doctor")
    assert told == {"clock-reminder": await response.scene.reach(AGAIN, doctor)}, "the eight weeks are over"
    await response.record("final-discussion-held", "designated_doctor", eight_weeks + DAY)
    await response.do(
        "CompletePathwayForm", "designated_doctor", form="final-minutes",
        answers={
            "causes-and-factors": "Not ascertained.", "maltreatment-statement": "There is no evidence of it.",
            "family-care-plan": "The health visitor.", "lessons": "None.",
            "disclosure-agreement": "As agreed in January.",
        },
    )  # fmt: skip
    assert (await response.states())[FINAL] == "MET"
    moved = await response.do("MovePathway", "designated_doctor", stage="panel-review")
    assert moved["run"]["stage"] == "panel-review"
    await settle_what_must_be(response)
    closed = await response.do("ClosePathway", "cdop_manager", reason="The panel has reviewed the death.")
    assert closed["run"]["state"] == "CLOSED"
    assert set((await response.states()).values()) <= {"MET", "MET_LATE", "BREACHED"}
    assert await response.until(DIED + timedelta(weeks=13)) == {}


async def settle_what_must_be(response: Response) -> None:
    roles = {role.replace("_", "-"): role for role in response.people}
    for task in (await response.screen())["tasks"]:
        if task["state"] == "OPEN" and task["force"] == "MUST":
            await response.do(
                "SettlePathwayTask", roles.get(task["role"], "sio"), taskId=task["id"], version=task["version"],
                state="NOT_APPLICABLE", reason="Nothing of the kind came to light.",
            )  # fmt: skip
