"""Every query on child deaths."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Row, String, bindparam, or_, select
from sqlmodel import col

from backend.child_deaths.models import ChildDeath
from backend.kit.problems import NotFound
from backend.kit.reading import by_key
from backend.kit.session import TenantSession

NO_DEATH: Final = "There is no such child death in this partnership."


async def child_death(session: TenantSession, death_id: UUID) -> ChildDeath:
    """The notification. Raises ``NotFound``."""
    found = await session.get(ChildDeath, (session.tenant_id, death_id))
    if found is None:
        raise NotFound(NO_DEATH)
    return found


async def of_cases(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, ChildDeath]:
    """Notifications by case."""
    return await by_key(session, ChildDeath, case_ids, "case_id")


_MAY_BE_SAME = (
    select(col(ChildDeath.id), col(ChildDeath.child_name), col(ChildDeath.nhs_number))
    .where(
        col(ChildDeath.tenant_id) == bindparam("tenant"),
        or_(
            col(ChildDeath.date_of_birth) == bindparam("born"),
            col(ChildDeath.nhs_number) == bindparam("nhs_number", type_=String()),
        ),
    )
    .order_by(col(ChildDeath.id))
)


async def may_be_same(
    session: TenantSession, born: date, nhs_number: str | None
) -> Sequence[Row[UUID, str, str | None]]:
    """Id, name and NHS number of notifications with the same date of birth or the same NHS number."""
    values = {"tenant": session.tenant_id, "born": born, "nhs_number": nhs_number}
    return (await session.execute(_MAY_BE_SAME, values)).all()
