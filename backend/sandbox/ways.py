"""By which steps a run gets from one stage to another, or to its end, in whatever edition. Pure."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.steps import Stage


class Way(NamedTuple):
    """One step: a move, an answer to a decision or, to nowhere, the run's closing."""

    to: str | None
    decision: str | None = None
    option: str | None = None


def way(definition: Definition, start: str | None, goal: str | None) -> list[Way] | None:
    """The shortest way from a stage to another, or to the end for None; None where there is none.

    Of ways that are as short, the one whose answers open the fewest other pathways.
    """
    if start == goal:
        return []
    stages = {stage.id: stage for stage in definition.stages}
    found: dict[str | None, list[Way]] = {start: []}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if here is None or here not in stages:
            continue
        for step in _steps(definition, stages[here]):
            if step.to not in found:
                found[step.to] = [*found[here], step]
                waiting.append(step.to)
            if step.to == goal:
                return found[goal]
    return None


def _steps(definition: Definition, stage: Stage) -> Iterator[Way]:
    if stage.ends:
        yield Way(None)
    yield from (Way(to) for to in stage.leads_to)
    options = [
        (len(option.opens), Way(option.goes_to, decision.id, option.id))
        for decision in definition.decisions
        if decision.stage == stage.id
        for option in decision.options
        if option.goes_to or option.closes
    ]
    yield from (step for _, step in sorted(options, key=lambda each: each[0]))
