"""A policy in force that comes to lean on nobody is told of before an alert finds out, and once."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.kit.tasks import owe_once
from notifications.alerts.models import ConfigurationAlarm
from notifications.rotas import repository
from notifications.rotas.changes import tell
from support.api import rows
from support.scene import Scene
from tenants.contacts.changes import CONTACTS_CHANGED

OWNER = {"statutory-notice": ["email systems.cambs@example.org"]}
GONE = "UPDATE directory_entry SET retired_at = app.now() WHERE code = 'police-control-room'"
BACK = "UPDATE directory_entry SET retired_at = NULL WHERE code = 'police-control-room'"


async def look(scene: Scene) -> None:
    async with scene.partnership.session() as session:
        await owe_once(session, CONTACTS_CHANGED, scene.partnership.id)
        await session.commit()
    await scene.work.run_due()


async def alarms(scene: Scene) -> list[tuple[str, str]]:
    return [(str(one.kind), one.role) for one in await rows(scene.partnership, ConfigurationAlarm)]


async def test_the_reference_policies_lean_on_what_is_there(scene: Scene) -> None:
    await look(scene)
    assert await alarms(scene) == []
    assert scene.phones.new() == {}


async def test_a_policy_that_became_faulty_is_told_of_once_and_again_after_it_was_mended(scene: Scene) -> None:
    await scene.change(GONE)
    await look(scene)
    faulty = await alarms(scene)
    assert {kind for kind, _ in faulty} == {"policy_fault"}
    assert "child-death-notification-fan-out" in {role for _, role in faulty}
    assert len(faulty) > 1
    assert scene.phones.new() == OWNER  # one message, whatever the number of policies
    await look(scene)
    assert await alarms(scene) == faulty
    assert scene.phones.new() == {}
    for statement in (BACK, GONE):
        await scene.change(statement)
        await look(scene)
    assert await alarms(scene) == faulty * 2


async def rota_changes(scene: Scene) -> None:
    async with scene.partnership.session() as session:
        rota = next(one for one in await repository.rotas(session) if one.role == "sio")
        await tell(session, rota.id, "rota.recalculated", "rota", rota.id, None)
        await session.commit()
    await scene.work.run_due()


async def test_a_change_to_a_rota_is_looked_at_and_one_who_is_out_of_reach_is_the_rotas_to_warn_of(
    scene: Scene,
) -> None:
    await scene.change("UPDATE person SET active = false WHERE code = 'magnus-tallow'")
    await rota_changes(scene)
    assert await alarms(scene) == []
    await scene.change("UPDATE person SET active = false WHERE code = 'greta-stonecrop'")
    await rota_changes(scene)
    assert {kind for kind, _ in await alarms(scene)} == {"policy_fault"}


@pytest.mark.parametrize("statement", ["UPDATE alert_policy SET slots = '[]'", "DELETE FROM alert_policy"])
async def test_a_look_changes_nothing_of_what_a_policy_says(scene: Scene, statement: str) -> None:

    async with scene.partnership.session() as session:
        with pytest.raises(DBAPIError, match="permission denied"):
            await session.execute(text(statement))
