"""When a channel leaves a provider and when it goes back. Pure.

Errors and slowness both count. One bad minute does not swing it: leaving needs several faults that are
a good part of all attempts, going back needs a rest and then a clean trial. When every provider of a
channel looks bad, the fault is likely ours or the network's, and nothing is moved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from notifications.channels.models import ChangeKind, Condition

WINDOW: Final = timedelta(minutes=5)
REST: Final = timedelta(minutes=5)
SLOW_SECONDS: Final = 1.5
FAULTS: Final = 3
SLOW_ONES: Final = 5
SHARE: Final = 0.3
TRIALS: Final = 5


@dataclass(frozen=True, slots=True)
class State:
    """A provider's condition on one channel."""

    condition: Condition
    since: datetime
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sums over the window: since the last change, or since the trial began for a degraded one."""

    attempts: int = 0
    faults: int = 0
    slow: int = 0

    @property
    def looks_bad(self) -> bool:
        failing = self.faults >= FAULTS and self.faults >= SHARE * self.attempts
        return failing or (self.slow >= SLOW_ONES and self.slow >= SHARE * self.attempts)

    def words(self) -> str:
        return f"{self.faults} faults and {self.slow} slow of {self.attempts} attempts"


@dataclass(frozen=True, slots=True)
class Change:
    """What the evidence calls for."""

    provider: str
    kind: ChangeKind
    reason: str


def on_trial(state: State | None, now: datetime) -> bool:
    """Whether a degraded provider has rested and may be given a message in eight."""
    return state is not None and state.condition is Condition.DEGRADED and now >= state.since + REST


def order(names: Iterable[str], states: Mapping[str, State], now: datetime, *, trial: bool) -> list[str]:
    """The providers of a channel, the one to use first.

    The pinned one leads, then those that work in the order given. ``trial`` lets a rested one go first.
    """

    def rank(name: str) -> int:
        state = states.get(name)
        if state is None or state.pinned:
            return 0 if state else 2
        if state.condition is Condition.WORKING:
            return 2
        return 1 if trial and on_trial(state, now) else 3

    return sorted(names, key=rank)


def judge(
    names: Sequence[str], states: Mapping[str, State], evidence: Mapping[str, Evidence], now: datetime
) -> list[Change]:
    """The changes that the evidence calls for. A channel's only provider is never left."""
    found = {name: evidence.get(name, Evidence()) for name in names}
    changes: list[Change] = []
    for name, seen in found.items():
        state = states.get(name)
        if state is not None and state.condition is Condition.DEGRADED:
            if on_trial(state, now):
                changes += _after_trial(name, seen)
        elif seen.looks_bad and any(_in_order(other, states, found) for other in names if other != name):
            changes.append(Change(name, ChangeKind.DEGRADED, seen.words()))
    return changes


def _after_trial(name: str, seen: Evidence) -> list[Change]:
    if seen.faults or seen.slow:
        return [Change(name, ChangeKind.STILL_DEGRADED, f"on trial: {seen.words()}")]
    if seen.attempts >= TRIALS:
        return [Change(name, ChangeKind.RECOVERED, f"on trial: {seen.words()}")]
    return []


def _in_order(name: str, states: Mapping[str, State], found: Mapping[str, Evidence]) -> bool:
    state = states.get(name)
    return (state is None or state.condition is Condition.WORKING) and not found[name].looks_bad
