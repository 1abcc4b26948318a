"""B7: who is on call, asked without pause by 1, 8 and 32 connections; again with thousands of partnerships.

By a query, and by a URL alone, as a switchboard asks that speaks no GraphQL: the trusted document over GET.
"""

import asyncio
import json
import threading
import time
from typing import Any
from urllib.parse import urlencode

import asyncpg
from load.figures import percentile
from load.world import World, tidy

from graphql_api.document_store import digest
from infra.dev.client import Caller
from support.api import operation

WHO = '{ onCallNow(role: "sio") { covered answeredByRole people { name } } }'
_URL = "/graphql?" + urlencode(
    {"documentId": f"sha256:{digest(operation('WhoIsOnCall'))}", "variables": json.dumps({"role": "sio"})}
)
ROLES = 4
WEEKS = 52


def asked(world: World, connections: int, seconds: float, *, by_url: bool = False) -> dict[str, float]:
    """Requests a second and their latency, in a closed loop."""
    took: list[float] = []
    until = time.monotonic() + seconds

    def ask() -> None:
        caller = Caller(world.product.api_url, world.token("bram.cartwheel"))
        while time.monotonic() < until:
            began = time.perf_counter()
            answer = caller.get(_URL) if by_url else caller.run(WHO)
            if not answer["onCallNow"]["covered"]:
                raise RuntimeError("nobody is on call")
            took.append((time.perf_counter() - began) * 1000)
        caller.close()

    threads = [threading.Thread(target=ask) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "per_s": round(len(took) / seconds, 1), "ms_p50": round(percentile(took, 0.5), 1),
        "ms_p95": round(percentile(took, 0.95), 1),
    }  # fmt: skip


def who_is_on_call(world: World) -> dict[str, Any]:
    seconds = world.options.seconds
    row: dict[str, Any] = {}
    for connections in (1, 8, 32):
        row |= _named(asked(world, connections, seconds), f"at_{connections}")
    row |= _named(asked(world, 8, seconds, by_url=True), "by_url_at_8")
    asyncio.run(add_partnerships(world, world.options.partnerships))
    row |= _named(asked(world, 8, seconds), "at_8_crowded")
    row["slowdown"] = round(1 - row["per_s_at_8_crowded"] / row["per_s_at_8"], 2)
    return row | {"partnerships": world.options.partnerships}


def _named(figures: dict[str, float], where: str) -> dict[str, float]:
    return {f"{name}_{where}": value for name, value in figures.items()}


async def add_partnerships(world: World, count: int) -> None:
    """Partnerships with four weekly rotas each, a year of shifts laid out."""
    connection = await asyncpg.connect(world.admin_url)
    rule = json.dumps({"made": "for the benchmark"})
    await connection.execute("SET session_replication_role = replica")  # invented people need no rows of their own
    await connection.execute(f"""
        CREATE TEMP TABLE made AS SELECT gen_random_uuid() AS tenant, n FROM generate_series(1, {count}) AS n;
        CREATE TEMP TABLE rotas AS SELECT tenant, gen_random_uuid() AS id, role
            FROM made, generate_series(1, {ROLES}) AS role;
        INSERT INTO rota (tenant_id, id, code, role, name, rule)
            SELECT tenant, id, 'role-' || role, 'role-' || role, 'Role ' || role, '{rule}'::jsonb FROM rotas;
        INSERT INTO shift (tenant_id, id, rota_id, position, person_id, during, turn, layer, turn_key)
            SELECT tenant, gen_random_uuid(), id, 1, gen_random_uuid(), span, span, '', '' FROM rotas,
                LATERAL (SELECT tstzrange(now() + week * interval '1 week', now() + (week + 1) * interval '1 week')
                    FROM generate_series(-2, {WEEKS - 2}) AS week) AS weeks (span);
    """)  # noqa: S608  # our own figures
    await tidy(connection)
    await connection.close()
