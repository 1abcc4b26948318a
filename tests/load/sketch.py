"""The least that could be called an alert: a floor under the product's figures.

Litestar and asyncpg, one transaction an alert (who is on call for two roles, the alert, two outbox
rows, an audit row), LISTEN/NOTIFY, and a dispatcher that claims with SKIP LOCKED. No sign-in, no
tenancy, no GraphQL, no checks, no timers, no history: the product is slower by what those cost.
"""

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
from litestar import Litestar, post
from litestar.datastructures import State

SCHEMA = """
CREATE TABLE person (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), address text);
CREATE TABLE shift (role text, person_id uuid REFERENCES person, during tstzrange,
    EXCLUDE USING gist (role WITH =, during WITH &&));
CREATE TABLE alert (id uuid PRIMARY KEY, mark text, at timestamptz DEFAULT now());
CREATE TABLE outbox (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), alert_id uuid, address text, mark text,
    state text DEFAULT 'pending', lease timestamptz);
CREATE INDEX ON outbox (state, lease);
CREATE TABLE audit (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), alert_id uuid, at timestamptz DEFAULT now());
INSERT INTO person (address) VALUES ('one'), ('two');
INSERT INTO shift SELECT 'role-' || address, id, tstzrange(now() - interval '1 day', now() + interval '1 day')
    FROM person;
"""
_ON_CALL = "SELECT p.address FROM shift s JOIN person p ON p.id = s.person_id WHERE s.during @> now()"
_CLAIM = """
UPDATE outbox SET state = 'claimed', lease = now() + interval '10 seconds' WHERE id IN (
    SELECT id FROM outbox WHERE state = 'pending' LIMIT 20 FOR UPDATE SKIP LOCKED) RETURNING id, mark
"""


@post("/alerts")
async def raise_alert(data: dict[str, Any], state: State) -> dict[str, str]:
    async with state.pool.acquire() as connection, connection.transaction():
        alert = uuid.uuid4()
        people = await connection.fetch(_ON_CALL)
        await connection.execute("INSERT INTO alert (id, mark) VALUES ($1, $2)", alert, data["mark"])
        await connection.executemany(
            "INSERT INTO outbox (alert_id, address, mark) VALUES ($1, $2, $3)",
            [(alert, person["address"], data["mark"]) for person in people],
        )
        await connection.execute("INSERT INTO audit (alert_id) VALUES ($1)", alert)
        await connection.execute("NOTIFY outbox")
    return {"id": str(alert)}


def create_app() -> Litestar:
    @asynccontextmanager
    async def pool(app: Litestar) -> AsyncIterator[None]:
        async with asyncpg.create_pool(os.environ["FLOOR_DATABASE_URL"], min_size=4, max_size=10) as made:
            app.state.pool = made
            yield

    return Litestar([raise_alert], lifespan=[pool], openapi_config=None)


async def dispatch(database_url: str, provider_url: str) -> None:
    """Send what is owed to ``provider_url`` until killed."""
    listener = await asyncpg.connect(database_url)
    woken = asyncio.Event()
    await listener.add_listener("outbox", lambda *_: woken.set())
    async with (
        asyncpg.create_pool(database_url, min_size=2, max_size=4) as pool,
        httpx.AsyncClient(limits=httpx.Limits(max_connections=20)) as http,
    ):
        while True:
            claimed = await pool.fetch(_CLAIM)
            if claimed:
                await asyncio.gather(*(http.post(provider_url, json={"mark": row["mark"]}) for row in claimed))
                ids = [row["id"] for row in claimed]
                await pool.execute("UPDATE outbox SET state = 'sent' WHERE id = ANY($1)", ids)
            else:
                woken.clear()
                try:
                    await asyncio.wait_for(woken.wait(), 1)
                except TimeoutError:
                    continue


if __name__ == "__main__":
    asyncio.run(dispatch(*sys.argv[1:]))
