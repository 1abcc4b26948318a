"""Every query on alert policies."""

from sqlalchemy import select
from sqlmodel import col

from backend.kit.session import TenantSession
from notifications.ladders.models import AlertPolicy


async def in_force(session: TenantSession, alert_type: str) -> AlertPolicy | None:
    """The version of ``alert_type``'s policy that new alerts follow."""
    found = await session.scalars(
        select(AlertPolicy).where(
            col(AlertPolicy.tenant_id) == session.tenant_id,
            col(AlertPolicy.alert_type) == alert_type,
            col(AlertPolicy.in_force),
        )
    )
    return found.one_or_none()
