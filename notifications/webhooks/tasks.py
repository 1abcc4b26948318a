"""Actors of the webhooks."""

import asyncio
from typing import Final
from uuid import UUID

import structlog

from backend.kit.actors import RUNS, register_once
from backend.kit.session import open_session
from notifications.webhooks import sending
from notifications.webhooks.telling import SEND_WEBHOOK, TELL_WEBHOOKS, tell


log = structlog.get_logger(__name__)

PATIENCE: Final = 0.5  # seconds

_under_way: Final[set[asyncio.Task[None]]] = set()


async def send(tenant_id: UUID, task_id: UUID) -> None:
    """Make one attempt at a task's message; no transaction is open while the endpoint is called.

    An endpoint that takes longer than ``PATIENCE`` is waited for in the background: what else the worker's few
    threads owe, to other endpoints and to people, does not stand behind it. A call that ends with its worker is made
    again once its lease has run out.
    """
    async with open_session(tenant_id) as session:
        claimed = await sending.claim(session, task_id)
        await session.commit()
    if claimed is None:
        return
    attempt = asyncio.create_task(_attempt(tenant_id, claimed))
    _under_way.add(attempt)
    attempt.add_done_callback(_ended)
    await asyncio.wait([attempt], timeout=PATIENCE)


async def _attempt(tenant_id: UUID, claimed: sending.Claimed) -> None:
    outcome = await sending.call(claimed)
    async with open_session(tenant_id) as session:
        await sending.record(session, claimed, outcome)
        await session.commit()


def _ended(attempt: asyncio.Task[None]) -> None:
    _under_way.discard(attempt)
    if not attempt.cancelled() and (error := attempt.exception()) is not None:
        log.warning("webhook_attempt_lost", exc_info=error)


register_once(TELL_WEBHOOKS, tell)
RUNS[SEND_WEBHOOK] = send
