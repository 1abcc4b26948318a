"""Inputs of the rotas' mutations, and a rule read from one."""

import re
from datetime import datetime, time
from enum import Enum
from typing import TypeVar
from uuid import UUID

import strawberry

from backend.kit.problems import FieldError, Invalid
from backend.kit.texts import text_fault
from graphql_api.ids import key_of
from graphql_api.problems import ONCE
from graphql_api.rotas.types import BankHolidays, PeriodUnit
from graphql_api.scalars import Instant
from notifications.rotas import rules
from notifications.rotas.service import Description, NewRota

WHY = "For the record, up to 500 characters. No child's details."
MOST_LAYERS, MOST_MEMBERS, MOST_WINDOWS, MOST_POSITIONS = 20, 100, 50, 9


@strawberry.enum(description="What an override does.")
class OverrideKind(Enum):
    ADD = "added"
    REMOVE = "removed"
    REPLACE = "replaced"


@strawberry.input(description="Put somebody on call, take somebody off, or one in place of another, for a time.")
class OverrideRotaInput:
    rota_id: strawberry.ID = strawberry.field(description="The rota to override.")
    kind: OverrideKind = strawberry.field(description="Adding needs insteadId, removing personId, replacing both.")
    begins: Instant = strawberry.field(description="What has passed counts as now.")
    until: Instant = strawberry.field(description="The end, at most 366 days after the beginning.")
    position: int = strawberry.field(default=1, description="1 is first on call, 2 second.")
    person_id: strawberry.ID | None = strawberry.field(default=None, description="Who is on call now.")
    instead_id: strawberry.ID | None = strawberry.field(default=None, description="Who shall be.")
    reason: str = strawberry.field(description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Put somebody on call for another's shift, such as a sick person's.")
class AssignShiftInput:
    shift_id: strawberry.ID = strawberry.field(description="The shift, of which the part ahead is given over.")
    instead_id: strawberry.ID = strawberry.field(description="Who answers instead.")
    reason: str = strawberry.field(description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="One turn of a replacement.")
class RotaTurnInput:
    person_id: strawberry.ID = strawberry.field(description="Who answers.")
    begins: Instant = strawberry.field(description="When the turn begins.")
    until: Instant = strawberry.field(description="When it ends.")


@strawberry.input(description="Put turns of their own in place of a rota's whole rule for a time.")
class ReplaceRotaSpanInput:
    rota_id: strawberry.ID = strawberry.field(description="The rota.")
    begins: Instant = strawberry.field(description="What has passed counts as now.")
    until: Instant = strawberry.field(description="The end, at most 366 days after the beginning.")
    position: int = strawberry.field(default=1, description="1 is first on call, 2 second.")
    turns: list[RotaTurnInput] = strawberry.field(
        description="In order, without overlap. Time that none of them reaches has nobody on call."
    )
    reason: str = strawberry.field(description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Take somebody off every rota for a time.")
class RecordLeaveInput:
    person_id: strawberry.ID | None = strawberry.field(default=None, description="Default: yourself.")
    begins: Instant = strawberry.field(description="What has passed counts as now.")
    until: Instant = strawberry.field(description="The end, at most 366 days after the beginning.")
    instead_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Who answers instead, which only a rota manager may say; without, a lower layer, another role, or"
        " nobody.",
    )
    reason: str = strawberry.field(description=f"{WHY} Only the person and rota managers read it.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Answer in place of somebody for the rest of a shift that is on.")
class TakeOverShiftInput:
    shift_id: strawberry.ID = strawberry.field(description="The shift that is on.")
    reason: str = strawberry.field(description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="End an adjustment from now on; both sides of a swap together.")
class WithdrawRotaAdjustmentInput:
    adjustment_id: strawberry.ID = strawberry.field(description="The adjustment.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Hours of cover.")
class CoverHoursInput:
    weekdays: list[int] = strawberry.field(description="0 is Monday, 6 Sunday.")
    start: str = strawberry.field(description="Local time, such as 09:00.")
    end: str = strawberry.field(description="Local time; at or before the start it is on the next day.")
    bank_holidays: BankHolidays = strawberry.field(  # type: ignore[valid-type]
        default=rules.BankHolidays.REGARDLESS, description="Whether the hours apply on bank holidays."
    )


@strawberry.input(description="People who take turns over some hours.")
class RotaLayerInput:
    name: str = strawberry.field(description="Keeps its meaning when the layer is changed: swaps follow it.")
    position: int = strawberry.field(default=1, description="1 is first on call, 2 second.")
    members: list[strawberry.ID | None] = strawberry.field(
        description="Who takes turns, in order; null is a turn that a lower layer answers."
    )
    first_handover: str = strawberry.field(
        description="Local date and time without offset, such as 2026-01-05T09:00. Until then the layers beneath "
        "answer: a new layer over the old changes who takes turns from a day to come, and nobody's turn before it."
    )
    period_unit: PeriodUnit = strawberry.field(description="What turns are counted in.")  # type: ignore[valid-type]
    period_every: int = strawberry.field(default=1, description="Units between two handovers; 2 weeks: every second.")
    cover: list[CoverHoursInput] = strawberry.field(description="At least one; every day 00:00 to 00:00 is always.")


@strawberry.input(description="Set a rota's rule from now on. Adjustments stay over it; what is past stays as it was.")
class ChangeRotaInput:
    rota_id: strawberry.ID = strawberry.field(description="The rota.")
    zone: str = strawberry.field(description="IANA time zone, such as Europe/London.")
    qualification: str | None = strawberry.field(default=None, description="Code that everybody here must have.")
    layers: list[RotaLayerInput] = strawberry.field(description="Lowest first: of one position the last wins.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Make a rota. Its shifts are laid out at once, and kept ahead from then on.")
class CreateRotaInput:
    code: str = strawberry.field(description="Lower-case letters, digits and hyphens; stays as it is.")
    name: str = strawberry.field(description="As people know it.")
    role: str = strawberry.field(description="What its people answer for, such as paediatrician.")
    uncovered_role: str | None = strawberry.field(
        default=None, description="The role whose rota answers when this one has nobody."
    )
    areas: list[str] = strawberry.field(default_factory=list, description="Codes of the areas it serves; none: all.")
    qualification: str | None = strawberry.field(default=None, description="Code that everybody here must have.")
    zone: str = strawberry.field(description="IANA time zone, such as Europe/London.")
    layers: list[RotaLayerInput] = strawberry.field(description="Lowest first: of one position the last wins.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(
    description="Set what a rota is called, whom it serves and who answers where it has nobody. Its people stay."
)
class DescribeRotaInput:
    rota_id: strawberry.ID = strawberry.field(description="The rota.")
    name: str = strawberry.field(description="As people know it.")
    uncovered_role: str | None = strawberry.field(
        default=None, description="The role whose rota answers when this one has nobody."
    )
    areas: list[str] = strawberry.field(default_factory=list, description="Codes of the areas it serves; none: all.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="End a rota: nobody is on call by it any more. What was before stays.")
class EndRotaInput:
    rota_id: strawberry.ID = strawberry.field(description="The rota.")
    reason: str = strawberry.field(description="Why, for whoever asks later.")
    idempotency_key: str = strawberry.field(description=ONCE)


def plan_from(given: CreateRotaInput) -> NewRota:
    """What the rota is beside its rule. Raises ``Invalid`` with every fault."""
    faults = [*_shape_faults(("code", given.code, _CODE), ("role", given.role, _ROLE)), *_described_faults(given)]
    if faults:
        raise Invalid(faults)
    return NewRota(given.code, given.role, _described(given), given.qualification)


def description_from(given: DescribeRotaInput) -> Description:
    """Raises ``Invalid`` with every fault."""
    if faults := _described_faults(given):
        raise Invalid(faults)
    return _described(given)


def _described(given: CreateRotaInput | DescribeRotaInput) -> Description:
    return Description(given.name, given.uncovered_role, tuple(given.areas))


def _described_faults(given: CreateRotaInput | DescribeRotaInput) -> list[FieldError]:
    faults = [fault] if (fault := text_fault("name", given.name, 200)) else []
    return [*faults, *_shape_faults(("uncoveredRole", given.uncovered_role, _ROLE))]


def _shape_faults(*named: tuple[str, str | None, tuple[re.Pattern[str], str]]) -> list[FieldError]:
    return [
        FieldError(field, f"must be at most 60 {shape[1]}")
        for field, text, shape in named
        if text is not None and not (len(text) <= 60 and shape[0].fullmatch(text))
    ]


_Wall = TypeVar("_Wall", datetime, time)
_CODE = (re.compile(r"[a-z0-9][a-z0-9-]*"), "lower-case letters, digits and hyphens, no hyphen first")
_ROLE = (re.compile(r"[a-z][a-z0-9_]*"), "lower-case letters, digits and underscores, a letter first")


def person_key(given: str | None) -> UUID | None:
    return key_of("Person", given) if given is not None else None


def check_place(position: int, reason: str) -> None:
    """Raise ``Invalid`` for a position out of bounds or a reason that cannot be stored."""
    faults = [fault] if (fault := text_fault("reason", reason, 500)) else []
    if not 1 <= position <= MOST_POSITIONS:
        faults.append(FieldError("position", f"must be 1 to {MOST_POSITIONS}"))
    if faults:
        raise Invalid(faults)


def rule_from(given: ChangeRotaInput | CreateRotaInput) -> rules.RotaRule:
    """The rule that an input says. Raises ``Invalid`` with the path of what cannot be, and ``NotFound``."""
    if not 1 <= len(given.layers) <= MOST_LAYERS:
        raise Invalid([FieldError("layers", f"must be 1 to {MOST_LAYERS}")])
    layers = tuple(_layer(f"layers.{number}", layer) for number, layer in enumerate(given.layers))
    try:
        return rules.RotaRule(given.zone, layers)
    except ValueError as error:
        raise Invalid([FieldError("zone" if "zone" in str(error) else "layers", str(error))]) from None


def _layer(path: str, given: RotaLayerInput) -> rules.Layer:
    faults = [fault] if (fault := text_fault(f"{path}.name", given.name, 60)) else []
    if "/" in given.name:
        faults.append(FieldError(f"{path}.name", "must be without a slash"))
    for field, number, most in (
        ("members", len(given.members), MOST_MEMBERS), ("cover", len(given.cover), MOST_WINDOWS),
        ("position", given.position, MOST_POSITIONS), ("periodEvery", given.period_every, 1000),
    ):  # fmt: skip
        if not 1 <= number <= most:
            faults.append(FieldError(f"{path}.{field}", f"must be 1 to {most}"))
    first = _local(datetime, given.first_handover)
    if first is None:
        hint = "must be a local date and time without offset, such as 2026-01-05T09:00"
        faults.append(FieldError(f"{path}.firstHandover", hint))
    cover = [_window(f"{path}.cover.{number}", hours, faults) for number, hours in enumerate(given.cover)]
    if faults or first is None:
        raise Invalid(faults)
    members = tuple(person_key(member) for member in given.members)
    period = rules.Period(rules.PeriodUnit(_value(given.period_unit)), given.period_every)
    windows = tuple(window for window in cover if window is not None)
    return rules.Layer(given.name, rules.Rotation(members, first, period), windows, given.position)


def _window(path: str, given: CoverHoursInput, faults: list[FieldError]) -> rules.Window | None:
    """The hours, or None with what is wrong among ``faults``."""
    start, end, weekdays = _local(time, given.start), _local(time, given.end), frozenset(given.weekdays)
    if not weekdays or not weekdays <= frozenset(range(7)):
        faults.append(FieldError(f"{path}.weekdays", "must be one or more of 0 (Monday) to 6"))
    for field, found in (("start", start), ("end", end)):
        if found is None:
            faults.append(FieldError(f"{path}.{field}", "must be a local time without offset, such as 09:00"))
    if faults or start is None or end is None:
        return None
    return rules.Window(weekdays, start, end, rules.BankHolidays(_value(given.bank_holidays)))


def _local(kind: type[_Wall], written: str) -> _Wall | None:
    """A wall time as it is written; None for what is none, or carries an offset."""
    try:
        found = kind.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is None else None


def _value(member: object) -> str:
    return str(member.value if isinstance(member, Enum) else member)
