"""Every query on people, their contact methods and the directory."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update
from sqlmodel import col

from backend.kit.session import TenantSession
from backend.kit.tables import grouped, link
from tenants.contacts.models import Channel, ContactMethod, DirectoryEntry, Person

_METHODS = (
    select(ContactMethod)
    .join(Person, link(ContactMethod, "person_id", Person))
    .where(
        col(ContactMethod.tenant_id) == bindparam("tenant"),
        col(ContactMethod.person_id).in_(bindparam("persons", expanding=True)),
        col(Person.active),
        col(ContactMethod.verified_at).is_not(None),
        col(ContactMethod.retired_at).is_(None),
    )
    .order_by(col(ContactMethod.id))
)


async def people(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, Person]:
    """The persons among ``ids``, whether or not they are still active."""
    found = await session.scalars(
        select(Person).where(col(Person.tenant_id) == session.tenant_id, col(Person.id).in_(set(ids)))
    )
    return {person.id: person for person in found}


async def contact_methods(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, list[ContactMethod]]:
    """Verified methods in use of those of ``ids`` who are still active; who has left is not there."""
    found = await session.scalars(_METHODS, {"tenant": session.tenant_id, "persons": list(ids)})
    return grouped(found, lambda method: method.person_id)


async def retire_address(session: TenantSession, channel: Channel, address: str) -> list[UUID]:
    """Never use this number, address or device again: the provider says that it is dead.

    Returns whose it was, of those who had not lost it before.
    """
    owners = await session.scalars(
        update(ContactMethod)
        .where(
            col(ContactMethod.tenant_id) == session.tenant_id,
            col(ContactMethod.channel) == channel,
            col(ContactMethod.address) == address,
            col(ContactMethod.retired_at).is_(None),
        )
        .values(retired_at=await session.now())
        .returning(col(ContactMethod.person_id))
    )
    return list(owners)


async def directory(session: TenantSession, roles: Iterable[str], area_ids: Iterable[UUID]) -> list[DirectoryEntry]:
    """Entries for ``roles`` that serve any of the areas, or all areas."""
    found = await session.scalars(
        select(DirectoryEntry)
        .where(
            col(DirectoryEntry.tenant_id) == session.tenant_id,
            col(DirectoryEntry.role).in_(set(roles)),
            or_(col(DirectoryEntry.area_id).is_(None), col(DirectoryEntry.area_id).in_(set(area_ids))),
        )
        .order_by(col(DirectoryEntry.code))
    )
    return list(found)
