"""A person's own rules: by which channels, in what order, how long after each other. Pure.

They add and reorder. A step's own channels are used all the same, one channel always goes at once,
and who has set nothing is called by the step's channels.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from tenants.contacts.models import Channel, ContactMethod


class ChannelRule(BaseModel):
    """One channel, ``after`` seconds from the page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: Channel
    after: int = Field(default=0, ge=0, le=3_600)


class NotificationRules(BaseModel):
    """A person's rules for pages that need an answer, and for notices."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urgent: tuple[ChannelRule, ...] = Field(default=(), max_length=10)
    routine: tuple[ChannelRule, ...] = Field(default=(), max_length=10)


class Way(NamedTuple):
    """A channel and address of a responder, and how many seconds after the page it is used."""

    channel: Channel
    address: str
    after: int = 0


def ways(
    channels: Sequence[Channel],
    methods: Iterable[ContactMethod],
    rules: Sequence[ChannelRule] = (),
    within: int | None = None,
) -> tuple[Way, ...]:
    """How a person is paged by a step: the rules' channels in their order, then the step's others at once.

    Any method rather than none. The earliest goes at once whatever the rules say, and so does what
    would come after ``within``, the step's own time: late beats never, and early beats late.
    """
    held = list(methods)
    ruled = {rule.channel: rule.after for rule in rules}
    order = list(dict.fromkeys([*ruled, *channels]))
    found = [
        Way(m.channel, m.address, ruled.get(channel, 0)) for channel in order for m in held if m.channel == channel
    ]
    found = found or [Way(method.channel, method.address) for method in held]
    soonest = min((way.after for way in found), default=0)
    waits = [(way, way.after - soonest) for way in found]
    return tuple(way._replace(after=wait if within is None or wait < within else 0) for way, wait in waits)
