"""Who in fact answers: a rota's layers and the adjustments over them, resolved into shifts. Pure.

There is this one function. Stored shifts, screens, alerts and exports all come of it, so none of them can
honour an adjustment that another does not know.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from notifications.rotas.expansion import Turn, expand
from notifications.rotas.rules import RotaRule
from tenants.calendars.working_days import Calendar

FOLLOWS_WITHIN: Final = timedelta(days=7)
"""How far a rule may move a turn that was swapped before it counts as another turn."""


class AdjustmentKind(StrEnum):
    """What is laid over the rule for a time, each later one over those made before it."""

    ADDED = "added"  # a person answers where nobody else at the position does
    REMOVED = "removed"  # a person does not answer; a lower layer may
    REPLACED = "replaced"  # another answers for a person
    ASSIGNED = "assigned"  # the same, by a manager for somebody who cannot, such as a sick person
    TAKEN_OVER = "taken_over"  # the same, for the rest of a running shift, by who took it
    LEAVE = "leave"  # a person answers in no rota; another may be named who does
    LEFT = "left"  # a person has left the partnership and answers in no rota until they come back
    SPAN = "span"  # turns of their own in place of the whole rule
    SWAPPED = "swapped"  # another answers for one turn, wherever the rule moves it


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One adjustment in force in [begins, until). `position` is None for every position.

    `person` is who would have answered, `instead` who does; `turns` are those of a whole span, and
    `turn_key` names the turn that was swapped.
    """

    id: UUID
    kind: AdjustmentKind
    begins: datetime
    until: datetime
    position: int | None = None
    person: UUID | None = None
    instead: UUID | None = None
    turns: tuple[Turn, ...] = ()
    turn_key: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A turn, or what is left of one, at a position, with the layer and the adjustment it comes from."""

    position: int
    turn: Turn
    layer: str
    adjustment: UUID | None = None


def resolve(
    rule: RotaRule,
    adjustments: Sequence[Adjustment],
    begins: datetime,
    until: datetime,
    calendar: Calendar | None = None,
) -> list[Held]:
    """Everybody on call at some instant of [begins, until), by position and start, not clipped to the range.

    At each position [handed_over_at, ends_at) of two turns never overlap. `adjustments` are applied in the
    order given, and none of them need lie in the range. What is found is the same whatever range it is found
    in. Raises ValueError as `expand` does.
    """
    found: list[Held] = []
    if begins == until:  # a turn that goes on is at no instant of an empty range
        return found
    placed = {adjustment.position for adjustment in adjustments if adjustment.position is not None}
    for position in sorted(placed.union(rule.positions)):
        here = [one for one in adjustments if one.position is None or one.position == position]
        stack = _expanded(rule, position, here, begins, until, calendar)
        for adjustment in here:
            stack = _adjusted(stack, adjustment, position)
        found += [held for held in _flat(stack) if held.turn.starts_at < until and held.turn.ends_at > begins]
    return found


def lost_swaps(
    rule: RotaRule, adjustments: Sequence[Adjustment], after: datetime, calendar: Calendar | None = None
) -> list[UUID]:
    """The swaps lasting beyond ``after`` whose turn is not there any more, or is another person's, by their ids.

    What was laid over a swap later does not count: it hides the turn and does not take it away.
    """
    lost = []
    for number, made in enumerate(adjustments, start=1):
        if made.kind is AdjustmentKind.SWAPPED and made.until > after:
            begins, until = made.begins - FOLLOWS_WITHIN, made.until + FOLLOWS_WITHIN
            held = resolve(rule, adjustments[:number], begins, until, calendar)
            if all(one.adjustment != made.id for one in held):
                lost.append(made.id)
    return lost


def _expanded(
    rule: RotaRule, position: int, here: Iterable[Adjustment], begins: datetime, until: datetime,
    calendar: Calendar | None,
) -> list[list[Held]]:  # fmt: skip
    """The turns of a position's layers, lowest layer first, far enough either side to know what cuts each."""
    layers = [index for index, layer in enumerate(rule.layers) if layer.position == position]
    # Nothing cuts the turns of a lone layer but adjustments, and those know their own ends.
    near = [(made.begins, made.until) for made in here if made.kind is AdjustmentKind.ADDED]
    near = [span for span in near if span[0] < until and span[1] > begins]
    if len(layers) > 1:
        found = [turn for index in layers for turn in expand(rule, begins, until, calendar, layer=index)]
        near += [(turn.starts_at, turn.ends_at) for turn in found]
    begins = min([begins, *(start for start, _ in near)])
    until = max([until, *(end for _, end in near)])
    return [
        [Held(position, turn, rule.layers[index].name) for turn in expand(rule, begins, until, calendar, layer=index)]
        for index in layers
    ]


def _adjusted(stack: list[list[Held]], made: Adjustment, position: int) -> list[list[Held]]:
    match made.kind:
        case AdjustmentKind.ADDED:
            if made.instead is None:
                return stack
            turn = Turn(made.instead, made.begins, made.begins, made.until, f"{made.id}/0")
            return [[Held(position, turn, made.kind.value, made.id)], *stack]
        case AdjustmentKind.SPAN:
            turns = [replace(turn, key=f"{made.id}/{number}") for number, turn in enumerate(made.turns)]
            cleared = [_without(layer, made.begins, made.until) for layer in stack]
            return [*cleared, [Held(position, turn, made.kind.value, made.id) for turn in turns]]
        case _:
            return [_given_over(layer, made) for layer in stack]


def _given_over(layer: list[Held], made: Adjustment) -> list[Held]:
    """A layer in which a person is taken off, or replaced, in a span or for the turn that was swapped."""
    swap = made.kind is AdjustmentKind.SWAPPED
    margin = FOLLOWS_WITHIN if swap else timedelta()
    first = bisect_right(layer, made.begins - margin, key=lambda held: held.turn.ends_at)
    last = bisect_left(layer, made.until + margin, key=lambda held: held.turn.starts_at)
    parts: list[Held] = []
    for held in layer[first:last]:
        turn = held.turn
        if turn.person != made.person or (swap and turn.key != made.turn_key):
            parts.append(held)
            continue
        begins, until = (turn.starts_at, turn.ends_at) if swap else (made.begins, made.until)
        parts += _without([held], begins, until)
        if made.instead is not None:
            parts += [
                replace(part, turn=replace(part.turn, person=made.instead), adjustment=made.id)
                for part in _within(held, begins, until)
            ]
    return [*layer[:first], *sorted(parts, key=lambda held: held.turn.handed_over_at), *layer[last:]]


def _flat(stack: Sequence[Sequence[Held]]) -> list[Held]:
    """One line from a stack: where two layers have somebody the upper one answers."""
    top: list[Held] = []
    for layer in reversed(stack):
        top = sorted([*top, *_around(layer, top)], key=lambda held: held.turn.handed_over_at) if top else list(layer)
    return top


def _around(lower: Iterable[Held], upper: Sequence[Held]) -> list[Held]:
    """What is left of ``lower`` between the turns of ``upper``; both are in order."""
    left: list[Held] = []
    reached = 0
    for held in lower:
        while reached < len(upper) and upper[reached].turn.ends_at <= held.turn.starts_at:
            reached += 1
        rest, index = [held], reached
        while rest and index < len(upper) and upper[index].turn.handed_over_at < held.turn.ends_at:
            last = rest.pop()
            rest += _without([last], upper[index].turn.handed_over_at, upper[index].turn.ends_at)
            index += 1
        left += rest
    return left


def _without(layer: Iterable[Held], begins: datetime, until: datetime) -> list[Held]:
    """The layer with [begins, until) cut out of it."""
    left: list[Held] = []
    for held in layer:
        turn = held.turn
        if turn.starts_at >= until or turn.ends_at <= begins:
            left.append(held)
            continue
        if turn.handed_over_at < begins:
            left.append(replace(held, turn=replace(turn, ends_at=begins)))
        if until < turn.ends_at:
            # Who answered alone in a repeated hour before the cut goes on as the one who holds the turn.
            start = max(until, turn.handed_over_at)
            left.append(replace(held, turn=replace(turn, starts_at=max(until, turn.starts_at), handed_over_at=start)))
    return left


def _within(held: Held, begins: datetime, until: datetime) -> list[Held]:
    """The part of a turn that lies in [begins, until); nothing when it is only the hour before the handover."""
    turn = held.turn
    handed_over_at, ends_at = max(begins, turn.handed_over_at), min(until, turn.ends_at)
    if handed_over_at >= ends_at:
        return []
    starts_at = max(begins, turn.starts_at)
    return [replace(held, turn=replace(turn, starts_at=starts_at, handed_over_at=handed_over_at, ends_at=ends_at))]
