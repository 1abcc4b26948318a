"""Every query on clocks."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.clocks.models import Clock, ClockState
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from backend.kit.tables import grouped

NO_CLOCK: Final = "There is no such clock in this partnership."


async def locked(session: TenantSession, clock_id: UUID) -> Clock:
    """The clock, locked. Raises ``NotFound``."""
    found = await session.scalar(
        select(Clock).where(col(Clock.tenant_id) == session.tenant_id, col(Clock.id) == clock_id).with_for_update()
    )
    if found is None:
        raise NotFound(NO_CLOCK)
    return found


async def case_of(session: TenantSession, clock_id: UUID) -> UUID:
    """The case that a clock runs on. Raises ``NotFound``."""
    found: UUID | None = await session.scalar(
        select(col(Clock.case_id)).where(col(Clock.tenant_id) == session.tenant_id, col(Clock.id) == clock_id)
    )
    if found is None:
        raise NotFound(NO_CLOCK)
    return found


async def running(session: TenantSession, unit: str) -> list[Clock]:
    """The running clocks that count in ``unit``, locked, in order of their ids."""
    found = await session.scalars(
        select(Clock)
        .where(
            col(Clock.tenant_id) == session.tenant_id,
            col(Clock.state) == ClockState.RUNNING,
            col(Clock.rule)["unit"].as_string() == unit,
        )
        .order_by(col(Clock.id))
        .with_for_update()
    )
    return list(found)


async def of_cases(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[Clock]]:
    """Clocks by case, soonest due first."""
    found = await session.scalars(
        select(Clock)
        .where(col(Clock.tenant_id) == session.tenant_id, col(Clock.case_id).in_(set(case_ids)))
        .order_by(col(Clock.due_at), col(Clock.id))
    )
    return grouped(found, lambda clock: clock.case_id)
