"""The life of a policy's version, and who did what to it."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import col

from backend.kit.audit import AuditEntry
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Invalid, NotFound
from notifications.ladders import repository, service
from notifications.ladders.models import AlertPolicy, PolicyState
from notifications.ladders.policy import SlotPolicy
from support.ladders import TYPE, call, put_in_force, rota, slot
from support.scene import Scene


async def draft(scene: Scene, *slots: dict[str, Any]) -> UUID:
    policy_id = uuid7()
    async with scene.partnership.session() as session:
        plans = [SlotPolicy.model_validate(one) for one in slots]
        await service.draft(
            session, TYPE, title="A call of a test", citation="Working Together 2005 ¶5.12", manual=True, slots=plans,
            by=await scene.person("alder-inkwell"), policy_id=policy_id,
        )  # fmt: skip
        await session.commit()
    return policy_id


async def do(scene: Scene, work: Any, policy_id: UUID) -> AlertPolicy:
    """Validate or switch on as the administrator, and commit."""
    async with scene.partnership.session() as session:
        found: AlertPolicy = await work(session, policy_id, await scene.person("alder-inkwell"))
        await session.commit()
    return found


async def policy(scene: Scene, policy_id: UUID) -> AlertPolicy:
    async with scene.partnership.session() as session:
        return await repository.policy(session, policy_id)


async def test_from_draft_to_force_and_superseded_by_the_next(scene: Scene) -> None:
    administrator = await scene.person("alder-inkwell")
    first = await draft(scene, slot(rota("sio")))
    assert (await policy(scene, first)).state is PolicyState.DRAFT
    assert (await do(scene, service.validate, first)).validated_by == administrator
    assert (await do(scene, service.switch_on, first)).switched_on_by == administrator
    second = await draft(scene, slot(rota("detective_superintendent")))
    await do(scene, service.validate, second)
    assert (await policy(scene, first)).state is PolicyState.IN_FORCE
    await do(scene, service.switch_on, second)
    before, after = await policy(scene, first), await policy(scene, second)
    assert (before.state, before.version, after.state, after.version) == (
        PolicyState.SUPERSEDED, 1, PolicyState.IN_FORCE, 2,
    )  # fmt: skip
    assert before.superseded_at == after.switched_on_at
    async with scene.partnership.session() as session:
        told = await session.scalars(
            select(AuditEntry).where(col(AuditEntry.subject_id) == first).order_by(col(AuditEntry.seq))
        )
        acts = [(entry.action, entry.actor_id) for entry in told]
    assert acts == [(f"alert_policy.{act}", administrator) for act in ("drafted", "validated", "switched_on")]


async def test_a_policy_with_a_fault_gets_no_further_and_every_fault_is_told(scene: Scene) -> None:
    policy_id = await draft(scene, slot(rota("nobody", acknowledge_within=None)), slot(rota("sio"), role="second"))
    with pytest.raises(Invalid) as raised:
        await do(scene, service.validate, policy_id)
    assert [error.field for error in raised.value.errors] == [
        "slots.0.steps.0.acknowledgeWithin", "slots.0.steps.0.target.role",
    ]  # fmt: skip
    with pytest.raises(Conflict, match="Validate it first"):
        await do(scene, service.switch_on, policy_id)
    assert (await policy(scene, policy_id)).state is PolicyState.DRAFT


async def test_what_has_changed_since_it_was_validated_is_seen_when_it_is_switched_on(scene: Scene) -> None:
    policy_id = await draft(scene, slot(rota("sio")))
    await do(scene, service.validate, policy_id)
    await scene.change("UPDATE person SET active = false WHERE code = 'bram-cartwheel'")
    with pytest.raises(Invalid):
        await do(scene, service.switch_on, policy_id)
    async with scene.partnership.session() as session:
        assert await repository.in_force(session, TYPE) is None


async def test_an_older_version_is_not_put_back_and_a_superseded_one_never_again(scene: Scene) -> None:
    older, newer = await draft(scene, slot(rota("sio"))), await draft(scene, slot(rota("sio")))
    await do(scene, service.validate, older)
    await do(scene, service.validate, newer)
    await do(scene, service.switch_on, newer)
    with pytest.raises(Conflict, match="in force and newer"):
        await do(scene, service.switch_on, older)
    await put_in_force(scene, slot(rota("sio")))
    for work in (service.validate, service.switch_on):
        with pytest.raises(Conflict, match="superseded"):
            await do(scene, work, newer)
    with pytest.raises(NotFound):
        await do(scene, service.switch_on, uuid7())


async def test_the_product_cannot_edit_what_a_version_says(scene: Scene) -> None:
    policy_id = await put_in_force(scene, slot(rota("sio")))
    for change in ("slots = '[]'", "title = 'other'", "version = 9"):
        async with scene.partnership.session() as session:
            with pytest.raises(ProgrammingError, match="permission denied"):
                await session.execute(text(f"UPDATE alert_policy SET {change} WHERE id = '{policy_id}'"))  # noqa: S608


async def test_a_running_alert_keeps_its_version(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    await call(scene)
    await put_in_force(scene, slot(rota("detective_superintendent")))
    assert (await scene.alert()).policy_version == 1
    await call(scene)
    assert (await scene.alert()).policy_version == 2


async def test_every_policy_of_the_reference_partnership_could_be_switched_on_today(scene: Scene) -> None:
    async with scene.partnership.session() as session:
        found = await repository.all_in_force(session)
        assert len(found) == 32
        assert await service.faults_of(session, [one.id for one in found]) == {one.id: [] for one in found}
