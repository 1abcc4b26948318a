"""Mail through a submission server that wants TLS and a login: what each of its answers means."""

from collections.abc import Callable

import pytest

from infra.dev.supervisor import free_port
from notifications.channels.outcomes import HandedOver, Message, NotTaken, Outcome, Refused, Unknown
from notifications.channels.smtp import Smtp
from support.scene import Phones

MAILBOX = "person@example.org"
Make = Callable[..., Message]


async def test_a_mail_is_handed_over_under_our_reference(phones: Phones, message: Make) -> None:
    sent = message(MAILBOX)
    assert await Smtp().send(sent) == HandedOver(f"<{sent.reference}@example.org>")
    (received,) = phones.messages()
    assert (received["provider"], received["to"], received["reference"]) == ("smtp", MAILBOX, sent.reference)
    assert received["subject"] == "Rapid response call: answer now"
    assert received["body"].startswith("Rapid response call 7F3K-2Q9D.")
    raw = phones.carrier.get("/dev/raw").text
    assert f"Message-ID: <{sent.reference}@example.org>" in raw
    assert "Auto-Submitted: auto-generated" in raw


@pytest.mark.parametrize(
    ("mode", "outcome", "taken"),
    [
        ("error500", NotTaken("code 451"), 0),
        ("rate_limit", NotTaken("code 451"), 0),
        ("unregistered", Refused("code 550"), 0),
        ("drop_after_accept", Unknown("SMTPServerDisconnected"), 1),
        ("timeout", Unknown("SMTPServerDisconnected"), 0),
        ("unparseable", Unknown("unparseable answer"), 1),
    ],
)
async def test_each_fault_is_named_for_what_may_have_happened(
    phones: Phones, message: Make, mode: str, outcome: Outcome, taken: int
) -> None:
    phones.misbehave(mode, provider="smtp", count=1, seconds=0.05)
    assert await Smtp().send(message(MAILBOX)) == outcome
    assert len(phones.messages()) == taken


async def test_a_server_that_falls_silent_over_the_message_may_have_taken_it(phones: Phones, message: Make) -> None:
    phones.misbehave("slow", provider="smtp", count=1, seconds=3)
    assert isinstance(await Smtp().send(message(MAILBOX)), Unknown)


@pytest.mark.parametrize("address", ["dead-box@example.org", "two\nlines@example.org"])
async def test_a_mailbox_that_does_not_exist_is_dead(phones: Phones, message: Make, address: str) -> None:
    outcome = await Smtp().send(message(address))
    assert isinstance(outcome, Refused)
    assert outcome.dead
    assert phones.messages() == []


async def test_nothing_was_taken_without_a_connection_a_login_or_a_trusted_certificate(
    phones: Phones, message: Make, point_elsewhere: Callable[..., None]
) -> None:
    point_elsewhere(SMTP_PASSWORD="wrong")
    assert isinstance(await Smtp().send(message(MAILBOX)), NotTaken)
    point_elsewhere(SMTP_CA_FILE=None)
    assert isinstance(await Smtp().send(message(MAILBOX)), NotTaken)
    point_elsewhere(SMTP_PORT=str(free_port()))
    assert isinstance(await Smtp().send(message(MAILBOX)), NotTaken)
    assert phones.messages() == []


async def test_it_cannot_be_asked(phones: Phones) -> None:
    assert isinstance(await Smtp().find("any"), Unknown)
