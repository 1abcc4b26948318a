"""A browser's push service (RFC 8030) and the receiver of webhooks: both know the sender by what it signs."""

import base64
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from litestar import Request, post
from litestar.datastructures import State
from litestar.response import Response

from infra.dev.carrier.behaviour import Answer, Mode, perform
from infra.dev.carrier.state import Carrier
from infra.dev.carrier.store import Message

URGENCIES = ("very-low", "low", "normal", "high")
DAY = 86_400


def refusal(mode: Mode) -> Answer:
    return Response(None, status_code={"unregistered": 410, "rate_limit": 429}.get(mode, 500))


@post("/push/{subscription:str}")
async def push(request: Request[Any, Any, State], state: State, subscription: str) -> Answer:
    """One push, kept encrypted: the key to it is the browser's. One that begins with `dead-` has ended."""
    carrier: Carrier = state.carrier
    if not is_signed(carrier, request.headers.get("authorization", "")):
        return Response(None, status_code=403)
    headers, body = request.headers, await request.body()
    well_formed = (
        headers.get("content-encoding") == "aes128gcm" and headers.get("ttl", "").isdecimal()
        and headers.get("urgency", "normal") in URGENCIES and len(headers.get("topic", "")) <= 32 and body
    )  # fmt: skip
    if not well_formed:
        return Response(None, status_code=400)
    if subscription.startswith("dead-"):
        return refusal("unregistered")
    rule, now = carrier.behaviour.take(subscription, "webpush"), carrier.store.now_ns()
    message = Message(
        id=secrets.token_hex(12), channel="push", provider="webpush", to=subscription, body="(encrypted)",
        reference=headers.get("topic"), status="delivered", received_ns=now, sent_ns=now,
        data={"ttl": headers["ttl"], "urgency": headers.get("urgency", ""), "topic": headers.get("topic", ""),
              "content": base64.b64encode(body).decode()},
    )  # fmt: skip

    def accept() -> Answer:
        carrier.store.add(message, arrives=rule.mode != "false_delivered")
        return Response(None, status_code=201, headers={"location": f"{carrier.url}/push-messages/{message.id}"})

    return await perform(rule, request, accept, refusal)


def is_signed(carrier: Carrier, authorization: str) -> bool:
    """RFC 8292: a token for this origin and at most a day, under the key that it names."""
    scheme, _, rest = authorization.partition(" ")
    fields = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
    if scheme.lower() != "vapid" or not {"t", "k"} <= set(fields):
        return False
    try:
        point = base64.urlsafe_b64decode(fields["k"] + "==")
        x, y = (base64.urlsafe_b64encode(half).rstrip(b"=").decode() for half in (point[1:33], point[33:]))
        key = ECKey.import_key({"kty": "EC", "crv": "P-256", "x": x, "y": y})
        claims = jwt.decode(fields["t"], key, algorithms=["ES256"]).claims
    except (JoseError, ValueError, InvalidSignature):
        return False
    mine = urlsplit(carrier.url)
    in_time = time.time() < float(claims.get("exp", 0)) <= time.time() + DAY
    return claims.get("aud") == f"{mine.scheme}://{mine.netloc}" and in_time and "sub" in claims


@post("/webhooks/{name:str}")
async def webhook(request: Request[Any, Any, State], state: State, name: str) -> Answer:
    """A partner's system. It keeps body and headers; whether they are signed is for the test to find out."""
    carrier: Carrier = state.carrier
    rule, now = carrier.behaviour.take(name, "webhook"), carrier.store.now_ns()
    message = Message(
        id=request.headers.get("webhook-id", ""), channel="webhook", provider="webhook", to=name,
        body=(await request.body()).decode(), reference=request.headers.get("webhook-id"), status="delivered",
        data={key: request.headers.get(key, "") for key in ("host", "webhook-timestamp", "webhook-signature")},
        received_ns=now, sent_ns=now,
    )  # fmt: skip

    def accept() -> Answer:
        carrier.store.add(message)
        return Response(None, status_code=204)

    return await perform(rule, request, accept, refusal)
