"""B14: what phones ask most, by trusted documents over HTTP, each by 16 connections without pause.

My alerts, the alert screen, a page of a case's timeline, my due tasks, and who is to be called now. Processor time is
that of the API's processes; the database's and the client's own is not in it.
"""

import json
import os
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from load.figures import percentile
from load.world import World

from graphql_api.document_store import digest
from support.api import operation

CONNECTIONS: Final = 16
_WHO: Final = "juniper.blythe"
_WORKER: Final = "tansy.millrace"
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_CASE: Final = "query ($reference: String!) { alert(reference: $reference) { case { id } } }"


def phones(world: World) -> dict[str, Any]:
    """Requests a second, latency and processor time of each of the five."""
    reference = world.report(_WHO).reference
    found = world.caller(_WHO).run(_CASE, reference=reference)["alert"]["case"]["id"]
    asked: dict[str, tuple[str, str, dict[str, Any]]] = {
        "my_alerts": (_WHO, "MyAlerts", {"first": 20}),
        "alert_screen": (_WHO, "AlertScreen", {"reference": reference}),
        "timeline": (_WHO, "CaseTimeline", {"id": found, "first": 20}),
        "my_tasks": (_WORKER, "PathwayTasks", {"first": 20, "mine": True, "myTeam": False, "overdue": False}),
        "who_to_call": (_WHO, "WhoToCall", {"about": "crime"}),
    }
    row: dict[str, Any] = {}
    for name, (who, document, variables) in asked.items():
        body = json.dumps({"documentId": f"sha256:{digest(operation(document))}", "variables": variables})
        figures = _asked(world, world.token(who), body)
        row |= {f"{name}_{figure}": value for figure, value in figures.items()}
    return row


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
