"""Rotas and alert policies of a partnership: what decides who is paged."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.kit.tasks import owe
from backend.onboarding.archetype import Archetype
from backend.onboarding.rows import Rows
from notifications.ladders.models import AlertPolicy, PolicyState
from notifications.rotas.changes import changed
from notifications.rotas.materialisation import HORIZON, materialise, rule_of, stored_rule
from notifications.rotas.models import Rota, RotaArea
from notifications.rotas.rules import RotaRule
from notifications.rotas.service import EXTEND_ROTA, ROTA_CHANGED


async def bring_rotas(rows: Rows, archetype: Archetype, people: Mapping[str, UUID], areas: Mapping[str, UUID]) -> None:
    """Bring rotas in line and their shifts ``HORIZON`` ahead; ``people`` and ``areas`` are ids by code.

    A rota that is new extends itself each day from now on. One whose rule has changed is handed
    over at once: past shifts stay as they were, those to come are made anew.
    """
    before = {rota.code: (rule_of(rota), rota.rule) for rota in await rows.session.scalars(select(Rota))}
    plans = [
        {"code": plan.code, "role": plan.role, "name": plan.name, "uncovered_role": plan.uncovered_role,
         "qualification": plan.qualification,
         "rule": _stored(plan.rule(archetype.zone, people), before.get(plan.code))}
        for plan in archetype.rotas
    ]  # fmt: skip
    now = await rows.session.now()
    rotas = await rows.bring(Rota, ("code",), plans)
    for rota in rotas:
        known = before.get(rota.code)
        if known is None:
            await owe(rows.session, EXTEND_ROTA, rota.id, due_at=now + timedelta(days=1))
            await owe(rows.session, ROTA_CHANGED, rota.id)
            await materialise(rows.session, rota, now + HORIZON)
        elif known[1] != rota.rule:
            await changed(rows.session, [rota], "rota.rule_changed", "rota", rota.id, None)
            await materialise(rows.session, rota, now + HORIZON)
    served = [
        {"rota_id": rota.id, "area_id": areas[code]}
        for rota, plan in zip(rotas, archetype.rotas, strict=True)
        for code in plan.areas
    ]
    await rows.bring(RotaArea, ("rota_id", "area_id"), served)


def _stored(rule: RotaRule, known: tuple[RotaRule, dict[str, Any]] | None) -> dict[str, Any]:
    """The rule as it is to be stored: as it stands when it says the same in other words."""
    return known[1] if known is not None and known[0] == rule else stored_rule(rule)


async def bring_policies(rows: Rows, archetype: Archetype) -> None:
    """Put a new version in force for each type of alert that differs from the one in force."""
    session = rows.session
    versions: dict[str, list[AlertPolicy]] = {}
    for policy in await session.scalars(select(AlertPolicy).order_by(col(AlertPolicy.version))):
        versions.setdefault(policy.alert_type, []).append(policy)
    for alert_type, plan in archetype.alert_policies.items():
        wanted = plan.model_dump(mode="json")
        known = versions.pop(alert_type, [])
        in_force = next((policy for policy in known if policy.state == PolicyState.IN_FORCE), None)
        if in_force is not None and all(getattr(in_force, name) == value for name, value in wanted.items()):
            continue
        now = await session.now()
        if in_force is not None:
            rows.change(in_force, {"state": PolicyState.SUPERSEDED, "superseded_at": now})
            # The index that allows one version in force must see the old one go first.
            await session.flush()
        version = known[-1].version + 1 if known else 1
        rows.add(
            AlertPolicy(tenant_id=session.tenant_id, alert_type=alert_type, version=version, **wanted,
                        state=PolicyState.IN_FORCE, created_at=now, validated_at=now, switched_on_at=now)
        )  # fmt: skip
        await session.flush()
    rows.report.unplanned["alert_policy"] += len(versions)
