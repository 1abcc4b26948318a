"""When a clock has something to tell: its warnings, the day it is due, and that its limit has passed. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from backend.clocks.models import Step

_GRAVITY: Final = {Step.WARNING: 0, Step.DUE: 1, Step.LATE: 2}


class Timed(Protocol):
    """The instants of a clock."""

    @property
    def warn_at(self) -> Sequence[str]: ...
    @property
    def due_notice_at(self) -> datetime | None: ...
    @property
    def late_from(self) -> datetime | None: ...


class Telling(NamedTuple):
    """One step at its instant. ``number`` counts the warnings from nought."""

    at: datetime
    step: Step
    number: int = 0

    @property
    def grade(self) -> tuple[int, int]:
        return _GRAVITY[self.step], self.number


class Told(NamedTuple):
    """A step that was told before, for whatever instant."""

    step: Step
    number: int

    @property
    def grade(self) -> tuple[int, int]:
        return _GRAVITY[self.step], self.number


def tellings(clock: Timed) -> list[Telling]:
    """The steps of a clock in order of time, the graver last at one instant."""
    found = [Telling(datetime.fromisoformat(at), Step.WARNING, number) for number, at in enumerate(clock.warn_at)]
    if clock.due_notice_at is not None:
        found.append(Telling(clock.due_notice_at, Step.DUE))
    if clock.late_from is not None:
        found.append(Telling(clock.late_from, Step.LATE))
    return sorted(found, key=lambda each: (each.at, each.grade))


def reached(clock: Timed, now: datetime) -> Telling | None:
    """The gravest step whose time has come. It alone is told: who hears that a limit has passed needs no reminder."""
    return max((each for each in tellings(clock) if each.at <= now), key=lambda each: each.grade, default=None)


def coming(clock: Timed, now: datetime) -> datetime | None:
    """When the next step comes that is graver than what has been reached."""
    here = reached(clock, now)
    ahead = (each.at for each in tellings(clock) if each.at > now and (here is None or each.grade > here.grade))
    return min(ahead, default=None)


def next_instant(clock: Timed, told: Iterable[Told], now: datetime) -> datetime | None:
    """When a clock that was worked out anew next has something to tell; in the past for what is owed at once.

    What has been reached is not said again where as much was told before: a limit that is moved a little does
    not repeat its reminder. A reminder that comes to lie ahead again will be told for the new limit.
    """
    here = reached(clock, now)
    if here is not None and all(each.grade < here.grade for each in told):
        return here.at
    return coming(clock, now)
