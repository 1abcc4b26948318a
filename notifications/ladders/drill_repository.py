"""Every query on the schedules of drills."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from notifications.ladders.models import DrillSchedule


async def schedule(session: TenantSession, schedule_id: UUID, *, lock: bool = False) -> DrillSchedule:
    """One schedule, locked when asked. Raises ``NotFound``."""
    query = select(DrillSchedule).where(
        col(DrillSchedule.tenant_id) == session.tenant_id, col(DrillSchedule.id) == schedule_id
    )
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound("There is no such schedule of drills in this partnership.")
    return found


async def running(session: TenantSession, alert_type: str) -> DrillSchedule | None:
    """The schedule that a type has drills by."""
    found: DrillSchedule | None = await session.scalar(
        select(DrillSchedule).where(
            col(DrillSchedule.tenant_id) == session.tenant_id,
            col(DrillSchedule.alert_type) == alert_type,
            col(DrillSchedule.ended_at).is_(None),
        )
    )
    return found
