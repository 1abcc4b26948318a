"""What providers tell us: GOV.UK Notify's delivery receipts."""

import hmac
from typing import Any, Final

import structlog
from litestar import Request, Response, post
from litestar.exceptions import SerializationException

from backend.kit.session import open_session
from backend.kit.settings import settings
from notifications.channels.outcomes import parse_reference
from notifications.deliveries import service
from notifications.deliveries.models import DeliveryState
from notifications.notices import service as notices

log = structlog.get_logger(__name__)

_STATES: Final = {
    "delivered": DeliveryState.DELIVERED,
    "permanent-failure": DeliveryState.FAILED,
    "temporary-failure": DeliveryState.FAILED,
    "technical-failure": DeliveryState.FAILED,
}


@post("/callbacks/notify/receipts", status_code=204, include_in_schema=False)
async def notify_receipt(request: Request[Any, Any, Any]) -> Response[None]:
    """One delivery's receipt. 204 once it is recorded, or can never be; an error makes Notify try again."""
    if not _is_notify(request):
        return Response(None, status_code=401)
    try:
        told = await request.json()
        tenant_id, delivery_id = parse_reference(told["reference"])
        state, provider_id = _STATES[told["status"]], str(told["id"])
    except (SerializationException, KeyError, TypeError, ValueError, AttributeError):
        log.warning("receipt_not_understood")
        return Response(None, status_code=204)
    async with open_session(tenant_id) as session:
        delivered = state is DeliveryState.DELIVERED
        known = await service.receipt(session, delivery_id, state, provider_id)
        if not (known or await notices.receipt(session, delivery_id, delivered=delivered, provider_id=provider_id)):
            log.warning("receipt_of_unknown_delivery", delivery_id=str(delivery_id))
        await session.commit()
    return Response(None, status_code=204)


def _is_notify(request: Request[Any, Any, Any]) -> bool:
    token = settings().notify_callback_token
    sent = request.headers.get("authorization", "")
    return token is not None and hmac.compare_digest(sent.encode(), f"Bearer {token.get_secret_value()}".encode())
