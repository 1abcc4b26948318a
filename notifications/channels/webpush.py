"""Web Push to a browser (RFC 8030), encrypted for it alone (RFC 8291), signed with our VAPID key (RFC 8292).

The address is the browser's subscription as JSON: ``{"endpoint": …, "keys": {"p256dh": …, "auth": …}}``. The
endpoint is the browser's word, so it is checked at every call: it cannot lead into our own network.
"""

import time
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from py_vapid import Vapid02, VapidException
from pywebpush import WebPusher, WebPushException

from backend.kit.addresses import LOOK_UP_SECONDS, Target
from backend.kit.settings import settings
from notifications.channels.http import SEND_SECONDS, Answer, as_json, exchange, resolved
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from notifications.channels.templates import template_of
from tenants.contacts.models import Channel

_CLAIM_SECONDS: Final = 12 * 3600  # RFC 8292 allows a day at most


class WebPush:
    """Every push service there is: the subscription names its own. Configured when WEBPUSH_PRIVATE_KEY is set."""

    name = "webpush"

    def __init__(self) -> None:
        self._signed: dict[str, tuple[str, float]] = {}

    async def send(self, message: Message) -> Outcome:
        try:
            subscription = msgspec.json.decode(message.address)
            endpoint = str(subscription["endpoint"])
            body = WebPusher(subscription).encode(as_json(_body(message)))["body"]
        except (WebPushException, LookupError, TypeError, ValueError):
            return Refused("not a subscription", dead=True)
        found = await resolved(endpoint)
        if not isinstance(found, Target):
            return found
        try:
            authorization = self._authorization(endpoint)
        except (VapidException, ValueError):
            return Refused("not an endpoint that can be signed for")
        if authorization is None:
            return NotTaken("WEBPUSH_PRIVATE_KEY is not set")
        headers = {
            "Host": found.host,
            "Authorization": authorization, "TTL": str(message.time_to_live), "Urgency": "high",
            "Topic": message.collapse_key.replace(".", ""), "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
        }  # fmt: skip
        answer = await exchange(
            "POST", found.url, body=body, headers=headers, seconds=SEND_SECONDS - LOOK_UP_SECONDS,
            server_hostname=found.tls_name,
        )  # fmt: skip
        return _outcome(answer, message) if isinstance(answer, Answer) else answer

    async def find(self, reference: str) -> Outcome | None:  # noqa: ARG002  # push services keep nothing to ask for
        """A push service cannot be asked. A repeat is harmless: it replaces the first by its topic."""
        return None

    async def ready(self) -> bool | None:
        """There is no one to ask: every browser names its own push service."""
        return None

    def _authorization(self, endpoint: str) -> str | None:
        """The VAPID header for a push service, signed once for many messages."""
        parts = urlsplit(endpoint)
        audience = f"{parts.scheme}://{parts.netloc}"
        header, until = self._signed.get(audience, ("", 0.0))
        key = settings().webpush_private_key
        if time.time() < until or key is None:
            return header or None
        now = int(time.time())
        claims = {"aud": audience, "exp": now + _CLAIM_SECONDS, "sub": settings().webpush_subject}
        header = str(_vapid(key.get_secret_value()).sign(claims)["Authorization"])
        self._signed[audience] = (header, now + _CLAIM_SECONDS / 2)
        return header


@lru_cache(maxsize=2)
def _vapid(private_key: str) -> Vapid02:
    """Our key, from its 32 bytes in base64url."""
    return Vapid02.from_raw(private_key.encode())


def _body(message: Message) -> dict[str, Any]:
    words = template_of(message.template, Channel.PUSH)
    return {
        "title": words and words.subject,
        "body": words and words.body,
        "critical": message.critical,
        **message.for_device,
    }


def _outcome(answer: Answer, message: Message) -> Outcome:
    match answer.status:
        case 200 | 201 | 202:
            return HandedOver(message.reference)
        case 404 | 410:
            return Refused("subscription has ended", dead=True)
        case 401 | 403 | 429:
            return NotTaken(f"status {answer.status}")
        case status if status < 500:
            return Refused(f"status {status}")
        case status:
            return Unknown(f"status {status}")
