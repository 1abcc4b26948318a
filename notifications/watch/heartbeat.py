"""A sign of life to somebody outside, who calls a person when it stops.

It is sent only when everything that a page needs has just been seen to work. A fault anywhere is
told by silence, which no broken part of the system can fake.
"""

from typing import Final

import httpx
import structlog

from backend.kit import metrics
from backend.kit.settings import settings

log = structlog.get_logger(__name__)

_TIMEOUT: Final = httpx.Timeout(3, connect=2)


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
