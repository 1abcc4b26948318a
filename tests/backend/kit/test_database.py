"""Connections to PostgreSQL: how many there are, that they are kept, and how statements run on them."""

import asyncio

from sqlalchemy import text

from backend.kit.database import make_engine

OWN = text("SELECT pg_backend_pid(), pg_sleep(0.02)")


async def test_requests_wait_for_a_connection_that_is_kept_rather_than_open_another(
    environment: dict[str, str],
) -> None:
    engine = make_engine(environment["DATABASE_URL"], pool_size=2)

    async def used() -> int:
        async with engine.connect() as connection:
            found: int = (await connection.execute(OWN)).scalar_one()
            return found

    try:
        first = set(await asyncio.gather(*(used() for _ in range(8))))
        again = set(await asyncio.gather(*(used() for _ in range(8))))
    finally:
        await engine.dispose()
    assert len(first) == 2
    assert again == first


async def test_no_statement_is_compiled(environment: dict[str, str]) -> None:
    engine = make_engine(environment["DATABASE_URL"], pool_size=1)
    try:
        async with engine.connect() as connection:
            assert await connection.scalar(text("SHOW jit")) == "off"
    finally:
        await engine.dispose()
