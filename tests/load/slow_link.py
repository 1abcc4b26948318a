"""B15: the alert screen of a phone on a bad network: 400 ms there and back, 400 kbit/s each way.

A proxy between client and API delays what passes by half the round trip and lets it through no faster than the link
would. A new connection pays one round trip before its first byte, as a TCP handshake does; TLS 1.3 would add one more.
"""

import asyncio
import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlsplit

import brotli
from load.figures import percentile
from load.world import World

from graphql_api.document_store import digest
from support.api import operation

ROUND_TRIP: Final = 0.4
BYTES_A_SECOND: Final = 400_000 / 8
_SCREEN: Final = "AlertScreen"
_WHO: Final = "juniper.blythe"


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Let bytes through in order, each half a round trip late and no faster than the link."""
    free = 0.0
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            at, data = await waiting.get()
            await asyncio.sleep(max(0.0, at - loop.time()))
            writer.write(data)
            if not data:
                writer.close()
                return

    delivering = asyncio.create_task(deliver())
    while data := await reader.read(1_400):
        free = max(free, loop.time()) + len(data) / BYTES_A_SECOND
        waiting.put_nowait((free + ROUND_TRIP / 2, data))
    waiting.put_nowait((max(free, loop.time()) + ROUND_TRIP / 2, b""))
    with suppress(OSError):
        await delivering


@contextmanager
def slow_link(host: str, port: int) -> Iterator[int]:
    """A port of this machine behind which another lies, far away."""
    started: queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = queue.Queue()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(ROUND_TRIP)
        there = await asyncio.open_connection(host, port)
        with suppress(asyncio.CancelledError):  # the row is over
            await asyncio.gather(_pass(reader, there[1]), _pass(there[0], writer), return_exceptions=True)

    async def serve() -> None:
        over, server = asyncio.Event(), await asyncio.start_server(connect, "127.0.0.1", 0)
        started.put((asyncio.get_running_loop(), over, server.sockets[0].getsockname()[1]))
        await over.wait()
        server.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    loop, over, ours = started.get(timeout=10)
    try:
        yield ours
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


def screen(connection: HTTPConnection, token: str, reference: str) -> tuple[float, int]:
    """Milliseconds until the alert screen is there, and the bytes of its body on the network."""
    body = {"documentId": f"sha256:{digest(operation(_SCREEN))}", "variables": {"reference": reference}}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept-Encoding": "br"}
    began = time.perf_counter()
    connection.request("POST", "/graphql", json.dumps(body), headers)
    raw = connection.getresponse().read()
    took = (time.perf_counter() - began) * 1000
    if json.loads(brotli.decompress(raw))["data"]["alert"] is None:
        raise RuntimeError("there is no alert on the screen")
    return took, len(raw)


def alert_screen(world: World) -> dict[str, Any]:
    """The screen over a new connection and over one that is open."""
    reference, token = world.report(_WHO).reference, world.token(_WHO)
    parts = urlsplit(world.product.api_url)
    anew, kept, size = [], [], 0
    with slow_link(parts.hostname or "", parts.port or 0) as port:
        for _ in range(5):
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            anew.append(screen(connection, token, reference)[0])
            for _ in range(4):
                took, size = screen(connection, token, reference)
                kept.append(took)
            connection.close()
    return {
        "ms_new_connection_p50": round(percentile(anew, 0.5)), "ms_new_connection_p95": round(percentile(anew, 0.95)),
        "ms_open_connection_p50": round(percentile(kept, 0.5)), "ms_open_connection_p95": round(percentile(kept, 0.95)),
        "bytes": size, "too_many": int(size > 4_096),
    }  # fmt: skip
