"""Firebase's answers in our terms, and what a push carries, against the stand-in."""

import asyncio
import json
import time
from uuid import uuid4

import pytest

from backend.kit.settings import settings
from infra.dev.supervisor import free_port
from notifications.channels.fcm import Fcm
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from support.scene import WORDS, Phones

DEVICE = "device-invented"


def message(device: str = DEVICE) -> Message:
    return Message(str(uuid4()), device, "rapid-response-page", WORDS)


async def test_a_push_is_handed_over_under_the_providers_name(phones: Phones) -> None:
    outcome = await Fcm().send(message())
    (received,) = phones.messages()
    assert outcome == HandedOver(received["id"])
    assert received["to"] == DEVICE


async def test_a_push_carries_the_reference_fixed_words_and_rings_at_once(phones: Phones) -> None:
    await Fcm().send(message())
    raw = phones.carrier.get("/dev/raw").text
    body = json.loads(raw[raw.index('{"message"') :])["message"]
    assert body["data"] == {"reference": WORDS["reference"], "link": WORDS["link"]}, "nothing that answers a call"
    assert body["notification"] == {"title": "Safeguard", "body": "You are called. Open the app to answer."}
    assert body["android"] == {"priority": "HIGH", "ttl": "600s", "collapse_key": "7F3K-2Q9D"}
    apple = body["apns"]["headers"]
    assert (apple["apns-priority"], apple["apns-collapse-id"]) == ("10", "7F3K-2Q9D")
    assert int(apple["apns-expiration"]) >= time.time() + 590
    assert set(body) == {"token", "data", "notification", "android", "apns"}


@pytest.mark.parametrize(
    ("mode", "outcome", "taken"),
    [
        ("error500", Unknown("status 500"), 0),
        ("rate_limit", NotTaken("status 429"), 0),
        ("unregistered", Refused("unregistered device", dead=True), 0),
        ("timeout", Unknown("ServerDisconnectedError"), 0),
        ("drop_after_accept", Unknown("ServerDisconnectedError"), 1),
    ],
)
async def test_each_fault_is_named_for_what_may_have_happened(
    phones: Phones, mode: str, outcome: Outcome, taken: int
) -> None:
    provider = Fcm()
    await provider.send(message("device-before"))
    phones.misbehave(mode, DEVICE, count=1, seconds=0.05)
    assert await provider.send(message()) == outcome
    ours = [one for one in phones.messages() if one["provider"] == "fcm"]  # another test's may come late
    assert len(ours) == 1 + taken
    assert await provider.find("any") is None


async def test_an_answer_that_cannot_be_read_is_unknown(phones: Phones) -> None:
    phones.misbehave("unparseable", count=1)
    assert isinstance(await Fcm().send(message()), Unknown)


async def test_a_dead_device_is_refused_for_good_and_a_missing_one_only_now(phones: Phones) -> None:
    assert await Fcm().send(message("dead-device")) == Refused("unregistered device", dead=True)
    assert [one for one in phones.messages() if one["provider"] == "fcm"] == []


async def test_an_access_token_is_asked_for_once_and_kept(phones: Phones) -> None:
    provider = Fcm()
    await asyncio.gather(*(provider.send(message()) for _ in range(5)))
    await provider.send(message())
    assert phones.carrier.get("/dev/raw").text.count("POST /token ") == 1


async def test_a_withdrawn_access_token_costs_one_attempt(phones: Phones) -> None:
    provider = Fcm()
    await provider.send(message())
    provider._token = "withdrawn"
    assert await provider.send(message()) == NotTaken("status 401")
    assert isinstance(await provider.send(message()), HandedOver)


async def test_nobody_at_the_address_means_that_nothing_was_taken(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Fcm()
    await provider.send(message())
    monkeypatch.setenv("FCM_BASE_URL", f"http://127.0.0.1:{free_port()}")
    settings.cache_clear()
    assert await provider.send(message()) == NotTaken("no connection")


async def test_without_an_account_it_is_a_fault_and_not_an_exception(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FCM_SERVICE_ACCOUNT_FILE")
    settings.cache_clear()
    assert await Fcm().send(message()) == NotTaken("FCM_SERVICE_ACCOUNT_FILE is not set")
    assert phones.messages() == []
