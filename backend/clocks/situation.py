"""What a clock is worked out from: the recorded events and facts of a case, and the partnership's choices. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from backend.clocks.dates import FuzzyDate
from backend.clocks.limits import Span, Start
from tenants.calendars.receipt import UNADJUSTED_RECEIPT, ReceiptRule
from tenants.calendars.working_days import Calendar

Moment = datetime | FuzzyDate
"""When something happened, or will: an instant, or a date known only to its day, month, season or year."""
Fact = bool | int | str | Span

REPEATED_RESETS: Final = 2
"""From how many resets of a start a warning is raised. No source gives a number; the second is a repetition."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a partnership has settled for itself; nothing in it has a value shipped as law.

    ``starts`` gives by clock the event from which an unstated start counts; ``limits`` by setting the span for a
    qualitative wording or for the other case of a condition, None where the partnership has settled that there is
    none; ``counts`` the number of a criterion, ``dates`` the date of a fixed one. ``counts_from`` turns, by clock,
    what a recurrence counts from.
    """

    receipt: ReceiptRule = UNADJUSTED_RECEIPT
    starts: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, Span | None] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    dates: Mapping[str, FuzzyDate] = field(default_factory=dict)
    counts_from: Mapping[str, Literal["last_held", "due"]] = field(default_factory=dict)
    warn_from_resets: int = REPEATED_RESETS


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the kernel may know.

    ``events`` gives by code the moments at which it happened, each happening once and as it now stands: a
    correction, or a planned date that moved, has replaced what was recorded before. Their order is of no matter.
    An event that is still to come (a birth, a move) has the moment expected of it. ``now`` must carry a zone.
    ``revised`` gives of an event whose moment was corrected all that it was known as, each since when, the first first.
    """

    calendar: Calendar
    now: datetime
    events: Mapping[str, Sequence[Moment]] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    choices: Choices = field(default_factory=Choices)
    revised: Mapping[str, Sequence[tuple[datetime, Moment]]] = field(default_factory=dict)

    def instants(self, *codes: str) -> list[datetime]:
        """When the events happened, earliest first; a fuzzy date stands at the first instant it may mean."""
        return sorted(self.earliest(moment) for code in codes for moment in self.events.get(code, ()))

    def moments(self, start: Start, clock: str) -> Sequence[Moment] | None:
        """The recorded starts in order of time, or None where the partnership has not chosen the start."""
        found: Sequence[Moment]
        if start.unstated:
            chosen = self.choices.starts.get(clock)
            if chosen is None:
                return None
            found = self.events.get(chosen, ())
        elif start.or_events:
            found = [moment for code in start.events for moment in self.events.get(code, ())]
        else:
            found = self.events.get(start.event, ())
        return found if len(found) < 2 else sorted(found, key=self.earliest)

    def earliest(self, moment: Moment) -> datetime:
        return moment if isinstance(moment, datetime) else self.calendar.day_starts(moment.earliest)
