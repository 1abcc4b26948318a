"""Dramatiq actors over durable tasks.

Dramatiq never retries: the task's row does, and it outlives the broker.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from uuid import UUID

import dramatiq

from backend.kit.session import TenantSession, open_session
from backend.kit.tasks import Actor, take

Run: TypeAlias = Callable[[UUID, UUID], Awaitable[None]]

RUNS: Final[dict[Actor, Run]] = {}
"""What a worker does when an actor is woken: called with the partnership's id and the task's."""


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

    RUNS[actor] = run


def declare(on: dramatiq.Broker) -> None:
    """Make everything registered an actor of ``on``."""
    for actor, run in RUNS.items():
        dramatiq.actor(actor_name=actor.name, queue_name=actor.queue, broker=on)(_receive(run))


def _receive(run: Run) -> Callable[[str, str], Awaitable[None]]:
    async def receive(tenant_id: str, task_id: str) -> None:
        await run(UUID(tenant_id), UUID(task_id))

    return receive
