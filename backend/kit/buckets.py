"""How much anybody may ask for: buckets in Valkey that fill up again, the same ones for every process.

A broker that is away lets everything through, because a throttle must never be what loses an alert.
"""

from dataclasses import dataclass
from typing import Any, Final

import redis
import redis.asyncio
import structlog

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
    """A bucket: its name, what it holds, and what it gains a second, in whatever is counted."""

    name: str
    holds: int
    gains: int


class Buckets:
    """Every bucket. Without a URL nothing is refused."""

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

    async def take(self, key: str, wanted: int, allowance: Allowance) -> tuple[int, int]:
        """What is left in somebody's bucket, and the milliseconds until it holds ``wanted``: 0 when that was taken.

        Less than nothing is given back.
        """
        if self._client is None:
            return allowance.holds, 0
        try:
            left, waiting = await self._script(keys=[key], args=[wanted, allowance.holds, allowance.gains])
        except (redis.RedisError, OSError) as error:
            log.warning("throttle_away", error=type(error).__name__)
            return allowance.holds, 0
        return int(left), int(waiting)
