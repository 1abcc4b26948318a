"""One WebSocket connection: the protocol's states, heart-beat, and the operations that run on it.

Nothing is queued for a client. Each operation sends one event and waits until the transport took it; who is slower
than ``SEND_SECONDS`` is let go, and resumes from the log of changes where it was.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from litestar.exceptions import WebSocketDisconnect

from graphql_api.errors import FormattedError, RequestRefusedError, formatted
from graphql_api.subscriptions.messages import ClosedError, Code, Message, read, write

MOST_OPERATIONS: Final = 20
"""Subscriptions at one time on one connection. A screen needs one or two."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a connection waits, in seconds."""

    init: float = 10.0
    heartbeat: float = 25.0
    send: float = 10.0


class Socket(Protocol):
    """What of a transport is needed."""

    async def receive_data(self, mode: Any) -> Any: ...
    async def send_data(self, data: Any, mode: Any = ...) -> None: ...
    async def close(self, code: int = ..., reason: str | None = ...) -> None: ...


MemberT = TypeVar("MemberT")
Enter = Callable[[Mapping[str, Any]], Awaitable[tuple[MemberT, float]]]
"""Lets somebody in by the payload of their first message; gives them and the seconds that they may stay.

Raises ``ClosedError``."""
Run = Callable[[MemberT, Mapping[str, Any]], AsyncIterator[dict[str, Any]]]
"""The results of one operation. Raises ``RequestRefusedError`` for what ends it, ``ClosedError`` for what ends all."""


@dataclass
class Connection:
    """Serves one accepted socket until it ends."""

    socket: Socket
    enter: Enter[Any]
    run: Run[Any]
    pace: Pace = field(default_factory=Pace)
    _member: Any = None
    _let_in: bool = False
    _begun: bool = False
    _heard: bool = False
    _operations: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _others: set[asyncio.Task[None]] = field(default_factory=set)
    _ended: asyncio.Future[ClosedError] | None = None
    _sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def serve(self) -> None:
        """Returns when the client has gone or was sent away. Nothing of the connection is left running."""
        self._ended = asyncio.get_running_loop().create_future()
        self._beside(self._read())
        self._beside(self._expect_init())
        try:
            closed = await self._ended
        finally:
            tasks = [*self._operations.values(), *self._others]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        # Once nobody receives any more: until then granian keeps the close from a client that says nothing.
        with suppress(Exception):  # it may have gone meanwhile
            await self.socket.close(int(closed.code), closed.reason)

    def _end(self, closed: ClosedError) -> None:
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(closed)

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Do some work of the connection's; what it raises ends the connection."""
        try:
            await work
        except ClosedError as closed:
            self._end(closed)
        except WebSocketDisconnect:
            self._end(ClosedError(Code.GOING_AWAY, "The client has gone"))
        except Exception:  # masked: a reason reaches the client
            self._end(ClosedError(Code.INTERNAL, "Internal error"))

    async def _read(self) -> None:
        while True:
            message = read(await self.socket.receive_data("text"))
            self._heard = True
            if message.type == "connection_init":
                await self._init(message)
            elif message.type == "ping":
                await self._send(Message("pong"))
            elif message.type == "subscribe":
                await self._subscribe(message)
            elif message.type == "complete":
                self._complete(message)
            elif message.type != "pong":
                raise ClosedError(Code.BAD_MESSAGE, "Invalid message")

    async def _expect_init(self) -> None:
        await asyncio.sleep(self.pace.init)
        if not self._let_in:
            raise ClosedError(Code.INIT_TIMEOUT, "Connection initialisation timeout")

    async def _init(self, message: Message) -> None:
        if self._begun:
            raise ClosedError(Code.TOO_MANY_INITS, "Too many initialisation requests")
        self._begun = True
        payload = message.payload if message.payload is not None else {}
        if not isinstance(payload, dict):
            raise ClosedError(Code.BAD_MESSAGE, "Invalid message")
        self._member, seconds = await self.enter(payload)
        self._let_in = True
        self._beside(self._expire(seconds))
        self._beside(self._beat())
        await self._send(Message("connection_ack"))

    async def _expire(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0))
        raise ClosedError(Code.UNAUTHORISED, "The access token has expired")

    async def _beat(self) -> None:
        while True:
            self._heard = False
            await self._send(Message("ping"))
            await asyncio.sleep(self.pace.heartbeat)
            if not self._heard:
                raise ClosedError(Code.SILENT, "Nothing was heard from you")

    async def _subscribe(self, message: Message) -> None:
        if not self._let_in:
            raise ClosedError(Code.UNAUTHORISED, "Unauthorized")
        if not message.id or len(message.id) > 100 or not isinstance(message.payload, dict):
            raise ClosedError(Code.BAD_MESSAGE, "Invalid message")
        if message.id in self._operations:
            raise ClosedError(Code.SUBSCRIBER_EXISTS, "A subscriber with this id already exists")
        if len(self._operations) >= MOST_OPERATIONS:
            said = f"A connection carries at most {MOST_OPERATIONS} subscriptions."
            await self._refuse(message.id, [formatted("TOO_MANY_SUBSCRIPTIONS", said)])
            return
        work = self._guarded(self._serve(message.id, message.payload))
        self._operations[message.id] = asyncio.create_task(work)

    def _complete(self, message: Message) -> None:
        task = self._operations.pop(message.id or "", None)
        if task is not None:
            task.cancel()
            self._others.add(task)  # what it still holds is let go before the connection ends
            task.add_done_callback(self._others.discard)

    async def _serve(self, name: str, payload: Mapping[str, Any]) -> None:
        """Run one operation to its end, or until the client completes it."""
        me = asyncio.current_task()
        try:
            async with aclosing(self.run(self._member, payload)) as results:  # type: ignore[type-var]
                async for result in results:
                    await self._send(Message("next", name, result))
            await self._send(Message("complete", name))
        except RequestRefusedError as refusal:
            await self._refuse(name, list(refusal.errors))
        finally:
            if self._operations.get(name) is me:
                del self._operations[name]

    async def _refuse(self, name: str, errors: list[FormattedError]) -> None:
        await self._send(Message("error", name, errors))

    async def _send(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self.pace.send), self._sending:
                await self.socket.send_data(write(message), "text")
        except TimeoutError:
            raise ClosedError(Code.TOO_SLOW, "You are too slow; resume where you were") from None
