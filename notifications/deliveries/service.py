"""The life of a delivery. Claim, send outside any transaction, record.

Between claim and record a worker holds a lease. A worker that dies leaves a claimed row whose
lease runs out; the next worker asks the provider by the reference before it sends again. So a
message is handed over at least once as we see it, and once as the provider does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.kit import metrics
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, PAGES, Actor, owe
from notifications.channels.outcomes import (
    HandedOver,
    Message,
    NotNeeded,
    NotTaken,
    Outcome,
    Refused,
    Unknown,
    reference_of,
)
from notifications.deliveries import repository
from notifications.deliveries.models import Delivery, DeliveryEvent, DeliveryState
from notifications.deliveries.wording import personalisation
from tenants.contacts import repository as contacts
from tenants.contacts.models import Channel

DELIVER_PAGES: Final = Actor("deliver_pages", PAGES)
DELIVER_NOTICES: Final = Actor("deliver_notices", NOTICES)
# Owed when a page's time is up, and at once when none of its messages can arrive.
PAGE_ENDED: Final = Actor("page_ended", PAGES)

LEASE: Final = timedelta(seconds=8)  # longer than a provider's time-out, short enough to recover from a crash
ASK_AFTER: Final = timedelta(seconds=1)  # a timed-out request may still be on its way in
MOST_ATTEMPTS: Final = 12

_ORDER: Final = {state: number for number, state in enumerate(DeliveryState)}


def queue_for(*, urgent: bool) -> Actor:
    """First pages and escalations have workers of their own; notices never stand in front of them."""
    return DELIVER_PAGES if urgent else DELIVER_NOTICES


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed delivery, with all that is needed to send it after the session is closed."""

    delivery_id: UUID
    channel: Channel
    message: Message
    ask_first: bool
    wanted: bool
    attempt: int


def add(session: TenantSession, now: datetime, **values: Any) -> None:
    """Record a new delivery as pending; ``values`` are those of ``Delivery``."""
    delivery_id = session.append(Delivery, created_at=now, **values)
    _enter(session, delivery_id, DeliveryState.PENDING, values["channel"], now, {})


async def claim(session: TenantSession, alert_id: UUID) -> list[Outgoing]:
    """Take every delivery of the alert that nobody holds, for ``LEASE``."""
    outgoing: list[Outgoing] = []
    for row in await repository.claim(session, alert_id, LEASE):
        message = Message(
            reference=reference_of(session.tenant_id, row.id), address=row.address, template=row.template,
            personalisation=personalisation(session.tenant_id, row.id, row.reference),
        )  # fmt: skip
        ask_first = row.was != DeliveryState.PENDING
        outgoing.append(Outgoing(row.id, Channel(row.channel), message, ask_first, row.wanted, row.attempts))
        _enter(session, row.id, DeliveryState.CLAIMED, row.channel, row.now, {"attempt": row.attempts})
    return outgoing


async def record(session: TenantSession, alert_id: UUID, sent: Sequence[tuple[Outgoing, Outcome]]) -> datetime | None:
    """Write what the provider answered. Returns when the alert's deliveries want a worker again, if at all.

    A receipt may have overtaken us: it knows more, and states only go forward. Or our lease ran out and
    another worker holds the delivery: then only that the provider has it is worth telling.
    """
    taken = {outgoing.delivery_id: outcome.provider_id for outgoing, outcome in sent if isinstance(outcome, HandedOver)}
    for row in await repository.hand_over(session, taken) if taken else []:
        _enter(session, row.id, DeliveryState.HANDED_OVER, row.channel, row.now, {"attempt": row.attempts})
        if row.first_page:
            metrics.FIRST_PAGE_SECONDS.observe((row.now - row.raised_at).total_seconds())
    others = {o.delivery_id: (o.attempt, outcome) for o, outcome in sent if o.delivery_id not in taken}
    if others:
        await _record_trouble(session, others)
    await session.flush()
    outstanding, soonest = await repository.next_wake(session, alert_id)
    return (soonest or await session.now()) if outstanding else None


async def _record_trouble(session: TenantSession, outcomes: dict[UUID, tuple[int, Outcome]]) -> None:
    now = await session.now()
    ours = [
        delivery
        for delivery in await repository.locked(session, outcomes)
        if delivery.state == DeliveryState.CLAIMED and delivery.attempts == outcomes[delivery.id][0]
    ]
    for delivery in ours:
        _apply(delivery, outcomes[delivery.id][1], now)
    _history(session, ours, now)
    await _after_failure(session, [(d, outcomes[d.id][1]) for d in ours if d.state == DeliveryState.FAILED])


def _apply(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    match outcome:
        case NotNeeded():
            delivery.state = DeliveryState.CANCELLED
        case Refused(reason):
            delivery.state, delivery.failure = DeliveryState.FAILED, reason
        case NotTaken(reason) | Unknown(reason) if delivery.attempts >= MOST_ATTEMPTS:
            delivery.state, delivery.failure = DeliveryState.FAILED, f"given up: {reason}"
        case NotTaken(reason):
            delivery.state, delivery.failure = DeliveryState.PENDING, reason
            delivery.lease_until = now + timedelta(seconds=min(2 ** (delivery.attempts - 1), 60))
        case Unknown(reason):
            delivery.state, delivery.failure = DeliveryState.UNKNOWN, reason
            delivery.lease_until = now + ASK_AFTER


async def _after_failure(session: TenantSession, failed: list[tuple[Delivery, Outcome | None]]) -> None:
    """Retire dead addresses, and end a page none of whose messages can arrive."""
    for delivery, outcome in failed:
        siblings = (await repository.by_slot(session, [delivery.slot_id]))[delivery.slot_id]
        if all(d.state == DeliveryState.FAILED for d in siblings if d.page_id == delivery.page_id):
            await owe(session, PAGE_ENDED, delivery.page_id)
        if isinstance(outcome, Refused) and outcome.dead:
            await contacts.retire_address(session, delivery.channel, delivery.address)


async def cancel_pending(session: TenantSession, slot_id: UUID, now: datetime) -> None:
    """Stop everything that has not left for this slot; what is under way is not repeated."""
    pending = [d for d in await repository.unwant(session, slot_id) if d.state == DeliveryState.PENDING]
    for delivery in pending:
        delivery.state = DeliveryState.CANCELLED
    _history(session, pending, now)


async def receipt(session: TenantSession, delivery_id: UUID, state: DeliveryState, provider_id: str) -> bool:
    """A provider's word on a delivery. Late, repeated and reordered ones change nothing; False when unknown."""
    if state == DeliveryState.DELIVERED and (row := await repository.arrived(session, delivery_id, provider_id)):
        _enter(session, delivery_id, state, row.channel, row.now, {"attempt": row.attempts})
        return True
    found = await repository.locked(session, [delivery_id])
    if not found:
        return False
    delivery, now = found[0], await session.now()
    ended = delivery.state in {DeliveryState.FAILED, DeliveryState.CANCELLED}
    arrived = _ORDER[DeliveryState.DELIVERED] <= _ORDER[delivery.state] <= _ORDER[DeliveryState.OPENED]
    if ended or (arrived and state == DeliveryState.FAILED) or _ORDER[state] <= _ORDER[delivery.state]:
        return True
    delivery.state = state
    if state == DeliveryState.FAILED:
        delivery.failure = "the provider reports that it did not arrive"
    delivery.provider_id = delivery.provider_id or provider_id
    if delivery.handed_over_at is None and state != DeliveryState.FAILED:
        delivery.handed_over_at = now
    _history(session, [delivery], now)
    if state == DeliveryState.FAILED:
        await _after_failure(session, [(delivery, None)])
    return True


def _history(session: TenantSession, deliveries: Iterable[Delivery], now: datetime) -> None:
    """Write the state each delivery is in now to its history, and count it."""
    for delivery in deliveries:
        detail = {"attempt": delivery.attempts} | ({"reason": delivery.failure} if delivery.failure else {})
        _enter(session, delivery.id, delivery.state, delivery.channel, now, detail)


def _enter(
    session: TenantSession,
    delivery_id: UUID,
    state: DeliveryState,
    channel: Channel,
    now: datetime,
    detail: dict[str, Any],
) -> None:
    session.append(DeliveryEvent, delivery_id=delivery_id, state=state, at=now, detail=detail)
    metrics.DELIVERIES.labels(str(channel), str(state)).inc()
