"""Push to Apple devices over HTTP/2, by a provider token (ES256). The push carries a reference and fixed words only.

Apple renews its trust in a provider token for an hour and refuses new ones made more often than every
20 minutes, so one token serves for half an hour.
"""

import asyncio
import ssl
import time
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from backend.kit.settings import settings
from notifications.channels.http import ASK_SECONDS, CONNECT_SECONDS, SEND_SECONDS, as_json
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown, parse_reference
from notifications.channels.templates import template_of
from tenants.contacts.models import Channel

_TIMEOUT: Final = httpx.Timeout(SEND_SECONDS, connect=CONNECT_SECONDS)
_TOKEN_SECONDS: Final = 1800
_DEAD: Final = frozenset({"BadDeviceToken", "Unregistered", "ExpiredToken", "DeviceTokenNotForTopic"})


class Apns:
    """One app of one Apple developer team. Configured when APNS_KEY_FILE is set."""

    name = "apns"

    def __init__(self) -> None:
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()
        self._token, self._token_until = "", 0.0

    async def send(self, message: Message) -> Outcome:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                answer = await self._client().post(
                    f"{settings().apns_base_url}/3/device/{message.address}",
                    content=as_json(_body(message)), headers=self._headers(message),
                )  # fmt: skip
            return self._outcome(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return NotTaken("no connection")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return Unknown(type(error).__name__)
        except (OSError, LookupError, ValueError) as error:
            return NotTaken(f"not configured: {type(error).__name__}")

    async def find(self, reference: str) -> Outcome | None:  # noqa: ARG002  # Apple keeps nothing to ask for
        """APNs cannot be asked. A repeat is harmless: it replaces the first by its collapse id."""
        return None

    async def ready(self) -> bool | None:
        """Apple answers over HTTP/2, and our key can sign. Whether it knows the key only a push would tell."""
        if settings().apns_key_file is None:
            return None
        try:
            self._provider_token()
            async with asyncio.timeout(ASK_SECONDS):
                answer = await self._client().get(settings().apns_base_url)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, LookupError, ValueError):
            return False
        return answer.status_code < 500

    def _client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            trust = ssl.create_default_context(cafile=settings().apns_ca_file)
            self._clients[loop] = httpx.AsyncClient(http1=False, http2=True, verify=trust, timeout=_TIMEOUT)
        return self._clients[loop]

    def _headers(self, message: Message) -> dict[str, str]:
        _, delivery_id = parse_reference(message.reference)
        return {
            "authorization": f"bearer {self._provider_token()}",
            "apns-id": str(delivery_id),
            "apns-topic": settings().apns_topic,
            "apns-push-type": "alert",
            "apns-priority": "10",
            "apns-expiration": str(int(time.time()) + message.time_to_live),
            "apns-collapse-id": message.collapse_key,
            "content-type": "application/json",
        }

    def _provider_token(self) -> str:
        if time.time() >= self._token_until:
            configured, now = settings(), int(time.time())
            header = {"alg": "ES256", "kid": configured.apns_key_id}
            claims = {"iss": configured.apns_team_id, "iat": now}
            self._token = jwt.encode(header, claims, _signing_key(configured.apns_key_file))
            self._token_until = now + _TOKEN_SECONDS
        return self._token

    def _outcome(self, answer: httpx.Response) -> Outcome:
        if answer.status_code == 200:
            return HandedOver(answer.headers.get("apns-id", ""))
        reason = _reason(answer)
        if answer.status_code == 410 or reason in _DEAD:
            return Refused("unregistered device", dead=True)
        if answer.status_code == 403:
            self._token_until = 0.0  # the next attempt signs anew
        if answer.status_code in {403, 429, 503}:
            return NotTaken(f"status {answer.status_code}")
        return Refused(f"status {answer.status_code}") if answer.status_code < 500 else Unknown(
            f"status {answer.status_code}")  # fmt: skip


@lru_cache(maxsize=2)
def _signing_key(file: Path | None) -> ECKey:
    if file is None:
        message = "APNS_KEY_FILE is not set"
        raise ValueError(message)
    return ECKey.import_key(file.read_text())


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["reason"])
    except (ValueError, LookupError, TypeError):
        return ""


def _body(message: Message) -> dict[str, Any]:
    words = template_of(message.template, Channel.PUSH)
    level = settings().apns_interruption_level if message.critical else "active"
    sound: Any = {"critical": 1, "name": "default", "volume": 1.0} if level == "critical" else "default"
    shown = {"title": words and words.subject, "body": words and words.body}
    return {"aps": {"alert": shown, "sound": sound, "interruption-level": level}, **message.for_device}
