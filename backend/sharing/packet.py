"""What crosses: a typed packet that somebody put together, sealed by its digest. Never a row of a table. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec

from backend.cases.children import checks
from backend.cases.children.checks import ChildTold
from backend.kit.problems import FieldError
from backend.kit.texts import text_fault, text_faults
from backend.sharing.kinds import FORMS, ConsentGround, Gate, Item, ItemType, Kind

MOST_CHILDREN: Final = 20
_LONG: Final = 10_000


@dataclass(frozen=True, slots=True)
class ConsentTold:
    """Explicit agreement: who gave it, to what and on which day; or the ground for sharing without it."""

    agreed_by: str | None = None
    agreed_to: str | None = None
    agreed_on: date | None = None
    ground: ConsentGround | None = None
    reasons: str | None = None


@dataclass(frozen=True, slots=True)
class CourtTold:
    """The court's permission: which court, on which day, for what."""

    court: str
    permitted_on: date
    terms: str


@dataclass(frozen=True, slots=True)
class Packet:
    """The children, and by code what is told of them."""

    children: tuple[ChildTold, ...]
    items: Mapping[str, str]
    agreement: ConsentTold | None = None

    def as_data(self) -> dict[str, Any]:
        data: dict[str, Any] = msgspec.to_builtins(asdict(self))
        return data

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "Packet":
        """The packet that ``as_data`` gave. Raises ``msgspec.ValidationError`` for anything else."""
        return msgspec.convert(data, cls)


def digest(data: Mapping[str, Any]) -> str:
    """SHA-256 of a packet, the same on both sides."""
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def faults(kind: Kind, packet: Packet, today: date) -> list[FieldError]:
    """Everything that is wrong with a packet; fields are named as the API spells them."""
    form = FORMS[kind]
    found: list[FieldError] = []
    if not 1 <= len(packet.children) <= MOST_CHILDREN:
        found.append(FieldError("children", f"name 1 to {MOST_CHILDREN} children"))
    for number, child in enumerate(packet.children[:MOST_CHILDREN]):
        found += [FieldError(f"children.{number}.{one.field}", one.message) for one in checks.faults(child, today)]
    known = {item.code: item for item in form.items}
    for code, value in packet.items.items():
        if code not in known:
            found.append(FieldError(f"items.{code}", f"is nothing that is told here; known are {', '.join(known)}"))
        elif fault := _item_fault(known[code], value):
            found.append(fault)
    found += [
        FieldError(f"items.{item.code}", f"must be told: {item.label}")
        for item in form.items
        if item.required and item.code not in packet.items
    ]
    if packet.agreement is not None:
        found += consent_faults("agreement", packet.agreement, today)
    elif form.needs_agreement:
        hint = "must be given: who agreed to the sharing and when, or the ground for sharing without agreement"
        found.append(FieldError("agreement", hint))
    return found


def _item_fault(item: Item, value: str) -> FieldError | None:
    field = f"items.{item.code}"
    if fault := text_fault(field, value, _LONG):
        return fault
    try:
        match item.type:
            case ItemType.DATE:
                date.fromisoformat(value)
            case ItemType.INSTANT:
                if datetime.fromisoformat(value).tzinfo is None:
                    return FieldError(field, "must be an instant with its offset, such as 2026-12-01T10:00:00Z")
            case ItemType.YES_NO if value not in {"yes", "no"}:
                return FieldError(field, "must be yes or no")
            case _:
                pass
    except ValueError:
        return FieldError(field, f"must be a {item.type.value}, such as 2026-12-01 or 2026-12-01T10:00:00Z")
    return None


def consent_faults(path: str, told: ConsentTold, today: date) -> list[FieldError]:
    """Agreement names who, to what and when; sharing without it names the ground and the reasons."""
    texts = text_faults(agreedBy=(told.agreed_by, 200), agreedTo=(told.agreed_to, 2_000), reasons=(told.reasons, 2_000))
    found = [FieldError(f"{path}.{one.field}", one.message) for one in texts]
    agreed = (told.agreed_by, told.agreed_to, told.agreed_on)
    if told.ground is None and None in agreed:
        found.append(FieldError(f"{path}.agreedBy", "give agreedBy, agreedTo and agreedOn, or a ground with reasons"))
    if told.ground is not None and any(one is not None for one in agreed):
        found.append(FieldError(f"{path}.ground", "must be left out where there is agreement"))
    if told.ground is not None and told.reasons is None:
        found.append(FieldError(f"{path}.reasons", "say why it is shared without agreement"))
    return found + _day_fault(f"{path}.agreedOn", told.agreed_on, today)


def court_faults(path: str, told: CourtTold, today: date) -> list[FieldError]:
    texts = [text_fault("court", told.court, 200), text_fault("terms", told.terms, 2_000)]
    found = [FieldError(f"{path}.{one.field}", one.message) for one in texts if one is not None]
    return found + _day_fault(f"{path}.permittedOn", told.permitted_on, today)


def satisfied(gates: Mapping[str, Any]) -> frozenset[Gate]:
    """The gates of a paper that were satisfied, from what is kept of them."""
    return frozenset(Gate(code) for code in gates)


def _day_fault(field: str, day: date | None, today: date) -> list[FieldError]:
    if day is not None and not date(1990, 1, 1) <= day <= today:
        return [FieldError(field, "must be a day that has come, and not before 1990")]
    return []
