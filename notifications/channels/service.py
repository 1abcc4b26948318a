"""Which provider a channel uses now, moved by evidence or pinned by an operator."""

import time
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit import metrics
from backend.kit.ids import uuid7
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from notifications.channels import health, repository
from notifications.channels.health import State
from notifications.channels.models import Condition
from notifications.channels.providers import names
from tenants.contacts.models import Channel

log = structlog.get_logger(__name__)

CHOICE: Final = tuple(channel for channel in Channel if channel is not Channel.PUSH)
"""Channels whose providers stand in for each other. A device has its own."""

_TRIAL_ONE_IN: Final = 8
_FRESH_SECONDS: Final = 1.0
# A copy of what every worker can read in the database, so that a page does not wait for it.
_known: dict[str, tuple[float, dict[str, dict[str, State]]]] = {}


async def ways(session: TenantSession, task_id: UUID) -> dict[Channel, list[str]]:
    """The providers of each channel, the one to use first, from a condition at most a second old.

    One task in eight tries a provider that has rested.
    """
    states = await _states(session)
    trial = task_id.int % _TRIAL_ONE_IN == 0
    return {
        channel: health.order(names(channel), states[channel.value], await session.now(), trial=trial)
        if channel.value in states
        else names(channel)
        for channel in CHOICE
    }


async def _states(session: TenantSession) -> dict[str, dict[str, State]]:
    database = settings().database_url.get_secret_value()
    read_at, found = _known.get(database, (0.0, {}))
    if time.monotonic() - read_at > _FRESH_SECONDS:
        found = await repository.states(session)
        _known.clear()
        _known[database] = (time.monotonic(), found)
    return found


def is_degraded(channel: Channel, provider: str) -> bool:
    """Whether the provider was last known to be avoided, so that what it does now is a trial."""
    known = [states for _, states in _known.values()]
    state = known[0].get(channel.value, {}).get(provider) if known else None
    return state is not None and state.condition is Condition.DEGRADED


def forget() -> None:
    """Read the condition anew next time."""
    _known.clear()


async def review(session: TenantSession, channel: Channel) -> None:
    """Judge the channel's providers by what was tallied. Another worker that is at it does it for us."""
    if channel not in CHOICE or len(names(channel)) < 2 or not await repository.alone(session, channel.value):
        return
    states = (await repository.states(session)).get(channel.value, {})
    evidence = await repository.evidence(session, channel.value)
    for change in health.judge(names(channel), states, evidence, await session.now()):
        await repository.enter(session, channel.value, change, uuid7())
        log.warning("provider_changed", channel=channel.value, provider=change.provider, kind=change.kind.value)
    forget()


async def pin(engine: AsyncEngine, channel: Channel, provider: str, reason: str) -> None:
    """Use ``provider`` for the channel until it is unpinned, whatever the evidence.

    Raises ``Invalid`` for a provider that does not carry the channel or is not configured.
    """
    if channel not in CHOICE:
        raise Invalid([FieldError("channel", "push goes to each device's own provider and cannot be pinned")])
    if provider not in names(channel):
        raise Invalid([FieldError("provider", f"choose from {', '.join(names(channel))}")])
    async with engine.begin() as on:
        await repository.unpin(on, channel.value)
        values = {"id": uuid7(), "channel": channel.value, "provider": provider, "reason": reason}
        await repository.pin(on, values)


async def unpin(engine: AsyncEngine, channel: Channel, reason: str) -> bool:
    """Let the evidence decide again. False when nothing was pinned."""
    async with engine.begin() as on:
        freed = await repository.unpin(on, channel.value)
        for provider in freed:
            values = {"id": uuid7(), "channel": channel.value, "provider": provider, "reason": reason}
            await repository.remember_unpinned(on, values)
    return bool(freed)


async def measure(on: AsyncEngine) -> None:
    """Refresh the gauges of the providers' condition, and forget old tallies."""
    async with on.begin() as connection:
        states = await repository.states(connection)
        await repository.prune(connection)
    for channel in CHOICE:
        for name in names(channel):
            state = states.get(channel.value, {}).get(name)
            degraded = state is not None and state.condition is Condition.DEGRADED
            metrics.PROVIDER_DEGRADED.labels(channel.value, name).set(int(degraded))
