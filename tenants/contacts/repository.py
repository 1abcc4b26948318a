"""Every query on people, their contact methods and the directory."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, or_, select, update
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

_IN_USE = and_(
    link(ContactMethod, "person_id", Person),
    col(ContactMethod.verified_at).is_not(None),
    col(ContactMethod.retired_at).is_(None),
)
_REACH = (
    select(ContactMethod, col(Person.id).label("person_id"), col(Person.code), col(Person.notification_rules))
    .select_from(Person)
    .outerjoin(ContactMethod, _IN_USE)
    .where(
        col(Person.tenant_id) == bindparam("tenant"),
        or_(
            col(Person.id).in_(bindparam("persons", expanding=True)),
            col(Person.code).in_(bindparam("codes", expanding=True)),
        ),
        col(Person.active),
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


async def reach(session: TenantSession, ids: Iterable[UUID], codes: Iterable[str] = ()) -> list[Row[Any]]:
    """How the active ones among ``ids`` and ``codes`` are reached, in one query.

    A row for each verified method in use with ``person_id``, ``code`` and ``notification_rules``; who
    has none has one row with a method of None, and who has left has none.
    """
    values = {"tenant": session.tenant_id, "persons": list(ids), "codes": list(codes)}
    return list((await session.execute(_REACH, values)).all())


async def active_people(session: TenantSession) -> dict[UUID, Person]:
    """Everybody who has not left."""
    found = await session.scalars(
        select(Person).where(col(Person.tenant_id) == session.tenant_id, col(Person.active)).order_by(col(Person.code))
    )
    return {person.id: person for person in found}


async def retire_address(session: TenantSession, channel: Channel, address: str) -> None:
    """Never use this number, address or device again: the provider says that it is dead."""
    await session.execute(
        update(ContactMethod)
        .where(
            col(ContactMethod.tenant_id) == session.tenant_id,
            col(ContactMethod.channel) == channel,
            col(ContactMethod.address) == address,
            col(ContactMethod.retired_at).is_(None),
        )
        .values(retired_at=await session.now())
    )


async def directory(
    session: TenantSession, roles: Iterable[str], area_ids: Iterable[UUID], codes: Iterable[str] = ()
) -> list[DirectoryEntry]:
    """Entries for ``roles`` that serve any of the areas or all areas, and those with one of ``codes``."""
    found = await session.scalars(
        select(DirectoryEntry)
        .where(
            col(DirectoryEntry.tenant_id) == session.tenant_id,
            or_(
                col(DirectoryEntry.code).in_(set(codes)),
                and_(
                    col(DirectoryEntry.role).in_(set(roles)),
                    or_(col(DirectoryEntry.area_id).is_(None), col(DirectoryEntry.area_id).in_(set(area_ids))),
                ),
            ),
        )
        .order_by(col(DirectoryEntry.code))
    )
    return list(found)


async def whole_directory(session: TenantSession) -> list[DirectoryEntry]:
    """Every post and desk of the partnership, by code."""
    found = await session.scalars(
        select(DirectoryEntry)
        .where(col(DirectoryEntry.tenant_id) == session.tenant_id)
        .order_by(col(DirectoryEntry.code))
    )
    return list(found)
