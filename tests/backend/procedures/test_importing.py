"""A manual's file is uploaded to the partnership's bucket and read by a worker into a draft."""

import hashlib
from typing import Any
from uuid import UUID

import pytest

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, Invalid
from backend.kit.session import TenantSession, open_session
from backend.procedures import importing
from backend.procedures.importing import FileTold
from support.documents import Desk, send
from support.procedures import approved, drafted
from support.work import Work
from tenants.procedures import corrections, repository
from tenants.procedures.models import ProcedureEdition, ProcedureProvision
from tenants.procedures.parsing import parse
from tenants.procedures.vocabulary import EditionState, Force, ImportState, Kind
from tenants.procedures.working_models import ProcedureDoubt, ProcedureImport

TEXT = b"""Procedures of Invented Vale

1 Referral

1.1 Anybody who believes that a child may be at risk must refer the child.

1.2 The referrer should confirm in writing within 48 hours (see 1.1).
"""


def told(data: bytes = TEXT, **change: object) -> FileTold:
    return FileTold(**{
        "manual": "child-protection", "title": "Procedures", "file_name": "manual.txt", "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(), **change,
    })  # type: ignore[arg-type]  # fmt: skip


async def uploaded(desk: Desk, data: bytes = TEXT, **change: object) -> ProcedureImport:
    """An import whose file has arrived and is owed to be read."""
    async with open_session(desk.partnership.id) as session:
        row, form = await importing.start(session, told(data, **change), desk.person_id, uuid7())
        await session.commit()
    send(form, data).raise_for_status()
    async with open_session(desk.partnership.id) as session:
        await importing.complete(session, row.id, desk.person_id)
        await session.commit()
    return row


async def test_a_file_becomes_a_draft_with_a_report_and_its_progress_is_seen_meanwhile(desk: Desk, work: Work) -> None:
    row = await uploaded(desk)
    seen = []
    for _ in range(3):
        async with open_session(desk.partnership.id) as session:
            now = await repository.import_row(session, row.id)
            seen.append((now.state, now.progress))
        await work.run_due(rounds=1)
    assert seen[0] == (ImportState.WAITING, 0)
    async with open_session(desk.partnership.id) as session:
        done = await repository.import_row(session, row.id)
        assert (done.state, done.progress, done.fault) == (ImportState.DONE, 100, None)
        assert done.edition_id is not None
        edition = await repository.edition(session, done.edition_id)
        assert (edition.state, edition.made_by) == (EditionState.DRAFT, desk.person_id)
        found = {one.number: one for one in await repository.parts(session, ProcedureProvision, edition.id)}
        assert found["1.1"].force is Force.MUST
        assert found["1.2"].force is Force.SHOULD
        assert done.report["provisions"] == len(await repository.parts(session, ProcedureProvision, edition.id))


async def test_how_far_the_reading_is_is_seen_from_outside_while_it_goes_on(
    desk: Desk, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = await uploaded(desk, TEXT + b"".join(b"\n2.%d Refer the child.\n" % number for number in range(2_000)))
    seen = []
    shown = importing.show

    async def show(session: TenantSession, import_id: UUID, progress: int) -> None:
        async with open_session(desk.partnership.id) as outside:
            seen.append((await repository.import_row(outside, row.id)).progress)
        await shown(session, import_id, progress)

    monkeypatch.setattr(importing, "show", show)
    await work.run_due()
    assert len(seen) >= 5
    assert seen == sorted(set(seen))
    assert (seen[0], seen[-1] < 100) == (10, True)
    async with open_session(desk.partnership.id) as session:
        assert (await repository.import_row(session, row.id)).progress == 100


async def test_the_same_draft_read_from_a_newer_file_keeps_corrections_and_lists_those_that_do_not_fit(
    desk: Desk, work: Work
) -> None:
    row = await uploaded(desk)
    await work.run_due()
    async with open_session(desk.partnership.id) as session:
        edition_id = (await repository.import_row(session, row.id)).edition_id
        assert edition_id is not None
        rows = {one.number: one for one in await repository.parts(session, ProcedureProvision, edition_id)}
        by = desk.person_id
        await corrections.set_fields(session, edition_id, [rows["1.1"].address], {"kind": "law"}, by)
        await corrections.set_fields(session, edition_id, [rows["1.2"].address], {"force": "must"}, by)
        await session.commit()
    newer = TEXT.replace(b"48 hours", b"24 hours")
    again = await uploaded(desk, newer, edition_id=edition_id)
    await work.run_due()
    async with open_session(desk.partnership.id) as session:
        done = await repository.import_row(session, again.id)
        assert (done.state, done.edition_id, done.report["corrections_kept"]) == (ImportState.DONE, edition_id, 1)
        rows = {one.number: one for one in await repository.parts(session, ProcedureProvision, edition_id)}
        assert (rows["1.1"].kind.value, rows["1.2"].force) == ("law", Force.SHOULD)
        assert "24 hours" in rows["1.2"].text
        kinds = [one.kind for one in await repository.parts(session, ProcedureDoubt, edition_id)]
        assert kinds.count("correction does not fit") == 1


async def test_a_file_without_a_draft_is_read_with_the_corrections_of_the_text_in_force(desk: Desk, work: Work) -> None:
    async with open_session(desk.partnership.id) as session:
        row = await approved(session, await _corrected(session, desk.person_id))
        await session.commit()
    again = await uploaded(desk, TEXT.replace(b"48 hours", b"24 hours"))
    await work.run_due()
    async with open_session(desk.partnership.id) as session:
        done = await repository.import_row(session, again.id)
        assert done.edition_id is not None
        edition = await repository.edition(session, done.edition_id)
        assert (edition.based_on_id, done.report["corrections_kept"]) == (row.id, 1)
        rows = {one.number: one for one in await repository.parts(session, ProcedureProvision, edition.id)}
        assert rows["1.1"].kind is Kind.LAW


async def _corrected(session: TenantSession, by: UUID) -> ProcedureEdition:
    row = await drafted(session, None, parse("manual.txt", TEXT))
    await corrections.set_fields(session, row.id, ["1.1"], {"kind": "law"}, by)
    return row


async def test_a_file_that_is_not_what_its_name_says_fails_with_what_is_wrong_and_makes_nothing(
    desk: Desk, work: Work
) -> None:
    row = await uploaded(desk, b"PK not a document", file_name="manual.docx")
    await work.run_due()
    async with open_session(desk.partnership.id) as session:
        done = await repository.import_row(session, row.id)
        assert (done.state, done.edition_id) == (ImportState.FAILED, None)
        assert done.fault
        assert not (await session.scalars(repository.editions(desk.partnership.id, drafts=True))).all()


async def test_nothing_is_read_before_it_has_arrived_nor_of_what_was_not_promised(desk: Desk, work: Work) -> None:
    async with open_session(desk.partnership.id) as session:
        row, form = await importing.start(session, told(), desk.person_id, uuid7())
        await session.commit()
    async with open_session(desk.partnership.id) as session:
        with pytest.raises(Conflict, match="not arrived"):
            await importing.complete(session, row.id, desk.person_id)
    send(form, TEXT.replace(b"must", b"may "))
    async with open_session(desk.partnership.id) as session:
        with pytest.raises(Conflict):
            await importing.complete(session, row.id, desk.person_id)
    await work.run_due()
    async with open_session(desk.partnership.id) as session:
        assert (await repository.import_row(session, row.id)).state is ImportState.AWAITING_UPLOAD


@pytest.mark.parametrize(("field", "change"), [
    ("fileName", {"file_name": "manual.exe"}), ("size", {"size": 0}), ("sha256", {"sha256": "x"}),
    ("manual", {"manual": "Not A Code"}), ("title", {"title": ""}),
])  # fmt: skip
async def test_a_promise_that_cannot_be_kept_names_the_field(desk: Desk, field: str, change: dict[str, Any]) -> None:
    async with open_session(desk.partnership.id) as session:
        with pytest.raises(Invalid) as refused:
            await importing.start(session, told(**change), desk.person_id, uuid7())
        assert [error.field for error in refused.value.errors] == [field]
