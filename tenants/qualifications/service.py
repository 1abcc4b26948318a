"""What a person is qualified for and where they work, as a rota's manager records it.

Neither takes anybody off a shift: who may no longer hold one is warned of, because somebody who should not
answer is still better than nobody until another is put in their place.
"""

from datetime import datetime
from uuid import UUID

from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.tasks import owe_once
from tenants.contacts import people_repository as people
from tenants.contacts.changes import CONTACTS_CHANGED
from tenants.contacts.models import Person
from tenants.partnerships import repository as partnerships
from tenants.qualifications import repository
from tenants.qualifications.models import PersonArea, Qualification


async def grant(
    session: TenantSession, person_id: UUID, code: str, valid_until: datetime | None, *, by: UUID
) -> Person:
    """Record a qualification until an instant, or for good; one that is held already gets the new end.

    Raises ``NotFound``, ``Conflict`` for somebody who has left, ``Invalid`` for an end that has passed.
    """
    person = await _active(session, person_id)
    if valid_until is not None and valid_until <= await session.now():
        raise Invalid([FieldError("validUntil", "must lie ahead; withdraw a qualification that has ended")])
    held = await repository.qualification(session, person_id, code)
    if held is None:
        session.append(Qualification, id=uuid7(), person_id=person_id, code=code, valid_until=valid_until)
    else:
        held.valid_until = valid_until
    await _follow(session, "qualification.granted", person, by, code=code, valid_until=str(valid_until))
    return person


async def withdraw(session: TenantSession, person_id: UUID, code: str, *, by: UUID) -> Person:
    """End a qualification now; what was held until now stays on record.

    Raises ``NotFound``, and ``Conflict`` for one that is not held.
    """
    person = await people.locked_person(session, person_id)
    now = await session.now()
    held = await repository.qualification(session, person_id, code)
    if held is None or (held.valid_until is not None and held.valid_until <= now):
        raise Conflict("The person does not hold this qualification, or it has ended already.")
    held.valid_until = now
    await _follow(session, "qualification.withdrawn", person, by, code=code)
    return person


async def add_area(session: TenantSession, person_id: UUID, area_id: UUID, *, by: UUID) -> Person:
    """Let a person work in an area. With the first one they no longer work in all of them. Twice is no error.

    Raises ``NotFound``, and ``Conflict`` for somebody who has left.
    """
    person = await _active(session, person_id)
    await _check_area(session, area_id)
    known = await repository.area_of_person(session, person_id, area_id)
    if known is None:
        session.append(PersonArea, id=uuid7(), person_id=person_id, area_id=area_id)
    elif known.removed_at is None:
        return person
    else:
        known.removed_at = None
    await _follow(session, "person_area.added", person, by, area=str(area_id))
    return person


async def remove_area(session: TenantSession, person_id: UUID, area_id: UUID, *, by: UUID) -> Person:
    """Let a person work in an area no more. Without the last one they would work in all of them.

    Raises ``NotFound``, and ``Conflict`` for an area that is not theirs.
    """
    person = await people.locked_person(session, person_id)
    await _check_area(session, area_id)
    known = await repository.area_of_person(session, person_id, area_id)
    if known is None or known.removed_at is not None:
        raise Conflict("This area is not among those that the person works in.")
    known.removed_at = await session.now()
    await _follow(session, "person_area.removed", person, by, area=str(area_id))
    return person


async def _active(session: TenantSession, person_id: UUID) -> Person:
    person = await people.locked_person(session, person_id)
    if not person.active:
        raise Conflict("This person has left the partnership. Mark them as back first.")
    return person


async def _check_area(session: TenantSession, area_id: UUID) -> None:
    if not await partnerships.areas_by_id(session, [area_id]):
        raise NotFound("There is no such area in this partnership.")


async def _follow(session: TenantSession, action: str, person: Person, by: UUID, **detail: object) -> None:
    session.audit_entries.append(Entry(action, "person", person.id, by, detail))
    await owe_once(session, CONTACTS_CHANGED, session.tenant_id)
