"""Who a step reaches right now: the rota or the directory, down to the addresses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from backend.kit.session import TenantSession
from notifications.ladders.policy import SlotPolicy, Step
from notifications.rotas import repository as rotas
from notifications.rotas.expansion import Window
from notifications.rotas.roster import Roster
from tenants.contacts import repository as contacts
from tenants.contacts.models import Channel, ContactMethod, DirectoryEntry
from tenants.partnerships import repository as partnerships

_HOURS = TypeAdapter(tuple[Window, ...])


@dataclass(frozen=True, slots=True)
class Responder:
    """A person or a directory entry, how it was found, and the addresses a step may use."""

    person_id: UUID | None
    entry_id: UUID | None
    found_by: str
    addresses: tuple[tuple[Channel, str], ...]


@dataclass(frozen=True, slots=True)
class Responders:
    """Everything needed to resolve any step of some ladders at one instant, without more queries."""

    roster: Roster
    methods: dict[UUID, list[ContactMethod]]
    entries: list[DirectoryEntry]
    local: datetime

    def at_step(self, step: Step) -> list[Responder]:
        """Whom the step reaches; empty when nobody, or nobody who can be reached."""
        if step.target.kind == "directory":
            return self._directory(step)
        persons, asked = self.roster.find(step.target.role)
        found = [(person, self._addresses(person, step)) for person in persons]
        return [Responder(person, None, f"rota:{asked}", addresses) for person, addresses in found if addresses]

    def _addresses(self, person: UUID, step: Step) -> tuple[tuple[Channel, str], ...]:
        """The person's methods on the step's channels, or any method rather than none."""
        methods = self.methods.get(person, [])
        wanted = [m for channel in step.channels for m in methods if m.channel == channel]
        return tuple((m.channel, m.address) for m in wanted or methods)

    def _directory(self, step: Step) -> list[Responder]:
        """Desks whose hours cover the present; else those that are always there."""
        named = [entry for entry in self.entries if entry.role == step.target.role]
        in_hours = [entry for entry in named if entry.hours and covers(entry, self.local)]
        chosen = in_hours or [entry for entry in named if not entry.hours]
        return [
            Responder(None, entry.id, f"directory:{entry.role}", ((entry.channel, entry.address),)) for entry in chosen
        ]


def covers(entry: DirectoryEntry, local: datetime) -> bool:
    """Whether the entry's hours include a local wall time."""
    for window in _HOURS.validate_python(entry.hours):
        opens_today = local.weekday() in window.weekdays
        opened_yesterday = (local.weekday() - 1) % 7 in window.weekdays
        clock = local.time()
        if window.start < window.end:
            if opens_today and window.start <= clock < window.end:
                return True
        elif (opens_today and clock >= window.start) or (opened_yesterday and clock < window.end):
            return True
    return False


async def resolve(
    session: TenantSession, slots: Iterable[SlotPolicy], area_ids: Iterable[UUID], now: datetime
) -> Responders:
    """Load what the ladders of ``slots`` need: one query for the rotas, at most one more of each kind."""
    targets = [step.target for slot in slots for step in slot.steps]
    rota_roles = {target.role for target in targets if target.kind == "rota"}
    desk_roles = {target.role for target in targets if target.kind == "directory"}
    roster = await rotas.roster(session, now) if rota_roles else Roster({}, {})
    persons = {person for role in rota_roles for person in roster.find(role)[0]}
    methods = await contacts.contact_methods(session, persons) if persons else {}
    entries = await contacts.directory(session, desk_roles, area_ids) if desk_roles else []
    zone = (await partnerships.own(session)).zone if any(entry.hours for entry in entries) else "UTC"
    return Responders(roster, methods, entries, now.astimezone(ZoneInfo(zone)))
