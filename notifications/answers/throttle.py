"""How often one link may be opened: a count in the broker that a minute forgets."""

import asyncio
import time
from typing import Final
from uuid import UUID

import redis

from backend.kit.broker import broker

MOST_A_MINUTE: Final = 30


async def too_often(delivery_id: UUID) -> bool:
    """Whether the link of a delivery has been asked for too often this minute.

    A broker that is away lets everybody through: a person must be able to answer. What it spares is
    the database's time only; a link that we did not make never comes this far.
    """
    return await asyncio.to_thread(_count, delivery_id) > MOST_A_MINUTE


def _count(delivery_id: UUID) -> int:
    key = f"safeguard:link:{delivery_id}:{int(time.time() // 60)}"
    try:
        with broker().client.pipeline(transaction=False) as pipeline:
            pipeline.incr(key)
            pipeline.expire(key, 120)
            return int(pipeline.execute()[0])
    except redis.RedisError:
        return 0
