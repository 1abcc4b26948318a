"""Who a step reaches right now: rota, person, team or directory, down to the addresses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from backend.kit.session import TenantSession
from notifications.ladders import hours
from notifications.ladders.hours import Hours
from notifications.ladders.policy import (
    ContactTarget,
    DirectoryTarget,
    PersonTarget,
    RotaTarget,
    SlotPolicy,
    Step,
    Target,
    TeamTarget,
    WebhookTarget,
)
from notifications.ladders.preferences import NotificationRules, Way, ways
from notifications.rotas import repository as rotas
from notifications.rotas.roster import Roster
from tenants.calendars import bank_holidays
from tenants.contacts import repository as contacts
from tenants.contacts.models import ContactMethod, DirectoryEntry
from tenants.partnerships import repository as partnerships

_HOURS = TypeAdapter(tuple[Hours, ...])


@dataclass(frozen=True, slots=True)
class Responder:
    """A person, a directory entry or an endpoint, how it was found, and the addresses a step may use."""

    person_id: UUID | None
    entry_id: UUID | None
    found_by: str
    addresses: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Responders:
    """Everything needed to resolve any step of some ladders at one instant, without more queries.

    ``people`` are ids by code, ``rules`` what people set for themselves. ``local`` is
    the wall time in the partnership's zone.
    """

    roster: Roster
    methods: dict[UUID, list[ContactMethod]]
    entries: list[DirectoryEntry]
    local: datetime
    people: dict[str, UUID] = field(default_factory=dict)
    rules: dict[UUID, NotificationRules] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    areas: tuple[UUID, ...] = ()

    def in_hours(self, step: Step) -> bool:
        """Whether the step stands at this hour."""
        return hours.covers(step.only_between, self.local, self.holidays)

    def at_step(self, step: Step) -> list[Responder]:
        """Whom the step reaches; empty when nobody, or nobody who can be reached. Of a team, all in turn."""
        match step.target:
            case RotaTarget():
                persons, asked = self.on_call(step.target)
                return self._persons(persons, f"rota:{asked}", step)
            case PersonTarget(person=code):
                return self._persons(self._known([code]), f"person:{code}", step)
            case TeamTarget(team=team):
                return self._persons(self._known(step.target.in_turn()), f"team:{team}", step)
            case DirectoryTarget(role=role):
                return self._desks(role)
            case ContactTarget(contact=code):
                return [_desk(entry, f"contact:{code}") for entry in self.entries if entry.code == code]
            case WebhookTarget(endpoint=endpoint):
                return [_desk(entry, f"webhook:{endpoint}") for entry in self.entries if entry.code == endpoint]

    def on_call(self, target: RotaTarget) -> tuple[list[UUID], str]:
        """Who is on call for the target in the alert's areas, and the role whose rota found them."""
        return self.roster.find(target.role, position=target.position, areas=self.areas)

    def _known(self, codes: Iterable[str]) -> list[UUID]:
        return [self.people[code] for code in codes if code in self.people]

    def _persons(self, persons: Iterable[UUID], found_by: str, step: Step) -> list[Responder]:
        found = [(person, self.ways_to(person, step)) for person in persons]
        return [Responder(person, None, found_by, addresses) for person, addresses in found if addresses]

    def ways_to(self, person: UUID, step: Step) -> tuple[Way, ...]:
        """The person's methods by the step and their own rules; a rung with a time is one that wants an answer."""
        rules = self.rules.get(person, NotificationRules())
        chosen = rules.routine if step.acknowledge_within is None else rules.urgent
        return ways(step.channels, self.methods.get(person, []), chosen, step.acknowledge_within)

    def _desks(self, role: str) -> list[Responder]:
        """Desks whose hours cover the present; else those that are always there."""
        named = [entry for entry in self.entries if entry.role == role]
        in_hours = [entry for entry in named if entry.hours and covers(entry, self.local, self.holidays)]
        chosen = in_hours or [entry for entry in named if not entry.hours]
        return [_desk(entry, f"directory:{entry.role}") for entry in chosen]


def _desk(entry: DirectoryEntry, found_by: str) -> Responder:
    return Responder(None, entry.id, found_by, (Way(entry.channel, entry.address),))


def covers(entry: DirectoryEntry, local: datetime, holidays: frozenset[date] = frozenset()) -> bool:
    """Whether the entry's hours include a local wall time."""
    return hours.covers(_HOURS.validate_python(entry.hours), local, holidays)


async def resolve(
    session: TenantSession, slots: Iterable[SlotPolicy], area_ids: Iterable[UUID], now: datetime,
    *, also: Iterable[UUID] = (),
) -> Responders:  # fmt: skip
    """Load what the ladders of ``slots`` need: one query for the rotas, at most one more of each kind.

    How to reach the people in ``also`` is known too, whether or not a ladder reaches them now.
    """
    steps = [step for slot in slots for step in slot.steps]
    targets = [step.target for step in steps]
    areas = tuple(area_ids)
    on_rotas = [target for target in targets if isinstance(target, RotaTarget)]
    roster = await rotas.roster(session, now) if on_rotas else Roster({}, {})
    codes = {code for target in targets for code in _codes(target)}
    desks = {target.role for target in targets if isinstance(target, DirectoryTarget)}
    fixed = {target.contact for target in targets if isinstance(target, ContactTarget)}
    fixed |= {target.endpoint for target in targets if isinstance(target, WebhookTarget)}
    entries = await contacts.directory(session, desks, areas, fixed) if desks or fixed else []
    timed = any(entry.hours for entry in entries) or any(step.only_between for step in steps)
    zone = (await partnerships.own(session)).zone if timed else "UTC"
    local = now.astimezone(ZoneInfo(zone))
    holidays = await bank_holidays.in_force(session) if timed else frozenset[date]()
    found = Responders(roster, {}, entries, local, holidays=holidays, areas=areas)
    persons = {person for target in on_rotas for person in found.on_call(target)[0]}.union(also)
    if persons or codes:
        await _load_people(session, found, persons, codes)
    return found


def _codes(target: Target) -> Sequence[str]:
    match target:
        case PersonTarget(person=code):
            return (code,)
        case TeamTarget(members=members):
            return members
        case _:
            return ()


async def _load_people(session: TenantSession, into: Responders, persons: set[UUID], codes: set[str]) -> None:
    for row in await contacts.reach(session, persons, codes):
        into.people[row.code] = row.person_id
        if row.notification_rules:
            into.rules[row.person_id] = NotificationRules.model_validate(row.notification_rules)
        if row.ContactMethod is not None:
            into.methods.setdefault(row.person_id, []).append(row.ContactMethod)
