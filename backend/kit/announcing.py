"""Tells other processes, over Valkey, that a partnership's rows have changed: its id, and nothing else.

A word that is lost only delays: who waits for it looks again by itself every second or so.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final
from uuid import UUID

import redis
import redis.asyncio
import structlog

from backend.kit.broker import broker
from backend.kit.settings import settings

log = structlog.get_logger(__name__)

CHANNEL: Final = "safeguard:changes"
_AGAIN_SECONDS: Final = 1.0

_lock = threading.Lock()
_waiting: set[UUID] = set()
_speaker = ThreadPoolExecutor(1, thread_name_prefix="announcing")


def announce_soon(tenant_id: UUID) -> None:
    """Say that a partnership's rows have changed, from a thread; said once for all that came while it waited."""
    with _lock:
        idle = not _waiting
        _waiting.add(tenant_id)
    if idle:
        _speaker.submit(_speak)


def _speak() -> None:
    with _lock:
        told = list(_waiting)
        _waiting.clear()
    try:
        for tenant_id in told:
            broker().client.publish(CHANNEL, str(tenant_id))
    except redis.RedisError as error:
        log.warning("announcement_failed", error=type(error).__name__)


async def announced() -> AsyncIterator[UUID]:
    """The partnerships that are announced from now on, without end; a broker that is away is waited for."""
    while True:
        client = redis.asyncio.Redis.from_url(settings().broker_url.get_secret_value(), socket_connect_timeout=1)
        try:
            async with client, client.pubsub() as words:
                await words.subscribe(CHANNEL)
                async for word in words.listen():
                    if word["type"] == "message":
                        with suppress(ValueError):
                            yield UUID(word["data"].decode())
        except (redis.RedisError, OSError) as error:
            log.warning("announcements_unheard", error=type(error).__name__)
        await asyncio.sleep(_AGAIN_SECONDS)
