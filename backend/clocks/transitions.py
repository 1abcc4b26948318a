"""How a clock's row follows what it should be. Pure: it changes the row that it is given and nothing else."""

from __future__ import annotations

from datetime import datetime

from backend.clocks.models import Change, Clock, ClockState, Why
from backend.clocks.wanted import Wanted

_OPEN = frozenset({ClockState.RUNNING, ClockState.PAUSED})
_PASSED = frozenset({ClockState.BREACHED, ClockState.MISSED, ClockState.EXPIRED, ClockState.ENDED})
_DONE = frozenset({ClockState.MET, ClockState.MET_LATE})


def moved(row: Clock, each: Wanted | None, now: datetime, *, lifts: bool) -> Change | None:
    """Bring ``row`` in line with ``each`` and say what happened, or None where nothing of note did.

    ``lifts`` lets a corrected start take a breach, a miss or a lapse back. Without it they stand, whatever the
    instants have become.
    """
    if each is None:
        return _unwanted(row, now, lifts=lifts)
    before = (row.started_at, row.due_at, row.late_from, row.effect, row.yields_to)
    if not _by_hand(row, each):
        _take_instants(row, each)
    changed = (row.started_at, row.due_at, row.late_from, row.effect, row.yields_to) != before
    match each.state:
        case ClockState.PAUSED:
            return _to(row, ClockState.PAUSED, Change.PAUSED) if row.state is ClockState.RUNNING else None
        case ClockState.ENDED:
            return _ended(row, each, now)
        case ClockState.MET | ClockState.MET_LATE:
            return _met(row, each, now, lifts=lifts) or (Change.RECALCULATED if changed else None)
        case _:
            return _running(row, each, now, lifts=lifts) or (Change.RECALCULATED if changed else None)


def _by_hand(row: Clock, each: Wanted) -> bool:
    """Done by hand under a rule that names no event for it: nothing recorded can say otherwise."""
    return row.state in _DONE and getattr(each.rule, "met_by", None) is None


def _take_instants(row: Clock, each: Wanted) -> None:
    row.trace = list(each.trace) or row.trace
    if each.started_at is None or each.due_at is None:
        return
    # An "at once" is late so long after it was first known, and that does not move.
    known = row.late_from if each.timing is None else None
    row.started_at, row.due_at, row.late_from = each.started_at, each.due_at, known or each.late_from
    row.due_notice_at, row.warn_at = each.due_notice_at, list(each.warn_at)
    row.start_event, row.force, row.citation = each.start_event, each.force, each.citation
    row.effect, row.yields_to = each.effect, each.yields_to
    timing = each.timing
    if timing is None:
        return
    row.last_day = timing.last_day
    row.provisional_until = timing.provisional.ends if timing.provisional else None
    row.extension = timing.extension.value if timing.extension else None
    row.resets = timing.resets.count if timing.resets else 0
    row.first_started_at = timing.resets.first if timing.resets else None


def _to(row: Clock, state: ClockState, change: Change) -> Change:
    row.state = state
    return change


def _unwanted(row: Clock, now: datetime, *, lifts: bool) -> Change | None:
    if row.state in _OPEN or (row.state in _PASSED and row.met_at is None and lifts):
        row.why, row.ended_at = Why.WITHDRAWN, now
        return _to(row, ClockState.CANCELLED, Change.CANCELLED)
    return None


def _ended(row: Clock, each: Wanted, now: datetime) -> Change | None:
    if row.state not in _OPEN:
        return None
    row.ended_at = each.met_at or now
    return _to(row, ClockState.ENDED, Change.ENDED)


def _met(row: Clock, each: Wanted, now: datetime, *, lifts: bool) -> Change | None:
    """Done. Late is a breach even before its timer has fired; one on record is not taken back by a date in time."""
    if row.state in _DONE and row.met_at == each.met_at:
        return None
    again, late = row.state in _DONE, _late(row, each)
    if row.state in _PASSED and not late and not lifts:
        if row.met_at == each.met_at:
            return None
        row.met_at = each.met_at
        return Change.COMPLETED
    row.met_at = each.met_at
    if late and row.breached_at is None and row.missed_at is None:
        if each.effect.value == "miss_needs_reason":
            row.missed_at = now
        else:
            row.breached_at = now
    _to(row, ClockState.MET_LATE if late else ClockState.MET, Change.COMPLETED)
    return Change.RECALCULATED if again else Change.COMPLETED


def _late(row: Clock, each: Wanted) -> bool:
    """A past round of a recurring duty is held against its own row."""
    if each.only_if_there:
        return row.late_from is not None and each.met_at is not None and each.met_at >= row.late_from
    return each.state is ClockState.MET_LATE


def _running(row: Clock, each: Wanted, now: datetime, *, lifts: bool) -> Change | None:
    passed = row.late_from is not None and row.late_from <= now
    if row.state is ClockState.PAUSED:
        return _to(row, ClockState.RUNNING, Change.RESUMED)
    if row.state in _DONE and not _by_hand(row, each):
        row.met_at = row.met_by = None
        stands = row.breached_at is not None and (passed or not lifts)
        return _to(row, ClockState.BREACHED if stands else ClockState.RUNNING, Change.REOPENED)
    if row.state in _PASSED and not passed and (row.state is ClockState.ENDED or lifts):
        lifted = Change.REOPENED if row.state is ClockState.ENDED else Change.BREACH_LIFTED
        row.ended_at = None
        return _to(row, ClockState.RUNNING, lifted)
    return None
