"""A key answers a call for the person who was called. A machine, silence or a stranger never does."""

import hashlib
import json
import time
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from infra.dev.clock import Clock
from notifications.alerts.models import Answer, Factor, SlotAnswer, Via
from notifications.deliveries.models import Delivery
from support.api import rows
from support.partnership import Partnership
from support.scene import Phones, Scene, coming, forget_daily_work
from support.work import Work

Api = httpx.AsyncClient


@pytest.fixture
async def scene(
    cambs: Partnership, environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client
) -> Scene:
    """An alert whose investigating officer can be called by telephone alone."""
    await forget_daily_work(cambs)
    await clock.freeze(coming(weekday=1, hour=12))
    made = Scene(cambs, environment, clock, work, Phones(carrier))
    sio = await made.on_call("sio")
    await made.change("DELETE FROM contact_method WHERE channel <> 'sms' AND person_id = :sio", sio=sio)
    await made.change("UPDATE contact_method SET channel = 'voice' WHERE person_id = :sio", sio=sio)
    made.phones.misbehave("no_receipt", provider="vonage")
    await made.report()
    return made


@pytest.fixture
async def sio(scene: Scene) -> UUID:
    return await scene.on_call("sio")


async def call(scene: Scene) -> Delivery:
    return (await scene.deliveries("sio"))[0]


async def tell(
    api: Api, scene: Scene, what: str, told: dict[str, Any], *, secret: str | None = None, at: float | None = None,
    altered: bool = False, reference: str | None = None,
) -> httpx.Response:  # fmt: skip
    """Report something of the call as Vonage does, signed unless told otherwise."""
    delivery = await call(scene)
    body = json.dumps({"uuid": delivery.provider_id, **told}).encode()
    claims = {"iat": int(at or time.time()), "jti": str(uuid4()), "iss": "Vonage",
              "payload_hash": hashlib.sha256(body + b" " * altered).hexdigest()}  # fmt: skip
    key = OctKey.import_key(secret or scene.environment["VONAGE_SIGNATURE_SECRET"])
    headers = {"Authorization": f"Bearer {jwt.encode({'alg': 'HS256'}, claims, key)}"}
    named = reference or f"{scene.partnership.id}.{delivery.id}"
    return await api.post(f"/callbacks/voice/{named}/{what}", content=body, headers=headers)


def key(digits: str) -> dict[str, Any]:
    return {"dtmf": {"digits": digits, "timed_out": not digits}}


async def test_the_key_1_answers_for_the_person_who_was_called(api: Api, scene: Scene, sio: UUID) -> None:
    answer = await tell(api, scene, "keys", key("1"))
    assert answer.status_code == 200
    assert answer.json()[0]["text"].startswith("Thank you. You have answered")
    slot = await scene.slot("sio")
    assert (slot.state, slot.acknowledged_by) == ("acknowledged", sio)
    assert (await call(scene)).state == "opened"
    again = await tell(api, scene, "keys", key("1"))
    assert again.json() == answer.json()
    (given,) = await rows(scene.partnership, SlotAnswer)
    assert (given.via, given.factor, given.person_id) == (Via.VOICE, Factor.NUMBER, sio)
    assert (given.delivery_id, given.received_id) == ((await call(scene)).id, (await call(scene)).provider_id)


async def test_who_may_not_answer_in_the_app_may_not_by_key(api: Api, scene: Scene, sio: UUID) -> None:
    await scene.change("UPDATE membership SET roles = '[]' WHERE person_id = :sio", sio=sio)
    answer = await tell(api, scene, "keys", key("1"))
    assert answer.json()[0]["text"].startswith("This call cannot be answered by telephone")
    assert (await scene.slot("sio")).state == "paging"
    assert await rows(scene.partnership, SlotAnswer) == []


async def test_a_call_that_ends_after_the_key_has_not_failed(api: Api, scene: Scene) -> None:
    await tell(api, scene, "keys", key("1"))
    assert (await tell(api, scene, "events", {"status": "completed"})).status_code == 204
    assert (await call(scene)).state == "opened"


@pytest.mark.parametrize("digits", ["2", "9", "*"])
async def test_another_key_says_it_again_and_answers_nothing(api: Api, scene: Scene, digits: str) -> None:
    answer = await tell(api, scene, "keys", key(digits))
    talk, heard = answer.json()
    assert "Press 1 to answer" in talk["text"]
    assert (talk["bargeIn"], heard["action"]) == (True, "input")
    assert (await scene.slot("sio")).state == "paging"
    assert (await call(scene)).state == "opened"


async def test_no_key_answers_nothing(api: Api, scene: Scene) -> None:
    assert (await tell(api, scene, "keys", key(""))).json() == []
    assert (await scene.slot("sio")).state == "paging"
    assert (await call(scene)).state == "handed_over"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("machine", "answered by a machine"),
        ("completed", "nobody pressed a key"),
        ("unanswered", "nobody picked up"),
        ("busy", "the line was busy"),
    ],
)
async def test_voicemail_is_not_a_person_and_the_next_is_called_at_once(
    api: Api, scene: Scene, status: str, reason: str
) -> None:
    for progress in ("started", "ringing", "answered", "human"):
        await tell(api, scene, "events", {"status": progress})
        assert (await call(scene)).state == "handed_over"
    await tell(api, scene, "events", {"status": status})
    delivery = await call(scene)
    assert (delivery.state, delivery.failure) == ("failed", reason)
    assert (await scene.slot("sio")).acknowledged_by is None
    await scene.work.run_due()
    assert [page.answer for page in await scene.pages("sio")][:1] == [Answer.UNREACHABLE]


async def test_who_comes_second_is_told_so(api: Api, scene: Scene, sio: UUID) -> None:
    await scene.change(
        "UPDATE alert_slot SET state = 'acknowledged', acknowledged_at = app.now(), acknowledged_by ="
        " (SELECT id FROM person WHERE id <> :sio LIMIT 1) WHERE role = 'sio'", sio=sio,
    )  # fmt: skip
    answer = await tell(api, scene, "keys", key("1"))
    assert answer.json()[0]["text"].startswith("Somebody else has answered already.")


async def test_who_presses_after_the_end_is_not_told_that_somebody_answered(api: Api, scene: Scene) -> None:
    await scene.change("UPDATE alert_slot SET state = 'cancelled' WHERE role = 'sio'")
    answer = await tell(api, scene, "keys", key("1"))
    assert answer.json()[0]["text"].startswith("This call has ended already.")


async def test_a_stranger_a_replay_and_an_altered_body_are_refused(api: Api, scene: Scene) -> None:
    for wrong in (
        {"secret": "another-secret-of-some-length"},
        {"at": time.time() - 3600},
        {"altered": True},
    ):
        answer = await tell(api, scene, "keys", key("1"), **wrong)
        assert answer.status_code == 401
    assert (await api.post(f"/callbacks/voice/{uuid4()}.{uuid4()}/keys", json=key("1"))).status_code == 401
    assert (await scene.slot("sio")).state == "paging"


async def test_a_key_of_another_call_or_of_none_answers_nothing(api: Api, scene: Scene, herts: Partnership) -> None:
    assert (await tell(api, scene, "keys", {**key("1"), "uuid": str(uuid4())})).json() == []
    delivery = (await call(scene)).id
    for other in (f"{scene.partnership.id}.{uuid4()}", f"{herts.id}.{delivery}", "nonsense"):
        assert (await tell(api, scene, "keys", key("1"), reference=other)).json() == []
    assert (await scene.slot("sio")).state == "paging"


async def test_a_desk_of_the_directory_cannot_answer_by_key(api: Api, scene: Scene) -> None:
    await scene.change("UPDATE page SET person_id = NULL")
    assert (await tell(api, scene, "keys", key("1"))).json()[0]["text"] == "Thank you."
    assert (await scene.slot("sio")).state == "paging"
