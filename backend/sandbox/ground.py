"""What all generated cases of a partnership share: its areas, its people, the editions that they follow."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.cases.service import local_day
from backend.clocks.recomputing import GRACE
from backend.identity.models import Membership, MembershipState
from backend.identity.policies import Caller
from backend.kit.problems import Conflict, Invalid
from backend.kit.session import TenantSession
from backend.kit.tables import link
from backend.pathways.definitions.compiling import compiled
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.effective import Effective
from backend.pathways.definitions.library import shipped
from backend.pathways.definitions.local_overlay import LocalOverlay
from backend.pathways.definitions.positions import Document
from backend.pathways.definitions.records import Channel
from backend.pathways.definitions.simulation import Practice
from backend.pathways.editions import repository as editions
from backend.pathways.editions import service as publishing
from backend.pathways.editions.stored import effective_of
from backend.pathways.models import PathwayEdition
from tenants.calendars import repository as calendars
from tenants.contacts.models import Person
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import AreaKind

AUTHORITY: Final = "Generated sandbox: nobody has decided anything"
_LEADS: Final = frozenset({"duty_manager", "team_manager", "agency_lead"})
_WORKS: Final = frozenset({"social_worker", "practitioner"})
# Who can tell whom is not what is generated: nobody is called about an invented child.
_CALLS: Final = Channel.ALERT


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody of the partnership in whose name things are done."""

    person_id: UUID
    agency_id: UUID


@dataclass(frozen=True)
class Ground:
    """The partnership as the generator meets it. ``effective`` is by pathway, without what would call people."""

    tenant_id: UUID
    slug: str
    zone: str
    areas: tuple[UUID, ...]
    coroners: tuple[UUID, ...]
    workers: tuple[Staff, ...]
    leads: tuple[Staff, ...]
    editions: dict[str, PathwayEdition]
    effective: dict[str, Effective]
    roles: dict[str, tuple[str, ...]]
    practice: Practice
    grace: timedelta | None
    until: datetime

    def caller(self, staff: Staff, roles: Iterable[str]) -> Caller:
        """Somebody in all the roles that an act may ask for."""
        return Caller(self.tenant_id, self.slug, staff.person_id, tuple(roles))


async def ground(session: TenantSession, until: datetime, pathways: Iterable[str]) -> Ground:
    """Read it. Raises ``Conflict`` for a partnership that has no authority or nobody who could work on a case."""
    partnership = await partnerships.own(session)
    areas = await partnerships.areas(session)
    workers, leads = await _staff(session)
    authorities = tuple(area.id for area in areas if area.kind is AreaKind.LOCAL_AUTHORITY)
    coroners = tuple(area.id for area in areas if area.kind is AreaKind.CORONER)
    if not authorities or not workers or not leads:
        raise Conflict(
            "A sandbox needs a local authority, a social worker or practitioner, and a manager."
            " Name an archetype that has them, or add them."
        )
    found = {}
    for code in dict.fromkeys(pathways):
        edition = await in_force(session, code, local_day(until, partnership.zone))
        if edition is not None:
            found[code] = edition
    quiet = {code: _quiet(effective_of(edition)) for code, edition in found.items()}
    calendar, receipt = await calendars.practice(session, partnership.zone)
    minutes = (await partnerships.settings(session, (GRACE,))).get(GRACE)
    roles = {code: tuple(sorted(_roles(one.definition))) for code, one in quiet.items()}
    return Ground(session.tenant_id, partnership.slug, partnership.zone, authorities, coroners, workers, leads, found,
                  quiet, roles, Practice(calendar, receipt), None if minutes is None else timedelta(minutes=minutes),
                  until)  # fmt: skip


async def in_force(session: TenantSession, pathway: str, day: date) -> PathwayEdition | None:
    """The edition in force on a day, as a row of the session's."""
    known = await editions.in_force(session, pathway, day)
    return None if known is None else await editions.edition(session, known.id)


async def bring_editions(session: TenantSession, pathways: Iterable[str]) -> list[str]:
    """Put the national text of each pathway in force that has no edition; returns those that were.

    One with a choice that only a partnership can make is left out: what would open it says that it is not in force.
    """
    day = local_day(await session.now(), (await partnerships.own(session)).zone)
    brought = []
    for code in pathways:
        if await editions.in_force(session, code, day) is None:
            try:
                await publishing.put_in_force(session, _as_it_stands(code), day, role="sandbox", authority=AUTHORITY)
            except Invalid:
                continue
            brought.append(code)
    return brought


def _as_it_stands(pathway: str) -> Effective:
    data = {"pathway": pathway, "partnership": "sandbox", "edition": "Generated sandbox", "words_stand": AUTHORITY}
    overlay = LocalOverlay.model_validate(data)
    return compiled(shipped().entry(pathway), overlay, Document("sandbox", data, {}), shipped())


def _quiet(one: Effective) -> Effective:
    said = tuple(item for item in one.definition.notifications if item.by is not _CALLS)
    return replace(one, definition=one.definition.model_copy(update={"notifications": said}))


def _roles(definition: Definition) -> Iterator[str]:
    """Everybody whom the definition lets do anything."""
    for stage in definition.stages:
        yield from (stage.lead, *stage.actors)
    for decision in definition.decisions:
        yield from decision.deciders
        yield from (role for role in (decision.authority, *(one.authority for one in decision.options)) if role)
    for sign_off in definition.sign_offs:
        yield from sign_off.roles
    for form in definition.forms:
        yield from form.roles
    for obligation in definition.obligations:
        yield from obligation.roles
    yield from (gate.authority for gate in definition.gates if gate.authority)


async def _staff(session: TenantSession) -> tuple[tuple[Staff, ...], tuple[Staff, ...]]:
    """Those who work on cases and those who lead, each in the order in which they were entered."""
    rows = await session.execute(
        select(col(Person.id), col(Person.agency_id), col(Membership.roles))
        .join(Membership, link(Membership, "person_id", Person))
        .where(
            col(Person.tenant_id) == session.tenant_id, col(Person.active),
            col(Membership.state) == MembershipState.ACTIVE,
        )
        .order_by(col(Person.code))
    )  # fmt: skip
    people = [(Staff(row.id, row.agency_id), frozenset(row.roles)) for row in rows]
    leads = tuple(staff for staff, roles in people if roles & _LEADS)
    workers = tuple(staff for staff, roles in people if roles & _WORKS)
    return workers or leads, leads
