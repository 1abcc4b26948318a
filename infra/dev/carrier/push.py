"""Firebase Cloud Messaging HTTP v1, and the Google token endpoint in front of it."""

import secrets
import time
from typing import Any
from urllib.parse import parse_qs

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from litestar import Request, post
from litestar.datastructures import State
from litestar.response import Response

from infra.dev.carrier.behaviour import Answer, Mode, perform
from infra.dev.carrier.state import Carrier
from infra.dev.carrier.store import Message

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_SECONDS = 3600
# Google's status for each code, and FCM's own error code beside it
UNAUTHENTICATED = (
    401,
    "UNAUTHENTICATED",
    "THIRD_PARTY_AUTH_ERROR",
    "Request had invalid authentication credentials.",
)
INVALID = (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "The request names no registration token.")
UNREGISTERED = (404, "NOT_FOUND", "UNREGISTERED", "Requested entity was not found.")
QUOTA = (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "Sending limit exceeded for the message target.")
INTERNAL = (500, "INTERNAL", "INTERNAL", "Internal error encountered.")


def error(kind: tuple[int, str, str, str]) -> Answer:
    code, status, reason, message = kind
    detail = {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": reason}
    body = {"error": {"code": code, "message": message, "status": status, "details": [detail]}}
    return Response(body, status_code=code)


def refusal(mode: Mode) -> Answer:
    return error({"rate_limit": QUOTA, "unregistered": UNREGISTERED}.get(mode, INTERNAL))


@post("/token")
async def token(request: Request[Any, Any, State], state: State) -> Answer:
    """An access token for an assertion that the service account signed."""
    carrier: Carrier = state.carrier
    form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
    if form.get("grant_type") != GRANT:
        return Response({"error": "unsupported_grant_type"}, status_code=400)
    if problem := problem_with(carrier, form.get("assertion", "")):
        return Response({"error": "invalid_grant", "error_description": problem}, status_code=400)
    granted = f"ya29.{secrets.token_urlsafe(48)}"
    carrier.push_tokens[granted] = time.time() + TOKEN_SECONDS
    return Response({"access_token": granted, "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}, status_code=200)


def problem_with(carrier: Carrier, assertion: str) -> str | None:
    """Why Google would refuse the assertion, or None."""
    try:
        claims = jwt.decode(assertion, carrier.account_key, algorithms=["RS256"]).claims
    except (JoseError, ValueError):
        return "Invalid JWT Signature."
    now = time.time()
    if claims.get("iss") != carrier.account.client_email:
        return "Invalid issuer: Not a valid email."
    if claims.get("aud") != carrier.account.token_uri or SCOPE not in str(claims.get("scope", "")).split():
        return "Invalid JWT: audience or scope."
    issued, expires = float(claims.get("iat", 0)), float(claims.get("exp", 0))
    if not now - TOKEN_SECONDS <= issued <= now + 60 or not now < expires <= issued + TOKEN_SECONDS:
        return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
    return None


@post("/v1/projects/{project:str}/{call:str}")
async def send(request: Request[Any, Any, State], state: State, project: str, call: str) -> Answer:
    """`messages:send`. A token that begins with `dead-` is unregistered."""
    carrier: Carrier = state.carrier
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    if carrier.push_tokens.get(bearer, 0) < time.time():
        return error(UNAUTHENTICATED)
    if call != "messages:send" or project != carrier.account.project_id:
        return error(UNREGISTERED)
    try:
        message = compose(carrier, msgspec.json.decode(await request.body()), project)
    except (msgspec.DecodeError, LookupError, TypeError, AttributeError):
        return error(INVALID)
    if message.to.startswith("dead-"):
        return error(UNREGISTERED)
    rule = carrier.behaviour.take(message.to, "fcm")

    def accept() -> Answer:
        carrier.store.add(message, arrives=rule.mode != "false_delivered")
        return Response({"name": message.id}, status_code=200)

    return await perform(rule, request, accept, refusal)


def compose(carrier: Carrier, body: dict[str, Any], project: str) -> Message:
    fields = body["message"]
    shown = fields.get("notification") or {}
    data = {str(name): str(value) for name, value in (fields.get("data") or {}).items()}
    now = carrier.store.now_ns()
    return Message(
        id=f"projects/{project}/messages/{secrets.token_hex(12)}",
        channel="push",
        provider="fcm",
        to=str(fields["token"]),
        subject=shown.get("title"),
        body=shown.get("body") or "",
        reference=data.get("reference"),
        data=data,
        status="delivered",
        received_ns=now,
        sent_ns=now,
    )
