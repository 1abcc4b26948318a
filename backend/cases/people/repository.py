"""Every query on the people of a case."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.cases.people.models import CasePractitioner, HouseholdMember, Party, Relationship
from backend.kit.problems import NotFound
from backend.kit.reading import by_key, by_parent
from backend.kit.session import TenantSession

RowT = TypeVar("RowT", Party, HouseholdMember, Relationship, CasePractitioner)

NAMES = {
    Party: "party", HouseholdMember: "member of a household", Relationship: "relationship",
    CasePractitioner: "practitioner on a case",
}  # fmt: skip


def no_such(model: type[RowT]) -> str:
    return f"There is no such {NAMES[model]} in this partnership."


async def row(session: TenantSession, model: type[RowT], row_id: UUID) -> RowT:
    """The row, whoever asks. Raises ``NotFound``."""
    found = await session.get(model, (session.tenant_id, row_id))
    if found is None:
        raise NotFound(no_such(model))
    return found


async def of_cases(session: TenantSession, model: type[RowT], case_ids: Iterable[UUID]) -> dict[UUID, list[RowT]]:
    """Rows by case in the order they were recorded, those that have ended among them."""
    return await by_parent(session, model, "case_id", case_ids)


async def parties(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[Party]]:
    return await of_cases(session, Party, case_ids)


async def household(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[HouseholdMember]]:
    return await of_cases(session, HouseholdMember, case_ids)


async def relationships(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[Relationship]]:
    return await of_cases(session, Relationship, case_ids)


async def practitioners(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[CasePractitioner]]:
    return await of_cases(session, CasePractitioner, case_ids)


async def parties_by_id(session: TenantSession, party_ids: Iterable[UUID]) -> dict[UUID, Party]:
    return await by_key(session, Party, party_ids)


async def working_of(session: TenantSession, person_id: UUID) -> list[CasePractitioner]:
    """Where somebody works on a case now, locked."""
    found = await session.scalars(
        select(CasePractitioner)
        .where(
            col(CasePractitioner.tenant_id) == session.tenant_id, col(CasePractitioner.person_id) == person_id,
            col(CasePractitioner.to_at).is_(None),
        )
        .order_by(col(CasePractitioner.case_id), col(CasePractitioner.id))
        .with_for_update(key_share=True)
    )  # fmt: skip
    return list(found)
