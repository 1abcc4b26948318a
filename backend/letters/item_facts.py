"""What a letter says of items of information: as the case's latest run of a pathway has them."""

from collections.abc import Iterable
from uuid import UUID

from backend.kit.session import TenantSession
from backend.letters.sight import Sight
from backend.letters.sources import item_of
from backend.letters.values import EMPTY, KEPT, Value, answered
from backend.pathways import repository as pathways
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.models import PathwayFact, PathwayRun


async def item_values(
    session: TenantSession, case_id: UUID, run_id: UUID | None, sources: Iterable[str], sight: Sight, zone: str
) -> dict[str, Value]:
    """The sources ``item``, of ``run_id`` where that is a run of the pathway, else of the latest one."""
    wanted = {source: item for source in sources if (item := item_of(source)) is not None}
    if not wanted:
        return {}
    runs = sorted((await pathways.runs_of_cases(session, [case_id])).get(case_id, []), key=lambda one: one.id)
    latest: dict[str, PathwayRun] = {}
    for one in runs:
        if one.pathway not in latest or latest[one.pathway].id != run_id:
            latest[one.pathway] = one
    used = {pathway: latest[pathway] for pathway, _ in wanted.values() if pathway in latest}
    facts = await pathways.of_runs(session, PathwayFact, [one.id for one in used.values()])
    held = {run.pathway: {row.code: row.value for row in facts.get(run.id, [])} for run in used.values()}
    made: dict[str, Value] = {}
    for source, (pathway, code) in wanted.items():
        found = answered(held.get(pathway, {}).get(code), zone)
        made[source] = found if found.empty or await _shown(session, used[pathway], code, sight) else KEPT
    return {source: value for source, value in made.items() if value is not EMPTY}


async def _shown(session: TenantSession, run: PathwayRun, code: str, sight: Sight) -> bool:
    return sight.item(effective_of(await editions.edition(session, run.edition_id)).definition, code)
