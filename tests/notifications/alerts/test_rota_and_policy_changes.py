"""What changes while an alert runs: the ladder never, who is on call always."""

from datetime import UTC, datetime, timedelta

import httpx

from infra.dev.clock import Clock
from notifications.alerts.models import AlertState
from support.ladders import call, put_in_force, rota, slot
from support.partnership import Partnership
from support.scene import AGAIN, FIRST, PAGE, WINDOW, Phones, Scene, coming
from support.work import Work

CALL = "urgent-call"
CHRISTMAS_EVE = datetime(2026, 12, 24, 20, 5, tzinfo=UTC)
ONLY_SUPERINTENDENT = """
    UPDATE alert_policy SET slots = jsonb_build_array(
        jsonb_set(slots->1, '{steps}', jsonb_build_array(slots->1->'steps'->2)))
    WHERE alert_type = 'child-death-joint-response'"""


async def test_an_edited_policy_reaches_the_next_alert_and_not_the_running_one(scene: Scene) -> None:
    await scene.report()
    await scene.acknowledge("paediatrician", await scene.on_call("paediatrician"))
    scene.phones.new()
    await scene.change(ONLY_SUPERINTENDENT)
    await scene.wait(WINDOW)
    assert scene.phones.new() == {PAGE: await scene.reach(AGAIN, await scene.on_call("sio"))}
    superintendent = await scene.on_call("detective_superintendent")
    await scene.report()
    assert scene.phones.new()[PAGE] == await scene.reach(FIRST, superintendent)
    await scene.acknowledge("sio", superintendent)
    assert (await scene.alert()).state is AlertState.MET


async def test_a_withdrawn_policy_leaves_the_running_ladder_alone(scene: Scene) -> None:
    await scene.report()
    scene.phones.new()
    await scene.change("UPDATE alert_policy SET state = 'superseded'")
    await scene.wait(WINDOW)
    both = await scene.on_call("paediatrician"), await scene.on_call("sio")
    assert scene.phones.new() == {PAGE: await scene.reach(AGAIN, *both)}


async def test_who_is_on_call_is_asked_anew_at_each_rung(scene: Scene) -> None:
    await scene.report()
    await scene.acknowledge("paediatrician", await scene.on_call("paediatrician"))
    scene.phones.new()
    before, stand_in = await scene.on_call("sio"), await scene.person("greta-stonecrop")
    await scene.change(
        "UPDATE shift SET person_id = :person WHERE during @> app.now()"
        " AND rota_id = (SELECT id FROM rota WHERE role = 'sio')",
        person=stand_in,
    )
    await scene.wait(WINDOW)
    assert scene.phones.new() == {PAGE: await scene.reach(AGAIN, stand_in)}
    await scene.acknowledge("sio", before)  # was called first, and comes after all
    await scene.wait(WINDOW)
    assert scene.phones.new() == {}


async def test_a_hand_over_between_two_rungs_calls_the_new_person(scene: Scene) -> None:
    await scene.at(coming(weekday=0, hour=8, minute=59))
    leaving = await scene.on_call("sio")
    await scene.report()
    assert set(await scene.reach(FIRST, leaving)) <= set(scene.phones.new()[PAGE])
    await scene.wait(WINDOW)
    arriving = await scene.on_call("sio")
    assert arriving != leaving
    arrived = set(scene.phones.new()[PAGE])
    assert set(await scene.reach(AGAIN, arriving)) <= arrived
    assert not set(await scene.reach(AGAIN, leaving)) & arrived


async def test_a_hand_over_within_a_rung_silences_nobody_who_was_called(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio", page_again_every=60, acknowledge_within=180), rota("sio")))
    await scene.at(coming(weekday=0, hour=8, minute=59))
    leaving = await scene.on_call("sio")
    await call(scene)
    first = scene.phones.new()[CALL]
    await scene.wait(timedelta(seconds=90))
    arriving = await scene.on_call("sio")
    assert arriving != leaving
    assert scene.phones.new()[CALL] == first == await scene.reach(["sms"], leaving)
    await scene.wait(timedelta(seconds=90))
    assert set(await scene.reach(["sms"], arriving)) <= set(scene.phones.new()[CALL])


async def test_at_night_without_health_cover_the_designated_doctor_is_called(scene: Scene) -> None:
    await scene.lay_out_shifts(CHRISTMAS_EVE)
    await scene.at(CHRISTMAS_EVE)
    await scene.report()
    doctor, sio = await scene.on_call("designated_doctor"), await scene.on_call("sio")
    assert scene.phones.new()[PAGE] == await scene.reach(FIRST, doctor, sio)
    assert [page.found_by for page in await scene.pages("paediatrician")] == ["rota:designated_doctor"]
    assert await scene.alarms() == []
    await scene.wait(WINDOW)
    assert scene.phones.new() == {PAGE: await scene.reach(AGAIN, doctor, sio)}


async def test_health_cover_begins_at_eight_on_christmas_day_too(scene: Scene) -> None:
    dawn = CHRISTMAS_EVE.replace(day=25, hour=7, minute=59)
    await scene.lay_out_shifts(dawn)
    await scene.at(dawn)
    await scene.report()
    doctor = await scene.on_call("designated_doctor")
    assert set(await scene.reach(FIRST, doctor)) <= set(scene.phones.new()[PAGE])
    await scene.acknowledge("sio", await scene.on_call("sio"))
    await scene.wait(WINDOW)
    paediatrician = (await scene.pages("paediatrician"))[-1]
    assert paediatrician.found_by == "rota:paediatrician"
    assert paediatrician.person_id not in {None, doctor}
    assert scene.phones.new() == {PAGE: await scene.reach(AGAIN, paediatrician.person_id or doctor)}


async def test_each_partnership_calls_its_own_people_in_its_own_time(
    scene: Scene, herts: Partnership, clock: Clock, work: Work, carrier: httpx.Client
) -> None:
    there = Scene(herts, scene.environment, clock, work, Phones(carrier))
    await there.report()
    people = await there.on_call("paediatrician"), await there.on_call("sio")
    arrived = there.phones.new()
    assert arrived[PAGE] == await there.reach(FIRST, *people)
    assert not [address for address in arrived["statutory-notice"] if "cambs" in address]
    await there.wait(timedelta(seconds=179))
    assert there.phones.new() == {}
    await there.wait(timedelta(seconds=1))
    assert there.phones.new() == {PAGE: await there.reach(AGAIN, *people)}
