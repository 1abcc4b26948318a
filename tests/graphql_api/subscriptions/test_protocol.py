"""graphql-transport-ws: what each side may say when, and with which code a connection ends otherwise."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from graphql_api.errors import RequestRefusedError, formatted
from graphql_api.subscriptions.connection import MOST_OPERATIONS, Connection, Pace
from graphql_api.subscriptions.messages import LONGEST, ClosedError, Code
from support.api import JSON
from support.sockets import Closed, Wire


class Echo:
    """A server of operations that count for ever, or end as their payload says."""

    def __init__(self, pace: Pace, seconds: float = 60) -> None:
        self.pace, self.seconds, self.running, self.counted = pace, seconds, 0, 0

    async def enter(self, payload: Mapping[str, Any]) -> tuple[str, float]:
        if payload.get("authorization") == "no":
            raise ClosedError(Code.FORBIDDEN, "INVALID_TOKEN")
        await asyncio.sleep(payload.get("slowly", 0))
        return "member", self.seconds

    async def run(self, _member: str, payload: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
        self.running += 1
        try:
            if payload.get("query") == "bad":
                raise RequestRefusedError([formatted("NOT_TODAY", "Not today.")])
            if payload.get("query") == "broken":
                raise RuntimeError("secret")
            for number in range(payload.get("count", 1_000_000)):
                self.counted = number
                yield {"data": {"number": number}}
                await asyncio.sleep(payload.get("pause", 0))
        finally:
            self.running -= 1

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await Connection(_Transport(receive, send), self.enter, self.run, self.pace).serve()


class _Transport:
    def __init__(self, receive: Any, send: Any) -> None:
        self._receive, self._send = receive, send

    async def receive_data(self, _mode: Any) -> str:
        from litestar.exceptions import WebSocketDisconnect  # noqa: PLC0415

        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(detail="gone", code=event["code"])
        return str(event["text"])

    async def send_data(self, data: Any, _mode: Any = "text") -> None:
        await self._send({"type": "websocket.send", "text": data})

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        await self._send({"type": "websocket.close", "code": code, "reason": reason})


class Talk:
    """One conversation with such a server."""

    def __init__(self, server: Echo) -> None:
        self.server, self.wire = server, Wire(server)

    async def __aenter__(self) -> Wire:
        self.task = asyncio.create_task(self.wire.run(["graphql-transport-ws"]))
        await self.wire.hear()
        return self.wire

    async def __aexit__(self, *_: object) -> None:
        await self.wire.hang_up()
        await asyncio.wait_for(self.task, 30)
        assert self.server.running == 0, "operations are left running"


def talk(pace: Pace | None = None, **more: Any) -> Talk:
    return Talk(Echo(pace or Pace(), **more))


async def ended(wire: Wire) -> int:
    """The code with which the server ends the connection."""
    with pytest.raises(Closed) as closed:
        await wire.to_the_end()
    assert len(closed.value.reason.encode()) <= 123
    return closed.value.code


async def test_an_operation_runs_to_its_end_and_others_beside_it() -> None:
    async with talk() as wire:
        await wire.init("token")
        await wire.say({"type": "subscribe", "id": "long", "payload": {"pause": 0.01}})
        await wire.say({"type": "subscribe", "id": "short", "payload": {"count": 2}})
        told = [await wire.hear_of("short") for _ in range(3)]
        assert [one["type"] for one in told] == ["next", "next", "complete"]
        await wire.say({"type": "complete", "id": "long"})
        await asyncio.sleep(0.05)
        await wire.say({"type": "subscribe", "id": "long", "payload": {"count": 0}})
        while (await wire.hear_of("long"))["type"] != "complete":
            pass


async def test_pings_are_answered_before_and_after_a_member_is_let_in() -> None:
    async with talk() as wire:
        await wire.say({"type": "ping", "payload": {"at": 1}})
        assert await wire.hear() == {"type": "pong"}


@pytest.mark.parametrize(
    "said", ["", "{", "[]", '{"type": 1}', '{"type": "start"}', '{"id": "1"}', '{"type": "subscribe", "id": 5}',
             "[" * 10_000, '{"type": "' + "x" * LONGEST + '"}', '{"type": "connection_init", "payload": 3}'],
)  # fmt: skip
async def test_what_is_no_message_ends_the_connection(said: str) -> None:
    async with talk() as wire:
        await wire.say(said)
        assert await ended(wire) == 4400


async def test_a_subscription_without_an_id_or_a_payload_is_no_message() -> None:
    broken: JSON
    for broken in ({"payload": {}}, {"id": "", "payload": {}}, {"id": "a" * 101, "payload": {}}, {"id": "1"}):
        async with talk() as wire:
            await wire.init("token")
            await wire.say({"type": "subscribe", **broken})
            assert await ended(wire) == 4400


async def test_nobody_subscribes_before_they_are_let_in() -> None:
    async with talk() as wire:
        await wire.say({"type": "subscribe", "id": "1", "payload": {}})
        assert await ended(wire) == 4401


async def test_who_is_not_let_in_is_told_a_code_alone() -> None:
    async with talk() as wire:
        await wire.say({"type": "connection_init", "payload": {"authorization": "no"}})
        assert await ended(wire) == 4403


async def test_who_says_nothing_is_not_waited_for() -> None:
    async with talk(Pace(init=0.05)) as wire:
        assert await ended(wire) == 4408


async def test_one_id_is_one_operation() -> None:
    async with talk() as wire:
        await wire.init("token")
        for _ in range(2):
            await wire.say({"type": "subscribe", "id": "1", "payload": {"pause": 1}})
        assert await ended(wire) == 4409


async def test_nobody_is_let_in_twice() -> None:
    async with talk() as wire:
        await wire.say({"type": "connection_init"})
        await wire.say({"type": "connection_init"})
        assert await ended(wire) == 4429


async def test_the_connection_ends_when_the_token_does() -> None:
    async with talk(seconds=0.5) as wire:
        await wire.init("token")
        await wire.say({"type": "subscribe", "id": "1", "payload": {"pause": 0.02}})
        assert await ended(wire) == 4401


async def test_who_no_longer_answers_is_let_go() -> None:
    async with talk(Pace(heartbeat=0.05)) as wire:
        await wire.init("token")
        assert await ended(wire) == 4499


async def test_who_answers_stays() -> None:
    async with talk(Pace(heartbeat=0.4)) as wire:
        await wire.init("token")
        for _ in range(4):
            while (await wire.hear())["type"] != "ping":
                pass
            await wire.say({"type": "pong"})


async def test_a_connection_carries_so_many_subscriptions_and_the_next_is_refused_alone() -> None:
    async with talk() as wire:
        await wire.init("token")
        for number in range(MOST_OPERATIONS + 1):
            await wire.say({"type": "subscribe", "id": str(number), "payload": {"pause": 5}})
        refused = await wire.hear_of(str(MOST_OPERATIONS))
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "TOO_MANY_SUBSCRIPTIONS")
        await wire.say({"type": "complete", "id": "0"})
        await wire.say({"type": "subscribe", "id": "again", "payload": {"count": 1}})
        assert (await wire.hear_of("again"))["type"] == "next"


async def test_what_ends_an_operation_leaves_the_others() -> None:
    async with talk() as wire:
        await wire.init("token")
        await wire.say({"type": "subscribe", "id": "1", "payload": {"query": "bad"}})
        assert (await wire.hear_of("1"))["payload"] == [formatted("NOT_TODAY", "Not today.")]
        await wire.say({"type": "subscribe", "id": "1", "payload": {"count": 1}})
        assert (await wire.hear_of("1"))["type"] == "next"


async def test_what_nobody_foresaw_tells_nothing() -> None:
    async with talk() as wire:
        await wire.init("token")
        await wire.say({"type": "subscribe", "id": "1", "payload": {"query": "broken"}})
        with pytest.raises(Closed) as closed:
            await wire.hear_of("1")
        assert (closed.value.code, closed.value.reason) == (4500, "Internal error")


async def test_nothing_is_gathered_for_who_does_not_take_it() -> None:
    conversation = talk(Pace(send=0.2))
    async with conversation as wire:
        await wire.init("token")
        wire.deaf = True
        await wire.say({"type": "subscribe", "id": "1", "payload": {}})
        assert await ended(wire) == 1013
        assert conversation.server.counted == 0, "it went on producing"
