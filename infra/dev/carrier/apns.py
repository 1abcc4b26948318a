"""Apple's push service: HTTP/2 over TLS, a provider token in ES256."""

import time
import uuid
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from litestar import Request, post
from litestar.datastructures import State
from litestar.response import Response

from infra.dev.carrier.behaviour import Answer, Mode, perform
from infra.dev.carrier.state import Carrier
from infra.dev.carrier.store import Message

HEADERS = ("apns-push-type", "apns-priority", "apns-expiration", "apns-collapse-id", "apns-topic")
LEVELS = ("passive", "active", "time-sensitive", "critical")


def error(status: int, reason: str) -> Answer:
    return Response({"reason": reason}, status_code=status)


def refusal(mode: Mode) -> Answer:
    if mode == "unregistered":
        return Response({"reason": "Unregistered", "timestamp": int(time.time() * 1000)}, status_code=410)
    return error(429, "TooManyRequests") if mode == "rate_limit" else error(500, "InternalServerError")


def problem_with(carrier: Carrier, authorization: str) -> str | None:
    """Why Apple would refuse the provider token, or None."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return "MissingProviderToken"
    try:
        decoded = jwt.decode(token, carrier.apns_key, algorithms=["ES256"])
    except (JoseError, ValueError):
        return "InvalidProviderToken"
    if decoded.header.get("kid") != carrier.apns_key_id or decoded.claims.get("iss") != carrier.apns_team_id:
        return "InvalidProviderToken"
    return None if abs(time.time() - float(decoded.claims.get("iat", 0))) < 3600 else "ExpiredProviderToken"


@post("/3/device/{token:str}")
async def send(request: Request[Any, Any, State], state: State, token: str) -> Answer:
    """One push. A token that begins with `dead-` is unregistered."""
    carrier: Carrier = state.carrier
    if request.scope["http_version"] not in {"2", "2.0"}:
        return error(400, "HTTP/2 alone is spoken here")
    if problem := problem_with(carrier, request.headers.get("authorization", "")):
        return error(403, problem)
    if request.headers.get("apns-topic") != carrier.apns_topic:
        return error(400, "BadTopic")
    try:
        message = compose(carrier, request, token, msgspec.json.decode(await request.body()))
    except (msgspec.DecodeError, LookupError, TypeError, ValueError):
        return error(400, "PayloadEmpty")
    if token.startswith("dead-"):
        return refusal("unregistered")
    rule = carrier.behaviour.take(token, message.provider)

    def accept() -> Answer:
        carrier.store.add(message, arrives=rule.mode != "false_delivered")
        return Response(None, status_code=200, headers={"apns-id": message.id})

    return await perform(rule, request, accept, refusal)


def compose(carrier: Carrier, request: Request[Any, Any, State], token: str, body: dict[str, Any]) -> Message:
    aps, now = body["aps"], carrier.store.now_ns()
    if aps["interruption-level"] not in LEVELS or len(request.headers["apns-collapse-id"]) > 64:
        raise ValueError
    told = {name: str(value) for name, value in body.items() if name != "aps"}
    shown = {name: request.headers[name] for name in HEADERS}
    return Message(
        id=str(uuid.UUID(request.headers["apns-id"])), channel="push", provider="apns", to=token,
        subject=aps["alert"]["title"], body=aps["alert"]["body"], reference=told.get("reference"),
        data={**told, **shown, "interruption-level": aps["interruption-level"]}, status="delivered",
        received_ns=now, sent_ns=now,
    )  # fmt: skip
