"""What a worker does while the broker is away: it looks itself for the pages that are due.

Otherwise a broker that is gone for an hour would keep every page for an hour. All that is owed is in PostgreSQL, and
whoever runs a task claims it there: two workers that come upon the same one run it once.
"""

import asyncio
import threading
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import redis
import structlog
from dramatiq import Broker, Worker
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.middleware import Middleware
from sqlalchemy import Row, text

from backend.kit.actors import Run
from backend.kit.broker import broker
from backend.kit.database import engine
from backend.kit.queues import PAGES
from backend.kit.tasks import Actor

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 1.0
MOST_AT_ONCE: Final = 16

# Whatever wakes tasks puts off the next waking, also when nobody heard: when a task is due is what counts here.
_DUE: Final = text("""
    SELECT id, tenant_id, actor FROM routing.task
    WHERE queue = :queue AND due_at <= app.now() AND id <> ALL(:running) ORDER BY due_at, id LIMIT :most
""")


class Standby(Middleware):
    """Runs what is due of ``runs`` on the pages' queue, in a worker of that queue, each second without the broker."""

    def __init__(self, runs: Mapping[Actor, Run]) -> None:
        self._runs = {actor.name: run for actor, run in runs.items() if actor.queue == PAGES}
        self._under_way: dict[UUID, asyncio.Task[None]] = {}
        self._ending = threading.Event()

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:  # noqa: ARG002
        """Begin to look, beside the actors."""
        beside = get_event_loop_thread()
        if beside is not None and (worker.consumer_whitelist is None or PAGES in worker.consumer_whitelist):
            self._watching = asyncio.run_coroutine_threadsafe(self._watch(), beside.loop)

    def before_worker_shutdown(self, broker: Broker, worker: Worker) -> None:  # noqa: ARG002
        """Begin nothing more."""
        self._ending.set()

    async def _watch(self) -> None:
        away = False
        while not self._ending.is_set():
            await asyncio.sleep(LOOK_SECONDS)
            try:
                was, away = away, await asyncio.to_thread(_is_away)
                if away != was:
                    log.warning("broker_away" if away else "broker_back")
                if away:
                    await self.begin_due()
            except Exception as error:  # whatever it is, the next look must come
                log.warning("standby_failed", exc_info=error)

    async def begin_due(self) -> None:
        """Begin the tasks that have been due for longest, as many at once as may be."""
        asked = {"queue": PAGES, "running": list(self._under_way), "most": MOST_AT_ONCE - len(self._under_way)}
        async with engine().connect() as connection:
            rows = (await connection.execute(_DUE, asked)).all()
        for row in rows:
            self._under_way[row.id] = asyncio.create_task(self._run(row))

    async def _run(self, row: Row[Any]) -> None:
        try:
            await self._runs[row.actor](row.tenant_id, row.id)
        except Exception as error:  # its row is there still, and is looked at again
            log.warning("task_failed", actor=row.actor, exc_info=error)
        finally:
            del self._under_way[row.id]


def _is_away() -> bool:
    try:
        broker().client.ping()
    except redis.RedisError:
        return True
    return False
