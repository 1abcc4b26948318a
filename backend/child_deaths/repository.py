"""Every query on child deaths."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, String, and_, bindparam, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.cases.access import repository as access
from backend.child_deaths.models import ChildDeath
from backend.child_deaths.rules import same_child
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.reading import among, by_key, given
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


_OTHER: Any = aliased(ChildDeath)


@cache
def _alike(*, one: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(ChildDeath.id), col(ChildDeath.child_name), col(ChildDeath.nhs_number), _OTHER.id.label("other_id"),
            _OTHER.child_name.label("other_name"), _OTHER.nhs_number.label("other_number"),
            _OTHER.case_id.label("other_case"),
        )
        .join(_OTHER, and_(
            _OTHER.tenant_id == col(ChildDeath.tenant_id), _OTHER.id != col(ChildDeath.id),
            or_(_OTHER.date_of_birth == col(ChildDeath.date_of_birth),
                _OTHER.nhs_number == col(ChildDeath.nhs_number)),
        ))
        .where(col(ChildDeath.tenant_id) == bindparam("tenant"), among(col(ChildDeath.id), one=one))
        .order_by(_OTHER.id)
    )  # fmt: skip


async def may_be_same(
    session: TenantSession, born: date, nhs_number: str | None
) -> Sequence[Row[UUID, str, str | None]]:
    """Id, name and NHS number of notifications with the same date of birth or the same NHS number."""
    values = {"tenant": session.tenant_id, "born": born, "nhs_number": nhs_number}
    return (await session.execute(_MAY_BE_SAME, values)).all()


async def duplicates(session: TenantSession, caller: Caller, death_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Other notifications that may be of the same child, earlier and later ones, of cases that the caller may see."""
    wanted = set(death_ids)
    asked = {"tenant": session.tenant_id, **given(wanted)}
    pairs = [
        row for row in await session.execute(_alike(one=len(wanted) == 1), asked)
        if same_child(row.child_name, row.nhs_number, row.other_name, row.other_number)
    ]  # fmt: skip
    there = await access.open_to(session, caller, {row.other_case for row in pairs})
    found: dict[UUID, list[UUID]] = {}
    for row in pairs:
        if row.other_case in there:
            found.setdefault(row.id, []).append(row.other_id)
    return found
