"""What providers report of a message afterwards, each in its own form and with its own proof of who it is."""

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
from joserfc import jwt
from joserfc.jwk import OctKey

from infra.dev.carrier.behaviour import Mode, Rule
from infra.dev.carrier.store import Message, Store, international, iso

ATTEMPTS = 6
AT_ONCE = 32
OUTCOME: dict[Mode, str] = {
    "permanent_failure": "permanent-failure",
    "temporary_failure": "temporary-failure",
}
SINCH = {"delivered": ("Delivered", 0), "permanent-failure": ("Failed", 402), "temporary-failure": ("Expired", 406)}
CALLS: dict[Mode, tuple[str, ...]] = {
    "machine": ("ringing", "answered", "machine", "completed"),
    "no_key": ("ringing", "answered", "human", "completed"),
    "permanent_failure": ("failed",),
    "temporary_failure": ("ringing", "unanswered"),
}
PICKED_UP = ("ringing", "answered", "human")


class Callback(msgspec.Struct, frozen=True):
    """Where receipts go and the bearer token that Notify's carry; `delay` changes how soon, in seconds.

    Sinch's go to `sinch_url`. A call names its own addresses.
    """

    url: str
    token: str
    delay: float | None = None
    sinch_url: str | None = None


@dataclass
class Receipts:
    """Completes each accepted message `delay` seconds after its arrival and reports it.

    A receipt that is not answered with 2xx is sent again, later each time, up to ATTEMPTS times. The
    product may therefore get the same receipt twice, as from the real providers.
    """

    store: Store
    delay: float
    sinch_secret: bytes
    call_secret: str
    callback: Callback | None = None
    _client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=10))
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    # The client's pool takes ever longer to find a turn for each of thousands that wait in it.
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def expect(self, message: Message, rule: Rule) -> None:
        """Report the message's end in due course."""
        if self._is_due(message, rule):
            self._later(self._complete(message, rule))

    def expect_call(self, message: Message, event_url: str, rule: Rule) -> None:
        """Report what becomes of a call, up to the moment at which somebody may press a key."""
        if self._is_due(message, rule):
            self._later(self._call(message, event_url, CALLS.get(rule.mode, PICKED_UP)))

    @property
    def due(self) -> int:
        """How many messages are still to be reported on."""
        return len(self._tasks)

    def forget(self) -> None:
        """Send none of the receipts still due."""
        for task in self._tasks:
            task.cancel()

    async def press(self, message: Message, key_url: str, digits: str) -> Any:
        """Press a key during a call; gives what the product wants to be said then."""
        pressed = {"dtmf": {"digits": digits, "timed_out": not digits}, "uuid": message.id, "to": message.to}
        answer = await self._client.post(key_url, **self._call_signed(pressed))
        return answer.json() if answer.is_success else {"status": answer.status_code}

    def _is_due(self, message: Message, rule: Rule) -> bool:
        return rule.mode != "no_receipt" and message.id in self.store.by_id

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _complete(self, message: Message, rule: Rule) -> None:
        await asyncio.sleep(self.delay + (rule.seconds if rule.mode == "late_receipt" else 0))
        message.completed_ns = self.store.now_ns()
        for status in statuses(rule.mode):
            message.status = status
            for attempt in range(ATTEMPTS):
                # Asked each time: the address may be set after the message arrived.
                if self.callback is not None and await self._post(self.callback, message):
                    break
                await asyncio.sleep(self.delay * 2**attempt)

    async def _call(self, message: Message, event_url: str, events: tuple[str, ...]) -> None:
        for event in events:
            await asyncio.sleep(self.delay)
            message.status = event
            body = {"uuid": message.id, "status": event, "to": message.to, "direction": "outbound"}
            await self._try(event_url, **self._call_signed(body))

    async def _post(self, callback: Callback, message: Message) -> bool:
        if message.provider == "sinch":
            return callback.sinch_url is None or await self._try(callback.sinch_url, **self._sinch_signed(message))
        body = msgspec.json.encode(receipt(message))
        return await self._try(callback.url, content=body, headers={"authorization": f"Bearer {callback.token}"})

    async def _try(self, url: str, **request: Any) -> bool:
        try:
            async with self._turns:
                answer = await self._client.post(url, **request)
        except httpx.TransportError:
            return False
        return answer.is_success

    def _sinch_signed(self, message: Message) -> dict[str, Any]:
        body = msgspec.json.encode(report(message))
        nonce, at = secrets.token_hex(8), str(int(time.time()))
        signature = base64.b64encode(hmac.digest(self.sinch_secret, body + f".{nonce}.{at}".encode(), hashlib.sha256))
        prefix = "x-sinch-webhook-signature"
        headers = {prefix: signature.decode(), f"{prefix}-nonce": nonce, f"{prefix}-timestamp": at,
                   f"{prefix}-algorithm": "HmacSHA256"}  # fmt: skip
        return {"content": body, "headers": headers}

    def _call_signed(self, told: dict[str, Any]) -> dict[str, Any]:
        body = msgspec.json.encode(told)
        claims = {"iat": int(time.time()), "jti": str(uuid.uuid4()), "iss": "Vonage",
                  "payload_hash": hashlib.sha256(body).hexdigest()}  # fmt: skip
        token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(self.call_secret))
        return {"content": body, "headers": {"authorization": f"Bearer {token}", "content-type": "application/json"}}


def statuses(mode: Mode) -> Iterator[str]:
    """What is reported, one after the other."""
    status = OUTCOME.get(mode, "delivered")
    yield status
    if mode == "reordered":
        yield from (status, "sending", "temporary-failure")


def receipt(message: Message) -> dict[str, Any]:
    """As Notify posts it to a service's callback address."""
    return {
        "id": message.id,
        "reference": message.reference,
        "to": message.to,
        "status": message.status,
        "created_at": iso(message.received_ns),
        "completed_at": iso(message.completed_ns),
        "sent_at": iso(message.sent_ns),
        "notification_type": message.channel,
        "template_id": message.template_id,
        "template_version": 1,
    }


def report(message: Message) -> dict[str, Any]:
    """As Sinch posts it for one recipient."""
    status, code = SINCH.get(message.status, ("Dispatched", 400))
    return {
        "type": "recipient_delivery_report_sms",
        "batch_id": message.id,
        "client_reference": message.reference,
        "recipient": international(message.to),
        "status": status,
        "code": code,
        "at": iso(message.completed_ns),
        "operator_status_at": iso(message.completed_ns),
    }
