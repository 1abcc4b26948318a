"""Whether an act is allowed in a run, and what it brings about. Pure: from a definition, a course and the act."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from backend.pathways.course import Course, Step, advanced, duty_keys, is_asked_here, owed
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.steps import Decision, Option, Stage
from backend.pathways.ending import as_an_answer_would, ends, may_close
from backend.pathways.gates import gate_of, go_without, missing_of_duty, missing_of_gate, open_gates
from backend.pathways.models import ActionKind
from backend.pathways.refusals import Refused, Why
from backend.pathways.rounds import done_again, within_its_round


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody wants to do. ``roles`` are those that ``person`` holds in the case."""

    kind: ActionKind
    code: str | None = None
    more: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    person: str | None = None


# What may be done while another action waits for its authority: records, never a move.
_WAITS: Final = frozenset({ActionKind.DECIDED, ActionKind.MOVED, ActionKind.MIGRATED, ActionKind.CLOSED})


def judged(definition: Definition, course: Course, act: Act) -> Step:
    """The step that the act is, with all that it brings about. Raises ``Refused``."""
    if course.started == (act.kind is ActionKind.STARTED):
        raise Refused(Why.NOT_STARTED, "This run has begun." if course.started else "This run has not begun.")
    if course.closed:
        raise Refused(Why.CLOSED, "This run is closed. Start the pathway anew if it is needed again.")
    if course.pending is not None and act.kind in _WAITS:
        raise Refused(
            Why.PENDING,
            f"A decision on {course.pending.code} waits for the {course.pending.authority}. Let it be answered first.",
            course.pending.code,
        )
    step = _RULES[act.kind](definition, course, act)
    if step.enters is not None:
        _may_enter(definition, course, step.enters)
    if step.closes:
        may_close(definition, advanced(course, replace(step, closes=False)))
    step = done_again(definition, course, step)
    return replace(step, settles=_shown_done(definition, course, within_its_round(step)))


def _step(act: Act, **changes: Any) -> Step:
    return Step(act.kind, act.code, act.more, person=act.person, **changes)


def _started(definition: Definition, _course: Course, act: Act) -> Step:
    _stage(definition, act.code) if act.code is not None else None
    return _step(act, enters=act.code)


def _moved(definition: Definition, course: Course, act: Act) -> Step:
    stage, following = _stage(definition, course.stage), _stage(definition, act.code)
    if following.id not in stage.leads_to:
        ways = ", ".join(stage.leads_to) or "nowhere without a decision"
        raise Refused(Why.UNKNOWN, f"{stage.id} leads to {ways}.", following.id, stage.leads_to)
    role = in_role(act, (stage.lead, *stage.actors, following.lead), f"move the case on from {stage.id}")
    return _step(act, role=role, enters=following.id)


def _decided(definition: Definition, course: Course, act: Act) -> Step:
    decision = _found(definition.decisions, act.code, "decision")
    throughout = {stage.id for stage in definition.stages if stage.throughout}
    anew = decision.id in course.reopened
    if not anew and decision.stage not in {course.stage, *throughout}:
        raise Refused(Why.UNKNOWN, f"{decision.id} is decided in the stage {decision.stage}.", decision.id)
    if not anew and not is_asked_here(decision, course):
        raise Refused(Why.OPTIONS, f"{decision.id} was decided in this stage before.", decision.id)
    chosen = _chosen(decision, act.more)
    role = in_role(act, decision.deciders, f"decide {decision.id}")
    _may_answer(definition, course, decision, chosen)
    authority = next((option.authority for option in chosen if option.authority), decision.authority)
    if authority is not None and authority not in act.roles:
        return _step(act, role=role, authority=authority)
    return _step(act, role=role, **_brought_about(chosen))


def _authorised(definition: Definition, course: Course, act: Act) -> Step:
    pending = _pending(course)
    role = in_role(act, (str(pending.authority),), f"authorise {pending.code}")
    if act.person is not None and act.person == pending.person:
        raise Refused(Why.OWN_WORK, "Whoever decided does not authorise it. Ask somebody else who may.", pending.code)
    decision = _found(definition.decisions, pending.code, "decision")
    chosen = _chosen(decision, pending.more)
    _may_answer(definition, course, decision, chosen)
    return replace(_step(act, role=role, **_brought_about(chosen)), code=pending.code, more=pending.more)


def _declined(_definition: Definition, course: Course, act: Act) -> Step:
    pending = _pending(course)
    role = in_role(act, (str(pending.authority),), f"decline {pending.code}")
    return replace(_step(act, role=role), code=pending.code, more=pending.more)


def _form_completed(definition: Definition, course: Course, act: Act) -> Step:
    form = _found(definition.forms, act.code, "form")
    open_gates(definition, course, form.requires)
    return _step(act, role=next((role for role in form.roles if role in act.roles), None))


def _notified(definition: Definition, _course: Course, act: Act) -> Step:
    _found(definition.notifications, act.code, "notification")
    return _step(act)


def _meeting_held(definition: Definition, _course: Course, act: Act) -> Step:
    _found(definition.meetings, act.code, "meeting")
    return _step(act)


def _signed_off(definition: Definition, course: Course, act: Act) -> Step:
    sign_off = _found(definition.sign_offs, act.code, "sign-off")
    role = in_role(act, sign_off.roles, f"sign {sign_off.id}")
    absent = tuple(f"form {code}" for code in sign_off.forms if code not in course.forms)
    if absent:
        raise Refused(Why.SIGN_OFF, f"{sign_off.id} signs what is not there yet.", sign_off.id, absent)
    work = {course.by.get(f"{ActionKind.FORM_COMPLETED.value} {code}") for code in sign_off.forms}
    for one in definition.decisions:
        if sign_off.id in one.sign_offs:
            work.add(course.by.get(f"{ActionKind.DECIDED.value} {one.id}"))
    if act.person is not None and act.person in work and not sign_off.own_work:
        raise Refused(Why.OWN_WORK, "Nobody signs off what they did themselves. Ask a colleague.", sign_off.id)
    return _step(act, role=role)


def _duty_settled(definition: Definition, course: Course, act: Act) -> Step:
    known = {key: one for one in owed(definition, course) for key in duty_keys(one)}
    if act.code not in known:
        raise Refused(Why.UNKNOWN, f"No duty {act.code} is owed here.", act.code)
    return _step(act)


def _gate_opened(definition: Definition, course: Course, act: Act) -> Step:
    if (held := gate_of(definition, act.code)) is not None:
        go_without(held)
        return _step(act)
    gate = _found(definition.gates, act.code, "gate")
    if not missing_of_gate(gate, definition, course):
        raise Refused(Why.GATE, f"The gate {gate.id} is open.", gate.id)
    if gate.effect == "block" and gate.authority is None and gate.unless is None:
        absent = missing_of_gate(gate, definition, course)
        raise Refused(Why.GATE, f"Nobody may open the gate {gate.id} without what it asks for.", gate.id, absent)
    if gate.authority is not None:
        return _step(act, role=in_role(act, (gate.authority,), f"open the gate {gate.id}"))
    return _step(act)


def _overlay_attached(_definition: Definition, course: Course, act: Act) -> Step:
    if act.code in course.overlays:
        raise Refused(Why.OVERLAYS, f"{act.code} is attached already.", act.code)
    return _step(act)


def _overlay_detached(_definition: Definition, course: Course, act: Act) -> Step:
    if act.code not in course.overlays:
        raise Refused(Why.OVERLAYS, f"{act.code} is not attached.", act.code)
    return _step(act)


def _migrated(definition: Definition, course: Course, act: Act) -> Step:
    """``definition`` is the newer one; ``code`` the stage in it, where that has changed."""
    enters = act.code if act.code is not None and act.code != course.stage else None
    if (act.code or course.stage) is not None:
        _stage(definition, act.code or course.stage)
    return replace(_step(act), code=None, enters=enters)


def _went_up(definition: Definition, course: Course, act: Act) -> Step:
    """Time takes the run on; ``code`` is the clock that has passed. The gates of the stage hold all the same."""
    ahead = next((stage.goes_up for stage in definition.stages if stage.id == course.stage), None)
    if ahead is None or ahead.after != act.code or act.person is not None:
        raise Refused(Why.UNKNOWN, f"Nothing goes up by {act.code} here.", act.code)
    return _step(act, enters=ahead.to)


def _decision_reopened(definition: Definition, course: Course, act: Act) -> Step:
    decision = _found(definition.decisions, act.code, "decision")
    if decision.id not in course.decisions:
        raise Refused(Why.UNKNOWN, f"{decision.id} was not decided.", decision.id)
    return _step(act)


def _closed(definition: Definition, course: Course, act: Act) -> Step:
    if act.code is not None:
        return _ended(definition, act)
    if course.stage is None:
        return _step(act, closes=True)
    stage = _stage(definition, course.stage)
    if not (stage.ends or stage.throughout):
        raise Refused(Why.UNKNOWN, f"A case does not end in the stage {stage.id}; decide what follows.", stage.id)
    as_an_answer_would(definition, course, stage)
    return _step(act, role=in_role(act, (stage.lead, *stage.actors), "close this run"), closes=True)


def _ended(definition: Definition, act: Act) -> Step:
    """What is decided elsewhere ends the run, wherever it stands; ``code`` is the event."""
    if not ends(definition, act.code):
        raise Refused(Why.UNKNOWN, f"This run does not end with {act.code}.", act.code)
    return _step(act, closes=True)


_RULES: Final[Mapping[ActionKind, Callable[[Definition, Course, Act], Step]]] = {
    ActionKind.STARTED: _started, ActionKind.MOVED: _moved, ActionKind.DECIDED: _decided,
    ActionKind.AUTHORISED: _authorised, ActionKind.DECLINED: _declined, ActionKind.FORM_COMPLETED: _form_completed,
    ActionKind.NOTIFIED: _notified, ActionKind.MEETING_HELD: _meeting_held, ActionKind.SIGNED_OFF: _signed_off,
    ActionKind.DUTY_SETTLED: _duty_settled, ActionKind.GATE_OPENED: _gate_opened,
    ActionKind.OVERLAY_ATTACHED: _overlay_attached, ActionKind.OVERLAY_DETACHED: _overlay_detached,
    ActionKind.MIGRATED: _migrated, ActionKind.CLOSED: _closed, ActionKind.WENT_UP: _went_up,
    ActionKind.DECISION_REOPENED: _decision_reopened,
}  # fmt: skip


def in_role(act: Act, allowed: tuple[str, ...], to_do: str) -> str:
    """The first of the allowed roles that the person holds. Raises ``Refused`` that names them."""
    for role in allowed:
        if role in act.roles:
            return role
    wanted = tuple(dict.fromkeys(allowed))
    raise Refused(Why.ROLE, f"Only {' or '.join(wanted)} may {to_do}.", wanted[0], (f"role {role}" for role in wanted))


def options_of(definition: Definition, step: Step) -> tuple[Option, ...]:
    """The options that a decision in effect has chosen; none for any other step."""
    if step.kind not in {ActionKind.DECIDED, ActionKind.AUTHORISED} or step.authority is not None:
        return ()
    return _chosen(_found(definition.decisions, step.code, "decision"), step.more)


def _chosen(decision: Decision, codes: tuple[str, ...]) -> tuple[Option, ...]:
    known = {option.id: option for option in decision.options}
    unknown = [code for code in codes if code not in known]
    if unknown or not codes:
        raise Refused(Why.OPTIONS, f"{decision.id} is answered by {', '.join(known)}.", decision.id, known)
    if len(set(codes)) != len(codes):
        raise Refused(Why.OPTIONS, "Name each answer once.", decision.id)
    if len(codes) > 1 and not decision.several:
        raise Refused(Why.OPTIONS, f"{decision.id} takes one answer.", decision.id)
    chosen = tuple(known[code] for code in codes)
    ways = {option.goes_to for option in chosen if option.goes_to} | {"" for option in chosen if option.closes}
    if len(ways) > 1:
        raise Refused(Why.OPTIONS, "These answers lead different ways. Choose those that go together.", decision.id)
    return chosen


def _brought_about(chosen: tuple[Option, ...]) -> dict[str, Any]:
    return {
        "enters": next((option.goes_to for option in chosen if option.goes_to), None),
        "closes": any(option.closes for option in chosen),
    }


def _pending(course: Course) -> Step:
    if course.pending is None:
        raise Refused(Why.NOTHING_PENDING, "Nothing waits for an authority here.")
    return course.pending


def _may_enter(definition: Definition, course: Course, stage: str) -> None:
    open_gates(definition, course, _stage(definition, stage).requires)


def _may_answer(definition: Definition, course: Course, decision: Decision, chosen: tuple[Option, ...]) -> None:
    """Go through the gates of the answers. A sign-off that an answer asks for is wanted before the answer is given."""
    answered = replace(course, chosen=course.chosen | {f"{decision.id}/{option.id}" for option in chosen})
    for option in chosen:
        open_gates(definition, answered, option.requires)


def _shown_done(definition: Definition, course: Course, step: Step) -> tuple[str, ...]:
    """The duties that are shown to be done once the step is taken, and were open before."""
    after = advanced(course, step)
    found = []
    for duty in owed(definition, after):
        if missing_of_duty(duty, definition, after) == ():
            keys = duty_keys(duty) if not duty.each else (f"{duty.id}/{step.role}",)
            found += [key for key in keys if key in duty_keys(duty) and key not in after.duties]
    return tuple(found)


def _stage(definition: Definition, code: str | None) -> Stage:
    found: Stage = _found(definition.stages, code, "stage")
    return found


def _found(items: tuple[Any, ...], code: str | None, called: str) -> Any:  # an item of a section
    for item in items:
        if item.id == code:
            return item
    raise Refused(Why.UNKNOWN, f"There is no {called} {code} here.", code, (item.id for item in items))
