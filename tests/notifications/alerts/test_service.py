"""Alerts: both slots must answer, one answer stops one slot, no answer climbs the ladder on time."""

from datetime import timedelta

from notifications.alerts import service
from notifications.alerts.models import AlertState, Answer, SlotState
from support.scene import AGAIN, FIRST, PAGE, WINDOW, Scene

INSTANT = timedelta(milliseconds=1)
NOTICES = {
    "email coroner.north@example.org",
    "email cdop.cambs@example.org",
    "email social.care.cambridgeshire@example.org",
    "email control.room.cambs@example.org",
    "email gp.liaison.cambs@example.org",
}


async def test_a_report_pages_paediatrician_and_sio_by_push_and_sms_at_once(scene: Scene) -> None:
    await scene.report()
    called = await scene.reach(FIRST, await scene.on_call("paediatrician"), await scene.on_call("sio"))
    arrived = scene.phones.new()
    assert arrived.pop(PAGE) == called
    assert set(arrived.pop("statutory-notice")) == NOTICES
    assert not arrived
    assert await scene.alarms() == []


async def test_the_alert_is_met_only_when_both_have_answered(scene: Scene) -> None:
    await scene.report()
    await scene.acknowledge("paediatrician", await scene.on_call("paediatrician"))
    assert (await scene.alert()).state is AlertState.OPEN
    await scene.clock.advance(timedelta(seconds=30))
    sio = await scene.on_call("sio")
    await scene.acknowledge("sio", sio)
    alert, slot = await scene.alert(), await scene.slot("sio")
    assert alert.state is AlertState.MET
    assert alert.met_at == slot.acknowledged_at
    assert slot.acknowledged_by == sio
    assert (await scene.pages("sio"))[0].answer is Answer.ACKNOWLEDGED


async def test_one_answer_stops_that_slot_alone(scene: Scene) -> None:
    await scene.report()
    scene.phones.new()
    await scene.acknowledge("paediatrician", await scene.on_call("paediatrician"))
    await scene.wait(WINDOW)
    assert scene.phones.new() == {PAGE: await scene.reach(AGAIN, await scene.on_call("sio"))}
    await scene.acknowledge("sio", await scene.on_call("sio"))
    for _ in range(8):
        await scene.wait(WINDOW)
    assert scene.phones.new() == {}


async def test_no_answer_calls_the_next_rung_at_the_end_of_the_window_and_not_before(scene: Scene) -> None:
    await scene.report()
    scene.phones.new()
    await scene.wait(WINDOW - INSTANT)
    assert scene.phones.new() == {}
    await scene.wait(INSTANT)
    both = await scene.on_call("paediatrician"), await scene.on_call("sio")
    assert scene.phones.new() == {PAGE: await scene.reach(AGAIN, *both)}
    first, second = await scene.pages("sio")
    assert first.answer is Answer.EXPIRED
    assert first.answered_at == first.expires_at == second.paged_at
    await scene.wait(WINDOW - INSTANT)
    assert scene.phones.new() == {}


async def test_the_ladder_climbs_repeats_and_ends_in_an_alarm(scene: Scene) -> None:
    await scene.report()
    scene.phones.new()
    await scene.acknowledge("sio", await scene.on_call("sio"))
    paediatrician, doctor = await scene.on_call("paediatrician"), await scene.on_call("designated_doctor")
    rungs = [(FIRST, paediatrician), (AGAIN, paediatrician), (FIRST, doctor)] * 3
    for channels, person in rungs[1:]:
        await scene.wait(WINDOW)
        assert scene.phones.new() == {PAGE: await scene.reach(channels, person)}
    await scene.wait(WINDOW)
    assert scene.phones.new() == {"statutory-notice": ["email systems.cambs@example.org"]}
    assert await scene.alarms() == [("ladder_exhausted", "paediatrician")]
    assert (await scene.slot("paediatrician")).state is SlotState.EXHAUSTED
    assert (await scene.alert()).state is AlertState.OPEN
    await scene.wait(timedelta(days=1))
    assert PAGE not in scene.phones.new()


async def test_a_decline_moves_on_at_once_to_somebody_else(scene: Scene) -> None:
    await scene.report()
    scene.phones.new()
    paediatrician = await scene.on_call("paediatrician")
    await scene.decline("paediatrician", paediatrician)
    # The next rung would be the same person by other channels, who has just said no.
    assert scene.phones.new() == {PAGE: await scene.reach(FIRST, await scene.on_call("designated_doctor"))}
    page = (await scene.pages("paediatrician"))[0]
    assert (page.answer, page.reason) == (Answer.DECLINED, "in theatre until noon")
    assert await scene.alarms() == []
    await scene.wait(WINDOW - INSTANT)
    sio = await scene.on_call("sio")
    assert scene.phones.new() == {}
    await scene.wait(INSTANT)
    assert (await scene.slot("paediatrician")).state is SlotState.PAGING
    arrived = scene.phones.new()[PAGE]
    assert arrived == sorted(
        [*await scene.reach(AGAIN, sio), *await scene.reach(FIRST, await scene.on_call("designated_doctor"))]
    )


async def test_declining_again_changes_nothing_and_calls_nobody(scene: Scene) -> None:
    await scene.report()
    paediatrician = await scene.on_call("paediatrician")
    await scene.decline("paediatrician", paediatrician)
    scene.phones.new()
    step = (await scene.decline("paediatrician", paediatrician)).step
    assert scene.phones.new() == {}
    assert step == 2
    assert len(await scene.pages("paediatrician")) == 2


async def test_who_declined_may_think_again(scene: Scene) -> None:
    await scene.report()
    paediatrician = await scene.on_call("paediatrician")
    await scene.decline("paediatrician", paediatrician)
    scene.phones.new()
    await scene.acknowledge("paediatrician", paediatrician)
    await scene.wait(WINDOW)
    assert scene.phones.new() == {PAGE: await scene.reach(AGAIN, await scene.on_call("sio"))}


async def test_opening_is_recorded_apart_and_answers_nothing(scene: Scene) -> None:
    await scene.report()
    scene.phones.new()
    sio = await scene.on_call("sio")
    opened_at = await scene.clock.advance(timedelta(seconds=20))
    for _ in range(2):
        async with scene.partnership.session() as session:
            await service.opened(session, scene.alert_id, sio)
            await session.commit()
        await scene.clock.advance(timedelta(seconds=5))
    page = (await scene.pages("sio"))[0]
    assert (page.opened_at, page.answer) == (opened_at, None)
    assert (await scene.pages("paediatrician"))[0].opened_at is None
    assert (await scene.slot("sio")).state is SlotState.PAGING
    await scene.wait(WINDOW)
    assert set(await scene.reach(AGAIN, sio)) <= set(scene.phones.new()[PAGE])
