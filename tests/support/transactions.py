"""The transactions of the cluster, which tests in other processes share."""

import asyncio

from sqlalchemy import text

from backend.kit.database import engine

_OLDEST = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_NEXT = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


async def earlier_ended() -> None:
    """Return once every transaction that had begun is over: the log of changes tells nothing before."""
    async with engine().connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        begun = await connection.scalar(text(_NEXT))
        for _ in range(1_200):
            if await connection.scalar(text(_OLDEST)) >= begun:
                return
            await asyncio.sleep(0.05)
    raise AssertionError("a transaction of another test does not end")
