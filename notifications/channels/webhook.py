"""A partner agency's own system, told by a signed webhook (Standard Webhooks). It carries ids only.

The address is another's, so it is checked at every call: it cannot lead into our own network.
"""

import base64
import hashlib
import hmac
import time
from typing import Final

from backend.kit.addresses import LOOK_UP_SECONDS, Target
from backend.kit.settings import settings
from notifications.channels.http import SEND_SECONDS, Answer, as_json, exchange, resolved
from notifications.channels.outcomes import (
    HandedOver,
    Message,
    NotTaken,
    Outcome,
    Refused,
    Unknown,
    parse_reference,
)

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # how such a secret is known, not one


class Webhook:
    """Any https address. Configured when WEBHOOK_SIGNING_KEY is set."""

    name = "webhook"

    async def send(self, message: Message) -> Outcome:
        tenant_id, delivery_id = parse_reference(message.reference)
        secret = secret_of(str(tenant_id), message.address)
        if secret is None:
            return NotTaken("WEBHOOK_SIGNING_KEY is not set")
        found = await resolved(message.address)
        if not isinstance(found, Target):
            return found
        body = as_json({"type": message.template, "data": {"alert": message.personalisation.get("reference", "")}})
        headers = signed(secret, str(delivery_id), int(time.time()), body) | {"Host": found.host}
        answer = await exchange(
            "POST", found.url, body=body, headers=headers, seconds=SEND_SECONDS - LOOK_UP_SECONDS,
            server_hostname=found.tls_name,
        )  # fmt: skip
        return _outcome(answer, message) if isinstance(answer, Answer) else answer

    async def find(self, reference: str) -> Outcome | None:  # noqa: ARG002  # receivers keep nothing to ask for
        """A receiver drops what it has seen by ``webhook-id``, which repeats; so sending again is harmless."""
        return None

    async def ready(self) -> bool | None:
        """There is no one to ask: every endpoint is another's."""
        return None


def secret_of(tenant_id: str, address: str) -> str | None:
    """The secret of one partnership's endpoint, derived from the service's; what its owner is told once."""
    key = settings().webhook_signing_key
    if key is None:
        return None
    derived = hmac.digest(key.get_secret_value().encode(), f"{tenant_id} {address}".encode(), hashlib.sha256)
    return SECRET_PREFIX + base64.b64encode(derived).decode()


def signed(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The Standard Webhooks headers of ``body``."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signature = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": message_id, "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}", "Content-Type": "application/json",
    }  # fmt: skip


def _outcome(answer: Answer, message: Message) -> Outcome:
    match answer.status:
        case status if 200 <= status < 300:
            return HandedOver(message.reference)
        case 410:
            return Refused("the endpoint is gone", dead=True)
        case 401 | 403 | 404 | 429:
            return NotTaken(f"status {answer.status}")
        case status if status < 500:
            return Refused(f"status {status}")
        case status:
            return Unknown(f"status {status}")
