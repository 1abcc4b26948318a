"""Every query on qualifications and the areas that people work in."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.kit.tables import grouped
from tenants.qualifications.models import PersonArea, Qualification


async def holders(session: TenantSession, code: str, persons: Iterable[UUID], at: datetime) -> set[UUID]:
    """Those of ``persons`` who are qualified until ``at`` or longer."""
    found = await session.scalars(
        select(col(Qualification.person_id)).where(
            col(Qualification.tenant_id) == session.tenant_id,
            col(Qualification.code) == code,
            col(Qualification.person_id).in_(set(persons)),
            or_(col(Qualification.valid_until).is_(None), col(Qualification.valid_until) >= at),
        )
    )
    return set(found)


async def of_people(session: TenantSession, persons: Iterable[UUID]) -> dict[UUID, list[Qualification]]:
    """Every qualification that people have or had, by person and code."""
    return await by_parent(session, Qualification, "person_id", persons, order=("code",))


async def qualification(session: TenantSession, person_id: UUID, code: str) -> Qualification | None:
    """A person's qualification, ended or not."""
    found: Qualification | None = await session.scalar(
        select(Qualification).where(
            col(Qualification.tenant_id) == session.tenant_id,
            col(Qualification.person_id) == person_id,
            col(Qualification.code) == code,
        )
    )
    return found


async def areas_of_people(session: TenantSession, persons: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """The areas that people work in, by person; who works in all of them has none."""
    found = await session.scalars(
        select(PersonArea)
        .where(
            col(PersonArea.tenant_id) == session.tenant_id,
            col(PersonArea.person_id).in_(set(persons)),
            col(PersonArea.removed_at).is_(None),
        )
        .order_by(col(PersonArea.id))
    )
    return {person: [row.area_id for row in rows] for person, rows in grouped(found, lambda r: r.person_id).items()}


async def area_of_person(session: TenantSession, person_id: UUID, area_id: UUID) -> PersonArea | None:
    """Whether a person works in an area, or did."""
    found: PersonArea | None = await session.scalar(
        select(PersonArea).where(
            col(PersonArea.tenant_id) == session.tenant_id,
            col(PersonArea.person_id) == person_id,
            col(PersonArea.area_id) == area_id,
        )
    )
    return found
