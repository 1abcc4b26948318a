"""Sinch's answers in our terms, against the stand-in that speaks its wire format."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from infra.dev.supervisor import free_port
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from notifications.channels.sinch import Sinch
from support.scene import Phones

NUMBER = "07700900001"
Make = Callable[..., Message]


async def test_an_accepted_message_is_found_again_by_our_reference(phones: Phones, message: Make) -> None:
    sent = message(NUMBER)
    outcome = await Sinch().send(sent)
    (received,) = phones.messages()
    assert outcome == HandedOver(received["id"])
    assert (received["provider"], received["to"], received["reference"]) == ("sinch", NUMBER, sent.reference)
    assert received["body"] == (
        "Rapid response call 7F3K-2Q9D. To accept reply 4071; if you cannot come reply NO 4071."
        " Or open https://example.org/r/a-token"
    )
    assert await Sinch().find(sent.reference) == outcome
    assert await Sinch().find("another") is None


async def test_a_message_lives_as_long_as_the_step(phones: Phones, message: Make) -> None:
    await Sinch().send(message(NUMBER, time_to_live=7200))
    expires = datetime.fromisoformat(phones.messages()[0]["data"]["expire_at"])
    assert abs(expires - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)


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
    phones: Phones, message: Make, mode: str, outcome: Outcome, taken: int
) -> None:
    phones.misbehave(mode, provider="sinch", count=1, seconds=0.05)
    sent = message(NUMBER)
    assert await Sinch().send(sent) == outcome
    assert len(phones.messages()) == taken
    assert isinstance(await Sinch().find(sent.reference), HandedOver if taken else type(None))


@pytest.mark.parametrize(
    ("address", "wording", "outcome"),
    [
        ("12", "rapid-response-page", Refused("not a telephone number", dead=True)),
        ("nobody", "rapid-response-page", Refused("not a telephone number", dead=True)),
        (NUMBER, "no-such-template", Refused("no such template")),
    ],
)
async def test_what_can_never_be_sent_is_refused(
    phones: Phones, message: Make, address: str, wording: str, outcome: Outcome
) -> None:
    assert await Sinch().send(message(address, wording)) == outcome
    assert phones.messages() == []


async def test_a_wrong_token_can_be_mended_and_nobody_there_means_that_nothing_was_taken(
    phones: Phones, message: Make, point_elsewhere: Callable[..., None]
) -> None:
    point_elsewhere(SINCH_API_TOKEN="wrong")
    assert await Sinch().send(message(NUMBER)) == NotTaken("status 401")
    point_elsewhere(SINCH_BASE_URL=f"http://127.0.0.1:{free_port()}")
    assert await Sinch().send(message(NUMBER)) == NotTaken("no connection")
    assert isinstance(await Sinch().find("any"), Unknown)
