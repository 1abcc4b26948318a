"""Correct when a clock began: through the event of its run, or on a case without one by its own mark."""

from datetime import datetime
from uuid import UUID

from backend.clocks import repository as clock_rows
from backend.clocks import service as clocks
from backend.clocks.models import Clock
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.pathways import repository
from backend.pathways.models import PathwayEvent, RunState, Source
from backend.pathways.moments import MomentTold, standing
from backend.pathways.recording import correct_event


async def correct(session: TenantSession, caller: Caller, clock_id: UUID, at: datetime, reason: str) -> Clock:
    """Say that a clock began ``at`` another instant; all that runs from the same event follows.

    Raises as ``correct_event`` does, ``Conflict`` where no single event of the run says when it began, and
    ``Invalid`` for an instant to come, or the text.
    """
    clock = await clock_rows.one(session, clock_id)
    if at > await session.now():
        raise Invalid([FieldError("startedAt", "must not lie in the future")])
    if clock.run_id is None:
        return await clocks.correct_start(session, clock_id, caller.person_id, at, reason)
    events = standing(await repository.of_run(session, PathwayEvent, clock.run_id))
    found = [row for row in events if row.code == clock.start_event and row.occurred_at == clock.started_at]
    if len(found) != 1:
        raise Conflict("No single event of the run says when this clock began. Correct the event itself.")
    entry = await _recorded_first(session, found[0])
    await correct_event(session, caller, entry.id, MomentTold(at=at), reason, uuid7())
    return await clock_rows.one(session, clock_id)


async def _recorded_first(session: TenantSession, event: PathwayEvent) -> PathwayEvent:
    """The entry that the run took this one over from, while it stands in a run that is open; all who took it follow."""
    if event.source is not Source.ELSEWHERE or event.source_id is None:
        return event
    first = await session.get(PathwayEvent, (session.tenant_id, event.source_id))
    if first is None or (await repository.run(session, first.run_id)).state is not RunState.OPEN:
        return event
    stand = {row.id for row in standing(await repository.of_run(session, PathwayEvent, first.run_id))}
    return await _recorded_first(session, first) if first.id in stand else event
