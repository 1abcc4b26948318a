"""What a gate, a sign-off or a duty still asks for. Pure."""

from collections.abc import Collection, Iterable, Iterator
from typing import TypeGuard

from backend.clocks.kernel import timing_of
from backend.clocks.limits import Force
from backend.clocks.rules import AgreedDate, Rule
from backend.clocks.rules import Gate as ClockGate
from backend.clocks.situation import Situation
from backend.pathways.course import Course, is_settled
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.steps import Gate, Obligation, SignOff
from backend.pathways.refusals import Refused, Why


def missing_of_gate(gate: Gate, definition: Definition, course: Course) -> tuple[str, ...]:
    """What the gate waits for, as kind and code (``form referral-record``); nothing when it is open."""
    if gate.id in course.gates:
        return ()
    obligations = {one.id: one for one in definition.obligations}
    decided = {one.partition("/")[0] for one in course.chosen}
    return (
        *(
            f"obligation {code}"
            for code in gate.obligations
            if not is_settled(obligations[code], course, ("done", "not_applicable"))
        ),
        *_records(gate, definition, course),
        *(f"decision {code}" for code in gate.decisions if code not in decided),
    )


def are_open(definition: Definition, course: Course, codes: Iterable[str]) -> bool:
    """Whether nothing stands in the way at the gates."""
    wanted = set(codes)
    return not any(missing_of_gate(gate, definition, course) for gate in definition.gates if gate.id in wanted)


def open_gates(definition: Definition, course: Course, codes: Iterable[str]) -> None:
    """Go through the gates. Raises ``Refused`` with what the first that is shut waits for."""
    wanted = set(codes)
    for gate in definition.gates:
        if gate.id in wanted and (absent := missing_of_gate(gate, definition, course)):
            raise Refused(Why.GATE, f"The gate {gate.id} is shut: {_plain(gate)}", gate.id, absent)


def _plain(gate: Gate) -> str:
    way = f" The {gate.authority} may open it with reasons." if gate.authority else ""
    return f"{gate.text}{way or (' Give a reason to go on without it.' if gate.effect == 'warn' else '')}"


Holding = ClockGate | AgreedDate
"""A clock that holds an act back: a gate, or a date that has to be agreed first."""


def _holds(one: Rule) -> TypeGuard[Holding]:
    if isinstance(one, AgreedDate):
        return one.before is not None
    return isinstance(one, ClockGate) and one.effect != "remind"


def holding(definition: Definition) -> list[Holding]:
    """The clocks that may hold back an act of a case."""
    return [one for one in definition.clocks if _holds(one)]


def held_before(definition: Definition, transitions: Collection[str]) -> list[Holding]:
    """Those that hold back any of these events and stages."""
    return [one for one in holding(definition) if one.before in transitions]


def gate_of(definition: Definition, code: str | None) -> Holding | None:
    """The clock of that id, if it holds something back."""
    return next((one for one in holding(definition) if one.id == code), None)


def is_shut(gate: Holding, course: Course, situation: Situation) -> bool:
    """Whether what it waits for has not happened, nothing exempts from it, and nobody went on with a reason."""
    return gate.id not in course.gates and timing_of(gate, situation).holds is True


def is_binding(gate: Holding) -> bool:
    """Whether no reason opens it: of what must be done first. Any other is gone through as a departure."""
    return gate.force is Force.MUST and (isinstance(gate, AgreedDate) or gate.effect == "block")


def awaited(gate: Holding) -> str:
    """The event that opens it."""
    return gate.event if isinstance(gate, AgreedDate) else gate.met_by


def exemption(gate: Holding, definition: Definition) -> str | None:
    """What lets an act through without it, in words, where there is such a thing."""
    fact = None if isinstance(gate, AgreedDate) else gate.exempt_if
    return next((one.label for one in definition.information if one.id == fact), fact)


def holds_back(gate: Holding, definition: Definition, situation: Situation) -> Refused:
    """Why an act is refused: by which gate, what that waits for, by which provision."""
    code = awaited(gate)
    waits = next((one.title for one in definition.events if one.id == code), code)
    freed = exemption(gate, definition)
    way = f" It does not hold where this is recorded: {freed}." if freed else ""
    way += "" if is_binding(gate) else " To go on without it, open the gate with a reason: that is a departure."
    return Refused(
        Why.GATE, f"{gate.action} first ({gate.citation}). The gate {gate.id} waits for: {waits}.{way}", gate.id,
        [f"event {code}"], provision=gate.citation, opens_at=min(situation.instants(code), default=None),
    )  # fmt: skip


def go_without(gate: Holding) -> None:
    """Go on without what a gate of the clocks waits for. Raises ``Refused`` for a binding one."""
    if is_binding(gate):
        raise Refused(
            Why.GATE, f"Nobody may go on without this ({gate.citation}): {gate.action}.", gate.id,
            [f"event {awaited(gate)}"], provision=gate.citation,
        )  # fmt: skip


def missing_of_duty(obligation: Obligation, definition: Definition, course: Course) -> tuple[str, ...] | None:
    """What would show that the duty is done and is not there yet; None for a duty that only a person can tell of."""
    one = obligation
    asked = (one.forms, one.information, one.notifications, one.meetings, one.sign_offs)
    return tuple(_records(one, definition, course)) if any(asked) else None


def is_signed(sign_off: SignOff, course: Course) -> bool:
    """Whether one of the roles, or with ``each`` all of them, have signed."""
    signed = {role for code, role in course.signed if code == sign_off.id}
    return signed >= set(sign_off.roles) if sign_off.each else bool(signed)


def is_asked(sign_off: SignOff, course: Course) -> bool:
    """Whether the sign-off is wanted in this run: always, or once one of the answers that ask for it was given."""
    return not sign_off.asked_if or any(f"{one.decision}/{one.option}" in course.chosen for one in sign_off.asked_if)


def _records(item: Gate | Obligation, definition: Definition, course: Course) -> Iterator[str]:
    sign_offs = {one.id: one for one in definition.sign_offs}
    yield from (f"form {code}" for code in item.forms if code not in course.forms)
    yield from (f"information {code}" for code in item.information if code not in course.information)
    yield from (f"notification {code}" for code in item.notifications if code not in course.notifications)
    yield from (f"meeting {code}" for code in item.meetings if code not in course.meetings)
    yield from (
        f"sign-off {code}"
        for code in item.sign_offs
        if is_asked(sign_offs[code], course) and not is_signed(sign_offs[code], course)
    )
