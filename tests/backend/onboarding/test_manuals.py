"""A manual and the national pathways come in with the partnership, as often as one likes."""

from collections.abc import Sequence
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.kit.problems import Invalid
from backend.kit.session import open_session
from backend.onboarding import manuals, service
from backend.onboarding.archetype import AreaPlan
from backend.onboarding.manuals import ManualPlan
from backend.onboarding.pathways import overlays_in
from backend.onboarding.rows import Report
from backend.pathways.definitions.archetypes import OverlayFile
from backend.pathways.definitions.effective import national
from backend.pathways.definitions.faults import Faulty
from backend.pathways.definitions.library import shipped
from backend.pathways.editions import repository as editions
from backend.readiness.gaps import GapKind
from backend.readiness.service import report
from tenants.partnerships.models import AreaKind
from tenants.procedures import repository
from tenants.procedures.vocabulary import EditionState

SLUG = "invented-vale"
TEXT = """Procedures of Invented Vale

1 Referral

1.1 Anybody who believes that a child may be at risk must refer the child.

1.2 The referrer should confirm in writing within 48 hours (see {see}).
"""


def planned(folder: Path, see: str = "1.1", authority: str | None = None) -> ManualPlan:
    file = folder / "manual.txt"
    file.write_text(TEXT.format(see=see))
    return manuals.plan(file, "procedures", None, authority, date(2026, 8, 1))


async def brought(
    owner: AsyncEngine, manual: ManualPlan | None, *, baseline: bool = False, overlays: Sequence[OverlayFile] = ()
) -> Report:
    return await service.load_files(
        owner, slug=SLUG, issuer="https://issuer.example.org", listing=None, continuum=None, agencies=[],
        manual=manual, overlays=overlays, baseline=baseline,
    )  # fmt: skip


async def gaps(owner: AsyncEngine, kind: GapKind) -> list[str]:
    async with open_session(await service.existing_id(owner, SLUG), on=owner) as session:
        return [gap.subject for gap in await report(session) if gap.kind is kind]


async def test_a_manual_becomes_a_draft_is_put_in_force_when_asked_and_nothing_happens_twice(
    owner: AsyncEngine, tmp_path: Path
) -> None:
    areas = [AreaPlan(kind=AreaKind.LOCAL_AUTHORITY, code="vale", name="Vale")]
    await service.create_partnership(owner, slug=SLUG, name="Invented Vale", areas=areas)
    assert await gaps(owner, GapKind.PROCEDURES) == ["partnership"]
    dangling = planned(tmp_path, see="section 9.9", authority="Board, minute 3")
    first = await brought(owner, dangling)
    assert (first.added["procedure_edition"], len(first.noted)) == (1, 2)
    assert "edition 1 is a draft; 1 things keep it from approval: 1.2: " in first.noted[1]
    assert sorted(await gaps(owner, GapKind.PROCEDURES)) == ["partnership", "procedures"]
    again = await brought(owner, dangling)
    assert again.nothing_changed
    assert again.noted == first.noted[1:]

    whole = planned(tmp_path)
    drafted = await brought(owner, whole)
    assert drafted.noted[1] == "procedures: edition 2 is a draft"
    published = await brought(owner, planned(tmp_path, authority="Board, minute 3"))
    assert (published.added.total(), published.changed["procedure_edition"]) == (0, 1)
    async with open_session(await service.existing_id(owner, SLUG), on=owner) as session:
        (row,) = await repository.in_force(session, await repository.today(session), "procedures")
    assert (row.number, row.state, row.authority, row.law_as_at) == (
        2, EditionState.APPROVED, "Board, minute 3", date(2026, 8, 1),
    )  # fmt: skip
    assert (await brought(owner, planned(tmp_path, authority="Board, minute 3"))).lines() == [f"{SLUG}: nothing to do"]
    assert "partnership" not in await gaps(owner, GapKind.PROCEDURES)

    (tmp_path / "manual.docx").write_bytes(b"no archive")
    with pytest.raises(Invalid, match=r"manual\.docx|fields|attention"):
        manuals.plan(tmp_path / "manual.docx", "procedures", None, None, None)

    free = sorted(code for code, entry in shipped().entries.items() if not national(entry).unset)
    assert await gaps(owner, GapKind.NOT_ADOPTED) == free
    adopted = await brought(owner, None, baseline=True)
    assert adopted.added["pathway_edition"] == len(free)
    assert await gaps(owner, GapKind.NOT_ADOPTED) == []
    assert await gaps(owner, GapKind.QUALITATIVE_CLOCK) != []
    async with open_session(await service.existing_id(owner, SLUG), on=owner) as session:
        today = await repository.today(session)
        for code in shipped().entries:
            assert (await editions.in_force(session, code, today) is not None) == (code in free)
    assert (await brought(owner, None, baseline=True)).nothing_changed


async def test_overlays_of_a_folder_are_in_force_once_and_one_that_leaves_a_choice_is_told(
    owner: AsyncEngine, tmp_path: Path
) -> None:
    areas = [AreaPlan(kind=AreaKind.LOCAL_AUTHORITY, code="vale", name="Vale")]
    await service.create_partnership(owner, slug=SLUG, name="Invented Vale", areas=areas)
    shipped_folder = resources.files("tenants.archetypes") / "cambs-peterborough" / "pathways"
    for name in ("threshold-decision", "professional-differences"):
        text = (shipped_folder / f"{name}.yaml").read_text("utf-8")
        (tmp_path / f"{name}.yaml").write_text(text.replace("cambs-peterborough", SLUG), "utf-8")
    whole = overlays_in(tmp_path, SLUG)
    first = await brought(owner, None, overlays=whole, baseline=True)
    async with open_session(await service.existing_id(owner, SLUG), on=owner) as session:
        today = await repository.today(session)
        found = await editions.in_force(session, "threshold-decision", today)
        assert found is not None
        assert "emerging; complex; specialist and safeguarding" in str(found.overlay_text)
    assert first.added["pathway_edition"] > 2
    assert (await brought(owner, None, overlays=whole, baseline=True)).nothing_changed

    file = tmp_path / "emergency-department-attendance-notice.yaml"
    text = (shipped_folder / file.name).read_text("utf-8").replace("cambs-peterborough", SLUG)
    file.write_text(text.partition("settings:")[0], "utf-8")
    open_choice = await brought(owner, None, overlays=overlays_in(tmp_path, SLUG), baseline=True)
    assert open_choice.noted == [f"{file.stem}: not in force, as its overlay leaves open: acknowledge-alert-within"]
    assert f"{file.stem}: acknowledge-alert-within" in await gaps(owner, GapKind.QUALITATIVE_CLOCK)
    with pytest.raises(Faulty, match=f"the overlay of {SLUG} lies with another-vale"):
        overlays_in(tmp_path, "another-vale")
