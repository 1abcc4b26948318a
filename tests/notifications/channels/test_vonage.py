"""A call: to the right number, slow and repeated, with a key that works while it is speaking."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from notifications.channels.vonage import Vonage
from support.scene import Phones

NUMBER = "07700900001"
Make = Callable[..., Message]


def placed(phones: Phones) -> dict[str, Any]:
    """The call as it was asked for."""
    raw = phones.carrier.get("/dev/raw").text
    return dict(json.loads(raw[raw.index('{"to"') :].splitlines()[0]))


async def test_a_call_is_slow_is_said_twice_and_listens_meanwhile(phones: Phones, message: Make) -> None:
    sent = message(NUMBER)
    outcome = await Vonage().send(sent)
    (received,) = phones.messages()
    assert outcome == HandedOver(received["id"])
    assert (received["provider"], received["to"]) == ("vonage", NUMBER)
    call = placed(phones)
    talk, heard = call["ncco"]
    assert call["to"] == [{"type": "phone", "number": "447700900001"}]
    assert (talk["bargeIn"], talk["loop"], talk["language"]) == (True, 2, "en-GB")
    assert talk["text"].startswith('<speak><prosody rate="slow">This is Safeguard.')
    assert '<say-as interpret-as="characters">7F3K-2Q9D</say-as>' in talk["text"]
    assert heard["dtmf"] == {"maxDigits": 1, "timeOut": 10}
    assert heard["eventUrl"] == [f"http://localhost:8000/callbacks/voice/{sent.reference}/keys"]
    assert call["advanced_machine_detection"] == {"behavior": "hangup", "mode": "detect"}


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [
        ("error500", Unknown("status 500")),
        ("rate_limit", NotTaken("status 429")),
        ("timeout", Unknown("ServerDisconnectedError")),
        ("unparseable", Unknown("unparseable answer")),
    ],
)
async def test_each_fault_is_named_for_what_may_have_happened(
    phones: Phones, message: Make, mode: str, outcome: Outcome
) -> None:
    phones.misbehave(mode, provider="vonage", count=1, seconds=0.05)
    assert await Vonage().send(message(NUMBER)) == outcome


async def test_calls_cannot_be_asked_for(phones: Phones) -> None:
    assert isinstance(await Vonage().find("any"), Unknown)


async def test_what_is_no_number_is_refused_and_another_application_is_not_let_in(
    phones: Phones, message: Make, point_elsewhere: Callable[..., None]
) -> None:
    assert await Vonage().send(message("12")) == Refused("not a telephone number", dead=True)
    point_elsewhere(VONAGE_APPLICATION_ID="another")
    assert await Vonage().send(message(NUMBER)) == NotTaken("status 401")
    assert phones.messages() == []
