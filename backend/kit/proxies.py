"""Where a request is from when proxies of ours stand in front, and whether the settings know that they do."""

from collections.abc import Mapping
from typing import Final

import structlog

log = structlog.get_logger(__name__)

_FORWARDED: Final = ("x-forwarded-for", "forwarded", "x-real-ip")
NOT_TOLD: Final = (
    "Requests come through a proxy, and PROXIES_IN_FRONT is not set: every client counts as one address. Set it to the"
    " number of proxies of ours that add to X-Forwarded-For."
)
TOO_MANY: Final = (
    "Requests come with fewer addresses in X-Forwarded-For than PROXIES_IN_FRONT says. Set it to the number of proxies"
    " of ours that add to it."
)


def address(headers: Mapping[str, str], peer: str | None, proxies: int) -> str:
    """The last address that a proxy of ours has added, or else who is connected. Pure."""
    passed = _passed(headers)
    if 0 < proxies <= len(passed) and passed[-proxies]:
        return passed[-proxies][:64]
    return peer or "unknown"


def fault(headers: Mapping[str, str], proxies: int) -> str | None:
    """What a request's headers show to be wrong with the setting; None where they fit. Pure.

    A request that was passed on by nobody says nothing: probes and neighbours come straight to the process.
    """
    if not any(headers.get(name) for name in _FORWARDED):
        return None
    if proxies == 0:
        return NOT_TOLD
    passed = _passed(headers)
    return TOO_MANY if passed != [""] and len(passed) < proxies else None


class Proxies:
    """What the requests of one process have shown. The first that does not fit is logged, and readiness says it."""

    def __init__(self, in_front: int) -> None:
        self._in_front = in_front
        self.fault: str | None = None

    def look(self, headers: Mapping[str, str]) -> None:
        """Look at one request."""
        if self.fault is None and (found := fault(headers, self._in_front)) is not None:
            self.fault = found
            log.error("proxies_in_front_not_set" if found == NOT_TOLD else "proxies_in_front_too_many")


def _passed(headers: Mapping[str, str]) -> list[str]:
    return [one.strip() for one in headers.get("x-forwarded-for", "").split(",")]
