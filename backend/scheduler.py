"""The scheduler: wakes every task that is due and not done. Any number may run side by side.

It reads identifiers and instants only, fires nothing itself and holds nothing in memory: each
pass takes what is due under row locks, pushes its next wake-up back, and tells the broker.
"""

import asyncio
import contextlib
import signal
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Interval, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit import metrics
from backend.kit.database import engine
from backend.kit.settings import settings
from backend.kit.tasks import NOTICES, PAGES, Wake, wake
from notifications.channels.service import measure as measure_providers

log = structlog.get_logger(__name__)

PAUSE_SECONDS: Final = 0.5
BATCH: Final = 500
PATIENCE: Final = timedelta(seconds=20)

# Notices wait while a page has yet to leave, but not for ever: a provider may be down for hours.
# Pages are tried again every few seconds for as long as it takes; notices back off to a minute.
_DUE = text("""
    UPDATE routing.task SET attempts = attempts + 1, wake_at = app.now() + CASE queue
        WHEN 'pages' THEN interval '4 seconds'
        ELSE least(interval '4 seconds' * power(2, least(attempts, 4)), interval '60 seconds') END
    WHERE id IN (
        SELECT id FROM routing.task WHERE wake_at <= app.now() AND (
            queue <> 'notices' OR due_at <= app.now() - :patience OR NOT EXISTS (
                SELECT FROM routing.task AS page WHERE page.queue = 'pages' AND page.due_at <= app.now()))
        ORDER BY queue DESC, wake_at LIMIT :batch FOR UPDATE SKIP LOCKED)
    RETURNING id, tenant_id, queue, actor, extract(epoch FROM app.now() - due_at) AS lag
""").bindparams(bindparam("patience", PATIENCE, type_=Interval()))
_OWED = text("""
    SELECT queue, count(*) AS owed, extract(epoch FROM app.now() - min(due_at)) AS oldest
    FROM routing.task WHERE due_at <= app.now() GROUP BY queue
""")


async def sweep(on: AsyncEngine) -> int:
    """Wake what is due, once. Returns how many tasks were woken."""
    async with on.begin() as connection:
        rows = (await connection.execute(_DUE, {"batch": BATCH})).all()
    for row in rows:
        metrics.TIMER_LAG_SECONDS.labels(row.queue).observe(float(row.lag))
    await asyncio.to_thread(wake, [Wake(row.queue, row.actor, row.tenant_id, row.id) for row in rows])
    return len(rows)


async def measure(on: AsyncEngine) -> None:
    """Refresh the gauges of what is owed."""
    async with on.connect() as connection:
        owed = {row.queue: row for row in await connection.execute(_OWED)}
    for queue in (PAGES, NOTICES):
        row = owed.get(queue)
        metrics.TASKS_OWED.labels(queue).set(row.owed if row else 0)
        metrics.OLDEST_TASK_SECONDS.labels(queue).set(float(row.oldest) if row else 0)


async def run() -> None:
    """Sweep until told to stop. A database that is away is waited for, not fatal."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    metrics.serve(settings().metrics_port)
    log.info("scheduler_started")
    while not stopping.is_set():
        try:
            woken = await sweep(engine())
            await measure(engine())
            await measure_providers(engine())
        except Exception as error:  # whatever it is, the next pass must come
            log.warning("sweep_failed", exc_info=error)
            woken = 0
        if woken < BATCH:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), PAUSE_SECONDS)
    await engine().dispose()
    log.info("scheduler_stopped")
