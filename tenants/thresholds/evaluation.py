"""From what was recorded to the level that it suggests, with the reasons. Pure.

A suggestion is never a decision: it says which criteria are met, by what, and which could not be judged. More that
is recorded never lowers it, and the order in which things were recorded makes no difference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from tenants.thresholds.continuum import Age, Condition, Continuum, Criterion, Either, Recorded, Unborn

NO_BIRTH_DATE: Final = "the child's date of birth is not recorded"


@dataclass(frozen=True, slots=True)
class Observed:
    """An indicator as it was recorded: of a child, of an adult, or of neither for the family.

    A state holds from ``on`` until before ``until``, and on without one.
    """

    id: UUID
    indicator: str
    on: date
    until: date | None = None
    child_id: UUID | None = None
    adult_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OfChild:
    """A child of the case. One that is expected has no date of birth, and ``unborn`` set."""

    child_id: UUID
    born_on: date | None = None
    unborn: bool = False


@dataclass(frozen=True, slots=True)
class Met:
    """A criterion that is met for a child, and what was recorded that meets it."""

    criterion: Criterion
    child_id: UUID
    because: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """A criterion that turns on something nobody has recorded."""

    criterion: Criterion
    child_id: UUID
    lacks: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The highest level that a met criterion suggests; None where none does, or no levels are set.

    ``standing`` are the indicators that were recorded and hold, whether or not a criterion asks for them.
    """

    level: str | None
    met: tuple[Met, ...]
    undecided: tuple[Undecided, ...]
    standing: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Judged:
    """Whether a condition holds (None: cannot be judged) and what shows it."""

    holds: bool | None
    shown_by: tuple[UUID, ...] = ()


def suggest(continuum: Continuum, observed: Iterable[Observed], children: Iterable[OfChild], today: date) -> Suggestion:
    """What the criteria say on ``today`` of each child, by what was recorded of it, of adults and of the family."""
    past = sorted((one for one in observed if one.on <= today), key=lambda one: (one.on, one.id))
    met: list[Met] = []
    undecided: list[Undecided] = []
    for child in sorted(children, key=lambda one: one.child_id):
        own = [one for one in past if one.child_id in {None, child.child_id}]
        for criterion in continuum.criteria:
            judged = [_judged(condition, own, child, today) for condition in criterion.all]
            if all(one.holds for one in judged):
                because = tuple(dict.fromkeys(each for one in judged for each in one.shown_by))
                met.append(Met(criterion, child.child_id, because))
            elif all(one.holds is not False for one in judged):
                undecided.append(Undecided(criterion, child.child_id, NO_BIRTH_DATE))
    levels = [one.criterion.suggests for one in met if one.criterion.suggests is not None]
    standing = frozenset(one.indicator for one in past if one.until is None or today < one.until)
    return Suggestion(max(levels, key=continuum.rank, default=None), tuple(met), tuple(undecided), standing)


def _judged(condition: Condition, observed: Sequence[Observed], child: OfChild, today: date) -> _Judged:
    match condition:
        case Recorded():
            return _recorded(condition, observed, today)
        case Age():
            return _Judged(_of_age(condition, child, today))
        case Unborn():
            return _Judged(child.unborn)
        case Either():
            return _either([_judged(one, observed, child, today) for one in condition.any])


def _either(judged: Sequence[_Judged]) -> _Judged:
    held = [one for one in judged if one.holds]
    if held:
        return _Judged(holds=True, shown_by=tuple(each for one in held for each in one.shown_by))
    return _Judged(None if any(one.holds is None for one in judged) else False)


def _of_age(condition: Age, child: OfChild, today: date) -> bool | None:
    """A birthday counts from its morning; a child not yet born is under every age."""
    least, under = condition.age.least, condition.age.under
    if child.unborn:
        return least is None
    if child.born_on is None:
        return None
    reached = least is None or least.after(child.born_on) <= today
    return reached and (under is None or today < under.after(child.born_on))


def _recorded(condition: Recorded, observed: Sequence[Observed], today: date) -> _Judged:
    since = condition.looking_back.before(today) if condition.looking_back else None
    fitting = [
        one for one in observed
        if one.indicator == condition.indicator and (since is None or one.on >= since)
        and (one.until is None or today < one.until)
    ]  # fmt: skip
    if condition.people is None:
        shown = _often_enough(condition, fitting)
        return _Judged(bool(shown), tuple(one.id for one in shown))
    people = dict.fromkeys(one.adult_id for one in fitting if one.adult_id is not None)
    of_each = [_often_enough(condition, [one for one in fitting if one.adult_id == adult]) for adult in people]
    enough = [shown for shown in of_each if shown]
    if len(enough) < condition.people:
        return _Judged(holds=False)
    return _Judged(holds=True, shown_by=tuple(one.id for shown in enough for one in shown))


def _often_enough(condition: Recorded, fitting: Sequence[Observed]) -> Sequence[Observed]:
    """The latest of them that are as many as asked for, close enough together; none where there are too few."""
    number = condition.at_least
    for last in range(len(fitting), number - 1, -1):
        run = fitting[last - number : last]
        if condition.within is None or run[-1].on < condition.within.after(run[0].on):
            return run
    return ()
