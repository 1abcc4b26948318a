"""Resolved turns written down as shifts: ahead of time, and anew from now on when anything changes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import bindparam, delete, func, insert, update
from sqlalchemy.dialects.postgresql import Range
from sqlmodel import col

from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.kit.tables import table_of
from notifications.rotas import repository
from notifications.rotas.expansion import Gap, Turn, uncovered
from notifications.rotas.models import Rota, RotaAdjustment, Shift
from notifications.rotas.resolution import Adjustment, AdjustmentKind, Held, lost_swaps, resolve
from notifications.rotas.rules import RotaRule
from tenants.calendars import repository as calendars
from tenants.calendars.working_days import Calendar

HORIZON: Final = timedelta(days=90)
"""How far ahead shifts are written down, at the least."""

_RULE: Final = TypeAdapter(RotaRule)
_TURNS: Final = TypeAdapter(tuple[Turn, ...])


def rule_of(rota: Rota) -> RotaRule:
    """The rota's rule. Raises ``pydantic.ValidationError`` for one that could not have been stored."""
    return _RULE.validate_python(rota.rule)


def stored_rule(rule: RotaRule) -> dict[str, Any]:
    """The rule as ``Rota.rule`` holds it."""
    made: dict[str, Any] = _RULE.dump_python(rule, mode="json")
    return made


def stored_turns(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """Turns as ``RotaAdjustment.turns`` holds them."""
    made: list[dict[str, Any]] = _TURNS.dump_python(tuple(turns), mode="json")
    return made


def adjustment_of(row: RotaAdjustment) -> Adjustment:
    """A stored adjustment as the pure functions take it."""
    begins, until = ends_of(row.during)
    return Adjustment(
        row.id, row.kind, begins, until, row.position, row.person_id, row.instead_id,
        _TURNS.validate_python(row.turns), row.turn_key,
    )  # fmt: skip


def ends_of(during: Range[datetime]) -> tuple[datetime, datetime]:
    """Both ends of a range that has them, as every range of the rotas does."""
    if during.lower is None or during.upper is None:
        raise ValueError("A range of the rotas has a beginning and an end.")
    return during.lower, during.upper


async def resolved(session: TenantSession, rota: Rota, begins: datetime, until: datetime) -> list[Held]:
    """Who answers in [begins, until) by the rule and adjustments as they are now, stored or not."""
    if rota.ended_at is not None:
        return []  # what was before stands in its shifts
    rule, made, calendar = await _said(session, rota)
    return resolve(rule, made, begins, until, calendar)


async def swaps_lost(session: TenantSession, rota: Rota) -> list[UUID]:
    """The adjustments of agreed swaps ahead that no longer find the turn that was swapped."""
    now, (rule, made, calendar) = await session.now(), await _said(session, rota)
    if rota.ended_at is not None:
        return [one.id for one in made if one.kind is AdjustmentKind.SWAPPED and one.until > now]
    return lost_swaps(rule, made, now, calendar)


async def uncovered_by(
    session: TenantSession, rota: Rota, turns: Iterable[Turn], begins: datetime, until: datetime, *, position: int
) -> list[Gap]:
    """The hours of cover of a rota's position in [begins, until) that ``turns`` would leave to nobody."""
    rule, _, calendar = await _said(session, rota)
    return uncovered(rule, turns, begins, until, calendar, position=position)


async def _said(session: TenantSession, rota: Rota) -> tuple[RotaRule, list[Adjustment], Calendar | None]:
    """The rota's rule, what lies over it, and the calendar that the rule needs."""
    rule = rule_of(rota)
    made = [adjustment_of(row) for row in await repository.in_force(session, rota.id)]
    return rule, made, await calendars.calendar(session, rule.zone) if rule.needs_calendar else None


async def materialise(session: TenantSession, rota: Rota, until: datetime) -> int:
    """Write the rota's shifts up to ``until`` from where they end now. Returns how many were added.

    Every shift that is handed over before ``materialised_until`` is written, whole.
    """
    begins = rota.materialised_until or await session.now()
    if until <= begins:
        return 0
    held = await resolved(session, rota, begins, until)
    if rota.materialised_until is not None:
        held = [one for one in held if one.turn.handed_over_at >= begins]
    new = [one for one in held if one.turn.handed_over_at < until]
    await _add(session, rota.id, new)
    rota.materialised_until = until
    return len(new)


@dataclass(frozen=True, slots=True)
class Cut:
    """A shift that ended early for somebody who is not on call by the rota any more. ``until`` it would have lasted."""

    shift_id: UUID
    person_id: UUID
    until: datetime


@dataclass(frozen=True, slots=True)
class Remade:
    """Whether any shift had to change, and whose ended early: each person once."""

    changed: bool
    cut: list[Cut]


async def rematerialise(session: TenantSession, rota: Rota) -> Remade:
    """Make the rota's stored shifts from now on what they should be.

    What is past stays as it was. A shift that is on goes on while its person does, to where it now
    ends; otherwise it ends now. One that has not been handed over has not begun. Shifts that are
    still right keep their ids. The caller holds the rota's row.
    """
    now = await session.now()
    if rota.materialised_until is None or rota.materialised_until <= now:
        return Remade(await materialise(session, rota, now + HORIZON) > 0, [])
    until = rota.materialised_until
    held = await resolved(session, rota, now, until)
    wanted = [one for one in held if one.turn.ends_at > now and one.turn.handed_over_at < until]
    plan = _plan(await repository.ahead(session, rota.id, now), wanted, now)
    if plan.gone:
        await session.execute(
            delete(Shift).where(col(Shift.tenant_id) == session.tenant_id, col(Shift.id).in_(plan.gone))
        )
    # Shortened ones first: the database lets no two turns overlap, not even on the way.
    for change in sorted(plan.moved, key=lambda one: one.until):
        await session.execute(_MOVE, change.values(session.tenant_id))
    await _add(session, rota.id, plan.new)
    on_call = {one.turn.person for one in wanted if one.turn.handed_over_at <= now}
    ended = {one.person_id: one for one in plan.moved if one.until == now and one.person_id not in on_call}
    cut = [Cut(one.id, person, ends_of(one.turn)[1]) for person, one in ended.items()]
    return Remade(plan.changes_anything, cut)


@dataclass(frozen=True, slots=True)
class _Move:
    """A running shift and its new end."""

    id: UUID
    person_id: UUID
    during: Range[datetime]
    turn: Range[datetime]
    until: datetime

    def values(self, tenant_id: UUID) -> dict[str, Any]:
        during, turn = Range(self.during.lower, self.until), Range(self.turn.lower, self.until)
        return {"tenant": tenant_id, "shift": self.id, "during_": during, "turn_": turn}


@dataclass(frozen=True, slots=True)
class _Plan:
    gone: list[UUID]
    moved: list[_Move]
    new: list[Held]

    @property
    def changes_anything(self) -> bool:
        return bool(self.gone or self.moved or self.new)


def _plan(stored: Iterable[Any], wanted: Iterable[Held], now: datetime) -> _Plan:
    """The least that turns ``stored`` rows into ``wanted`` turns from ``now`` on."""
    right = {_as_row(one): one for one in wanted}
    on = {(one.position, one.turn.person): one for one in right.values() if one.turn.handed_over_at < now}
    plan = _Plan([], [], [])
    for row in stored:
        begun = row.turn.lower < now
        going_on = on.get((row.position, row.person_id)) if begun else None
        if right.pop(_of_row(row), None) is not None:
            continue
        if going_on is not None and _as_row(going_on) in right:
            right.pop(_as_row(going_on))
            if going_on.turn.ends_at != row.turn.upper:
                plan.moved.append(_Move(row.id, row.person_id, row.during, row.turn, going_on.turn.ends_at))
        elif begun and row.turn.upper > now:
            plan.moved.append(_Move(row.id, row.person_id, row.during, row.turn, now))
        elif not begun:
            plan.gone.append(row.id)
    plan.new.extend(_from(one, now) for one in right.values())
    return plan


def _as_row(held: Held) -> tuple[object, ...]:
    turn = held.turn
    return (held.position, turn.person, turn.starts_at, turn.handed_over_at, turn.ends_at, held.layer, turn.key,
            held.adjustment)  # fmt: skip


def _of_row(row: Any) -> tuple[object, ...]:
    return (row.position, row.person_id, row.during.lower, row.turn.lower, row.turn.upper, row.layer, row.turn_key,
            row.adjustment_id)  # fmt: skip


def _from(held: Held, now: datetime) -> Held:
    turn = held.turn
    starts_at, handed_over_at = max(turn.starts_at, now), max(turn.handed_over_at, now)
    return replace(held, turn=replace(turn, starts_at=starts_at, handed_over_at=handed_over_at))


async def _add(session: TenantSession, rota_id: UUID, held: Iterable[Held]) -> None:
    rows = [
        {"tenant_id": session.tenant_id, "id": uuid7(), "rota_id": rota_id, "position": one.position,
         "person_id": one.turn.person, "during": Range(one.turn.starts_at, one.turn.ends_at),
         "turn": Range(one.turn.handed_over_at, one.turn.ends_at), "layer": one.layer,
         "turn_key": one.turn.key, "adjustment_id": one.adjustment}
        for one in held
    ]  # fmt: skip
    if rows:
        await session.execute(insert(Shift), rows)


_SHIFT = table_of(Shift)
_MOVE = (
    update(_SHIFT)
    .where(_SHIFT.c.tenant_id == bindparam("tenant"), _SHIFT.c.id == bindparam("shift"))
    .values(during=bindparam("during_"), turn=bindparam("turn_"), moved_at=func.app.now())
)
