"""Which providers carry which channel."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from backend.kit.settings import settings
from notifications.channels.apns import Apns
from notifications.channels.fcm import Fcm
from notifications.channels.notify import Notify
from notifications.channels.outcomes import Provider
from notifications.channels.sinch import Sinch
from notifications.channels.smtp import Smtp
from notifications.channels.vonage import Vonage
from notifications.channels.webhook import Webhook
from notifications.channels.webpush import WebPush
from tenants.contacts.models import Channel

# The first is used at rest. Devices have one provider each, which is the device's nature and no choice.
_ALL: Final[Mapping[Channel, Sequence[str]]] = {
    Channel.SMS: ("govuk-notify", "sinch"),
    Channel.EMAIL: ("govuk-notify", "smtp"),
    Channel.PUSH: ("fcm", "apns", "webpush"),
    Channel.VOICE: ("vonage",),
    Channel.WEBHOOK: ("webhook",),
}


def names(channel: Channel) -> list[str]:
    """The channel's providers that may stand in for each other and are configured, the one at rest first."""
    configured = settings()
    absent = {
        name
        for name, setting in (("sinch", configured.sinch_service_plan_id), ("smtp", configured.smtp_host))
        if not setting
    }
    return [name for name in _ALL[channel] if name not in absent]


def alternatives(channel: Channel, provider: str) -> list[str]:
    """Who else could carry what ``provider`` was to; nobody for a push, which only the device's own can."""
    return [] if channel is Channel.PUSH else [name for name in names(channel) if name != provider]


@lru_cache(maxsize=1)
def _providers() -> Mapping[tuple[Channel, str], Provider]:
    """The process's providers. Each keeps its tokens, and reads its settings when it is used."""
    made: list[tuple[Channel, Provider]] = [
        (Channel.SMS, Notify(Channel.SMS)), (Channel.SMS, Sinch()),
        (Channel.EMAIL, Notify(Channel.EMAIL)), (Channel.EMAIL, Smtp()),
        (Channel.PUSH, Fcm()), (Channel.PUSH, Apns()), (Channel.PUSH, WebPush()),
        (Channel.VOICE, Vonage()), (Channel.WEBHOOK, Webhook()),
    ]  # fmt: skip
    return {(channel, provider.name): provider for channel, provider in made}


async def silent() -> list[str]:
    """Providers that are set up, can be asked, and do not answer as they should, by name. Sends nothing to anybody."""
    asked = {provider.name: provider for provider in _providers().values()}
    answers = await asyncio.gather(*(one.ready() for one in asked.values()))
    return sorted(name for name, answer in zip(asked, answers, strict=True) if answer is False)


def provider(channel: Channel, name: str) -> Provider:
    """The provider of that name. Raises ``KeyError`` for one that does not carry the channel."""
    return _providers()[channel, name]
