"""Dates of a case's children as events of its runs: when a birth is expected, which moves, and when it was."""

from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from backend.cases.children import repository as children
from backend.cases.children.models import Child
from backend.clocks.recording import Cause
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor
from backend.pathways import repository
from backend.pathways.definitions.definition import Definition
from backend.pathways.models import PathwayEvent, RunState, Source
from backend.pathways.moments import MomentTold
from backend.pathways.noting import note
from backend.pathways.standing import Standing, standing_of
from backend.pathways.taking import finish

RECORD_DATES: Final = Actor("record_childrens_dates", NOTICES)
_REASON: Final = "The date was corrected in the child's record."


async def record(session: TenantSession, at: Standing) -> bool:
    """Bring the run in line with the records of its case's children; returns whether anything differed.

    A date that has moved is a correction of the event, and clocks that count from it, or back from it, move along.
    """
    recorded = recorded_by_children(at.definition)
    if not recorded:
        return False
    await session.flush()
    subjects = (await children.subjects(session, [at.run.case_id])).get(at.run.case_id, [])
    rows = await repository.of_run(session, PathwayEvent, at.run.id)
    changed = False
    for code, which in recorded:
        for _, child in subjects:
            day, known = _day(child, which), _last(rows, code, child.id)
            if day is None or (known is not None and known.occurred_on == day.isoformat()):
                continue
            await note(
                session, at, code, MomentTold(on=day.isoformat()), Source.ELSEWHERE, source_id=child.id,
                corrects=known, reason=_REASON if known else None,
            )  # fmt: skip
            changed = True
    return changed


async def follow(session: TenantSession, child_id: UUID) -> None:
    """After a child's dates have changed: record them in the open runs of every case that the child is subject of."""
    for case_id in await children.case_ids(session, child_id):
        for run in await repository.open_runs(session, case_id):
            at = await standing_of(session, None, await repository.locked(session, run.id))
            if at.run.state is RunState.OPEN and await record(session, at):
                await finish(session, at, Cause("correction", None, _REASON))


def recorded_by_children(definition: Definition) -> list[tuple[str, str]]:
    """The events that a child's record tells of, each with which of its dates."""
    return [(event.id, by.child) for event in definition.events for by in event.recorded_by if by.child]


def _day(child: Child, which: str) -> date | None:
    return child.expected_on if which == "expected" else child.date_of_birth


def _last(rows: Iterable[PathwayEvent], code: str, child_id: UUID) -> PathwayEvent | None:
    """What stands for the event that the child's record told of, whoever has corrected it since."""
    corrected = {row.corrects_id: row for row in rows if row.corrects_id is not None}
    found = next((row for row in rows if (row.code, row.source_id, row.corrects_id) == (code, child_id, None)), None)
    while found is not None and found.id in corrected:
        found = corrected[found.id]
    return found
