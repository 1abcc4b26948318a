"""Vonage's Voice API: placing a call. Somebody picks up; whether they press a key is the test's to say."""

import time
import uuid
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.response import Response

from infra.dev.carrier.behaviour import Answer, Mode, perform
from infra.dev.carrier.state import Carrier
from infra.dev.carrier.store import Message, normal

TOKEN_SECONDS = 86_400


class Key(msgspec.Struct):
    """A key pressed during a call; none at all when `digits` is empty."""

    call: str
    digits: str = ""


def error(status: int, title: str) -> Answer:
    return Response({"type": str(status), "title": title}, status_code=status)


def refusal(mode: Mode) -> Answer:
    return error(429, "Rate Limited") if mode == "rate_limit" else error(500, "Internal Server Error")


def is_ours(request: Request[Any, Any, State], carrier: Carrier) -> bool:
    """Whether our application signed the bearer token, for now and for a day at most."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        claims = jwt.decode(token, carrier.call_key, algorithms=["RS256"]).claims
    except (JoseError, ValueError):
        return False
    now, issued, expires = time.time(), float(claims.get("iat", 0)), float(claims.get("exp", 0))
    fresh = issued <= now + 60 and now < expires <= issued + TOKEN_SECONDS
    return fresh and claims.get("application_id") == carrier.call_application and bool(claims.get("jti"))


@post("/v1/calls")
async def place(request: Request[Any, Any, State], state: State) -> Answer:
    carrier: Carrier = state.carrier
    if not is_ours(request, carrier):
        return error(401, "Unauthorized")
    try:
        fields = msgspec.json.decode(await request.body())
        message = compose(carrier, fields)
        event_url = str(fields["event_url"][0])
    except (msgspec.DecodeError, LookupError, TypeError, ValueError):
        return error(400, "Bad Request")
    rule = carrier.behaviour.take(message.to, message.provider)

    def accept() -> Answer:
        carrier.store.add(message, arrives=rule.mode != "false_delivered")
        carrier.receipts.expect_call(message, event_url, rule)
        placed = {"uuid": message.id, "status": "started", "direction": "outbound",
                  "conversation_uuid": f"CON-{message.id}"}  # fmt: skip
        return Response(placed, status_code=201)

    return await perform(rule, request, accept, refusal)


@get("/v1/calls")
async def search(request: Request[Any, Any, State], state: State) -> Answer:
    """Our calls, newest first. An outage of the provider meets this as it meets everything else."""
    carrier: Carrier = state.carrier
    if not is_ours(request, carrier):
        return error(401, "Unauthorized")
    if carrier.behaviour.blind("vonage"):
        return error(500, "Internal Server Error")
    calls = [one for one in carrier.store.by_id.values() if one.provider == "vonage"][::-1]
    listed = [{"uuid": one.id, "status": one.status, "direction": "outbound"} for one in calls]
    page = listed[: int(request.query_params.get("page_size", "10"))]
    return Response({"count": len(listed), "page_size": len(page), "record_index": 0, "_embedded": {"calls": page}})


@post("/dev/keys", status_code=200)
async def press(data: Key, state: State) -> Any:
    """Press a key during a call; answers with the script that the product gives the call then."""
    carrier: Carrier = state.carrier
    call = carrier.store.by_id[data.call]
    return await carrier.receipts.press(call, call.data["keys"], data.digits)


def compose(carrier: Carrier, fields: dict[str, Any]) -> Message:
    (to,), (talk, heard) = fields["to"], fields["ncco"]
    if to["type"] != "phone" or talk["action"] != "talk" or heard["action"] != "input" or not talk["bargeIn"]:
        raise ValueError
    now = carrier.store.now_ns()
    return Message(
        id=str(uuid.uuid4()), channel="voice", provider="vonage", to=normal(f"+{to['number']}"), body=str(talk["text"]),
        data={"keys": str(heard["eventUrl"][0]), "machine": str(fields["advanced_machine_detection"]["behavior"])},
        received_ns=now, sent_ns=now,
    )  # fmt: skip
