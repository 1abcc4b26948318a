"""Acts that a clock holds back, a gate or a date to be agreed: what has to wait is refused until it need not.

The gate stands in the run whose definition asks for it; the act may be one in another run of the case that passes the
event on. What begins a run is never held, nor what time does by itself, for nobody could be asked to wait.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from backend.clocks.situation import Situation
from backend.kit.session import TenantSession
from backend.pathways import clockwork, repository
from backend.pathways.course import Course, Step
from backend.pathways.definitions.effective import Effective
from backend.pathways.following import events_of, passed_on
from backend.pathways.gates import Holding, held_before, holding, holds_back, is_shut
from backend.pathways.models import ActionKind, PathwayRun
from backend.pathways.noting import others
from backend.pathways.refusals import Refused, Why
from backend.pathways.standing import Standing, standing_of

_NEVER_HELD: Final = frozenset({ActionKind.STARTED, ActionKind.WENT_UP, ActionKind.CLOSED, ActionKind.MIGRATED})


async def refuse_early(session: TenantSession, at: Standing, step: Step) -> None:
    """Refuse a step that enters a stage, or records an event, that a gate holds. Raises ``Refused``."""
    if step.kind in _NEVER_HELD:
        return
    happens = [code for code, _ in events_of(at.definition, step)]
    await refuse_events(session, at, happens, enters=step.enters)


async def refuse_events(
    session: TenantSession, at: Standing, happens: Collection[str], *, enters: str | None = None
) -> None:
    """As ``refuse_early``, for events that are about to be recorded. What one act records opens its own gates."""
    stages = {enters} if enters is not None else set()
    await _refuse(session, at, {*happens, *stages}, happens)
    if not happens:
        return
    for other, definition in await others(session, at):
        passed = [code for code in happens if passed_on(definition, code, at.run.pathway)]
        if held_before(definition, passed):
            await _refuse(session, await standing_of(session, at.caller, other), set(passed), passed)


async def _refuse(session: TenantSession, at: Standing, transitions: Collection[str], happens: Iterable[str]) -> None:
    gates = held_before(at.definition, transitions)
    if not gates:
        return
    found = await _situation(session, at)
    by_it = {code: (*found.events.get(code, ()), found.now) for code in happens}
    now = replace(found, events={**found.events, **by_it})
    for gate in gates:
        if is_shut(gate, at.course, now):
            raise holds_back(gate, at.definition, now)


async def refuse_unless_shut(session: TenantSession, at: Standing, gate: Holding) -> None:
    """Raises ``Refused`` for a gate that holds nothing back as things stand."""
    if not is_shut(gate, at.course, await _situation(session, at)):
        raise Refused(Why.GATE, f"The gate {gate.id} is open.", gate.id)


async def shut(session: TenantSession, run: PathwayRun, one: Effective, course: Course) -> frozenset[str]:
    """Ids of the clocks that hold something back in the run as it stands, in the course of its actions."""
    if not (found := holding(one.definition)):
        return frozenset()
    now = await _situation_of(session, run, one)
    return frozenset(gate.id for gate in found if is_shut(gate, course, now))


async def _situation(session: TenantSession, at: Standing) -> Situation:
    return await _situation_of(session, at.run, at.one)


async def _situation_of(session: TenantSession, run: PathwayRun, one: Effective) -> Situation:
    """What has happened so far; where work is done again, in this round of it."""
    steps = await repository.actions(session, run.id) if one.definition.anew else []
    began = next((each.id for each in reversed(steps) if each.detail.get("anew")), None)
    return await clockwork.situation_of(session, run, one, since=began)
