"""Who may be put on call: somebody who has not left and has what the rota asks for."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from backend.kit.problems import FieldError, Forbidden, Invalid
from backend.kit.session import TenantSession
from notifications.rotas import repository
from notifications.rotas.materialisation import rule_of
from notifications.rotas.models import Rota
from tenants.contacts import repository as contacts
from tenants.qualifications import repository as qualifications


async def check(session: TenantSession, rota: Rota, persons: Iterable[UUID], until: datetime, field: str) -> None:
    """Refuse people who cannot be on call until ``until``, naming the fault at ``field``.

    Raises ``Invalid`` for somebody unknown to the partnership, who has left, or who lacks the rota's
    qualification at some time before ``until``.
    """
    wanted = set(persons)
    known = await contacts.people(session, wanted)
    if wanted - known.keys():
        raise Invalid([FieldError(field, "names nobody of this partnership")])
    if not all(person.active for person in known.values()):
        raise Invalid([FieldError(field, "names somebody who has left the partnership; choose another")])
    if rota.qualification is None:
        return
    if wanted - await qualifications.holders(session, rota.qualification, wanted, until):
        what = rota.qualification.replace("_", " ")
        fault = f"names somebody without the qualification that this rota asks for until then: {what}"
        raise Invalid([FieldError(field, fault)])


async def check_own(session: TenantSession, rota: Rota, person_id: UUID, until: datetime, field: str) -> None:
    """As ``check``, for people who arrange it among themselves: they take turns in the role already.

    Raises ``Forbidden`` for anybody else; a manager may still put them on call.
    """
    alike = await repository.of_roles(session, [rota.role])
    if not any(person_id in rule_of(one).people for one in alike):
        raise Forbidden("Only people of a rota of this role can take its shifts themselves. Ask the rota's manager.")
    await check(session, rota, [person_id], until, field)
