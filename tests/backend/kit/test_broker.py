"""An idle worker starts on a message at once, although Dramatiq itself would poll only each second."""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Queue
from typing import Any
from uuid import uuid4

import dramatiq
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from backend.kit import broker as product
from backend.kit.broker import WakefulBroker, token_key
from infra.dev.supervisor import free_port

# Far under the second that a poll may take, far over the few milliseconds that it does take.
AT_ONCE = 0.125
# A listener that nobody woke would wait so long here: whatever comes in time was brought, on the busiest machine.
IDLE = 30.0
IN_TIME = 15.0


def message(queue: str) -> dramatiq.Message[Any]:
    return dramatiq.Message(queue_name=queue, actor_name="nobody", args=(), kwargs={}, options={})


@dataclass
class Listener:
    """A worker's consumer thread: notes when it got which message."""

    broker: WakefulBroker
    queue: str
    got: "Queue[tuple[str, float]]"
    failed: list[Exception] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        consumer = self.broker.consume(self.queue, prefetch=1, timeout=60_000)
        try:
            while not self._stop.is_set():
                proxy = next(consumer)
                if proxy is not None:
                    self.got.put((proxy.message_id, time.monotonic()))
                    consumer.ack(proxy)
        except Exception as error:  # shown by the test's own thread
            self.failed.append(error)
        finally:
            consumer.close()


@dataclass(frozen=True)
class Bench:
    """Some idle listeners on one queue, and a broker to send by."""

    broker: WakefulBroker
    queue: str
    got: "Queue[tuple[str, float]]"
    listeners: list[Listener]

    def send(self) -> tuple[str, float]:
        at = time.monotonic()
        return self.broker.enqueue(message(self.queue)).message_id, at

    def receive(self) -> tuple[str, float]:
        assert not [listener.failed for listener in self.listeners if listener.failed]
        return self.got.get(timeout=2 * IDLE)

    def wait(self) -> float:
        """Seconds from sending one message until a listener has it."""
        sent, before = self.send()
        received, after = self.receive()
        assert received == sent
        return after - before


@contextmanager
def listening(url: str, listeners: int) -> Iterator[Bench]:
    client = redis.Redis.from_url(url, socket_timeout=2 * IDLE)
    broker = WakefulBroker(  # type: ignore[no-untyped-call]
        client=client, middleware=[], namespace=f"test-{uuid4().hex}"
    )
    queue = f"test-{uuid4().hex}"
    broker.declare_queue(queue)
    bench = Bench(broker, queue, Queue(), [])
    bench.listeners.extend(Listener(broker, queue, bench.got) for _ in range(listeners))
    threads = [threading.Thread(target=listener.run, daemon=True) for listener in bench.listeners]
    for thread in threads:
        thread.start()
    time.sleep(0.3)  # all are idle by now
    try:
        yield bench
    finally:
        for listener in bench.listeners:
            listener._stop.set()
        client.lpush(token_key(queue), *["stop"] * (1 + listeners))
        for thread in threads:
            thread.join(timeout=IDLE)
        broker.close()


@pytest.fixture(scope="module")
def url(environment: dict[str, str]) -> str:
    return environment["BROKER_URL"]


@pytest.fixture(autouse=True)
def _long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product, "_IDLE_SECONDS", IDLE)


def test_an_idle_listener_has_a_message_at_once(url: str) -> None:
    with listening(url, 1) as bench:
        waits = []
        for pause in (0.8, 1.1, 0.9, 1.2, 0.7, 1.0, 1.3):  # a poll would come ever more seldom meanwhile
            time.sleep(pause)
            waits.append(bench.wait())
    assert statistics.median(waits) < AT_ONCE, waits
    assert max(waits) < IN_TIME, waits


def test_it_is_so_after_more_than_one_wait_ran_out(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener that waited for nothing waits again, and is woken as quickly."""
    monkeypatch.setattr(product, "_IDLE_SECONDS", 0.3)
    with listening(url, 1) as bench:
        time.sleep(0.7)
        monkeypatch.setattr(product, "_IDLE_SECONDS", IDLE)
        time.sleep(0.7)
        assert bench.wait() < IN_TIME


def test_several_listeners_share_a_burst_and_none_is_left_lying(url: str) -> None:
    with listening(url, 4) as bench:
        sent = dict(bench.send() for _ in range(60))
        received = dict(bench.receive() for _ in sent)
        assert received.keys() == sent.keys()
        assert max(received.values()) - max(sent.values()) < IN_TIME
        assert bench.got.empty(), "a message was given to two"


def test_every_listener_of_several_is_woken(url: str) -> None:
    with listening(url, 3) as bench:
        assert max(bench.wait() for _ in range(6)) < IN_TIME


def test_a_broker_that_is_wiped_leaves_idle_listeners_listening(url: str) -> None:
    with listening(url, 2) as bench:
        assert bench.wait() < IN_TIME
        bench.broker.client.flushdb()
        time.sleep(0.1)
        assert bench.wait() < IN_TIME
        assert bench.wait() < IN_TIME


def test_wakings_that_nobody_takes_do_not_pile_up(url: str) -> None:
    with listening(url, 0) as bench:
        for _ in range(150):
            bench.send()
        key = token_key(bench.queue)
        assert bench.broker.client.llen(key) <= 64
        assert 0 < bench.broker.client.ttl(key) <= 60


def test_what_cannot_be_put_back_while_the_broker_is_away_ends_no_worker_badly() -> None:
    """Dramatiq goes on with its ending at a lost connection, and at nothing else."""
    client = redis.Redis(port=free_port(), socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 0))
    broker = WakefulBroker(client=client, middleware=[])  # type: ignore[no-untyped-call]
    fetched = dramatiq.MessageProxy(message("pages").copy(options={"redis_message_id": "1"}))
    with pytest.raises(dramatiq.errors.ConnectionClosed):
        broker.consume("pages").requeue([fetched])
