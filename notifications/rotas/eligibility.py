"""Who may be put on call: somebody who has not left, has what the rota asks for and works where it serves."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from backend.kit.problems import FieldError, Forbidden, Invalid, NotFound
from backend.kit.session import TenantSession
from notifications.rotas import repository
from notifications.rotas.materialisation import HORIZON, ends_of, rule_of
from notifications.rotas.models import Rota, Shift
from tenants.contacts import repository as contacts
from tenants.contacts.models import Person
from tenants.partnerships import repository as partnerships
from tenants.qualifications import repository as qualifications


async def check(session: TenantSession, rota: Rota, persons: Iterable[UUID], until: datetime, field: str) -> None:
    """Refuse people who cannot be on call until ``until``, naming the fault at ``field``.

    Raises ``NotFound`` for somebody unknown to the partnership; ``Invalid`` for somebody who has left,
    lacks the rota's qualification at some time before ``until``, or does not work in all that it serves.
    """
    wanted = set(persons)
    people = await known(session, wanted)
    if left := sorted(person.name for person in people.values() if not person.active):
        raise Invalid([FieldError(field, f"names {left[0]}, who has left the partnership; choose another")])
    served = (await served_by(session, [rota.id]))[rota.id]
    areas = await areas_of(session, wanted)
    if elsewhere := sorted(people[one].name for one, own in areas.items() if not works_in(own, served)):
        raise Invalid(
            [FieldError(field, f"names {elsewhere[0]}, who does not work in every area that this rota serves")]
        )
    if rota.qualification is not None:
        holders = await qualifications.holders(session, rota.qualification, wanted, until)
        if without := sorted(people[one].name for one in wanted - holders):
            what = rota.qualification.replace("_", " ")
            fault = f"names {without[0]}, who lacks what this rota asks for, or will before {until:%-d %B %Y}: {what}"
            raise Invalid([FieldError(field, fault)])


def works_in(own: frozenset[UUID], served: frozenset[UUID]) -> bool:
    """Whether somebody who works in ``own`` areas may answer for ``served``; without any they work in all."""
    return not own or served <= own


async def areas_of(session: TenantSession, persons: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """The areas that each of ``persons`` works in; none means all."""
    wanted = set(persons)
    found = await qualifications.areas_of_people(session, wanted)
    return {person: frozenset(found.get(person, ())) for person in wanted}


async def served_by(session: TenantSession, rota_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """The areas that each rota serves, every one of the partnership's where it names none."""
    wanted = set(rota_ids)
    named = await repository.areas_of_rotas(session, wanted)
    everywhere = frozenset(area.id for area in await partnerships.areas(session))
    return {rota_id: frozenset(named.get(rota_id, ())) or everywhere for rota_id in wanted}


async def unfit_ahead(session: TenantSession, person_id: UUID, *, may_answer: bool = True) -> list[Shift]:
    """A person's shifts ahead that they could not be given now, or could not answer in, by start.

    A change that would make such a shift is refused, but a qualification may lapse, an area be taken away
    or a person leave after it was made. ``may_answer`` is what the floor above knows: whether they may sign in
    and answer alerts. Who may not is called all the same, and every call of them is time lost.
    """
    now = await session.now()
    shifts = await repository.shifts_of_person(session, person_id, now, now + HORIZON)
    person = (await known(session, {person_id}))[person_id]
    ids = {shift.rota_id for shift in shifts}
    rotas, served = await repository.rotas_by_id(session, ids), await served_by(session, ids)
    own = (await areas_of(session, {person_id}))[person_id]
    held = {one.code: one.valid_until for one in (await qualifications.of_people(session, [person_id]))[person_id]}
    return [
        shift
        for shift in shifts
        if not may_answer
        or not person.active
        or not works_in(own, served[shift.rota_id])
        or not _holds(held, rotas[shift.rota_id].qualification, ends_of(shift.during)[1])
    ]


def _holds(held: Mapping[str, datetime | None], wanted: str | None, until: datetime) -> bool:
    """Whether what is ``wanted``, if anything is, is held until then."""
    ends = held.get(wanted, datetime.min.replace(tzinfo=UTC)) if wanted is not None else None
    return ends is None or ends >= until


async def check_own(session: TenantSession, rota: Rota, person_id: UUID, until: datetime, field: str) -> None:
    """As ``check``, for people who arrange it among themselves: they take turns in the role already.

    Raises ``Forbidden`` for anybody else; a manager may still put them on call.
    """
    await known(session, {person_id})
    alike = await repository.of_roles(session, [rota.role])
    if not any(person_id in rule_of(one).people for one in alike):
        raise Forbidden("Only people of a rota of this role can take its shifts themselves. Ask the rota's manager.")
    await check(session, rota, [person_id], until, field)


async def known(session: TenantSession, wanted: set[UUID]) -> dict[UUID, Person]:
    """The people by id. Raises ``NotFound``, saying the same for another partnership's."""
    found = await contacts.people(session, wanted)
    if wanted - found.keys():
        raise NotFound("There is no such person in this partnership.")
    return found
