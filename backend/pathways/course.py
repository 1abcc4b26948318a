"""Where a run stands, as the sum of its steps. Pure: the same steps give the same course."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import reduce
from typing import Any, Final, Literal

from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.steps import Decision, Obligation
from backend.pathways.models import ActionKind

Settled = Literal["done", "not_applicable", "not_done"]


@dataclass(frozen=True, slots=True)
class Step:
    """What one action did. ``code`` is the stage, decision, form… that it is about, ``more`` its options or items.

    ``role`` is the role in which ``person`` acted. ``authority`` is the role that has to agree before the step has
    effect. ``settles`` are the duties that it shows to be done, ``owes`` those that are owed again: a stage that is
    entered owes them before what shows them done, a meeting that was held after it. ``anew`` begins another round.
    ``abandoned`` closes a run wherever it stands, because what it was begun for did not come.
    """

    kind: ActionKind
    code: str | None = None
    more: tuple[str, ...] = ()
    role: str | None = None
    person: str | None = None
    enters: str | None = None
    closes: bool = False
    authority: str | None = None
    settles: tuple[str, ...] = ()
    owes: tuple[str, ...] = ()
    anew: bool = False
    abandoned: bool = False

    def kept(self) -> dict[str, Any]:
        """As plain data, without what is empty; the kind is kept beside it."""
        values = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "kind"}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}

    @classmethod
    def read(cls, kind: ActionKind, kept: Mapping[str, Any]) -> "Step":
        """The step from ``kept`` data; what else lies beside it is left."""
        known = {one.name for one in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
        }
        return cls(kind, **{name: value for name, value in values.items() if name in known})


@dataclass(frozen=True, slots=True)
class Course:
    """The state of a run.

    ``round`` counts how often the work was begun: forms, information, notifications, meetings, sign-offs, gates and
    the options ``chosen``, as ``strands/crime``, are those of the present one. ``duties`` says by key
    (``duty_keys``) how each was settled. ``decisions`` are all that ever were taken, ``decided_here`` the latest
    answers to those since the stage was entered; ``reopened`` are decisions that a disagreement has upset and that are
    taken anew, wherever the run stands. ``by`` says who last did what, by kind and code, for sign-offs that are not
    for one's own work.
    """

    version: int = 0
    round: int = 1
    stage: str | None = None
    closed: bool = False
    abandoned: bool = False
    pending: Step | None = None
    visited: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    information: frozenset[str] = frozenset()
    notifications: frozenset[str] = frozenset()
    meetings: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()
    decided_here: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    chosen: frozenset[str] = frozenset()
    reopened: frozenset[str] = frozenset()
    signed: frozenset[tuple[str, str]] = frozenset()
    duties: Mapping[str, str] = field(default_factory=dict)
    gates: frozenset[str] = frozenset()
    overlays: frozenset[str] = frozenset()
    by: Mapping[str, str] = field(default_factory=dict)

    @property
    def started(self) -> bool:
        return self.version > 0


def course_of(steps: Iterable[Step]) -> Course:
    """The course that the steps lead to, from the first."""
    return reduce(advanced, steps, Course())


# What a kind of step adds its code to.
_ADDS_TO: Final = {
    ActionKind.FORM_COMPLETED: "forms", ActionKind.NOTIFIED: "notifications", ActionKind.MEETING_HELD: "meetings",
    ActionKind.GATE_OPENED: "gates", ActionKind.OVERLAY_ATTACHED: "overlays",
}  # fmt: skip
# What was recorded in one round and shows nothing in the next.
_OF_A_ROUND: Final = ("forms", "information", "notifications", "meetings", "chosen", "signed", "gates")


def advanced(course: Course, step: Step) -> Course:
    """The course after one more step, which is known to be allowed."""
    changes: dict[str, Any] = {"version": course.version + 1}
    if step.kind in _ADDS_TO:
        name = _ADDS_TO[step.kind]
        changes[name] = getattr(course, name) | _one(step.code)
    match step.kind:
        case ActionKind.DECIDED if step.authority:
            changes["pending"] = step
        case ActionKind.DECIDED | ActionKind.AUTHORISED:
            changes |= {"pending": None, "decisions": course.decisions | _one(step.code)}
            changes["decided_here"] = {**course.decided_here, step.code or "": step.more}
            changes["chosen"] = course.chosen | {f"{step.code}/{option}" for option in step.more}
            changes["reopened"] = course.reopened - _one(step.code)
        case ActionKind.DECLINED:
            changes["pending"] = None
        case ActionKind.FORM_COMPLETED:
            changes["information"] = course.information | set(step.more)
        case ActionKind.SIGNED_OFF:
            changes["signed"] = course.signed | {(step.code or "", step.role or "")}
        case ActionKind.DUTY_SETTLED:
            changes["duties"] = {**course.duties, step.code or "": step.more[0]}
        case ActionKind.OVERLAY_DETACHED:
            changes["overlays"] = course.overlays - _one(step.code)
        case ActionKind.DECISION_REOPENED:
            changes["reopened"] = course.reopened | _one(step.code)
        case _:
            pass
    return _effects(course, step, changes)


def _effects(course: Course, step: Step, changes: dict[str, Any]) -> Course:
    """What any kind of step may bring: another stage, the end, duties done or owed again, another round, who did it."""
    if step.enters is not None:
        changes |= {"stage": step.enters, "visited": course.visited | {step.enters}, "decided_here": {}}
    if step.closes:
        changes |= {"closed": True, "abandoned": step.abandoned}
    if step.settles or step.owes:
        changes["duties"] = _settled(changes.get("duties", course.duties), step)
    if step.anew:
        changes |= {"round": course.round + 1, **dict.fromkeys(_OF_A_ROUND, frozenset()), "decided_here": {}}
    if step.person is not None and step.code is not None:
        changes["by"] = {**course.by, f"{step.kind.value} {step.code}": step.person}
    return replace(course, **changes)


def _settled(duties: Mapping[str, str], step: Step) -> dict[str, str]:
    shown = dict.fromkeys(step.settles, "done")
    if step.enters is not None:
        return {key: how for key, how in duties.items() if key not in step.owes} | shown
    return {key: how for key, how in (*duties.items(), *shown.items()) if key not in step.owes}


def _one(code: str | None) -> frozenset[str]:
    return frozenset() if code is None else frozenset({code})


def duty_keys(obligation: Obligation) -> tuple[str, ...]:
    """What a duty's settling is kept under: one key, or one for each of the roles that all have to do it."""
    if obligation.each:
        return tuple(f"{obligation.id}/{role}" for role in obligation.roles)
    return (obligation.id,)


def is_settled(obligation: Obligation, course: Course, ways: Iterable[Settled]) -> bool:
    """Whether the duty, for each role that has it, was settled in one of ``ways``."""
    allowed = set(ways)
    return all(course.duties.get(key) in allowed for key in duty_keys(obligation))


def is_asked_here(decision: Decision, course: Course) -> bool:
    """Whether a question of this stage may be answered: it was not since the stage was entered, or was left open."""
    answers = course.decided_here.get(decision.id)
    return answers is None or decision.repeats or decision.is_left_open_by(answers)


def owed(definition: Definition, course: Course) -> list[Obligation]:
    """The duties of every stage that the run has come to, and of those that run throughout."""
    throughout = {stage.id for stage in definition.stages if stage.throughout}
    return [one for one in definition.obligations if one.stage in course.visited | throughout]
