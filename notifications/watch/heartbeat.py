"""A sign of life to somebody outside, who calls a person when it stops.

It is sent only when everything that a page needs has just been seen to work. A fault anywhere is
told by silence, which no broken part of the system can fake.
"""

import asyncio
from typing import Final

import httpx
import structlog

from backend.kit import metrics
from backend.kit.settings import Settings, settings

log = structlog.get_logger(__name__)

_TIMEOUT: Final = httpx.Timeout(3, connect=2)


def providers_to_reach(configured: Settings) -> list[str]:
    """Where each configured provider says that it is there."""
    found = []
    if configured.notify_api_key is not None:
        found.append(f"{configured.notify_base_url.rstrip('/')}/_status")
    if configured.fcm_service_account_file is not None:
        found.append(configured.fcm_base_url)
    return found


async def reachable(urls: list[str]) -> bool:
    """Whether every provider answers, with anything but a server's error."""
    async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
        return all(await asyncio.gather(*(_answers(client, url) for url in urls)))


async def beat(trouble: list[str]) -> str:
    """Send the heartbeat, unless there is ``trouble``. Gives what came of it; never raises.

    ``trouble`` holds codes, the first of which is the metric's label.
    """
    outcome = trouble[0] if trouble else await _send()
    metrics.HEARTBEATS.labels(outcome).inc()
    if outcome not in {"sent", "not_configured"}:
        log.error("heartbeat_withheld", state=outcome, count=len(trouble))
    return outcome


async def _send() -> str:
    configured = settings().heartbeat_url
    url = configured.get_secret_value() if configured is not None else ""
    if not url:
        return "not_configured"
    async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
        try:
            answer = await client.get(url)
        except (httpx.HTTPError, httpx.InvalidURL):
            return "not_heard"
    return "sent" if answer.is_success else "not_heard"


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code < 500
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
