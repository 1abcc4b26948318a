"""What messages are signed with: derived for each endpoint, stored nowhere, told once. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from standardwebhooks import Webhook

from notifications.webhooks.models import WebhookEndpoint
from tenants.contacts.webhook_secrets import earlier

_PREFIX: Final = "whsec_"


def secret_of(key: str, endpoint: WebhookEndpoint, generation: int | None = None) -> str:
    """An endpoint's secret, by default the present one."""
    number = endpoint.secret_generation if generation is None else generation
    named = f"webhook endpoint {endpoint.tenant_id} {endpoint.id} {number}"
    return _PREFIX + base64.b64encode(hmac.digest(key.encode(), named.encode(), hashlib.sha256)).decode()


def secrets_of(key: str, endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """The present secret, and those before it that still count."""
    return [secret_of(key, endpoint, number) for number in (endpoint.secret_generation, *earlier(endpoint, now))]


def headers_of(secrets: Iterable[str], message_id: UUID, at: datetime, body: bytes) -> dict[str, str]:
    """The Standard Webhooks headers of ``body``, signed with each secret: a receiver accepts any of them."""
    signatures = [Webhook(secret).sign(str(message_id), at, body.decode()) for secret in secrets]
    return {
        "webhook-id": str(message_id), "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures), "Content-Type": "application/json",
        "User-Agent": "Safeguard-Webhooks/1",
    }  # fmt: skip
