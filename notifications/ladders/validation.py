"""Everything that keeps an alert policy from being put in force, each fault with its remedy. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from backend.kit.problems import FieldError
from notifications.ladders.hours import Hours, first_uncovered
from notifications.ladders.policy import (
    CAN_ANSWER,
    STAND_INS,
    ContactTarget,
    DirectoryTarget,
    PersonTarget,
    RotaTarget,
    SlotPolicy,
    Step,
    TeamTarget,
    WebhookTarget,
)
from tenants.contacts.models import Channel

WEBHOOK: Final = "webhook"
LONGEST_LADDER_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class KnownRota:
    """One rota. ``members`` are codes of those who take turns; ``cover`` the hours of each position.

    A rota that is not ``everywhere`` serves some areas only.
    """

    role: str
    members: tuple[str, ...]
    uncovered_role: str | None
    cover: Mapping[int, Sequence[Hours]]
    everywhere: bool = True


@dataclass(frozen=True, slots=True)
class KnownDesk:
    """An entry of the directory."""

    role: str
    channel: Channel
    hours: tuple[Hours, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What a policy can lean on. ``people`` are the active ones by code, with their verified channels.

    ``templates`` are the wordings by name with the channels that have one; None leaves them unchecked.
    """

    rotas: Mapping[str, Sequence[KnownRota]] = field(default_factory=dict)
    people: Mapping[str, frozenset[Channel]] = field(default_factory=dict)
    desks: Mapping[str, KnownDesk] = field(default_factory=dict)
    templates: Mapping[str, frozenset[str]] | None = None


def by_role(rotas: Iterable[KnownRota]) -> dict[str, list[KnownRota]]:
    """Rotas as ``Known`` holds them: of those of one role, the ones that serve everywhere, if any do."""
    found: dict[str, list[KnownRota]] = {}
    for rota in rotas:
        found.setdefault(rota.role, []).append(rota)
    return {role: [rota for rota in own if rota.everywhere] or own for role, own in found.items()}


def faults(slots: Sequence[SlotPolicy], known: Known) -> list[FieldError]:
    """Every fault, by the path of its field; empty for a policy that can be put in force."""
    found: list[FieldError] = []
    roles = [slot.role for slot in slots]
    if not slots:
        found.append(FieldError("slots", "name at least one role that is to be reached"))
    if slots and not any(slot.required for slot in slots):
        found.append(FieldError("slots", "require at least one slot, or no answer ever meets the alert"))
    for number, slot in enumerate(slots):
        if roles.count(slot.role) > 1:
            found.append(FieldError(f"slots.{number}.role", f"{slot.role} has two slots; give each role one"))
        found += _of_slot(f"slots.{number}", slot, known)
    return found


def _of_slot(path: str, slot: SlotPolicy, known: Known) -> Iterator[FieldError]:
    answerable = [step for step in slot.steps if step.target.kind in CAN_ANSWER]
    if slot.needs_answer and not answerable:
        yield FieldError(f"{path}.steps", "try somebody who can answer: a rota, a person or a team; a desk cannot")
    if not slot.needs_answer and slot.repeat:
        yield FieldError(f"{path}.repeat", "must be 0: nobody answers a notice, so it is never climbed again")
    if not slot.needs_answer and slot.confirm_within:
        yield FieldError(f"{path}.confirmWithin", "must not be set: nobody takes a notice, so nobody can confirm")
    longest = sum(step.acknowledge_within or 0 for step in slot.steps) * (slot.repeat + 1)
    if longest > LONGEST_LADDER_SECONDS:
        yield FieldError(f"{path}.repeat", "makes the ladder longer than a day; repeat it less or shorten its steps")
    counted = answerable if slot.needs_answer else list(slot.steps)
    if counted and (when := first_uncovered(step.only_between for step in counted)):
        yield FieldError(f"{path}.steps", f"{when} is outside every step's hours; add a step for the uncovered hours")
    for number, step in enumerate(slot.steps):
        yield from _of_step(f"{path}.steps.{number}", slot, step, known)


def _of_step(path: str, slot: SlotPolicy, step: Step, known: Known) -> Iterator[FieldError]:
    if slot.needs_answer and step.acknowledge_within is None:
        yield FieldError(f"{path}.acknowledgeWithin", "must be set by you, in seconds: no source gives a time")
    if step.page_again_every is not None:
        if not slot.needs_answer:
            yield FieldError(f"{path}.pageAgainEvery", "must not be set: a notice is sent once")
        elif step.acknowledge_within is not None and step.page_again_every >= step.acknowledge_within:
            yield FieldError(f"{path}.pageAgainEvery", "must be shorter than acknowledgeWithin")
    yield from _of_channels(path, slot, step, known)
    yield from _of_target(f"{path}.target", step, known)


def _of_channels(path: str, slot: SlotPolicy, step: Step, known: Known) -> Iterator[FieldError]:
    webhook = step.target.kind == WEBHOOK
    for channel in step.channels:
        if (channel.value == WEBHOOK) != webhook:
            yield FieldError(f"{path}.channels", "webhook is the one channel of an endpoint, and of nothing else")
        written = known.templates
        needs_words = channel in {Channel.SMS, Channel.EMAIL}
        if written is not None and needs_words and channel.value not in written.get(slot.template, frozenset()):
            yield FieldError(
                f"{path}.channels", f"{slot.template} has no wording for {channel.value}; choose another template"
            )


def _of_target(path: str, step: Step, known: Known) -> Iterator[FieldError]:
    match step.target:
        case RotaTarget():
            if step.target.role not in STAND_INS:
                yield from _of_rota(path, step.target, step, known)
        case PersonTarget(person=person):
            yield from _of_person(f"{path}.person", person, known)
        case TeamTarget():
            yield from _of_team(f"{path}.members", step.target, known)
        case ContactTarget(contact=contact):
            yield from _of_contact(f"{path}.contact", contact, step, known)
        case WebhookTarget(endpoint=endpoint):
            yield from _of_contact(f"{path}.endpoint", endpoint, step, known)
        case DirectoryTarget(role=role):
            yield from _of_directory(f"{path}.role", role, step, known)


def _of_team(path: str, team: TeamTarget, known: Known) -> Iterator[FieldError]:
    for number, member in enumerate(team.members):
        yield from _of_person(f"{path}.{number}", member, known)
    if len(set(team.members)) < len(team.members):
        yield FieldError(path, f"{team.team} names somebody twice; each member has one turn")


def _of_contact(path: str, contact: str, step: Step, known: Known) -> Iterator[FieldError]:
    desk = known.desks.get(contact)
    if desk is None:
        yield FieldError(path, f"{contact} is not in the directory; add it or correct its code")
    elif desk.channel not in step.channels:
        yield FieldError(path, f"{contact} is reached by {desk.channel.value}: name it in channels")


def _of_rota(path: str, target: RotaTarget, step: Step, known: Known) -> Iterator[FieldError]:
    role, position = target.role, target.position
    rotas = known.rotas.get(role)
    if not rotas:
        yield FieldError(f"{path}.role", f"there is no rota for {role}; make one or correct its spelling")
        return
    members = [member for rota in rotas for member in rota.members]
    if not members:
        yield FieldError(f"{path}.role", f"the rota for {role} has no members; add who takes turns")
    for member in dict.fromkeys(members):
        yield from _of_person(f"{path}.role", member, known)
    if not any(position in rota.cover for rota in rotas):
        yield FieldError(f"{path}.position", f"nobody is ever number {position} on call for {role}")
    elif not step.only_between and (when := first_uncovered(_chain(role, position, known))):
        yield FieldError(f"{path}.role", f"the rota for {role} has nobody on {when}; name a role for uncovered hours")


def _chain(role: str | None, position: int, known: Known) -> Iterator[Sequence[Hours]]:
    """Hours of cover of a role, of the one that answers when it has nobody, and so on."""
    asked: set[str] = set()
    while role is not None and role not in asked:
        asked.add(role)
        rotas = known.rotas.get(role, ())
        # Nobody in a position is no cover, which is not the same as cover without hours.
        yield from (rota.cover[position] for rota in rotas if rota.cover.get(position))
        role = next((rota.uncovered_role for rota in rotas if rota.uncovered_role), None)


def _of_person(path: str, code: str, known: Known) -> Iterator[FieldError]:
    if code not in known.people:
        yield FieldError(path, f"{code} is nobody who is active here; choose somebody else")
    elif not known.people[code]:
        yield FieldError(path, f"{code} has no verified way to be reached; verify a number, address or device")


def _of_directory(path: str, role: str, step: Step, known: Known) -> Iterator[FieldError]:
    desks = [desk for desk in known.desks.values() if desk.role == role]
    if not desks:
        yield FieldError(path, f"there is no {role} in the directory; add a desk or correct its spelling")
    elif not step.only_between and (when := first_uncovered(desk.hours for desk in desks)):
        yield FieldError(path, f"no desk of {role} is open on {when}; add one without hours")
    elif not {desk.channel for desk in desks} & set(step.channels):
        named = ", ".join(sorted({desk.channel.value for desk in desks}))
        yield FieldError(path, f"{role} is reached by {named}: name it in channels")
