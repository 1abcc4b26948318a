"""Every query on child deaths."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from backend.child_deaths.models import ChildDeath
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession


async def child_death(session: TenantSession, death_id: UUID) -> ChildDeath:
    """The notification. Raises ``NotFound``."""
    found = await session.get(ChildDeath, (session.tenant_id, death_id))
    if found is None:
        raise NotFound("There is no such child death in this partnership.")
    return found


async def of_cases(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, ChildDeath]:
    """Notifications by case."""
    found = await session.scalars(
        select(ChildDeath).where(
            col(ChildDeath.tenant_id) == session.tenant_id, col(ChildDeath.case_id).in_(set(case_ids))
        )
    )
    return {death.case_id: death for death in found}


async def may_be_same(session: TenantSession, born: date, nhs_number: str | None) -> list[ChildDeath]:
    """Notifications with the same date of birth or the same NHS number."""
    same = col(ChildDeath.date_of_birth) == born
    if nhs_number is not None:
        same = or_(same, col(ChildDeath.nhs_number) == nhs_number)
    found = await session.scalars(
        select(ChildDeath).where(col(ChildDeath.tenant_id) == session.tenant_id, same).order_by(col(ChildDeath.id))
    )
    return list(found)
