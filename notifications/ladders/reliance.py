"""What the policies in force lean on: kept from being taken away, and looked at again when it changes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final
from uuid import UUID

from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe_once
from notifications.ladders import repository
from notifications.ladders.models import AlertPolicy
from notifications.ladders.policy import PersonTarget, SlotPolicy, TeamTarget
from notifications.ladders.service import known
from notifications.ladders.validation import Known, faults

CHECK_LADDERS: Final = Actor("check_ladders", NOTICES)
"""Looks at every policy in force of a partnership, which is its subject."""


async def ask_for_check(session: TenantSession, _cause: UUID | None = None) -> None:
    """Have the policies in force looked at soon after this transaction; many causes at once make one look."""
    await owe_once(session, CHECK_LADDERS, session.tenant_id)


async def faults_in_force(session: TenantSession) -> dict[UUID, tuple[AlertPolicy, list[str]]]:
    """Each policy in force that has faults as things stand now, with what they say.

    One of several on a rota who cannot be reached is a warning of the rota, told there; a rota on which nobody
    can be is a fault of every policy that leans on it.
    """
    there = _with_the_reachable(await known(session))
    found = {}
    for policy in await repository.all_in_force(session):
        said = [
            f"{fault.field}: {fault.message}"
            for fault in faults([SlotPolicy.model_validate(slot) for slot in policy.slots], there)
        ]
        if said:
            found[policy.id] = (policy, said)
    return found


def _with_the_reachable(there: Known) -> Known:
    reachable = {code for code, channels in there.people.items() if channels}
    rotas = {
        role: [replace(one, members=tuple(m for m in one.members if m in reachable) or one.members) for one in found]
        for role, found in there.rotas.items()
    }
    return replace(there, rotas=rotas)


@asynccontextmanager
async def ladders_kept(session: TenantSession) -> AsyncIterator[None]:
    """Refuse what is done inside when a policy in force has a fault by it that it had not before.

    Raises ``Conflict`` naming the policies: put a version in force first that does without.
    """
    before = {policy_id: set(said) for policy_id, (_, said) in (await faults_in_force(session)).items()}
    yield
    await session.flush()
    broken = sorted(
        policy.alert_type
        for policy_id, (policy, said) in (await faults_in_force(session)).items()
        if set(said) - before.get(policy_id, set())
    )
    if broken:
        raise Conflict(
            f"Alert policies in force lean on this: {', '.join(broken)}. Put a version in force first that does not."
        )


async def is_named(session: TenantSession, code: str) -> bool:
    """Whether a policy in force calls a person by name, alone or in a team."""
    for policy in await repository.all_in_force(session):
        for slot in policy.slots:
            for step in SlotPolicy.model_validate(slot).steps:
                match step.target:
                    case PersonTarget(person=named) if named == code:
                        return True
                    case TeamTarget(members=members) if code in members:
                        return True
                    case _:
                        pass
    return False
