"""Push through Firebase Cloud Messaging, HTTP v1. The push carries a reference and fixed words only."""

import asyncio
import json
import time
from typing import Any, Final

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from backend.kit.settings import settings
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown

_TIMEOUT: Final = httpx.Timeout(4, connect=2)
_SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
_TIME_TO_LIVE: Final = "600s"  # a phone out of reach for minutes must still ring when it is back


class Fcm:
    """One Firebase project, by its service account."""

    name = "fcm"

    def __init__(self) -> None:
        self._account: dict[str, str] = {}
        self._token, self._token_until = "", 0.0
        self._http: httpx.AsyncClient | None = None
        self._asking = asyncio.Lock()

    async def send(self, message: Message) -> Outcome:
        try:
            token = await self._access_token()
            url = f"{settings().fcm_base_url}/v1/projects/{self._account['project_id']}/messages:send"
            answer = await self._client().post(
                url, json={"message": _body(message)}, headers={"Authorization": f"Bearer {token}"}
            )
            if answer.status_code == 401:
                self._token_until = 0.0  # withdrawn before its time: the next attempt gets a new one
            return _outcome(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return NotTaken("no connection")
        except (httpx.HTTPError, KeyError, ValueError) as error:
            return Unknown(type(error).__name__)

    async def find(self, reference: str) -> Outcome | None:  # noqa: ARG002  # FCM keeps nothing to ask for
        """FCM cannot be asked. A repeat is harmless: it replaces the first by its collapse key."""
        return None

    def _client(self) -> httpx.AsyncClient:
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=_TIMEOUT)
        return self._http

    async def _access_token(self) -> str:
        """An OAuth token by signed assertion (RFC 7523), kept until a minute before it ends."""
        # One asks for all: signing is slow enough that a burst would hold up a new worker's first pages.
        async with self._asking:
            if time.time() >= self._token_until:
                await self._ask_for_token()
            return self._token

    async def _ask_for_token(self) -> None:
        path = settings().fcm_service_account_file
        if path is None:
            message = "FCM_SERVICE_ACCOUNT_FILE is not set"
            raise ValueError(message)
        self._account = json.loads(path.read_text())
        now = int(time.time())
        claims = {"iss": self._account["client_email"], "scope": _SCOPE, "aud": self._account["token_uri"],
                  "iat": now, "exp": now + 3600}  # fmt: skip
        assertion = jwt.encode({"alg": "RS256"}, claims, RSAKey.import_key(self._account["private_key"]))
        answer = await self._client().post(
            self._account["token_uri"],
            data={"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion},
        )
        answer.raise_for_status()
        granted = answer.json()
        self._token, self._token_until = (
            str(granted["access_token"]),
            time.time() + int(granted["expires_in"]) - 60,
        )


def _body(message: Message) -> dict[str, Any]:
    reference = message.personalisation["reference"]
    return {
        "token": message.address,
        "data": dict(message.personalisation),
        "notification": {"title": "Safeguard", "body": "You are called. Open the app to answer."},
        "android": {"priority": "HIGH", "ttl": _TIME_TO_LIVE, "collapse_key": reference},
        "apns": {"headers": {"apns-priority": "10", "apns-collapse-id": reference}},
    }


def _outcome(answer: httpx.Response) -> Outcome:
    if answer.status_code == 200:
        return HandedOver(str(answer.json()["name"]))
    if answer.status_code == 404:
        return Refused("unregistered device", dead=True)
    if answer.status_code == 400:
        return Refused("status 400")
    if answer.status_code in {401, 403, 429}:
        return NotTaken(f"status {answer.status_code}")
    return Unknown(f"status {answer.status_code}")
