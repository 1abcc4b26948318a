"""The people of a partnership: who they are, and that they have left or come back."""

from uuid import UUID

from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import owe, owe_once
from tenants.contacts import people_repository as repository
from tenants.contacts.changes import CONTACTS_CHANGED, PERSON_LEFT
from tenants.contacts.models import Person


async def add(
    session: TenantSession, person_id: UUID, code: str, *, name: str, post: str, agency: str, by: UUID
) -> Person:
    """Somebody new, of the agency with a code. They cannot sign in before they have a membership.

    Raises ``Conflict`` for a code that is taken, by somebody who has left too, and ``Invalid`` for an agency.
    """
    if await repository.person_by_code(session, code) is not None:
        raise Conflict(f"Somebody is called {code} already; if it is the same person, change them, or mark them back.")
    person = Person(
        tenant_id=session.tenant_id, id=person_id, code=code, name=name, post=post,
        agency_id=await _agency(session, agency), created_at=await session.now(),
    )  # fmt: skip
    session.insert(person)
    await session.flush()
    await _follow(session, "added", person, by)
    return person


async def change(session: TenantSession, person_id: UUID, *, name: str, post: str, agency: str, by: UUID) -> Person:
    """Raises ``NotFound``, and ``Invalid`` for an agency that is not there."""
    person = await repository.locked_person(session, person_id)
    values = {"name": name, "post": post, "agency_id": await _agency(session, agency)}
    differing = [field for field, value in values.items() if getattr(person, field) != value]
    for field in differing:
        setattr(person, field, values[field])
    if differing:
        await session.flush()
        await _follow(session, "changed", person, by, fields=differing)
    return person


async def set_active(session: TenantSession, person: Person, *, active: bool, by: UUID) -> None:
    """Mark a person, whom the caller has locked, as left or back."""
    person.active = active
    person.left_at = None if active else await session.now()
    await session.flush()
    if not active:
        await owe(session, PERSON_LEFT, person.id)
    await _follow(session, "returned" if active else "left", person, by)


async def _agency(session: TenantSession, code: str) -> UUID:
    known = {agency.code: agency.id for agency in await repository.agencies(session)}
    if code not in known:
        raise Invalid([FieldError("agency", f"must be one of {', '.join(sorted(known))}")])
    return known[code]


async def _follow(session: TenantSession, action: str, person: Person, by: UUID, **detail: object) -> None:
    session.audit_entries.append(Entry(f"person.{action}", "person", person.id, by, detail))
    await follow(session)


async def follow(session: TenantSession) -> None:
    """Owe what follows of a change to who is there or can sign in."""
    await owe_once(session, CONTACTS_CHANGED, session.tenant_id)
