"""The life of a delivery: what a provider's silence, refusal or fault leads to, and that nothing is sent twice."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from backend.kit.tasks import Task
from notifications.alerts.models import Answer, SlotState
from notifications.channels import service as channels
from notifications.channels.outcomes import HandedOver, NotTaken, Outcome, Unknown
from notifications.deliveries import claiming, repository, tasks
from notifications.deliveries.claiming import ASK_AFTER, LEASE, MOST_ATTEMPTS
from notifications.deliveries.credentials import link_token, reply_code
from notifications.deliveries.models import Delivery
from notifications.deliveries.sending import Attempt, Outgoing, attempt
from support.scene import FIRST, PAGE, Scene
from support.statements import noted

INSTANT = timedelta(milliseconds=1)
SENT = ["pending", "claimed", "handed_over"]


@pytest.fixture
async def sio(scene: Scene) -> UUID:
    """The investigating officer on call; the paediatrician's slot is answered before anything is sent."""
    return await scene.on_call("sio")


@pytest.fixture
async def number(scene: Scene, sio: UUID) -> str:
    return await scene.address(sio, "sms")


async def by_channel(scene: Scene) -> dict[str, Delivery]:
    """The investigating officer's deliveries of the first rung."""
    return {str(delivery.channel): delivery for delivery in (await scene.deliveries("sio"))[:2]}


async def history(scene: Scene, channel: str) -> list[str]:
    delivery = (await by_channel(scene))[channel]
    async with scene.partnership.session() as session:
        return [str(event.state) for event in (await repository.history(session, [delivery.id]))[delivery.id]]


async def claim(scene: Scene) -> list[Outgoing]:
    """What a worker does before it sends."""
    task = await deliver_task(scene)
    async with scene.partnership.session() as session:
        _, outgoing = await claiming.claim(session, task)
        await session.commit()
    return outgoing


async def moved(_outgoing: Outgoing, _provider: str, _repeats: bool) -> bool:  # noqa: FBT001  # as the product calls it
    return True


def arrivals(scene: Scene, address: str) -> int:
    return sum(message["to"] == address for message in scene.phones.messages())


async def deliver_task(scene: Scene) -> UUID:
    async with scene.partnership.session() as session:
        found = await session.scalars(
            select(Task).where(col(Task.subject_id) == scene.alert_id, col(Task.actor) == "deliver_pages")
        )
        return found.one().id


async def test_a_delivery_keeps_every_state_it_was_in(scene: Scene) -> None:
    await scene.report()
    delivery = (await by_channel(scene))["sms"]
    message = next(m for m in scene.phones.messages() if m["to"] == delivery.address)
    assert await history(scene, "sms") == SENT
    assert (delivery.provider_id, delivery.attempts, delivery.lease_until) == (message["id"], 1, None)
    assert delivery.handed_over_at is not None
    assert message["reference"] == f"{scene.partnership.id}.{delivery.id}"


async def test_a_message_holds_the_reference_and_ways_to_answer_and_nothing_else(scene: Scene) -> None:
    await scene.report()
    reference = (await scene.alert()).reference
    secret = scene.environment["ANSWER_SECRET"]
    expected = set()
    for role in ("paediatrician", "sio"):
        (sms,) = [d for d in await scene.deliveries(role) if d.channel == "sms"]
        code = reply_code(secret, scene.partnership.id, sms.id)
        link = f"http://localhost:8000/r/{link_token(secret, scene.partnership.id, sms.id)}"
        ways = f"To accept reply {code}; if you cannot come reply NO {code}. Or open {link}"
        expected.add(f"Rapid response call {reference}. {ways}")
    arrived = scene.phones.messages()
    assert {m["body"] for m in arrived if m["channel"] == "sms"} == expected
    assert max(len(body) for body in expected) <= 306, "more than two segments: networks lose the third"
    assert {m["body"] for m in arrived if m["channel"] == "push"} == {"You are called. Open the app to answer."}
    pushes = [m["data"] for m in arrived if m["channel"] == "push"]
    assert pushes == [{"reference": reference, "link": f"http://localhost:8000/alerts/{reference}"}] * 2


async def test_a_worker_that_died_before_sending_costs_one_lease(scene: Scene, number: str) -> None:
    await scene.report(send=False)
    assert len(await claim(scene)) == 4
    await scene.wait(LEASE - INSTANT)
    assert PAGE not in scene.phones.new()
    await scene.wait(INSTANT)
    assert arrivals(scene, number) == 1
    assert await history(scene, "sms") == ["pending", "claimed", "claimed", "handed_over"]


async def test_a_worker_that_died_after_sending_sends_nothing_twice(scene: Scene, number: str) -> None:
    await scene.report(send=False)
    outgoing = [one for one in await claim(scene) if one.channel == "sms"]
    sent = [one.outcome for one in await asyncio.gather(*(attempt(one, moved) for one in outgoing))]
    assert all(isinstance(outcome, HandedOver) for outcome in sent)
    await scene.wait(LEASE)
    assert arrivals(scene, number) == 1
    assert (await by_channel(scene))["sms"].provider_id in {o.provider_id for o in sent if isinstance(o, HandedOver)}


@pytest.mark.parametrize("mode", ["drop_after_accept", "unparseable"])
async def test_what_the_provider_took_without_saying_so_is_asked_for_and_not_repeated(
    scene: Scene, number: str, mode: str
) -> None:
    scene.phones.misbehave(mode, number, count=1)
    await scene.report()
    assert await history(scene, "sms") == SENT
    assert arrivals(scene, number) == 1
    assert (await by_channel(scene))["sms"].provider == "govuk-notify"
    assert (await scene.slot("sio")).step == 0


async def test_a_message_that_neither_can_speak_for_is_asked_for_again_and_not_sent_again(
    scene: Scene, number: str
) -> None:
    scene.phones.misbehave("error500", number, count=1, provider="govuk-notify")
    scene.phones.misbehave("drop_after_accept", number, count=1, provider="sinch")
    await scene.report()
    assert (await by_channel(scene))["sms"].state == "unknown"
    await scene.wait(ASK_AFTER - INSTANT)
    assert (await by_channel(scene))["sms"].attempts == 1
    await scene.wait(INSTANT)
    assert await history(scene, "sms") == ["pending", "claimed", "unknown", "claimed", "handed_over"]
    assert arrivals(scene, number) == 1


async def test_a_throttled_message_backs_off_and_then_goes(scene: Scene, number: str) -> None:
    scene.phones.misbehave("rate_limit", number, count=6)
    await scene.report()
    for attempts, seconds in ((1, 1), (2, 2), (3, 4)):
        await scene.wait(timedelta(seconds=seconds) - INSTANT)
        delivery = (await by_channel(scene))["sms"]
        assert (delivery.attempts, delivery.state) == (attempts, "pending")
        assert arrivals(scene, number) == 0
        await scene.wait(INSTANT)
    assert arrivals(scene, number) == 1
    assert (await by_channel(scene))["sms"].state == "handed_over"


async def test_after_so_many_attempts_it_is_given_up_with_the_reason(scene: Scene, number: str) -> None:
    scene.phones.misbehave("error500", number)
    await scene.report()
    for _ in range(MOST_ATTEMPTS + 2):
        await scene.wait(ASK_AFTER)
    delivery = (await by_channel(scene))["sms"]
    assert (delivery.state, delivery.attempts) == ("failed", MOST_ATTEMPTS)
    assert delivery.failure == "given up: status 500"
    assert (await scene.slot("sio")).step == 0  # the push did arrive


async def test_a_bad_number_is_retired_and_the_page_goes_on_at_once(scene: Scene, sio: UUID) -> None:
    await scene.change("DELETE FROM contact_method WHERE channel <> 'sms' AND person_id = :sio", sio=sio)
    await scene.change("UPDATE contact_method SET address = '12345' WHERE person_id = :sio", sio=sio)
    await scene.report()
    superintendent = await scene.on_call("detective_superintendent")
    assert set(await scene.reach(FIRST, superintendent)) <= set(scene.phones.new()[PAGE])
    assert (await scene.pages("sio"))[0].answer is Answer.UNREACHABLE
    assert await scene.alarms() == [("nobody_found", "sio")]
    async with scene.partnership.session() as session:
        used = await session.scalar(
            text("SELECT count(*) FROM contact_method WHERE address = '12345' AND retired_at IS NULL")
        )
    assert used == 0


async def test_a_bad_number_beside_a_good_device_ends_nothing(scene: Scene, sio: UUID) -> None:
    await scene.change(
        "UPDATE contact_method SET address = '12345' WHERE channel = 'sms' AND person_id = :sio", sio=sio
    )
    await scene.report()
    found = await by_channel(scene)
    assert (found["sms"].state, found["push"].state) == ("failed", "handed_over")
    assert (await scene.slot("sio")).step == 0


async def test_an_unregistered_device_is_never_used_again(scene: Scene, sio: UUID) -> None:
    scene.phones.misbehave("unregistered", await scene.address(sio, "push"))
    await scene.report()
    assert (await by_channel(scene))["push"].state == "failed"
    await scene.report()
    assert [str(delivery.channel) for delivery in await scene.deliveries("sio")] == ["sms"]


async def test_what_is_not_wanted_any_more_never_leaves(scene: Scene, sio: UUID, number: str) -> None:
    await scene.report(send=False)
    await scene.acknowledge("sio", sio)
    await scene.work.run_due()
    assert arrivals(scene, number) == 0
    assert await history(scene, "sms") == ["pending", "cancelled"]


async def test_what_was_claimed_but_never_left_is_not_sent_after_the_answer(
    scene: Scene, sio: UUID, number: str
) -> None:
    await scene.report(send=False)
    await claim(scene)
    await scene.acknowledge("sio", sio)
    await scene.wait(LEASE)
    assert arrivals(scene, number) == 0
    assert await history(scene, "sms") == ["pending", "claimed", "claimed", "cancelled"]


async def test_what_left_before_the_answer_is_on_record_and_not_repeated(scene: Scene, sio: UUID, number: str) -> None:
    scene.phones.misbehave("drop_after_accept", number, count=1)
    await scene.report()
    await scene.acknowledge("sio", sio)
    await scene.wait(ASK_AFTER)
    assert arrivals(scene, number) == 1
    assert (await by_channel(scene))["sms"].state == "handed_over"


async def test_a_device_without_look_up_is_pushed_again_under_the_same_collapse_key(scene: Scene, sio: UUID) -> None:
    scene.phones.misbehave("drop_after_accept", await scene.address(sio, "push"), count=1)
    await scene.report()
    await scene.wait(ASK_AFTER)
    reference = (await scene.alert()).reference
    assert arrivals(scene, await scene.address(sio, "push")) == 2
    raw = scene.phones.carrier.get("/dev/raw").text
    assert raw.count(f'"collapse_key":"{reference}"') == raw.count(f'"apns-collapse-id":"{reference}"') == 3


async def test_many_workers_at_once_send_each_message_once(scene: Scene) -> None:
    for _ in range(6):
        await scene.report(send=False)
        task = await deliver_task(scene)
        await asyncio.gather(*(tasks.deliver(scene.partnership.id, task) for _ in range(6)))
        states = [d.state for role in scene.slot_ids for d in await scene.deliveries(role)]
        assert states == ["handed_over"] * 4
    addresses = [m["to"] for m in scene.phones.messages()]
    assert len(addresses) == 4 * 6
    references = [m["reference"] for m in scene.phones.messages() if m["channel"] == "sms"]
    assert len(set(references)) == len(references) == 2 * 6


@pytest.mark.parametrize("late", [NotTaken("throttled"), Unknown("too slow")])
async def test_a_worker_whose_lease_ran_out_does_not_free_what_the_next_one_holds(scene: Scene, late: Outcome) -> None:
    await scene.report(send=False)
    slow = await claim(scene)
    await scene.clock.advance(LEASE)
    assert len(await claim(scene)) == 4
    async with scene.partnership.session() as session:
        attempts = [Attempt(one, late, one.given_to, repeated=False) for one in slow]
        await claiming.record(session, await deliver_task(scene), scene.alert_id, attempts)
        await session.commit()
    await scene.clock.advance(LEASE - INSTANT)
    assert await claim(scene) == []


async def test_a_slot_that_nobody_answers_is_not_ended_by_its_deliveries(scene: Scene) -> None:
    await scene.report()
    assert (await scene.slot("sio")).state is SlotState.PAGING
    async with scene.partnership.session() as session:
        owed = (await session.scalars(text("SELECT actor FROM routing.task ORDER BY actor"))).all()
    assert "deliver_pages" not in owed
    assert owed.count("page_ended") == 2


async def test_an_alert_costs_one_statement_to_claim_and_one_to_record(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "_FRESH_SECONDS", 3600)  # read once a second, not once an alert
    await scene.report(send=False)
    task = await deliver_task(scene)
    async with scene.partnership.session() as session:
        await channels.ways(session, task)
    with noted() as statements:
        await tasks.deliver(scene.partnership.id, task)
    assert len(scene.phones.messages()) == 4
    assert len(statements) == 2
