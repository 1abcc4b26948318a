"""What follows of a webhook endpoint that Safeguard has paused: its administrators hear of it."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from backend.identity import repository as memberships
from backend.identity.people import ADMINISTRATOR
from backend.kit.actors import register_once
from backend.kit.session import TenantSession
from notifications.deliveries import notices
from notifications.deliveries.wording import WEBHOOK_PAUSED as WORDING
from notifications.webhooks.sending import WEBHOOK_PAUSED

_LASTS: Final = timedelta(days=7)


async def tell_administrators(session: TenantSession, endpoint_id: UUID) -> None:
    """Send every administrator a notice that names nothing; the app shows which endpoint it is and why."""
    administrators = await memberships.members_with(session, ADMINISTRATOR)
    until = await session.now() + _LASTS
    await notices.tell(session, administrators, template=WORDING, subject_id=endpoint_id, until=until)


register_once(WEBHOOK_PAUSED, tell_administrators)
