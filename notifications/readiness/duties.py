"""Shifts put together into duties: from a person's first hour on call to their last. Pure.

A week of days from eight to eight is one duty: its nights do not make the person start anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Final
from uuid import UUID

REST: Final = timedelta(hours=24)
"""Longer off call than this, and the person starts anew."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One shift. ``answers_from`` is before ``begins`` only where the clock repeats that hour."""

    rota_id: UUID
    position: int
    person_id: UUID
    answers_from: datetime
    begins: datetime
    ends: datetime


Duty = Turn
"""Turns of one person in one position, put together: it lasts from the first to the last."""


def duties(turns: Iterable[Turn], rest: timedelta = REST) -> list[Duty]:
    """The duties that ``turns`` come to, by rota and position, earliest first.

    Two turns of a person are one duty when nobody else has the position between them and the
    person is off for no longer than ``rest``.
    """
    found: list[Duty] = []
    ordered = sorted(turns, key=lambda turn: (turn.rota_id, turn.position, turn.begins))
    for _, group in groupby(ordered, key=lambda turn: (turn.rota_id, turn.position)):
        current: Duty | None = None
        for turn in group:
            if current and turn.person_id == current.person_id and turn.begins - current.ends <= rest:
                ends = max(current.ends, turn.ends)
                current = Duty(current.rota_id, current.position, current.person_id, current.answers_from,
                               current.begins, ends)  # fmt: skip
                continue
            found += [current] if current else []
            current = turn
        found += [current] if current else []
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """A duty that ends and the one that follows it; None while nobody is known to follow."""

    outgoing: Duty
    incoming: Duty | None


def changes(turns: Iterable[Turn]) -> list[Change]:
    """Where a position passes from one person to another, or to nobody, in the order of their instants.

    Somebody who follows themselves, however long after, hands over to nobody.
    """
    whole = duties(turns, rest=timedelta.max)
    found = []
    for _, group in groupby(whole, key=lambda duty: (duty.rota_id, duty.position)):
        ordered = list(group)
        found += [Change(one, other) for one, other in pairwise(ordered)]
        found.append(Change(ordered[-1], None))
    return sorted(found, key=lambda change: change.outgoing.ends)
