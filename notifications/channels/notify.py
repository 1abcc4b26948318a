"""GOV.UK Notify for SMS and email: version 2 of its API, signed as its official client does."""

from typing import Any, Final

from notifications_python_client.authentication import create_jwt_token

from backend.kit.settings import settings
from notifications.channels.http import ASK_SECONDS, SEND_SECONDS, Answer, as_json, exchange
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from notifications.channels.templates import template_of
from tenants.contacts.models import Channel

_RECIPIENT: Final = {Channel.SMS: "phone_number", Channel.EMAIL: "email_address"}


class Notify:
    """One channel of Notify."""

    name = "govuk-notify"

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    async def send(self, message: Message) -> Outcome:
        template = template_of(message.template, self.channel)
        if template is None:
            return Refused("no such template")
        if (headers := _headers()) is None:
            return NotTaken("NOTIFY_API_KEY is not set")
        body = {
            _RECIPIENT[self.channel]: message.address, "template_id": template.id,
            "personalisation": message.personalisation, "reference": message.reference,
        }  # fmt: skip
        url = f"{settings().notify_base_url}/v2/notifications/{self.channel.value}"
        answer = await exchange("POST", url, body=as_json(body), headers=headers, seconds=SEND_SECONDS)
        return _outcome(answer) if isinstance(answer, Answer) else answer

    async def find(self, reference: str) -> Outcome | None:
        if (headers := _headers()) is None:
            return Unknown("NOTIFY_API_KEY is not set")
        url = f"{settings().notify_base_url}/v2/notifications"
        answer = await exchange("GET", url, params={"reference": reference}, headers=headers, seconds=ASK_SECONDS)
        if not isinstance(answer, Answer):
            return Unknown(answer.reason)
        try:
            found = answer.json()["notifications"] if answer.status == 200 else None
            if found is None:
                return Unknown(f"status {answer.status}")
            return HandedOver(str(found[0]["id"])) if found else None
        except (ValueError, LookupError, TypeError):
            return Unknown("unparseable answer")


def _headers() -> dict[str, str] | None:
    configured = settings().notify_api_key
    if configured is None:
        return None
    key = configured.get_secret_value()  # name-serviceid-secret, where both halves are UUIDs of 36 characters
    token = create_jwt_token(key[-36:], key[-73:-37])
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def _outcome(answer: Answer) -> Outcome:
    """Notify's status codes: 400 is never taken, 403 (our key) and 429 not now, 5xx who knows."""
    match answer.status:
        case 201:
            try:
                return HandedOver(str(answer.json()["id"]))
            except (ValueError, LookupError, TypeError):
                return Unknown("unparseable answer")
        case 400:
            return Refused("status 400", dead=_bad_address(answer))
        case 401 | 403 | 429:
            return NotTaken(f"status {answer.status}")
        case status:
            return Unknown(f"status {status}")


def _bad_address(answer: Answer) -> bool:
    try:
        errors: list[Any] = answer.json()["errors"]
        return any(str(error["message"]).startswith(("phone_number", "email_address")) for error in errors)
    except (ValueError, LookupError, TypeError):
        return False
