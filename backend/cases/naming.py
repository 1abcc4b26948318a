"""Whom an alert about a case calls: those who work on it in a role before the rota of that role, and nobody barred.

A role that nobody here has, neither on the case nor on a rota, is somebody's whom the product does not reach: a
referrer of another authority, a parent. Whoever holds the case is told then, and passes it on.
"""

from collections.abc import Iterable
from typing import Final, TypedDict
from uuid import UUID

from backend.cases.access import repository as access
from backend.cases.models import CaseFile
from backend.cases.people import repository as people
from backend.kit.session import TenantSession
from notifications.alerts.raising import ANYBODY_ELSE, StandIn, raise_alert
from notifications.ladders.policy import PersonTarget
from notifications.rotas import repository as rotas
from tenants.contacts import repository as contacts

OWNER: Final = "owner"
"""The stand-in of policies for whoever a clock or a notification is for."""


class Called(TypedDict):
    """Arguments of ``raise_alert``."""

    stand_ins: dict[str, StandIn]
    never: set[UUID]
    area_ids: list[UUID]


def _areas_of(case: CaseFile) -> list[UUID]:
    """The areas whose rotas and desks answer for the case before those that serve all."""
    return [case.area_id] if case.area_id is not None else []


async def call(session: TenantSession, alert_type: str, case: CaseFile) -> None:
    """Call whoever the partnership's policy names for such alerts, but nobody whom the case is kept from."""
    never = await access.barred(session, case.id)
    await raise_alert(
        session, alert_type, subject_kind="case", subject_id=case.id, area_ids=_areas_of(case), never=never
    )


async def of_roles(session: TenantSession, case: CaseFile, roles: Iterable[str], *, confined: bool) -> Called:
    """Who stands in for the owner of a duty on the case, whom nothing about it ever calls, and whose rotas answer.

    The first who works on the case in one of ``roles``; with nobody there, on a restricted case its owner, on any
    other the rota of the first role or, where the partnership keeps none, its owner too. ``confined`` has a
    restricted case's owner called in place of every other rota too: for what may wait until they answer.
    """
    wanted = [role.replace("-", "_") for role in roles]
    never = await access.barred(session, case.id)
    working = (await people.practitioners(session, [case.id])).get(case.id, [])
    held = {
        row.role.replace("-", "_"): row.person_id
        for row in reversed(working)
        if row.person_id is not None and row.to_at is None and row.person_id not in never
    }
    known = await contacts.people(session, [*held.values(), *([case.owner_id] if case.owner_id else [])])
    answering = known.get(case.owner_id) if case.owner_id is not None else None
    someone = next((known[held[role]] for role in wanted if role in held and known[held[role]].active), None)
    stand_ins: dict[str, StandIn] = {}
    if answering is not None and answering.active:
        if case.restricted and confined:
            stand_ins[ANYBODY_ELSE] = PersonTarget(person=answering.code)
        if someone is None and (case.restricted or not await rotas.of_roles(session, wanted[:1])):
            someone = answering
    if someone is not None:
        stand_ins[OWNER] = PersonTarget(person=someone.code)
    elif wanted:
        stand_ins[OWNER] = wanted[0]
    return Called(stand_ins=stand_ins, never=never, area_ids=_areas_of(case))
