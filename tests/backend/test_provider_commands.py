"""``safeguard providers``: what an operator sees of the providers, and how one is pinned."""

import subprocess
from collections.abc import Callable

import pytest

from notifications.channels import service as channels
from notifications.channels.service import ways
from support.command_line import CommandLine
from support.partnership import Partnership
from tenants.contacts.models import Channel

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def safeguard(environment: dict[str, str], command_line: CommandLine) -> Run:
    return lambda *arguments: command_line.run(["providers", *arguments], environment)


async def first(partnership: Partnership, channel: Channel) -> str:
    channels.forget()
    async with partnership.session() as session:
        return (await ways(session, partnership.id))[channel][0]


async def test_a_pin_holds_until_it_is_taken_away_and_both_are_remembered(safeguard: Run, cambs: Partnership) -> None:
    assert await first(cambs, Channel.SMS) == "govuk-notify"
    assert safeguard("pin", "sms", "sinch", "--reason", "maintenance").stdout == "sms: pinned to sinch\n"
    assert await first(cambs, Channel.SMS) == "sinch"
    assert await first(cambs, Channel.EMAIL) == "govuk-notify"
    listed = [line.split()[:3] for line in safeguard("list").stdout.splitlines()]
    assert ["sms", "sinch", "working,"] in listed
    assert ["sms", "govuk-notify", "working"] in listed
    assert safeguard("unpin", "sms", "--reason", "it is over").stdout == "sms: unpinned\n"
    assert safeguard("unpin", "sms", "--reason", "it is over").stdout == "sms: nothing was pinned\n"
    assert await first(cambs, Channel.SMS) == "govuk-notify"
    history = [line.split("  ")[1:] for line in safeguard("history").stdout.splitlines()]
    assert history == [["sms", "sinch", "unpinned", "it is over"], ["sms", "sinch", "pinned", "maintenance"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pin", "sms", "smtp", "--reason", "x"], "choose from govuk-notify, sinch"),
        (["pin", "push", "fcm", "--reason", "x"], "Invalid value for 'CHANNEL'"),
        (["pin", "sms", "sinch"], "Missing option '--reason'"),
    ],
)
def test_a_wrong_pin_is_one_line(safeguard: Run, arguments: list[str], said: str) -> None:
    done = safeguard(*arguments)
    assert done.returncode != 0
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_every_provider_is_listed_with_what_was_seen(safeguard: Run) -> None:
    lines = safeguard("list").stdout.splitlines()
    assert lines[0].split() == ["CHANNEL", "PROVIDER", "CONDITION", "SINCE", "SEEN", "REASON"]
    assert [line.split()[:2] for line in lines[1:]] == [
        ["sms", "govuk-notify"], ["sms", "sinch"], ["email", "govuk-notify"], ["email", "smtp"],
        ["voice", "vonage"], ["webhook", "webhook"],
    ]  # fmt: skip
    assert all("0 faults and 0 slow of 0 attempts" in line for line in lines[1:])
