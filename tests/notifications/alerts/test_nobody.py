"""A rung that reaches nobody is an emergency: the next is called at once and the set-up's owner is told."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from notifications.alerts.models import Answer, SlotState
from support.scene import AGAIN, FIRST, PAGE, WINDOW, Scene

INSTANT = timedelta(milliseconds=1)
OWNER_TOLD = "email systems.cambs@example.org"
EMPTY_SIO_ROTA = (
    "UPDATE rota SET uncovered_role = NULL WHERE role = 'sio'",
    "DELETE FROM shift WHERE rota_id = (SELECT id FROM rota WHERE role = 'sio')",
)
WAYS_TO_REACH_NOBODY = {
    "the rota is empty": EMPTY_SIO_ROTA,
    "the person has left": ("UPDATE person SET active = false WHERE id = :sio",),
    "no way to reach them is recorded": ("DELETE FROM contact_method WHERE person_id = :sio",),
    "no number was ever verified": ("UPDATE contact_method SET verified_at = NULL WHERE person_id = :sio",),
    "every number is retired": ("UPDATE contact_method SET retired_at = app.now() WHERE person_id = :sio",),
}


@pytest.mark.parametrize("statements", WAYS_TO_REACH_NOBODY.values(), ids=WAYS_TO_REACH_NOBODY.keys())
async def test_the_next_rung_is_called_at_once_and_the_owner_told(scene: Scene, statements: tuple[str, ...]) -> None:
    sio = await scene.on_call("sio")
    for statement in statements:
        await scene.change(statement, sio=sio)
    await scene.report()
    called = await scene.on_call("paediatrician"), await scene.on_call("detective_superintendent")
    arrived = scene.phones.new()
    assert arrived[PAGE] == await scene.reach(FIRST, *called)
    # Two rungs try the same rota before the superintendent's.
    assert await scene.alarms() == [("nobody_found", "sio")] * 2
    assert arrived["statutory-notice"].count(OWNER_TOLD) == 2
    await scene.acknowledge("paediatrician", called[0])
    await scene.acknowledge("sio", called[1])
    await scene.wait(WINDOW)
    assert scene.phones.new() == {}


async def test_a_rota_that_empties_during_the_call_is_passed_over_at_its_rung(scene: Scene) -> None:
    await scene.report()
    await scene.acknowledge("paediatrician", await scene.on_call("paediatrician"))
    scene.phones.new()
    for statement in EMPTY_SIO_ROTA:
        await scene.change(statement)
    await scene.wait(WINDOW)
    superintendent = await scene.on_call("detective_superintendent")
    assert scene.phones.new() == {
        PAGE: await scene.reach(FIRST, superintendent),
        "statutory-notice": [OWNER_TOLD],
    }


async def test_when_no_rung_reaches_anybody_the_slot_is_exhausted_at_once(scene: Scene) -> None:
    await scene.change("DELETE FROM shift WHERE rota_id IN (SELECT id FROM rota WHERE role LIKE '%s%io%')")
    await scene.change("UPDATE person SET active = false WHERE post LIKE '%Senior investigating officer%'")
    await scene.change("UPDATE person SET active = false WHERE name LIKE 'Detective Superintendent%'")
    await scene.report()
    alarms = await scene.alarms()
    assert alarms[-1] == ("ladder_exhausted", "sio")
    assert len(alarms) == 9 + 1  # three rungs, climbed three times
    assert (await scene.slot("sio")).state is SlotState.EXHAUSTED
    arrived = scene.phones.new()
    assert arrived[PAGE] == await scene.reach(FIRST, await scene.on_call("paediatrician"))
    assert arrived["statutory-notice"].count(OWNER_TOLD) == 10


async def test_one_retired_number_leaves_the_other_ways(scene: Scene) -> None:
    sio = await scene.on_call("sio")
    await scene.change(
        "UPDATE contact_method SET retired_at = app.now() WHERE channel = 'sms' AND person_id = :sio", sio=sio
    )
    await scene.report()
    arrived = scene.phones.new()[PAGE]
    assert [a for a in arrived if a in await scene.reach((*FIRST, *AGAIN), sio)] == await scene.reach(["push"], sio)
    assert await scene.alarms() == []


async def test_who_can_only_be_reached_otherwise_is_reached_otherwise(scene: Scene) -> None:
    sio = await scene.on_call("sio")
    await scene.change("DELETE FROM contact_method WHERE channel IN ('sms', 'push') AND person_id = :sio", sio=sio)
    await scene.report()
    assert set(await scene.reach(["email"], sio)) <= set(scene.phones.new()[PAGE])
    assert await scene.alarms() == []


async def test_without_a_policy_the_report_is_accepted_and_the_owner_told(scene: Scene) -> None:
    await scene.change("UPDATE alert_policy SET state = 'superseded' WHERE alert_type = 'child-death-joint-response'")
    death = await scene.partnership.report_death()
    await scene.work.run_due()
    assert await scene.alarms() == [("no_policy", "child-death-joint-response")]
    arrived = scene.phones.new()
    assert OWNER_TOLD in arrived["statutory-notice"]
    assert PAGE not in arrived
    async with scene.partnership.session() as session:
        clocks = await session.scalar(text("SELECT count(*) FROM clock WHERE case_id = :case"), {"case": death.case_id})
    assert clocks == 4


async def test_without_any_policy_at_all_the_report_is_still_accepted(scene: Scene) -> None:
    await scene.change("UPDATE alert_policy SET state = 'superseded'")
    await scene.partnership.report_death()
    await scene.work.run_due()
    assert scene.phones.new() == {}
    assert ("no_policy", "child-death-joint-response") in await scene.alarms()


async def also_on_call(scene: Scene) -> UUID:
    """Another investigating officer for the hour around now, as in the repeated hour of autumn."""
    on_call = await scene.on_call("sio")
    officers = [await scene.person(code) for code in ("bram-cartwheel", "odette-larkspur")]
    other = next(officer for officer in officers if officer != on_call)
    await scene.change(
        """INSERT INTO shift (tenant_id, id, rota_id, position, person_id, during, turn, layer, turn_key)
           SELECT tenant_id, gen_random_uuid(), id, 1, :person,
                  tstzrange(app.now() - interval '1 hour', app.now() + interval '1 hour'), 'empty', '', ''
           FROM rota WHERE role = 'sio'""",
        person=other,
    )
    return other


async def test_of_two_on_call_one_dead_phone_ends_nothing_for_the_other(scene: Scene) -> None:
    sio, other = await scene.on_call("sio"), await also_on_call(scene)
    scene.phones.misbehave("unregistered", await scene.address(sio, "push"))
    await scene.change("DELETE FROM contact_method WHERE channel <> 'push' AND person_id = :sio", sio=sio)
    await scene.report()
    paediatrician = await scene.on_call("paediatrician")
    assert scene.phones.new()[PAGE] == await scene.reach(FIRST, paediatrician, other)
    pages = {page.person_id: page.answer for page in await scene.pages("sio")}
    assert pages == {sio: Answer.UNREACHABLE, other: None}
    await scene.acknowledge("paediatrician", paediatrician)
    await scene.wait(WINDOW - INSTANT)
    assert scene.phones.new() == {}
    await scene.wait(INSTANT)
    assert [page.answer for page in await scene.pages("sio") if page.step == 0 and page.person_id == other] == [
        Answer.EXPIRED
    ]
    assert scene.phones.new()[PAGE] == await scene.reach(AGAIN, other)


async def test_of_two_on_call_one_decline_leaves_the_other_their_time(scene: Scene) -> None:
    people = await scene.on_call("sio"), await also_on_call(scene)
    await scene.report()
    scene.phones.new()
    await scene.decline("sio", people[0])
    assert scene.phones.new() == {}
    await scene.decline("sio", people[1])
    assert scene.phones.new() == {PAGE: await scene.reach(FIRST, await scene.on_call("detective_superintendent"))}
