"""Rotas and alert policies of a partnership: what decides who is paged."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import Range, insert
from sqlmodel import col

from backend.kit.ids import uuid7
from backend.kit.tasks import owe
from backend.onboarding.archetype import Archetype, RotaPlan
from backend.onboarding.rows import Rows
from notifications.ladders.models import AlertPolicy, PolicyState
from notifications.rotas.expansion import expand
from notifications.rotas.models import Rota, Shift
from notifications.rotas.service import EXTEND_ROTA, HORIZON, materialise, rule_of

_INSTANT = timedelta(microseconds=1)


async def bring_rotas(rows: Rows, archetype: Archetype, people: Mapping[str, UUID]) -> None:
    """Bring rotas in line and their shifts ``HORIZON`` ahead; ``people`` are ids by code.

    A rota that is new extends itself each day from now on. One whose rule has changed is handed
    over at once: past shifts stay as they were, those to come are made anew.
    """
    before = {rota.role: rota.rule for rota in await rows.session.scalars(select(Rota))}
    plans = [
        {"role": plan.role, "name": plan.name, "uncovered_role": plan.uncovered_role,
         "rule": _rule(plan, archetype.zone, people)}
        for plan in archetype.rotas
    ]  # fmt: skip
    now = await rows.session.now()
    for rota in await rows.bring(Rota, ("role",), plans):
        known = before.get(rota.role)
        if known is None:
            await owe(rows.session, EXTEND_ROTA, rota.id, due_at=now + timedelta(days=1))
        elif known != rota.rule:
            await _hand_over(rows, rota, now)
        if known != rota.rule:
            await materialise(rows.session, rota, now + HORIZON)
    await rows.session.flush()


def _rule(plan: RotaPlan, zone: str, people: Mapping[str, UUID]) -> dict[str, Any]:
    """The rule as stored, written the same way for the same plan so that two can be compared."""
    return {
        "zone": zone,
        "rotation": {
            "members": [str(people[code]) for code in plan.members],
            "first_handover": plan.first_handover.isoformat(),
            "period_days": plan.period_days,
        },
        "cover": [hours.model_dump(mode="json") for hours in plan.cover],
    }


async def _hand_over(rows: Rows, rota: Rota, now: datetime) -> None:
    """End the running shifts at ``now``, drop those to come, and start the new rule's running ones."""
    session = rows.session
    own = (col(Shift.tenant_id) == session.tenant_id, col(Shift.rota_id) == rota.id)
    await session.execute(delete(Shift).where(*own, func.lower(col(Shift.turn)) >= now))
    await session.execute(
        update(Shift)
        .where(*own, func.upper(col(Shift.during)) > now)
        .values(
            during=func.tstzrange(func.lower(col(Shift.during)), now),
            turn=func.tstzrange(func.lower(col(Shift.turn)), now),
        )
        .execution_options(synchronize_session=False)
    )
    running = expand(rule_of(rota), now, now + _INSTANT)
    if running:
        await session.execute(insert(Shift), [
            {"tenant_id": session.tenant_id, "id": uuid7(), "rota_id": rota.id, "person_id": turn.person,
             "during": Range(max(now, turn.starts_at), turn.ends_at),
             "turn": Range(max(now, turn.handed_over_at), turn.ends_at)}
            for turn in running
        ])  # fmt: skip
    rota.materialised_until = max([now, *(turn.ends_at for turn in running)])


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
