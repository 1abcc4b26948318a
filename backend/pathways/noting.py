"""Put an event on a run, and on the case's other runs that take it over."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from backend.cases import service as cases
from backend.clocks.dates import FuzzyDate
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.pathways import repository
from backend.pathways.definitions.definition import Definition
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.ending import ends
from backend.pathways.following import passed_on, takes_from
from backend.pathways.models import PathwayEvent, PathwayFact, PathwayRun, RunState, Source
from backend.pathways.moments import MomentTold, standing
from backend.pathways.standing import Standing
from tenants.partnerships import repository as partnerships


async def note(
    session: TenantSession, at: Standing, code: str, told: MomentTold, source: Source, *,
    source_id: UUID | None = None, event_id: UUID | None = None, corrects: PathwayEvent | None = None,
    withdrawn: bool = False, reason: str | None = None,
) -> PathwayEvent:  # fmt: skip
    """Record the event in this run; every open run of the case that takes it from here gets it too."""
    row = PathwayEvent(
        tenant_id=session.tenant_id, id=event_id or uuid7(), run_id=at.run.id, code=code,
        **await _when(session, at, told, withdrawn=withdrawn), source=source, source_id=source_id,
        corrects_id=corrects.id if corrects else None, withdrawn=withdrawn, reason=reason,
        recorded_by=at.by, recorded_at=at.now,
    )  # fmt: skip
    session.insert(row)
    for other, definition in await others(session, at):
        if passed_on(definition, code, at.run.pathway) and await _still_open(session, at, other, definition, code):
            await _pass_on(session, at, other, row, corrects)
    return row


async def others(session: TenantSession, at: Standing) -> list[tuple[PathwayRun, Definition]]:
    """The case's other open runs, each with the definition that it is by."""
    return [
        (run, effective_of(await editions.edition(session, run.edition_id)).definition)
        for run in await repository.open_runs(session, at.run.case_id)
        if run.id != at.run.id
    ]


async def _still_open(
    session: TenantSession, at: Standing, other: PathwayRun, definition: Definition, code: str
) -> bool:
    """Whether the other run is open; one that the event may end is locked, ahead of its clocks as for any act in it."""
    if not ends(definition, code):
        return True
    locked = other if session.is_new(PathwayRun, other.id) else await repository.locked(session, other.id)
    if locked.state is not RunState.OPEN:
        return False
    at.ended[locked.id] = locked
    return True


async def take_over(session: TenantSession, at: Standing) -> None:
    """Give a run that begins what the case's other open runs have recorded and it takes over from them.

    What would end it is not taken over: what ended then was something else.
    """
    for other in await repository.open_runs(session, at.run.case_id):
        if other.id == at.run.id or not takes_from(at.definition, other.pathway):
            continue
        for row in standing(await repository.of_run(session, PathwayEvent, other.id)):
            if passed_on(at.definition, row.code, other.pathway) and not ends(at.definition, row.code):
                session.insert(_taken_over(session, at.run, row))


def note_fact(session: TenantSession, at: Standing, code: str, value: Any, *, form_id: UUID | None = None) -> None:
    """Record one item of information in this run, from a form or from elsewhere."""
    row = PathwayFact(
        tenant_id=session.tenant_id, id=uuid7(), run_id=at.run.id, code=code, value=value, form_id=form_id,
        recorded_by=at.by, recorded_at=at.now,
    )  # fmt: skip
    session.insert(row)


async def _when(session: TenantSession, at: Standing, told: MomentTold, *, withdrawn: bool) -> dict[str, Any]:
    if withdrawn:
        return {"occurred_at": None, "occurred_on": None, "anticipated": False}
    if told.on is not None:
        today = cases.local_day(at.now, (await partnerships.own(session)).zone)
        ahead = FuzzyDate.parse(told.on).earliest > today
        return {"occurred_at": None, "occurred_on": told.on, "anticipated": ahead}
    moment = told.at or at.now
    return {"occurred_at": moment, "occurred_on": None, "anticipated": moment > at.now}


def _standing_for(rows: Iterable[PathwayEvent], entry_id: UUID) -> UUID:
    """The entry that stands for another, which somebody may have corrected in this run since."""
    corrected = {row.corrects_id: row.id for row in rows if row.corrects_id is not None}
    while entry_id in corrected:
        entry_id = corrected[entry_id]
    return entry_id


async def _pass_on(
    session: TenantSession, at: Standing, other: PathwayRun, row: PathwayEvent, corrects: PathwayEvent | None
) -> None:
    """The same event in the other run; a correction corrects there what was passed on before."""
    passed: UUID | None = None
    if corrects is not None:
        there = await repository.of_run(session, PathwayEvent, other.id)
        passed = next((one.id for one in reversed(there) if one.source_id == corrects.id), None)
        if passed is not None:
            passed = _standing_for(there, passed)
        if passed is None and row.withdrawn:
            return
    session.insert(_taken_over(session, other, row, corrects_id=passed))
    at.touched[other.id] = other


def _taken_over(
    session: TenantSession, run: PathwayRun, row: PathwayEvent, corrects_id: UUID | None = None
) -> PathwayEvent:
    return PathwayEvent(
        tenant_id=session.tenant_id, id=uuid7(), run_id=run.id, code=row.code, occurred_at=row.occurred_at,
        occurred_on=row.occurred_on, anticipated=row.anticipated, withdrawn=row.withdrawn, source=Source.ELSEWHERE,
        source_id=row.id, corrects_id=corrects_id, reason=row.reason, recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
    )  # fmt: skip
