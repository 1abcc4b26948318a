"""What people text back: GOV.UK Notify's callback for received messages.

Nothing is ever texted in answer. A text that cannot be understood leaves the call open, so the
ladder climbs on and somebody else is called: the safe side.
"""

import hmac
from typing import Any

import structlog
from litestar import Request, Response, post
from litestar.exceptions import SerializationException

from backend.kit import metrics
from backend.kit.database import engine
from backend.kit.session import open_session
from backend.kit.settings import settings
from backend.landing import may_answer
from notifications.answers import repository, service
from notifications.answers.replies import asks_to_stop, normal_number, parse_reply

log = structlog.get_logger(__name__)


@post("/callbacks/notify/inbound", status_code=204, include_in_schema=False)
async def notify_inbound(request: Request[Any, Any, Any]) -> Response[None]:
    """One received text. 204 once what it answers is recorded, or when it answers nothing."""
    if not _is_notify(request):
        return Response(None, status_code=401)
    try:
        told = await request.json()
        number, message, received_id = str(told["source_number"]), str(told["message"]), str(told["id"])[:80]
    except (SerializationException, KeyError, TypeError, ValueError):
        log.warning("text_not_understood")
        return Response(None, status_code=204)
    outcome, drill = await _answer(number, message, received_id)
    metrics.count_answer("sms", outcome, drill=drill)
    return Response(None, status_code=204)


async def _answer(number: str, message: str, received_id: str) -> tuple[str, bool]:
    """What came of a text, for the metric, and whether it answered a drill."""
    sender, reply = normal_number(number), parse_reply(message)
    if sender is None or reply is None:
        if asks_to_stop(message):
            log.warning("text_asks_to_stop")  # calls go on; the number is not logged, Notify's own log has it
            return "stop", False
        return "not_a_reply", False
    for tenant_id in await repository.partnerships_with_calls(engine()):
        async with open_session(tenant_id) as session:
            found = await service.by_text(session, sender, reply, received_id=received_id, may=may_answer)
            await session.commit()
        # A code that fits no call here may fit one in another partnership.
        if found is not None and found[1] is not service.Standing.EXPIRED:
            return found[1].value, found[0].drill
    return "unknown_code", False


def _is_notify(request: Request[Any, Any, Any]) -> bool:
    token = settings().notify_inbound_token
    sent = request.headers.get("authorization", "")
    return token is not None and hmac.compare_digest(sent.encode(), f"Bearer {token.get_secret_value()}".encode())
