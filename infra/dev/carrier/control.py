"""What tests and the demonstration use: failures, receipts, and everything that was received."""

from typing import Any

from litestar import MediaType, Response, delete, get, post
from litestar.datastructures import State

from infra.dev.carrier.behaviour import Rule
from infra.dev.carrier.receipts import Callback
from infra.dev.carrier.store import Message


@post("/dev/behaviour", status_code=204)
async def add_rule(data: Rule, state: State) -> None:
    """Put a rule in front of those in force."""
    state.carrier.behaviour.rules.append(data)


@delete("/dev/behaviour")
async def clear_rules(state: State) -> None:
    state.carrier.behaviour.rules.clear()


@post("/dev/callback", status_code=204)
async def set_callback(data: Callback, state: State) -> None:
    """Where receipts go from now on, including those of messages already accepted."""
    state.carrier.receipts.callback = data
    if data.delay is not None:
        state.carrier.receipts.delay = data.delay


@get("/dev/messages")
async def messages(state: State, since: int = 0) -> list[Message]:
    """Accepted messages in order of arrival; `since` is a `received_ns` and excludes it."""
    return [message for message in state.carrier.store.messages if message.received_ns > since]


@get("/dev/receipts")
async def receipts(state: State) -> dict[str, int]:
    """How many messages are still to be reported on."""
    return {"due": state.carrier.receipts.due}


@delete("/dev/messages")
async def forget(state: State) -> None:
    """Forget messages, their receipts still due, and bytes; rules stay."""
    state.carrier.receipts.forget()
    state.carrier.store.clear()


@get("/dev/raw")
async def raw(state: State) -> Response[Any]:
    """Every request the product has made, whether accepted or not: line, headers and body."""
    return Response(b"\r\n".join(state.carrier.store.requests), media_type="application/octet-stream")


@get("/dev/health", media_type=MediaType.TEXT)
async def health() -> str:
    return "ok"
