"""Delivery receipts of text messages and emails."""

import base64
import hashlib
import hmac
import time
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response, post

from backend.callbacks.gathering import record
from backend.kit.settings import settings
from notifications.channels.outcomes import parse_reference
from notifications.deliveries.models import DeliveryState
from notifications.deliveries.receipts import Receipt

log = structlog.get_logger(__name__)

_NOTIFY: Final = {
    "delivered": DeliveryState.DELIVERED,
    "permanent-failure": DeliveryState.FAILED,
    "temporary-failure": DeliveryState.FAILED,
    "technical-failure": DeliveryState.FAILED,
}
_SINCH: Final = {
    "delivered": DeliveryState.DELIVERED,
    **dict.fromkeys(("failed", "expired", "rejected", "aborted", "deleted", "cancelled"), DeliveryState.FAILED),
}
_SINCH_CLOCK_SECONDS: Final = 300


@post("/callbacks/notify/receipts", status_code=204, include_in_schema=False)
async def notify_receipt(request: Request[Any, Any, Any]) -> Response[None]:
    """One delivery's receipt from GOV.UK Notify, known by the bearer token agreed with it."""
    if not _is_notify(request):
        return Response(None, status_code=401)
    try:
        told = msgspec.json.decode(await request.body())
        tenant_id, delivery_id = parse_reference(told["reference"])
        # A permanent failure is a number or address that does not exist.
        receipt = Receipt(delivery_id, _NOTIFY[told["status"]], "govuk-notify", str(told["id"]),
                          dead=told["status"] == "permanent-failure")  # fmt: skip
    except (LookupError, TypeError, ValueError, AttributeError):
        log.warning("receipt_not_understood", provider="govuk-notify")
        return Response(None, status_code=204)
    await record(tenant_id, receipt)
    return Response(None, status_code=204)


@post("/callbacks/sinch/reports", status_code=204, include_in_schema=False)
async def sinch_report(request: Request[Any, Any, Any]) -> Response[None]:
    """One delivery's report from Sinch, known by its signature."""
    body = await request.body()
    if not _is_sinch(request, body):
        return Response(None, status_code=401)
    try:
        told = msgspec.json.decode(body)
        tenant_id, delivery_id = parse_reference(told["client_reference"])
        state, provider_id = _SINCH.get(str(told["status"]).lower()), str(told["batch_id"])
    except (LookupError, TypeError, ValueError, AttributeError):
        log.warning("receipt_not_understood", provider="sinch")
        return Response(None, status_code=204)
    if state is not None:  # else it is on its way, which is what we know already
        await record(tenant_id, Receipt(delivery_id, state, "sinch", provider_id))
    return Response(None, status_code=204)


def _is_notify(request: Request[Any, Any, Any]) -> bool:
    token = settings().notify_callback_token
    sent = request.headers.get("authorization", "")
    return token is not None and hmac.compare_digest(sent.encode(), f"Bearer {token.get_secret_value()}".encode())


def _is_sinch(request: Request[Any, Any, Any], body: bytes) -> bool:
    """Whether Sinch signed ``body`` within five minutes of now: HMAC-SHA256 over body, nonce and timestamp."""
    secret = settings().sinch_callback_secret
    prefix = "x-sinch-webhook-signature"
    signature, nonce, at = (request.headers.get(f"{prefix}{end}", "") for end in ("", "-nonce", "-timestamp"))
    if secret is None or not at.isdecimal() or abs(time.time() - int(at)) > _SINCH_CLOCK_SECONDS:
        return False
    key = secret.get_secret_value().encode()
    expected = base64.b64encode(hmac.digest(key, body + f".{nonce}.{at}".encode(), hashlib.sha256))
    return hmac.compare_digest(signature.encode(), expected)
