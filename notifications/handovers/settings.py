"""What a partnership sets for its hand-overs. There is no default: who sets nothing has nobody reminded."""

from datetime import timedelta
from typing import Any, Final

from backend.kit.session import TenantSession
from tenants.partnerships import repository as partnerships

ACKNOWLEDGE_WITHIN: Final = "acknowledge_handover_within_minutes"
_LEAST, _MOST = 5, 7 * 24 * 60


def checked_minutes(value: Any) -> int:  # JSON
    """The setting's value. Raises ``ValueError`` for one that cannot be in force."""
    if isinstance(value, bool) or not isinstance(value, int) or not _LEAST <= value <= _MOST:
        message = f"{ACKNOWLEDGE_WITHIN} must be a whole number of minutes from {_LEAST} to {_MOST:,}"
        raise ValueError(message)
    return value


async def acknowledge_within(session: TenantSession) -> timedelta | None:
    """How long both may take to sign before they are reminded; None where the partnership has not said."""
    value = (await partnerships.settings(session, [ACKNOWLEDGE_WITHIN])).get(ACKNOWLEDGE_WITHIN)
    return None if value is None else timedelta(minutes=checked_minutes(value))
