"""Cancelling and standing down: everybody who was called is told once, and then there is silence."""

from datetime import timedelta
from uuid import UUID

import pytest

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, NotFound
from notifications.alerts import attendance, closing, service
from notifications.alerts.models import AlertState, Ending, SlotState
from support.ladders import call, put_in_force, rota, slot
from support.scene import FIRST, PAGE, WINDOW, Scene

OVER = "alert-stood-down"
ERROR = "alert-cancelled"


async def close(scene: Scene, ending: Ending = Ending.STOOD_DOWN, alert_id: UUID | None = None) -> None:
    async with scene.partnership.session() as session:
        by = (await scene.partnership.member("duty_manager")).person_id
        await closing.close(session, alert_id or scene.alert_id, by, ending, "Resolved at the scene.")
        await session.commit()
    await scene.work.run_due()


def told(scene: Scene) -> list[str]:
    """Every address that anything has reached since the last look."""
    return sorted(address for found in scene.phones.new().values() for address in found)


async def test_all_who_were_called_are_told_once_by_the_addresses_that_rang(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio"), rota("detective_superintendent")))
    sio, above = await scene.on_call("sio"), await scene.on_call("detective_superintendent")
    await call(scene)
    await scene.wait(timedelta(seconds=120))
    scene.phones.new()
    await close(scene)
    assert scene.phones.new() == {OVER: await scene.reach(["sms"], sio, above)}
    alert, found = await scene.alert(), await scene.slot("first")
    assert (alert.state, alert.closed_as, found.state) == (AlertState.CLOSED, Ending.STOOD_DOWN, SlotState.CANCELLED)
    await scene.wait(timedelta(days=1))
    assert scene.phones.new() == {}


async def test_who_was_called_for_two_slots_is_told_once(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")), slot(rota("sio"), role="second"))
    await call(scene)
    scene.phones.new()
    await close(scene, Ending.CANCELLED)
    assert scene.phones.new() == {ERROR: await scene.reach(["sms"], await scene.on_call("sio"))}


async def test_who_has_answered_is_told_and_stays_on_record(scene: Scene) -> None:
    await scene.report()
    sio, paediatrician = await scene.on_call("sio"), await scene.on_call("paediatrician")
    await scene.acknowledge("sio", sio)
    scene.phones.new()
    await close(scene)
    assert told(scene) == await scene.reach(FIRST, sio, paediatrician)
    assert ((await scene.slot("sio")).state, (await scene.slot("paediatrician")).state) == (
        SlotState.ACKNOWLEDGED, SlotState.CANCELLED,
    )  # fmt: skip
    for _ in range(4):
        await scene.wait(WINDOW)
    assert scene.phones.new() == {}


async def test_an_alert_that_never_left_is_cancelled_without_a_word(scene: Scene) -> None:
    await scene.report(send=False)
    await close(scene, Ending.CANCELLED)
    assert PAGE not in scene.phones.new()
    assert {str(delivery.state) for delivery in await scene.deliveries("sio")} == {"cancelled"}
    await scene.wait(timedelta(days=1))
    assert PAGE not in scene.phones.new()


async def test_nothing_is_sent_later_for_a_closed_alert(scene: Scene) -> None:
    """Neither a second ring, nor a rung, nor a lapse of attendance."""
    await put_in_force(
        scene,
        slot(rota("sio", page_again_every=30), rota("detective_superintendent"), repeat=3),
        slot(rota("duty_manager"), role="second", confirm_within=60),
    )
    await call(scene)
    await scene.acknowledge("second", await scene.on_call("duty_manager"))
    await close(scene)
    scene.phones.new()
    for _ in range(30):
        await scene.wait(timedelta(seconds=30))
    assert scene.phones.new() == {}


async def test_a_closed_alert_takes_no_answer_and_is_not_closed_again(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")), slot(rota("duty_manager"), role="second", confirm_within=60))
    await call(scene)
    sio, manager = await scene.on_call("sio"), await scene.on_call("duty_manager")
    await scene.acknowledge("second", manager)
    await close(scene)
    with pytest.raises(Conflict, match="cancelled"):
        await scene.acknowledge("first", sio)
    with pytest.raises(Conflict):
        await scene.decline("first", sio)
    async with scene.partnership.session() as session:
        with pytest.raises(Conflict):
            await service.override(session, scene.slot_ids["first"], sio, manager, "too late")
        with pytest.raises(Conflict):
            await attendance.confirm(session, scene.slot_ids["second"], manager)
    with pytest.raises(Conflict, match="closed before: "):
        await close(scene)
    with pytest.raises(NotFound):
        await close(scene, alert_id=uuid7())


async def test_a_drill_ends_in_words_that_say_so(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    await call(scene, drill=True)
    scene.phones.new()
    await close(scene)
    assert scene.phones.new() == {"drill-ended": await scene.reach(["sms"], await scene.on_call("sio"))}
