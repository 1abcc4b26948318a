"""The last way to reach somebody is kept while anybody's duty hangs on it."""

from uuid import UUID

import pytest

from backend.kit.problems import Conflict
from notifications.readiness import reliance
from notifications.rotas import repository, service
from notifications.rotas.resolution import AdjustmentKind
from support.ladders import call, put_in_force, slot, step
from support.scene import Scene
from tenants.contacts import repository as contacts


@pytest.fixture
async def clinician(scene: Scene) -> UUID:
    """Somebody on no rota, with one way left to be reached."""
    person = await scene.person("juniper-blythe")
    statement = "UPDATE contact_method SET retired_at = app.now() WHERE person_id = :person AND channel <> 'sms'"
    await scene.change(statement, person=person)
    return person


async def retire(scene: Scene, person: UUID) -> None:
    async with scene.partnership.session() as session:
        (last,) = (await contacts.contact_methods(session, [person]))[person]
        await reliance.retire_method(session, person, last.id)
        await session.commit()


async def test_whom_nobody_leans_on_may_go(scene: Scene, clinician: UUID) -> None:
    await retire(scene, clinician)
    async with scene.partnership.session() as session:
        assert not (await contacts.contact_methods(session, [clinician]))[clinician]


@pytest.mark.parametrize("target", [
    {"kind": "person", "person": "juniper-blythe"},
    {"kind": "team", "team": "callers", "members": ["juniper-blythe"]},
])  # fmt: skip
async def test_whom_a_policy_names_is_kept(scene: Scene, clinician: UUID, target: dict[str, object]) -> None:
    await put_in_force(scene, slot(step(target)))
    with pytest.raises(Conflict, match="alert policy calls you by name"):
        await retire(scene, clinician)


async def test_who_holds_an_open_alert_is_kept(scene: Scene, clinician: UUID) -> None:
    await put_in_force(scene, slot(step({"kind": "person", "person": "juniper-blythe"})), alert_type="once")
    await call(scene, alert_type="once")
    await scene.change("UPDATE alert_policy SET state = 'superseded' WHERE alert_type = 'once'")
    with pytest.raises(Conflict, match="an open alert waits for you"):
        await retire(scene, clinician)


async def test_who_is_put_on_call_by_hand_is_kept_although_no_rule_names_them(scene: Scene, clinician: UUID) -> None:
    async with scene.partnership.session() as session:
        now = await session.now()
        rota = next(one for one in await repository.rotas(session) if one.role == "duty_manager")
        shift = next(
            one for one in await repository.shifts(session, [rota.id], now, now + service.HORIZON)
            if one.during.lower is not None and one.during.lower > now
        )  # fmt: skip
        assert shift.during.lower is not None
        assert shift.during.upper is not None
        await service.adjust(
            session, rota.id, AdjustmentKind.REPLACED, shift.during.lower, shift.during.upper,
            person=shift.person_id, instead=clinician, position=1, by=clinician, reason="cover",
        )  # fmt: skip
        await session.commit()
    with pytest.raises(Conflict, match="on call or soon will be"):
        await retire(scene, clinician)
