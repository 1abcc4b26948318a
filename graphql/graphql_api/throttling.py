"""What a person's requests cost, and how much they may ask for: a bucket in Valkey that fills up again.

An operation is charged before it runs with the most nodes that it can fetch, and gets back what it did not fetch.
What a person does has a bucket of its own: no amount of looking keeps anybody from answering a call. A broker that
is away lets everything through, because a throttle must never be what loses an alert.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import ceil
from typing import Any, Final
from uuid import UUID

import redis
import redis.asyncio
import structlog
from graphql import OperationType

from graphql_api.errors import HTTPProblem
from graphql_api.protocol import GraphQLCall

log = structlog.get_logger(__name__)

_PATIENCE_SECONDS: Final = 0.25
# Takes ARGV[1] of a bucket that holds ARGV[2] and gains ARGV[3] a second; less than nothing is given back. Answers
# what is left, and the milliseconds until there is enough, 0 for at once. Valkey's clock, so that processes agree.
_TAKE: Final = """
local now = redis.call('TIME'); now = now[1] * 1000 + math.floor(now[2] / 1000)
local held = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = tonumber(held[1] or ARGV[2])
left = math.min(tonumber(ARGV[2]), left + (now - tonumber(held[2] or now)) * ARGV[3] / 1000)
local wanted, waiting = tonumber(ARGV[1]), 0
if wanted > left then waiting = math.ceil((wanted - left) * 1000 / ARGV[3]) else left = left - wanted end
left = math.min(tonumber(ARGV[2]), left)
redis.call('HSET', KEYS[1], 'left', left, 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] * 1000 / ARGV[3]) + 1000)
return {math.floor(left), waiting}
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """A bucket: its name, what it holds, and what it gains a second. In nodes."""

    name: str
    holds: int
    gains: int


TRUSTED: Final = Allowance("trusted", 50_000, 500)
AD_HOC: Final = Allowance("ad-hoc", 20_000, 100)
DOING: Final = Allowance("doing", 5_000, 100)

_nodes: ContextVar[list[int]] = ContextVar("graphql_nodes")


def note(nodes: int) -> None:
    """Count nodes that a connection of the operation at hand has fetched."""
    if (counted := _nodes.get(None)) is not None:
        counted[0] += nodes


@contextmanager
def _counting() -> Iterator[list[int]]:
    counted = [0]
    reset = _nodes.set(counted)
    try:
        yield counted
    finally:
        _nodes.reset(reset)


class Throttle:
    """The buckets of everybody. Without a URL nothing is refused, and costs are only told."""

    def __init__(self, url: str | None) -> None:
        self._client: Any = None
        if url is not None:
            self._client = redis.asyncio.Redis.from_url(
                url, socket_timeout=_PATIENCE_SECONDS, socket_connect_timeout=_PATIENCE_SECONDS
            )
            self._script = self._client.register_script(_TAKE)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    @asynccontextmanager
    async def charged(self, tenant_id: UUID, person_id: UUID, call: GraphQLCall) -> AsyncIterator[None]:
        """Charge a call, and tell its cost in the answer's extensions when the block ends well.

        Raises ``HTTPProblem`` 429 with ``Retry-After`` for whoever has asked for too much of late.
        """
        doing = call.operation.kind is OperationType.MUTATION
        allowance = DOING if doing else TRUSTED if call.document.trusted else AD_HOC
        requested = 1 + call.nodes
        key = f"safeguard:budget:{tenant_id}:{person_id}:{allowance.name}"
        left, waiting = await self._take(key, requested, allowance)
        if waiting:
            seconds = ceil(waiting / 1000)
            message = f"You have asked for much in a short time. Try again in {seconds} seconds."
            raise HTTPProblem(429, "THROTTLED", message, {"Retry-After": str(seconds)})
        with _counting() as counted:
            yield
        actual = min(requested, 1 + counted[0])
        if actual < requested:
            left, _ = await self._take(key, actual - requested, allowance)
        call.extensions["cost"] = {
            "requested": requested, "actual": actual, "available": left, "maximum": allowance.holds,
            "restoredEachSecond": allowance.gains,
        }  # fmt: skip

    async def _take(self, key: str, nodes: int, allowance: Allowance) -> tuple[int, int]:
        if self._client is None:
            return allowance.holds, 0
        try:
            left, waiting = await self._script(keys=[key], args=[nodes, allowance.holds, allowance.gains])
        except (redis.RedisError, OSError) as error:
            log.warning("throttle_away", error=type(error).__name__)
            return allowance.holds, 0
        return int(left), int(waiting)
