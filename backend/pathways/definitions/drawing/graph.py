"""What is drawn: stages with their clocks as boxes, ways between them, and what opens beside them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import BaseModel

from backend.clocks.figures import limits_of
from backend.clocks.limits import Span
from backend.clocks.rules import AgreedDate, FixedDate, Gate, Qualitative, Range, Rule, Target
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.effective import Effective
from backend.pathways.definitions.flow import begins, moves
from backend.pathways.definitions.references import references

CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Box:
    """A stage, a pathway that is opened, or the end of the case."""

    id: str
    title: str
    lines: tuple[str, ...] = ()
    kind: str = "stage"
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from one box to another, and what takes it."""

    leaves: str
    enters: str
    label: str = ""


@dataclass(frozen=True)
class Graph:
    """All of a drawing, in the order of the file."""

    title: str
    summary: str
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    """Clocks of no stage, such as targets over many cases."""


def graph(one: Effective) -> Graph:
    """The drawing of a definition. Arrows that take the same way are one, with their labels joined."""
    definition = one.definition
    clocks = {clock.id: clock for clock in definition.clocks}
    homes = _homes(definition)
    first = set(begins(definition))
    boxes = [
        Box(
            stage.id, stage.title,
            tuple(described(clocks[code], one) for code in homes.get(stage.id, ()) if code in clocks),
            "throughout" if stage.throughout else "end" if stage.ends else "stage", stage.id in first,
        )
        for stage in definition.stages
    ]  # fmt: skip
    arrows = list(_joined(_arrows(definition)))
    targets = dict.fromkeys(arrow.enters for arrow in arrows)
    drawn = {box.id for box in boxes}
    for target in targets:
        if target == CLOSED:
            boxes.append(Box(CLOSED, "Case closed", kind="closed"))
        elif target not in drawn:
            boxes.append(Box(target, target.removeprefix("opens:").replace("-", " "), kind="opened"))
    placed = {code for codes in homes.values() for code in codes}
    loose = [described(clock, one) for code, clock in clocks.items() if code not in placed]
    partnership = f" in {one.overlay.partnership}" if one.overlay else ""
    return Graph(f"{definition.title}{partnership}", definition.summary, boxes, arrows, loose)


def described(clock: Rule, one: Effective) -> str:
    """A clock in one line: its figure or words, what it is for, and its force."""
    return f"{_figure(clock, one)}: {clock.action} ({clock.force})"


def _figure(clock: Rule, one: Effective) -> str:
    match clock:
        case Qualitative():
            chosen = one.settings.get(clock.setting)
            said = f"{clock.wording} = {chosen}" if isinstance(chosen, Span) else f"“{clock.wording}”, not set"
        case Gate():
            said = f"before {clock.before}"
        case AgreedDate():
            said = "on the agreed date"
        case FixedDate():
            said = f"on {clock.date}"
        case Range():
            said = f"{clock.earliest} to {clock.latest}" if clock.earliest else f"about {clock.latest}"
        case Target():
            said = f"{clock.per_cent}% within {clock.limit}"
        case _:
            limits = (f"{limit}{' before' if limit.direction == 'before' else ''}" for limit in limits_of(clock))
            said = " / ".join(limits)
    return said


def _homes(definition: Definition) -> dict[str, list[str]]:
    """The clocks of each stage, by what is done in the stage; each clock once."""
    homes: dict[str, list[str]] = {}
    seen: set[str] = set()
    for stage, item in _staged(definition):
        for reference in references(item):
            if reference.to == "clock" and reference.code not in seen:
                seen.add(reference.code)
                homes.setdefault(stage, []).append(reference.code)
    return homes


def _staged(definition: Definition) -> Iterator[tuple[str, BaseModel]]:
    """Whatever is done in a stage, with the stage."""
    for obligation in definition.obligations:
        yield obligation.stage, obligation
    for decision in definition.decisions:
        yield decision.stage, decision
    for meeting in definition.meetings:
        yield meeting.stage, meeting
    for form in definition.forms:
        if form.stage:
            yield form.stage, form
    for notification in definition.notifications:
        if notification.stage:
            yield notification.stage, notification


def _arrows(definition: Definition) -> Iterator[Arrow]:
    for move in moves(definition):
        yield Arrow(move.leaves, move.enters, move.option.text if move.option else "")
    for decision in definition.decisions:
        for option in decision.options:
            for opened in option.opens:
                yield Arrow(decision.stage, f"opens:{opened}", option.text)
            if option.closes:
                yield Arrow(decision.stage, CLOSED, option.text)


def _joined(arrows: Iterator[Arrow]) -> Iterator[Arrow]:
    labels: dict[tuple[str, str], list[str]] = {}
    for arrow in arrows:
        labels.setdefault((arrow.leaves, arrow.enters), []).append(arrow.label)
    for (leaves, enters), said in labels.items():
        yield Arrow(leaves, enters, "; ".join(dict.fromkeys(label for label in said if label)))
