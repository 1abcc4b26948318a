"""Texts that come back: bound to one number, one call and one use; in doubt the ladder climbs on."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from notifications.alerts.models import Answer, Given, SlotAnswer, SlotState, Via
from notifications.answers.models import AnswerContact, Contact
from notifications.answers.service import WRONG_CODES_ALLOWED
from support.api import rows
from support.messages import Received, messages_to, press, text
from support.partnership import Partnership
from support.scene import WINDOW, Scene

Browser = httpx.AsyncClient
PATH = "/callbacks/notify/inbound"


class Notify:
    """GOV.UK Notify, handing on what was texted to the service's number."""

    def __init__(self, client: Browser, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    async def hands_on(self, number: str, message: str, received_id: str = "one") -> int:
        return (await self.posts(text(number, message, received_id))).status_code

    async def posts(self, body: Any) -> httpx.Response:
        return await self._client.post(PATH, json=body, headers=self._headers)


@pytest.fixture
def notify(browser: Browser, environment: dict[str, str]) -> Notify:
    return Notify(browser, environment["NOTIFY_INBOUND_TOKEN"])


@pytest.fixture
async def doctor(scene: Scene) -> UUID:
    """The paediatrician on call, who has been paged."""
    await scene.report()
    return await scene.on_call("paediatrician")


@pytest.fixture
async def message(scene: Scene, doctor: UUID) -> Received:
    (found,) = messages_to(scene.phones, await scene.address(doctor, "sms"))
    return found


async def answers(partnership: Partnership) -> list[SlotAnswer]:
    """Those that came by a message."""
    return [one for one in await rows(partnership, SlotAnswer) if one.via in {Via.LINK, Via.SMS}]


async def still_open(scene: Scene) -> bool:
    slot = await scene.slot("paediatrician")
    return slot.state is SlotState.PAGING and await answers(scene.partnership) == []


async def test_the_code_accepts_and_says_who_and_how(
    scene: Scene, notify: Notify, doctor: UUID, message: Received
) -> None:
    assert await notify.hands_on(message.to, f" ok {message.code} ", "notify-7") == 204
    slot = await scene.slot("paediatrician")
    assert (slot.state, slot.acknowledged_by) == (SlotState.ACKNOWLEDGED, doctor)
    (answer,) = await answers(scene.partnership)
    assert (answer.via, answer.given, answer.received_id) == (Via.SMS, Given.ACCEPTED, "notify-7")
    assert (await scene.slot("sio")).state is SlotState.PAGING


async def test_no_and_the_code_calls_the_next(scene: Scene, notify: Notify, message: Received) -> None:
    assert await notify.hands_on(message.to, f"NO {message.code}") == 204
    (first, *later) = await scene.pages("paediatrician")
    assert first.answer is Answer.DECLINED
    assert later


async def test_a_text_that_comes_twice_is_one_answer(scene: Scene, notify: Notify, message: Received) -> None:
    codes = await asyncio.gather(*(notify.hands_on(message.to, message.code, "same") for _ in range(4)))
    assert set(codes) == {204}
    assert len(await answers(scene.partnership)) == 1
    await notify.hands_on(message.to, f"NO {message.code}", "later")
    assert (await scene.slot("paediatrician")).state is SlotState.ACKNOWLEDGED


async def test_the_right_code_from_another_number_answers_nothing(
    scene: Scene, notify: Notify, message: Received
) -> None:
    sio = await scene.address(await scene.on_call("sio"), "sms")
    for number in (sio, "07700900998"):
        assert await notify.hands_on(number, message.code) == 204
    assert await still_open(scene)
    assert (await scene.slot("sio")).state is SlotState.PAGING


async def test_a_wrong_code_answers_nothing_and_is_recorded(scene: Scene, notify: Notify, message: Received) -> None:
    wrong = f"{(int(message.code) + 1) % 10_000:04}"
    assert await notify.hands_on(message.to, wrong) == 204
    assert await still_open(scene)
    assert [row.contact for row in await rows(scene.partnership, AnswerContact)] == [Contact.WRONG_CODE]
    await notify.hands_on(message.to, message.code)
    assert (await scene.slot("paediatrician")).state is SlotState.ACKNOWLEDGED


async def test_codes_cannot_be_guessed_one_after_another(
    scene: Scene, browser: Browser, notify: Notify, message: Received
) -> None:
    for step in range(1, WRONG_CODES_ALLOWED + 1):
        await notify.hands_on(message.to, f"{(int(message.code) + step) % 10_000:04}", f"guess-{step}")
    await notify.hands_on(message.to, message.code)
    assert await still_open(scene)
    assert "You accepted" in (await press(browser, message.path, "accept")).text


async def test_a_code_ends_with_its_page(scene: Scene, notify: Notify, message: Received) -> None:
    await scene.clock.advance(WINDOW)
    assert await notify.hands_on(message.to, message.code) == 204
    assert await still_open(scene)


async def test_a_code_after_somebody_answered_changes_nothing(
    scene: Scene, notify: Notify, doctor: UUID, message: Received
) -> None:
    await scene.acknowledge("paediatrician", doctor)
    before = (await scene.slot("paediatrician")).acknowledged_at
    await scene.clock.advance(timedelta(seconds=5))
    for said in (message.code, f"NO {message.code}"):
        assert await notify.hands_on(message.to, said) == 204
    slot = await scene.slot("paediatrician")
    assert (slot.state, slot.acknowledged_at) == (SlotState.ACKNOWLEDGED, before)
    assert await answers(scene.partnership) == []


async def test_link_and_code_of_one_page_are_used_up_together(
    scene: Scene, browser: Browser, notify: Notify, message: Received
) -> None:
    await notify.hands_on(message.to, message.code)
    assert "You accepted" in (await browser.get(message.path)).text
    await press(browser, message.path, "decline")
    assert len(await answers(scene.partnership)) == 1
    assert (await scene.slot("paediatrician")).state is SlotState.ACKNOWLEDGED


async def test_a_code_finds_its_call_among_several_of_one_person_and_takes_no_other(
    scene: Scene, notify: Notify, doctor: UUID, message: Received
) -> None:
    first, later = dict(scene.slot_ids), message
    while later.code == message.code:  # as happens once in ten thousand times
        await scene.report(child_name="Another Invented Child")
        later = messages_to(scene.phones, message.to)[-1]
    await notify.hands_on(message.to, later.code)
    assert (await scene.slot("paediatrician")).acknowledged_by == doctor
    scene.slot_ids = first
    assert (await scene.slot("paediatrician")).state is SlotState.PAGING


async def test_a_number_that_two_partnerships_call_answers_the_one_whose_code_it_sends(
    scene: Scene, notify: Notify, herts: Partnership, message: Received
) -> None:
    theirs = Scene(herts, scene.environment, scene.clock, scene.work, scene.phones)
    person = await herts.on_call("paediatrician")
    await theirs.change("UPDATE contact_method SET address = :number WHERE channel = 'sms' AND person_id = :person",
                        number=message.to, person=person)  # fmt: skip
    second = message
    while second.code == message.code:  # as happens once in ten thousand times
        await theirs.report()
        second = messages_to(scene.phones, message.to)[-1]
    assert second.path != message.path
    await notify.hands_on(message.to, second.code)
    assert (await theirs.slot("paediatrician")).acknowledged_by == person
    assert await still_open(scene)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE person SET active = false WHERE id = :person",
        "UPDATE contact_method SET retired_at = app.now() WHERE person_id = :person AND channel = 'sms'",
        "UPDATE membership SET state = 'suspended' WHERE person_id = :person",
    ],
)
async def test_who_may_not_answer_in_the_app_may_not_by_text(
    scene: Scene, notify: Notify, doctor: UUID, message: Received, change: str
) -> None:
    await scene.change(change, person=doctor)
    assert await notify.hands_on(message.to, message.code) == 204
    assert await still_open(scene)


@pytest.mark.parametrize("said", ["STOP", "stop", "STOP {code}", "on my way", "{code} {code}", "", "\0", "x" * 5000])
async def test_what_is_no_reply_stops_nothing(scene: Scene, notify: Notify, message: Received, said: str) -> None:
    assert await notify.hands_on(message.to, said.format(code=message.code)) == 204
    assert await still_open(scene)
    await scene.wait(WINDOW)
    assert (await scene.slot("paediatrician")).step == 1
    assert len(messages_to(scene.phones, message.to)) == 2, "the next page goes to the same phone, STOP or not"


@pytest.mark.parametrize(
    "body", [None, [], "x", {}, {"id": "1", "message": "4821"}, {"source_number": 7, "message": None, "id": 1}]
)
async def test_nonsense_is_taken_and_changes_nothing(
    scene: Scene, notify: Notify, message: Received, body: Any
) -> None:
    assert (await notify.posts(body)).status_code == 204
    assert await still_open(scene)


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}])
async def test_nobody_but_notify_is_heard(
    scene: Scene, browser: Browser, message: Received, headers: dict[str, str]
) -> None:
    assert (await browser.post(PATH, json=text(message.to, message.code), headers=headers)).status_code == 401
    assert await still_open(scene)


async def test_the_receipts_token_does_not_open_this_door(
    scene: Scene, browser: Browser, environment: dict[str, str], message: Received
) -> None:
    other = Notify(browser, environment["NOTIFY_CALLBACK_TOKEN"])
    assert await other.hands_on(message.to, message.code) == 401
    assert await still_open(scene)
