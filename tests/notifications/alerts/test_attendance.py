"""An answer that no attendance follows, an answer given for somebody, and a slot that changes hands."""

from datetime import timedelta
from uuid import UUID

import pytest

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Forbidden, Invalid, NotFound
from notifications.alerts import attendance, handover, offers, repository, service
from notifications.alerts.models import AlertSlot, AlertState, Answer, OfferState, SlotState
from support.ladders import call, put_in_force, rota, slot
from support.scene import Scene

CALL = "urgent-call"
INSTANT = timedelta(milliseconds=1)


@pytest.fixture
async def sio(scene: Scene) -> UUID:
    """Who was called, for a slot whose attendance must be confirmed within ten minutes, and has answered."""
    await put_in_force(scene, slot(rota("sio"), rota("detective_superintendent"), confirm_within=600))
    await call(scene)
    person = await scene.on_call("sio")
    await scene.acknowledge("first", person)
    scene.phones.new()
    return person


async def confirm(scene: Scene, person: UUID) -> AlertSlot:
    async with scene.partnership.session() as session:
        found = await attendance.confirm(session, scene.slot_ids["first"], person)
        await session.commit()
    return found


async def offer(scene: Scene, giver: UUID, receiver: UUID, within: int = 300) -> UUID:
    offer_id = uuid7()
    async with scene.partnership.session() as session:
        await offers.offer(session, scene.slot_ids["first"], giver, receiver, within=within, offer_id=offer_id)
        await session.commit()
    await scene.work.run_due()
    return offer_id


async def state_of(scene: Scene, offer_id: UUID) -> OfferState:
    async with scene.partnership.session() as session:
        return OfferState((await repository.offer(session, offer_id)).state)


async def test_an_unconfirmed_answer_opens_the_slot_and_pages_anew_and_not_before(scene: Scene, sio: UUID) -> None:
    assert (await scene.alert()).state is AlertState.MET
    await scene.wait(timedelta(seconds=600) - INSTANT)
    assert scene.phones.new() == {}
    await scene.wait(INSTANT)
    assert scene.phones.new() == {CALL: await scene.reach(["sms"], sio)}
    found, alert = await scene.slot("first"), await scene.alert()
    assert (found.state, found.acknowledged_by) == (SlotState.PAGING, None)
    assert (alert.state, alert.met_at) == (AlertState.OPEN, None)
    assert [page.answer for page in await scene.pages("first")] == [Answer.LAPSED, None]
    await scene.wait(timedelta(seconds=120))
    above = await scene.on_call("detective_superintendent")
    assert scene.phones.new() == {CALL: await scene.reach(["sms"], above)}
    await scene.acknowledge("first", above)
    assert (await scene.alert()).state is AlertState.MET


async def test_a_confirmed_answer_stays(scene: Scene, sio: UUID) -> None:
    assert (await confirm(scene, sio)).confirmed_at is not None
    await confirm(scene, sio)
    await scene.wait(timedelta(days=1))
    assert scene.phones.new() == {}
    assert (await scene.slot("first")).acknowledged_by == sio


async def test_without_a_time_set_nothing_has_to_be_confirmed(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    await call(scene)
    await scene.acknowledge("first", await scene.on_call("sio"))
    scene.phones.new()
    await scene.wait(timedelta(days=1))
    assert scene.phones.new() == {}


async def test_only_the_holder_confirms(scene: Scene, sio: UUID) -> None:
    with pytest.raises(Forbidden):
        await confirm(scene, await scene.on_call("detective_superintendent"))


async def test_an_accepted_offer_changes_hands_and_starts_the_time_anew(scene: Scene, sio: UUID) -> None:
    receiver = await scene.person("greta-stonecrop")
    await scene.wait(timedelta(seconds=500))
    offer_id = await offer(scene, sio, receiver)
    (arrived,) = (scene.phones.new().items(),)
    assert {address for _, found in arrived for address in found} == set(await scene.reach(["push", "sms"], receiver))
    assert (await scene.slot("first")).acknowledged_by == sio
    async with scene.partnership.session() as session:
        await handover.accept(session, offer_id, receiver)
        await session.commit()
    assert (await scene.slot("first")).acknowledged_by == receiver
    await scene.wait(timedelta(seconds=599))
    assert scene.phones.new() == {}
    await confirm(scene, receiver)
    with pytest.raises(Forbidden):
        await confirm(scene, sio)
    await scene.wait(timedelta(days=1))
    assert scene.phones.new() == {}


async def test_a_declined_or_unanswered_offer_leaves_the_slot_where_it_is(scene: Scene, sio: UUID) -> None:
    await confirm(scene, sio)
    receiver = await scene.person("greta-stonecrop")
    declined = await offer(scene, sio, receiver)
    async with scene.partnership.session() as session:
        await handover.decline(session, declined, receiver)
        await session.commit()
    unanswered = await offer(scene, sio, receiver)
    await scene.wait(timedelta(seconds=299))
    assert await state_of(scene, unanswered) is OfferState.OPEN
    await scene.wait(timedelta(seconds=1))
    assert [await state_of(scene, one) for one in (declined, unanswered)] == [OfferState.DECLINED, OfferState.EXPIRED]
    assert (await scene.slot("first")).acknowledged_by == sio
    with pytest.raises(Conflict):
        async with scene.partnership.session() as session:
            await handover.accept(session, unanswered, receiver)


async def test_an_offer_ends_with_the_slot_that_lapses(scene: Scene, sio: UUID) -> None:
    receiver = await scene.person("greta-stonecrop")
    offer_id = await offer(scene, sio, receiver, within=3_600)
    await scene.wait(timedelta(seconds=600))
    assert await state_of(scene, offer_id) is OfferState.WITHDRAWN
    with pytest.raises(Conflict):
        async with scene.partnership.session() as session:
            await handover.accept(session, offer_id, receiver)


async def test_who_may_offer_accept_and_withdraw(scene: Scene, sio: UUID) -> None:
    receiver, stranger = await scene.person("greta-stonecrop"), await scene.person("tansy-millrace")
    with pytest.raises(Forbidden):
        await offer(scene, stranger, receiver)
    with pytest.raises(Invalid):
        await offer(scene, sio, sio)
    with pytest.raises(Invalid):
        await offer(scene, sio, receiver, within=59)
    with pytest.raises(NotFound):
        await offer(scene, sio, uuid7())
    offer_id = await offer(scene, sio, receiver)
    with pytest.raises(Conflict):
        await offer(scene, sio, stranger)
    for wrong, person in ((handover.accept, sio), (handover.decline, stranger), (handover.withdraw, receiver)):
        with pytest.raises(Forbidden):
            async with scene.partnership.session() as session:
                await wrong(session, offer_id, person)
    async with scene.partnership.session() as session:
        await handover.withdraw(session, offer_id, sio)
        await session.commit()
    await offer(scene, sio, stranger)


async def test_a_duty_manager_answers_for_somebody_and_everybody_falls_silent(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    await call(scene)
    scene.phones.new()
    coming, by = await scene.person("magnus-tallow"), await scene.person("corin-waterbeck")
    async with scene.partnership.session() as session:
        found = await service.override(session, scene.slot_ids["first"], coming, by, "He rang the switchboard.")
        await session.commit()
    assert (found.acknowledged_by, found.answered_for_by, found.override_reason) == (
        coming, by, "He rang the switchboard.",
    )  # fmt: skip
    assert (await scene.alert()).state is AlertState.MET
    for _ in range(5):
        await scene.wait(timedelta(seconds=120))
    assert scene.phones.new() == {}
    with pytest.raises(Conflict):
        async with scene.partnership.session() as session:
            await service.override(session, scene.slot_ids["first"], coming, by, "again")
    async with scene.partnership.session() as session:
        again = await service.acknowledge(session, scene.slot_ids["first"], coming)
        assert again.answered_for_by == by, "whoever was answered for may say so too, and changes nothing"
    with pytest.raises(Forbidden):
        async with scene.partnership.session() as session:
            await service.acknowledge(session, scene.slot_ids["first"], by)


async def test_nobody_answers_for_who_has_left(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    await call(scene)
    gone, by = await scene.person("magnus-tallow"), await scene.person("corin-waterbeck")
    await scene.change("UPDATE person SET active = false WHERE id = :gone", gone=gone)
    with pytest.raises(Invalid):
        async with scene.partnership.session() as session:
            await service.override(session, scene.slot_ids["first"], gone, by, "He rang.")


async def test_whom_the_alert_is_about_is_given_no_part_in_it(scene: Scene) -> None:
    about, by = await scene.person("magnus-tallow"), await scene.person("corin-waterbeck")
    await put_in_force(scene, slot(rota("sio")))
    await call(scene, never=(about,))
    with pytest.raises(Invalid) as refused:
        async with scene.partnership.session() as session:
            await service.override(session, scene.slot_ids["first"], about, by, "He rang.")
    assert [fault.field for fault in refused.value.errors] == ["personId"]
    sio = await scene.on_call("sio")
    await scene.acknowledge("first", sio)
    scene.phones.new()
    with pytest.raises(Invalid) as refused:
        await offer(scene, sio, about)
    assert [fault.field for fault in refused.value.errors] == ["toPersonId"]
    await scene.work.run_due()
    assert scene.phones.new() == {}
