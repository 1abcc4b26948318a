"""Sinch's SMS REST API: sending one batch, and listing batches by client reference."""

import hmac
import secrets
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.response import Response

from infra.dev.carrier.behaviour import Answer, Mode, perform
from infra.dev.carrier.notify import PHONE_NUMBER
from infra.dev.carrier.state import Carrier
from infra.dev.carrier.store import Message, international, iso, normal


def error(status: int, code: str, text: str) -> Answer:
    return Response({"code": code, "text": text}, status_code=status)


def refusal(mode: Mode) -> Answer:
    if mode == "rate_limit":
        return error(429, "too_many_requests", "The throughput limit of the service plan was exceeded.")
    return error(500, "internal_error", "Internal error.")


def stranger(request: Request[Any, Any, State], carrier: Carrier, plan: str) -> Answer | None:
    """The refusal of a caller without this plan's token; None for one that has it."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    if plan == carrier.sinch_plan and hmac.compare_digest(bearer, carrier.sinch_token):
        return None
    return Response(None, status_code=401)


@post("/xms/v1/{plan:str}/batches")
async def send(request: Request[Any, Any, State], state: State, plan: str) -> Answer:
    carrier: Carrier = state.carrier
    if refused := stranger(request, carrier, plan):
        return refused
    try:
        message = compose(carrier, msgspec.json.decode(await request.body()))
    except (msgspec.DecodeError, LookupError, TypeError, ValueError):
        return error(400, "syntax_invalid_parameter_format", "The format of a field's value is invalid.")
    rule = carrier.behaviour.take(message.to, message.provider)

    def accept() -> Answer:
        carrier.store.add(message, arrives=rule.mode != "false_delivered")
        carrier.receipts.expect(message, rule)
        return Response(batch(message), status_code=201)

    return await perform(rule, request, accept, refusal)


@get("/xms/v1/{plan:str}/batches")
async def search(request: Request[Any, Any, State], state: State, plan: str, client_reference: str) -> Answer:
    carrier: Carrier = state.carrier
    if refused := stranger(request, carrier, plan):
        return refused
    if carrier.behaviour.blind("sinch"):
        return refusal("error500")
    found = [m for m in carrier.store.by_reference.get(client_reference, []) if m.provider == "sinch"]
    page = [batch(message) for message in found]
    return Response({"count": len(page), "page": 0, "page_size": len(page), "batches": page})


def compose(carrier: Carrier, fields: dict[str, Any]) -> Message:
    (number,), text = fields["to"], str(fields["body"])
    if not PHONE_NUMBER.fullmatch(f"+{number}") or fields["type"] != "mt_text" or not text or not fields["from"]:
        raise ValueError
    now = carrier.store.now_ns()
    return Message(
        id=secrets.token_hex(13).upper(), channel="sms", provider="sinch", to=normal(f"+{number}"), body=text,
        reference=fields.get("client_reference"), template_id=carrier.recognise("sms", text),
        data={"expire_at": str(fields["expire_at"]), "delivery_report": str(fields["delivery_report"])},
        received_ns=now, sent_ns=now,
    )  # fmt: skip


def batch(message: Message) -> dict[str, Any]:
    return {
        "id": message.id, "to": [international(message.to)], "from": "Safeguard", "canceled": False,
        "body": message.body, "type": "mt_text", "client_reference": message.reference,
        "created_at": iso(message.received_ns), "modified_at": iso(message.received_ns),
        "delivery_report": message.data["delivery_report"], "expire_at": message.data["expire_at"],
    }  # fmt: skip
