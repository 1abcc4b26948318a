"""Take a run to a newer edition of its pathway, by somebody, with what differs shown and kept."""

from typing import Any, Final
from uuid import UUID

from backend.identity.policies import Caller
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from backend.pathways import duties
from backend.pathways.casework import Known
from backend.pathways.course import owed
from backend.pathways.definitions.difference import Difference, as_json, differences
from backend.pathways.definitions.faults import choose
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.judging import Act
from backend.pathways.models import ActionKind, EditionState, PathwayEdition, PathwayRun
from backend.pathways.standing import entered, seen_run
from backend.pathways.taking import finish, take

MOST_KEPT: Final = 500


async def preview(session: TenantSession, caller: Caller, run_id: UUID, edition_id: UUID) -> list[Difference]:
    """What would differ for a run under another edition of its pathway. Raises ``NotFound``, ``Invalid``."""
    run, _ = await seen_run(session, caller, run_id)
    newer = await editions.edition(session, edition_id)
    _same_pathway(run, newer)
    return differences(effective_of(await editions.edition(session, run.edition_id)), effective_of(newer))


async def migrate(
    session: TenantSession, caller: Caller, run_id: UUID, edition_id: UUID, stage: str | None, reason: str,
    known: Known,
) -> PathwayRun:  # fmt: skip
    """Pin the run to another approved edition. ``stage`` says where it stands there, if not in the same one.

    Duties that the edition no longer asks for lapse, new ones begin; what was recorded stays as it is. The
    differences are kept with the action. Raises as ``entered`` and ``take`` do, ``Conflict`` for an edition that is
    not approved, ``Invalid``.
    """
    newer = await editions.edition(session, edition_id)
    at = await entered(session, caller, run_id, version=known.version)
    _same_pathway(at.run, newer)
    if fault := text_fault("reason", reason, 2_000):
        raise Invalid([fault])
    if newer.state is not EditionState.APPROVED:
        raise Conflict(f"Edition {newer.number} is {newer.state.value}; a run is pinned to an approved one.")
    if newer.id == at.edition.id:
        raise Conflict("The run follows this edition already.")
    found = differences(at.one, effective_of(newer))
    stages = [one.id for one in effective_of(newer).definition.stages]
    if (stage or at.course.stage) not in {*stages, None}:
        raise Invalid([FieldError("stage", f"is no stage of the newer edition; {choose(str(stage), stages)}")])
    older = {one.id for one in at.definition.obligations}
    kept: dict[str, Any] = {"from": str(at.edition.id), "to": str(newer.id), "differences": as_json(found)[:MOST_KEPT],
            "differing": len(found)}  # fmt: skip
    already = {one.id for one in owed(at.definition, at.course)}
    at.edition, at.one, at.run.edition_id = newer, effective_of(newer), newer.id
    await take(session, at, Act(ActionKind.MIGRATED, stage), known.transaction_id, reason=reason, **kept)
    gone = frozenset(older - {one.id for one in at.definition.obligations})
    await duties.lapse(session, at, f"Edition {newer.number} no longer asks for it.", only=gone)
    await duties.begin(session, at, [one for one in owed(at.definition, at.course) if one.id not in already])
    await finish(session, at)
    return at.run


def _same_pathway(run: PathwayRun, edition: PathwayEdition) -> None:
    if edition.pathway != run.pathway:
        raise Invalid([FieldError("editionId", f"must be an edition of {run.pathway}")])
