"""What the printed rota says. Pure: facts in, the data of the template out."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from notifications.coverage.findings import Duty
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
from notifications.printed_rotas import words
from notifications.rotas.expansion import RotaRule, Window

NOBODY: Final = "NOBODY ON CALL"
NO_NUMBER: Final = "no number held"
_PLACES: Final = {1: "First on call", 2: "Second on call", 3: "Third on call"}


@dataclass(frozen=True, slots=True)
class PrintedPerson:
    name: str
    post: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RotaSheet:
    """One rota and who is on call. ``gaps`` are hours of cover without anybody, by position."""

    role: str
    name: str
    rule: RotaRule
    uncovered_role: str | None
    duties: tuple[Duty, ...]
    gaps: Mapping[int, Sequence[tuple[datetime, datetime]]]

    @property
    def positions(self) -> list[int]:
        """Those of the rule, and those at which an override puts somebody."""
        return sorted({*self.rule.positions, *(duty.position for duty in self.duties)})


@dataclass(frozen=True, slots=True)
class Desk:
    """A post of the directory, reached without a rota."""

    code: str
    name: str
    role: str
    area: str
    hours: str
    address: str

    @property
    def title(self) -> str:
        return f"{self.name} ({self.area})" if self.area else self.name


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that goes on paper for [begins, until). ``named`` are the people whom ladders name, by their codes."""

    partnership: str
    zone: str
    begins: datetime
    until: datetime
    rotas: tuple[RotaSheet, ...]
    people: Mapping[UUID, PrintedPerson]
    policies: Mapping[str, Sequence[SlotPolicy]]
    desks: tuple[Desk, ...]
    named: Mapping[str, PrintedPerson]

    def data(self) -> dict[str, Any]:
        """The template's data, but for the issue's number and dates."""
        names = self._names()
        return {
            "partnership": self.partnership,
            "zone": self.zone,
            "rotas": [self._rota(rota, names) for rota in self.rotas],
            "ladders": [
                self._ladder(alert_type, slot, names)
                for alert_type, slots in sorted(self.policies.items())
                for slot in slots
                if slot.needs_answer
            ],
            "desks": [
                {"name": desk.title, "hours": desk.hours, "address": words.telephone(desk.address)}
                for desk in self.desks
            ],
        }

    def _names(self) -> dict[str, str]:
        """What a role is called on paper: its rota's name, or its rotas' names."""
        found: dict[str, list[str]] = {}
        for rota in self.rotas:
            found.setdefault(rota.role, []).append(rota.name)
        return {role: words.listed(names) for role, names in found.items()}

    def _rota(self, rota: RotaSheet, names: Mapping[str, str]) -> dict[str, Any]:
        outside = names.get(rota.uncovered_role or "")
        hours = words.hours(window for layer in rota.rule.layers for window in layer.cover)
        otherwise = "" if words.ALWAYS in hours else "Nobody is named for other hours."
        return {
            "name": rota.name,
            "hours": hours,
            "otherwise": f"Outside these hours, or when nobody answers: {outside}." if outside else otherwise,
            "positions": [self._position(rota, position) for position in rota.positions],
        }

    def _position(self, rota: RotaSheet, position: int) -> dict[str, Any]:
        own = [duty for duty in rota.duties if duty.position == position]
        lines = [(duty.begins, duty.until, self._who(duty.person_id)) for duty in own]
        lines += [(begins, until, (NOBODY, "")) for begins, until in rota.gaps.get(position, ())]
        return {
            "title": _PLACES.get(position, f"Number {position} on call"),
            "turns": [
                {"from": self._moment(max(begins, self.begins)), "until": self._moment(until), "name": who,
                 "telephone": numbers, "nobody": who == NOBODY}
                for begins, until, (who, numbers) in sorted(lines)
                if begins < self.until and until > self.begins
            ],
        }  # fmt: skip

    def _moment(self, instant: datetime) -> str:
        return words.moment(instant, ZoneInfo(self.zone))

    def _who(self, person_id: UUID) -> tuple[str, str]:
        person = self.people[person_id]
        return f"{person.name}, {person.post}" if person.post else person.name, _telephones(person)

    def _ladder(self, alert_type: str, slot: SlotPolicy, names: Mapping[str, str]) -> dict[str, Any]:
        return {
            "title": f"{words.readable(alert_type)}: {names.get(slot.role, words.readable(slot.role))}",
            "repeat": slot.repeat,
            "steps": [
                {"who": self._called(step.target, names) + _only(step),
                 "wait": words.waiting(step.acknowledge_within)}
                for step in slot.steps
            ],
        }  # fmt: skip

    def _called(self, target: Target, names: Mapping[str, str]) -> str:
        """Whom a step tries, with what there is to ring unless a table above or below has it."""
        called = words.readable(target.name)
        match target:
            case RotaTarget(position=position):
                place = _PLACES.get(position, f"number {position} on call").lower()
                return names.get(target.role, called) + (f", {place}" if position > 1 else "")
            case PersonTarget(person=code):
                return self._person(code)
            case TeamTarget(members=members):
                return f"{called}, in turn: {words.listed(self._person(member) for member in members)}"
            case DirectoryTarget(role=role):
                return words.listed(desk.title for desk in self.desks if desk.role == role) or called
            case ContactTarget(contact=code):
                return next((desk.title for desk in self.desks if desk.code == code), called)
            case WebhookTarget():
                return f"{called} (another system)"

    def _person(self, code: str) -> str:
        person = self.named.get(code)
        return f"{person.name}, {_telephones(person)}" if person else f"{words.readable(code)}, {NO_NUMBER}"


def _telephones(person: PrintedPerson) -> str:
    return words.listed(words.telephone(number) for number in person.numbers) or NO_NUMBER


def _only(step: Step) -> str:
    """The hours of a step that does not always stand."""
    windows = [Window(frozenset(h.weekdays), h.start, h.end, h.bank_holidays) for h in step.only_between]
    return f" (only: {'; '.join(words.hours(windows))})" if windows else ""


def digest(data: Mapping[str, Any]) -> str:
    """SHA-256 of the data in canonical JSON."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
