"""Dramatiq actors over durable tasks.

Dramatiq never retries: the task's row does, and it outlives the broker.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

import dramatiq

from backend.kit.broker import broker
from backend.kit.session import TenantSession, open_session
from backend.kit.tasks import Actor, take


def register(actor: Actor, run: Callable[[UUID, UUID], Awaitable[None]]) -> None:
    """Make ``run(tenant_id, task_id)`` what a worker does when ``actor`` is woken."""

    async def receive(tenant_id: str, task_id: str) -> None:
        await run(UUID(tenant_id), UUID(task_id))

    dramatiq.actor(receive, actor_name=actor.name, queue_name=actor.queue, broker=broker(), max_retries=0)


def register_once(actor: Actor, work: Callable[[TenantSession, UUID], Awaitable[None]]) -> None:
    """Make ``work(session, subject_id)`` run in the one transaction that also removes the task.

    It takes effect exactly once. When it raises, all is rolled back and the scheduler wakes the
    task again, later each time.
    """

    async def run(tenant_id: UUID, task_id: UUID) -> None:
        async with open_session(tenant_id) as session:
            subject_id = await take(session, task_id)
            if subject_id is not None:
                await work(session, subject_id)
                await session.commit()

    register(actor, run)
