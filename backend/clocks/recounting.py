"""Work open clocks out anew when the calendar or a setting of the partnership changes."""

from typing import Final
from uuid import UUID

from backend.clocks import repository
from backend.clocks.recording import Cause
from backend.clocks.situations import recompute_now
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe

RECOUNT_CASE: Final = Actor("recount_case_clocks", NOTICES)
RECOUNT_RUN: Final = Actor("recount_run_clocks", NOTICES)
PRACTICE: Final = Cause("practice")
"""The calendar or a setting has changed."""


async def recount(session: TenantSession, _partnership_id: UUID) -> None:
    """Owe a recount of every run that has open clocks, each in a transaction of its own: there may be thousands."""
    for case_id, run_id in await repository.open_runs(session):
        if run_id is None:
            await owe(session, RECOUNT_CASE, case_id)
        else:
            await owe(session, RECOUNT_RUN, run_id)


async def recount_case(session: TenantSession, case_id: UUID) -> None:
    """Move the clocks of a case that no run has. One that comes out as it was is left alone; a breach stays one."""
    await recompute_now(session, case_id, None, PRACTICE)


async def recount_run(session: TenantSession, run_id: UUID) -> None:
    """The same for a run."""
    case_id = await repository.case_of_run(session, run_id)
    if case_id is None:
        raise NotFound(repository.NO_CLOCK)
    await recompute_now(session, case_id, run_id, PRACTICE)
