"""A referral to children's social care, from the telephone call to the answer to the referrer, through the API."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from graphql_api.ids import encode
from infra.dev.clock import Clock
from support.api import JSON, Api, Door, operation
from support.partnership import Partnership
from support.scene import coming

REFERRAL = "referral-to-childrens-social-care"
CASEWORKERS = {
    "social-care-intake": "social_worker", "social-care-manager": "duty_manager", "referrer": "paediatrician",
}  # fmt: skip


@dataclass
class Referral:
    """One run, as its people drive it."""

    people: dict[str, Api]
    id: str = ""
    version: int = 0

    async def do(self, mutation: str, role: str, **given: Any) -> JSON:  # JSON values
        """A mutation that must work; keeps the version."""
        answer = await self.people[role].mutate(mutation, **given)
        assert answer["__typename"].endswith("Payload"), answer
        self.id, self.version = answer["run"]["id"], answer["run"]["version"]
        return answer

    async def on_run(self, mutation: str, role: str, **given: Any) -> JSON:  # JSON values
        return await self.do(mutation, role, runId=self.id, version=self.version, **given)

    async def screen(self, role: str = "social-care-intake") -> JSON:
        shown: JSON = (await self.people[role].run(operation("PathwayRunScreen"), id=self.id))["pathwayRun"]
        return shown


@pytest.fixture
async def referral(door: Door, herts: Partnership, clock: Clock) -> Referral:
    """A call received on a Tuesday noon, on a case with its three people."""
    await clock.freeze(coming(weekday=1, hour=12))
    people = {role: await door.member(herts, member) for role, member in CASEWORKERS.items()}
    manager = people["social-care-manager"]
    case = (await manager.mutate("OpenCase", pathway=REFERRAL))["case"]["id"]
    for role, member in CASEWORKERS.items():
        person = encode("Person", (await herts.member(member)).person_id)
        answer = await manager.mutate("AssignPractitioner", caseId=case, personId=person, role=role)
        assert answer["__typename"] == "PractitionerPayload", answer
    made = Referral(people)
    await made.do("StartPathway", "social-care-intake", caseId=case, pathway=REFERRAL, criteria=["significant-harm"])
    return made


async def test_a_referral_runs_from_receipt_to_feedback(referral: Referral, herts: Partnership, clock: Clock) -> None:
    received = coming(weekday=1, hour=12)
    await referral.on_run("MovePathway", "social-care-intake", stage="intake")
    shown = await referral.screen()
    assert {event["code"] for event in shown["events"]} == {"referral-received"}
    assert "clarify-with-referrer" in owed(shown)

    await referral.on_run(
        "CompletePathwayForm", "social-care-intake", form="referral-record",
        answers={
            "concern-nature": "Bruises that the child does not explain.", "concern-origin": "Seen at a clinic today.",
            "apparent-needs": "To be safe at home.", "maltreatment-alleged": True,
            "maltreatment-foundation": "What the child said.", "urgent-action": False, "referrer-name": "Dr Blythe",
            "referrer-type": "professional", "proposed-actions": "Consider today.", "channel": "telephone",
            "action-owners": "Intake, by tonight.", "decision-rationale": "Nothing was decided yet.",
        },
        events=[{"code": "referral-telephoned", "occurredAt": (received - timedelta(minutes=30)).isoformat()}],
    )  # fmt: skip
    shown = await referral.screen()
    assert not {"clarify-with-referrer", "identify-maltreatment-and-urgency"} & set(owed(shown))
    confirm = next(task for task in shown["tasks"] if task["code"] == "confirm-in-writing")
    assert datetime.fromisoformat(confirm["dueAt"]) == received - timedelta(minutes=30) + timedelta(hours=48)

    await referral.on_run("MovePathway", "social-care-intake", stage="consideration")
    await referral.on_run(
        "DecidePathway", "social-care-manager", decision="possible-offence", options=["offence-possible"],
        reasons="The bruises may be an assault.",
    )  # fmt: skip
    await referral.on_run(
        "GivePathwayNotice", "social-care-manager", notification="police-notified", givenTo="Control room, 101",
        acknowledged=True,
    )  # fmt: skip
    assert "police-informed" in {event["code"] for event in (await referral.screen())["events"]}

    decided = await referral.on_run(
        "DecidePathway", "social-care-manager", decision="next-step", options=["no-further-action"],
        reasons="The paediatrician found an old accident that explains the bruises.",
    )  # fmt: skip
    assert decided["run"]["stage"] == "feedback"
    await referral.on_run("SignOffPathway", "social-care-manager", signOff="decision-recorded")
    await referral.on_run(
        "CompletePathwayForm", "social-care-intake", form="feedback-record",
        answers={"feedback-given": "That nothing further is done, and why.", "decision-rationale": "An accident."},
    )  # fmt: skip
    await referral.on_run(
        "GivePathwayNotice", "social-care-intake", notification="no-action-explained", givenTo="The referrer"
    )
    await settle_what_must_be(referral)
    (overlay,) = (await referral.screen())["overlays"]
    assert overlay["pathway"] == "police-offence-notification"
    open_yet = await referral.people["referrer"].mutate(
        "DecidePathway", runId=referral.id, version=referral.version, decision="disagreement", options=["content"],
        reasons="I agree.",
    )  # fmt: skip
    assert open_yet["subject"] == "police-offence-notification", "what was laid over it is settled first"
    await referral.do("DetachPathwayOverlay", "social-care-manager", overlayId=overlay["id"], version=referral.version,
                      reason="The police know of it and investigate nothing.")  # fmt: skip
    ended = await referral.on_run(
        "DecidePathway", "referrer", decision="disagreement", options=["content"], reasons="I agree."
    )
    assert ended["run"]["state"] == "CLOSED"
    shown = await referral.screen()
    assert [action["version"] for action in shown["actions"]] == list(range(1, shown["version"] + 1))
    assert {task["state"] for task in shown["tasks"]} <= {"DONE", "NOT_APPLICABLE", "LAPSED"}
    assert {event["code"] for event in shown["events"]} >= {"next-steps-decided", "possible-offence-identified"}


def owed(shown: JSON) -> list[str]:
    return [task["code"] for task in shown["tasks"] if task["state"] == "OPEN"]


async def settle_what_must_be(referral: Referral) -> None:
    for task in (await referral.screen())["tasks"]:
        if task["state"] == "OPEN" and task["force"] == "MUST":
            how = {"state": "NOT_APPLICABLE", "reason": "Not in this referral."}
            who = task["role"] if task["role"] in referral.people else "social-care-manager"
            await referral.do("SettlePathwayTask", who, taskId=task["id"], version=task["version"],
                              **how)  # fmt: skip
