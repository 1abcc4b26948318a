"""Apple's answers in our terms, over HTTP/2 with a provider token that the stand-in verifies."""

import ssl
import time
from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from backend.kit.settings import settings
from infra.dev.supervisor import free_port
from notifications.channels.apns import Apns
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown, parse_reference
from support.scene import Phones

DEVICE = "a1b2c3"
Make = Callable[..., Message]


async def test_a_push_rings_at_once_lives_as_long_as_the_step_and_replaces_its_like(
    phones: Phones, message: Make
) -> None:
    sent = message(DEVICE, time_to_live=3600, critical=True)
    _, delivery_id = parse_reference(sent.reference)
    assert await Apns().send(sent) == HandedOver(str(delivery_id))
    (received,) = phones.messages()
    data = received["data"]
    assert (received["provider"], received["to"], UUID(received["id"])) == ("apns", DEVICE, delivery_id)
    assert (received["subject"], received["body"]) == ("Safeguard", "You are called. Open the app to answer.")
    assert (data["apns-priority"], data["apns-push-type"], data["apns-collapse-id"]) == ("10", "alert", "7F3K-2Q9D")
    assert int(data["apns-expiration"]) >= time.time() + 3590
    assert (data["reference"], data["interruption-level"]) == ("7F3K-2Q9D", "time-sensitive")


@pytest.mark.parametrize(("critical", "level"), [(True, "critical"), (False, "active")])
async def test_it_breaks_through_only_where_policy_says_so_and_somebody_must_answer(
    phones: Phones, message: Make, point_elsewhere: Callable[..., None], level: str, *, critical: bool
) -> None:
    point_elsewhere(APNS_INTERRUPTION_LEVEL="critical")
    await Apns().send(message(DEVICE, critical=critical))
    assert phones.messages()[0]["data"]["interruption-level"] == level


async def test_nothing_but_http2_is_spoken_there(phones: Phones) -> None:
    trust = ssl.create_default_context(cafile=settings().apns_ca_file)
    async with httpx.AsyncClient(verify=trust) as old:
        answer = await old.post(f"{settings().apns_base_url}/3/device/{DEVICE}", json={})
    assert (answer.http_version, answer.status_code) == ("HTTP/1.1", 400)


@pytest.mark.parametrize(
    ("mode", "outcome", "taken"),
    [
        ("error500", Unknown("status 500"), 0),
        ("rate_limit", NotTaken("status 429"), 0),
        ("unregistered", Refused("unregistered device", dead=True), 0),
        ("timeout", Unknown("RemoteProtocolError"), 0),
    ],
)
async def test_each_fault_is_named_for_what_may_have_happened(
    phones: Phones, message: Make, mode: str, outcome: Outcome, taken: int
) -> None:
    phones.misbehave(mode, provider="apns", count=1, seconds=0.05)
    made = await Apns().send(message(DEVICE))
    assert made == outcome or (isinstance(outcome, Unknown) and isinstance(made, Unknown))
    assert len(phones.messages()) == taken


async def test_a_silent_service_is_given_up_in_time_and_the_connection_is_made_anew(
    phones: Phones, message: Make
) -> None:
    provider = Apns()
    phones.misbehave("slow", provider="apns", count=1, seconds=60)
    began = time.monotonic()
    assert isinstance(await provider.send(message(DEVICE)), Unknown)
    assert time.monotonic() - began < 20
    assert isinstance(await provider.send(message(DEVICE)), HandedOver)


async def test_a_dead_device_is_dead(phones: Phones, message: Make) -> None:
    assert await Apns().send(message("dead-device")) == Refused("unregistered device", dead=True)


async def test_what_is_set_up_wrongly_can_be_mended(
    phones: Phones, message: Make, point_elsewhere: Callable[..., None]
) -> None:
    point_elsewhere(APNS_TEAM_ID="ANOTHER")
    assert await Apns().send(message(DEVICE)) == NotTaken("status 403")
    point_elsewhere(APNS_KEY_FILE=None)
    assert isinstance(await Apns().send(message(DEVICE)), NotTaken)
    point_elsewhere(APNS_BASE_URL=f"https://localhost:{free_port()}", APNS_TEAM_ID="DEVTEAM001")
    assert isinstance(await Apns().send(message(DEVICE)), NotTaken)
    assert phones.messages() == []
