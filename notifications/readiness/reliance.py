"""A person's last way to be reached, kept while anybody's duty hangs on it."""

from uuid import UUID

from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from notifications.alerts import repository as alerts
from notifications.ladders import reliance as ladders
from notifications.rotas import repository as rotas
from notifications.rotas.materialisation import HORIZON, rule_of
from tenants.contacts import repository as contacts
from tenants.contacts import service
from tenants.contacts.models import ContactMethod

REMEDY = "Add another and confirm its code first, or have somebody else put in your place."


async def retire_method(session: TenantSession, person_id: UUID, method_id: UUID) -> ContactMethod:
    """Never use the person's method again. Retiring it twice is no error.

    Raises ``NotFound``, and ``Conflict`` for the last verified one of somebody who takes turns on a rota,
    is called by name in a policy, or has an open alert.
    """
    await contacts.alone_with_methods(session, person_id)
    wanted = await contacts.method(session, person_id, method_id)
    in_use = (await contacts.contact_methods(session, [person_id]))[person_id]
    if [one.id for one in in_use] == [wanted.id]:
        leans = await _what_leans_on(session, person_id)
        if leans is not None:
            raise Conflict(f"This is the last way to reach you, and {leans}. {REMEDY}")
    return await service.retire(session, person_id, method_id)


async def _what_leans_on(session: TenantSession, person_id: UUID) -> str | None:
    """Whose duty the person's being reached is, in words; None when it is nobody's."""
    now = await session.now()
    if await rotas.shifts_of_person(session, person_id, now, now + HORIZON):
        return "you are on call or soon will be"
    if any(person_id in rule_of(rota).people for rota in await rotas.rotas(session)):
        return "you take turns on a rota"
    if await alerts.slots_of_person(session, person_id, now):
        return "an open alert waits for you"
    person = (await contacts.people(session, [person_id]))[person_id]
    return "an alert policy calls you by name" if await ladders.is_named(session, person.code) else None
