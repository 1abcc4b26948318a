"""Work that is done again and again, and what ends it from elsewhere. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from backend.clocks.rules import Rule
from backend.clocks.situation import Situation
from backend.pathways.course import Course, Step, duty_keys
from backend.pathways.definitions.definition import Definition
from backend.pathways.models import ActionKind

_ENTERS_AGAIN: Final = frozenset({ActionKind.MOVED, ActionKind.DECIDED, ActionKind.AUTHORISED, ActionKind.WENT_UP})


def done_again(definition: Definition, course: Course, step: Step) -> Step:
    """The step with what it makes owed again, and whether it begins another round.

    Where work is done again, a stage that is entered again has its duties owed again; so has the stage of the meeting
    that ends a round.
    """
    anew = definition.anew
    if anew is None:
        return step
    if step.kind is ActionKind.MEETING_HELD and step.code == anew.meeting:
        stage = next(one.stage for one in definition.meetings if one.id == step.code)
        return replace(step, owes=_owed_by(definition, course, stage), anew=True)
    if step.enters in course.visited and step.kind in _ENTERS_AGAIN:
        return replace(step, owes=_owed_by(definition, course, step.enters), anew=step.enters == anew.stage)
    return step


def within_its_round(step: Step) -> Step:
    """The step without what comes after it: a meeting shows duties of the round that it ends, not of the next."""
    return step if step.enters is not None else replace(step, owes=(), anew=False)


def _owed_by(definition: Definition, course: Course, stage: str | None) -> tuple[str, ...]:
    if stage not in course.visited:
        return ()
    return tuple(key for one in definition.obligations if one.stage == stage for key in duty_keys(one))


def ended_by(definition: Definition, situation: Situation) -> str | None:
    """The event with which the work has ended, by what has happened so far."""
    ending = definition.ends_with
    happened = (event for event in ending.events if _has_been(event, situation)) if ending else ()
    return next(iter(happened), None)


def _has_been(event: str, situation: Situation) -> bool:
    first: datetime | None = next(iter(situation.instants(event)), None)
    return first is not None and first <= situation.now


def outlasting(definition: Definition) -> Iterable[Rule]:
    """The clocks that are kept although the work has ended."""
    kept = definition.ends_with.outlasted_by if definition.ends_with else ()
    return [rule for rule in definition.clocks if rule.id in kept]
