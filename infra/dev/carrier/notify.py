"""GOV.UK Notify, version 2 of its API: SMS and email, and looking a notification up."""

import re
import time
import uuid
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.response import Response
from notifications_python_client.authentication import decode_jwt_token, get_token_issuer
from notifications_python_client.errors import TokenError, TokenExpiredError

from infra.dev.carrier.behaviour import Answer, Mode, perform
from infra.dev.carrier.state import PLACEHOLDER, Carrier
from infra.dev.carrier.store import Message, Template, iso

PHONE_NUMBER = re.compile(r"(\+?44|0)7\d{9}|\+\d{8,15}")
EMAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
RECIPIENT_FIELD = {"sms": "phone_number", "email": "email_address"}
PAGE_SIZE = 250


class Refusal(Exception):
    """Answered with Notify's error body."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.answer: Answer = Response(
            {"status_code": status, "errors": [{"error": error, "message": message}]}, status_code=status
        )


def authenticate(carrier: Carrier, authorization: str) -> None:
    """Let through what this service signed within 30 seconds of now; else raise Refusal in Notify's words."""
    if not authorization:
        raise Refusal(401, "AuthError", "Unauthorized: authentication token must be provided")
    scheme, _, token = authorization.partition(" ")
    if scheme.title() != "Bearer":
        raise Refusal(401, "AuthError", "Unauthorized: authentication bearer scheme must be used")
    if carrier.proven.get(token, 0) > time.monotonic():
        return
    try:
        if get_token_issuer(token) != carrier.service_id:
            raise Refusal(403, "AuthError", "Invalid token: service not found")
        decode_jwt_token(token, carrier.secret)
    except TokenExpiredError as error:
        message = "Error: Your system clock must be accurate to within 30 seconds"
        raise Refusal(403, "AuthError", message) from error
    except TokenError as error:
        raise Refusal(403, "AuthError", "Invalid token: API key not found") from error
    # All tokens a client makes within one second are equal, and checking one costs most of a request.
    carrier.proven = {token: time.monotonic() + 1}


def required(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        raise Refusal(400, "ValidationError", f"{name} is a required property")
    if not isinstance(value, str):
        raise Refusal(400, "ValidationError", f"{name} {value} is not of type string")
    return value


def recipient_of(fields: dict[str, Any], channel: Literal["sms", "email"]) -> str:
    recipient = required(fields, RECIPIENT_FIELD[channel])
    if channel == "sms" and not PHONE_NUMBER.fullmatch(re.sub(r"[\s()-]", "", recipient)):
        raise Refusal(400, "ValidationError", "phone_number Not a valid phone number")
    if channel == "email" and not EMAIL_ADDRESS.fullmatch(recipient):
        raise Refusal(400, "ValidationError", "email_address Not a valid email address")
    return recipient


def template_of(carrier: Carrier, fields: dict[str, Any], channel: Literal["sms", "email"]) -> Template:
    template = carrier.templates.get(required(fields, "template_id"))
    if template is None:
        raise Refusal(400, "BadRequestError", "Template not found")
    if template.type != channel:
        message = f"{template.type} template is not suitable for {channel} notification"
        raise Refusal(400, "BadRequestError", message)
    return template


def render(text: str, values: dict[str, Any]) -> str:
    missing = [name for name in dict.fromkeys(PLACEHOLDER.findall(text)) if values.get(name) is None]
    if missing:
        raise Refusal(400, "BadRequestError", f"Missing personalisation: {', '.join(missing)}")
    return PLACEHOLDER.sub(lambda found: str(values[found[1]]), text)


def compose(carrier: Carrier, fields: dict[str, Any], channel: Literal["sms", "email"]) -> Message:
    """The message a request describes; raises Refusal as Notify would."""
    template, recipient = template_of(carrier, fields, channel), recipient_of(fields, channel)
    values = fields.get("personalisation") or {}
    now = carrier.store.now_ns()
    return Message(
        id=str(uuid.uuid4()),
        channel=channel,
        provider="govuk-notify",
        to=recipient,
        body=render(template.body, values),
        subject=None if template.subject is None else render(template.subject, values),
        reference=fields.get("reference"),
        template_id=template.id,
        received_ns=now,
        sent_ns=now,
    )


def refusal(mode: Mode) -> Answer:
    if mode == "rate_limit":
        message = "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds"
        return Refusal(429, "RateLimitError", message).answer
    return Refusal(500, "Exception", "Internal server error").answer


async def send(request: Request[Any, Any, State], carrier: Carrier, channel: Literal["sms", "email"]) -> Answer:
    authenticate(carrier, request.headers.get("authorization", ""))
    try:
        fields = msgspec.json.decode(await request.body(), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise Refusal(400, "BadRequestError", "Invalid JSON supplied in POST data") from error
    message = compose(carrier, fields, channel)
    rule = carrier.behaviour.take(message.to, message.provider)

    def accept() -> Answer:
        carrier.store.add(message, arrives=rule.mode != "false_delivered")
        carrier.receipts.expect(message, rule)
        return Response(accepted(carrier, message), status_code=201)

    return await perform(rule, request, accept, refusal)


@post("/v2/notifications/sms")
async def send_sms(request: Request[Any, Any, State], state: State) -> Answer:
    return await send(request, state.carrier, "sms")


@post("/v2/notifications/email")
async def send_email(request: Request[Any, Any, State], state: State) -> Answer:
    return await send(request, state.carrier, "email")


@get("/v2/notifications/{notification_id:str}")
async def look_up(request: Request[Any, Any, State], state: State, notification_id: str) -> Answer:
    carrier: Carrier = state.carrier
    authenticate(carrier, request.headers.get("authorization", ""))
    message = carrier.store.by_id.get(notification_id)
    if message is None or message.provider != "govuk-notify":
        raise Refusal(404, "NoResultFound", "No result found")
    return Response(described(carrier, message))


@get("/v2/notifications")
async def search(
    request: Request[Any, Any, State],
    state: State,
    reference: str | None = None,
    template_type: str | None = None,
    older_than: str | None = None,
) -> Answer:
    """One page, newest first."""
    carrier: Carrier = state.carrier
    authenticate(carrier, request.headers.get("authorization", ""))
    if carrier.behaviour.blind("govuk-notify"):
        return refusal("error500")
    statuses = request.query_params.getall("status", [])
    pool = carrier.store.messages if reference is None else carrier.store.by_reference.get(reference, [])
    limit = carrier.store.by_id.get(older_than) if older_than else None
    found = [
        message
        for message in reversed(pool)
        if message.provider == "govuk-notify"
        and (not statuses or message.status in statuses)
        and template_type in (None, message.channel)
        and (limit is None or message.received_ns < limit.received_ns)
    ]
    page = found[:PAGE_SIZE]
    address, asked = f"{carrier.url}/v2/notifications", request.query_params.dict()
    links = {"current": f"{address}?{urlencode(asked, doseq=True)}"}
    if len(found) > PAGE_SIZE:
        links["next"] = f"{address}?{urlencode({**asked, 'older_than': page[-1].id}, doseq=True)}"
    return Response({"notifications": [described(carrier, message) for message in page], "links": links})


def template_link(carrier: Carrier, message: Message) -> dict[str, Any]:
    address = f"{carrier.url}/services/{carrier.service_id}/templates/{message.template_id}"
    return {"id": message.template_id, "version": 1, "uri": address}


def accepted(carrier: Carrier, message: Message) -> dict[str, Any]:
    """Body of the 201."""
    content: dict[str, Any] = {"body": message.body}
    if message.channel == "sms":
        content["from_number"] = "SAFEGUARD"
    else:
        content |= {"subject": message.subject, "from_email": "safeguard@example.org"}
    return {
        "id": message.id,
        "reference": message.reference,
        "content": content,
        "uri": f"{carrier.url}/v2/notifications/{message.id}",
        "template": template_link(carrier, message),
        "scheduled_for": None,
    }


def described(carrier: Carrier, message: Message) -> dict[str, Any]:
    """A notification as the look-up answers it."""
    return {
        "id": message.id,
        "reference": message.reference,
        "phone_number": message.to if message.channel == "sms" else None,
        "email_address": message.to if message.channel == "email" else None,
        "type": message.channel,
        "status": message.status,
        "template": template_link(carrier, message),
        "subject": message.subject,
        "body": message.body,
        "created_at": iso(message.received_ns),
        "sent_at": iso(message.sent_ns),
        "completed_at": iso(message.completed_ns),
        "scheduled_for": None,
        "created_by_name": None,
    }
