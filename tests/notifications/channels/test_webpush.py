"""Web Push: readable by the browser alone, signed for its push service, dead when the subscription has ended."""

import base64
import json
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from backend.kit.settings import settings
from infra.dev.supervisor import free_port
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from notifications.channels.webpush import WebPush
from support.scene import Phones

Make = Callable[..., Message]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Browser:
    """A browser with a subscription at the stand-in's push service."""

    name: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def subscription(self, at: str | None = None) -> str:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        endpoint = f"{at or settings().fcm_base_url}/push/{self.name}"
        return json.dumps({"endpoint": endpoint, "keys": {"p256dh": _text(point), "auth": _text(self.auth)}})

    def read(self, content: str) -> dict[str, str]:
        clear = http_ece.decrypt(base64.b64decode(content), private_key=self.key, auth_secret=self.auth)
        return dict(json.loads(clear))


async def test_the_browser_alone_can_read_it(phones: Phones, message: Make) -> None:
    browser, stranger = Browser(), Browser()
    assert isinstance(await WebPush().send(message(browser.subscription(), critical=True)), HandedOver)
    (received,) = phones.messages()
    assert browser.read(received["data"]["content"]) == {
        "title": "Safeguard", "body": "You are called. Open the app to answer.", "critical": True,
        "reference": "7F3K-2Q9D", "link": "https://example.org/alerts/7F3K-2Q9D",
    }  # fmt: skip
    assert b"7F3K-2Q9D" not in base64.b64decode(received["data"]["content"])
    with pytest.raises(http_ece.ECEException):
        stranger.read(received["data"]["content"])


async def test_it_waits_as_long_as_the_step_is_urgent_and_replaces_its_like(phones: Phones, message: Make) -> None:
    await WebPush().send(message(Browser().subscription(), time_to_live=1800))
    data = phones.messages()[0]["data"]
    assert (data["ttl"], data["urgency"], data["topic"]) == ("1800", "high", "7F3K-2Q9D")


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [
        ("error500", Unknown("status 500")),
        ("rate_limit", NotTaken("status 429")),
        ("unregistered", Refused("subscription has ended", dead=True)),
        ("timeout", Unknown("ServerDisconnectedError")),
    ],
)
async def test_each_fault_is_named_for_what_may_have_happened(
    phones: Phones, message: Make, mode: str, outcome: Outcome
) -> None:
    phones.misbehave(mode, provider="webpush", count=1, seconds=0.05)
    assert await WebPush().send(message(Browser().subscription())) == outcome
    assert phones.messages() == []


@pytest.mark.parametrize("address", ["", "not json", "[]", '{"endpoint": "https://push.example.org/x"}'])
async def test_what_is_no_subscription_is_dead(phones: Phones, message: Make, address: str) -> None:
    outcome = await WebPush().send(message(address))
    assert isinstance(outcome, Refused)
    assert outcome.dead


async def test_an_ended_subscription_is_dead(phones: Phones, message: Make) -> None:
    outcome = await WebPush().send(message(Browser(name="dead-browser").subscription()))
    assert outcome == Refused("subscription has ended", dead=True)


async def test_nobody_there_means_that_nothing_was_taken(
    phones: Phones, message: Make, point_elsewhere: Callable[..., None]
) -> None:
    gone = Browser().subscription(at=f"http://127.0.0.1:{free_port()}")
    assert await WebPush().send(message(gone)) == NotTaken("no connection")
    point_elsewhere(WEBPUSH_PRIVATE_KEY=None)
    assert isinstance(await WebPush().send(message(Browser().subscription())), NotTaken)


@pytest.mark.parametrize(
    "endpoint",
    ["http://updates.push.example.org", "https://127.0.0.1", "https://localhost", "https://10.1.2.3",
     "https://169.254.169.254", "https://[::1]", "https://[::ffff:10.0.0.1]", "https://[fe80::1]", "https://100.64.0.1"],
)  # fmt: skip
async def test_in_production_a_browser_leads_nobody_into_a_private_network(
    phones: Phones, message: Make, point_elsewhere: Callable[..., None], endpoint: str
) -> None:
    subscription = Browser().subscription(endpoint)
    point_elsewhere(PRIVATE_TARGETS="false")
    outcome = await WebPush().send(message(subscription))
    assert isinstance(outcome, Refused)
    assert not outcome.dead, "a name may lead elsewhere tomorrow"
    assert phones.messages() == []


async def test_a_push_service_whose_name_changes_its_mind_is_called_where_it_was_checked(
    phones: Phones, message: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def changing(host: Any, *rest: Any, **more: Any) -> Any:
        if host != "push.example.org":
            return resolve(host, *rest, **more)
        asked.append(host)
        return resolve("127.0.0.1" if len(asked) == 1 else "192.0.2.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    at = settings().fcm_base_url.replace("127.0.0.1", "push.example.org")
    # The stand-in was reached, under the name it is not signed for.
    assert await WebPush().send(message(Browser().subscription(at))) == NotTaken("status 403")
    assert len(asked) == 1
