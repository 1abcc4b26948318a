"""Voice calls through Vonage's Voice API. The call is spoken slowly; a key answers it at any moment of it.

Only a key counts. An answering machine takes the call as gladly as a person does, so that the network
reports it as answered means nothing.
"""

import time
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import uuid4
from xml.sax.saxutils import escape

from joserfc import jwt
from joserfc.jwk import RSAKey

from backend.kit.settings import settings
from notifications.channels.http import ASK_SECONDS, SEND_SECONDS, Answer, as_json, exchange
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from notifications.channels.telephone import e164
from notifications.channels.templates import Template, template_of
from tenants.contacts.models import Channel

ANSWER_KEY: Final = "1"
_RING_SECONDS: Final = 45
_LANGUAGE: Final = "en-GB"
_SPELT: Final = frozenset({"reference", "code"})


class Vonage:
    """One Vonage application. Configured when VONAGE_APPLICATION_ID is set."""

    name = "vonage"

    async def send(self, message: Message) -> Outcome:
        number = e164(message.address)
        if number is None:
            return Refused("not a telephone number", dead=True)
        template = template_of(message.template, Channel.VOICE)
        if template is None:
            return Refused("no such template")
        call = {
            "to": [{"type": "phone", "number": number.removeprefix("+")}],
            "from": {"type": "phone", "number": settings().vonage_from},
            "ncco": script(spoken(template, message), message.reference),
            "event_url": [f"{callback_url(message.reference)}/events"],
            "advanced_machine_detection": {"behavior": "hangup", "mode": "detect"},
            "ringing_timer": _RING_SECONDS,
        }
        try:
            headers = {"Authorization": f"Bearer {_token()}", "Content-Type": "application/json"}
        except (OSError, ValueError) as error:
            return NotTaken(f"not configured: {type(error).__name__}")
        url = f"{settings().vonage_base_url}/v1/calls"
        answer = await exchange("POST", url, body=as_json(call), headers=headers, seconds=SEND_SECONDS)
        return _outcome(answer) if isinstance(answer, Answer) else answer

    async def find(self, reference: str) -> Outcome | None:  # noqa: ARG002  # calls have no reference of ours
        """Vonage lists calls by its own ids alone, so whether a call was placed cannot be told."""
        return Unknown("calls cannot be asked for")

    async def ready(self) -> bool | None:
        """Vonage lists one of our calls, or none: that takes our key as well as its being there."""
        if not settings().vonage_application_id:
            return None
        try:
            headers = {"Authorization": f"Bearer {_token()}"}
        except (OSError, ValueError):
            return False
        url = f"{settings().vonage_base_url}/v1/calls"
        answer = await exchange("GET", url, params={"page_size": "1"}, headers=headers, seconds=ASK_SECONDS)
        return isinstance(answer, Answer) and answer.status == 200


def spoken(template: Template, message: Message) -> str:
    """The wording as slow speech, reference and code letter by letter."""
    values = {
        name: f'<say-as interpret-as="characters">{escape(value)}</say-as>'
        for name, value in message.personalisation.items()
        if name in _SPELT
    }
    text = escape(template.body)
    for name, value in values.items():
        text = text.replace(f"(({name}))", value)
    return f'<speak><prosody rate="slow">{text}</prosody></speak>'


def script(ssml: str, reference: str) -> list[dict[str, Any]]:
    """Say it twice, listening for a key meanwhile and for a while after it."""
    return [
        {"action": "talk", "text": ssml, "language": _LANGUAGE, "bargeIn": True, "loop": 2},
        {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1, "timeOut": 10},
         "eventUrl": [f"{callback_url(reference)}/keys"]},
    ]  # fmt: skip


def farewell(text: str) -> list[dict[str, Any]]:
    """Say ``text`` and hang up."""
    return [{"action": "talk", "text": text, "language": _LANGUAGE}]


def callback_url(reference: str) -> str:
    """Where events of a call go. The reference is opaque and tells nothing to who reads a log of addresses."""
    return f"{settings().callback_base_url or settings().app_url}/callbacks/voice/{reference}"


def _token() -> str:
    now = int(time.time())
    claims = {"application_id": settings().vonage_application_id, "iat": now, "exp": now + 60, "jti": str(uuid4())}
    return jwt.encode({"alg": "RS256"}, claims, _private_key(settings().vonage_private_key_file))


@lru_cache(maxsize=2)
def _private_key(file: Path | None) -> RSAKey:
    if file is None:
        message = "VONAGE_PRIVATE_KEY_FILE is not set"
        raise ValueError(message)
    return RSAKey.import_key(file.read_text())


def _outcome(answer: Answer) -> Outcome:
    match answer.status:
        case 200 | 201:
            try:
                return HandedOver(str(answer.json()["uuid"]))
            except (ValueError, LookupError, TypeError):
                return Unknown("unparseable answer")
        case 401 | 403 | 429:
            return NotTaken(f"status {answer.status}")
        case status if status < 500:
            return Refused(f"status {status}")
        case status:
            return Unknown(f"status {status}")
