"""How a run ends, and what that asks for. Pure."""

from backend.clocks.limits import Force
from backend.pathways.course import Course, is_settled, owed
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.steps import Stage
from backend.pathways.gates import are_open, open_gates
from backend.pathways.refusals import Refused, Why


def as_an_answer_would(definition: Definition, course: Course, stage: Stage) -> None:
    """Where answers of the stage close the run, closing it without one asks for what one of them asks for.

    Raises ``Refused`` with what the gates of the first wait for.
    """
    closing = [one for each in definition.decisions if each.stage == stage.id for one in each.options if one.closes]
    if closing and not any(are_open(definition, course, one.requires) for one in closing):
        open_gates(definition, course, closing[0].requires)


def ends(definition: Definition, event: str | None) -> bool:
    """Whether a run of this definition ends with the event."""
    return definition.ends_with is not None and event in definition.ends_with.events


def may_close(definition: Definition, course: Course) -> None:
    """Whether nothing is laid over the run and each duty that must be done is settled. Raises ``Refused``."""
    if course.overlays:
        names = sorted(course.overlays)
        raise Refused(Why.OVERLAYS, f"Detach {', '.join(names)} first, each with its reason.", names[0],
                      (f"overlay {name}" for name in names))  # fmt: skip
    left = [
        one.id
        for one in owed(definition, course)
        if one.force is Force.MUST and not is_settled(one, course, ("done", "not_applicable", "not_done"))
    ]
    if left:
        raise Refused(
            Why.DUTIES, "Duties that must be done are open: settle each, or record why it was not done.", left[0],
            (f"obligation {code}" for code in left),
        )  # fmt: skip
