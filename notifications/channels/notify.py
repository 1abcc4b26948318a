"""GOV.UK Notify for SMS and email, through its official client.

The client makes and signs each request. Its own transport blocks a thread for every message in
flight, which cost a page worker most of its time; here the requests leave by the loop's connections.
"""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, Final, TypeAlias, cast

from notifications_python_client.notifications import NotificationsAPIClient

from backend.kit.settings import settings
from notifications.channels.http import ASK_SECONDS, SEND_SECONDS, Answer, exchange
from notifications.channels.outcomes import NOBODYS, HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from notifications.channels.templates import template_of
from tenants.contacts.models import Channel

# The client's methods give what ``request`` gives, which here is awaited.
_Call: TypeAlias = Callable[..., Awaitable[Answer | NotTaken | Unknown]]
_NO_KEY: Final = "NOTIFY_API_KEY is not set"


class _Client(NotificationsAPIClient):  # type: ignore[misc]  # it ships no types
    """The official client, each of whose calls is awaited and gives the answer as it came."""

    def request(
        self, method: str, url: str, data: object = None, params: dict[str, str] | None = None
    ) -> Awaitable[Answer | NotTaken | Unknown]:
        url, made = self._create_request_objects(url, data, params)
        seconds = ASK_SECONDS if method == "GET" else SEND_SECONDS
        body = made["data"].encode() if "data" in made else None
        return exchange(method, url, body=body, params=params, headers=made["headers"], seconds=seconds)


@lru_cache(maxsize=2)
def _client(key: str, base_url: str) -> _Client:
    return _Client(key, base_url=base_url)


class Notify:
    """One channel of Notify."""

    name = "govuk-notify"

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    async def send(self, message: Message) -> Outcome:
        template = template_of(message.template, self.channel)
        if template is None:
            return Refused("no such template")
        if (client := _configured()) is None:
            return NotTaken(_NO_KEY)
        made = client.send_sms_notification if self.channel is Channel.SMS else client.send_email_notification
        call = cast("_Call", made)
        answer = await call(message.address, template.id, message.personalisation, message.reference)
        return _outcome(answer) if isinstance(answer, Answer) else answer

    async def find(self, reference: str) -> Outcome | None:
        if (client := _configured()) is None:
            return Unknown(_NO_KEY)
        search = cast("_Call", client.get_all_notifications)
        answer = await search(reference=reference)
        if not isinstance(answer, Answer):
            return Unknown(answer.reason)
        try:
            found = answer.json()["notifications"] if answer.status == 200 else None
            if found is None:
                return Unknown(f"status {answer.status}")
            return HandedOver(str(found[0]["id"])) if found else None
        except (ValueError, LookupError, TypeError):
            return Unknown("unparseable answer")

    async def ready(self) -> bool | None:
        """Notify is asked for a message that nobody sent: that takes our key as well as its being there."""
        return not isinstance(await self.find(NOBODYS), Unknown) if _configured() else None


def _configured() -> _Client | None:
    key = settings().notify_api_key
    return _client(key.get_secret_value(), settings().notify_base_url) if key else None


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
