"""One HTTP exchange with a provider, and what its failures mean.

aiohttp, because it costs a worker a quarter of what the alternatives do for each message.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

import aiohttp
import msgspec

from backend.kit import addresses
from notifications.channels.outcomes import NotTaken, Refused, Unknown

# Together they leave time for the other provider within five seconds, and end well before a delivery's lease.
SEND_SECONDS: Final = 2.5
ASK_SECONDS: Final = 1.0
CONNECT_SECONDS: Final = 1.0

_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of a provider."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises ``ValueError`` when it is none."""
        return msgspec.json.decode(self.body)


async def exchange(
    method: str,
    url: str,
    *,
    seconds: float,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    server_hostname: str | None = None,
    most: int = -1,
) -> Answer | NotTaken | Unknown:
    """Send one request and read its answer, or the first ``most`` bytes of it, following no redirect.

    ``NotTaken`` when no connection came about, so that nothing can have been sent; ``Unknown`` when
    the connection broke or stayed silent for ``seconds``.
    """
    limits = aiohttp.ClientTimeout(total=seconds, sock_connect=min(CONNECT_SECONDS, seconds))
    try:
        async with _session().request(
            method, url, data=body, headers=headers, params=params, timeout=limits, allow_redirects=False,
            server_hostname=server_hostname,
        ) as answer:  # fmt: skip
            return Answer(answer.status, await answer.content.read(most))
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL):
        return NotTaken("no connection")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Unknown(type(error).__name__)


async def resolved(url: str) -> addresses.Target | Refused | NotTaken:
    """Where to connect for an address that somebody else gave us, or why nothing is sent there."""
    try:
        return await addresses.target_of(url)
    except addresses.Unsafe as error:
        return Refused(f"the address {error}")
    except addresses.NoSuchHost:
        return NotTaken("no such host")


def as_json(value: object) -> bytes:
    return msgspec.json.encode(value)


def _session() -> aiohttp.ClientSession:
    """This event loop's connections, kept open between messages."""
    loop = asyncio.get_running_loop()
    found = _sessions.get(loop)
    if found is None or found.closed:
        connector = aiohttp.TCPConnector(limit=0, limit_per_host=64, keepalive_timeout=30)
        found = _sessions[loop] = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
    return found


async def close() -> None:
    """Close what this event loop holds open, before it ends."""
    found = _sessions.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.close()
