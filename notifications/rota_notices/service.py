"""Notices of the rotas go the way of every other message: as alerts, by the partnership's own policy."""

from typing import Final
from uuid import UUID

from backend.kit.session import TenantSession
from notifications.alerts.service import raise_alert

SWAP_ALERT: Final = "rota-swap"


async def tell_of_swap(session: TenantSession, swap_id: UUID) -> None:
    """Tell whoever the policy names that two people have swapped shifts; it may still be undone.

    Without a policy in force a configuration alarm is raised instead.
    """
    await raise_alert(session, SWAP_ALERT, subject_kind="shift_swap", subject_id=swap_id)
