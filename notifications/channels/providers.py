"""Which provider carries which channel."""

from functools import lru_cache

from notifications.channels.fcm import Fcm
from notifications.channels.notify import Notify
from notifications.channels.outcomes import Provider
from tenants.contacts.models import Channel


@lru_cache(maxsize=1)
def providers() -> dict[Channel, Provider]:
    """The process's provider for each channel."""
    return {Channel.SMS: Notify(Channel.SMS), Channel.EMAIL: Notify(Channel.EMAIL), Channel.PUSH: Fcm()}
