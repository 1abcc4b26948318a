"""How a case moves: which stages follow which, which are reached, and where it could never get out."""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.positions import Path
from backend.pathways.definitions.steps import Decision, Option


@dataclass(frozen=True, slots=True)
class Move:
    """From one stage to another, by an option of a decision or, without one, by itself."""

    leaves: str
    enters: str
    decision: Decision | None = None
    option: Option | None = None


def moves(definition: Definition) -> Iterator[Move]:
    """Every way from stage to stage. A decision of a stage that runs throughout leaves that stage."""
    for stage in definition.stages:
        for following in stage.leads_to:
            yield Move(stage.id, following)
        if stage.goes_up is not None and stage.goes_up.to not in stage.leads_to:
            yield Move(stage.id, stage.goes_up.to)
    for decision in definition.decisions:
        for option in decision.options:
            if option.goes_to:
                yield Move(decision.stage, option.goes_to, decision, option)


def begins(definition: Definition) -> list[str]:
    """The stages in which a case may begin: the first, those that run throughout, those that the entry names."""
    first = [stage.id for number, stage in enumerate(definition.stages) if number == 0 or stage.throughout]
    named = [one.starts_at for one in definition.entry.criteria if one.starts_at]
    named += [one.starts_at for one in definition.entry.variants if one.starts_at]
    return list(dict.fromkeys([*first, *named]))


def reached(definition: Definition) -> set[str]:
    """The stages that some case can come to."""
    following: dict[str, set[str]] = {}
    for move in moves(definition):
        following.setdefault(move.leaves, set()).add(move.enters)
    found: set[str] = set()
    waiting = begins(definition)
    while waiting:
        stage = waiting.pop()
        if stage not in found:
            found.add(stage)
            waiting += following.get(stage, ())
    return found


def flow_faults(definition: Definition) -> Iterator[tuple[Path, str, str]]:
    """Place, fault and remedy: stages never reached or never left, decisions without a way out, cases without end."""
    reachable = reached(definition)
    left = {move.leaves for move in moves(definition)}
    if definition.ends_with is not None:
        left |= {stage.id for stage in definition.stages}
    closing = {one.stage for one in definition.decisions for option in one.options if option.closes}
    for number, stage in enumerate(definition.stages):
        at: Path = ("stages", number, "id")
        if stage.id not in reachable:
            yield (
                at,
                f"no case ever comes to the stage {stage.id}",
                "lead to it from another stage or an option's goes_to",
            )
        if not (stage.ends or stage.throughout) and stage.id not in left | closing:
            yield (
                at,
                f"no case ever leaves the stage {stage.id}",
                "add leads_to, a decision that leaves it, or ends: true",
            )
    for number, decision in enumerate(definition.decisions):
        for place, option in enumerate(decision.options):
            if not (option.goes_to or option.opens or option.closes or option.stays):
                yield (
                    ("decisions", number, "options", place),
                    f"the option {option.id} of {decision.id} has no way out",
                    "add goes_to, opens, closes: true, or stays: true",
                )
    ends = bool(closing) or definition.ends_with is not None or any(stage.ends for stage in definition.stages)
    if definition.stages and not ends:
        yield ("stages",), "no case can ever end", "mark a stage ends: true, or an option closes: true"
