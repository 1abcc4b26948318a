"""From where the clocks of a run are worked out: from the run, or on a case without one from its own marks."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from backend.clocks import repository
from backend.clocks.models import Clock, ClockMark, Mark
from backend.clocks.recomputing import Scope, recompute
from backend.clocks.recording import EVENT, Cause
from backend.clocks.rules import Deadline, Qualitative, Rule, stored_rule
from backend.clocks.situation import Choices, Situation
from backend.kit.session import TenantSession
from tenants.calendars import repository as calendars
from tenants.partnerships import repository as partnerships

RunWinder: TypeAlias = Callable[[TenantSession, UUID, Cause], Awaitable[list[Clock]]]

_runs: list[RunWinder] = []


def runs_from(winder: RunWinder) -> None:
    """Have the clocks of a run worked out by ``winder``, of the package that keeps runs; this one lies under it."""
    _runs[:] = [winder]


async def recompute_now(session: TenantSession, case_id: UUID, run_id: UUID | None, cause: Cause) -> list[Clock]:
    """Work out anew the clocks of a run, or of a case without one, from what is recorded by now."""
    await session.flush()
    if run_id is not None:
        return await _runs[0](session, run_id, cause)
    scope, rules, situation = await _of_case(session, case_id)
    return await recompute(session, scope, rules, situation, cause)


async def begin_on_case(
    session: TenantSession, scope: Scope, rule: Deadline | Qualitative, started_at: datetime
) -> list[Clock]:
    """Begin a clock on a case beside whatever runs on it: ``scope`` names no run. Its start is kept as a mark.

    Returns all clocks that the case has of no run.
    """
    await session.flush()
    _, rules, _ = await _of_case(session, scope.case_id)
    session.append(
        ClockMark, case_id=scope.case_id, kind=Mark.START, event=rule.start.event, at=started_at,
        recorded_at=await session.now(),
    )  # fmt: skip
    every = (*rules, rule)
    return await recompute(session, scope, every, await situation_of(session, every), EVENT)


async def situation_of(session: TenantSession, rules: Sequence[Rule]) -> Situation:
    """Nothing recorded yet, in the partnership's calendar; unstated starts are the defaults that their rules name."""
    calendar, receipt = await calendars.practice(session, (await partnerships.own(session)).zone)
    starts = {rule.id: rule.start.event for rule in rules if isinstance(rule, Deadline) and rule.start.unstated}
    return Situation(calendar, await session.now(), {}, choices=Choices(receipt=receipt, starts=starts))


async def _of_case(session: TenantSession, case_id: UUID) -> tuple[Scope, Sequence[Rule], Situation]:
    """Its clocks keep the rules with which they began."""
    rows = await repository.of_run_locked(session, case_id, None)
    rules = {row.definition: stored_rule(row.rule) for row in rows}
    scope = Scope(case_id, rows[0].pathway if rows else "", rows[0].edition if rows else "")
    return scope, tuple(rules.values()), await situation_of(session, tuple(rules.values()))
