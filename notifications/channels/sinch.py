"""Sinch's SMS REST API (XMS batches): the second way for text messages.

A batch is found again by its ``client_reference``, by which Sinch filters its list of batches.
"""

from datetime import UTC, datetime, timedelta

from backend.kit.settings import settings
from notifications.channels.http import ASK_SECONDS, SEND_SECONDS, Answer, as_json, exchange
from notifications.channels.outcomes import NOBODYS, HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from notifications.channels.telephone import e164
from notifications.channels.templates import render, template_of
from tenants.contacts.models import Channel


class Sinch:
    """One service plan. Configured when SINCH_SERVICE_PLAN_ID is set."""

    name = "sinch"

    async def send(self, message: Message) -> Outcome:
        template = template_of(message.template, Channel.SMS)
        text = None if template is None else render(template.body, message)
        if text is None:
            return Refused("no such template")
        number = e164(message.address)
        if number is None:
            return Refused("not a telephone number", dead=True)
        expires = datetime.now(UTC) + timedelta(seconds=message.time_to_live)
        batch = {
            "from": settings().sinch_from, "to": [number.removeprefix("+")], "body": text, "type": "mt_text",
            "delivery_report": "per_recipient_final", "client_reference": message.reference,
            "expire_at": expires.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        }  # fmt: skip
        answer = await exchange("POST", _url(), body=as_json(batch), headers=_headers(), seconds=SEND_SECONDS)
        return _outcome(answer) if isinstance(answer, Answer) else answer

    async def find(self, reference: str) -> Outcome | None:
        params = {"client_reference": reference, "page_size": "1"}
        answer = await exchange("GET", _url(), params=params, headers=_headers(), seconds=ASK_SECONDS)
        if not isinstance(answer, Answer):
            return Unknown(answer.reason)
        if answer.status != 200:
            return Unknown(f"status {answer.status}")
        try:
            batches = answer.json()["batches"]
            return HandedOver(str(batches[0]["id"])) if batches else None
        except (ValueError, LookupError, TypeError):
            return Unknown("unparseable answer")

    async def ready(self) -> bool | None:
        """Sinch is asked for a message that nobody sent: that takes our token as well as its being there."""
        return not isinstance(await self.find(NOBODYS), Unknown) if settings().sinch_service_plan_id else None


def _url() -> str:
    return f"{settings().sinch_base_url}/xms/v1/{settings().sinch_service_plan_id}/batches"


def _headers() -> dict[str, str]:
    token = settings().sinch_api_token
    bearer = token.get_secret_value() if token else ""
    return {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}


def _outcome(answer: Answer) -> Outcome:
    match answer.status:
        case 200 | 201:
            try:
                return HandedOver(str(answer.json()["id"]))
            except (ValueError, LookupError, TypeError):
                return Unknown("unparseable answer")
        case 400:
            return Refused("status 400")
        case 401 | 403 | 404 | 429:
            return NotTaken(f"status {answer.status}")
        case status:
            return Unknown(f"status {status}")
