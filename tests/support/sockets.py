"""A client of graphql-transport-ws that speaks to an application in the test's own loop."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from support.api import JSON

_numbers = itertools.count(1)
SOON = 30.0
"""Seconds by which whatever must come has come, on a busy machine."""


@dataclass
class Closed(Exception):
    """The server closed the connection."""

    code: int
    reason: str


@dataclass
class Wire:
    """One WebSocket connection. With ``deaf`` set, nothing that is sent is taken."""

    application: Any
    sent: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    received: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    deaf: bool = False
    receiving: bool = False

    async def run(self, protocols: list[str]) -> None:
        scope = {
            "type": "websocket", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1",
            "scheme": "ws", "path": "/graphql", "raw_path": b"/graphql", "query_string": b"", "root_path": "",
            "headers": [(b"host", b"api")], "client": ("127.0.0.1", 1), "server": ("api", 80),
            "subprotocols": protocols, "state": {}, "extensions": {},
        }  # fmt: skip
        await self.sent.put({"type": "websocket.connect"})
        await self.application(scope, self._give, self._take)

    async def _give(self) -> dict[str, Any]:
        self.receiving = True
        try:
            return await self.sent.get()
        finally:
            self.receiving = False

    async def _take(self, event: dict[str, Any]) -> None:
        if self.deaf and event["type"] == "websocket.send":
            await asyncio.sleep(3600)
        if self.receiving and event["type"] == "websocket.close":
            await asyncio.sleep(3600)  # granian keeps it until the client says something
        await self.received.put(event)

    async def say(self, message: JSON | str) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        await self.sent.put({"type": "websocket.receive", "text": text})

    async def hear(self, seconds: float = SOON) -> JSON:
        """The next message. Raises ``Closed``, or ``TimeoutError`` when there is none."""
        event = await asyncio.wait_for(self.received.get(), seconds)
        if event["type"] == "websocket.accept":
            return {"accepted": event.get("subprotocol")}
        if event["type"] == "websocket.close":
            raise Closed(event["code"], event.get("reason") or "")
        message: JSON = json.loads(event["text"])
        return message

    async def to_the_end(self) -> None:
        """Hear all that comes until the server closes. Raises ``Closed``."""
        while True:
            await self.hear()

    async def hear_of(self, name: str, seconds: float = SOON) -> JSON:
        """The next message about an operation, pings answered meanwhile."""
        while True:
            message = await self.hear(seconds)
            if message["type"] == "ping":
                await self.say({"type": "pong"})
            elif message.get("id") == name:
                return message

    async def init(self, token: str, **more: Any) -> None:
        await self.say({"type": "connection_init", "payload": {"authorization": f"Bearer {token}", **more}})
        while (await self.hear())["type"] != "connection_ack":
            pass

    async def subscribe(self, document: str, **variables: Any) -> str:
        """Start an operation; gives its id."""
        name = f"operation-{next(_numbers)}"
        payload = {"query": document, "variables": variables}
        await self.say({"type": "subscribe", "id": name, "payload": payload})
        return name

    async def silence(self, name: str, seconds: float = 1.5) -> None:
        """Nothing comes of an operation."""
        try:
            message = await self.hear_of(name, seconds)
        except TimeoutError:
            return
        raise AssertionError(message)

    async def hang_up(self) -> None:
        await self.sent.put({"type": "websocket.disconnect", "code": 1006})


@asynccontextmanager
async def connected(application: Any, *protocols: str) -> AsyncIterator[Wire]:
    """A connection that the server has accepted, or closed."""
    wire = Wire(application)
    serving = asyncio.create_task(wire.run(list(protocols or ("graphql-transport-ws",))))
    try:
        await wire.hear()
        yield wire
    finally:
        await wire.hang_up()
        try:
            await asyncio.wait_for(serving, SOON)
        except TimeoutError:
            raise AssertionError("the connection was left running") from None
