"""Answers: who may give one, which stands, and what two at once come to."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from backend.kit.problems import Conflict, Forbidden, NotFound
from notifications.alerts import service
from notifications.alerts.models import AlertState, SlotState
from notifications.alerts.repository import locked_slot
from support.partnership import Partnership
from support.scene import FIRST, PAGE, WINDOW, Scene

ROUNDS, SOON = 8, 20


async def climbed_to_the_doctor(scene: Scene) -> None:
    """Both the paediatrician and the designated doctor have been called."""
    await scene.report()
    await scene.wait(WINDOW)
    await scene.wait(WINDOW)
    scene.phones.new()


async def test_only_who_was_called_for_the_slot_may_answer(scene: Scene, herts: Partnership) -> None:
    await scene.report()
    paediatrician, sio = await scene.on_call("paediatrician"), await scene.on_call("sio")
    bystander = (await scene.partnership.member("clinician")).person_id
    for role, person in (("sio", paediatrician), ("paediatrician", sio), ("sio", bystander)):
        with pytest.raises(Forbidden):
            await scene.acknowledge(role, person)
        with pytest.raises(Forbidden):
            await scene.decline(role, person)
    async with herts.session() as session:
        with pytest.raises(NotFound):
            await service.acknowledge(session, scene.slot_ids["sio"], sio)
    assert [(await scene.slot(role)).state for role in scene.slot_ids] == [SlotState.PAGING] * 2


async def test_the_first_answer_stands_and_the_second_is_told_so(scene: Scene) -> None:
    await climbed_to_the_doctor(scene)
    paediatrician, doctor = await scene.on_call("paediatrician"), await scene.on_call("designated_doctor")
    taken = await scene.acknowledge("paediatrician", paediatrician)
    await scene.clock.advance(timedelta(seconds=5))
    with pytest.raises(Conflict):
        await scene.acknowledge("paediatrician", doctor)
    with pytest.raises(Conflict):
        await scene.decline("paediatrician", doctor)
    slot = await scene.slot("paediatrician")
    assert (slot.acknowledged_by, slot.acknowledged_at) == (paediatrician, taken.acknowledged_at)


async def test_answering_twice_is_one_answer(scene: Scene) -> None:
    await scene.report()
    sio = await scene.on_call("sio")
    first = await scene.acknowledge("sio", sio)
    await scene.clock.advance(timedelta(seconds=5))
    again = await scene.acknowledge("sio", sio)
    assert again.acknowledged_at == first.acknowledged_at
    async with scene.partnership.session() as session:
        recorded = "SELECT count(*) FROM audit_entry WHERE action = 'slot.acknowledged'"
        assert await session.scalar(text(recorded)) == 1


async def test_who_comes_after_an_answer_waits_for_nobody(scene: Scene) -> None:
    await climbed_to_the_doctor(scene)
    paediatrician, doctor = await scene.on_call("paediatrician"), await scene.on_call("designated_doctor")
    await scene.acknowledge("paediatrician", paediatrician)
    async with scene.partnership.session() as other, asyncio.timeout(SOON):
        await locked_slot(other, scene.slot_ids["paediatrician"])
        assert (await scene.acknowledge("paediatrician", paediatrician)).acknowledged_by == paediatrician
        with pytest.raises(Conflict):
            await scene.acknowledge("paediatrician", doctor)


async def test_who_was_called_first_may_still_come_after_the_ladder_has_moved_on(scene: Scene) -> None:
    await climbed_to_the_doctor(scene)
    await scene.acknowledge("paediatrician", await scene.on_call("paediatrician"))
    await scene.wait(WINDOW)
    doctor = set(await scene.reach(FIRST, await scene.on_call("designated_doctor")))
    assert not doctor & set(scene.phones.new()[PAGE])


async def test_an_exhausted_slot_can_still_be_answered(scene: Scene) -> None:
    await scene.report()
    await scene.acknowledge("sio", await scene.on_call("sio"))
    for _ in range(9):
        await scene.wait(WINDOW)
    assert (await scene.slot("paediatrician")).state is SlotState.EXHAUSTED
    with pytest.raises(Conflict):
        await scene.decline("paediatrician", await scene.on_call("paediatrician"))
    await scene.acknowledge("paediatrician", await scene.on_call("designated_doctor"))
    assert (await scene.alert()).state is AlertState.MET


async def test_two_slots_answered_at_the_same_moment_always_meet_the_alert(scene: Scene) -> None:
    people = {role: await scene.on_call(role) for role in ("paediatrician", "sio")}
    for _ in range(ROUNDS):
        await scene.report(send=False)
        await asyncio.gather(*(scene.acknowledge(role, person) for role, person in people.items()))
        assert (await scene.alert()).state is AlertState.MET
    await scene.work.run_due()
    assert PAGE not in scene.phones.new()


async def test_an_answer_that_races_with_the_escalation_is_kept_and_silences_it(scene: Scene) -> None:
    person = await scene.on_call("paediatrician")
    for _ in range(ROUNDS):
        await scene.report(send=False)
        await scene.acknowledge("sio", await scene.on_call("sio"))
        page = (await scene.pages("paediatrician"))[0]
        await scene.clock.advance(WINDOW)

        async def escalate(page_id: object = page.id) -> None:
            async with scene.partnership.session() as session:
                await service.escalate(session, page_id)  # type: ignore[arg-type]
                await session.commit()

        await asyncio.gather(escalate(), scene.acknowledge("paediatrician", person))
        slot = await scene.slot("paediatrician")
        assert (slot.state, slot.acknowledged_by) == (SlotState.ACKNOWLEDGED, person)
        assert (await scene.alert()).state is AlertState.MET
    await scene.work.run_due()
    await scene.wait(WINDOW)
    assert PAGE not in scene.phones.new()


async def test_two_people_of_one_slot_at_the_same_moment_have_one_winner(scene: Scene) -> None:
    await climbed_to_the_doctor(scene)
    people = await scene.on_call("paediatrician"), await scene.on_call("designated_doctor")
    answers = await asyncio.gather(
        *(scene.acknowledge("paediatrician", person) for person in people), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(answer) for answer in refused] == [Conflict]
    winner = people[0] if isinstance(answers[1], Conflict) else people[1]
    assert (await scene.slot("paediatrician")).acknowledged_by == winner
