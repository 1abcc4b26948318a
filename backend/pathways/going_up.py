"""Take a run up the line by itself when its time in a stage has passed."""

from typing import Final
from uuid import UUID

from backend.clocks import repository as clock_rows
from backend.clocks.models import ClockState
from backend.kit.session import TenantSession
from backend.pathways import repository
from backend.pathways.judging import Act
from backend.pathways.models import ActionKind, RunState
from backend.pathways.standing import standing_of
from backend.pathways.taking import finish, take

_PASSED: Final = frozenset({ClockState.BREACHED, ClockState.MISSED})


async def go_up(session: TenantSession, clock_id: UUID) -> None:
    """Enter the stage that the clock's passing leads to, and tell whoever answers there.

    Nothing happens where the run has left the stage by then, waits for an authority or was closed, and where a
    correction has lifted what had passed.
    """
    clock = await clock_rows.one(session, clock_id)
    if clock.run_id is None:
        return
    run = await repository.locked(session, clock.run_id)
    clock = await clock_rows.locked(session, clock_id)
    at = await standing_of(session, None, run)
    ahead = next((stage.goes_up for stage in at.definition.stages if stage.id == at.course.stage), None)
    if (
        ahead is None or ahead.after != clock.definition or clock.met_at is not None or clock.state not in _PASSED
        or run.state is not RunState.OPEN or at.course.pending is not None
    ):  # fmt: skip
        return
    await take(session, at, Act(ActionKind.WENT_UP, clock.definition), f"up:{clock.id}")
    await finish(session, at)
