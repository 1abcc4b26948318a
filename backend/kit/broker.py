"""Dramatiq over Valkey, woken at once.

Dramatiq's Redis consumer polls an empty queue with growing pauses of up to a second. A page must
leave within milliseconds, so each enqueue also pushes a token that idle consumers block on.
"""

from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Any

import dramatiq
import redis
from dramatiq.brokers import redis as redis_broker
from dramatiq.middleware import AsyncIO
from redis.backoff import NoBackoff
from redis.retry import Retry

from backend.kit.settings import settings

_IDLE_SECONDS = 1.0
_TOKENS_KEPT = 64  # more idle consumers than this never wait on one queue
_WAKE_ONE = """
redis.call('lpush', KEYS[1], '1')
redis.call('ltrim', KEYS[1], 0, ARGV[1] - 1)
redis.call('expire', KEYS[1], 60)
"""


class WakefulConsumer(redis_broker._RedisConsumer):  # noqa: SLF001  # what ``consumer_class`` exists to replace
    """Waits for a token instead of polling; delay queues, which nothing uses, keep polling."""

    def __next__(self) -> Any:
        if self.queue_name.endswith(".DQ"):
            return super().__next__()
        self.timeout = 1  # milliseconds: the base class sleeps at most this long on a miss
        message = super().__next__()
        if message is None and self.outstanding_message_count < self.prefetch:
            try:
                self.broker.client.blpop([token_key(self.queue_name)], timeout=_IDLE_SECONDS)
            except redis.ConnectionError as error:
                raise dramatiq.errors.ConnectionClosed(error) from None
        return message

    def requeue(self, messages: Iterable[Any]) -> None:
        """Hand back what was fetched and not begun. Without the broker it is left: its row is woken again."""
        try:
            super().requeue(messages)
        except redis.RedisError as error:
            raise dramatiq.errors.ConnectionClosed(error) from None


class WakefulBroker(redis_broker.RedisBroker):
    """A ``RedisBroker`` whose idle consumers start on a message at once."""

    @property
    def consumer_class(self) -> type[WakefulConsumer]:
        return WakefulConsumer

    @cached_property
    def _wake_one(self) -> Any:
        return self.client.register_script(_WAKE_ONE)

    def enqueue(self, message: dramatiq.Message[Any], *, delay: int | None = None) -> dramatiq.Message[Any]:
        sent = super().enqueue(message, delay=delay)
        self._wake_one(keys=[token_key(message.queue_name)], args=[_TOKENS_KEPT])
        return sent


def token_key(queue_name: str) -> str:
    """The list that idle consumers of a queue block on."""
    return f"safeguard:wake:{queue_name}"


@lru_cache(maxsize=1)
def broker() -> WakefulBroker:
    """The process's broker. Retries and results are off: rows, not messages, are what is owed."""
    client = redis.Redis.from_url(
        settings().broker_url.get_secret_value(),
        socket_timeout=_IDLE_SECONDS + 2,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), 0),
    )
    made = WakefulBroker(client=client, middleware=[AsyncIO()], namespace="safeguard")
    dramatiq.set_broker(made)
    return made
