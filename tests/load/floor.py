"""What this machine can do at best, so that other figures have something to be held against."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import local
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from load.figures import percentile
from load.sketch import SCHEMA
from load.stub import Stub

from infra.dev.supervisor import free_port

CONNECTIONS = 8
EACH = 150
LOAD = Path(__file__).parent


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


def python_loop() -> dict[str, float]:
    """Milliseconds of a fixed piece of plain Python, median of many: it varies by half within a day on shared cores."""
    took = []
    for _ in range(50):
        began, kept = time.perf_counter(), dict[int, list[object]]()
        for number in range(20_000):
            kept[number % 97] = [number, str(number)]
        took.append((time.perf_counter() - began) * 1000)
    return {"python_loop_ms": round(statistics.median(took), 2)}


def burst_of(post: Callable[[str], None], stub: Stub, count: int, clients: int, each: int) -> dict[str, Any]:
    """``count`` alerts through ``post(mark)`` from ``clients`` at once; ``each`` messages an alert must arrive."""
    marks = [f"MARK-{time.time_ns()}{number}" for number in range(count)]
    accept: list[float] = []

    def one(mark: str) -> None:
        began = time.perf_counter()
        post(mark)
        accept.append((time.perf_counter() - began) * 1000)

    began = time.time_ns()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(one, marks))
    until = time.monotonic() + 60
    while any(len(stub.arrivals[mark]) < each for mark in marks) and time.monotonic() < until:
        time.sleep(0.05)
    arrivals = [at for mark in marks for at in stub.arrivals[mark]]
    return {
        "alerts": count, "alerts_per_s": round(count / ((max(arrivals) - began) / 1e9), 1),
        "accept_ms_p50": round(statistics.median(accept), 1), "accept_ms_p95": round(percentile(accept, 0.95), 1),
        "missing": sum(max(0, each - len(stub.arrivals[mark])) for mark in marks),
    }  # fmt: skip


def poster(url: str, body: Callable[[str], object]) -> Callable[[str], None]:
    """Posts ``body(mark)`` as JSON on one kept-open connection a thread. Raises on anything but a 2xx."""
    parts, own = urlsplit(url), local()

    def post(mark: str) -> None:
        if not hasattr(own, "connection"):
            own.connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        own.connection.request("POST", parts.path, json.dumps(body(mark)), {"Content-Type": "application/json"})
        answer = own.connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{url} answered {answer.status}")

    return post


@contextmanager
def sketch(admin_url: str, stub: Stub) -> Iterator[str]:
    """The sketch, as two API processes and two dispatchers on a database of its own; gives its URL."""
    database = f"{admin_url.rsplit('/', 1)[0]}/floor"
    asyncio.run(_make(admin_url, database))
    port = free_port()
    path = os.pathsep.join([str(LOAD.parent), str(LOAD.parents[1])])
    environment = {**os.environ, "FLOOR_DATABASE_URL": database, "PYTHONPATH": path}
    api = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "load.sketch:create_app",
           "--host", "127.0.0.1", "--port", str(port), "--workers", "2", "--log-level", "error"]  # fmt: skip
    dispatcher = [sys.executable, "-m", "load.sketch", database, f"http://127.0.0.1:{stub.port}/"]
    started = [subprocess.Popen(argv, env=environment) for argv in (api, dispatcher, dispatcher)]
    try:
        url = f"http://127.0.0.1:{port}/alerts"
        wait_until_up(url, _marked)
        yield url
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(20)
        asyncio.run(_drop(admin_url))


def measure(admin_url: str, count: int, clients: int) -> dict[str, Any]:
    """The sketch's figures for one at a time and for a burst."""
    with Stub() as stub, sketch(admin_url, stub) as url:
        post = poster(url, _marked)
        burst_of(post, stub, 50, clients, each=2)
        alone = burst_of(post, stub, 40, 1, each=2)
        row = burst_of(post, stub, count, clients, each=2)
    return {**row, "accept_alone_ms_p50": alone["accept_ms_p50"], "accept_alone_ms_p95": alone["accept_ms_p95"]}


async def _make(admin_url: str, database: str) -> None:
    await _drop(admin_url)
    connection = await asyncpg.connect(admin_url)
    await connection.execute("CREATE DATABASE floor")
    await connection.close()
    connection = await asyncpg.connect(database)
    await connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    await connection.execute(SCHEMA)
    await connection.close()


async def _drop(admin_url: str) -> None:
    connection = await asyncpg.connect(admin_url)
    await connection.execute("DROP DATABASE IF EXISTS floor WITH (FORCE)")
    await connection.close()


def wait_until_up(url: str, body: Callable[[str], object]) -> None:
    """Return as soon as a POST is taken. Raises ``OSError`` after 20 seconds of none."""
    until = time.monotonic() + 20
    while True:
        try:
            return poster(url, body)("ready")
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _marked(mark: str) -> object:
    return {"mark": mark}
