"""What the kernel says of a clock: its instants, or why it has none, and how it came to them. Pure data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from backend.clocks.limits import Force
from backend.clocks.rules import Rule

Step = tuple[Callable[..., str], tuple[Any, ...]]
"""One step of the working: what words it, and what with. Worded only when somebody asks."""


class Effect(StrEnum):
    """What it means that ``due_at`` has passed."""

    BREACH = "breach"
    MISS_NEEDS_REASON = "miss_needs_reason"
    LAPSES = "lapses"
    ALLOWED_FROM = "allowed_from"
    REMINDER = "reminder"
    WATCH_ENDS = "watch_ends"
    REPORTED = "reported"
    TAKES_EFFECT = "takes_effect"
    NONE = "none"


class Reason(StrEnum):
    """Why a clock has no due instant."""

    AWAITING_START = "awaiting_start"
    START_NOT_CHOSEN = "start_not_chosen"
    SETTING_NOT_MADE = "setting_not_made"
    FACT_NOT_RECORDED = "fact_not_recorded"
    CONDITION_NOT_MET = "condition_not_met"
    PAUSED = "paused"
    ENDED = "ended"
    NO_DATE_OF_ITS_OWN = "no_date_of_its_own"


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is no due instant, and the codes of what would give one: events, a setting, a fact, a clock."""

    reason: Reason
    needs: tuple[str, ...] = ()


class Extended(StrEnum):
    """Where a limit that may be extended once stands."""

    POSSIBLE = "possible"
    USED = "used"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Resets:
    """How often a later start moved the limit. The first start is kept beside the last."""

    first: datetime
    last: datetime
    count: int
    warning: bool


class Window(NamedTuple):
    """From ``begins`` to before ``ends``."""

    begins: datetime
    ends: datetime


class Timing(NamedTuple):
    """Where one clock stands.

    - ``due_at`` is an instant in UTC, ``last_day`` the last local day of a limit in whole days, whose ``due_at``
      is the midnight that ends it. What passing it means is ``effect``; ``missing`` says why there is none.
    - ``force`` and ``citation`` are those of the limit that holds, such as a fall-back's.
    - ``provisional`` holds the earliest and the latest due instant where a start is known only roughly, and the
      span of a range, a look-back or a risk window. ``due_at`` is then on the safe side.
    - ``held`` counts how often a recurring clock was met; ``due_at`` is its next one.
    - ``met_at`` and ``kept`` say when it was met and whether in time; ``overdue`` that it is late and not met.
    - ``holds`` answers what a clock without a date asks: whether a gate is shut, a criterion fulfilled, a look-back
      found something, a watch is raised. None where that is not known.
    """

    rule: Rule
    effect: Effect
    force: Force
    citation: str
    due_at: datetime | None = None
    last_day: date | None = None
    missing: Missing | None = None
    started_at: datetime | None = None
    warn_at: tuple[datetime, ...] = ()
    provisional: Window | None = None
    resets: Resets | None = None
    extension: Extended | None = None
    held: int = 0
    met_at: datetime | None = None
    kept: bool | None = None
    overdue: bool = False
    holds: bool | None = None
    steps: tuple[Step, ...] = ()

    @property
    def trace(self) -> tuple[str, ...]:
        """How it was worked out, a sentence a step."""
        return tuple(words(*given) for words, given in self.steps)


_STRENGTH = {Force.MUST: 3, Force.SHOULD: 2, Force.WILL: 1, Force.MAY: 0}


@dataclass(frozen=True, slots=True)
class Duty:
    """Several clocks that bind one duty: the earliest is ``shown``, and ``binding`` is the one to breach."""

    shown: Timing
    binding: Timing


def one_duty(timings: Iterable[Timing]) -> Duty | None:
    """Which of several clocks on one duty is shown, and which one breaches: the strongest force, then the earliest.

    "Will" ranks nowhere in the sources; here it yields to must and should. None where none of them has a date.
    """
    running = [(timing.due_at, timing) for timing in timings if timing.due_at is not None]
    if not running:
        return None
    return Duty(
        shown=min(running, key=lambda each: each[0])[1],
        binding=min(running, key=lambda each: (-_STRENGTH[each[1].force], each[0]))[1],
    )
