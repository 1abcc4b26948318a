"""How often it is tried to bring something to the other side, and when it is given up. Pure."""

from datetime import timedelta
from typing import Final

WAITS: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 300, 600, 1200, 2400))
"""After each failed try but the last: an hour and a quarter in all.

A store that restarts is waited for. After that somebody has to know: a child moves, and the other side does not.
"""


def wait_after(tries: int) -> timedelta | None:
    """How long to wait once so many tries have failed; None when it is not tried any more."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None
