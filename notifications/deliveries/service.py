"""The life of a delivery. Claim, send outside any transaction, record.

Between claim and record a worker holds a lease. A worker that dies leaves a claimed row whose
lease runs out; the next worker asks the provider by the reference before it sends again. So a
message is handed over at least once as we see it, and once as the provider does.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.kit import metrics
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, PAGES, Actor, owe
from notifications.channels import service as channels
from notifications.channels.outcomes import (
    LEAST_TIME_TO_LIVE,
    HandedOver,
    Message,
    NotNeeded,
    NotTaken,
    Refused,
    Unknown,
    reference_of,
)
from notifications.deliveries import repository
from notifications.deliveries.models import Delivery, DeliveryEvent, DeliveryState
from notifications.deliveries.sending import Attempt, Outgoing
from notifications.deliveries.wording import personalisation
from tenants.contacts import repository as contacts
from tenants.contacts.models import Channel

DELIVER_PAGES: Final = Actor("deliver_pages", PAGES)
DELIVER_NOTICES: Final = Actor("deliver_notices", NOTICES)
# Owed when a page's time is up, and at once when none of its messages can arrive.
PAGE_ENDED: Final = Actor("page_ended", PAGES)

LEASE: Final = timedelta(seconds=8)  # longer than an attempt by two providers, short enough to recover from a crash
ASK_AFTER: Final = timedelta(seconds=1)  # a timed-out request may still be on its way in
MOST_ATTEMPTS: Final = 12

CONTACT_RETIRED: Final = "contact-retired"
# Whom to tell about a dead number or device, and how: what needs no app comes first.
_TELL_BY: Final = (Channel.SMS, Channel.EMAIL, Channel.PUSH, Channel.VOICE)


def queue_for(*, urgent: bool) -> Actor:
    """First pages and escalations have workers of their own; notices never stand in front of them."""
    return DELIVER_PAGES if urgent else DELIVER_NOTICES


def add(session: TenantSession, now: datetime, **values: Any) -> UUID:
    """Record a new delivery as pending; ``values`` are those of ``Delivery``. Returns its id."""
    delivery_id = session.append(Delivery, created_at=now, **values)
    _enter(session, delivery_id, DeliveryState.PENDING, values["channel"], now, {})
    return delivery_id


async def claim(session: TenantSession, task_id: UUID) -> tuple[UUID | None, list[Outgoing]]:
    """Take every delivery of the task that nobody holds, for ``LEASE``.

    Returns the task's subject, None when the task is done, and what was taken.
    """
    ways = await channels.ways(session, task_id)
    rows = await repository.claim(session, task_id, {channel: names[0] for channel, names in ways.items()}, LEASE)
    outgoing = [_outgoing(session.tenant_id, row, ways.get(Channel(row.channel), [])) for row in rows if row.id]
    for one in outgoing:
        metrics.DELIVERIES.labels(one.channel.value, DeliveryState.CLAIMED.value).inc()
    return (rows[0].subject_id if rows else None), outgoing


def _outgoing(tenant_id: UUID, row: Any, ways: list[str]) -> Outgoing:
    message = Message(
        reference=reference_of(tenant_id, row.id), address=row.address, template=row.template,
        personalisation=personalisation(tenant_id, row.id, row.reference), critical=row.critical,
        time_to_live=max(LEAST_TIME_TO_LIVE, int(row.seconds_left or 0)),
    )  # fmt: skip
    return Outgoing(
        row.id, row.alert_id, Channel(row.channel), message, ways or [row.provider], row.provider,
        ask_first=row.was != DeliveryState.PENDING, wanted=row.wanted, attempt=row.attempts, repeated=row.repeated,
    )  # fmt: skip


async def record(session: TenantSession, task_id: UUID, subject_id: UUID, attempts: Sequence[Attempt]) -> None:
    """Write what the providers answered, and settle the task: done, or when it wants a worker again.

    A receipt may have overtaken us: it knows more, and states only go forward. Or our lease ran out and
    another worker holds the delivery: then only that the provider has it is worth telling.
    """
    trouble = {a.outgoing.delivery_id: a for a in attempts if not isinstance(a.outcome, HandedOver)}
    if trouble:
        await _record_trouble(session, trouble)
        await session.flush()
    taken = [(a, a.outcome) for a in attempts if isinstance(a.outcome, HandedOver)]
    values: dict[str, Any] = {
        "task": task_id, "subject": subject_id,
        "ids": [a.outgoing.delivery_id for a, _ in taken], "providers": [a.provider for a, _ in taken],
        "provider_ids": [outcome.provider_id for _, outcome in taken], "repeats": [a.repeated for a, _ in taken],
        "event_ids": [uuid7() for _ in taken],
        "details": [msgspec.json.encode(a.detail()).decode() for a, _ in taken],
    }  # fmt: skip
    tallies = _tallies(attempts)
    for row in await repository.record(session, values | _columns(tallies)):
        metrics.DELIVERIES.labels(row.channel, DeliveryState.HANDED_OVER.value).inc()
        if row.first_page:
            metrics.FIRST_PAGE_SECONDS.observe((row.now - row.raised_at).total_seconds())
    for channel in {
        channel
        for (channel, name), (_, faults, slow) in tallies.items()
        if faults or slow or channels.is_degraded(channel, name)
    }:
        await channels.review(session, channel)


def _tallies(attempts: Iterable[Attempt]) -> dict[tuple[Channel, str], list[int]]:
    """Calls, faults and slow ones by channel and provider."""
    counted: dict[tuple[Channel, str], list[int]] = {}
    for attempt in attempts:
        for tried in attempt.tries:
            counts = counted.setdefault((attempt.outgoing.channel, tried.provider), [0, 0, 0])
            for place, counts_here in enumerate((True, tried.fault, tried.slow)):
                counts[place] += counts_here
    return counted


def _columns(tallies: dict[tuple[Channel, str], list[int]]) -> dict[str, list[Any]]:
    return {
        "tally_ids": [uuid7() for _ in tallies],
        "tally_channels": [channel.value for channel, _ in tallies],
        "tally_providers": [name for _, name in tallies],
        "tally_attempts": [counts[0] for counts in tallies.values()],
        "tally_faults": [counts[1] for counts in tallies.values()],
        "tally_slow": [counts[2] for counts in tallies.values()],
    }


async def _record_trouble(session: TenantSession, attempts: dict[UUID, Attempt]) -> None:
    now = await session.now()
    ours = [
        delivery
        for delivery in await repository.locked(session, attempts)
        if delivery.state == DeliveryState.CLAIMED and delivery.attempts == attempts[delivery.id].outgoing.attempt
    ]
    for delivery in ours:
        made = attempts[delivery.id]
        _apply(delivery, made, now)
        reason = {"reason": delivery.failure} if delivery.failure else {}
        _enter(session, delivery.id, delivery.state, delivery.channel, now, made.detail() | reason)
    failed = [delivery for delivery in ours if delivery.state == DeliveryState.FAILED]
    dead = {d.id for d in failed if isinstance(o := attempts[d.id].outcome, Refused) and o.dead}
    await after_failure(session, failed, dead, now)


def _apply(delivery: Delivery, made: Attempt, now: datetime) -> None:
    delivery.provider, delivery.repeated = made.provider, made.repeated
    match made.outcome:
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


async def after_failure(session: TenantSession, failed: Iterable[Delivery], dead: set[UUID], now: datetime) -> None:
    """End a page none of whose messages can arrive; retire addresses that are dead and tell whose they were."""
    for delivery in failed:
        if delivery.page_id is not None:
            siblings = await repository.of_page(session, delivery.page_id, delivery.slot_id)
            if all(sibling.state == DeliveryState.FAILED for sibling in siblings):
                await owe(session, PAGE_ENDED, delivery.page_id)
        if delivery.id in dead:
            owners = await contacts.retire_address(session, delivery.channel, delivery.address)
            await _tell_retired(session, owners, now)


async def _tell_retired(session: TenantSession, owners: Sequence[UUID], now: datetime) -> None:
    """Say once, by another verified way, that a number or device is not used any more."""
    methods = await contacts.contact_methods(session, owners) if owners else {}
    for owner in owners:
        left = sorted((m for m in methods[owner] if m.channel in _TELL_BY), key=lambda m: _TELL_BY.index(m.channel))
        if left:
            notice = add(
                session, now, channel=left[0].channel, address=left[0].address, template=CONTACT_RETIRED,
                reference="", raised_at=now,
            )  # fmt: skip
            await owe(session, DELIVER_NOTICES, notice)


async def cancel_pending(session: TenantSession, slot_id: UUID, now: datetime) -> None:
    """Stop everything that has not left for this slot; what is under way is not repeated."""
    for delivery in await repository.unwant(session, slot_id):
        if delivery.state == DeliveryState.PENDING:
            delivery.state = DeliveryState.CANCELLED
            _enter(session, delivery.id, delivery.state, delivery.channel, now, {"attempt": delivery.attempts})


def _enter(
    session: TenantSession,
    delivery_id: UUID,
    state: DeliveryState,
    channel: Channel,
    now: datetime,
    detail: dict[str, Any],
) -> None:
    """Write a state to a delivery's history, and count it."""
    session.append(DeliveryEvent, delivery_id=delivery_id, state=state, at=now, detail=detail)
    metrics.DELIVERIES.labels(str(channel), str(state)).inc()
