"""What scheduler and workers do, done in the test's own process, one task after another."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, text

import backend.worker  # registers every actor
from backend.kit.actors import RUNS
from backend.kit.database import engine
from backend.kit.tasks import Actor
from notifications.webhooks import tasks as webhooks

assert backend.worker

_DUE = text("SELECT id, tenant_id, actor FROM routing.task WHERE due_at <= app.now() ORDER BY queue DESC, due_at, id")


class Work:
    """Runs the tasks that are due by the database clock."""

    async def run_due(self, *only: Actor, rounds: int = 10) -> int:
        """Run what is due, and what that makes due, until nothing changes. Returns how many ran.

        ``only`` these actors' tasks where any are named: a test of one thing that lets months pass need not do all
        that a partnership does each day.
        """
        runs = {actor.name: run for actor, run in RUNS.items() if not only or actor in only}
        done = 0
        for _ in range(rounds):
            before = await _due(runs)
            for row in before:
                await runs[row.actor](row.tenant_id, row.id)
                done += 1
            await asyncio.gather(*webhooks.under_way)
            if await _due(runs) == before:
                break
        return done


async def _due(actors: Collection[str]) -> Sequence[Row[Any]]:
    async with engine().connect() as connection:
        return [row for row in await connection.execute(_DUE) if row.actor in actors]


if __name__ == "__main__":
    asyncio.run(Work().run_due())
