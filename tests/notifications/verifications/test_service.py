"""A code goes out in one message, and comes back once, in time, from its person."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Invalid, NotFound
from backend.kit.settings import settings
from notifications.channels.outcomes import HandedOver
from notifications.deliveries import claiming, receipts
from notifications.deliveries.claiming import LEASE
from notifications.deliveries.credentials import contact_code
from notifications.deliveries.models import Delivery, DeliveryState
from notifications.deliveries.receipts import Receipt
from notifications.deliveries.sending import Outgoing, attempt
from notifications.verifications import service
from support.api import rows
from support.scene import Scene
from tenants.contacts import repository as contacts
from tenants.contacts import service as methods
from tenants.contacts.models import Channel, ContactMethod

NUMBER = "07700 900901"
STORED = "+447700900901"


async def added(
    scene: Scene, who: str = "wren-saltmarsh", channel: Channel = Channel.SMS, address: str = NUMBER
) -> UUID:
    async with scene.partnership.session() as session:
        made = await methods.add(session, await scene.person(who), uuid7(), channel, address)
        await session.commit()
        # What else follows a new number, such as printing it, is another test's.
        await session.execute(text("DELETE FROM routing.task WHERE actor = 'contacts_changed'"))
        await session.commit()
    return made.id


async def ask(scene: Scene, method_id: UUID, who: str = "wren-saltmarsh", *, send: bool = True) -> None:
    async with scene.partnership.session() as session:
        await service.ask_for_code(session, await scene.person(who), method_id)
        await session.commit()
    if send:
        await scene.work.run_due()


async def guess(scene: Scene, method_id: UUID, code: str, who: str = "wren-saltmarsh") -> service.Guess:
    async with scene.partnership.session() as session:
        made = await service.confirm(session, await scene.person(who), method_id, code)
        await session.commit()
    return made


async def method(scene: Scene, method_id: UUID) -> ContactMethod:
    return next(row for row in await rows(scene.partnership, ContactMethod) if row.id == method_id)


def code_in(scene: Scene) -> str:
    """The code of the latest message."""
    latest = scene.phones.messages()[-1]
    return str(latest["data"]["code"] if latest["channel"] == "push" else re.findall(r"\b\d{6}\b", latest["body"])[0])


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_the_code_of_the_message_verifies_the_method_and_nothing_else_is_sent(scene: Scene) -> None:
    added_id = await added(scene)
    assert (await method(scene, added_id)).verified_at is None
    await ask(scene, added_id)
    assert scene.phones.new() == {"contact-code": [f"sms {STORED}"]}
    assert (await guess(scene, added_id, code_in(scene))).right
    assert (await method(scene, added_id)).verified_at is not None
    await scene.work.run_due()
    assert scene.phones.new() == {}


@pytest.mark.parametrize(
    ("channel", "address"), [(Channel.EMAIL, "wren@example.org"), (Channel.PUSH, "a-new-device-of-wren")]
)
async def test_every_channel_brings_its_own_code(scene: Scene, channel: Channel, address: str) -> None:
    added_id = await added(scene, channel=channel, address=address)
    await ask(scene, added_id)
    assert [(m["channel"], m["to"]) for m in scene.phones.messages()] == [(channel.value, address)]
    assert (await guess(scene, added_id, code_in(scene))).right


async def test_a_method_that_is_not_verified_is_never_used(scene: Scene) -> None:
    on_call = await scene.on_call("paediatrician")
    async with scene.partnership.session() as session:
        await methods.add(session, on_call, uuid7(), Channel.SMS, NUMBER)
        await session.commit()
    await scene.report()
    assert STORED not in str(scene.phones.messages())


async def test_the_code_is_in_the_message_and_nowhere_in_the_database_nor_in_the_log(
    scene: Scene, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not while it counts, not when it is used, and not when the provider was in trouble meanwhile."""
    first, second = await added(scene), await added(scene, channel=Channel.EMAIL, address="wren@example.org")
    before = set(await everything_stored(scene))
    assert len(before) > 100
    scene.phones.misbehave("error500", count=1)
    await ask(scene, first)
    await scene.wait(timedelta(seconds=1))
    codes = [code_in(scene)]
    await ask(scene, second)
    codes.append(code_in(scene))
    assert (await guess(scene, first, codes[0])).right
    assert not (await guess(scene, second, another(codes[1]))).right
    # What was there before a code was made holds none, nor do the parts of a second in what has come since.
    stored = [row for row in await everything_stored(scene) if row not in before]
    assert len(stored) > 5
    logged = capfd.readouterr()
    for code in codes:
        assert not [text for text in (*stored, logged.out, logged.err) if re.search(rf"(?<![.\w]){code}\b", text)]


async def everything_stored(scene: Scene) -> list[str]:
    """Every row of every table, as text."""
    listed = text(
        "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
        " WHERE table_schema IN ('public', 'routing') AND table_type = 'BASE TABLE'"
    )
    async with scene.owner() as session:
        tables = list(await session.scalars(listed))
        return [str(row) for name in tables for row in await session.scalars(text(f"SELECT t::text FROM {name} t"))]  # noqa: S608


async def test_the_trail_names_no_address(scene: Scene) -> None:
    await ask(scene, await added(scene))
    async with scene.owner() as session:
        entries = [str(row) for row in await session.scalars(text("SELECT t::text FROM audit_entry t"))]
    assert [row for row in entries if "contact_method.code_requested" in row]
    assert not [row for row in entries if STORED.removeprefix("+44") in row.replace(" ", "")]


async def test_after_five_wrong_guesses_the_right_code_no_longer_counts(scene: Scene) -> None:
    added_id = await added(scene)
    await ask(scene, added_id)
    code = code_in(scene)
    assert [(await guess(scene, added_id, another(code))).left for _ in range(5)] == [4, 3, 2, 1, 0]
    with pytest.raises(Conflict, match="ask for a new one"):
        await guess(scene, added_id, code)
    await scene.clock.advance(timedelta(minutes=1))
    await ask(scene, added_id)
    assert (await guess(scene, added_id, code_in(scene))).right


async def test_what_is_no_code_is_refused_and_costs_no_guess(scene: Scene) -> None:
    added_id = await added(scene)
    await ask(scene, added_id)
    code = code_in(scene)
    for entered in ("", "12345", "1234567", "12345a", "١٢٣٤٥٦", f"{code}\n"):
        with pytest.raises(Invalid):
            await guess(scene, added_id, entered)
    assert (await guess(scene, added_id, another(code))).left == 4


async def test_a_code_counts_for_ten_minutes(scene: Scene) -> None:
    added_id = await added(scene)
    await ask(scene, added_id)
    code = code_in(scene)
    await scene.clock.advance(timedelta(minutes=10))
    with pytest.raises(Conflict, match="older than 10 minutes"):
        await guess(scene, added_id, code)


async def test_a_code_counts_once(scene: Scene) -> None:
    added_id = await added(scene)
    await ask(scene, added_id)
    code = code_in(scene)
    assert (await guess(scene, added_id, code)).right
    with pytest.raises(Conflict):
        await guess(scene, added_id, code)


async def test_a_new_code_puts_an_end_to_the_one_before(scene: Scene) -> None:
    added_id = await added(scene)
    await ask(scene, added_id)
    old = code_in(scene)
    await scene.clock.advance(timedelta(minutes=1))
    await ask(scene, added_id)
    if old != code_in(scene):
        assert not (await guess(scene, added_id, old)).right
    assert (await guess(scene, added_id, code_in(scene))).right


async def test_codes_cannot_be_asked_for_quickly_or_without_end(scene: Scene) -> None:
    added_id = await added(scene)
    await ask(scene, added_id)
    with pytest.raises(Conflict, match="wait 60 seconds"):
        await ask(scene, added_id)
    for _ in range(service.MOST_CODES_AN_HOUR - 1):
        await scene.clock.advance(timedelta(minutes=1))
        await ask(scene, added_id)
    await scene.clock.advance(timedelta(minutes=1))
    other = await added(scene, channel=Channel.EMAIL, address="wren@example.org")
    with pytest.raises(Conflict, match="within an hour"):
        await ask(scene, other)
    assert len(scene.phones.messages()) == service.MOST_CODES_AN_HOUR
    await scene.clock.advance(timedelta(hours=1))
    await ask(scene, other)
    assert len(scene.phones.messages()) == service.MOST_CODES_AN_HOUR + 1


async def test_somebody_elses_method_is_none_of_ones_own(scene: Scene) -> None:
    added_id = await added(scene)
    await ask(scene, added_id)
    with pytest.raises(NotFound):
        await ask(scene, added_id, "rowan-fenwick")
    with pytest.raises(NotFound):
        await guess(scene, added_id, code_in(scene), "rowan-fenwick")


async def test_a_method_retired_before_its_code_leaves_gets_none(scene: Scene) -> None:
    added_id = await added(scene)
    await ask(scene, added_id, send=False)
    async with scene.partnership.session() as session:
        await methods.retire(session, await scene.person("wren-saltmarsh"), added_id)
        await session.commit()
    await scene.work.run_due()
    assert scene.phones.messages() == []
    assert await states(scene) == [DeliveryState.CANCELLED]
    with pytest.raises(Conflict):
        await ask(scene, added_id)


async def test_a_code_that_cannot_leave_in_time_never_does(scene: Scene) -> None:
    added_id = await added(scene)
    await ask(scene, added_id, send=False)
    await scene.wait(timedelta(minutes=10))
    assert scene.phones.messages() == []
    assert await states(scene) == [DeliveryState.CANCELLED]


async def states(scene: Scene) -> list[str]:
    return [delivery.state for delivery in await rows(scene.partnership, Delivery)]


async def claimed(scene: Scene) -> Outgoing:
    """What a worker holds when it is killed after its claim."""
    async with scene.partnership.session() as session:
        task = await session.scalar(text("SELECT id FROM routing.task WHERE actor = 'deliver_notices'"))
        _, (outgoing,) = await claiming.claim(session, task)
        await session.commit()
    return outgoing


async def held(*_: object) -> bool:
    return True


async def test_a_worker_that_died_after_sending_sends_no_second_code(scene: Scene) -> None:
    """The provider has the message, the record was never written: it is asked, and the code that arrived counts."""
    added_id = await added(scene)
    await ask(scene, added_id, send=False)
    assert isinstance((await attempt(await claimed(scene), held)).outcome, HandedOver)
    assert scene.phones.new() == {"contact-code": [f"sms {STORED}"]}
    await scene.work.run_due()
    assert scene.phones.new() == {}, "the lease still runs"
    await scene.wait(LEASE)
    assert scene.phones.new() == {}
    assert await states(scene) == [DeliveryState.HANDED_OVER]
    assert await rows_owed(scene) == 0
    assert (await guess(scene, added_id, code_in(scene))).right


async def test_a_worker_that_died_before_sending_leaves_it_to_the_next(scene: Scene) -> None:
    added_id = await added(scene)
    await ask(scene, added_id, send=False)
    would_have_sent = (await claimed(scene)).message.personalisation["code"]
    await scene.wait(LEASE)
    assert scene.phones.new() == {"contact-code": [f"sms {STORED}"]}
    assert code_in(scene) == would_have_sent, "whichever message arrives, its code counts"
    assert (await guess(scene, added_id, code_in(scene))).right


async def test_a_message_repeated_by_the_other_provider_brings_the_same_code(scene: Scene) -> None:
    """The first may have sent it and cannot tell, so both may arrive, in either order."""
    added_id = await added(scene)
    scene.phones.misbehave("drop_after_accept", count=1)
    scene.phones.misbehave("blind")
    await ask(scene, added_id)
    await scene.wait(timedelta(seconds=1))
    assert len(scene.phones.messages()) == 2
    codes = {re.findall(r"\b\d{6}\b", message["body"])[0] for message in scene.phones.messages()}
    assert len(codes) == 1
    assert (await guess(scene, added_id, codes.pop())).right


@pytest.mark.parametrize("mode", ["drop_after_accept", "unparseable"])
async def test_an_answer_that_was_lost_is_asked_for_and_not_repeated(scene: Scene, mode: str) -> None:
    added_id = await added(scene)
    scene.phones.misbehave(mode, count=1)
    await ask(scene, added_id)
    await scene.wait(timedelta(seconds=1))
    assert scene.phones.new() == {"contact-code": [f"sms {STORED}"]}
    assert (await guess(scene, added_id, code_in(scene))).right


async def test_a_code_that_one_provider_did_not_take_goes_by_the_other_at_once(scene: Scene) -> None:
    added_id = await added(scene)
    scene.phones.misbehave("rate_limit", count=1)
    await ask(scene, added_id)
    by_the_other = f"sms 0{STORED.removeprefix('+44')}"
    assert scene.phones.new() == {"contact-code": [by_the_other]}
    assert (await guess(scene, added_id, code_in(scene))).right


async def test_a_dead_device_is_retired_and_its_code_failed(scene: Scene) -> None:
    added_id = await added(scene, channel=Channel.PUSH, address="dead-device-of-wren")
    await ask(scene, added_id)
    assert (await states(scene))[0] == DeliveryState.FAILED
    assert (await method(scene, added_id)).retired_at is not None


async def test_a_receipt_moves_a_notice_forward_only(scene: Scene) -> None:
    await ask(scene, await added(scene))
    (notice,) = await rows(scene.partnership, Delivery)
    for state in (DeliveryState.DELIVERED, DeliveryState.FAILED):
        async with scene.partnership.session() as session:
            told = [Receipt(one, state, "govuk-notify", notice.provider_id or "") for one in (notice.id, UUID(int=7))]
            assert await receipts.take(session, told) == {UUID(int=7)}
            await session.commit()
    assert await states(scene) == [DeliveryState.DELIVERED]


async def test_a_number_that_turns_out_dead_by_a_receipt_is_retired_and_its_person_told(scene: Scene) -> None:
    number = await scene.address(await scene.person("wren-saltmarsh"), "sms")
    added_id = await added(scene)
    await ask(scene, added_id)
    scene.phones.new()
    (notice,) = await rows(scene.partnership, Delivery)
    async with scene.partnership.session() as session:
        dead = Receipt(notice.id, DeliveryState.FAILED, "govuk-notify", notice.provider_id or "", dead=True)
        await receipts.take(session, [dead])
        await session.commit()
    await scene.work.run_due()
    assert (await method(scene, added_id)).retired_at is not None
    assert scene.phones.new()["contact-retired"] == [f"sms {number}"]


async def test_a_telephone_says_its_code_letter_by_letter(scene: Scene) -> None:
    added_id = await added(scene, channel=Channel.VOICE, address="01632 960901")
    await ask(scene, added_id)
    (call,) = scene.phones.messages()
    (notice,) = await rows(scene.partnership, Delivery)
    code = contact_code(settings().answer_secret.get_secret_value(), scene.partnership.id, notice.id)
    assert f'<say-as interpret-as="characters">{code}</say-as>' in call["body"]
    assert (await guess(scene, added_id, code)).right


async def test_a_number_one_has_already_is_known_in_any_spelling(scene: Scene) -> None:
    wren = await scene.person("wren-saltmarsh")
    number = await scene.address(wren, "sms")
    for spelling in (number, f"+44{number[1:]}"):
        async with scene.partnership.session() as session:
            with pytest.raises(Conflict):
                await methods.add(session, wren, uuid7(), Channel.SMS, spelling)


async def test_a_retired_number_is_taken_up_again_and_must_be_verified_anew(scene: Scene) -> None:
    added_id = await added(scene)
    await ask(scene, added_id)
    await guess(scene, added_id, code_in(scene))
    async with scene.partnership.session() as session:
        await methods.retire(session, await scene.person("wren-saltmarsh"), added_id)
        await session.commit()
    assert await added(scene) == added_id
    assert (await method(scene, added_id)).verified_at is None
    assert (await method(scene, added_id)).retired_at is None


async def test_the_preferred_of_two_numbers_is_first(scene: Scene) -> None:
    wren = await scene.person("wren-saltmarsh")
    added_id = await added(scene)
    await ask(scene, added_id)
    await guess(scene, added_id, code_in(scene))
    async with scene.partnership.session() as session:
        in_use = (await contacts.contact_methods(session, [wren]))[wren]
        assert in_use[-1].id == added_id
        await methods.put_in_order(session, wren, [added_id, *(one.id for one in in_use if one.id != added_id)])
        await session.commit()
    async with scene.partnership.session() as session:
        assert (await contacts.contact_methods(session, [wren]))[wren][0].id == added_id
        with pytest.raises(Invalid):
            await methods.put_in_order(session, wren, [added_id])


async def test_nobody_has_methods_without_end(scene: Scene) -> None:
    for number in range(methods.MOST_METHODS - 3):
        await added(scene, address=f"0770090091{number}")
    with pytest.raises(Conflict, match="retire one"):
        await added(scene, address="07700900999")


async def rows_owed(scene: Scene) -> int:
    async with scene.partnership.session() as session:
        query = text("SELECT count(*) FROM routing.task WHERE actor = 'deliver_notices'")
        return await session.scalar(query) or 0
