"""Every query on alert policies."""

from sqlalchemy import bindparam, select
from sqlmodel import col

from backend.kit.session import TenantSession
from notifications.ladders.models import AlertPolicy

_IN_FORCE = select(AlertPolicy).where(
    col(AlertPolicy.tenant_id) == bindparam("tenant"),
    col(AlertPolicy.alert_type) == bindparam("alert_type"),
    col(AlertPolicy.in_force),
)


async def in_force(session: TenantSession, alert_type: str) -> AlertPolicy | None:
    """The version of ``alert_type``'s policy that new alerts follow."""
    found = await session.scalars(_IN_FORCE, {"tenant": session.tenant_id, "alert_type": alert_type})
    return found.one_or_none()
