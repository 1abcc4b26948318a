"""Two providers: a page leaves by the other within five seconds, and is repeated once at most, only when unknown."""

import asyncio
import time
from uuid import UUID

import pytest
from sqlalchemy import text

from notifications.channels import service as channels
from notifications.channels.http import SEND_SECONDS
from notifications.deliveries import repository
from notifications.deliveries.claiming import ASK_AFTER, LEASE
from notifications.deliveries.models import Delivery, DeliveryState
from notifications.deliveries.receipts import Receipt, take
from support.scene import AGAIN, Scene

FIRST, OTHER = "govuk-notify", "sinch"
IN_TIME = 5.0
SILENT, NOT_WAITED = 120.0, 60.0  # far apart: what a busy machine adds is not what the product waits for


@pytest.fixture(autouse=True)
def _conditions_of_this_database() -> None:
    channels.forget()


@pytest.fixture
async def number(scene: Scene) -> str:
    return await scene.address(await scene.on_call("sio"), "sms")


def test_both_are_given_up_in_time() -> None:
    assert 2 * SEND_SECONDS <= IN_TIME


async def text_message(scene: Scene) -> Delivery:
    return next(one for one in await scene.deliveries("sio") if one.channel == "sms")


def carried_by(scene: Scene, address: str) -> list[str]:
    """Which providers have brought a message to the address, in turn."""
    return [m["provider"] for m in scene.phones.messages() if m["to"] == address]


async def tries(scene: Scene, delivery_id: UUID) -> list[tuple[str, str]]:
    async with scene.partnership.session() as session:
        events = (await repository.history(session, [delivery_id]))[delivery_id]
    return [(one["provider"], one["outcome"]) for event in events for one in event.detail.get("tries", [])]


@pytest.mark.parametrize(
    ("mode", "first", "seconds"),
    [
        ("error500", "unknown", 0.0),
        ("rate_limit", "not_taken", 0.0),
        ("timeout", "unknown", SILENT),
        ("timeout", "unknown", 0.1),
    ],
)
async def test_what_the_first_certainly_has_not_goes_by_the_other_at_once_and_once(
    scene: Scene, number: str, mode: str, first: str, seconds: float
) -> None:
    scene.phones.misbehave(mode, number, provider=FIRST, seconds=seconds)
    began = time.monotonic()
    await scene.report()
    assert time.monotonic() - began < NOT_WAITED
    assert carried_by(scene, number) == [OTHER]
    delivery = await text_message(scene)
    assert (delivery.state, delivery.provider, delivery.attempts) == ("handed_over", OTHER, 1)
    assert not delivery.repeated
    assert await tries(scene, delivery.id) == [(FIRST, first), (OTHER, "handed_over")]


async def test_a_provider_that_is_slow_for_half_a_minute_costs_seconds_and_one_repeat(
    scene: Scene, number: str
) -> None:
    scene.phones.misbehave("slow", number, provider=FIRST, seconds=8, count=1)
    await scene.report()
    assert carried_by(scene, number) == [OTHER], "before the slow one has taken it"
    for _ in range(600):  # until the slow one has taken it after all
        if len(carried_by(scene, number)) > 1:
            break
        await asyncio.sleep(0.1)
    await scene.wait(LEASE)
    assert carried_by(scene, number) == [OTHER, FIRST]


@pytest.mark.parametrize("mode", ["unparseable", "drop_after_accept"])
async def test_what_the_first_has_after_all_is_not_given_to_the_other(scene: Scene, number: str, mode: str) -> None:
    scene.phones.misbehave(mode, number, provider=FIRST)
    await scene.report()
    assert carried_by(scene, number) == [FIRST]
    assert (await text_message(scene)).state == "handed_over"


async def test_a_provider_that_took_it_and_cannot_tell_is_repeated_by_the_other_once(scene: Scene, number: str) -> None:
    scene.phones.misbehave("blind")
    scene.phones.misbehave("drop_after_accept", number)
    await scene.report()
    delivery = await text_message(scene)
    assert (delivery.state, delivery.provider, delivery.repeated) == ("unknown", OTHER, True)
    for _ in range(4):
        await scene.wait(ASK_AFTER)
    assert carried_by(scene, number) == [FIRST, OTHER]


async def test_when_the_other_certainly_did_not_take_it_the_first_is_still_the_one_to_ask(
    scene: Scene, number: str
) -> None:
    scene.phones.misbehave("blind")
    scene.phones.misbehave("drop_after_accept", number, provider=FIRST, count=1)
    scene.phones.misbehave("rate_limit", number, provider=OTHER, count=1)
    await scene.report()
    delivery = await text_message(scene)
    assert (delivery.state, delivery.provider, delivery.repeated) == ("unknown", FIRST, False)
    scene.phones.behave()
    await scene.wait(ASK_AFTER)
    assert carried_by(scene, number) == [FIRST]
    assert (await text_message(scene)).state == "handed_over"


async def test_an_email_goes_through_the_mail_server_when_notify_will_not(scene: Scene) -> None:
    await scene.change("DELETE FROM contact_method WHERE channel IN ('push', 'sms')")
    scene.phones.misbehave("error500", provider=FIRST)
    await scene.report()
    sio = await scene.on_call("sio")
    assert await scene.reach(AGAIN, sio) == [
        f"email {m['to']}" for m in mails_to(scene, await scene.address(sio, "email"))
    ]
    (mail,) = mails_to(scene, await scene.address(sio, "email"))
    assert mail["provider"] == "smtp"
    assert mail["body"].startswith(f"Rapid response call {(await scene.alert()).reference}.")


def mails_to(scene: Scene, address: str) -> list[dict[str, str]]:
    return [m for m in scene.phones.messages() if m["to"] == address]


async def test_a_page_that_is_answered_meanwhile_does_not_go_by_the_other(scene: Scene, number: str) -> None:
    await scene.report(send=False)
    await scene.change("CREATE FUNCTION app.answer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                       " NEW.wanted := false; RETURN NEW; END $$")  # fmt: skip
    await scene.change(
        "CREATE TRIGGER answer BEFORE UPDATE ON delivery FOR EACH ROW"
        " WHEN (NEW.state = 'claimed' AND OLD.state = 'pending') EXECUTE FUNCTION app.answer()"
    )
    scene.phones.misbehave("rate_limit", provider=FIRST)
    await scene.work.run_due()
    assert carried_by(scene, number) == []


async def test_a_false_delivered_is_what_the_ladder_is_for(scene: Scene, number: str) -> None:
    scene.phones.misbehave("false_delivered", number)
    await scene.report()
    assert carried_by(scene, number) == []
    delivery = await text_message(scene)
    async with scene.partnership.session() as session:
        await take(session, [Receipt(delivery.id, DeliveryState.DELIVERED, FIRST, str(delivery.provider_id))])
        await session.commit()
    pages = await scene.pages("sio")
    assert pages[0].expires_at is not None
    await scene.at(pages[0].expires_at)
    await scene.work.run_due()
    assert (await scene.slot("sio")).step == 1


async def test_a_late_failure_of_the_first_does_not_end_what_the_other_carries(scene: Scene, number: str) -> None:
    scene.phones.misbehave("error500", provider=FIRST)
    await scene.report()
    delivery = await text_message(scene)
    assert delivery.provider == OTHER
    async with scene.partnership.session() as session:
        assert await take(session, [Receipt(delivery.id, DeliveryState.FAILED, FIRST, "of-the-first")]) == set()
        await session.commit()
    assert (await text_message(scene)).state == "handed_over"


async def test_a_channel_leaves_a_failing_provider_and_says_why(scene: Scene, number: str) -> None:
    scene.phones.misbehave("error500", provider=FIRST)
    for _ in range(3):
        await scene.report()
    channels.forget()
    scene.phones.behave()
    scene.phones.misbehave("permanent_failure", "nobody")
    await scene.report()
    delivery = await text_message(scene)
    assert await tries(scene, delivery.id) == [(OTHER, "handed_over")]
    async with scene.partnership.session() as session:
        changes = (
            await session.execute(text("SELECT channel, provider, change, reason FROM routing.provider_change"))
        ).all()
    assert ("sms", FIRST, "degraded") in [tuple(change[:3]) for change in changes]
    assert all("faults" in change.reason for change in changes)


async def test_nothing_is_moved_when_both_look_bad(scene: Scene, number: str) -> None:
    scene.phones.misbehave("rate_limit")
    for _ in range(4):
        await scene.report()
    async with scene.partnership.session() as session:
        moved = await session.scalar(text("SELECT count(*) FROM routing.provider_change WHERE channel = 'sms'"))
    assert moved == 0


async def test_a_device_is_reached_through_its_own_provider_alone(scene: Scene) -> None:
    sio = await scene.on_call("sio")
    await scene.change(
        "UPDATE contact_method SET platform = 'apns' WHERE channel = 'push' AND person_id = :sio", sio=sio
    )
    scene.phones.misbehave("error500", provider="fcm")
    await scene.report()
    device = await scene.address(sio, "push")
    assert carried_by(scene, device) == ["apns"]
    (push,) = [one for one in await scene.deliveries("sio") if one.channel == "push"]
    assert (push.provider, push.state, push.provider_id) == ("apns", "handed_over", str(push.id))
    (arrived,) = [m for m in scene.phones.messages() if m["to"] == device]
    assert arrived["data"]["interruption-level"] == "time-sensitive"


async def test_whose_number_is_dead_is_told_once_by_another_way(scene: Scene, number: str) -> None:
    sio = await scene.on_call("sio")
    await scene.report()
    delivery = await text_message(scene)
    dead = Receipt(delivery.id, DeliveryState.FAILED, FIRST, str(delivery.provider_id), dead=True)
    scene.phones.new()
    for _ in range(2):
        async with scene.partnership.session() as session:
            await take(session, [dead])
            await session.commit()
    await scene.work.run_due()
    assert scene.phones.new() == {"contact-retired": [f"email {await scene.address(sio, 'email')}"]}
    await scene.report()
    assert number not in [one.address for one in await scene.deliveries("sio")]
