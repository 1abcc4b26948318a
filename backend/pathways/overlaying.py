"""Attach and detach overlays by hand, and what they and their runs forbid together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from backend.identity.policies import Caller
from backend.kit.problems import Conflict, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.texts import text_faults
from backend.pathways import duties, repository
from backend.pathways.casework_models import PathwayOverlay
from backend.pathways.definitions.steps import Permission, Prohibition
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.judging import Act
from backend.pathways.models import ActionKind, PathwayRun, RunState
from backend.pathways.opening import attach
from backend.pathways.standing import entered, standing_of
from backend.pathways.taking import finish, take

_STRICTNESS: Final = {Permission.FORBIDDEN: 2, Permission.RESTRICTED: 1, Permission.ALLOWED: 0}


@dataclass(frozen=True, slots=True)
class Binding:
    """A prohibition that binds a case, the run that brings it, and the runs whose laxer word it overrules."""

    prohibition: Prohibition
    run: PathwayRun
    overrules: tuple[PathwayRun, ...] = ()


async def attach_by_hand(
    session: TenantSession, caller: Caller, run_id: UUID, pathway: str, reason: str, overlay_id: UUID, *,
    version: int | None, transaction_id: str,
) -> PathwayOverlay:  # fmt: skip
    """Lay an overlay over a run. Raises as ``entered`` and ``opening.attach`` do."""
    at = await entered(session, caller, run_id, version=version)
    row = await attach(session, at, pathway, reason, transaction_id, overlay_id=overlay_id)
    await finish(session, at)
    return row


async def detach(
    session: TenantSession, caller: Caller, overlay_id: UUID, reason: str, *, version: int | None, transaction_id: str
) -> PathwayOverlay:
    """Take an overlay off its run, never silently: the reason is kept, its open tasks lapse with it.

    Raises ``NotFound``, ``Forbidden``, ``Conflict`` for one that was detached, ``Invalid`` for the reason.
    """
    row = await session.get(PathwayOverlay, (session.tenant_id, overlay_id))
    if row is None:
        raise NotFound(NO_OVERLAY)
    at = await entered(session, caller, row.run_id, version=version, otherwise=NO_OVERLAY)
    await session.refresh(row)
    if row.detached_at is not None:
        raise Conflict("This overlay was detached before.")
    if faults := text_faults(reason=(reason, 1_000)):
        raise Invalid(faults)
    await take(session, at, Act(ActionKind.OVERLAY_DETACHED, row.pathway), transaction_id, reason=reason)
    row.detached_at, row.detached_by, row.detach_reason = at.now, caller.person_id, reason
    over = await standing_of(session, caller, await repository.locked(session, row.overlay_run_id))
    if over.run.state is RunState.OPEN:
        over.run.state, over.run.closed_at, over.run.closed_by = RunState.CLOSED, at.now, caller.person_id
        detached = f"The overlay was detached: {reason}"
        await duties.lapse(session, over, detached)
        await finish(session, over, why=detached)
    await finish(session, at)
    return row


NO_OVERLAY: Final = "There is no such overlay on a run in this partnership."


async def bindings(session: TenantSession, case_id: UUID) -> list[Binding]:
    """What the open runs of a case forbid, restrict or allow; of two on the same act the strictest prevails."""
    runs = await repository.open_runs(session, case_id)
    found = await editions.editions_by_id(session, {run.edition_id for run in runs})
    return strictest(
        Binding(one, run) for run in runs for one in effective_of(found[run.edition_id]).definition.prohibitions
    )


def strictest(given: Iterable[Binding]) -> list[Binding]:
    """One binding for each act. Of equally strict ones the first stands."""
    by_act: dict[str, list[Binding]] = {}
    for one in given:
        by_act.setdefault(one.prohibition.id, []).append(one)
    found = []
    for same in by_act.values():
        chief = max(same, key=lambda one: _STRICTNESS[one.prohibition.permission])
        laxer = [one.run for one in same if one.prohibition.permission is not chief.prohibition.permission]
        found.append(Binding(chief.prohibition, chief.run, tuple(laxer)))
    return found
