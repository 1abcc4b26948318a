"""Answering an alert over the API, and what its screen shows."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.cases import service as cases
from backend.cases.access import bars
from backend.kit.ids import uuid7
from graphql_api.ids import encode
from infra.dev.clock import Clock
from notifications.alerts import repository as alerts
from notifications.alerts.models import Page
from notifications.alerts.raising import raise_alert
from notifications.ladders.policy import PersonTarget
from support.api import JSON, Api, Door, death, fresh_key, operation, rows
from support.partnership import Partnership
from support.work import Work
from tenants.contacts import repository as contacts

LONDON = ZoneInfo("Europe/London")
KEEPER = "rota_manager"


@dataclass(frozen=True)
class Call:
    """A joint response alert, and the persons called first."""

    reference: str
    slots: dict[str, str]
    doctor: Api
    officer: Api

    async def seen_by(self, api: Api) -> JSON:
        alert: JSON = (await api.run(operation("AlertScreen"), reference=self.reference))["alert"]
        return alert

    async def slot(self, role: str, api: Api) -> JSON:
        return next(slot for slot in (await self.seen_by(api))["slots"] if slot["role"] == role)


@pytest.fixture
async def call(clinician: Api, door: Door, cambs: Partnership, clock: Clock) -> Call:
    """Raised at noon: by night, paediatricians are stood in for and their ladder is another."""
    tomorrow = datetime.now(LONDON).date() + timedelta(days=1)
    noon = datetime.combine(tomorrow, time(12), LONDON)
    await clock.freeze(noon)
    alert = (await clinician.mutate("ReportChildDeath", **death(noon)))["alert"]
    slots = {slot["role"]: slot["id"] for slot in alert["slots"]}
    doctor, officer = [await door.on_call(cambs, role) for role in ("paediatrician", "sio")]
    return Call(alert["reference"], slots, doctor, officer)


async def test_an_alert_is_met_when_both_have_answered(call: Call, cambs: Partnership) -> None:
    first = await call.doctor.mutate("AcknowledgeAlert", slotId=call.slots["paediatrician"])
    assert first["slot"]["state"] == "ACKNOWLEDGED"
    assert (
        first["slot"]["acknowledgedBy"]["name"]
        == (await call.doctor.run("{ me { person { name } } }"))["me"]["person"]["name"]
    )
    assert (first["alert"]["state"], first["alert"]["metAt"]) == ("OPEN", None)
    assert {slot["role"]: slot["state"] for slot in first["alert"]["slots"]} == {
        "paediatrician": "ACKNOWLEDGED",
        "sio": "PAGING",
    }
    second = await call.officer.mutate("AcknowledgeAlert", slotId=call.slots["sio"])
    assert second["alert"]["state"] == "MET"
    assert second["alert"]["metAt"] == second["slot"]["acknowledgedAt"]


async def test_answering_again_changes_nothing(call: Call) -> None:
    given = {"slotId": call.slots["paediatrician"], "idempotencyKey": fresh_key()}
    first = await call.doctor.mutate("AcknowledgeAlert", **given)
    assert await call.doctor.mutate("AcknowledgeAlert", **given) == first
    assert await call.doctor.mutate("AcknowledgeAlert", slotId=given["slotId"]) == first


async def test_answers_sent_twice_at_once_are_one(call: Call) -> None:
    given = {"slotId": call.slots["sio"], "idempotencyKey": fresh_key()}
    answers = await asyncio.gather(*[call.officer.mutate("AcknowledgeAlert", **given) for _ in range(4)])
    assert {answer["slot"]["state"] for answer in answers} == {"ACKNOWLEDGED"}
    assert len({answer["slot"]["acknowledgedAt"] for answer in answers}) == 1


async def test_a_key_of_one_slot_is_not_good_for_another(call: Call) -> None:
    key = fresh_key()
    await call.doctor.mutate("AcknowledgeAlert", slotId=call.slots["paediatrician"], idempotencyKey=key)
    other = await call.doctor.mutate("AcknowledgeAlert", slotId=call.slots["sio"], idempotencyKey=key)
    assert other["__typename"] == "ConflictProblem"


async def test_only_who_was_called_for_the_slot_may_answer_it(call: Call, door: Door, cambs: Partnership) -> None:
    for api, role in ((call.officer, "paediatrician"), (call.doctor, "sio")):
        for name, more in (("AcknowledgeAlert", {}), ("DeclineAlert", {"reason": "elsewhere"})):
            answer = await api.mutate(name, slotId=call.slots[role], **more)
            assert answer["__typename"] == "ForbiddenProblem"
            assert "paged for this slot" in answer["message"]
    manager = await door.member(cambs, "duty_manager")
    answer = await manager.mutate("AcknowledgeAlert", slotId=call.slots["sio"])
    assert answer["__typename"] == "ForbiddenProblem"
    assert [slot["state"] for slot in (await call.seen_by(manager))["slots"]] == ["PAGING", "PAGING"]


async def test_a_decline_calls_the_next_rung_at_once(call: Call) -> None:
    before = (await call.slot("paediatrician", call.officer))["calls"]
    given = {"slotId": call.slots["paediatrician"], "reason": "In theatre until six", "idempotencyKey": fresh_key()}
    declined = await call.doctor.mutate("DeclineAlert", **given)
    slot = declined["slot"]
    assert (slot["state"], slot["acknowledgedBy"]) == ("PAGING", None)
    assert slot["step"] > 0
    assert slot["calls"][0]["answer"] == "DECLINED"
    assert len(slot["calls"]) == len(before) + 1
    assert slot["calls"][-1]["answer"] is None
    assert await call.doctor.mutate("DeclineAlert", **given) == declined
    assert (await call.slot("sio", call.officer))["step"] == 0


async def test_a_slot_that_was_taken_cannot_be_declined(call: Call) -> None:
    slot = call.slots["paediatrician"]
    await call.doctor.mutate("AcknowledgeAlert", slotId=slot)
    answer = await call.doctor.mutate("DeclineAlert", slotId=slot, reason="after all not")
    assert answer["__typename"] == "ConflictProblem"
    assert answer["message"] == "This slot is already acknowledged; offer it to somebody else."


async def test_the_next_in_line_may_take_it_and_the_first_then_cannot(
    call: Call, door: Door, cambs: Partnership
) -> None:
    slot = call.slots["paediatrician"]
    taken = await call.doctor.mutate("DeclineAlert", slotId=slot, reason="too far away")
    assert taken["__typename"] == "AlertAnswerPayload"
    latest = (await rows(cambs, Page))[-1]
    assert latest.person_id is not None
    deputy = await door.of(cambs, latest.person_id)
    assert (await deputy.mutate("AcknowledgeAlert", slotId=slot))["slot"]["state"] == "ACKNOWLEDGED"
    late = await call.doctor.mutate("AcknowledgeAlert", slotId=slot)
    assert late["__typename"] == "ConflictProblem"


async def test_a_reason_is_a_short_text(call: Call) -> None:
    for reason in ("", " ", "x" * 501, "nul\0l"):
        answer = await call.doctor.mutate("DeclineAlert", slotId=call.slots["paediatrician"], reason=reason)
        assert [fault["field"] for fault in answer["fields"]] == ["reason"]
    answer = await call.doctor.mutate("AcknowledgeAlert", slotId=call.slots["sio"], idempotencyKey="short")
    assert [fault["field"] for fault in answer["fields"]] == ["idempotencyKey"]
    assert (await call.slot("paediatrician", call.officer))["step"] == 0


@pytest.mark.parametrize("hyphen", ["-", "", " "])
async def test_an_alert_opens_by_its_reference_however_it_is_typed(call: Call, hyphen: str) -> None:
    spoken = f" {call.reference.lower().replace('-', hyphen)} "
    query = "query ($r: String!) { alert(reference: $r) { reference type policyVersion } }"
    assert (await call.doctor.run(query, r=spoken))["alert"] == {
        "reference": call.reference,
        "type": "child-death-joint-response",
        "policyVersion": 1,
    }


async def test_opening_is_noted_for_who_was_called_and_is_no_answer(call: Call) -> None:
    async def opened() -> tuple[bool, str | None]:
        (called,) = (await call.slot("paediatrician", call.officer))["calls"]
        return called["openedAt"] is not None, called["answer"]

    assert await opened() == (False, None)
    await call.seen_by(call.doctor)
    assert await opened() == (True, None)


async def test_mine_are_the_alerts_that_i_was_called_for(call: Call, door: Door, clinician: Api) -> None:
    async def mine(api: Api) -> list[str]:
        page = await api.run(operation("MyAlerts"), first=10)
        return [edge["node"]["reference"] for edge in page["alerts"]["edges"]]

    assert await mine(call.doctor) == [call.reference]
    assert await mine(call.officer) == [call.reference]
    assert await mine(clinician) == []


async def test_mine_are_also_those_in_which_a_duty_manager_answered_for_me(
    call: Call, door: Door, cambs: Partnership
) -> None:
    manager, officer = await door.member(cambs, "duty_manager"), await door.member(cambs, "detective_superintendent")
    who = (await officer.run("{ me { person { id } } }"))["me"]["person"]["id"]
    assert (await officer.run(operation("MyAlerts"), first=10))["alerts"]["edges"] == []
    answered = await manager.mutate("AnswerForSomebody", slotId=call.slots["sio"], personId=who, reason="rang")
    assert answered["slot"]["acknowledgedBy"]["id"] == who
    (edge,) = (await officer.run(operation("MyAlerts"), first=10))["alerts"]["edges"]
    assert edge["node"]["reference"] == call.reference
    assert await call.seen_by(officer)


async def test_every_message_and_its_history_can_be_seen(call: Call, work: Work) -> None:
    await work.run_due()
    query = """
    query ($r: String!) { alert(reference: $r) { slots { calls { deliveries {
      channel state attempts handedOverAt history { state at reason }
    } } } } }
    """
    slots = (await call.doctor.run(query, r=call.reference))["alert"]["slots"]
    sent = [message for slot in slots for each in slot["calls"] for message in each["deliveries"]]
    assert sorted(message["channel"] for message in sent) == ["PUSH", "PUSH", "SMS", "SMS"]
    for message in sent:
        passed = [event["state"] for event in message["history"]]
        assert passed[0] == "PENDING"
        assert "HANDED_OVER" in passed
        assert message["state"] in {"HANDED_OVER", "DELIVERED"}
        assert message["handedOverAt"] is not None
        assert message["attempts"] == 1


async def test_slots_that_only_inform_are_informed_once_a_message_has_left(
    clinician: Api, call: Call, work: Work
) -> None:
    await work.run_due()
    query = '{ alerts(first: 5, type: "child-death-notification-fan-out") { edges { node { slots { role state } } } } }'
    (edge,) = (await clinician.run(query))["alerts"]["edges"]
    assert {slot["state"] for slot in edge["node"]["slots"]} == {"INFORMED"}


HOW = """query ($reference: String!) { alert(reference: $reference) { slots {
    role acknowledgedVia answers { given means factor handover reason at person { name } givenBy { name } } } } }"""


async def test_the_screen_shows_how_each_answer_came(call: Call) -> None:
    await call.doctor.mutate("AcknowledgeAlert", slotId=call.slots["paediatrician"])
    await call.officer.mutate("DeclineAlert", slotId=call.slots["sio"], reason="in court")
    slots = {slot["role"]: slot for slot in (await call.doctor.run(HOW, reference=call.reference))["alert"]["slots"]}
    (accepted,), (declined,) = slots["paediatrician"]["answers"], slots["sio"]["answers"]
    assert (slots["paediatrician"]["acknowledgedVia"], slots["sio"]["acknowledgedVia"]) == ("SIGNED_IN", None)
    assert (accepted["given"], accepted["means"], accepted["factor"]) == ("ACCEPTED", "SIGNED_IN", "SIGN_IN")
    assert (declined["given"], declined["means"]) == ("DECLINED", "SIGNED_IN")
    doctor = (await call.doctor.run("{ me { person { name } } }"))["me"]["person"]["name"]
    assert (accepted["person"]["name"], accepted["givenBy"], accepted["reason"]) == (doctor, None, None)
    assert not accepted["handover"]


async def test_an_alert_is_not_there_for_whom_its_case_is_kept_from(call: Call, cambs: Partnership) -> None:
    seen = await call.seen_by(call.officer)
    async with cambs.session() as session:
        alert_id = await alerts.id_of(session, call.reference)
        assert alert_id is not None
        case_id = (await alerts.alert(session, alert_id)).subject_id
        await bars.bar(session, await cambs.member("duty_manager"), case_id, await cambs.on_call("sio"), "Kin")
        await session.commit()
    assert seen is not None
    assert await call.seen_by(call.officer) is None
    refused = await call.officer.mutate("AcknowledgeAlert", slotId=call.slots["sio"])
    assert refused["__typename"] == "NotFoundProblem"
    assert await call.seen_by(call.doctor) is not None


@pytest.mark.parametrize("document", ["AcknowledgeAlert", "DeclineAlert"])
async def test_an_answer_made_offline_is_kept_with_both_clocks(call: Call, clock: Clock, document: str) -> None:
    """The phone's clock is what it says; when the answer takes effect is ours to say."""
    said = "2026-11-22T03:05:00Z"
    given = {"slotId": call.slots["paediatrician"], "deviceAt": said, "idempotencyKey": fresh_key()}
    reason = {"reason": "Abroad"} if document == "DeclineAlert" else {}
    assert (await call.doctor.mutate(document, **given, **reason))["__typename"] == "AlertAnswerPayload"
    query = "query ($r: String!) { alert(reference: $r) { slots { role answers { at deviceAt } } } }"
    slots = (await call.doctor.run(query, r=call.reference))["alert"]["slots"]
    (answer,) = next(slot for slot in slots if slot["role"] == "paediatrician")["answers"]
    assert answer["deviceAt"] == said
    assert answer["at"] != said
    again = await call.doctor.mutate(document, **{**given, "deviceAt": "2026-11-22T03:06:00Z"}, **reason)
    assert again["__typename"] == "ConflictProblem", "the same key with another instant is another request"


async def test_whoever_a_case_calls_may_answer_and_nobody_who_was_not_called(door: Door, cambs: Partnership) -> None:
    """A worker, the panel's manager, a clinician and a keeper of rotas: each for a limit that is theirs on a case."""
    await door.change_roles(cambs, "corin.waterbeck", KEEPER)
    posts = {role: await cambs.member(role) for role in ("social_worker", "cdop_manager", "clinician", KEEPER)}
    async with cambs.session() as session:
        people = await contacts.people(session, [one.person_id for one in posts.values()])
        case = await cases.open_case(session, "of-a-test", None, uuid7())
        raised = {
            role: await raise_alert(session, "clock-breach", subject_kind="case", subject_id=case.id,
                                    stand_ins={"owner": PersonTarget(person=people[one.person_id].code)})
            for role, one in posts.items()
        }  # fmt: skip
        await session.commit()
    calls = {encode("Alert", alert.id): role for role, alert in raised.items() if alert is not None}
    seen: dict[str, str] = {}
    for role, one in posts.items():
        api = await door.of(cambs, one.person_id)
        listed = (await api.run("{ alerts(first: 50) { edges { node { id slots { id } } } } }"))["alerts"]["edges"]
        there = {calls[edge["node"]["id"]]: edge["node"] for edge in listed if edge["node"]["id"] in calls}
        assert there.keys() == ({KEEPER} if role == KEEPER else {role} if role == "clinician" else posts.keys())
        seen |= {other: node["slots"][0]["id"] for other, node in there.items()}
        for other in there.keys() - {role}:
            refused = await api.mutate("AcknowledgeAlert", slotId=there[other]["slots"][0]["id"])
            assert refused["__typename"] == "ForbiddenProblem", (role, other)
    keeper = await door.of(cambs, posts[KEEPER].person_id)
    unseen = await keeper.mutate("AcknowledgeAlert", slotId=seen["social_worker"])
    assert unseen["__typename"] == "NotFoundProblem", "who sees no cases sees their own calls alone"
    for role, one in posts.items():
        answered = await (await door.of(cambs, one.person_id)).mutate("AcknowledgeAlert", slotId=seen[role])
        assert (answered["__typename"], answered["alert"]["state"]) == ("AlertAnswerPayload", "MET"), role
