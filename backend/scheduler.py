"""The scheduler: wakes every task that is due and not done. Any number may run side by side.

It reads identifiers and instants only, fires nothing itself and holds nothing in memory: each
pass takes what is due under row locks, pushes its next wake-up back, and tells the broker.
"""

import asyncio
import contextlib
import signal
import time
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Interval, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit import metrics
from backend.kit.database import engine
from backend.kit.settings import settings
from backend.kit.tasks import NOTICES, PAGES, Wake, wake
from backend.watching import run as watch
from notifications.channels import http
from notifications.channels.service import measure as measure_providers

log = structlog.get_logger(__name__)

PAUSE_SECONDS: Final = 0.5
LEAST_PAUSE_SECONDS: Final = 0.02
BATCH: Final = 500
PATIENCE: Final = timedelta(seconds=20)

# Notices wait while a page has yet to leave, but not for ever: a provider may be down for hours.
# Partnerships take turns: one with a thousand tasks due has one of them woken before anybody's second.
# What another scheduler has woken in the meantime is due no more once its row is locked, and is looked at again.
# Pages are tried again every few seconds for as long as it takes; notices back off to a minute.
_DUE = text("""
    WITH due AS (
        SELECT id, row_number() OVER (PARTITION BY tenant_id, queue ORDER BY wake_at, id) AS turn
        FROM routing.task WHERE wake_at <= app.now() AND (
            queue <> 'notices' OR due_at <= app.now() - :patience OR NOT EXISTS (
                SELECT FROM routing.task AS page WHERE page.queue = 'pages' AND page.due_at <= app.now()))),
    woken AS (
        SELECT task.id, due.turn FROM routing.task JOIN due USING (id) WHERE task.wake_at <= app.now()
        ORDER BY queue DESC, turn, wake_at LIMIT :batch FOR UPDATE OF task SKIP LOCKED)
    UPDATE routing.task SET attempts = attempts + 1, wake_at = app.now() + CASE queue
        WHEN 'pages' THEN interval '4 seconds'
        ELSE least(interval '4 seconds' * power(2, least(attempts, 4)), interval '60 seconds') END
    FROM woken WHERE task.id = woken.id
    RETURNING task.id, tenant_id, queue, actor, woken.turn, extract(epoch FROM app.now() - due_at) AS lag
""").bindparams(bindparam("patience", PATIENCE, type_=Interval()))
_NEXT = text("SELECT extract(epoch FROM min(wake_at) - app.now()) FROM routing.task WHERE wake_at > app.now()")
_OWED = text("""
    SELECT queue, count(*) AS owed, extract(epoch FROM app.now() - min(due_at)) AS oldest
    FROM routing.task WHERE due_at <= app.now() GROUP BY queue
""")
_WARNINGS = text("SELECT kind, sum(open) AS open FROM routing.rota_warning_count GROUP BY kind")


# Written now and then, not with each pass: it is read once a minute.
_SWEPT = text("""
    UPDATE routing.duty SET claimed_at = app.now(), finished_at = app.now()
    WHERE name = 'sweep' AND NOT claimed_at BETWEEN app.now() - interval '5 seconds' AND app.now()
""")


async def sweep(on: AsyncEngine) -> int:
    """Wake what is due, once, and leave word that it was done. Returns how many tasks were woken."""
    async with on.begin() as connection:
        rows = sorted((await connection.execute(_DUE, {"batch": BATCH})).all(), key=lambda row: row.turn)
    for row in rows:
        metrics.TIMER_LAG_SECONDS.labels(row.queue).observe(float(row.lag))
    await asyncio.to_thread(wake, [Wake(row.queue, row.actor, row.tenant_id, row.id) for row in rows])
    async with on.begin() as connection:
        await connection.execute(_SWEPT)
    return len(rows)


async def pause(on: AsyncEngine) -> float:
    """Seconds to wait before the next sweep: until the next timer, and never long."""
    async with on.connect() as connection:
        seconds = await connection.scalar(_NEXT)
    return PAUSE_SECONDS if seconds is None else min(max(float(seconds), LEAST_PAUSE_SECONDS), PAUSE_SECONDS)


async def measure(on: AsyncEngine) -> None:
    """Refresh the gauges of what is owed and of what is wrong with rotas."""
    async with on.connect() as connection:
        owed = {row.queue: row for row in await connection.execute(_OWED)}
        warnings = (await connection.execute(_WARNINGS)).all()
    for queue in (PAGES, NOTICES):
        row = owed.get(queue)
        metrics.TASKS_OWED.labels(queue).set(row.owed if row else 0)
        metrics.OLDEST_TASK_SECONDS.labels(queue).set(float(row.oldest) if row else 0)
    for row in warnings:
        metrics.ROTA_WARNINGS.labels(row.kind).set(row.open)


async def run() -> None:
    """Sweep until told to stop. A database that is away is waited for, not fatal."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    metrics.serve(settings().metrics_port)
    watching = asyncio.create_task(watch(stopping))
    log.info("scheduler_started")
    measured = -PAUSE_SECONDS
    while not stopping.is_set():
        waiting = 0.0
        try:
            woken = await sweep(engine())
            if time.monotonic() - measured >= PAUSE_SECONDS:
                await measure(engine())
                await measure_providers(engine())
                measured = time.monotonic()
            if woken < BATCH:
                waiting = await pause(engine())
        except Exception as error:  # whatever it is, the next pass must come
            log.warning("sweep_failed", exc_info=error)
            waiting = PAUSE_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), waiting)
    await watching
    await http.close()
    await engine().dispose()
    log.info("scheduler_stopped")
