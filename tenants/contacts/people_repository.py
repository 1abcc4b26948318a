"""Every query on people and agencies as they are kept."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from tenants.contacts.models import Agency, Person

NOBODY = "There is no such person in this partnership."


async def locked_person(session: TenantSession, person_id: UUID) -> Person:
    """A person, held until the transaction ends. Raises ``NotFound``."""
    found = await session.scalar(
        select(Person)
        .where(col(Person.tenant_id) == session.tenant_id, col(Person.id) == person_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(NOBODY)
    return found


async def person_by_code(session: TenantSession, code: str) -> Person | None:
    """Whoever has or had a code."""
    found: Person | None = await session.scalar(
        select(Person).where(col(Person.tenant_id) == session.tenant_id, col(Person.code) == code)
    )
    return found


async def agencies(session: TenantSession) -> list[Agency]:
    """The partnership's agencies, by code."""
    found = await session.scalars(
        select(Agency).where(col(Agency.tenant_id) == session.tenant_id).order_by(col(Agency.code))
    )
    return list(found)
