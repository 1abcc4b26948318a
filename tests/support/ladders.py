"""Policies of a test's own making, put in force and raised."""

from typing import Any
from uuid import UUID

from backend.kit.ids import uuid7
from notifications.alerts import repository as alerts
from notifications.alerts.raising import raise_alert
from notifications.ladders import service
from notifications.ladders.policy import SlotPolicy
from support.scene import Scene
from tenants.partnerships import repository as partnerships

TYPE = "test-call"


def rota(role: str, **more: Any) -> dict[str, Any]:
    return step({"kind": "rota", "role": role}, **more)


def step(target: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"target": target, "channels": ["sms"], "acknowledge_within": 120, **more}


def slot(*steps: dict[str, Any], role: str = "first", **more: Any) -> dict[str, Any]:
    return {"role": role, "template": "urgent-call", "steps": list(steps), **more}


async def put_in_force(scene: Scene, *slots: dict[str, Any], alert_type: str = TYPE, check: bool = True) -> UUID:
    """Draft, validate and switch on the next version; without ``check`` its faults are let pass."""
    by = await scene.person("corin-waterbeck")
    policy_id = uuid7()
    async with scene.partnership.session() as session:
        plans = [SlotPolicy.model_validate(one) for one in slots]
        await service.draft(
            session, alert_type, title="A call of a test", citation="", manual=True, slots=plans, by=by,
            policy_id=policy_id,
        )  # fmt: skip
        await session.flush()
        if check:
            await service.validate(session, policy_id, by)
            await service.switch_on(session, policy_id, by)
        await session.commit()
    if not check:
        await scene.change("UPDATE alert_policy SET state = 'superseded' WHERE alert_type = :type", type=alert_type)
        await scene.change("UPDATE alert_policy SET state = 'in_force' WHERE id = :id", id=policy_id)
    return policy_id


async def call(
    scene: Scene,
    *,
    alert_type: str = TYPE,
    drill: bool = False,
    areas: tuple[str, ...] = (),
    never: tuple[UUID, ...] = (),
) -> UUID:
    """Raise an alert, let the workers run, and make it the scene's."""
    async with scene.partnership.session() as session:
        area_ids = [area.id for area in await partnerships.areas(session) if area.code in areas]
        made = await raise_alert(
            session, alert_type, subject_kind="test", subject_id=uuid7(), drill=drill, area_ids=area_ids, never=never
        )
        assert made is not None
        await session.commit()
        scene.alert_id = made.id
        scene.slot_ids = {one.role: one.id for one in (await alerts.slots(session, [made.id]))[made.id]}
    await scene.work.run_due()
    return scene.alert_id
