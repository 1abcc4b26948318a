"""A rota rule expanded into turns: wall-clock rule in, instants out, with neither database nor clock.

The rule lives in local wall time, so a handover at 09:00 is at 09:00 in winter and in summer. A turn lives on
the line of instants. At a clock change the two are joined so that nobody's phone falls silent:

- a turn starts at the first occurrence of its wall time and ends at the last, so the repeated hour of autumn
  is an overlap and never a gap;
- a wall time that the clocks jump over in spring counts as the instant of the jump.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ONE_DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of cover: from `start` to before `end`, in local wall time, on the days `weekdays` (0 is Monday).

    An end at or before the start is on the following day, so 00:00 to 00:00 is the whole day. Raises
    ValueError for no weekday, an unknown weekday, or a time that carries a zone.
    """

    weekdays: frozenset[int]
    start: time
    end: time

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise ValueError(f"Cover needs weekdays from 0 (Monday) to 6, not {sorted(self.weekdays)}.")
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("Hours of cover are local wall times and carry no time zone.")


@dataclass(frozen=True, slots=True)
class Rotation:
    """Persons who take over from each other every `period_days`, at the wall time of `first_handover`.

    `first_handover` is a local date and time without zone, when the first member's first period begins; there
    are no turns before it. A person may be listed more than once. Raises ValueError for a period under one
    day or a first handover with a zone.
    """

    members: tuple[UUID, ...]
    first_handover: datetime
    period_days: int = 7

    def __post_init__(self) -> None:
        if self.period_days < 1:
            raise ValueError(f"A rotation hands over after one day or more, not {self.period_days}.")
        if self.first_handover.tzinfo is not None:
            raise ValueError("A first handover is a local wall time and carries no time zone.")


@dataclass(frozen=True, slots=True)
class RotaRule:
    """A rotation over hours of cover, in one zone.

    Raises ValueError for an unknown zone and for a rule without hours of cover: it would put nobody on call
    and report no gap either.
    """

    zone: str
    rotation: Rotation
    cover: tuple[Window, ...]

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"There is no time zone called {self.zone!r}.") from error
        if not self.cover:
            raise ValueError("A rota needs hours of cover; for all hours, every day from 00:00 to 00:00.")


@dataclass(frozen=True, slots=True)
class Turn:
    """One person's unbroken time on call, in UTC: reachable in [starts_at, ends_at).

    [handed_over_at, ends_at) never overlaps another turn of the same rota and leaves out none of its cover.
    The two beginnings differ only where the turn before runs on through the repeated hour: until then both
    persons are reachable and the earlier one holds the turn.
    """

    person: UUID
    starts_at: datetime
    handed_over_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """Hours of cover with nobody on call, [starts_at, ends_at) in UTC."""

    starts_at: datetime
    ends_at: datetime


def expand(rule: RotaRule, begins: datetime, until: datetime) -> list[Turn]:
    """Every turn that is on at some instant of [begins, until), whole and in order of start.

    Turns that straddle a boundary are not clipped, and a turn is the same whatever range it is found in: two
    adjacent ranges give together exactly the turns of their union, a turn across the seam being in both.
    Time on call that touches or overlaps is one turn while the same person continues, across a handover too
    when the person is listed twice running; a rota of one person still begins a new turn at each handover,
    as it would otherwise never end. Raises ValueError for instants without zone or an end before the
    beginning.
    """
    _check_range(begins, until)
    if begins == until:
        return []
    turns: list[Turn] = []
    for person, opens, closes in _stints(rule, begins, until):
        for starts_at, ends_at in _cover(rule, opens, closes):
            handed_over_at = max(starts_at, turns[-1].ends_at) if turns else starts_at
            turns.append(Turn(person, starts_at, handed_over_at, ends_at))
    return [turn for turn in turns if turn.starts_at < until and turn.ends_at > begins]


def on_call(turns: Iterable[Turn], at: datetime) -> list[Turn]:
    """The turns on at `at`, the newest first; two in the repeated hour of a handover, none in a gap."""
    on = [turn for turn in turns if turn.starts_at <= at < turn.ends_at]
    return sorted(on, key=lambda turn: turn.starts_at, reverse=True)


def uncovered(rule: RotaRule, turns: Iterable[Turn], begins: datetime, until: datetime) -> list[Gap]:
    """The parts of the rule's hours of cover in [begins, until) that no turn of `turns` reaches, in order.

    The turns may come from elsewhere, such as an expansion changed by absences. Time before the first
    handover and a rotation without members are gaps like any other. Raises ValueError as `expand` does.
    """
    _check_range(begins, until)
    zone = ZoneInfo(rule.zone)
    # A range inside the repeated hour runs backward on the wall, hence the day either side.
    wanted = _cover(rule, _wall(begins, zone) - ONE_DAY, _wall(until, zone) + ONE_DAY)
    held = _merged([(turn.starts_at, turn.ends_at) for turn in turns])
    gaps: list[Gap] = []
    done = 0
    for opens, closes in wanted:
        reached, end = max(opens, begins.astimezone(UTC)), min(closes, until.astimezone(UTC))
        while reached < end:
            while done < len(held) and held[done][1] <= reached:
                done += 1
            next_start, next_end = held[done] if done < len(held) else (end, end)
            if next_start > reached:
                gaps.append(Gap(reached, min(next_start, end)))
            reached = max(next_end, reached) if next_start < end else end
    return gaps


def _check_range(begins: datetime, until: datetime) -> None:
    if begins.utcoffset() is None or until.utcoffset() is None:
        raise ValueError("A rota is expanded between two instants that both carry a time zone.")
    if until < begins:
        raise ValueError(f"A rota cannot be expanded from {begins} back to {until}.")


def _stints(rule: RotaRule, begins: datetime, until: datetime) -> Iterator[tuple[UUID, datetime, datetime]]:
    """Person, first and last wall time of each stint near the range, one earlier stint included.

    A stint is a run of periods of one person. The earlier one is there for its end, which decides when the
    next is handed over. A day either side is more than any clock change moves.
    """
    members, first = rule.rotation.members, rule.rotation.first_handover
    if not members:
        return
    zone, period = ZoneInfo(rule.zone), timedelta(days=rule.rotation.period_days)
    alone = len(set(members)) == 1

    def takes_over(index: int) -> bool:
        return index <= 0 or alone or members[index % len(members)] != members[(index - 1) % len(members)]

    def stint_start(index: int) -> int:
        while not takes_over(index):
            index -= 1
        return max(index, 0)

    index = stint_start(stint_start((_wall(begins, zone) - ONE_DAY - first) // period) - 1)
    last = _wall(until, zone) + ONE_DAY
    while (opens := first + index * period) < last:
        after = index + 1
        while not takes_over(after):
            after += 1
        yield members[index % len(members)], opens, first + after * period
        index = after


def _cover(rule: RotaRule, opens: datetime, closes: datetime) -> list[Span]:
    """The rule's cover between two wall times, as instants, merged and in order."""
    zone = ZoneInfo(rule.zone)
    spans: list[Span] = []
    by_weekday = [[window for window in rule.cover if day in window.weekdays] for day in range(7)]
    day = opens.date() - ONE_DAY
    while day <= closes.date():
        for window in by_weekday[day.weekday()]:
            overnight = ONE_DAY if window.end <= window.start else timedelta()
            start = max(opens, datetime.combine(day, window.start))
            end = min(closes, datetime.combine(day + overnight, window.end))
            if start < end:
                spans.append((_occurrences(start, zone)[0], _occurrences(end, zone)[1]))
        day += ONE_DAY
    return _merged(spans)


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def _occurrences(wall: datetime, zone: ZoneInfo) -> Span:
    """The first and the last instant at which clocks in `zone` show `wall`, equal outside a repeated hour.

    For a wall time that is jumped over, both are the instant of the jump.
    """
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    last = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first <= last:
        return first, last
    whole = wall.replace(microsecond=0, tzinfo=zone, fold=0)
    before, after = whole.replace(fold=1).astimezone(UTC), whole.astimezone(UTC)
    while after - before > ONE_SECOND:
        middle = before + (after - before) // ONE_SECOND // 2 * ONE_SECOND
        before, after = (middle, after) if _wall(middle, zone) < wall else (before, middle)
    return after, after
