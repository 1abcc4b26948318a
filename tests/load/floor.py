"""What this machine can do at best: bare transactions, so that other figures have something to be held against."""

import asyncio
import time

import asyncpg

CONNECTIONS = 8
EACH = 150


async def bare_transactions(admin_url: str) -> dict[str, float]:
    """Transactions of one insert with synchronous commit: milliseconds for one, how many a second for eight."""
    connections = [await asyncpg.connect(admin_url) for _ in range(CONNECTIONS)]
    await connections[0].execute("CREATE TABLE IF NOT EXISTS floor (id uuid DEFAULT gen_random_uuid() PRIMARY KEY)")

    async def some(connection: asyncpg.Connection) -> None:
        for _ in range(EACH):
            async with connection.transaction():
                await connection.execute("INSERT INTO floor DEFAULT VALUES")

    try:
        began = time.perf_counter()
        await some(connections[0])
        alone = time.perf_counter() - began
        began = time.perf_counter()
        await asyncio.gather(*map(some, connections))
        together = time.perf_counter() - began
    finally:
        await connections[0].execute("DROP TABLE floor")
        for connection in connections:
            await connection.close()
    return {
        "bare_transaction_ms": round(alone / EACH * 1000, 2),
        "bare_transactions_per_s": round(CONNECTIONS * EACH / together, 1),
    }
