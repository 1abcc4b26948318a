"""One attempt at one delivery: by one provider, or by the other when the first cannot or will not say.

A provider that certainly did not take the message is left for the next at once. One that may have
taken it is asked by the reference; only when it cannot tell is the message given to the other one as
well, once in a delivery's life. All of it fits in a lease.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from uuid import UUID

from backend.kit import metrics
from notifications.channels.health import SLOW_SECONDS
from notifications.channels.outcomes import HandedOver, Message, NotNeeded, NotTaken, Outcome, Refused, Unknown
from notifications.channels.providers import provider
from tenants.contacts.models import Channel

SANDBOX: Final = "sandbox"
"""Stands for the provider of what was only made believe to be sent."""
_NAMES: Final = {HandedOver: "handed_over", Refused: "refused", NotTaken: "not_taken", Unknown: "unknown"}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed delivery, with all that is needed to send it after the session is closed.

    ``ways`` are the providers that may carry it, best first. ``given_to`` is who was given it last, and
    it is written on the row; ``ask_first`` says that an earlier attempt may have left that way. What a ``sandbox``
    says is given to nobody.
    """

    delivery_id: UUID
    alert_id: UUID | None
    channel: Channel
    message: Message
    ways: list[str]
    given_to: str
    ask_first: bool
    wanted: bool
    attempt: int
    repeated: bool = False
    drill: bool = False
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Try:
    """One call to one provider and what came of it."""

    provider: str
    outcome: Outcome
    seconds: float

    @property
    def fault(self) -> bool:
        """Whether the provider, not the message, is to blame."""
        return isinstance(self.outcome, NotTaken | Unknown)

    @property
    def slow(self) -> bool:
        return self.seconds >= SLOW_SECONDS

    def detail(self) -> dict[str, Any]:
        """For the history: who, what, how long in milliseconds."""
        reason = getattr(self.outcome, "reason", None)
        told = {"provider": self.provider, "outcome": _NAMES[type(self.outcome)], "ms": round(self.seconds * 1000)}
        return told | ({"reason": reason} if reason else {})


@dataclass(slots=True)
class Attempt:
    """What came of a claimed delivery, who has it, and every call that it took."""

    outgoing: Outgoing
    outcome: Outcome
    provider: str
    repeated: bool
    tries: list[Try] = field(default_factory=list)

    def detail(self) -> dict[str, Any]:
        return {"attempt": self.outgoing.attempt, "provider": self.provider, "tries": [t.detail() for t in self.tries]}


Moved: TypeAlias = Callable[[Outgoing, str, bool], Awaitable[bool]]
"""Writes down, before it happens, that a delivery is given to another provider, and whether that may repeat it.

False when it is not wanted any more, or not ours any more: then it must not be sent.
"""


async def attempt(outgoing: Outgoing, moved: Moved) -> Attempt:
    """Try to have one delivery sent, by at most two providers; a sandbox's counts as taken, and goes to none."""
    made = Attempt(outgoing, NotNeeded(), outgoing.given_to, outgoing.repeated)
    if outgoing.sandbox:
        if outgoing.wanted:
            made.outcome, made.provider = HandedOver(f"{SANDBOX}-{outgoing.delivery_id}"), SANDBOX
        return made
    doubtful: Unknown | None = None
    if outgoing.ask_first:
        known = await provider(outgoing.channel, outgoing.given_to).find(outgoing.message.reference)
        if isinstance(known, Unknown):
            if outgoing.repeated or not outgoing.wanted:
                made.outcome = known
                return made
            doubtful = known
        elif known is not None:
            made.outcome = known
            return made
    if outgoing.wanted:
        await _by_each(made, _remaining(outgoing, avoid_first=doubtful is not None), doubtful, moved)
    return made


def _remaining(outgoing: Outgoing, *, avoid_first: bool) -> list[str]:
    """Whom to try: at most two, and after a doubtful one rather the other."""
    if not avoid_first:
        return outgoing.ways[:2]
    others = [name for name in outgoing.ways if name != outgoing.given_to]
    return others[:1] or outgoing.ways[:1]


async def _by_each(made: Attempt, ways: list[str], doubtful: Unknown | None, moved: Moved) -> None:
    outgoing, doubted = made.outgoing, made.provider
    for way in ways:
        repeats = doubtful is not None
        if (way != made.provider or repeats) and not await moved(outgoing, way, repeats):
            made.outcome, made.provider = doubtful or NotNeeded(), doubted
            return
        made.repeated = made.repeated or repeats
        outcome = await _send(made, way)
        made.outcome, made.provider = outcome, way
        if isinstance(outcome, HandedOver) or (isinstance(outcome, Refused) and outcome.dead):
            return
        if isinstance(outcome, Unknown):
            if way == ways[-1]:
                return  # it is asked at the next attempt; asking now as well might outlast the lease
            known = await provider(outgoing.channel, way).find(outgoing.message.reference)
            if isinstance(known, HandedOver):
                made.outcome = known
                return
            if known is not None:
                if made.repeated:
                    return
                doubtful, doubted = outcome, way
    if doubtful is not None and made.provider != doubted:
        # The second certainly did not send it, so the first is still the one to ask, and nothing was repeated.
        made.outcome, made.provider, made.repeated = doubtful, doubted, outgoing.repeated


async def _send(made: Attempt, way: str) -> Outcome:
    outgoing = made.outgoing
    began = time.monotonic()
    outcome = await provider(outgoing.channel, way).send(outgoing.message)
    seconds = time.monotonic() - began
    made.tries.append(Try(way, outcome, seconds))
    metrics.count_send(outgoing.channel.value, way, _NAMES[type(outcome)], seconds, drill=outgoing.drill)
    return outcome
