"""Answer who is to be called, from what a partnership has entered and from its rotas as they are.

What is entered is remembered until somebody changes it; who is on call is asked each time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from backend.kit.configuration import remembered
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from notifications.ladders.hours import Hours
from notifications.rotas import repository as rotas
from notifications.who_to_call.resolver import Answer, Asked, Desk, Point, Service, who_to_call
from tenants.calendars import bank_holidays
from tenants.contacts import repository as contacts
from tenants.contacts.models import Channel
from tenants.contacts.service_models import DirectoryPoint, PointKind, Visibility
from tenants.contacts.service_repository import Book, book
from tenants.partnerships import repository as partnerships

_HOURS = TypeAdapter(tuple[Hours, ...])
_SAID_TO_PEOPLE = frozenset({Channel.EMAIL, Channel.SMS, Channel.VOICE})


@dataclass(frozen=True, slots=True)
class Directory:
    """The directory as the resolver takes it. Belongs to no session."""

    services: MappingProxyType[UUID, Service]
    desks: tuple[Desk, ...]

    @property
    def topics(self) -> list[str]:
        """Everything that some service answers about."""
        return sorted({topic for one in self.services.values() for topic in one.topics})


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks. ``at`` None is now; ``area_id`` None any area."""

    about: str
    area_id: UUID | None = None
    age: int | None = None
    at: datetime | None = None


async def ask(session: TenantSession, question: Question, may_see: Iterable[Visibility]) -> Answer:
    """Whom to call. Raises ``Invalid`` for an area or a topic that is not there, naming those that are."""
    directory = await remembered(session, "services", _load)
    areas = {area.id: area.name for area in await partnerships.areas(session)}
    faults = []
    if question.area_id is not None and question.area_id not in areas:
        faults.append(FieldError("area", "must be an area of your partnership"))
    if question.about not in directory.topics:
        known = ", ".join(directory.topics) or "none yet: enter services first"
        faults.append(FieldError("about", f"is a topic that no service has; there are {known}"))
    if faults:
        raise Invalid(faults)
    at = question.at or await session.now()
    local = at.astimezone(ZoneInfo((await partnerships.own(session)).zone)).replace(tzinfo=None)
    asked = Asked(question.area_id, question.age, question.about, local, await bank_holidays.in_force(session),
                  frozenset(may_see))  # fmt: skip
    on_rotas = any(one.kind is PointKind.ROTA for each in directory.services.values() for one in each.points)
    roster = await rotas.roster(session, at) if on_rotas else None

    def on_call(role: str, area_id: UUID | None) -> list[UUID]:
        return roster.find(role, areas=[area_id] if area_id else ())[0] if roster is not None else []

    return who_to_call(asked, directory.services, directory.desks, on_call, areas)


async def topics(session: TenantSession) -> list[str]:
    """Everything that some service answers about."""
    return (await remembered(session, "services", _load)).topics


async def _load(session: TenantSession) -> Directory:
    found = await book(session)
    entries = await contacts.whole_directory(session)
    desks = tuple(
        Desk(entry.role, entry.name, entry.address, entry.area_id, _HOURS.validate_python(entry.hours))
        for entry in entries
        if entry.channel in _SAID_TO_PEOPLE
    )
    return Directory(MappingProxyType({one.id: one for one in services_of(found)}), desks)


def services_of(found: Book) -> list[Service]:
    """The directory's services as the resolver takes them."""
    return [
        Service(
            row.id, row.code, row.name, found.organisations[row.organisation_id].name, frozenset(row.topics),
            frozenset(found.areas.get(row.id, [])), row.minimum_age, row.maximum_age, row.eligibility,
            row.visibility, row.fallback_id, tuple(_point(one) for one in found.points.get(row.id, [])),
        )
        for row in found.services
    ]  # fmt: skip


def _point(row: DirectoryPoint) -> Point:
    return Point(row.id, row.kind, row.value, row.label, row.area_id, _HOURS.validate_python(row.hours),
                 row.visibility, row.verified_on)  # fmt: skip
