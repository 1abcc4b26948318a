"""A layer of a rota expanded into turns: wall-clock rule in, instants out, with neither database nor clock.

The rule lives in local wall time, so a handover at 09:00 is at 09:00 in winter and in summer. A turn lives on
the line of instants. At a clock change the two are joined so that nobody's phone falls silent:

- a turn starts at the first occurrence of its wall time and ends at the last, so the repeated hour of autumn
  is an overlap and never a gap;
- a wall time that the clocks jump over in spring counts as the instant of the jump.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from notifications.rotas.periods import handover, period_at
from notifications.rotas.rules import BankHolidays, Layer, Period, PeriodUnit, RotaRule, Rotation, Window
from notifications.rotas.walltime import Span, merged, occurrences, wall
from tenants.calendars.working_days import Calendar

__all__ = [
    "BankHolidays", "Gap", "Layer", "Period", "PeriodUnit", "RotaRule", "Rotation", "Turn", "Window", "cover_of",
    "expand", "on_call", "uncovered",
]  # fmt: skip

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """One person's unbroken time on call, in UTC: reachable in [starts_at, ends_at).

    [handed_over_at, ends_at) never overlaps another turn of the same layer and leaves out none of its cover.
    The two beginnings differ only where the turn before runs on through the repeated hour: until then both
    persons are reachable and the earlier one holds the turn. `key` is the turn's identity: it stays when the
    rule moves the turn, and plays no part in comparison.
    """

    person: UUID
    starts_at: datetime
    handed_over_at: datetime
    ends_at: datetime
    key: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Gap:
    """Hours of cover with nobody on call, [starts_at, ends_at) in UTC."""

    starts_at: datetime
    ends_at: datetime


def expand(
    rule: RotaRule, begins: datetime, until: datetime, calendar: Calendar | None = None, *, layer: int = 0
) -> list[Turn]:
    """Every turn of a layer that is on at some instant of [begins, until), whole and in order of start.

    Turns that straddle a boundary are not clipped, and a turn is the same whatever range it is found in: two
    adjacent ranges give together exactly the turns of their union, a turn across the seam being in both.
    Time on call that touches or overlaps is one turn while the same person continues, across a handover too
    when the person is listed twice running; a rotation of one person still begins a new turn at each
    handover, as it would otherwise never end. Raises ValueError for instants without zone, an end before the
    beginning, or a rule that depends on the days of a calendar that was not given.
    """
    days = _checked(rule, calendar, begins, until)
    if begins == until:
        return []
    chosen, zone = rule.layers[layer], ZoneInfo(rule.zone)
    turns: list[Turn] = []
    for number, person, opens, closes in _stints(chosen.rotation, zone, days, begins, until):
        for part, (starts_at, ends_at) in enumerate(_cover(chosen, zone, days, opens, closes)):
            handed_over_at = max(starts_at, turns[-1].ends_at) if turns else starts_at
            turns.append(Turn(person, starts_at, handed_over_at, ends_at, f"{chosen.name}/{number}/{part}"))
    return [turn for turn in turns if turn.starts_at < until and turn.ends_at > begins]


def on_call(turns: Iterable[Turn], at: datetime) -> list[Turn]:
    """The turns on at `at`, the newest first; two in the repeated hour of a handover, none in a gap."""
    on = [turn for turn in turns if turn.starts_at <= at < turn.ends_at]
    return sorted(on, key=lambda turn: turn.starts_at, reverse=True)


def cover_of(
    rule: RotaRule, begins: datetime, until: datetime, calendar: Calendar | None = None, *, position: int = 1
) -> list[Span]:
    """The hours within [begins, until) in which the rule wants somebody at a position, merged and in order."""
    days, zone = _checked(rule, calendar, begins, until), ZoneInfo(rule.zone)
    # A range inside the repeated hour runs backward on the wall, hence the day either side.
    opens, closes = wall(begins, zone) - ONE_DAY, wall(until, zone) + ONE_DAY
    wanted = [_cover(layer, zone, days, opens, closes) for layer in rule.layers if layer.position == position]
    first, last = begins.astimezone(UTC), until.astimezone(UTC)
    return merged((max(start, first), min(end, last)) for spans in wanted for start, end in spans)


def uncovered(
    rule: RotaRule, turns: Iterable[Turn], begins: datetime, until: datetime, calendar: Calendar | None = None,
    *, position: int = 1,
) -> list[Gap]:  # fmt: skip
    """The parts of a position's hours of cover in [begins, until) that no turn of `turns` reaches, in order.

    The turns may come from elsewhere, such as the shifts that are stored. Time before the first handover
    and a rotation without members are gaps like any other. Raises ValueError as `expand` does.
    """
    held = merged((turn.starts_at, turn.ends_at) for turn in turns)
    gaps: list[Gap] = []
    done = 0
    for start, end in cover_of(rule, begins, until, calendar, position=position):
        reached = start
        while reached < end:
            while done < len(held) and held[done][1] <= reached:
                done += 1
            next_start, next_end = held[done] if done < len(held) else (end, end)
            if next_start > reached:
                gaps.append(Gap(reached, min(next_start, end)))
            reached = max(next_end, reached) if next_start < end else end
    return gaps


def _checked(rule: RotaRule, calendar: Calendar | None, begins: datetime, until: datetime) -> Calendar:
    if begins.utcoffset() is None or until.utcoffset() is None:
        raise ValueError("A rota is expanded between two instants that both carry a time zone.")
    if until < begins:
        raise ValueError(f"A rota cannot be expanded from {begins} back to {until}.")
    if calendar is None and rule.needs_calendar:
        raise ValueError("This rule asks for bank holidays or working days: give the partnership's calendar.")
    return calendar or Calendar(rule.zone)


def _stints(
    rotation: Rotation, zone: ZoneInfo, calendar: Calendar, begins: datetime, until: datetime
) -> Iterator[tuple[int, UUID, datetime, datetime]]:
    """Number, person, first and last wall time of each stint near the range, one earlier stint included.

    A stint is a run of periods of one person and has the number of the first. The earlier one is there for
    its end, which decides when the next is handed over. A day either side is more than any clock change
    moves.
    """
    members = rotation.members
    if not members:
        return
    alone = len(set(members)) == 1

    def takes_over(number: int) -> bool:
        return number <= 0 or alone or members[number % len(members)] != members[(number - 1) % len(members)]

    def stint_start(number: int) -> int:
        while not takes_over(number):
            number -= 1
        return max(number, 0)

    number = stint_start(stint_start(period_at(rotation, wall(begins, zone) - ONE_DAY, calendar)) - 1)
    last = wall(until, zone) + ONE_DAY
    opens = handover(rotation, number, calendar)
    while opens < last:
        after = number + 1
        while not takes_over(after):
            after += 1
        closes = handover(rotation, after, calendar)
        person = members[number % len(members)]
        if person is not None:
            yield number, person, opens, closes
        number, opens = after, closes


def _cover(layer: Layer, zone: ZoneInfo, calendar: Calendar, opens: datetime, closes: datetime) -> list[Span]:
    """The layer's cover between two wall times, as instants, merged and in order."""
    spans: list[Span] = []
    by_weekday = [[window for window in layer.cover if day in window.weekdays] for day in range(7)]
    day = opens.date() - ONE_DAY
    while day <= closes.date():
        for window in by_weekday[day.weekday()]:
            if window.bank_holidays is not BankHolidays.REGARDLESS:
                only = window.bank_holidays is BankHolidays.ONLY
                if (day in calendar.bank_holidays) is not only:
                    continue
            overnight = ONE_DAY if window.end <= window.start else timedelta()
            start = max(opens, datetime.combine(day, window.start))
            end = min(closes, datetime.combine(day + overnight, window.end))
            if start < end:
                spans.append((occurrences(start, zone)[0], occurrences(end, zone)[1]))
        day += ONE_DAY
    return merged(spans)
