"""Liveness, readiness and metrics."""

import asyncio
from typing import Any

from litestar import Response
from litestar.datastructures import State
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from backend.kit.broker import broker
from backend.kit.database import engine
from backend.kit.fetching import fetched
from backend.kit.metrics import registry


@fetched("/health/live", sync_to_thread=False)
def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@fetched("/health/ready")
async def ready(state: State) -> Response[dict[str, Any]]:
    """The database answers and its schema is there: 503 otherwise.

    A broker that is away is shown but does not make the process unready: reports are accepted and
    pages leave by the scheduler's sweep, later. So is a setting that does not fit the proxies in front.
    """
    database, wake_ups = await asyncio.gather(_database(), _broker())
    body = {"status": "ok" if database else "unavailable", "database": database, "broker": wake_ups}
    if state.proxies.fault is not None:
        body["warning"] = state.proxies.fault
    return Response(body, status_code=200 if database else 503)


@fetched("/metrics", sync_to_thread=True)
def metrics() -> Response[bytes]:
    """Prometheus metrics, of every process that shares ``PROMETHEUS_MULTIPROC_DIR`` where it is set."""
    kind = CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")  # which Litestar adds by itself
    return Response(generate_latest(registry()), media_type=kind)


async def _database() -> bool:
    try:
        async with asyncio.timeout(2), engine().connect() as connection:
            await connection.execute(text("SELECT app.now() FROM routing.partnership LIMIT 1"))
    except Exception:  # whatever is wrong, it is not ready
        return False
    return True


async def _broker() -> bool:
    try:
        return bool(await asyncio.wait_for(asyncio.to_thread(broker().client.ping), 2))
    except Exception:  # as above
        return False
