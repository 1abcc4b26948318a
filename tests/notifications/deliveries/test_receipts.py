"""Delivery receipts: they move a delivery forward or change nothing, in whatever order they come."""

from uuid import UUID

import pytest
from sqlalchemy import text

from notifications.alerts.models import Answer
from notifications.channels.outcomes import HandedOver, Outcome
from notifications.deliveries import claiming, receipts, repository
from notifications.deliveries.models import Delivery, DeliveryState
from notifications.deliveries.receipts import Receipt
from notifications.deliveries.sending import Attempt
from support.scene import AGAIN, FIRST, PAGE, Scene

DELIVERED, FAILED = DeliveryState.DELIVERED, DeliveryState.FAILED


async def tell(scene: Scene, delivery: Delivery, state: DeliveryState) -> None:
    async with scene.partnership.session() as session:
        told = Receipt(delivery.id, state, delivery.provider or "govuk-notify", delivery.provider_id or "provider-id")
        assert await receipts.take(session, [told]) == set()
        await session.commit()


async def of_sio(scene: Scene, channel: str) -> Delivery:
    return next(one for one in await scene.deliveries("sio") if one.channel == channel)


async def history(scene: Scene, delivery_id: UUID) -> list[tuple[str, str | None]]:
    async with scene.partnership.session() as session:
        events = (await repository.history(session, [delivery_id]))[delivery_id]
    return [(str(event.state), event.detail.get("reason")) for event in events]


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        ([DELIVERED], DELIVERED),
        ([DELIVERED, DELIVERED], DELIVERED),
        ([DELIVERED, FAILED], DELIVERED),
        ([FAILED], FAILED),
        ([FAILED, FAILED], FAILED),
        ([FAILED, DELIVERED], FAILED),
    ],
)
async def test_the_first_final_word_stands(scene: Scene, told: list[DeliveryState], ends: DeliveryState) -> None:
    await scene.report()
    scene.phones.new()
    delivery = await of_sio(scene, "sms")
    for state in told:
        await tell(scene, delivery, state)
    await scene.work.run_due()
    assert (await of_sio(scene, "sms")).state is ends
    states = [state for state, _ in await history(scene, delivery.id)]
    assert states == ["pending", "claimed", "handed_over", str(ends)]
    assert (await scene.slot("sio")).step == 0
    assert scene.phones.new() == {}


async def test_a_failure_is_kept_with_its_reason(scene: Scene) -> None:
    await scene.report()
    delivery = await of_sio(scene, "sms")
    await tell(scene, delivery, FAILED)
    reason = (await of_sio(scene, "sms")).failure
    assert reason
    assert (await history(scene, delivery.id))[-1] == ("failed", reason)


async def test_when_no_message_of_a_page_arrived_the_next_rung_is_called_at_once(scene: Scene) -> None:
    await scene.change("DELETE FROM contact_method WHERE channel = 'push'")
    await scene.report()
    scene.phones.new()
    await tell(scene, await of_sio(scene, "sms"), FAILED)
    await scene.work.run_due()
    assert scene.phones.new() == {PAGE: await scene.reach(AGAIN, await scene.on_call("sio"))}
    assert [page.answer for page in await scene.pages("sio")] == [Answer.UNREACHABLE, None]


async def test_a_receipt_that_overtakes_the_record_is_not_undone_by_it(scene: Scene) -> None:
    await scene.report(send=False)
    async with scene.partnership.session() as session:
        task = (await session.scalars(text("SELECT id FROM routing.task WHERE actor = 'deliver_pages'"))).one()
        _, outgoing = await claiming.claim(session, task)
        await session.commit()
    delivery = await of_sio(scene, "sms")
    await tell(scene, delivery, DELIVERED)
    outcome: Outcome = HandedOver("provider-id")
    async with scene.partnership.session() as session:
        attempts = [Attempt(one, outcome, one.given_to, repeated=False) for one in outgoing]
        await claiming.record(session, task, scene.alert_id, attempts)
        await session.commit()
    delivery = await of_sio(scene, "sms")
    assert (delivery.state, delivery.provider_id) == (DELIVERED, "provider-id")
    assert delivery.handed_over_at is not None
    assert [state for state, _ in await history(scene, delivery.id)] == ["pending", "claimed", "delivered"]


async def test_a_receipt_after_the_answer_is_recorded_and_calls_nobody(scene: Scene) -> None:
    await scene.report()
    for role in scene.slot_ids:
        await scene.acknowledge(role, await scene.on_call(role))
    scene.phones.new()
    for role in scene.slot_ids:
        for delivery in await scene.deliveries(role):
            await tell(scene, delivery, FAILED)
    await scene.work.run_due()
    assert scene.phones.new() == {}
    assert {delivery.state for delivery in await scene.deliveries("sio")} == {FAILED}


async def test_a_delivery_that_does_not_exist_is_said_to_be_unknown(scene: Scene) -> None:
    async with scene.partnership.session() as session:
        for state in (DELIVERED, FAILED):
            assert await receipts.take(session, [Receipt(UUID(int=7), state, "sinch", "provider-id")]) == {UUID(int=7)}


async def test_receipts_of_an_earlier_rung_do_not_end_the_present_one(scene: Scene) -> None:
    await scene.report()
    await scene.acknowledge("paediatrician", await scene.on_call("paediatrician"))
    earlier = await scene.deliveries("sio")
    await scene.decline("sio", await scene.on_call("sio"))
    called = await scene.reach(FIRST, await scene.on_call("detective_superintendent"))
    assert set(called) <= set(scene.phones.new()[PAGE])
    for delivery in earlier:
        await tell(scene, delivery, FAILED)
    await scene.work.run_due()
    assert scene.phones.new() == {}
    async with scene.partnership.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM page WHERE step > 2")) == 0
