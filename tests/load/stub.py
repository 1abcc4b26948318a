"""A provider that takes anything, at once: what the floor and the peers send to.

It answers every POST with 200 and keeps when each marker (``MARK-`` and digits, anywhere in the
body) came. One asyncio protocol, so that it costs the measured side as little as can be.
"""

import asyncio
import re
import threading
import time
from collections import defaultdict

_MARK = re.compile(rb"MARK-\d+")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


class Stub(threading.Thread):
    """Serves on ``port`` from a thread of its own until ``stop``; ``arrivals`` are Unix nanoseconds by marker."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.arrivals: dict[str, list[int]] = defaultdict(list)
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()

    def run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.run_forever()

    async def _serve(self) -> None:
        server = await self._loop.create_server(lambda: _Connection(self.arrivals), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()

    def __enter__(self) -> "Stub":
        self.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)


class _Connection(asyncio.Protocol):
    def __init__(self, arrivals: dict[str, list[int]]) -> None:
        self._arrivals = arrivals
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._held, 0, end)
            whole = end + 4 + (int(length.group(1)) if length else 0)
            if len(self._held) < whole:
                return
            for mark in _MARK.findall(self._held, end, whole):
                self._arrivals[mark.decode()].append(time.time_ns())
            self._held = self._held[whole:]
            assert isinstance(self._transport, asyncio.WriteTransport)
            self._transport.write(_ANSWER)
