"""Push through Firebase Cloud Messaging, HTTP v1. The push carries a reference and fixed words only."""

import asyncio
import json
import time
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import RSAKey

from backend.kit.settings import settings
from notifications.channels.http import ASK_SECONDS, SEND_SECONDS, Answer, as_json, exchange
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from notifications.channels.templates import template_of
from tenants.contacts.models import Channel

_SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"


class Fcm:
    """One Firebase project, by its service account."""

    name = "fcm"

    def __init__(self) -> None:
        self._account: dict[str, str] = {}
        self._token, self._token_until = "", 0.0
        self._asking = asyncio.Lock()

    async def send(self, message: Message) -> Outcome:
        try:
            missing = await self._access_token()
            if missing is not None:
                return missing
            url = f"{settings().fcm_base_url}/v1/projects/{self._account['project_id']}/messages:send"
            headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
            body = as_json({"message": _body(message)})
            answer = await exchange("POST", url, body=body, headers=headers, seconds=SEND_SECONDS)
            if not isinstance(answer, Answer):
                return answer
            if answer.status == 401:
                self._token_until = 0.0  # withdrawn before its time: the next attempt gets a new one
            return _outcome(answer)
        except (LookupError, TypeError, ValueError) as error:
            return Unknown(type(error).__name__)

    async def find(self, reference: str) -> Outcome | None:  # noqa: ARG002  # FCM keeps nothing to ask for
        """FCM cannot be asked. A repeat is harmless: it replaces the first by its collapse key."""
        return None

    async def ready(self) -> bool | None:
        """Google grants us a token, and the push service itself answers."""
        if settings().fcm_service_account_file is None:
            return None
        try:
            if await self._access_token() is not None:
                return False
        except (OSError, LookupError, TypeError, ValueError):
            return False
        answer = await exchange("GET", settings().fcm_base_url, seconds=ASK_SECONDS)
        return isinstance(answer, Answer) and answer.status < 500

    async def _access_token(self) -> NotTaken | None:
        """Have an OAuth token by signed assertion (RFC 7523), kept until a minute before it ends."""
        # One asks for all: signing is slow enough that a burst would hold up a new worker's first pages.
        async with self._asking:
            return None if time.time() < self._token_until else await self._ask_for_token()

    async def _ask_for_token(self) -> NotTaken | None:
        path = settings().fcm_service_account_file
        if path is None:
            return NotTaken("FCM_SERVICE_ACCOUNT_FILE is not set")
        self._account = json.loads(path.read_text())
        now = int(time.time())
        claims = {"iss": self._account["client_email"], "scope": _SCOPE, "aud": self._account["token_uri"],
                  "iat": now, "exp": now + 3600}  # fmt: skip
        assertion = jwt.encode({"alg": "RS256"}, claims, RSAKey.import_key(self._account["private_key"]))
        answer = await exchange(
            "POST", self._account["token_uri"], seconds=SEND_SECONDS,
            body=f"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={assertion}".encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        if not isinstance(answer, Answer) or answer.status != 200:
            return NotTaken("no access token")
        granted = answer.json()
        self._token, self._token_until = str(granted["access_token"]), time.time() + int(granted["expires_in"]) - 60
        return None


def _body(message: Message) -> dict[str, Any]:
    words = template_of(message.template, Channel.PUSH)
    return {
        "token": message.address,
        "data": message.for_device,
        "notification": {"title": words and words.subject, "body": words and words.body},
        "android": {
            "priority": "HIGH", "ttl": f"{message.time_to_live}s", "collapse_key": message.collapse_key,
        },
        "apns": {"headers": {
            "apns-priority": "10", "apns-collapse-id": message.collapse_key,
            "apns-expiration": str(int(time.time()) + message.time_to_live),
        }},
    }  # fmt: skip


def _outcome(answer: Answer) -> Outcome:
    match answer.status:
        case 200:
            return HandedOver(str(answer.json()["name"]))
        case 404:
            return Refused("unregistered device", dead=True)
        case 400:
            return Refused("status 400")
        case 401 | 403 | 429:
            return NotTaken(f"status {answer.status}")
        case status:
            return Unknown(f"status {status}")
