"""A partner agency's own system, told by a signed webhook (Standard Webhooks). It carries ids only.

The address is another's, so it is checked at every call: it cannot lead into our own network.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterable
from uuid import UUID

from backend.kit.addresses import LOOK_UP_SECONDS, Target
from backend.kit.session import open_session
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
from tenants.contacts.directory_repository import endpoints
from tenants.contacts.webhook_secrets import PREFIX, first_secret, secrets_of


class Webhook:
    """Any https address. Configured when WEBHOOK_SIGNING_KEY is set."""

    name = "webhook"

    async def send(self, message: Message) -> Outcome:
        tenant_id, delivery_id = parse_reference(message.reference)
        secrets = await _secrets(tenant_id, message.address)
        if not secrets:
            return NotTaken("WEBHOOK_SIGNING_KEY is not set")
        found = await resolved(message.address)
        if not isinstance(found, Target):
            return found
        body = as_json({"type": message.template, "data": {"alert": message.personalisation.get("reference", "")}})
        headers = signed(secrets, str(delivery_id), int(time.time()), body) | {"Host": found.host}
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


async def _secrets(tenant_id: UUID, address: str) -> list[str]:
    """What a message to an address is signed with; the session is closed before the call."""
    key = settings().webhook_signing_key
    if key is None:
        return []
    async with open_session(tenant_id) as session:
        now = await session.now()
        known = await endpoints(session, address)
    made = [secret for entry in known for secret in secrets_of(key.get_secret_value(), entry, now)]
    return made or [first_secret(key.get_secret_value(), tenant_id, address)]


def signed(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The Standard Webhooks headers of ``body``, signed with each of ``secrets``: a receiver accepts any of them."""
    content = f"{message_id}.{timestamp}.".encode() + body
    keys = [base64.b64decode(secret.removeprefix(PREFIX)) for secret in secrets]
    signatures = [base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": message_id, "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
        "Content-Type": "application/json",
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
