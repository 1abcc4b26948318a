"""B9: deadlines a second; what open clocks cost beside as many finished ones: the sweep, the list of what is due."""

import asyncio
import json
import statistics
import time
from typing import Any, Final
from uuid import UUID

import asyncpg
from load.deadlines import kernel
from load.figures import percentile
from load.world import World, tidy

from backend.kit.database import make_engine
from backend.scheduler import sweep
from infra.dev.client import Caller

DUE: Final = 500
ASKED: Final = 200
CASES: Final = 5_000
LIST: Final = """{ clocks(first: 20, where: {open: true}) {
    edges { node { id title state force citation dueAt ownerRole } } } }"""
_RULE: Final = {
    "kind": "deadline", "id": "bench", "action": "Made for the benchmark", "role": "sio", "force": "must",
    "citation": "none", "start": {"event": "bench"}, "limit": {"value": 15, "unit": "working_days"},
}  # fmt: skip
# Clocks due over the coming year, as many that are over, and a timer for each that is open. Those that will be due
# are told to nobody, so that what is measured is the clocks and not the calls.
_FILL: Final = """
    SET session_replication_role = replica;
    CREATE TEMP TABLE files AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, {cases}) AS n;
    INSERT INTO case_file (tenant_id, id, pathway, reference, state, opened_at, restricted)
        SELECT '{tenant}', id, 'bench', 'B9-' || n, 'open', now(), false FROM files;
    CREATE TEMP TABLE made AS SELECT gen_random_uuid() AS id, n, n > {count} AS over,
        date_trunc('second', now() + interval '1 day' + n % {count} * interval '300 seconds') AS due
        FROM generate_series(1, 2 * {count}) AS n;
    INSERT INTO clock (tenant_id, id, case_id, pathway, definition, occurrence, held, title, rule, edition, force,
            citation, owner_role, effect, start_event, started_at, resets, due_at, late_from, warn_at, next_at, trace,
            state, met_at)
        SELECT '{tenant}', made.id, files.id, 'bench', 'bench-' || made.n, 1, 0, 'Made for the benchmark', '{rule}',
            'bench', 'must', 'none', 'sio', 'reported', 'bench', now(), 0,
            CASE WHEN over THEN due - interval '2 years' ELSE due END, due, '[]',
            CASE WHEN over THEN NULL ELSE due END, '[]',
            CASE WHEN over THEN 'met' ELSE 'running' END, CASE WHEN over THEN now() END
        FROM made JOIN files ON files.n = made.n % {cases} + 1;
    INSERT INTO routing.task (id, tenant_id, queue, actor, subject_id, due_at, wake_at, attempts)
        SELECT gen_random_uuid(), '{tenant}', 'notices', 'clock_timer', id, due, due, 0 FROM made WHERE NOT over;
"""
_MAKE_DUE: Final = """
    WITH picked AS (SELECT id FROM clock WHERE tenant_id = '{tenant}' AND pathway = 'bench' AND state = 'running'
            ORDER BY due_at LIMIT {due}),
        moved AS (UPDATE clock SET due_at = now(), late_from = now(), next_at = now()
            FROM picked WHERE clock.tenant_id = '{tenant}' AND clock.id = picked.id)
    UPDATE routing.task SET due_at = now(), wake_at = now() FROM picked WHERE subject_id = picked.id
"""
_FIRED: Final = "SELECT count(*) FROM clock WHERE tenant_id = $1 AND pathway = 'bench' AND state = 'ended'"


def clocks(world: World) -> dict[str, Any]:
    """``fired_s`` is until the product's own scheduler and workers have served 500 that fell due together."""
    return kernel() | asyncio.run(_measure(world, world.tenant(), world.options.clocks))


async def _measure(world: World, tenant: UUID, count: int) -> dict[str, Any]:
    connection = await asyncpg.connect(world.admin_url)
    on = make_engine(world.product.environment["DATABASE_URL"], 1)
    try:
        row: dict[str, Any] = {"sweep_ms_with_none_open": await _sweeps(on)}
        rule = json.dumps(_RULE)
        await connection.execute(_FILL.format(tenant=tenant, cases=CASES, count=count, rule=rule))
        await tidy(connection)
        row |= {"open": count, "sweep_ms": await _sweeps(on), **await asyncio.to_thread(_lists, world)}
        await connection.execute(_MAKE_DUE.format(tenant=tenant, due=DUE))
        began = time.monotonic()
        for _ in range(3_000):
            if await connection.fetchval(_FIRED, tenant) == DUE:
                break
            await asyncio.sleep(0.02)
        row |= {"due": DUE, "fired_s": round(time.monotonic() - began, 2)}
        row["missing"] = DUE - await connection.fetchval(_FIRED, tenant)
        return row
    finally:
        await on.dispose()
        await connection.close()


async def _sweeps(on: Any) -> float:
    """Milliseconds of one pass of the scheduler, the middle of nine."""
    took = []
    for _ in range(9):
        began = time.perf_counter()
        await sweep(on)
        took.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(took), 1)


def _lists(world: World) -> dict[str, Any]:
    """The first page of what is due next, over HTTP."""
    caller = Caller(world.product.api_url, world.token("marlow.goosegrass"))
    took = []
    for number in range(ASKED + 10):
        began = time.perf_counter()
        found = caller.run(LIST)["clocks"]["edges"]
        if len(found) != 20:
            raise RuntimeError(f"the list of due clocks has {len(found)} rows")
        if number >= 10:  # the first ones plan, and fill caches
            took.append((time.perf_counter() - began) * 1000)
    caller.close()
    return {"list_ms_p50": round(percentile(took, 0.5), 1), "list_ms_p95": round(percentile(took, 0.95), 1)}
