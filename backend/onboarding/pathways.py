"""Put editions of a partnership's pathways in force from its overlays."""

from datetime import timedelta
from typing import Any, Final

from backend.cases.service import local_day
from backend.onboarding.archetype import Archetype
from backend.onboarding.rows import Rows
from backend.pathways.definitions.archetypes import effective, kept_overlays
from backend.pathways.definitions.effective import national
from backend.pathways.definitions.library import shipped
from backend.pathways.definitions.local_overlay import PATHWAY_OVERLAYS
from backend.pathways.editions import repository
from backend.pathways.editions import service as editions

AUTHORITY: Final = "On-boarding of the partnership"
ROLE: Final = "operator"


async def bring_pathways(rows: Rows, archetype: Archetype) -> None:
    """An edition in force for each definition that the partnership has an overlay of, unless it is in force already.

    It is in force from the day before, so that a case opened at once follows it, whatever the zone.
    Raises ``Invalid`` for a choice that the overlay leaves open, ``Faulty`` for one that does not fit.
    """
    given: Any = next((one.value for one in archetype.settings if one.key == PATHWAY_OVERLAYS), [])
    files = kept_overlays(given)
    found = effective(shipped(), files)
    yesterday = local_day(await rows.session.now(), archetype.zone) - timedelta(days=1)
    for file in files:
        one = found[file.overlay.pathway]
        row = await editions.put_in_force(rows.session, one, yesterday, role=ROLE, authority=AUTHORITY)
        if row is not None:
            rows.report.added["pathway_edition"] += 1


async def adopt_baseline(rows: Rows, zone: str) -> None:
    """An edition in force of every national definition that leaves the partnership no choice to make.

    What has an edition in force is left alone, and so is what needs a figure: the readiness report names it.
    """
    now = await rows.session.now()
    today = local_day(now, zone)
    # All are looked up before the first is written: what is read in between is remembered as it was.
    wanted = [
        one
        for code, one in ((code, national(entry)) for code, entry in shipped().entries.items())
        if not one.unset and await repository.in_force(rows.session, code, today) is None
    ]
    for one in wanted:
        if await editions.put_in_force(rows.session, one, today - timedelta(days=1), role=ROLE, authority=AUTHORITY):
            rows.report.added["pathway_edition"] += 1
