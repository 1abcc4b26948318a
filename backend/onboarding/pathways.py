"""Put editions of a partnership's pathways in force from its overlays."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from backend.cases.service import local_day
from backend.onboarding.archetype import Archetype
from backend.onboarding.rows import Rows
from backend.pathways.definitions.archetypes import OverlayFile, effective, kept_overlays, read_overlays
from backend.pathways.definitions.effective import national
from backend.pathways.definitions.faults import Fault, Faulty
from backend.pathways.definitions.library import shipped
from backend.pathways.definitions.local_overlay import PATHWAY_OVERLAYS
from backend.pathways.editions import repository
from backend.pathways.editions import service as editions
from backend.pathways.editions.stored import values_of
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import PartnershipSetting

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


def overlays_in(folder: Path, slug: str) -> list[OverlayFile]:
    """A partnership's overlays, checked against the definitions. Raises ``Faulty`` with every fault.

    A folder that holds none is one: it is the wrong folder, or its files have another ending.
    """
    files = list(read_overlays(folder, slug))
    if not files:
        raise Faulty(
            [Fault(str(folder), 1, "no overlay is in this folder", "name the folder that has the .yaml files")]
        )
    effective(shipped(), files)
    return files


async def bring_overlays(rows: Rows, files: Sequence[OverlayFile], zone: str) -> None:
    """Keep overlays beside those that the partnership has, and put in force what they leave no choice of.

    What an edition has said before is not put in force again, whatever people made of it since. Raises ``Faulty``
    where the overlays do not fit together.
    """
    held = await _overlays(rows)
    told = {file.overlay.pathway: file.overlay.model_dump(mode="json", exclude_defaults=True) for file in files}
    merged = list(({one["pathway"]: one for one in held} | told).values())
    await rows.bring(PartnershipSetting, ("key",), [{"key": PATHWAY_OVERLAYS, "value": merged, "origin": "local"}])
    found = effective(shipped(), kept_overlays(merged))
    yesterday = local_day(await rows.session.now(), zone) - timedelta(days=1)
    for code in told:
        one = found[code]
        if one.unset:
            choices = ", ".join(item.setting for item in one.unset)
            rows.report.noted.append(f"{code}: not in force, as its overlay leaves open: {choices}")
        elif not await repository.said_before(rows.session, code, values_of(one)["digest"]):
            await editions.put_in_force(rows.session, one, yesterday, role=ROLE, authority=AUTHORITY)
            rows.report.added["pathway_edition"] += 1


async def adopt_baseline(rows: Rows, zone: str) -> None:
    """An edition in force of every national definition that leaves the partnership no choice to make.

    What has an edition in force or an overlay is left alone, and so is what needs a figure: the readiness report names
    it.
    """
    own = {one["pathway"] for one in await _overlays(rows)}
    now = await rows.session.now()
    today = local_day(now, zone)
    # All are looked up before the first is written: what is read in between is remembered as it was.
    wanted = [
        one
        for code, one in ((code, national(entry)) for code, entry in shipped().entries.items())
        if code not in own and not one.unset and await repository.in_force(rows.session, code, today) is None
    ]
    for one in wanted:
        if await editions.put_in_force(rows.session, one, today - timedelta(days=1), role=ROLE, authority=AUTHORITY):
            rows.report.added["pathway_edition"] += 1


async def _overlays(rows: Rows) -> list[dict[str, Any]]:
    """The overlays that the partnership keeps."""
    kept: Any = (await partnerships.settings(rows.session, [PATHWAY_OVERLAYS])).get(PATHWAY_OVERLAYS)
    return kept or []
