"""Other systems are told of what happened: signed, ids only, for three days, and never into our own network."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
from sqlalchemy import text
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from backend.cases.service import open_case
from backend.kit.actors import RUNS
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Invalid, NotFound
from backend.kit.settings import settings
from graphql_api.ids import TAGS, decode
from notifications.webhooks import pruning, sending, service, tasks, telling
from notifications.webhooks.events import ALERT_MET, ALERT_RAISED, CASE_OPENED, EVENTS, schema_of
from notifications.webhooks.events import TAGS as OURS
from notifications.webhooks.models import (
    EndpointState,
    MessageState,
    WebhookAttempt,
    WebhookEndpoint,
    WebhookEvent,
    WebhookMessage,
)
from notifications.webhooks.sending import WAITS
from support.api import rows
from support.applications import grant, registered
from support.partnership import CHILD, Partnership
from support.scene import Scene
from tenants.partnerships import repository as partnerships

JSON = dict[str, Any]


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    yield
    settings.cache_clear()


def url(name: str = "system") -> str:
    return f"{settings().fcm_base_url}/webhooks/{name}"


async def endpoint(partnership: Partnership, *types: str, **more: Any) -> tuple[UUID, str]:
    """An endpoint of the partnership's own unless told otherwise, and its secret."""
    by = (await partnership.member("administrator")).person_id
    given: JSON = {"name": "System", "url": url(), "types": types or (ALERT_RAISED,), "application_id": None, **more}
    async with partnership.session() as session:
        made, secret = await service.create(session, uuid7(), by=by, **given)
        await session.commit()
    return made.id, secret


async def do(partnership: Partnership, name: str, endpoint_id: UUID, *rest: Any) -> Any:
    by = (await partnership.member("administrator")).person_id
    async with partnership.session() as session:
        done = await getattr(service, name)(session, endpoint_id, *rest, by=by)
        await session.commit()
    return done


def received(scene: Scene, name: str = "system") -> list[JSON]:
    return [one for one in scene.phones.messages() if one["channel"] == "webhook" and one["to"] == name]


def verified(message: JSON, secret: str) -> JSON:
    headers = {
        "webhook-id": message["id"],
        **{key: message["data"][key] for key in message["data"] if "webhook" in key},
    }
    body: JSON = Webhook(secret).verify(message["body"], headers)
    return body


async def state_of(partnership: Partnership) -> EndpointState:
    (row,) = await rows(partnership, WebhookEndpoint)
    return row.state


async def test_an_alert_is_told_signed_and_by_ids_alone(scene: Scene, cambs: Partnership) -> None:
    _, secret = await endpoint(cambs, ALERT_RAISED, CASE_OPENED)
    await scene.report()
    told = {message["id"]: verified(message, secret) for message in received(scene)}
    kinds = sorted(body["type"] for body in told.values())
    assert kinds.count(CASE_OPENED) == 1
    assert kinds.count(ALERT_RAISED) >= 1
    ids = {decode(body["data"]["id"]) for body in told.values()}
    assert ("Alert", scene.alert_id) in ids
    for body in told.values():
        jsonschema_rs.validate(schema_of(EVENTS[body["type"]]), body)
        assert body["data"]["partnership"] == cambs.slug
    assert CHILD not in json.dumps(received(scene))
    with pytest.raises(WebhookVerificationError):
        verified(received(scene)[0], secret[:-4] + "AAA=")
    assert {row.state for row in await rows(cambs, WebhookMessage)} == {MessageState.DELIVERED}


async def test_what_nobody_listens_for_leaves_no_trace(scene: Scene, cambs: Partnership) -> None:
    await scene.report()
    assert await rows(cambs, WebhookEvent) == []
    await endpoint(cambs, ALERT_MET)
    await scene.report()
    assert await rows(cambs, WebhookEvent) == []
    assert received(scene) == []


async def test_an_event_that_is_rolled_back_with_its_fact_is_never_told(scene: Scene, cambs: Partnership) -> None:
    await endpoint(cambs, CASE_OPENED)
    async with cambs.session() as session:
        await open_case(session, "initial-assessment", None, uuid7())
        await session.flush()
        await session.rollback()
    await scene.work.run_due()
    assert received(scene) == []


async def test_no_partnership_hears_of_another(scene: Scene, cambs: Partnership, herts: Partnership) -> None:
    await endpoint(herts, ALERT_RAISED, CASE_OPENED)
    await scene.report()
    assert received(scene) == []
    assert await rows(herts, WebhookEvent) == []


async def test_an_endpoint_that_is_down_is_tried_for_three_days_then_paused_and_its_keepers_told(
    scene: Scene, cambs: Partnership
) -> None:
    endpoint_id, secret = await endpoint(cambs, CASE_OPENED)
    scene.phones.misbehave("error500", provider="webhook")
    await scene.report()
    assert sum(WAITS, timedelta()) > timedelta(hours=71)
    for number, wait in enumerate(WAITS, start=1):
        made = await rows(cambs, WebhookAttempt)
        assert (len(made), made[-1].status, made[-1].delivered) == (number, 500, False)
        await scene.at(made[-1].at + wait - timedelta(seconds=1))
        await scene.work.run_due(rounds=2)
        assert len(await rows(cambs, WebhookAttempt)) == number
        await scene.clock.advance(timedelta(seconds=1))
        await scene.work.run_due(rounds=2)
    assert len(await rows(cambs, WebhookAttempt)) == len(WAITS) + 1
    assert await state_of(cambs) == EndpointState.FAILING
    await scene.work.run_due()
    assert "webhook-paused" in scene.phones.new()
    # What happens meanwhile is kept, and sent once somebody resumes it.
    scene.phones.behave()
    assert received(scene) == []
    await do(cambs, "resume", endpoint_id)
    await scene.work.run_due()
    assert [verified(one, secret)["type"] for one in received(scene)] == [CASE_OPENED]
    assert (await rows(cambs, WebhookEndpoint))[0].failing_since is None


async def test_a_retry_has_the_id_that_the_first_attempt_had(scene: Scene, cambs: Partnership) -> None:
    _, secret = await endpoint(cambs, CASE_OPENED)
    scene.phones.misbehave("error500", provider="webhook", count=1)
    await scene.report()
    (message,) = await rows(cambs, WebhookMessage)
    await scene.wait(WAITS[0])
    (sent,) = received(scene)
    verified(sent, secret)
    assert sent["id"] == str(message.event_id)
    assert [row.delivered for row in await rows(cambs, WebhookAttempt)] == [False, True]


async def test_an_endpoint_that_is_gone_is_paused_at_once(scene: Scene, cambs: Partnership) -> None:
    await endpoint(cambs, CASE_OPENED)
    scene.phones.misbehave("unregistered", provider="webhook")  # 410
    await scene.report()
    assert await state_of(cambs) == EndpointState.FAILING
    assert len(await rows(cambs, WebhookAttempt)) == 1


async def test_a_worker_that_dies_after_it_took_a_message_loses_nothing(scene: Scene, cambs: Partnership) -> None:
    await endpoint(cambs, CASE_OPENED)
    await scene.report(send=False)
    async with cambs.session() as session:
        (event,) = await rows(cambs, WebhookEvent)
        tell = await session.scalar(text("SELECT id FROM routing.task WHERE actor = 'tell_webhooks'"))
    await RUNS[telling.TELL_WEBHOOKS](cambs.id, tell)
    async with cambs.session() as session:
        task = await session.scalar(text("SELECT id FROM routing.task WHERE actor = 'send_webhook'"))
        claimed = await sending.claim(session, task)
        await session.commit()
    assert claimed is not None
    assert claimed.headers["webhook-id"] == str(event.id)
    await scene.work.run_due()  # nobody else takes it while the lease holds
    assert received(scene) == []
    await scene.wait(sending.LEASE)
    assert [one["id"] for one in received(scene)] == [str(event.id)]
    # The dead one comes back to life: its word counts for nothing any more.
    async with cambs.session() as session:
        await sending.record(session, claimed, sending.Outcome(500, "status 500", 1))
        await session.commit()
    assert (await rows(cambs, WebhookMessage))[0].state == MessageState.DELIVERED


async def attempt_each(partnership: Partnership) -> None:
    """As a worker does, one task after another."""
    async with partnership.session() as session:
        due = await session.scalars(
            text("SELECT id FROM routing.task WHERE actor = 'send_webhook' AND due_at <= app.now()")
        )
    for task in due.all():
        await RUNS[telling.SEND_WEBHOOK](partnership.id, task)


async def test_an_endpoint_that_is_slow_to_answer_keeps_no_worker_from_what_else_is_owed(
    scene: Scene, cambs: Partnership
) -> None:
    await endpoint(cambs, CASE_OPENED, url=url("slow"))
    scene.phones.misbehave("slow", provider="webhook", seconds=8)
    await scene.report(send=False)
    await scene.work.run_due(telling.TELL_WEBHOOKS)
    await attempt_each(cambs)
    assert await rows(cambs, WebhookAttempt) == [], "a worker waited for the answer"
    await asyncio.gather(*tasks.under_way)
    assert [(one.number, one.delivered) for one in await rows(cambs, WebhookAttempt)] == [(1, True)]
    await scene.wait(sending.LEASE)
    assert len(received(scene, "slow")) == 1, "what was delivered in the background is not sent again"


async def test_no_endpoint_is_called_too_often_at_once_and_the_rest_is_sent_soon(
    scene: Scene, cambs: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "MOST_AT_ONCE", 2)
    endpoint_id, _ = await endpoint(cambs, CASE_OPENED, url=url("slow"))
    scene.phones.misbehave("slow", provider="webhook", seconds=8)
    for _ in range(5):
        await do(cambs, "test", endpoint_id)
    await attempt_each(cambs)
    assert len(tasks.under_way) == 2
    scene.phones.behave()
    await asyncio.gather(*tasks.under_way)
    for _ in range(2):
        await scene.clock.advance(sending.BUSY)
        await attempt_each(cambs)
        await asyncio.gather(*tasks.under_way)
    assert [row.state for row in await rows(cambs, WebhookMessage)] == [MessageState.DELIVERED] * 5
    assert len(await rows(cambs, WebhookAttempt)) == 5, "what had to wait was not tried"


async def test_a_rotated_secret_overlaps_with_the_one_before(scene: Scene, cambs: Partnership) -> None:
    endpoint_id, old = await endpoint(cambs, CASE_OPENED)
    _, new = await do(cambs, "rotate_secret", endpoint_id, timedelta(hours=1))
    await do(cambs, "test", endpoint_id)
    await scene.work.run_due()
    (both,) = received(scene)
    assert verified(both, old) == verified(both, new)
    await scene.clock.advance(timedelta(hours=1))
    await do(cambs, "test", endpoint_id)
    await scene.work.run_due()
    later = received(scene)[-1]
    assert verified(later, new)["type"] == "webhook.test"
    with pytest.raises(WebhookVerificationError):
        verified(later, old)


async def test_a_secret_that_was_promised_to_count_for_a_while_is_not_cut_short_by_another(
    scene: Scene, cambs: Partnership
) -> None:
    """The answer with the second one was lost on the way, and so it was rotated again."""
    endpoint_id, first = await endpoint(cambs, CASE_OPENED)
    _, second = await do(cambs, "rotate_secret", endpoint_id, timedelta(hours=3))
    _, third = await do(cambs, "rotate_secret", endpoint_id, timedelta(hours=1))
    await scene.clock.advance(timedelta(hours=2))
    await do(cambs, "test", endpoint_id)
    await scene.work.run_due()
    (sent,) = received(scene)
    assert [verified(sent, one)["type"] for one in (first, second, third)] == ["webhook.test"] * 3
    _, last = await do(cambs, "rotate_secret", endpoint_id, timedelta())  # they have leaked
    await do(cambs, "test", endpoint_id)
    await scene.work.run_due()
    assert verified(received(scene)[-1], last)["type"] == "webhook.test"
    for one in (first, second, third):
        with pytest.raises(WebhookVerificationError):
            verified(received(scene)[-1], one)


async def test_what_happened_is_sent_again_on_request_by_the_ids_it_had(scene: Scene, cambs: Partnership) -> None:
    endpoint_id, _ = await endpoint(cambs, CASE_OPENED)
    await scene.report()
    since = (await rows(cambs, WebhookEvent))[0].at
    assert await do(cambs, "replay", endpoint_id, since) == 1
    await scene.work.run_due()
    first, second = received(scene)
    assert (first["id"], first["body"]) == (second["id"], second["body"])
    with pytest.raises(Invalid, match="30 days"):
        await do(cambs, "replay", endpoint_id, since - timedelta(days=31))
    await do(cambs, "pause", endpoint_id)
    with pytest.raises(Conflict, match="paused"):
        await do(cambs, "replay", endpoint_id, since)
    with pytest.raises(Conflict, match="paused"):
        await do(cambs, "test", endpoint_id)


async def test_an_endpoint_hears_of_its_own_areas_and_of_what_is_of_none(scene: Scene, cambs: Partnership) -> None:
    async with cambs.session() as session:
        areas = {area.code: area.id for area in await partnerships.areas(session)}
    both = (CASE_OPENED, ALERT_RAISED)
    for code in ("cambridgeshire", "peterborough"):
        await endpoint(cambs, *both, url=url(code), area_ids=[areas[code]])
    everywhere, _ = await endpoint(cambs, *both, url=url("everywhere"))
    await scene.report()  # in Cambridgeshire, with alerts of its case and of its coroner
    (event,) = [row for row in await rows(cambs, WebhookEvent) if row.type == CASE_OPENED]
    heard = {code: {one["id"] for one in received(scene, code)} for code in (*areas, "everywhere")}
    assert str(event.id) in heard["cambridgeshire"]
    assert heard["cambridgeshire"] == heard["everywhere"]
    assert heard["peterborough"] == set()
    async with cambs.session() as session:
        await open_case(session, "initial-assessment", None, uuid7())
        await session.commit()
    await scene.work.run_due()
    assert [len(received(scene, code)) for code in ("peterborough", "everywhere")] == [1, len(heard["everywhere"]) + 1]
    # Sent again, each hears what it heard.
    (peterborough,) = [row.id for row in await rows(cambs, WebhookEndpoint) if row.url == url("peterborough")]
    assert await do(cambs, "replay", peterborough, event.at) == 1
    assert await do(cambs, "replay", everywhere, event.at) == len(heard["everywhere"]) + 1
    with pytest.raises(NotFound, match="area"):
        await endpoint(cambs, *both, area_ids=[uuid7()])


async def test_what_was_told_is_forgotten_after_its_time_and_nothing_that_is_owed(
    scene: Scene, cambs: Partnership
) -> None:
    told, _ = await endpoint(cambs, CASE_OPENED, url=url("told"))
    held, _ = await endpoint(cambs, CASE_OPENED, url=url("held"))
    left, _ = await endpoint(cambs, CASE_OPENED, url=url("left"))
    for waiting in (held, left):
        await do(cambs, "pause", waiting)
    await scene.report()
    (event,) = await rows(cambs, WebhookEvent)
    assert await pruned(cambs) == 0

    await scene.at(event.at + pruning.KEPT - timedelta(minutes=1))
    assert await pruned(cambs) == 0, "it can still be asked for"
    assert await do(cambs, "replay", told, event.at) == 1
    await scene.work.run_due()
    await scene.clock.advance(timedelta(hours=1))
    assert await pruned(cambs) == 1, "the first message and not the second, which went an hour ago"
    assert [row.replayed for row in await rows(cambs, WebhookMessage) if row.endpoint_id == told] == [True]
    assert len(await rows(cambs, WebhookAttempt)) == 1

    await scene.clock.advance(pruning.KEPT)
    await do(cambs, "retire", left)
    assert await pruned(cambs) == 2
    (message,) = await rows(cambs, WebhookMessage)
    assert (message.endpoint_id, message.state) == (held, MessageState.HELD)
    assert await rows(cambs, WebhookAttempt) == []
    assert [row.id for row in await rows(cambs, WebhookEvent)] == [event.id], "what is owed keeps its event"

    await do(cambs, "resume", held)
    await scene.work.run_due()
    assert [one["id"] for one in received(scene, "held")] == [str(event.id)]
    await scene.clock.advance(pruning.KEPT + timedelta(minutes=1))
    assert await pruned(cambs) == 1
    assert await rows(cambs, WebhookEvent) == []


async def test_what_failed_is_kept_as_long_as_it_can_be_sent_again_and_what_nobody_was_told_of_yet_too(
    scene: Scene, cambs: Partnership
) -> None:
    endpoint_id, _ = await endpoint(cambs, CASE_OPENED)
    await scene.report(send=False)
    await scene.clock.advance(pruning.KEPT + timedelta(days=1))
    await pruned(cambs)
    assert len(await rows(cambs, WebhookEvent)) == 1, "the worker has not come to it"
    await do(cambs, "pause", endpoint_id)
    async with cambs.session() as session:
        await session.execute(text("UPDATE webhook_endpoint SET state = 'active'"))
        await session.commit()
    scene.phones.misbehave("error500", provider="webhook")
    await scene.work.run_due(rounds=3)
    async with cambs.session() as session:
        await session.execute(text("UPDATE webhook_message SET state = 'failed'"))
        await session.commit()
    scene.phones.behave()
    assert await pruned(cambs) == 0
    await scene.clock.advance(pruning.KEPT + timedelta(minutes=1))
    assert await pruned(cambs) == 1


async def pruned(partnership: Partnership) -> int:
    async with partnership.session() as session:
        done = await pruning.prune(session, most=1_000)
        await session.commit()
    return done


async def test_a_paused_endpoint_is_not_called_and_misses_nothing(scene: Scene, cambs: Partnership) -> None:
    endpoint_id, _ = await endpoint(cambs, CASE_OPENED)
    await do(cambs, "pause", endpoint_id)
    await scene.report()
    assert received(scene) == []
    await do(cambs, "resume", endpoint_id)
    await scene.work.run_due()
    assert len(received(scene)) == 1
    await do(cambs, "retire", endpoint_id)
    await scene.report()
    assert len(received(scene)) == 1
    with pytest.raises(Conflict, match="retired"):
        await do(cambs, "resume", endpoint_id)


async def test_an_application_is_told_of_what_it_was_granted_and_for_as_long(
    scene: Scene, cambs: Partnership, herts: Partnership
) -> None:
    app = await registered()
    await grant(herts, app, "cases:notify", "alerts:read")
    with pytest.raises(Invalid, match="none, before"):
        await endpoint(cambs, CASE_OPENED, application_id=app.id)
    await grant(cambs, app, "cases:notify")
    with pytest.raises(Invalid, match=r"case\.opened"):
        await endpoint(cambs, ALERT_RAISED, application_id=app.id)
    await endpoint(cambs, CASE_OPENED, application_id=app.id)
    await scene.report()
    assert len(received(scene)) == 1
    await grant(cambs, app, "rotas:read")
    await scene.report()
    assert len(received(scene)) == 1


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1/x", "https://10.0.0.1/x", "https://169.254.169.254/latest", "https://[::1]/x",
     "https://localhost/x", "http://example.org/x", "https://user:word@example.org/", "https://example.org/#x"],
)  # fmt: skip
async def test_an_address_in_a_private_network_is_refused_by_its_field(
    cambs: Partnership, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("PRIVATE_TARGETS", "false")
    settings.cache_clear()
    with pytest.raises(Invalid, match="url"):
        await endpoint(cambs, CASE_OPENED, url=address)
    assert await rows(cambs, WebhookEndpoint) == []


async def test_an_address_that_is_none_is_refused_by_its_field(cambs: Partnership) -> None:
    for address in ("https://[::1", "https://[v1.x]/", "https://system.example.org:port/", "system", ""):
        with pytest.raises(Invalid, match="url"):
            await endpoint(cambs, CASE_OPENED, url=address)


async def test_an_address_that_turns_private_after_it_was_entered_is_not_called(
    scene: Scene, cambs: Partnership, monkeypatch: pytest.MonkeyPatch
) -> None:
    await endpoint(cambs, CASE_OPENED)
    monkeypatch.setenv("PRIVATE_TARGETS", "false")
    settings.cache_clear()
    await scene.report()
    (made,) = await rows(cambs, WebhookAttempt)
    assert (made.status, made.delivered) == (None, False)
    assert "private" in made.outcome or "https" in made.outcome
    assert received(scene) == []


def test_the_ids_in_messages_are_those_of_the_api() -> None:
    assert {kind: TAGS[kind] for kind in OURS} == OURS
    assert {event.kind for event in EVENTS.values()} == set(OURS)
