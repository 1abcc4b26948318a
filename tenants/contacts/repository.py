"""Every query on people, their contact methods and the directory."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, bindparam, or_, select, text, update
from sqlmodel import col

from backend.kit.problems import NotFound
from backend.kit.reading import by_key
from backend.kit.session import TenantSession
from backend.kit.tables import grouped, link
from backend.kit.tasks import owe_once
from tenants.contacts.changes import CONTACTS_CHANGED
from tenants.contacts.models import Agency, Channel, ContactMethod, DirectoryEntry, Person

NOT_YOURS = "There is no such contact method of yours in this partnership."

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
    .order_by(col(ContactMethod.preference), col(ContactMethod.id))
)
# Identity's table, known here by name only: nothing on this floor may import what stands above it.
_SIGNING_IN = text(
    "SELECT membership.person_id FROM membership"
    " JOIN person ON person.tenant_id = membership.tenant_id AND person.id = membership.person_id"
    " WHERE membership.tenant_id = :tenant AND membership.state = 'active' AND person.active"
    " AND membership.person_id = ANY(:persons)"
).bindparams(bindparam("persons", type_=ARRAY(Uuid())))
# One writer of a person's methods at a time; who reads the person waits for none of them.
_ALONE = text(
    "SELECT pg_advisory_xact_lock(hashtextextended('contact_method' || CAST(CAST(:person AS uuid) AS text), 0))"
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
    .order_by(col(ContactMethod.preference), col(ContactMethod.id))
)


async def people(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, Person]:
    """The persons among ``ids``, whether or not they are still active."""
    return await by_key(session, Person, ids)


async def agencies(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, Agency]:
    """The agencies among ``ids``."""
    return await by_key(session, Agency, ids)


async def contact_methods(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, list[ContactMethod]]:
    """Verified methods in use of those of ``ids`` who are still active; who has left is not there."""
    found = await session.scalars(_METHODS, {"tenant": session.tenant_id, "persons": list(ids)})
    return grouped(found, lambda method: method.person_id)


async def every_method(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, list[ContactMethod]]:
    """All methods by person, those in use in order of preference, then the retired."""
    found = await session.scalars(
        select(ContactMethod)
        .where(col(ContactMethod.tenant_id) == session.tenant_id, col(ContactMethod.person_id).in_(set(ids)))
        .order_by(col(ContactMethod.retired_at).is_not(None), col(ContactMethod.preference), col(ContactMethod.id))
    )
    return grouped(found, lambda method: method.person_id)


async def method(session: TenantSession, person_id: UUID, method_id: UUID) -> ContactMethod:
    """One of the person's own methods. Raises ``NotFound``, for somebody else's too."""
    found = await session.scalar(
        select(ContactMethod).where(
            col(ContactMethod.tenant_id) == session.tenant_id,
            col(ContactMethod.person_id) == person_id,
            col(ContactMethod.id) == method_id,
        )
    )
    if found is None:
        raise NotFound(NOT_YOURS)
    return found


async def alone_with_methods(session: TenantSession, person_id: UUID) -> None:
    """Wait until nobody else changes the person's methods, and keep them out until the transaction ends."""
    await session.execute(_ALONE, {"person": person_id})


async def able_to_sign_in(session: TenantSession, ids: Iterable[UUID]) -> set[UUID]:
    """Those of ``ids`` who have not left and whose membership is active."""
    values = {"tenant": session.tenant_id, "persons": list(ids)}
    return set(await session.scalars(_SIGNING_IN, values))


async def reach(session: TenantSession, ids: Iterable[UUID], codes: Iterable[str] = ()) -> list[Any]:
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
    await owe_once(session, CONTACTS_CHANGED, session.tenant_id)
    return list(owners)


async def directory(
    session: TenantSession, roles: Iterable[str], area_ids: Iterable[UUID], codes: Iterable[str] = ()
) -> list[DirectoryEntry]:
    """Entries in use for ``roles`` that serve any of the areas or all areas, and those with one of ``codes``."""
    found = await session.scalars(
        select(DirectoryEntry)
        .where(
            col(DirectoryEntry.tenant_id) == session.tenant_id,
            col(DirectoryEntry.retired_at).is_(None),
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
    """Every post and desk of the partnership that is in use, by code."""
    found = await session.scalars(
        select(DirectoryEntry)
        .where(col(DirectoryEntry.tenant_id) == session.tenant_id, col(DirectoryEntry.retired_at).is_(None))
        .order_by(col(DirectoryEntry.code))
    )
    return list(found)


async def agency_by_code(session: TenantSession, code: str) -> Agency | None:
    """The agency with this code."""
    found: Agency | None = await session.scalar(
        select(Agency).where(col(Agency.tenant_id) == session.tenant_id, col(Agency.code) == code)
    )
    return found
