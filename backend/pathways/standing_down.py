"""Stand down whoever is still being called about a case on which nothing is owed any more."""

from uuid import UUID

from backend.identity.policies import Caller
from backend.kit.session import TenantSession
from notifications.alerts import closing as calls
from notifications.alerts import repository as alerts
from notifications.alerts.models import AlertState, Ending, SlotState


async def stand_down(session: TenantSession, by: Caller | None, case_id: UUID, reason: str) -> None:
    """Whoever is still being called about the case need not answer. ``reason`` names no child; ``by`` None: nobody."""
    raised = (await alerts.by_subject(session, [case_id])).get(case_id, [])
    slots = await alerts.slots(session, [one.id for one in raised])
    for alert in raised:
        calling = [one for one in slots[alert.id] if one.state is SlotState.PAGING and one.ladder["needs_answer"]]
        if alert.state is not AlertState.CLOSED and calling:
            await calls.close(session, alert.id, by.person_id if by else None, Ending.STOOD_DOWN, reason)
