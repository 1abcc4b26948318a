"""Rotas kept ahead, and every change to who is on call.

A change lies ahead of now, is one audited row that is withdrawn rather than deleted, and comes with the
shifts it makes in the caller's transaction. What is past is never rewritten.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe
from notifications.rotas import eligibility, repository, swaps
from notifications.rotas.changes import adjustment, changed, hold, put_over, refuse_two_places, remake, span_ahead, tell
from notifications.rotas.expansion import Turn
from notifications.rotas.followers import ROTA_CHANGED
from notifications.rotas.materialisation import (
    HORIZON,
    ends_of,
    materialise,
    resolved,
    rule_of,
    stored_rule,
    stored_turns,
)
from notifications.rotas.models import Rota
from notifications.rotas.resolution import AdjustmentKind
from notifications.rotas.rules import RotaRule
from tenants.partnerships import repository as partnerships

__all__ = [
    "EXTEND_ROTA",
    "HORIZON",
    "ROTA_CHANGED",
    "Description",
    "NewRota",
    "adjust",
    "change_rule",
    "create",
    "describe",
    "end",
    "extend",
    "leave",
    "materialise",
    "replace_span",
    "rule_of",
    "take_over",
    "withdraw",
]  # fmt: skip

EXTEND_ROTA: Final = Actor("extend_rota", NOTICES)


async def extend(session: TenantSession, rota_id: UUID) -> None:
    """Keep the rota's shifts ``HORIZON`` ahead; owes itself again tomorrow.

    Shifts ahead are made what they should be on the way: a new release of the list of bank holidays
    or of the time zones reaches them within a day.
    """
    for rota in await repository.locked(session, [rota_id]):
        if rota.ended_at is not None:
            return
        now, reached = await session.now(), rota.materialised_until
        await swaps.undo_lost(session, rota, by=None)
        if reached and reached > now and await remake(session, rota, None):
            await tell(session, rota.id, "rota.recalculated", "rota", rota.id, None)
        await materialise(session, rota, now + HORIZON)
        await owe(session, EXTEND_ROTA, rota_id, due_at=now + timedelta(days=1))


async def change_rule(
    session: TenantSession, rota_id: UUID, rule: RotaRule, *, by: UUID, qualification: str | None
) -> Rota:
    """Put a new rule in force from now on, and what its people must be qualified for.

    Adjustments stay, over the new rule. Raises ``NotFound``; ``Invalid`` for people who cannot be
    on call or would be at two positions at once.
    """
    (rota,) = await hold(session, [rota_id])
    rota.qualification = qualification
    now = await session.now()
    await eligibility.check(session, rota, rule.people, now, "layers")
    rota.rule = stored_rule(rule)
    await session.flush()
    await refuse_two_places(session, rota, rule.people, now, now + HORIZON, "layers")
    await swaps.undo_lost(session, rota, by=by)
    await changed(session, [rota], "rota.rule_changed", "rota", rota.id, by)
    return rota


@dataclass(frozen=True, slots=True)
class Description:
    """What a rota is called, who answers where it has nobody, and codes of the areas it serves; none: all."""

    name: str
    uncovered_role: str | None = None
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewRota:
    """What a rota is beside its rule."""

    code: str
    role: str
    description: Description
    qualification: str | None = None


async def describe(session: TenantSession, rota_id: UUID, said: Description, *, by: UUID) -> Rota:
    """Set a rota's description, for alerts from now on. Its shifts stay.

    Raises ``NotFound``, and ``Invalid`` for an area or a role for uncovered hours that is not there, and for
    areas in which some of its people do not work.
    """
    (rota,) = await hold(session, [rota_id])
    areas = await _areas(session, said, {one.role for one in await repository.rotas(session)})
    rota.name, rota.uncovered_role = said.name, said.uncovered_role
    await repository.serve(session, rota.id, areas)
    now = await session.now()
    await eligibility.check(session, rota, rule_of(rota).people, now, "areas")
    await tell(session, rota.id, "rota.described", "rota", rota.id, by)
    return rota


async def end(session: TenantSession, rota_id: UUID, called: Collection[str], *, by: UUID, reason: str) -> Rota:
    """Put nobody on call by the rota from now on: shifts ahead go, the one that is on ends, agreed swaps are undone.

    What was before stays. ``called`` are the roles that alerts call. Raises ``NotFound``, and ``Conflict`` when it has
    ended already, or when nobody would be left to answer for its role though alerts call it, or a rota hands on to it.
    """
    held = await hold(session, {rota_id, *(one.id for one in await repository.rotas(session))})
    others = [one for one in held if one.id != rota_id]
    (rota,) = (one for one in held if one.id == rota_id)
    needed = rota.role in {*called, *(one.uncovered_role for one in others)}
    if needed and rota.role not in {one.role for one in others}:
        raise Conflict(
            f"Alerts or another rota call {rota.role}, and no other rota has it. Make one, or change those, first."
        )
    await swaps.end_requests(session, rota.id, by=by)
    rota.ended_at, rota.end_reason = await session.now(), reason
    await session.flush()
    await swaps.undo_lost(session, rota, by=by)
    await changed(session, [rota], "rota.ended", "rota", rota.id, by)
    return rota


async def _areas(session: TenantSession, said: Description, roles: set[str]) -> list[UUID]:
    """The areas that are named. Raises ``Invalid`` for one that is not there, and for a role without a rota."""
    areas = {area.code: area.id for area in await partnerships.areas(session)}
    faults = []
    if not areas.keys() >= set(said.areas):
        faults.append(FieldError("areas", f"must each be one of {', '.join(areas)}"))
    if said.uncovered_role is not None and said.uncovered_role not in roles:
        faults.append(FieldError("uncoveredRole", f"must be a role with a rota: one of {', '.join(sorted(roles))}"))
    if faults:
        raise Invalid(faults)
    return [areas[code] for code in dict.fromkeys(said.areas)]


async def create(session: TenantSession, rota_id: UUID, plan: NewRota, rule: RotaRule, *, by: UUID) -> Rota:
    """A new rota, its shifts laid out ``HORIZON`` ahead; it extends itself each day from now on.

    Raises ``Conflict`` for a code that is taken, ``NotFound``, and ``Invalid`` for an area or a role for
    uncovered hours that is not there, and for people who cannot be on call.
    """
    known = await repository.rotas(session, ended=True)
    if plan.code in {rota.code for rota in known}:
        raise Conflict(f"There is or was a rota called {plan.code}; change that one, or choose another code.")
    roles = {rota.role for rota in known if rota.ended_at is None} | {plan.role}
    areas = await _areas(session, plan.description, roles)
    rota = Rota(
        tenant_id=session.tenant_id, id=rota_id, code=plan.code, role=plan.role, name=plan.description.name,
        rule=stored_rule(rule), uncovered_role=plan.description.uncovered_role, qualification=plan.qualification,
    )  # fmt: skip
    now = await session.now()
    session.insert(rota)
    await repository.serve(session, rota.id, areas)
    await eligibility.check(session, rota, rule.people, now, "layers")
    await refuse_two_places(session, rota, rule.people, now, now + HORIZON, "layers")
    await materialise(session, rota, now + HORIZON)
    await owe(session, EXTEND_ROTA, rota.id, due_at=now + timedelta(days=1))
    await tell(session, rota.id, "rota.created", "rota", rota.id, by)
    return rota


async def adjust(
    session: TenantSession, rota_id: UUID, kind: AdjustmentKind, begins: datetime, until: datetime,
    *, person: UUID | None, instead: UUID | None, position: int, by: UUID, reason: str,
    adjustment_id: UUID | None = None,
) -> UUID:  # fmt: skip
    """Override the rota in [begins, until): add, remove, replace or assign. Returns the adjustment's id.

    Adding needs ``instead``, removing ``person``, the others both: who answers now and who shall. A
    beginning that has passed counts as now. Raises ``NotFound``, ``Invalid``, and ``Conflict`` when
    ``person`` has no shift in the span.
    """
    (rota,) = await hold(session, [rota_id])
    _check_persons(kind, person, instead)
    await eligibility.known(session, {one for one in (person, instead) if one is not None})
    begins = await span_ahead(session, begins, until)
    if person is not None:
        held = await resolved(session, rota, begins, until)
        if not any(one.turn.person == person and one.position == position for one in held):
            raise Conflict("This person is not on call at this position in this time. Look at the rota again.")
    if instead is not None:
        await eligibility.check(session, rota, [instead], until, "insteadId")
    made = await adjustment(
        session, rota.id, kind, begins, until, position=position, person_id=person, instead_id=instead,
        made_by=by, reason=reason, adjustment_id=adjustment_id,
    )  # fmt: skip
    return await put_over(session, rota, made, [instead] if instead else [], "insteadId")


async def take_over(
    session: TenantSession, shift_id: UUID, *, by: UUID, reason: str, adjustment_id: UUID | None = None
) -> UUID:
    """Answer in place of somebody for the rest of a shift that is on. Returns the adjustment's id.

    Raises ``NotFound``; ``Forbidden`` for somebody not of the role's rotas; ``Invalid`` without the
    qualification; ``Conflict`` for a shift that is not on, or one's own.
    """
    wanted = await repository.shift(session, shift_id)
    (rota,) = await hold(session, [wanted.rota_id])
    shift = await repository.shift(session, shift_id)
    now, (begins, until) = await session.now(), ends_of(shift.during)
    if not begins <= now < until:
        raise Conflict("Only a shift that is on can be taken over; ask for a swap of one to come.")
    if shift.person_id == by:
        raise Conflict("This shift is yours already.")
    await eligibility.check_own(session, rota, by, until, "shiftId")
    made = await adjustment(
        session, rota.id, AdjustmentKind.TAKEN_OVER, now, until, position=shift.position,
        person_id=shift.person_id, instead_id=by, made_by=by, reason=reason, adjustment_id=adjustment_id,
    )  # fmt: skip
    return await put_over(session, rota, made, [by], "shiftId")


async def replace_span(
    session: TenantSession, rota_id: UUID, begins: datetime, until: datetime, turns: Sequence[Turn],
    *, by: UUID, reason: str, position: int = 1, adjustment_id: UUID | None = None,
) -> UUID:  # fmt: skip
    """Put ``turns`` in place of the whole rule in [begins, until) at a position. Returns the adjustment's id.

    Time in the span that no turn reaches has nobody on call. Beginnings that have passed count as
    now. Raises ``NotFound``; ``Invalid`` for turns that leave the span, overlap or are out of order,
    and for people who cannot be on call.
    """
    (rota,) = await hold(session, [rota_id])
    await eligibility.known(session, {turn.person for turn in turns})
    begins = await span_ahead(session, begins, until)
    now = await session.now()
    if any(max(turn.starts_at, now) < begins for turn in turns):
        raise Invalid([FieldError("turns", "must each begin within the span")])
    ahead = [_clipped(turn, begins) for turn in turns if turn.ends_at > begins]
    if any(turn.ends_at > until or not turn.starts_at <= turn.handed_over_at < turn.ends_at for turn in ahead):
        raise Invalid([FieldError("turns", "must each end after they begin, within the span")])
    if any(earlier.ends_at > later.handed_over_at for earlier, later in pairwise(ahead)):
        raise Invalid([FieldError("turns", "must follow each other without overlapping")])
    await eligibility.check(session, rota, {turn.person for turn in ahead}, until, "turns")
    made = await adjustment(
        session, rota.id, AdjustmentKind.SPAN, begins, until, position=position, turns=stored_turns(ahead),
        made_by=by, reason=reason, adjustment_id=adjustment_id,
    )  # fmt: skip
    return await put_over(session, rota, made, [turn.person for turn in ahead], "turns")


async def leave(
    session: TenantSession, person_id: UUID, begins: datetime, until: datetime, *, by: UUID, reason: str,
    instead: UUID | None = None, adjustment_id: UUID | None = None,
) -> UUID:  # fmt: skip
    """Take a person off every rota in [begins, until), with another in their place where one is named.

    Without one, a lower layer or the role for uncovered hours answers, or nobody: who plans leave sees
    the gap. Returns the adjustment's id. Raises ``Invalid``.
    """
    await eligibility.known(session, {person_id} if instead is None else {person_id, instead})
    begins = await span_ahead(session, begins, until)
    if person_id == instead:
        raise Invalid([FieldError("insteadId", "must be another person than the one on leave")])
    touched = await hold(session, [rota.id for rota in await repository.rotas(session)])
    held = {rota.id: await resolved(session, rota, begins, until) for rota in touched}
    touched = [rota for rota in touched if any(one.turn.person == person_id for one in held[rota.id])]
    made = await adjustment(
        session, None, AdjustmentKind.LEAVE, begins, until, person_id=person_id, instead_id=instead,
        made_by=by, reason=reason, adjustment_id=adjustment_id,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    for rota in touched:
        if instead is not None:
            await eligibility.check(session, rota, [instead], until, "insteadId")
            await refuse_two_places(session, rota, [instead], begins, until, "insteadId")
    await changed(session, touched, "rota.leave", "rota_adjustment", made.id, by)
    if not touched:
        session.audit_entries.append(Entry("rota.leave", "rota_adjustment", made.id, by, {}))
    return made.id


async def withdraw(session: TenantSession, adjustment_id: UUID, *, by: UUID) -> None:
    """End an adjustment from now on; both sides of a swap together. What has passed under it stays.

    Raises ``NotFound``, and ``Conflict`` when it has been withdrawn or is over.
    """
    rota_id = (await repository.adjustment(session, adjustment_id)).rota_id
    touched = await hold(session, [rota_id] if rota_id else [rota.id for rota in await repository.rotas(session)])
    known = await repository.adjustment(session, adjustment_id)
    now = await session.now()
    if known.kind == AdjustmentKind.LEFT:
        raise Conflict("This person has left the partnership. It ends when they are marked as back.")
    if known.withdrawn_at is not None or ends_of(known.during)[1] <= now:
        raise Conflict("This adjustment has ended already.")
    if known.swap_id:
        await swaps.undo(session, known.swap_id, by=by)
    known.withdrawn_at, known.withdrawn_by = now, by
    await session.flush()
    for rota in touched:
        await swaps.undo_lost(session, rota, by=by)
    await changed(session, touched, "rota.adjustment_withdrawn", "rota_adjustment", known.id, by)


def _clipped(turn: Turn, begins: datetime) -> Turn:
    starts_at, handed_over_at = max(turn.starts_at, begins), max(turn.handed_over_at, begins)
    return Turn(turn.person, starts_at, handed_over_at, turn.ends_at)


def _check_persons(kind: AdjustmentKind, person: UUID | None, instead: UUID | None) -> None:
    """Raise ``Invalid`` unless the persons that this kind of adjustment needs are given, and no other."""
    wants_person, wants_instead = kind is not AdjustmentKind.ADDED, kind is not AdjustmentKind.REMOVED
    faults = [
        FieldError(field, f"must {'' if wanted else 'not '}be given when somebody is {kind.value}")
        for field, wanted, given in (("personId", wants_person, person), ("insteadId", wants_instead, instead))
        if wanted is not (given is not None)
    ]
    if not faults and person == instead:
        faults = [FieldError("insteadId", "must be another person than the one they answer for")]
    if faults:
        raise Invalid(faults)
