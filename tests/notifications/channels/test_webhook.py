"""Webhooks: signed, ids only, and never into a private network."""

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from backend.kit.settings import settings
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown, parse_reference
from notifications.channels.webhook import Webhook
from support.scene import Phones
from tenants.contacts.webhook_secrets import first_secret

Make = Callable[..., Message]


def receiver() -> str:
    return f"{settings().fcm_base_url}/webhooks/agency"


async def test_the_receiver_can_verify_it_with_the_secret_of_its_own(phones: Phones, message: Make) -> None:
    sent = message(receiver(), template="statutory-notice")
    assert isinstance(await Webhook().send(sent), HandedOver)
    (received,) = phones.messages()
    tenant_id, delivery_id = parse_reference(sent.reference)
    service_key = settings().webhook_signing_key
    assert service_key is not None
    secret = first_secret(service_key.get_secret_value(), tenant_id, sent.address)
    signed = f"{delivery_id}.{received['data']['webhook-timestamp']}.{received['body']}".encode()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert received["data"]["webhook-signature"] == f"v1,{expected}"
    assert received["id"] == str(delivery_id)
    assert first_secret(service_key.get_secret_value(), tenant_id, f"{receiver()}2") != secret


async def test_it_carries_ids_only(phones: Phones, message: Make) -> None:
    await Webhook().send(message(receiver(), template="statutory-notice"))
    assert json.loads(phones.messages()[0]["body"]) == {"type": "statutory-notice", "data": {"alert": "7F3K-2Q9D"}}


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/hook",
        "https://127.0.0.1/hook",
        "https://localhost/hook",
        "https://10.1.2.3/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hook",
        "https://[::ffff:10.0.0.1]/hook",
        "https://[fd00::1]/hook",
        "https://0.0.0.0/hook",
        "https://2130706433/hook",
        "https://100.64.0.1/hook",
        "file:///etc/passwd",
        "not an address",
    ],
)
async def test_in_production_nothing_leads_into_a_private_network(
    phones: Phones, message: Make, point_elsewhere: Callable[..., None], address: str
) -> None:
    point_elsewhere(PRIVATE_TARGETS="false")
    assert isinstance(await Webhook().send(message(address)), Refused)
    assert "/hook" not in phones.carrier.get("/dev/raw").text


async def test_a_name_that_changes_its_mind_is_called_where_it_was_checked(
    phones: Phones, message: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def changing(host: Any, *rest: Any, **more: Any) -> Any:
        if host != "agency.example.org":
            return resolve(host, *rest, **more)
        asked.append(host)
        return resolve("127.0.0.1" if len(asked) == 1 else "192.0.2.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    address = receiver().replace("127.0.0.1", "agency.example.org")
    assert isinstance(await Webhook().send(message(address)), HandedOver)
    assert len(asked) == 1
    assert phones.messages()[0]["data"]["host"].startswith("agency.example.org:")


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [
        ("error500", Unknown("status 500")),
        ("rate_limit", NotTaken("status 429")),
        ("unregistered", Refused("the endpoint is gone", dead=True)),
    ],
)
async def test_each_fault_is_named_for_what_may_have_happened(
    phones: Phones, message: Make, mode: str, outcome: Outcome
) -> None:
    phones.misbehave(mode, provider="webhook", count=1)
    assert await Webhook().send(message(receiver())) == outcome


async def test_without_a_key_nothing_is_sent(
    phones: Phones, message: Make, point_elsewhere: Callable[..., None]
) -> None:
    point_elsewhere(WEBHOOK_SIGNING_KEY=None)
    assert isinstance(await Webhook().send(message(receiver())), NotTaken)
    assert phones.messages() == []
