"""B14: what phones ask most, by trusted documents over HTTP, each by 16 connections without pause.

An officer's last twenty alerts, the alert screen, a page of a case's timeline, twenty due tasks, and who is to be
called now. Processor time is that of the API's processes; the database's and the client's own is not in it.
"""

import asyncio
import json
import os
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
from load.figures import percentile
from load.storm import on_call_officer
from load.world import World, tidy

from graphql_api.document_store import digest
from support.api import operation

CONNECTIONS: Final = 16
PAGE: Final = 20
_WHO: Final = "juniper.blythe"
_WORKER: Final = "tansy.millrace"
_TICKS: Final = os.sysconf("SC_CLK_TCK")
CASES: Final = 5_000
EACH: Final = 40
WORKERS: Final = 200
# What others have had to do in a few years, two of a case's tasks still open, and a page and more that is the worker's.
_YEARS: Final = """
    SET session_replication_role = replica;
    CREATE TEMP TABLE file AS
        SELECT n, now() - n % 1000 * interval '1 day' AS at, uuidv7(-(n % 1000) * interval '1 day') AS id,
            uuidv7(-(n % 1000) * interval '1 day') AS run, gen_random_uuid() AS worker, {each} AS tasks
        FROM generate_series(1, {cases}) AS n;
    INSERT INTO case_file (tenant_id, id, pathway, reference, state, opened_at, restricted)
        SELECT '{tenant}', id, 'child-death-joint-agency-response', 'PHONE-' || n, 'open', at, false FROM file;
    UPDATE file SET worker = first.worker FROM file AS first WHERE first.n = file.n % {workers} + 1;
    INSERT INTO file
        SELECT {cases}, now(), run.case_id, run.id, membership.person_id, 30 FROM pathway_run AS run, membership
        WHERE run.tenant_id = '{tenant}' AND membership.tenant_id = run.tenant_id AND subject = '{subject}' LIMIT 1;
    INSERT INTO pathway_task (tenant_id, id, run_id, case_id, kind, code, text, role, force, citation, owner_id, state,
            version, created_at, settled_at)
        SELECT '{tenant}', uuidv7(at - now()), run, id, 'action', 'bench-' || task, 'Made for the benchmark',
            'social-worker', 'must', 'none', worker, CASE WHEN task > 2 AND tasks = {each} THEN 'done' ELSE 'open' END,
            1, at, now()
        FROM file, generate_series(1, tasks) AS task;
"""
_CASE: Final = "query ($reference: String!) { alert(reference: $reference) { case { id } } }"


def phones(world: World) -> dict[str, Any]:
    """Requests a second, latency and processor time of each of the five."""
    officer = on_call_officer(world)
    reference = [world.report(_WHO).reference for _ in range(PAGE)][-1]
    world.wait_until_quiet()
    found = world.caller(_WHO).run(_CASE, reference=reference)["alert"]["case"]["id"]
    mine = {"mine": True, "myTeam": False, "overdue": False, "state": "OPEN"}
    asked: dict[str, tuple[str, str, dict[str, Any]]] = {
        "my_alerts": (officer, "MyAlerts", {"first": PAGE}),
        "alert_screen": (officer, "AlertScreen", {"reference": reference}),
        "timeline": (_WHO, "CaseTimeline", {"id": found, "first": PAGE}),
        "my_tasks": (_WORKER, "PathwayTasks", {**mine, "first": PAGE}),
        "who_to_call": (_WHO, "WhoToCall", {"about": "crime"}),
    }
    asyncio.run(_fill(world, world.tenant()))
    row: dict[str, Any] = {"tasks_of_others": CASES * EACH}
    for name, (who, document, variables) in asked.items():
        body = json.dumps({"documentId": f"sha256:{digest(operation(document))}", "variables": variables})
        figures = _asked(world, world.token(who), body)
        row |= {f"{name}_{figure}": value for figure, value in figures.items()}
    return row


async def _fill(world: World, tenant: UUID) -> None:
    connection = await asyncpg.connect(world.admin_url)
    years = {"cases": CASES, "each": EACH, "workers": WORKERS}
    await connection.execute(_YEARS.format(tenant=tenant, subject=_WORKER, **years))
    await tidy(connection)
    await connection.close()


def _asked(world: World, token: str, body: str) -> dict[str, float]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    parts, took = urlsplit(world.product.api_url), list[float]()
    _ask(HTTPConnection(parts.hostname or "", parts.port, timeout=60), body, headers)
    before, began = processor_seconds(world), time.perf_counter()
    until = time.monotonic() + world.options.seconds

    def ask() -> None:
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        while time.monotonic() < until:
            took.append(_ask(connection, body, headers))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    used, passed = processor_seconds(world) - before, time.perf_counter() - began
    return {
        "per_s": round(len(took) / passed, 1), "ms_p50": round(percentile(took, 0.5), 1),
        "ms_p95": round(percentile(took, 0.95), 1), "cpu_ms": round(used * 1000 / max(1, len(took)), 2),
    }  # fmt: skip


def _ask(connection: HTTPConnection, body: str, headers: dict[str, str]) -> float:
    """Milliseconds that one answer took. Raises ``RuntimeError`` for one with errors."""
    began = time.perf_counter()
    connection.request("POST", "/graphql", body, headers)
    raw = connection.getresponse().read()
    took = (time.perf_counter() - began) * 1000
    if b'"errors"' in raw:
        raise RuntimeError(f"the API answered {raw[:300]!r}")
    return took


def processor_seconds(world: World) -> float:
    """What the API's processes have used so far, as the kernel counts it."""
    leader, used = world.product.supervisor.pid("api"), 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[2]) == leader:  # the process group
            used += int(fields[11]) + int(fields[12])
    return used / _TICKS
