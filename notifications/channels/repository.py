"""Every query on the providers' condition. These tables are one for all partnerships."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Interval, Row, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from notifications.channels.health import REST, WINDOW, Change, Evidence, State
from notifications.channels.models import ChangeKind, Condition

KEPT = timedelta(hours=1)

_STATES = text("SELECT channel, provider, condition, since, reason, pinned FROM routing.provider_state")
_EVIDENCE = text("""
    SELECT tally.provider, sum(attempts) AS attempts, sum(faults) AS faults, sum(slow) AS slow
    FROM routing.provider_tally AS tally LEFT JOIN routing.provider_state AS state USING (channel, provider)
    WHERE tally.channel = :channel AND tally.at > app.now() - :window
      AND (state.since IS NULL OR tally.at > state.since
           + CASE state.condition WHEN 'degraded' THEN :rest ELSE interval '0' END)
    GROUP BY tally.provider
""").bindparams(bindparam("window", WINDOW, type_=Interval()), bindparam("rest", REST, type_=Interval()))
_ENTER = text("""
    INSERT INTO routing.provider_state (channel, provider, condition, since, reason, pinned)
    VALUES (:channel, :provider, :condition, app.now(), :reason, false)
    ON CONFLICT (channel, provider) DO UPDATE SET condition = :condition, since = app.now(), reason = :reason
""")
_PIN = text("""
    INSERT INTO routing.provider_state (channel, provider, condition, since, reason, pinned)
    VALUES (:channel, :provider, 'working', app.now(), '', true)
    ON CONFLICT (channel, provider) DO UPDATE SET pinned = true
""")
_UNPIN = text("UPDATE routing.provider_state SET pinned = false WHERE channel = :channel AND pinned RETURNING provider")
_REMEMBER = text("""
    INSERT INTO routing.provider_change (id, at, channel, provider, change, reason)
    VALUES (:id, app.now(), :channel, :provider, :change, :reason)
""")
_CHANGES = text("""
    SELECT at, channel, provider, change, reason FROM routing.provider_change ORDER BY at DESC, id DESC LIMIT :count
""")
_PRUNE = text("DELETE FROM routing.provider_tally WHERE at < app.now() - :kept").bindparams(
    bindparam("kept", KEPT, type_=Interval())
)
_ONE_AT_A_TIME = text("SELECT pg_try_advisory_xact_lock(hashtext('provider-health'), hashtext(:channel))")

On = AsyncSession | AsyncConnection


async def states(on: On) -> dict[str, dict[str, State]]:
    """Condition of the providers that ever had another than working, by channel and name."""
    found: dict[str, dict[str, State]] = {}
    for row in await rows(on):
        state = State(Condition(row.condition), row.since, row.pinned)
        found.setdefault(row.channel, {})[row.provider] = state
    return found


async def rows(on: On) -> list[Row[Any]]:
    return list((await on.execute(_STATES)).all())


async def evidence(on: On, channel: str) -> dict[str, Evidence]:
    """What was seen of the channel's providers in the window, by name."""
    seen = (await on.execute(_EVIDENCE, {"channel": channel})).all()
    return {row.provider: Evidence(row.attempts, row.faults, row.slow) for row in seen}


async def alone(on: On, channel: str) -> bool:
    """Whether this transaction is the only one that judges the channel now."""
    return bool((await on.execute(_ONE_AT_A_TIME, {"channel": channel})).scalar())


async def enter(on: On, channel: str, change: Change, change_id: object) -> None:
    """Make a change that evidence called for, and remember it."""
    condition = Condition.WORKING if change.kind is ChangeKind.RECOVERED else Condition.DEGRADED
    values = {"channel": channel, "provider": change.provider, "reason": change.reason}
    await on.execute(_ENTER, {**values, "condition": condition.value})
    await on.execute(_REMEMBER, {**values, "id": change_id, "change": change.kind.value})


async def pin(on: On, values: Mapping[str, object]) -> None:
    await on.execute(_PIN, {"channel": values["channel"], "provider": values["provider"]})
    await on.execute(_REMEMBER, {**values, "change": ChangeKind.PINNED.value})


async def unpin(on: On, channel: str) -> list[str]:
    """Take the channel's pin away. Returns who had it."""
    return [row.provider for row in (await on.execute(_UNPIN, {"channel": channel})).all()]


async def remember_unpinned(on: On, values: Mapping[str, object]) -> None:
    await on.execute(_REMEMBER, {**values, "change": ChangeKind.UNPINNED.value})


async def changes(on: On, count: int) -> list[Row[Any]]:
    """The latest changes, newest first."""
    return list((await on.execute(_CHANGES, {"count": count})).all())


async def prune(on: On) -> None:
    """Forget tallies that no judgement looks at any more."""
    await on.execute(_PRUNE)
