"""Every query on clocks."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Select, and_, literal_column, or_, select, text
from sqlmodel import col

from backend.cases.access.repository import of_teams_of, shown_through
from backend.cases.models import CaseFile
from backend.cases.policies import reach
from backend.clocks.models import STILL_OPEN, Clock, ClockChange, ClockMark, ClockNotice, ClockState
from backend.clocks.steps import Telling, Told
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.kit.tables import grouped

NO_CLOCK: Final = "There is no such clock in this partnership."
OPEN: Final = (ClockState.RUNNING, ClockState.PAUSED)
NOT_LATE: Final = (*OPEN, ClockState.MET)
"""What stands so is not late, whatever was found before a correction."""


async def locked(session: TenantSession, clock_id: UUID) -> Clock:
    """The clock, locked, as it is now. Raises ``NotFound``."""
    found: Clock | None = await session.scalar(
        select(Clock)
        .where(col(Clock.tenant_id) == session.tenant_id, col(Clock.id) == clock_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(NO_CLOCK)
    return found


async def locked_with_run(session: TenantSession, clock_id: UUID) -> Clock:
    """The clock, with its run and every other clock of it locked in the order in which acts on a run lock them.

    Raises ``NotFound``.
    """
    found = await one(session, clock_id)
    if found.run_id is not None:
        await session.execute(_LOCK_RUN, {"tenant": session.tenant_id, "run": found.run_id})
    rows = await of_run_locked(session, found.case_id, found.run_id)
    return next(row for row in rows if row.id == clock_id)


_LOCK_RUN: Final = text("SELECT FROM pathway_run WHERE tenant_id = :tenant AND id = :run FOR NO KEY UPDATE")


async def one(session: TenantSession, clock_id: UUID) -> Clock:
    """Raises ``NotFound``."""
    found: Clock | None = await session.scalar(
        select(Clock).where(col(Clock.tenant_id) == session.tenant_id, col(Clock.id) == clock_id)
    )
    if found is None:
        raise NotFound(NO_CLOCK)
    return found


async def case_of(session: TenantSession, clock_id: UUID) -> UUID:
    """The case that a clock runs on. Raises ``NotFound``."""
    return (await one(session, clock_id)).case_id


def _of(case_id: UUID, run_id: UUID | None, model: Any) -> ColumnElement[bool]:
    """Rows of a run, or those of a case that belong to none."""
    same = col(model.run_id).is_(None) if run_id is None else col(model.run_id) == run_id
    return and_(col(model.case_id) == case_id, same)


async def of_run_locked(session: TenantSession, case_id: UUID, run_id: UUID | None) -> list[Clock]:
    """Every clock of a run, or of a case without one, locked in the order of their ids."""
    found = await session.scalars(
        select(Clock)
        .where(col(Clock.tenant_id) == session.tenant_id, _of(case_id, run_id, Clock))
        .order_by(col(Clock.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(found)


async def marks(session: TenantSession, case_id: UUID, run_id: UUID | None) -> list[ClockMark]:
    """The marks that hold: none that another corrects, in the order in which they were recorded."""
    found = await session.scalars(
        select(ClockMark)
        .where(col(ClockMark.tenant_id) == session.tenant_id, _of(case_id, run_id, ClockMark))
        .order_by(col(ClockMark.recorded_at), col(ClockMark.id))
    )
    every = list(found)
    corrected = {mark.corrects_id for mark in every}
    return [mark for mark in every if mark.id not in corrected]


async def told(session: TenantSession, clock_ids: Iterable[UUID]) -> dict[UUID, list[Told]]:
    """What has been told of each clock so far."""
    found = await session.scalars(
        select(ClockNotice).where(
            col(ClockNotice.tenant_id) == session.tenant_id, col(ClockNotice.clock_id).in_(set(clock_ids))
        )
    )
    rows = grouped(found, lambda notice: notice.clock_id)
    return {clock_id: [Told(one.step, one.number) for one in notices] for clock_id, notices in rows.items()}


async def of_cases(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[Clock]]:
    """Clocks by case, soonest due first."""
    return await by_parent(session, Clock, "case_id", case_ids, order=("due_at", "id"))


async def changes_of(session: TenantSession, clock_ids: Iterable[UUID]) -> dict[UUID, list[ClockChange]]:
    """The history of each clock, first to last."""
    return await by_parent(session, ClockChange, "clock_id", clock_ids, order=("at", "id"))


async def notices_of(session: TenantSession, clock_ids: Iterable[UUID]) -> dict[UUID, list[ClockNotice]]:
    """What was told of each clock, first to last."""
    return await by_parent(session, ClockNotice, "clock_id", clock_ids, order=("told_at", "id"))


def of_definition(tenant_id: UUID, case_id: UUID, definition: str, *, unmet: bool = False) -> Select[UUID]:
    """The ids of a case's clocks of one definition, the latest first; ``unmet``: those alone that can be met yet."""
    query = select(col(Clock.id)).where(
        col(Clock.tenant_id) == tenant_id, col(Clock.case_id) == case_id, col(Clock.definition) == definition
    )
    if unmet:
        over = [ClockState.CANCELLED, ClockState.EXPIRED]
        query = query.where(col(Clock.met_at).is_(None), col(Clock.state).not_in(over))
    return query.order_by(col(Clock.occurrence).desc()).limit(1)


async def open_runs(session: TenantSession) -> list[tuple[UUID, UUID | None]]:
    """Case and run of everything that has a running or a paused clock."""
    found = await session.execute(
        select(col(Clock.case_id), col(Clock.run_id))
        .where(col(Clock.tenant_id) == session.tenant_id, col(Clock.state).in_(OPEN))
        .distinct()
        .order_by(col(Clock.case_id))
    )
    return [(row.case_id, row.run_id) for row in found]


def shown(caller: Caller) -> Select[Clock]:
    """The clocks that are told to a caller."""
    return select(Clock).where(
        col(Clock.tenant_id) == caller.tenant_id, shown_through(reach(caller), caller.person_id, col(Clock.case_id))
    )


def open_now(*, yes: bool) -> ColumnElement[bool]:
    """By the words of the index on what is open: a list of what is due passes over nothing that is over."""
    return literal_column(f"clock.{STILL_OPEN}", Boolean()) if yes else col(Clock.state).not_in(OPEN)


def needs_reason() -> ColumnElement[bool]:
    """Breached or missed, no correction has lifted it, and nobody has said why."""
    return and_(
        or_(col(Clock.breached_at).is_not(None), col(Clock.missed_at).is_not(None)), col(Clock.reason).is_(None),
        col(Clock.state).not_in(NOT_LATE),
    )  # fmt: skip


def is_unexplained(clock: Clock) -> bool:
    """The same of a row that is at hand."""
    late = clock.breached_at is not None or clock.missed_at is not None
    return late and clock.reason is None and clock.state not in NOT_LATE


def due_before(instant: datetime) -> ColumnElement[bool]:
    return col(Clock.due_at) < instant


def was_breached(*, yes: bool) -> ColumnElement[bool]:
    """Whether it was ever breached: a correction or doing it late does not take that away."""
    return col(Clock.breached_at).is_not(None) if yes else col(Clock.breached_at).is_(None)


def mine(caller: Caller) -> ColumnElement[bool]:
    """Owned by the caller, or by a role of theirs where nobody is named."""
    by_role = and_(col(Clock.owner_id).is_(None), col(Clock.owner_role).in_(caller.roles))
    return or_(col(Clock.owner_id) == caller.person_id, by_role)


def of_my_teams(caller: Caller) -> ColumnElement[bool]:
    """On a case that a team of the caller holds."""
    return _case(of_teams_of(caller.person_id))


def of_team(team_id: UUID) -> ColumnElement[bool]:
    return _case(col(CaseFile.team_id) == team_id)


def of_area(area_id: UUID) -> ColumnElement[bool]:
    return _case(col(CaseFile.area_id) == area_id)


def _case(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(1)
        .where(col(CaseFile.tenant_id) == col(Clock.tenant_id), col(CaseFile.id) == col(Clock.case_id), condition)
        .select_from(CaseFile)
        .correlate_except(CaseFile)
        .exists()
    )


async def was_told(session: TenantSession, clock_id: UUID, telling: Telling) -> bool:
    """Whether this step of the clock was told for this very instant."""
    found = await session.scalar(
        select(1).where(
            col(ClockNotice.tenant_id) == session.tenant_id, col(ClockNotice.clock_id) == clock_id,
            col(ClockNotice.step) == telling.step, col(ClockNotice.number) == telling.number,
            col(ClockNotice.at) == telling.at,
        )
    )  # fmt: skip
    return found is not None


async def case_of_run(session: TenantSession, run_id: UUID) -> UUID | None:
    found: UUID | None = await session.scalar(
        select(col(Clock.case_id))
        .where(col(Clock.tenant_id) == session.tenant_id, col(Clock.run_id) == run_id)
        .limit(1)
    )
    return found
