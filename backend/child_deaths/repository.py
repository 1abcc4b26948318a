"""Every query on child deaths."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import Row, String, and_, bindparam, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.cases.access.repository import in_sight
from backend.child_deaths.models import ChildDeath
from backend.child_deaths.rules import same_child
from backend.identity.policies import Caller
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


async def duplicates(session: TenantSession, caller: Caller, death_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Other notifications that may be of the same child, earlier and later ones, of cases that the caller may see."""
    other = aliased(ChildDeath)
    query = (
        select(
            col(ChildDeath.id), col(ChildDeath.child_name), col(ChildDeath.nhs_number),
            col(other.id), col(other.child_name), col(other.nhs_number),
        )
        .join(other, and_(
            col(other.tenant_id) == col(ChildDeath.tenant_id), col(other.id) != col(ChildDeath.id),
            or_(col(other.date_of_birth) == col(ChildDeath.date_of_birth),
                col(other.nhs_number) == col(ChildDeath.nhs_number)),
        ))
        .where(col(ChildDeath.tenant_id) == session.tenant_id, col(ChildDeath.id).in_(list(death_ids)),
               in_sight(caller, col(other.case_id)))
        .order_by(col(other.id))
    )  # fmt: skip
    found: dict[UUID, list[UUID]] = {}
    for death_id, name, number, other_id, other_name, other_number in await session.execute(query):
        if same_child(name, number, other_name, other_number):
            found.setdefault(death_id, []).append(other_id)
    return found
