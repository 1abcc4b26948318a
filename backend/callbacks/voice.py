"""What a voice call reports: what became of it, and the key that was pressed.

A key is a person. Anything else is not: a call that was picked up and heard out without a key may have
talked to a machine.
"""

import hashlib
import hmac
import time
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from litestar import Request, Response, post
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromPath

from backend.callbacks.gathering import record
from backend.kit.problems import Conflict, Problem
from backend.kit.session import TenantSession, open_session
from backend.kit.settings import settings
from backend.landing import may_answer
from notifications.alerts import repository as alerts_repository
from notifications.alerts import service as alerts
from notifications.alerts.means import Means
from notifications.alerts.models import Factor, SlotState, Via
from notifications.channels.outcomes import Message, parse_reference
from notifications.channels.templates import template_of
from notifications.channels.vonage import ANSWER_KEY, farewell, script, spoken
from notifications.deliveries import receipts, repository
from notifications.deliveries.models import DeliveryState
from notifications.deliveries.receipts import Receipt
from notifications.deliveries.wording import personalisation
from tenants.contacts.models import Channel

log = structlog.get_logger(__name__)

_UNHEARD: Final = {
    "machine": "answered by a machine",
    "busy": "the line was busy",
    "unanswered": "nobody picked up",
    "timeout": "nobody picked up",
    "rejected": "the call was rejected",
    "cancelled": "the call was cancelled",
    "failed": "the call failed",
    "completed": "nobody pressed a key",
}
_CLOCK_SECONDS: Final = 300
_NOT_BY_TELEPHONE: Final = "This call cannot be answered by telephone. Please sign in to Safeguard."
_TAKEN: Final = "Somebody else has answered already. You are not needed. Thank you."
_ENDED: Final = "This call has ended already. You are not needed. Thank you."
_NO_ANSWER: Final[list[dict[str, Any]]] = []
"""Nothing more to say: the call ends."""


@post("/callbacks/voice/{reference:str}/events", status_code=204, include_in_schema=False)
async def voice_event(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[None]:
    """A call's progress. One that ends without a key has failed, whoever or whatever picked it up."""
    told = await _signed(request)
    reason = _UNHEARD.get(str(told.get("status")))
    try:
        tenant_id, delivery_id = parse_reference(reference)
    except ValueError:
        log.warning("receipt_not_understood", provider="vonage")
        return Response(None, status_code=204)
    if reason is not None:
        receipt = Receipt(delivery_id, DeliveryState.FAILED, "vonage", str(told.get("uuid")), reason)
        await record(tenant_id, receipt)
    return Response(None, status_code=204)


@post("/callbacks/voice/{reference:str}/keys", status_code=200, include_in_schema=False)
async def voice_key(request: Request[Any, Any, Any], reference: FromPath[str]) -> list[dict[str, Any]]:
    """The key pressed, or none: 1 answers the alert for the person who was called; any other says it again."""
    told = await _signed(request)
    dtmf = told.get("dtmf")
    pressed = str(dtmf.get("digits") or "") if isinstance(dtmf, dict) else ""
    try:
        tenant_id, delivery_id = parse_reference(reference)
    except ValueError:
        return _NO_ANSWER
    if not pressed:
        return _NO_ANSWER
    async with open_session(tenant_id) as session:
        said = await _heard(session, delivery_id, str(told.get("uuid")), pressed)
        await session.commit()
    return said


async def _heard(session: TenantSession, delivery_id: UUID, call_id: str, pressed: str) -> list[dict[str, Any]]:
    call = await repository.called(session, delivery_id)
    if call is None or call.provider_id not in {None, call_id}:
        log.warning("receipt_of_unknown_delivery", delivery_id=str(delivery_id))
        return _NO_ANSWER
    await receipts.take(session, [Receipt(delivery_id, DeliveryState.OPENED, "vonage", call_id)])
    reference = f"{session.tenant_id}.{delivery_id}"
    template = template_of(call.template, Channel.VOICE)
    if pressed != ANSWER_KEY and template is not None:
        notice = call.template if call.slot_id is None else None
        words = personalisation(session.tenant_id, delivery_id, call.reference, notice=notice)
        return script(spoken(template, Message(reference, "", call.template, words)), reference)
    if call.slot_id is None or call.person_id is None:
        return farewell("Thank you.")
    if not await may_answer(session, call.person_id):
        return farewell(_NOT_BY_TELEPHONE)
    means = Means(Via.VOICE, Factor.NUMBER, delivery_id=delivery_id, received_id=call_id)
    return await _acknowledge(session, call.slot_id, call.person_id, means)


async def _acknowledge(session: TenantSession, slot_id: UUID, person_id: UUID, means: Means) -> list[dict[str, Any]]:
    try:
        await alerts.acknowledge(session, slot_id, person_id, means)
    except Conflict:
        slot = await alerts_repository.slot(session, slot_id)
        return farewell(_TAKEN if slot.state is SlotState.ACKNOWLEDGED else _ENDED)
    except Problem:
        return farewell(_NOT_BY_TELEPHONE)
    return farewell("Thank you. You have answered this call. Please sign in to Safeguard for what to do.")


async def _signed(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The body, which the token in the Authorization header vouches for. Raises 401 otherwise."""
    body = await request.body()
    secret = settings().vonage_signature_secret
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        if secret is None:
            raise ValueError
        claims = jwt.decode(token, OctKey.import_key(secret.get_secret_value()), algorithms=["HS256"]).claims
        digest = hashlib.sha256(body).hexdigest()
        vouched = hmac.compare_digest(str(claims.get("payload_hash", "")).encode(), digest.encode())
        if not vouched or abs(time.time() - float(claims.get("iat", 0))) > _CLOCK_SECONDS:
            raise ValueError
        told = msgspec.json.decode(body)
    except (JoseError, TypeError, ValueError) as error:
        raise NotAuthorizedException from error
    return told if isinstance(told, dict) else {}
