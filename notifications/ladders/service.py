"""The life of a policy's version: drafted, found without a fault, switched on, superseded."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import text

from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.reading import by_key
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from backend.kit.tasks import owe_once
from notifications.ladders import repository
from notifications.ladders.changes import LADDERS_CHANGED
from notifications.ladders.hours import Hours
from notifications.ladders.models import AlertPolicy, PolicyState
from notifications.ladders.policy import SlotPolicy
from notifications.ladders.validation import Known, KnownDesk, KnownRota, by_role, faults
from notifications.rotas import repository as rotas
from notifications.rotas.materialisation import rule_of
from notifications.rotas.models import Rota
from tenants.contacts import repository as contacts

_ADVICE: Final = "Draft a new version instead."


async def draft(
    session: TenantSession,
    alert_type: str,
    *,
    title: str,
    citation: str,
    manual: bool,
    slots: Sequence[SlotPolicy],
    by: UUID,
    policy_id: UUID,
) -> AlertPolicy:
    """Write down the next version of a type's policy. It may be incomplete; nothing follows it yet."""
    # Two drafts at once would ask for the same number.
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 1))"),
        {"name": f"{session.tenant_id} {alert_type}"},
    )
    policy = AlertPolicy(
        tenant_id=session.tenant_id, id=policy_id, alert_type=alert_type,
        version=await repository.last_version(session, alert_type) + 1, title=title, citation=citation,
        manual=manual, slots=[slot.model_dump(mode="json") for slot in slots],
        created_at=await session.now(), created_by=by,
    )  # fmt: skip
    session.insert(policy)
    _audit(session, "alert_policy.drafted", policy, by)
    return policy


async def validate(session: TenantSession, policy_id: UUID, by: UUID) -> AlertPolicy:
    """Mark a draft as ready to be switched on. Raises ``Invalid`` with every fault, ``Conflict`` past that."""
    policy = await repository.policy(session, policy_id, lock=True)
    if policy.state in {PolicyState.IN_FORCE, PolicyState.SUPERSEDED}:
        raise Conflict(f"This version is already {_said(policy)}. {_ADVICE}")
    await _refuse_faults(session, policy)
    if policy.state == PolicyState.DRAFT:
        policy.state, policy.validated_at, policy.validated_by = PolicyState.VALIDATED, await session.now(), by
        await session.flush()
        _audit(session, "alert_policy.validated", policy, by)
    return policy


async def switch_on(session: TenantSession, policy_id: UUID, by: UUID) -> AlertPolicy:
    """Let alerts raised from now on follow this version; the one before is superseded.

    What it leans on may have changed since it was validated, so it is checked again. Raises
    ``Invalid`` with every fault, ``Conflict`` for a version that was not validated or was superseded.
    """
    policy = await repository.policy(session, policy_id, lock=True)
    if policy.state == PolicyState.IN_FORCE:
        return policy
    if policy.state == PolicyState.SUPERSEDED:
        raise Conflict(f"This version is already superseded. {_ADVICE}")
    if policy.state == PolicyState.DRAFT:
        raise Conflict("This version is a draft. Validate it first.")
    await _refuse_faults(session, policy)
    before = await repository.in_force(session, policy.alert_type)
    if before is not None:
        before = await repository.policy(session, before.id, lock=True)
        if before.version > policy.version:
            raise Conflict(f"Version {before.version} is in force and newer. {_ADVICE}")
        before.state, before.superseded_at = PolicyState.SUPERSEDED, await session.now()
        # The index that allows one version in force must see the old one go first.
        await session.flush()
    policy.state, policy.switched_on_at, policy.switched_on_by = PolicyState.IN_FORCE, await session.now(), by
    await session.flush()
    _audit(session, "alert_policy.switched_on", policy, by)
    await owe_once(session, LADDERS_CHANGED, session.tenant_id)
    return policy


async def faults_of(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, list[FieldError]]:
    """What keeps each of these versions from being put in force as things stand now."""
    policies, there = await by_key(session, AlertPolicy, ids), await known(session)
    return {one.id: faults([SlotPolicy.model_validate(slot) for slot in one.slots], there) for one in policies.values()}


async def known(session: TenantSession) -> Known:
    """The rotas, active people and desks that policies can lean on now."""
    people = await contacts.active_people(session)
    methods = await contacts.contact_methods(session, people)
    codes = {person.id: person.code for person in people.values()}
    found = await rotas.rotas(session)
    served = await rotas.areas_of_rotas(session, [rota.id for rota in found])
    return Known(
        # Somebody who has left is named by id: no code of somebody active stands for them.
        rotas=by_role(_known_rota(rota, bool(served.get(rota.id)), codes) for rota in found),
        people={person.code: frozenset(m.channel for m in methods[person.id]) for person in people.values()},
        desks={
            entry.code: KnownDesk(entry.role, entry.channel, tuple(Hours.model_validate(h) for h in entry.hours))
            for entry in await contacts.whole_directory(session)
        },
        templates=_templates(),
    )


def _known_rota(rota: Rota, local: bool, codes: Mapping[UUID, str]) -> KnownRota:  # noqa: FBT001
    rule = rule_of(rota)
    cover: dict[int, list[Hours]] = {}
    for layer in rule.layers:
        cover.setdefault(layer.position, []).extend(Hours.of(window) for window in layer.cover)
    members = tuple(codes.get(person, str(person)) for person in sorted(rule.people))
    return KnownRota(rota.role, members, rota.uncovered_role, cover, everywhere=not local)


@lru_cache(maxsize=1)
def _templates() -> dict[str, frozenset[str]]:
    """The wordings deployed with the service, with the channels each is written for."""
    entries = json.loads(settings().notify_templates_file.read_text())
    return {
        entry["name"]: frozenset(other["type"] for other in entries if other["name"] == entry["name"])
        for entry in entries
    }


async def _refuse_faults(session: TenantSession, policy: AlertPolicy) -> None:
    found = await faults_of(session, [policy.id])
    if found[policy.id]:
        raise Invalid(found[policy.id])


def _said(policy: AlertPolicy) -> str:
    return str(policy.state.value).replace("_", " ")


def _audit(session: TenantSession, action: str, policy: AlertPolicy, by: UUID) -> None:
    detail = {"type": policy.alert_type, "version": policy.version}
    session.audit_entries.append(Entry(action, "alert_policy", policy.id, by, detail))
