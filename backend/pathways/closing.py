"""Close a case, once nothing runs on it any more."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias
from uuid import UUID

from backend.cases import closing
from backend.cases.models import CaseChange, CaseState
from backend.clocks import repository as clock_rows
from backend.clocks.models import Clock
from backend.identity.policies import Caller
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from backend.pathways import repository
from backend.pathways.casework_models import PathwayTask, TaskState
from backend.pathways.concluding import Ended, conclude
from backend.pathways.gates import missing_of_gate
from backend.pathways.models import PathwayRun, RunState
from backend.pathways.standing import standing_of
from backend.pathways.standing_down import stand_down


class Kind(StrEnum):
    """What may still run on a case."""

    RUN = "run"
    TASK = "task"
    CLOCK = "clock"
    GATE = "gate"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Remaining:
    """One thing that still runs. ``code`` is its name in ``pathway``, ``id`` that of its row; a gate has none."""

    kind: Kind
    pathway: str
    code: str
    text: str
    id: UUID | None = None


class StillRuns(Conflict):
    """A case that cannot be closed yet, with all that stands in the way."""

    code: ClassVar[str] = "STILL_RUNS"

    def __init__(self, remaining: Iterable[Remaining]) -> None:
        super().__init__(
            "Something still runs on this case, or lacks its reason. End or explain each of it, then close."
        )
        self.remaining = tuple(remaining)


Holder: TypeAlias = Callable[[TenantSession, UUID], Awaitable[list[Remaining]]]

_holders: list[Holder] = []


def holds_cases(holder: Holder) -> None:
    """Have ``holder`` say what of its package a case is kept open for; this package lies under it."""
    if holder not in _holders:
        _holders.append(holder)


async def close_case(session: TenantSession, caller: Caller, case_id: UUID, reason: str, change_id: UUID) -> CaseChange:
    """Close a case, with the reason. Its runs were closed before, each as its own definition has it; whoever is
    still being called about it is stood down.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for one that is closed, ``Invalid`` for the reason, and
    ``StillRuns`` while there are open runs, tasks or clocks, nobody has said why a limit was breached or missed, a
    gate is shut that holds the case, or another package holds it.
    """
    case = await closing.to_change(session, caller, case_id, CaseState.OPEN, reason)
    if found := await remaining(session, case_id):
        raise StillRuns(found)
    now, why = await session.now(), f"The case was closed: {reason}"
    for run in (await repository.runs_of_cases(session, [case_id])).get(case_id, []):
        await conclude(session, Ended(run, caller, now, why))
    change = await closing.close(session, caller, case, reason, change_id)
    await stand_down(session, caller, case_id, "The case was closed.")
    return change


async def remaining(session: TenantSession, case_id: UUID) -> list[Remaining]:
    """All that a case still waits for: runs, tasks, clocks, gates that hold it and what others keep it open for."""
    runs = (await repository.runs_of_cases(session, [case_id])).get(case_id, [])
    found = [Remaining(Kind.RUN, run.pathway, run.stage or run.pathway, run.pathway, run.id)
             for run in runs if run.state is RunState.OPEN]  # fmt: skip
    for run in runs:
        tasks = await repository.of_run(session, PathwayTask, run.id)
        found += [Remaining(Kind.TASK, run.pathway, task.code, task.text, task.id)
                  for task in tasks if task.state is TaskState.OPEN]  # fmt: skip
    clocks: list[Clock] = (await clock_rows.of_cases(session, [case_id])).get(case_id, [])
    found += [Remaining(Kind.CLOCK, clock.pathway, clock.definition, clock.title, clock.id)
              for clock in clocks if clock.state in clock_rows.OPEN or clock_rows.is_unexplained(clock)]  # fmt: skip
    for run in runs:
        found += await _gates(session, run)
    for holder in _holders:
        found += await holder(session, case_id)
    return found


async def _gates(session: TenantSession, run: PathwayRun) -> list[Remaining]:
    at = await standing_of(session, None, run)
    if at.course.abandoned:  # what it was begun for did not come, so nothing has to be done before the case is closed
        return []
    return [
        Remaining(Kind.GATE, run.pathway, gate.id, gate.text)
        for gate in at.definition.gates
        if gate.holds_case and missing_of_gate(gate, at.definition, at.course)
    ]
