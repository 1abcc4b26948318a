"""One attempt at one message: claim in a transaction, call in none, record in another.

The deliveries of alerts go by slots, pages, channels and two providers each, which a webhook has none of;
so these have rows of their own and the same pattern. Claiming takes the task off the queue and owes another
for when the lease runs out: a worker that dies between the two leaves that one, and the message goes again
with the id that it had, by which a receiver knows it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kit.addresses import Target
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from backend.kit.tasks import NOTICES, Actor, cancel, owe, take
from notifications.channels.http import Answer, exchange, resolved
from notifications.webhooks import repository
from notifications.webhooks.events import body_of
from notifications.webhooks.models import EndpointState, MessageState, WebhookAttempt, WebhookEndpoint, WebhookMessage
from notifications.webhooks.secrets import headers_of, secrets_of
from notifications.webhooks.telling import SEND_WEBHOOK, may_know
from tenants.partnerships import repository as partnerships

# After each failed attempt but the last: three days in all.
WAITS: Final = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 20 * 3600)
)
CALL_SECONDS: Final = 10.0
UNSIGNED: Final = timedelta(minutes=5)
BUSY: Final = timedelta(seconds=10)
LEASE: Final = timedelta(seconds=30)  # longer than looking an address up and calling it
_LARGEST_ANSWER: Final = 4096  # nothing of it is used
_GONE: Final = 410

WEBHOOK_PAUSED: Final = Actor("webhook_paused", NOTICES)
"""Owed, on an endpoint that Safeguard has paused; the package that knows the administrators tells them."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """All that is needed to call once the session is closed."""

    message_id: UUID
    endpoint_id: UUID
    attempt: int
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: the status, None without an answer, and in a word why."""

    status: int | None
    word: str
    milliseconds: int

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


async def claim(
    session: TenantSession, task_id: UUID, is_busy: Callable[[UUID], bool] = lambda _: False
) -> Claimed | None:
    """Take the task's message for ``LEASE``; None when there is nothing to send, or not now.

    That of an endpoint that ``is_busy`` is left for ``BUSY``.
    """
    message_id = await take(session, task_id)
    if message_id is None:
        return None
    message = await repository.locked_message(session, message_id)
    now = await session.now()
    if message.state != MessageState.PENDING or message.lease_until > now:
        return None
    endpoint = await repository.surely(session, await repository.endpoint(session, message.endpoint_id))
    event = await repository.event(session, message.event_id)
    key = settings().webhook_signing_key
    if endpoint.state == EndpointState.RETIRED or not await may_know(session, endpoint, event.type):
        message.state = MessageState.FAILED
        return None
    if endpoint.state != EndpointState.ACTIVE:
        message.state = MessageState.HELD
        return None
    if key is None or is_busy(endpoint.id):  # without a key it is a fault of the service, and none of the endpoint's
        await owe(session, SEND_WEBHOOK, message.id, due_at=now + (UNSIGNED if key is None else BUSY))
        return None
    message.attempts += 1
    message.lease_until = now + LEASE
    await owe(session, SEND_WEBHOOK, message.id, due_at=message.lease_until)
    body = body_of(event.type, (await partnerships.own(session)).slug, event.subject_id, event.at)
    # The receiver compares the instant with a clock of its own.
    headers = headers_of(secrets_of(key.get_secret_value(), endpoint, now), event.id, datetime.now(UTC), body)
    return Claimed(message.id, endpoint.id, message.attempts, endpoint.url, headers, body)


async def call(claimed: Claimed) -> Outcome:
    """Send it: to an address that is checked now, by no redirect, reading next to nothing of the answer."""
    began = time.monotonic()
    found = await resolved(claimed.url)
    if isinstance(found, Target):
        answer = await exchange(
            "POST", found.url, body=claimed.body, headers=claimed.headers | {"Host": found.host},
            seconds=CALL_SECONDS, server_hostname=found.tls_name, most=_LARGEST_ANSWER,
        )  # fmt: skip
        status = answer.status if isinstance(answer, Answer) else None
        word = f"status {status}" if isinstance(answer, Answer) else answer.reason
    else:
        status, word = None, found.reason
    return Outcome(status, word[:60], round((time.monotonic() - began) * 1000))


async def record(session: TenantSession, claimed: Claimed, outcome: Outcome) -> None:
    """Write down what came of it, and when to try again. Whoever's lease ran out writes the attempt alone."""
    message = await repository.locked_message(session, claimed.message_id)
    now = await session.now()
    session.append(
        WebhookAttempt, endpoint_id=message.endpoint_id, message_id=message.id, at=now, number=claimed.attempt,
        status=outcome.status, milliseconds=outcome.milliseconds, outcome=outcome.word, delivered=outcome.delivered,
    )  # fmt: skip
    if message.state != MessageState.PENDING or message.attempts != claimed.attempt:
        return
    cancel(session, SEND_WEBHOOK, [message.id])
    endpoint = await repository.endpoint(session, message.endpoint_id, lock=True)
    if outcome.delivered:
        message.state, endpoint.failing_since = MessageState.DELIVERED, None
        return
    endpoint.failing_since = endpoint.failing_since or now
    if outcome.status == _GONE:
        await _pause(session, endpoint, message)
    elif claimed.attempt <= len(WAITS):
        message.lease_until = now + WAITS[claimed.attempt - 1]
        await owe(session, SEND_WEBHOOK, message.id, due_at=message.lease_until)
    elif _nothing_arrived(endpoint, now):
        await _pause(session, endpoint, message)
    else:
        message.state = MessageState.FAILED


def _nothing_arrived(endpoint: WebhookEndpoint, now: datetime) -> bool:
    """Whether every attempt has failed for as long as a message is tried."""
    spent = sum(WAITS, timedelta())
    return endpoint.failing_since is not None and endpoint.failing_since <= now - spent


async def _pause(session: TenantSession, endpoint: WebhookEndpoint, message: WebhookMessage) -> None:
    """Stop calling an endpoint that does not answer; what is for it is held until somebody resumes it."""
    message.state = MessageState.HELD
    if endpoint.state == EndpointState.ACTIVE:
        endpoint.state = EndpointState.FAILING
        await owe(session, WEBHOOK_PAUSED, endpoint.id)
