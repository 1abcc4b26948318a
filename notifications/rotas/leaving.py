"""Somebody leaves the partnership for good, or comes back: one more layer over every rota.

What they answered for until then stays as it was. From then on a lower layer answers in their turns, or the
role for uncovered hours, or nobody, which is warned of.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from backend.kit.session import TenantSession
from notifications.rotas import repository, swaps
from notifications.rotas.changes import adjustment, changed, hold
from notifications.rotas.materialisation import HORIZON, resolved, rule_of
from notifications.rotas.models import Rota
from notifications.rotas.resolution import AdjustmentKind

FOR_GOOD: Final = timedelta(days=36_525)
"""A range of the rotas has an end; this one nobody lives to see on call."""


async def leave_for_good(session: TenantSession, person_id: UUID, *, by: UUID, reason: str) -> list[Rota]:
    """Take a person off every rota from now on, and end what swaps they were asked or asked for.

    Returns the rotas on which turns of theirs lie ahead. The caller has locked the person.
    """
    held = await hold(session, [rota.id for rota in await repository.rotas(session)])
    now = await session.now()
    for rota in held:
        await swaps.end_requests(session, rota.id, of=person_id, by=by)
    ahead = [rota for rota in held if await _has_turns(session, rota, person_id)]
    made = await adjustment(
        session, None, AdjustmentKind.LEFT, now, now + FOR_GOOD, person_id=person_id, made_by=by, reason=reason
    )
    session.add(made)
    await session.flush()
    await changed(session, ahead, "rota.left", "rota_adjustment", made.id, by)
    return ahead


async def come_back(session: TenantSession, person_id: UUID, *, by: UUID) -> list[Rota]:
    """Give a person back the turns that the rules still have for them, from now on. Returns those rotas."""
    held = await hold(session, [rota.id for rota in await repository.rotas(session)])
    now = await session.now()
    for made in await repository.gone_for_good(session, person_id):
        made.withdrawn_at, made.withdrawn_by = now, by
    await session.flush()
    theirs = [rota for rota in held if person_id in rule_of(rota).people or await _has_turns(session, rota, person_id)]
    await changed(session, theirs, "rota.returned", "person", person_id, by)
    return theirs


async def _has_turns(session: TenantSession, rota: Rota, person_id: UUID) -> bool:
    """Whether turns on a rota are a person's, now or later."""
    now = await session.now()
    return any(one.turn.person == person_id for one in await resolved(session, rota, now, now + HORIZON))
