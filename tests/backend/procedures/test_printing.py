"""Whole manuals are made by a worker, once for each text, and never given for another text than the present one."""

import asyncio
from uuid import UUID

import httpx
import pytest

from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, NotFound
from backend.kit.session import open_session
from backend.procedures import printing
from support.documents import Desk
from support.procedures import approved, drafted
from support.work import Work
from tenants.procedures import approving, corrections, handbook, reading
from tenants.procedures.handbook import EntryTold
from tenants.procedures.parsing import parse
from tenants.procedures.print_models import Medium, PrintState, ProcedurePrint
from tenants.procedures.print_models import Work as Wanted


async def ask(
    desk: Desk, edition_id: UUID, work: Wanted = Wanted.MANUAL, medium: Medium = Medium.HTML
) -> ProcedurePrint:
    async with open_session(desk.partnership.id) as session:
        row = await printing.ask(session, edition_id, work, medium, desk.person_id, uuid7())
        await session.commit()
    return row


async def fetched(desk: Desk, print_id: UUID) -> tuple[PrintState, httpx.Response | None]:
    async with open_session(desk.partnership.id) as session:
        row = await printing.known(session, print_id)
        link = await printing.link(session, row)
    return row.state, await asyncio.to_thread(httpx.get, link.url) if link else None


async def test_a_print_is_made_once_for_a_text_and_never_given_for_another(desk: Desk, work: Work) -> None:
    async with open_session(desk.partnership.id) as session:
        draft = await drafted(session, desk.person_id)
        await session.commit()
    first, same = await ask(desk, draft.id), await ask(desk, draft.id)
    assert first.id == same.id
    assert await fetched(desk, first.id) == (PrintState.WAITING, None)
    await work.run_due(rounds=1)
    async with open_session(desk.partnership.id) as session:
        row = await printing.known(session, first.id)
        assert (row.state, row.progress) == (PrintState.MAKING, 10)
    await work.run_due()
    state, file = await fetched(desk, first.id)
    assert state is PrintState.DONE
    assert file is not None
    assert (file.status_code, file.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "DRAFT: not approved" in file.text
    assert "must refer the child" in file.text

    # A correction takes the print out of use at once; one that was on its way meanwhile is not made of another text.
    late = await ask(desk, draft.id, medium=Medium.PDF)
    async with open_session(desk.partnership.id) as session:
        await corrections.set_fields(session, draft.id, ["1.1"], {"text": "Refer within the hour."}, desk.person_id)
        await handbook.write(session, draft.id, [EntryTold("Refer", "At once.", ("1.1",))], desk.person_id)
        await session.commit()
    assert (await fetched(desk, first.id))[1] is None
    await work.run_due()
    assert await fetched(desk, late.id) == (PrintState.CHANGED, None)
    async with open_session(desk.partnership.id) as session:
        await approved(session, draft)
        await session.commit()
    whole, small = await ask(desk, draft.id), await ask(desk, draft.id, Wanted.HANDBOOK)
    paper = await ask(desk, draft.id, medium=Medium.PDF)
    assert len({first.id, whole.id, small.id, paper.id, late.id}) == 5
    await work.run_due()
    texts = [file.text for one in (whole, small) if (file := (await fetched(desk, one.id))[1])]
    assert all("Refer within the hour." in text and "In force from" in text for text in texts)
    assert not any("DRAFT" in text or "must refer the child" in text for text in texts)
    assert ["strategy discussion" in text for text in texts] == [True, False]
    pdf = (await fetched(desk, paper.id))[1]
    assert pdf is not None
    assert b"pdfuaid:part>1<" in pdf.content
    assert "response-content-disposition=attachment" in str(pdf.request.url)

    # An edition that is withdrawn, or replaced by the next one, says so on whatever is printed from then on.
    async with open_session(desk.partnership.id) as session:
        await approving.withdraw(session, draft.id, desk.person_id, "It was the wrong text.")
        await session.commit()
    assert (await fetched(desk, whole.id))[1] is None
    gone = await ask(desk, draft.id)
    await work.run_due()
    file = (await fetched(desk, gone.id))[1]
    assert file is not None
    assert "WITHDRAWN" in file.text


async def test_there_is_no_print_of_what_is_not_there(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await ask(desk, uuid7())
    async with open_session(desk.partnership.id) as session:
        draft = await drafted(session, desk.person_id)
        await session.commit()
    with pytest.raises(Conflict, match="no handbook"):
        await ask(desk, draft.id, Wanted.HANDBOOK)


def test_a_manual_that_names_a_page_of_the_web_can_be_taken_up() -> None:
    manual = parse("manual.txt", b"1 Forms\n\n1.1 The form is at https://example.org/forms and must be used.\n")
    content = reading.content(manual, uuid7(), uuid7())
    assert [one.kind.value for one in content.references] == ["link"]
