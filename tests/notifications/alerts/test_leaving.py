"""Somebody leaves in the middle of an alert: what waits for them goes on at once, and they hear no more."""

from datetime import timedelta
from uuid import UUID

import pytest

from backend.identity import people
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import Forbidden
from notifications.alerts import attendance, leaving, offers, repository
from notifications.alerts.models import AlertState, Answer, OfferState, SlotState
from support.ladders import call, put_in_force, rota, slot
from support.scene import Scene

CALL = "urgent-call"


@pytest.fixture
async def by(scene: Scene) -> Caller:
    return await scene.partnership.member("administrator")


async def leave(scene: Scene, person: UUID, by: Caller) -> None:
    async with scene.partnership.session() as session:
        await people.leave(session, person, "Moved away", by=by)
        await session.commit()
    await scene.work.run_due()


async def called_twice(scene: Scene) -> UUID:
    """Call a ladder of two rungs; whom its first rung called."""
    await put_in_force(scene, slot(rota("sio"), rota("detective_superintendent")))
    await call(scene)
    scene.phones.new()
    return await scene.on_call("sio")


async def test_who_was_being_called_is_passed_over_at_once(scene: Scene, by: Caller) -> None:
    sio = await called_twice(scene)
    await leave(scene, sio, by)
    next_one = await scene.on_call("detective_superintendent")
    assert scene.phones.new()[CALL] == await scene.reach(["sms"], next_one)
    pages = await scene.pages("first")
    assert [(page.person_id, page.answer) for page in pages] == [(sio, Answer.UNREACHABLE), (next_one, None)]
    await scene.wait(timedelta(minutes=30))
    assert not set(scene.phones.new().get(CALL, ())) & set(await scene.reach(["sms"], sio))


async def test_a_slot_that_they_hold_is_opened_and_called_anew(scene: Scene, by: Caller) -> None:
    sio = await called_twice(scene)
    await scene.acknowledge("first", sio)
    assert (await scene.alert()).state is AlertState.MET
    await leave(scene, sio, by)
    found, alert = await scene.slot("first"), await scene.alert()
    assert (found.state, found.acknowledged_by, alert.state) == (SlotState.PAGING, None, AlertState.OPEN)
    # The rota's role for uncovered hours answers in their place from the first rung.
    assert scene.phones.new()[CALL] == await scene.reach(["sms"], await scene.on_call("detective_superintendent"))


@pytest.mark.parametrize("done", ["attended", "long ago", "closed"])
async def test_nobody_is_woken_for_what_is_done(scene: Scene, by: Caller, done: str) -> None:
    sio = await called_twice(scene)
    await scene.acknowledge("first", sio)
    if done == "attended":
        async with scene.partnership.session() as session:
            await attendance.confirm(session, scene.slot_ids["first"], sio)
            await session.commit()
    elif done == "long ago":
        await scene.change("UPDATE alert_slot SET acknowledged_at = app.now() - interval '25 hours'")
    else:
        await scene.change("UPDATE alert SET state = 'closed'")
    await leave(scene, sio, by)
    assert CALL not in scene.phones.new()
    assert (await scene.slot("first")).acknowledged_by == sio


@pytest.mark.parametrize("taken", [True, False])
async def test_whom_the_matter_turns_out_to_be_about_is_called_no_more(
    scene: Scene, by: Caller, *, taken: bool
) -> None:
    sio = await called_twice(scene)
    if taken:
        await scene.acknowledge("first", sio)
    async with scene.partnership.session() as session:
        moved = await leaving.keep_out(session, (await scene.alert()).subject_id, sio, by=by.person_id)
        await session.commit()
    await scene.work.run_due()
    next_one = await scene.on_call("detective_superintendent")
    assert (moved, scene.phones.new()[CALL]) == (1, await scene.reach(["sms"], next_one))
    await scene.wait(timedelta(hours=2))
    assert not set(scene.phones.new().get(CALL, ())) & set(await scene.reach(["sms"], sio))


@pytest.mark.parametrize("late", [False, True])
async def test_whom_the_matter_is_about_cannot_take_what_they_were_called_for(
    scene: Scene, by: Caller, *, late: bool
) -> None:
    sio = await called_twice(scene)
    if late:  # their time ran out first, so that nothing of theirs is left to move on
        await scene.wait(timedelta(minutes=2))
    async with scene.partnership.session() as session:
        await leaving.keep_out(session, (await scene.alert()).subject_id, sio, by=by.person_id)
        await session.commit()
    with pytest.raises(Forbidden):
        await scene.acknowledge("first", sio)
    assert (await scene.slot("first")).acknowledged_by is None


async def test_of_other_matters_they_are_called_as_before(scene: Scene, by: Caller) -> None:
    sio = await called_twice(scene)
    async with scene.partnership.session() as session:
        assert await leaving.keep_out(session, uuid7(), sio, by=by.person_id) == 0
        await session.commit()
    assert [(page.person_id, page.answer) for page in await scene.pages("first")] == [(sio, None)]


async def test_an_offer_to_them_goes_back_to_its_giver(scene: Scene, by: Caller) -> None:
    sio = await called_twice(scene)
    await scene.acknowledge("first", sio)
    other, offer_id = await scene.on_call("detective_superintendent"), uuid7()
    async with scene.partnership.session() as session:
        await offers.offer(session, scene.slot_ids["first"], sio, other, within=600, offer_id=offer_id)
        await session.commit()
    await leave(scene, other, by)
    async with scene.partnership.session() as session:
        assert (await repository.offer(session, offer_id)).state is OfferState.DECLINED
    assert (await scene.slot("first")).acknowledged_by == sio
