"""What an operator sees of one partnership over the API, and the evidence that a manager asks for."""

import hashlib
import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import OKPKey
from sqlalchemy import text

from backend.kit.audit import AuditEntry
from infra.dev.clock import Clock
from notifications.evidence.seal import verify
from notifications.verifications import service as verifications
from support.api import Api, Door, fresh_key, operation, rows
from support.partnership import SEEDED, Partnership
from support.scene import WINDOW, Phones, Scene, coming, forget_daily_work
from support.work import Work
from tenants.contacts import repository as contacts

WATCH = operation("Oversight")


@pytest.fixture
async def scene(
    cambs: Partnership, environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client
) -> Scene:
    await forget_daily_work(cambs)
    await clock.freeze(coming(weekday=1, hour=12))
    return Scene(cambs, environment, clock, work, Phones(carrier))


@pytest.fixture
async def manager(door: Door, cambs: Partnership) -> Api:
    return await door.member(cambs, "duty_manager")


async def test_a_quiet_partnership_owes_nothing(scene: Scene, manager: Api) -> None:
    seen = await manager.run(WATCH, first=5)
    assert seen["oversight"] == {"queues": [], "overdue": [], "findings": [], "auditedAt": None}
    assert seen["messages"]["edges"] == []


async def test_what_is_late_is_seen_and_gone_once_it_is_done(scene: Scene, manager: Api) -> None:
    await scene.report(send=False)
    await scene.clock.advance(timedelta(seconds=31))
    seen = (await manager.run(WATCH, first=5))["oversight"]
    assert {queue["queue"]: queue["owed"] for queue in seen["queues"]}["pages"] == 1
    assert [task["task"] for task in seen["overdue"]] == ["deliver_pages"]
    await scene.work.run_due()
    after = (await manager.run(WATCH, first=5))["oversight"]
    assert (after["queues"], after["overdue"]) == ([], [])


async def test_every_message_is_there_with_its_history_and_without_its_address(scene: Scene, manager: Api) -> None:
    await scene.report()
    filtered = await manager.run(WATCH, first=50, filter={"channel": "SMS"})
    records = [edge["node"] for edge in filtered["messages"]["edges"]]
    assert {record["delivery"]["channel"] for record in records} == {"SMS"}
    assert [event["state"] for event in records[0]["delivery"]["history"]] == ["PENDING", "CLAIMED", "HANDED_OVER"]
    assert all(record["person"]["name"] for record in records)
    everything = json.dumps(await manager.run(WATCH, first=50))
    assert not [word for word in (*SEEDED, "7700900", "@example.org") if word in everything]


async def test_a_code_is_seen_as_a_message_to_its_person_and_never_itself(scene: Scene, manager: Api) -> None:
    """Before it leaves, once it has, and when it was given back."""
    wren = await scene.person("wren-saltmarsh")
    async with scene.partnership.session() as session:
        method = (await contacts.contact_methods(session, [wren]))[wren][0]
        await verifications.ask_for_code(session, wren, method.id)
        await session.commit()
    looks = [json.dumps(await manager.run(WATCH, first=50))]
    await scene.work.run_due()
    (record,) = [edge["node"] for edge in (await manager.run(WATCH, first=50))["messages"]["edges"]]
    assert (record["template"], record["alertId"], record["failure"]) == ("contact-code", None, None)
    assert record["person"]["name"]
    assert [event["state"] for event in record["delivery"]["history"]] == ["PENDING", "CLAIMED", "HANDED_OVER"]
    (message,) = scene.phones.messages()
    code = re.findall(r"\b\d{6}\b", json.dumps(message["data"]) + message["body"])[0]
    looks.append(json.dumps(await manager.run(WATCH, first=50)))
    async with scene.partnership.session() as session:
        assert (await verifications.confirm(session, wren, method.id, code)).right
        await session.commit()
    looks.append(json.dumps(await manager.run(WATCH, first=50)))
    assert not [seen for seen in looks if code in seen or method.address in seen]


async def test_filters_narrow_and_pages_follow_each_other(scene: Scene, manager: Api) -> None:
    number = await scene.address(await scene.on_call("sio"), "sms")
    scene.phones.misbehave("rate_limit", number)
    await scene.report()
    await scene.clock.advance(timedelta(seconds=35))

    async def ids(**filter_: object) -> list[str]:
        found = (await manager.run(WATCH, first=100, filter=filter_))["messages"]
        return [edge["node"]["id"] for edge in found["edges"]]

    assert len(await ids(stuck=True)) == 1
    assert await ids(stuck=True) == await ids(state="PENDING")
    assert await ids(since=(await scene.clock.advance(timedelta(seconds=1))).isoformat()) == []
    whole, walked, cursor = await ids(), [], None
    while True:
        page = (await manager.run(WATCH, first=2, after=cursor))["messages"]
        walked += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        cursor = page["pageInfo"]["endCursor"]
    assert walked == whole
    assert len(set(whole)) == len(whole) > 4


async def test_evidence_verifies_its_print_can_be_fetched_and_both_are_recorded(
    scene: Scene, manager: Api, cambs: Partnership
) -> None:
    await scene.report()
    await scene.wait(WINDOW)
    async with cambs.session() as session:
        reference = (await scene.alert()).reference
        assert await session.scalar(text("SELECT count(*) FROM audit_entry WHERE action = 'alert.evidence_made'")) == 0
    alert = (await manager.run("query ($r: String!) { alert(reference: $r) { id } }", r=reference))["alert"]["id"]
    key = fresh_key()
    for _ in range(2):
        made = await manager.mutate("MakeAlertEvidence", alertId=alert, idempotencyKey=key)
        assert made["__typename"] == "MakeAlertEvidencePayload"
        document = json.loads(made["document"])
        assert verify(document, OKPKey.import_key(document["heading"]["key"])) > 10
        assert made["sha256"] == hashlib.sha256(made["document"].encode()).hexdigest()
        async with httpx.AsyncClient() as client:
            fetched = await client.get(made["url"])
        assert fetched.content.startswith(b"%PDF-")
        assert fetched.headers["content-disposition"].startswith("attachment")
        asked = parse_qs(urlsplit(made["url"]).query)
        assert asked["response-content-disposition"] == [f'attachment; filename="evidence-{reference}.pdf"']
    entries = [entry for entry in await rows(cambs, AuditEntry) if entry.action == "alert.evidence_made"]
    caller = await cambs.member("duty_manager")
    assert [entry.actor_id for entry in entries] == [caller.person_id] * 2


async def test_who_answers_calls_may_not_oversee_them_nor_make_evidence(
    scene: Scene, door: Door, cambs: Partnership
) -> None:
    await scene.report()
    doctor = await door.on_call(cambs, "paediatrician")
    assert await doctor.codes(WATCH, first=5) == ["FORBIDDEN"] * 1
    alert = (await doctor.run("{ alerts(first: 1) { edges { node { id } } } }"))["alerts"]["edges"][0]["node"]["id"]
    refused = await doctor.mutate("MakeAlertEvidence", alertId=alert)
    assert refused["__typename"] == "ForbiddenProblem"
