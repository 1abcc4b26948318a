"""Following alerts, tasks and cases: what comes, to whom, from where after a drop, and until when."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from backend.identity.policies import ROLES, Permission
from backend.kit import announcing
from backend.kit.broker import broker
from graphql_api.ids import encode
from graphql_api.schema import schema
from graphql_api.subscriptions.following import Follower
from infra.dev.clock import Clock
from support.api import JSON, Door, fresh_key, operation
from support.case_desk import Desk
from support.casework import referral
from support.partnership import Partnership
from support.scene import coming
from support.sockets import SOON, Closed, Wire, connected
from support.transactions import earlier_ended

WAITED: set[Follower] = set()
WAITS = asyncio.Condition()
CASE = "subscription ($id: ID!, $since: String) { caseChanges(caseId: $id, since: $since) { type id gone cursor } }"


@pytest.fixture
async def noon(clock: Clock) -> None:
    await clock.freeze(coming(weekday=1, hour=12))


@pytest.fixture
async def desk(door: Door, cambs: Partnership, noon: None) -> Desk:
    return Desk(await door.member(cambs, "social_worker"), door, cambs)


@pytest.fixture
async def wire(door: Door) -> AsyncIterator[Wire]:
    async with connected(door.application) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know who has looked at the log and waits."""
    stirred = Follower.stirred

    async def noted(follower: Follower, seconds: float) -> None:
        WAITED.add(follower)
        async with WAITS:
            WAITS.notify_all()
        await stirred(follower, seconds)

    WAITED.clear()
    monkeypatch.setattr(Follower, "stirred", noted)


async def started(wire: Wire, document: str, **variables: Any) -> str:
    """A subscription that has looked at the log once: it follows from here on, with nothing before still to come."""
    await earlier_ended()
    known = set(WAITED)
    name = await wire.subscribe(document, **variables)
    async with asyncio.timeout(SOON), WAITS:
        await WAITS.wait_for(lambda: WAITED - known)
    return name


async def told(wire: Wire, name: str, field: str) -> JSON:
    message = await wire.hear_of(name)
    assert message["type"] == "next", message
    assert "errors" not in message["payload"], message
    found: JSON = message["payload"]["data"][field]
    return found


async def until(wire: Wire, name: str, field: str, **wanted: Any) -> JSON:
    """The first event that is so."""
    while True:
        event = await told(wire, name, field)
        if all(event[key] == value for key, value in wanted.items()):
            return event


async def test_an_alert_comes_to_who_is_called_and_to_nobody_else(
    door: Door, cambs: Partnership, wire: Wire, noon: None
) -> None:
    doctor = await door.on_call(cambs, "paediatrician")
    manager = await door.member(cambs, "cdop_manager")
    await wire.init(doctor.token)
    mine = await started(wire, operation("WatchMyAlerts"))
    async with connected(door.application) as other:
        await other.init(manager.token)
        nobodys = await started(other, operation("WatchMyAlerts"))
        await cambs.report_death()
        alert = await told(wire, mine, "myAlerts")
        assert (alert["type"], alert["gone"], alert["thing"]["state"]) == ("ALERT", False, "OPEN")
        await other.silence(nobodys)


async def test_the_slots_of_an_alert_on_the_screen_follow_its_answers(
    door: Door, cambs: Partnership, wire: Wire, noon: None
) -> None:
    await cambs.report_death()
    doctor, officer = [await door.on_call(cambs, role) for role in ("paediatrician", "sio")]
    (edge,) = (await doctor.run(operation("MyAlerts"), first=1))["alerts"]["edges"]
    slots = {slot["role"]: slot["id"] for slot in edge["node"]["slots"]}
    await wire.init(officer.token)
    name = await started(wire, operation("WatchAlert"), alertId=edge["node"]["id"])
    await doctor.mutate("AcknowledgeAlert", slotId=slots["paediatrician"])
    event = await told(wire, name, "alertSlots")
    assert {slot["role"]: slot["state"] for slot in event["thing"]["slots"]}["paediatrician"] == "ACKNOWLEDGED"


async def test_after_a_drop_all_that_happened_meanwhile_is_told(desk: Desk, door: Door) -> None:
    case_id = await desk.open()
    async with connected(door.application) as wire:
        await wire.init(desk.api.token)
        name = await started(wire, CASE, id=case_id)
        await desk.with_child(case_id)
        cursor = (await told(wire, name, "caseChanges"))["cursor"]
    added = await desk.api.mutate(
        "AddChronologyEntry", caseId=case_id,
        event={"kind": "VISIT", "title": "Seen", "text": "Seen at home", "occurred": "2026"},
    )  # fmt: skip
    assert added["__typename"] == "ChronologyEntryPayload", added
    async with connected(door.application) as wire:
        await wire.init(desk.api.token)
        name = await wire.subscribe(CASE, id=case_id, since=cursor)
        assert (await told(wire, name, "caseChanges"))["id"] == case_id


async def test_a_word_that_is_lost_only_delays(desk: Desk, wire: Wire) -> None:
    """Written past the session, so that nobody is told: the reader finds it by itself."""
    case_id = await desk.open()
    await wire.init(desk.api.token)
    name = await started(wire, CASE, id=case_id)
    async with desk.partnership.session() as session:
        await session.execute(text("UPDATE case_file SET pathway = pathway WHERE tenant_id = app.current_tenant()"))
        await session.commit()
    assert (await told(wire, name, "caseChanges"))["id"] == case_id


async def test_a_change_is_announced_and_a_look_is_not(desk: Desk) -> None:
    case_id = await desk.open()
    with broker().client.pubsub(ignore_subscribe_messages=True) as words:
        words.subscribe(announcing.CHANNEL)

        def heard() -> bool:
            announcing._speaker.submit(int).result()  # all that was to be said has been
            found = [words.get_message(timeout=0.2) for _ in range(3)]
            return str(desk.partnership.id).encode() in [word["data"] for word in found if word]

        heard()
        await desk.api.run(operation("CaseScreen"), id=case_id)
        assert not heard()
        await desk.with_child(case_id)
        assert heard()


async def test_who_loses_sight_of_a_case_is_told_so_and_no_more(desk: Desk, wire: Wire) -> None:
    manager = await desk.other("duty_manager")
    case_id = await desk.open()
    watcher = await desk.other("cdop_manager")
    await wire.init(watcher.token)
    name = await started(wire, CASE, id=case_id)
    await manager.mutate("RestrictCase", caseId=case_id, personIds=[], reason="A colleague's child")
    # Other tests' writes on the server may hold the log back, so that the opening of the case is told first.
    gone = await until(wire, name, "caseChanges", gone=True)
    assert gone["id"] == case_id
    assert (await wire.hear_of(name))["type"] == "complete"


async def test_the_permission_is_asked_for_each_event(desk: Desk, door: Door, cambs: Partnership, wire: Wire) -> None:
    case_id = await desk.open()
    subject = await door.subject_of(cambs, (await cambs.member("cdop_manager")).person_id)
    await wire.init(door.person(subject).token)
    name = await started(wire, CASE, id=case_id)
    await door.change_roles(cambs, subject, "rota_manager")
    await desk.with_child(case_id)
    refused = await wire.hear_of(name)
    assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "FORBIDDEN")


async def test_whose_membership_ends_is_sent_away(desk: Desk, door: Door, cambs: Partnership, wire: Wire) -> None:
    case_id = await desk.open()
    watcher = await desk.other("cdop_manager")
    await wire.init(watcher.token)
    await started(wire, CASE, id=case_id)
    administrator = await desk.other("administrator")
    person = encode("Person", (await cambs.member("cdop_manager")).person_id)
    left = await administrator.mutate("MarkPersonLeft", personId=person, reason="Retired")
    assert left["__typename"] != "ForbiddenProblem", left
    await desk.with_child(case_id)
    with pytest.raises(Closed) as closed:
        await wire.to_the_end()
    assert closed.value.code == 4403


async def test_whose_device_is_signed_out_is_sent_away(desk: Desk, door: Door, cambs: Partnership, wire: Wire) -> None:
    case_id = await desk.open()
    subject = await door.subject_of(cambs, (await cambs.member("cdop_manager")).person_id)
    lost = door.person(subject, sid="session-of-the-lost-one")
    device = await lost.mutate("RegisterDevice", platform="FCM", token=f"device-{uuid4()}")
    await wire.init(lost.token)
    await started(wire, CASE, id=case_id)
    await started(wire, "subscription { myTasks { cursor } }")
    administrator = await desk.other("administrator")
    await administrator.mutate("RevokeDevice", contactMethodId=device["contactMethod"]["id"])
    await desk.with_child(case_id)
    with pytest.raises(Closed) as closed:
        await wire.to_the_end()
    assert closed.value.code == 4403


@pytest.mark.parametrize(
    ("field", "kind"), [("caseChanges(caseId: $id)", "Case"), ("alertSlots(alertId: $id)", "Alert")]
)
async def test_another_partnerships_ids_are_like_ids_that_never_existed(
    desk: Desk, door: Door, herts: Partnership, wire: Wire, field: str, kind: str
) -> None:
    await herts.report_death()
    table = {"Case": "case_file", "Alert": "alert"}[kind]
    async with herts.session() as session:
        theirs = await session.scalar(text(f"SELECT id FROM {table} LIMIT 1"))  # noqa: S608  # our own names
    await wire.init(desk.api.token)
    answers = []
    for key in (theirs, uuid4()):
        name = await wire.subscribe(f"subscription ($id: ID!) {{ {field} {{ id }} }}", id=encode(kind, key))
        answers.append((await wire.hear_of(name))["payload"])
    assert answers[0] == answers[1]
    assert answers[0][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_task_comes_to_whose_it_is_and_to_whose_it_was(desk: Desk, door: Door, clock: Clock) -> None:
    started_run = await referral(desk.partnership)
    async with desk.partnership.session() as session:
        task = (await session.execute(text("SELECT id, version FROM pathway_task LIMIT 1"))).one()
    owner = (await desk.partnership.member("social_worker")).person_id
    assert started_run is not None
    async with connected(door.application) as wire:
        await wire.init((await door.of(desk.partnership, owner)).token)
        name = await started(wire, operation("WatchMyTasks"))
        async with desk.partnership.session() as session:
            await session.execute(text("UPDATE pathway_task SET owner_id = :o WHERE id = :t AND tenant_id ="
                                       " app.current_tenant()"), {"o": owner, "t": task.id})  # fmt: skip
            await session.commit()
        assert (await told(wire, name, "myTasks"))["id"] == encode("PathwayTask", task.id)
        async with desk.partnership.session() as session:
            await session.execute(text("UPDATE pathway_task SET owner_id = NULL WHERE id = :t AND tenant_id ="
                                       " app.current_tenant()"), {"t": task.id})  # fmt: skip
            await session.commit()
        assert (await told(wire, name, "myTasks"))["id"] == encode("PathwayTask", task.id)


async def test_an_old_cursor_says_to_begin_anew(desk: Desk, wire: Wire, clock: Clock) -> None:
    since = (await desk.api.run(operation("Changes"), first=1))["changes"]["cursor"]
    await clock.advance(timedelta(days=15))
    await wire.init(desk.api.token)
    name = await wire.subscribe(operation("WatchMyAlerts"), since=since)
    refused = await wire.hear_of(name)
    assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "RESYNC_NEEDED")


@pytest.mark.parametrize(
    "payload", [{}, {"authorization": "Bearer x"}, {"authorization": 5}, {"authorization": "Basic x"}]
)
async def test_nobody_enters_without_a_token(wire: Wire, payload: JSON) -> None:
    await wire.say({"type": "connection_init", "payload": payload})
    with pytest.raises(Closed) as closed:
        await wire.hear()
    assert closed.value.code in (4400, 4403)


async def test_another_protocol_is_not_spoken(door: Door) -> None:
    async with connected(door.application, "graphql-ws") as wire:
        with pytest.raises(Closed) as closed:
            await wire.hear()
        assert closed.value.code == 4406


async def test_queries_mutations_and_documents_with_faults_are_refused(desk: Desk, wire: Wire) -> None:
    await wire.init(desk.api.token)
    for document, code in (
        ("{ me { roles } }", "OPERATION_NOT_SUPPORTED"),
        ("subscription { myAlerts { nothing } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { myAlerts { id } myTasks { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
    ):
        name = await wire.subscribe(document)
        refused = await wire.hear_of(name)
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", code)
    name = fresh_key()
    await wire.say({"type": "subscribe", "id": name, "payload": {"documentId": "sha256:" + "0" * 64}})
    assert (await wire.hear_of(name))["payload"][0]["extensions"]["code"] == "UNKNOWN_DOCUMENT"


NEEDS = {
    "myAlerts": (Permission.VIEW_ALERTS, "subscription { myAlerts { id } }"),
    "myTasks": (Permission.VIEW_CASES, "subscription { myTasks { id } }"),
    "alertSlots": (Permission.VIEW_ALERTS, "subscription ($id: ID!) { alertSlots(alertId: $id) { id } }"),
    "caseChanges": (Permission.VIEW_CASES, "subscription ($id: ID!) { caseChanges(caseId: $id) { id } }"),
}


@pytest.mark.parametrize("field", sorted(schema.core.subscription_type.fields))  # type: ignore[union-attr]
async def test_who_lacks_the_role_follows_nothing(door: Door, cambs: Partnership, wire: Wire, field: str) -> None:
    needs, document = NEEDS[field]
    role = next(role for role, permissions in ROLES.items() if needs not in permissions)
    somebody = await door.subject_of(cambs, (await cambs.member("cdop_manager")).person_id)
    await door.change_roles(cambs, somebody, role)
    await wire.init(door.person(somebody).token)
    kind = "Case" if field == "caseChanges" else "Alert"
    name = await wire.subscribe(document, id=encode(kind, uuid4()))
    refused = await wire.hear_of(name)
    assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "FORBIDDEN")
