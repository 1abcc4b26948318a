"""What scheduler and workers do, done in the test's own process, one task after another."""

import asyncio

from sqlalchemy import text

import backend.worker  # registers every actor
from backend.kit.actors import RUNS
from backend.kit.database import engine

assert backend.worker

_DUE = text("SELECT id, tenant_id, actor FROM routing.task WHERE due_at <= app.now() ORDER BY queue DESC, due_at, id")


class Work:
    """Runs the tasks that are due by the database clock."""

    async def run_due(self, *, rounds: int = 10) -> int:
        """Run what is due, and what that makes due, until nothing changes. Returns how many ran."""
        runs = {actor.name: run for actor, run in RUNS.items()}
        done = 0
        for _ in range(rounds):
            async with engine().connect() as connection:
                due = (await connection.execute(_DUE)).all()
            if not due:
                break
            before = {row.id for row in due}
            for row in due:
                await runs[row.actor](row.tenant_id, row.id)
                done += 1
            async with engine().connect() as connection:
                after = {row.id for row in (await connection.execute(_DUE)).all()}
            if after == before:
                break
        return done


if __name__ == "__main__":
    asyncio.run(Work().run_due())
