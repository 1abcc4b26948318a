"""Which row stands for which wanted clock. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import datetime

from backend.clocks.limits import Occurrence
from backend.clocks.models import Clock, ClockState, Why
from backend.clocks.wanted import Wanted

Pair = tuple[Clock | None, Wanted | None]
"""A row and how it should stand; no row where one is to be made, nothing wanted where none is asked for."""

_OVER = frozenset({
    ClockState.MET, ClockState.MET_LATE, ClockState.BREACHED, ClockState.MISSED, ClockState.EXPIRED, ClockState.ENDED,
})  # fmt: skip


def matched(rows: Iterable[Clock], found: Iterable[Wanted], *, revive: bool = False) -> list[Pair]:
    """Each row and each wanted clock once.

    A row that is cancelled stands for nothing; the same start makes no new row after the run was closed, unless
    ``revive``. A start that comes after a clock was over makes another clock: the old one keeps its outcome.
    """
    by_rule: dict[str, tuple[list[Clock], list[Wanted]]] = {}
    for row in rows:
        by_rule.setdefault(row.definition, ([], []))[0].append(row)
    for each in found:
        by_rule.setdefault(each.rule.id, ([], []))[1].append(each)
    return [pair for name in by_rule for pair in _of_rule(*by_rule[name], revive=revive)]


def _of_rule(rows: list[Clock], found: list[Wanted], *, revive: bool) -> Iterator[Pair]:
    live = sorted((row for row in rows if row.state is not ClockState.CANCELLED), key=lambda row: row.occurrence)
    closed = {row.started_at for row in rows if row.state is ClockState.CANCELLED and row.why is Why.CLOSED}
    if revive:
        closed.clear()
    if any(each.only_if_there or each.held for each in found):
        pairs = _by_round(live, found)
    elif _each(found):
        pairs = _by_start(live, found)
    else:
        pairs = _latest(live, found)
    for row, each in pairs:
        if row is None and each is not None and (each.only_if_there or not _can_begin(each, closed)):
            continue
        yield row, each


def _can_begin(each: Wanted, closed: Set[datetime]) -> bool:
    if each.state is ClockState.PAUSED or each.started_at is None:
        return False
    return each.started_at not in closed


def _each(found: Sequence[Wanted]) -> bool:
    start = getattr(found[0].rule, "start", None) if found else None
    return start is not None and start.of is Occurrence.EACH


def _by_round(live: list[Clock], found: list[Wanted]) -> Iterator[Pair]:
    """Rounds of a recurring duty, by how often it had been held before."""
    rows = {row.held: row for row in live}
    for each in found:
        yield rows.pop(each.held, None), each
    for row in rows.values():
        yield row, None


def _by_start(live: list[Clock], found: list[Wanted]) -> Iterator[Pair]:
    """The same start first; what is left on both sides are corrected starts, in order of time."""
    rows = {row.started_at: row for row in live}
    rest = []
    for each in found:
        row = rows.pop(each.started_at, None) if each.started_at is not None else None
        if row is None:
            rest.append(each)
        else:
            yield row, each
    left = sorted(rows.values(), key=lambda row: row.started_at)
    for number in range(max(len(left), len(rest))):
        yield (left[number] if number < len(left) else None), (rest[number] if number < len(rest) else None)


def _latest(live: list[Clock], found: list[Wanted]) -> Iterator[Pair]:
    """One clock; an earlier one that is over stays as it ended."""
    last = live[-1] if live else None
    each = found[0] if found else None
    if last is not None and each is not None and _begins_after(last, each):
        yield None, each
        return
    if last is not None or each is not None:
        yield last, each


def _begins_after(row: Clock, each: Wanted) -> bool:
    """Whether what is wanted began only once the row was over: done, or its time past."""
    if row.state not in _OVER or each.started_at is None or each.started_at <= row.started_at:
        return False
    over = row.met_at or row.ended_at or row.late_from or row.due_at
    return each.started_at > over
