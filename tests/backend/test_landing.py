"""The one-time link of a message: who presses, what it does once, and what it never tells."""

import asyncio
import re
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from backend.kit.settings import settings
from notifications.alerts.models import AlertState, Answer, Factor, Given, SlotAnswer, SlotState, Via
from notifications.answers.models import AnswerContact, Contact
from notifications.answers.pages import HEADERS
from notifications.answers.throttle import MOST_A_MINUTE
from notifications.deliveries.credentials import link_token
from support.api import rows
from support.ladders import call, put_in_force, rota, slot
from support.messages import Received, messages_to, press
from support.partnership import SEEDED, Partnership
from support.scene import PAGE, WINDOW, Scene

Browser = httpx.AsyncClient
ROUNDS = 5


@pytest.fixture
async def doctor(scene: Scene) -> UUID:
    """The paediatrician on call, who has been paged."""
    await scene.report()
    scene.phones.new()
    return await scene.on_call("paediatrician")


@pytest.fixture
async def message(scene: Scene, doctor: UUID) -> Received:
    """The doctor's text message."""
    (found,) = messages_to(scene.phones, await scene.address(doctor, "sms"))
    return found


async def contacts(scene: Scene) -> list[Contact]:
    return [Contact(row.contact) for row in await rows(scene.partnership, AnswerContact)]


async def test_a_button_answers_and_the_answer_says_who_and_how(
    scene: Scene, browser: Browser, doctor: UUID, message: Received
) -> None:
    page = await browser.get(message.path)
    assert page.status_code == 200
    assert "<button" in page.text
    done = await press(browser, message.path, "accept")
    assert "You accepted this call at 12:00:00" in done.text
    slot = await scene.slot("paediatrician")
    assert (slot.state, slot.acknowledged_by) == (SlotState.ACKNOWLEDGED, doctor)
    (answer,) = await rows(scene.partnership, SlotAnswer)
    assert (answer.person_id, answer.via, answer.given, answer.factor) == (
        doctor,
        Via.LINK,
        Given.ACCEPTED,
        Factor.NUMBER,
    )
    async with scene.partnership.session() as session:
        entry = (
            await session.execute(
                text("SELECT actor_id, detail FROM audit_entry WHERE action = 'slot.answered_by_message'")
            )
        ).one()
    assert entry.actor_id == doctor
    assert (entry.detail["via"], entry.detail["role"]) == ("link", "paediatrician")
    await scene.wait(WINDOW * 3)
    assert (await scene.slot("paediatrician")).acknowledged_by == doctor
    assert "paediatrician" not in {page.found_by for page in (await scene.pages("paediatrician"))[1:]}


async def test_a_scanner_that_fetches_the_link_answers_nothing_and_is_no_reader(
    scene: Scene, browser: Browser, message: Received
) -> None:
    for agent in ("Microsoft Office Existence Discovery", "WhatsApp/2", "curl/8"):
        for _ in range(3):
            await browser.get(message.path, headers={"User-Agent": agent})
    await browser.head(message.path)
    (page,) = await scene.pages("paediatrician")
    assert (page.answer, page.opened_at) == (None, None)
    assert set(await contacts(scene)) == {Contact.LINK_FETCHED}
    await scene.wait(WINDOW)
    assert (await scene.slot("paediatrician")).step == 1


async def test_who_presses_has_opened_it(scene: Scene, browser: Browser, message: Received) -> None:
    await browser.get(message.path)
    await scene.clock.advance(timedelta(seconds=9))
    await press(browser, message.path, "accept")
    (page,) = await scene.pages("paediatrician")
    assert page.opened_at == page.answered_at != page.paged_at
    assert await contacts(scene) == [Contact.LINK_FETCHED, Contact.LINK_USED]


async def test_declining_calls_the_next_at_once_with_a_chosen_reason(
    scene: Scene, browser: Browser, message: Received
) -> None:
    done = await press(browser, message.path, "decline", reason="unwell")
    assert "you cannot come" in done.text
    (page, *later) = await scene.pages("paediatrician")
    assert (page.answer, page.reason) == (Answer.DECLINED, "I am unwell")
    assert later
    assert "You said" in (await press(browser, message.path, "accept")).text
    assert (await scene.slot("paediatrician")).state is SlotState.PAGING


async def test_pressing_twice_or_both_at_once_is_one_answer(scene: Scene, browser: Browser) -> None:
    for _ in range(ROUNDS):
        await scene.report()
        address = await scene.address(await scene.on_call("paediatrician"), "sms")
        path = messages_to(scene.phones, address)[-1].path
        both = await asyncio.gather(*(press(browser, path, "accept") for _ in range(4)))
        assert {answer.status_code for answer in both} == {200}
        assert all("You accepted" in answer.text for answer in [*both, await browser.get(path)])
    assert len(await rows(scene.partnership, SlotAnswer)) == ROUNDS
    async with scene.partnership.session() as session:
        assert (
            await session.scalar(text("SELECT count(*) FROM audit_entry WHERE action = 'slot.acknowledged'")) == ROUNDS
        )


async def test_of_accept_and_decline_at_once_one_stands(scene: Scene, browser: Browser) -> None:
    for _ in range(ROUNDS):
        await scene.report()
        address = await scene.address(await scene.on_call("paediatrician"), "sms")
        path = messages_to(scene.phones, address)[-1].path
        await asyncio.gather(press(browser, path, "decline"), press(browser, path, "accept"))
        given = (await rows(scene.partnership, SlotAnswer))[-1].given
        page = (await scene.pages("paediatrician"))[0]
        assert page.answer is (Answer.ACKNOWLEDGED if given == Given.ACCEPTED else Answer.DECLINED)
    assert len(await rows(scene.partnership, SlotAnswer)) == ROUNDS


async def test_of_two_people_who_press_at_once_one_has_the_slot(scene: Scene, browser: Browser, doctor: UUID) -> None:
    await scene.wait(WINDOW)
    await scene.wait(WINDOW)
    deputy = await scene.on_call("designated_doctor")
    (first,) = messages_to(scene.phones, await scene.address(deputy, "sms"))
    late = await scene.address(doctor, "email")
    (expired,) = messages_to(scene.phones, late)
    answers = await asyncio.gather(press(browser, first.path, "accept"), press(browser, expired.path, "accept"))
    assert "You accepted" in answers[0].text
    assert "You accepted" not in answers[1].text
    assert (await scene.slot("paediatrician")).acknowledged_by == deputy
    assert "Somebody else has already answered" in (await browser.get(expired.path)).text


async def test_who_is_still_called_answers_by_link_when_the_others_have_met_the_alert(
    scene: Scene, browser: Browser
) -> None:
    await put_in_force(scene, slot(rota("sio")), slot(rota("duty_manager"), role="second", required=False))
    await call(scene)
    await scene.acknowledge("first", await scene.on_call("sio"))
    assert (await scene.alert()).state is AlertState.MET
    manager = await scene.on_call("duty_manager")
    (message,) = messages_to(scene.phones, await scene.address(manager, "sms"))
    assert "<button" in (await browser.get(message.path)).text
    assert "You accepted" in (await press(browser, message.path, "accept")).text
    assert (await scene.slot("second")).acknowledged_by == manager


async def test_a_link_ends_with_its_page(scene: Scene, browser: Browser, message: Received) -> None:
    await scene.clock.advance(WINDOW)
    page = await press(browser, message.path, "accept")
    assert "The time to answer by this link is over" in page.text
    assert (await scene.slot("paediatrician")).state is SlotState.PAGING
    assert await rows(scene.partnership, SlotAnswer) == []


async def test_a_link_ends_with_the_setting_when_that_is_sooner(
    scene: Scene, browser: Browser, message: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSWER_LINK_SECONDS", "60")
    settings.cache_clear()
    await scene.clock.advance(timedelta(seconds=59))
    assert "<button" in (await browser.get(message.path)).text
    await scene.clock.advance(timedelta(seconds=1))
    assert "is over" in (await press(browser, message.path, "accept")).text


async def test_a_sent_again_message_carries_the_same_link(scene: Scene) -> None:
    number = await scene.address(await scene.on_call("paediatrician"), "sms")
    scene.phones.misbehave("error500", number, count=2)  # neither provider takes it at first
    await scene.report()
    await scene.wait(timedelta(seconds=2))
    await scene.wait(timedelta(seconds=9))
    (delivery,) = [d for d in await scene.deliveries("paediatrician") if d.channel == "sms"]
    assert delivery.attempts > 1
    expected = link_token(settings().answer_secret.get_secret_value(), scene.partnership.id, delivery.id)
    assert [one.path for one in messages_to(scene.phones, number)] == [f"/r/{expected}"]


async def test_a_link_that_we_did_not_make_tells_nothing_and_touches_nothing(
    scene: Scene, browser: Browser, herts: Partnership, message: Received
) -> None:
    delivery = (await scene.deliveries("paediatrician"))[0].id
    secret = settings().answer_secret.get_secret_value()
    forged = [
        message.path[:-1] + ("A" if message.path[-1] != "A" else "B"),
        f"/r/{link_token('another-secret-of-32-characters-x', scene.partnership.id, delivery)}",
        f"/r/{link_token(secret, herts.id, delivery)}",  # another partnership's, for a delivery of this one
        f"/r/{link_token(secret, scene.partnership.id, UUID(int=7))}",
        "/r/x", "/r/%00", "/r/" + "A" * 5000,
    ]  # fmt: skip
    pages = [await browser.get(path) for path in forged] + [await press(browser, path, "accept") for path in forged]
    assert {page.status_code for page in pages} == {404}
    assert len({page.text for page in pages}) == 1
    assert await contacts(scene) == []
    assert (await scene.slot("paediatrician")).state is SlotState.PAGING


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE person SET active = false WHERE id = :person",
        "UPDATE contact_method SET retired_at = app.now() WHERE person_id = :person AND channel = 'sms'",
        "UPDATE membership SET state = 'suspended' WHERE person_id = :person",
        "UPDATE membership SET roles = '[]' WHERE person_id = :person",
        "UPDATE routing.partnership SET state = 'suspended' WHERE id <> :person",
    ],
)
async def test_who_may_not_answer_in_the_app_may_not_by_link(
    scene: Scene, browser: Browser, doctor: UUID, message: Received, change: str
) -> None:
    await scene.change(change, person=doctor)
    for page in (await browser.get(message.path), await press(browser, message.path, "accept")):
        assert "This link cannot be used to answer" in page.text
        assert "<button" not in page.text
    assert (await scene.slot("paediatrician")).state is SlotState.PAGING


async def test_a_desk_that_is_only_told_cannot_answer(scene: Scene, browser: Browser) -> None:
    await scene.report()
    async with scene.partnership.session() as session:
        desk = await session.scalar(
            text("SELECT d.id FROM delivery d JOIN page p ON p.id = d.page_id WHERE p.person_id IS NULL LIMIT 1")
        )
    token = link_token(settings().answer_secret.get_secret_value(), scene.partnership.id, UUID(str(desk)))
    assert "cannot be used" in (await press(browser, f"/r/{token}", "accept")).text


async def test_what_is_no_button_answers_nothing(scene: Scene, browser: Browser, message: Received) -> None:
    form = "application/x-www-form-urlencoded"
    bodies = [
        (form, b"answer=maybe"), (form, b""), (form, b"answer=accept&x=" + b"x" * 5000), ("text/plain", b"accept"),
        ("application/json", b'{"answer": "accept"}'), ("multipart/form-data; boundary=b", b"\xff{"),
    ]  # fmt: skip
    for content_type, content in bodies:
        answer = await browser.post(message.path, content=content, headers={"Content-Type": content_type})
        assert "<button" in answer.text, content_type
    assert (await scene.slot("paediatrician")).state is SlotState.PAGING


async def test_one_link_cannot_be_hammered(scene: Scene, browser: Browser, message: Received) -> None:
    answers = [(await browser.get(message.path)).status_code for _ in range(MOST_A_MINUTE * 2 + 2)]
    assert 429 in answers
    assert len(await contacts(scene)) == 20


async def test_the_page_works_without_script_and_shows_nothing_of_the_case(
    scene: Scene, browser: Browser, message: Received
) -> None:
    page = await browser.get(message.path)
    assert {name: page.headers[name] for name in HEADERS} == HEADERS
    assert len(page.content) < 3000
    assert re.search(r"<(script|img|link|iframe)|https?://|\bon\w+=", page.text) is None
    assert '<html lang="en-GB">' in page.text
    assert page.text.index("Accept the call") < page.text.index("I cannot come")
    assert (await scene.alert()).reference in page.text
    async with scene.partnership.session() as session:
        case = await session.scalar(text("SELECT reference FROM case_file ORDER BY id DESC LIMIT 1"))
    assert not [word for word in (*SEEDED, str(case)) if word in page.text]


async def test_an_answer_by_link_meets_the_alert_and_ends_the_calls(
    scene: Scene, browser: Browser, message: Received
) -> None:
    await press(browser, message.path, "accept")
    await scene.acknowledge("sio", await scene.on_call("sio"))
    scene.phones.new()
    assert (await scene.alert()).met_at is not None
    await scene.wait(WINDOW)
    assert PAGE not in scene.phones.new()


async def test_when_all_fails_a_person_is_told_what_to_do(scene: Scene, browser: Browser, message: Received) -> None:
    await scene.change("ALTER TABLE answer_contact RENAME TO answer_contact_that_is_away")
    for page in (await browser.get(message.path), await press(browser, message.path, "accept")):
        assert page.status_code == 500
        assert {name: page.headers[name] for name in HEADERS} == HEADERS
        assert "Please try again" in page.text
        assert "duty manager" in page.text
    assert (await scene.slot("paediatrician")).state is SlotState.PAGING
    await scene.change("ALTER TABLE answer_contact_that_is_away RENAME TO answer_contact")
    assert "You accepted this call" in (await press(browser, message.path, "accept")).text
