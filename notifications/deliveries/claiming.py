"""The attempts at a delivery: claim, send outside any transaction, record.

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
from notifications.channels import service as channels
from notifications.channels.outcomes import (
    LEAST_TIME_TO_LIVE,
    MOST_TIME_TO_LIVE,
    HandedOver,
    Message,
    NotNeeded,
    NotTaken,
    Refused,
    Unknown,
    reference_of,
)
from notifications.deliveries import repository
from notifications.deliveries.failures import after_failure
from notifications.deliveries.models import Delivery, DeliveryState
from notifications.deliveries.sending import Attempt, Outgoing
from notifications.deliveries.service import enter
from notifications.deliveries.wording import OUTSIDE, outside, personalisation, when
from tenants.contacts.models import Channel
from tenants.partnerships import repository as partnerships

LEASE: Final = timedelta(seconds=8)  # longer than an attempt by two providers, short enough to recover from a crash
ASK_AFTER: Final = timedelta(seconds=1)  # a timed-out request may still be on its way in
MOST_ATTEMPTS: Final = 12


async def claim(session: TenantSession, task_id: UUID) -> tuple[UUID | None, list[Outgoing]]:
    """Take every delivery of the task that nobody holds, for ``LEASE``.

    Returns the task's subject, None when the task is done, and what was taken.
    """
    ways = await channels.ways(session, task_id)
    rows = await repository.claim(session, task_id, {channel: names[0] for channel, names in ways.items()}, LEASE)
    zone = (await partnerships.own(session)).zone if any(row.template in OUTSIDE for row in rows) else None
    outgoing = [_outgoing(session.tenant_id, row, ways.get(Channel(row.channel), []), zone) for row in rows if row.id]
    for one in outgoing:
        metrics.count_delivery(one.channel.value, DeliveryState.CLAIMED.value, drill=one.drill)
    return (rows[0].subject_id if rows else None), outgoing


def _outgoing(tenant_id: UUID, row: Any, ways: list[str], zone: str | None) -> Outgoing:
    notice = row.template if row.alert_id is None else None
    if row.template in OUTSIDE and zone is not None:
        values = outside(row.reference, when(row.wanted_until, zone))
    else:
        values = personalisation(tenant_id, row.id, row.reference, notice=notice)
    message = Message(
        reference=reference_of(tenant_id, row.id), address=row.address, template=row.template,
        personalisation=values, critical=row.critical,
        time_to_live=min(max(LEAST_TIME_TO_LIVE, int(row.seconds_left or 0)), MOST_TIME_TO_LIVE),
    )  # fmt: skip
    return Outgoing(
        row.id, row.alert_id, Channel(row.channel), message, ways or [row.provider], row.provider,
        ask_first=row.was != DeliveryState.PENDING, wanted=row.wanted, attempt=row.attempts, repeated=row.repeated,
        drill=row.drill, sandbox=row.sandbox,
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
        metrics.count_delivery(row.channel, DeliveryState.HANDED_OVER.value, drill=row.drill)
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
        detail = made.detail() | reason
        enter(session, delivery.id, delivery.state, delivery.channel, now, detail, drill=delivery.drill)
    failed = [delivery for delivery in ours if delivery.state == DeliveryState.FAILED]
    dead = {d.id for d in failed if isinstance(o := attempts[d.id].outcome, Refused) and o.dead}
    await after_failure(session, failed, dead)


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
