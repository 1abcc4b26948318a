"""GOV.UK Notify for SMS and email, through its official client."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, Final

import requests
from notifications_python_client.errors import HTTPError, InvalidResponse
from notifications_python_client.notifications import NotificationsAPIClient
from urllib3.exceptions import NewConnectionError

from backend.kit.settings import settings
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from tenants.contacts.models import Channel

_TIMEOUT_SECONDS: Final = 4  # must end well before a delivery's lease does
_THREADS: Final = 32

# The client is synchronous; the lookup by reference is a read and shares its pool.
_pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="notify")
_own = threading.local()


def _client() -> NotificationsAPIClient:
    """This thread's client: the class is not thread-safe, and keeps its connection open."""
    made: NotificationsAPIClient | None = getattr(_own, "client", None)
    if made is None:
        made = _own.client = _new_client()
    return made


def _new_client() -> NotificationsAPIClient:
    configured = settings()
    if configured.notify_api_key is None:
        message = "NOTIFY_API_KEY is not set"
        raise RuntimeError(message)
    return NotificationsAPIClient(
        configured.notify_api_key.get_secret_value(),
        base_url=configured.notify_base_url,
        timeout=_TIMEOUT_SECONDS,
    )


@lru_cache(maxsize=1)
def _template_ids() -> dict[tuple[str, str], str]:
    """Notify's template ids by our name and channel, from the file deployed with the service."""
    entries = json.loads(settings().notify_templates_file.read_text())
    return {(entry["name"], entry["type"]): entry["id"] for entry in entries}


class Notify:
    """One channel of Notify."""

    name = "govuk-notify"

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    async def send(self, message: Message) -> Outcome:
        return await asyncio.get_running_loop().run_in_executor(_pool, self._send, message)

    async def find(self, reference: str) -> Outcome | None:
        return await asyncio.get_running_loop().run_in_executor(_pool, self._find, reference)

    def _send(self, message: Message) -> Outcome:
        template = _template_ids().get((message.template, self.channel.value))
        if template is None:
            return Refused("no such template")
        call = _client().send_sms_notification if self.channel is Channel.SMS else _client().send_email_notification
        try:
            answer: Any = call(message.address, template, message.personalisation, message.reference)
            return HandedOver(str(answer["id"]))
        except (InvalidResponse, KeyError, TypeError, ValueError):
            return Unknown("unparseable answer")
        except HTTPError as error:
            return _outcome(error)
        except requests.RequestException as error:
            return Unknown(type(error).__name__)

    def _find(self, reference: str) -> Outcome | None:
        try:
            answer: Any = _client().get_all_notifications(reference=reference)
            found = answer["notifications"]
            return HandedOver(str(found[0]["id"])) if found else None
        except (
            HTTPError,
            InvalidResponse,
            KeyError,
            TypeError,
            ValueError,
            requests.RequestException,
        ) as error:
            return Unknown(type(error).__name__)


def _outcome(error: HTTPError) -> Outcome:
    """Notify's status codes: 400 is never taken, 403 (our key) and 429 not now, 5xx who knows."""
    status = error.status_code
    if status in {403, 429}:
        return NotTaken(f"status {status}")
    if status == 400:
        return Refused("status 400", dead=_bad_address(error))
    if _never_connected(error.__cause__):
        return NotTaken("no connection")
    return Unknown(f"status {status}" if error.response is not None else type(error.__cause__).__name__)


def _never_connected(cause: BaseException | None) -> bool:
    if isinstance(cause, requests.ConnectTimeout):
        return True
    reason = (
        getattr(cause.args[0], "reason", None) if isinstance(cause, requests.ConnectionError) and cause.args else None
    )
    return isinstance(reason, NewConnectionError)


def _bad_address(error: HTTPError) -> bool:
    texts = [str(item.get("message", "")) for item in error.message] if isinstance(error.message, list) else []
    return any(text.startswith(("phone_number", "email_address")) for text in texts)
