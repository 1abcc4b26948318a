"""Actors of the deliveries: claim in one transaction, call the provider in none, record in another."""

import asyncio
from functools import partial
from uuid import UUID

from backend.kit.actors import RUNS
from backend.kit.session import open_session
from notifications.deliveries import claiming, repository
from notifications.deliveries.sending import Outgoing, attempt
from notifications.deliveries.service import DELIVER_NOTICES, DELIVER_PAGES


async def deliver(tenant_id: UUID, task_id: UUID) -> None:
    """Send what a task has to send now. The task stays until every delivery of it has an end."""
    while await _some(tenant_id, task_id) == repository.MOST_AT_ONCE:
        pass


async def _some(tenant_id: UUID, task_id: UUID) -> int:
    async with open_session(tenant_id) as session:
        subject_id, outgoing = await claiming.claim(session, task_id)
        await session.commit()
    if subject_id is None:
        return 0
    moved = partial(_move, tenant_id)
    attempts = await asyncio.gather(*(attempt(one, moved) for one in outgoing))
    async with open_session(tenant_id) as session:
        await claiming.record(session, task_id, subject_id, attempts)
        await session.commit()
    return len(outgoing)


async def _move(tenant_id: UUID, outgoing: Outgoing, provider: str, repeats: bool) -> bool:  # noqa: FBT001
    async with open_session(tenant_id) as session:
        held = await repository.move(session, outgoing.delivery_id, outgoing.attempt, provider, repeats=repeats)
        await session.commit()
    return held


RUNS[DELIVER_PAGES] = RUNS[DELIVER_NOTICES] = deliver
