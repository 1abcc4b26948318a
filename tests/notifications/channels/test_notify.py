"""GOV.UK Notify's answers in our terms, against the stand-in that speaks its wire format."""

from uuid import uuid4

import pytest

from backend.kit.settings import settings
from infra.dev.supervisor import free_port
from notifications.channels.notify import Notify
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from support.scene import WORDS, Phones
from tenants.contacts.models import Channel

NUMBER, MAILBOX = "07700900001", "person@example.org"


def message(address: str = NUMBER, template: str = "rapid-response-page") -> Message:
    return Message(str(uuid4()), address, template, WORDS)


def point_elsewhere(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()


@pytest.mark.parametrize(("channel", "address"), [(Channel.SMS, NUMBER), (Channel.EMAIL, MAILBOX)])
async def test_an_accepted_message_is_handed_over_under_the_providers_id(
    phones: Phones, channel: Channel, address: str
) -> None:
    sent = message(address)
    outcome = await Notify(channel).send(sent)
    (received,) = phones.messages()
    assert outcome == HandedOver(received["id"])
    assert (received["to"], received["reference"]) == (address, sent.reference)
    assert await Notify(channel).find(sent.reference) == outcome


@pytest.mark.parametrize(
    ("mode", "outcome", "taken"),
    [
        ("error500", Unknown("status 500"), 0),
        ("rate_limit", NotTaken("status 429"), 0),
        ("timeout", Unknown("ServerDisconnectedError"), 0),
        ("drop_after_accept", Unknown("ServerDisconnectedError"), 1),
        ("unparseable", Unknown("unparseable answer"), 1),
    ],
)
async def test_each_fault_is_named_for_what_may_have_happened(
    phones: Phones, mode: str, outcome: Outcome, taken: int
) -> None:
    phones.misbehave(mode, count=1, seconds=0.05)
    sent = message()
    assert await Notify(Channel.SMS).send(sent) == outcome
    assert len(phones.messages()) == taken
    found = await Notify(Channel.SMS).find(sent.reference)
    assert isinstance(found, HandedOver) if taken else found is None


@pytest.mark.parametrize(
    ("channel", "wrong", "dead"),
    [
        (Channel.SMS, message("12345"), True),
        (Channel.EMAIL, message("nobody"), True),
        (Channel.SMS, message(template="no-such-template"), False),
        (Channel.SMS, Message("reference", NUMBER, "rapid-response-page", {}), False),
    ],
)
async def test_only_a_bad_address_retires_the_address(
    phones: Phones, channel: Channel, wrong: Message, *, dead: bool
) -> None:
    outcome = await Notify(channel).send(wrong)
    assert isinstance(outcome, Refused)
    assert outcome.dead is dead
    assert wrong.address not in outcome.reason
    assert phones.messages() == []


async def test_nobody_at_the_address_means_that_nothing_was_taken(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_elsewhere(monkeypatch, NOTIFY_BASE_URL=f"http://127.0.0.1:{free_port()}")
    sent = message()
    assert await Notify(Channel.SMS).send(sent) == NotTaken("no connection")
    # Whether it has an earlier attempt cannot be known now, which is not the same as knowing that it has none.
    assert isinstance(await Notify(Channel.SMS).find(sent.reference), Unknown)


async def test_a_key_that_is_not_accepted_can_be_mended_and_tried_again(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_elsewhere(monkeypatch, NOTIFY_API_KEY=f"wrong-{uuid4()}-{uuid4()}")
    assert await Notify(Channel.SMS).send(message()) == NotTaken("status 403")
    assert phones.messages() == []
