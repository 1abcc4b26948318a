"""Manuals and handbooks are printed whole by a worker, each text once, and fetched by links that live for a minute.

What is printed is named by the SHA-256 of all that it says. A text that has been corrected, withdrawn or replaced since
has another, so that nobody is given an old print as the present one.
"""

import asyncio
import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from backend.kit.audit import Entry
from backend.kit.pdf import render
from backend.kit.problems import Conflict
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe
from backend.procedures import print_store
from backend.procedures.print_store import Link
from tenants.partnerships import repository as partnerships
from tenants.procedures import printing as works
from tenants.procedures import repository, subjects
from tenants.procedures.models import (
    ProcedureEdition,
    ProcedureHandbookEntry,
    ProcedureProvision,
    ProcedureRedirect,
    ProcedureReference,
    ProcedureTerm,
)
from tenants.procedures.print_models import Medium, PrintState, ProcedurePrint, Work
from tenants.procedures.printing import contents
from tenants.procedures.printing.contents import Cover, Printout, Text
from tenants.procedures.printing.page import page
from tenants.procedures.printing.sheet import TEMPLATE, sheet
from tenants.procedures.vocabulary import EditionState

TAKE_UP_PRINT: Final = Actor("take_up_procedure_print", NOTICES)
"""Marks a print as being made; it is its subject."""
MAKE_PRINT: Final = Actor("make_procedure_print", NOTICES)
"""Makes a print, which is its subject, and stores it."""
NO_PRINT: Final = "There is no such print of a manual in this partnership."

_DIGEST: Final = text("""
    SELECT encode(sha256(convert_to(coalesce(string_agg(said, E'\\n' ORDER BY part, place, said), ''), 'UTF8')), 'hex')
    FROM (
        SELECT 1 AS part, position AS place, row::text AS said FROM procedure_provision AS row
            WHERE tenant_id = :tenant AND edition_id = :edition
        UNION ALL SELECT 2, 0, row::text FROM procedure_reference AS row
            WHERE tenant_id = :tenant AND edition_id = :edition
        UNION ALL SELECT 3, 0, row::text FROM procedure_term AS row
            WHERE tenant_id = :tenant AND edition_id = :edition
        UNION ALL SELECT 4, 0, row::text FROM procedure_redirect AS row
            WHERE tenant_id = :tenant AND edition_id = :edition
        UNION ALL SELECT 5, position, row::text FROM procedure_handbook_entry AS row
            WHERE tenant_id = :tenant AND edition_id = :edition
    ) AS parts
""")


async def ask(
    session: TenantSession, edition_id: UUID, work: Work, medium: Medium, by: UUID, print_id: UUID
) -> ProcedurePrint:
    """The print of an edition as it is now; a worker makes it unless it is there, or on its way.

    Raises ``NotFound``, and ``Conflict`` for an edition without a handbook.
    """
    edition = await repository.edition(session, edition_id, lock=True)  # of two who ask at once one asks the worker
    if work is Work.HANDBOOK and not await repository.parts(session, ProcedureHandbookEntry, edition_id):
        raise Conflict("This edition has no handbook. Print its manual, or write the handbook of a draft.")
    content = await content_of(session, edition)
    known = await session.scalar(
        select(ProcedurePrint).where(
            col(ProcedurePrint.tenant_id) == session.tenant_id, col(ProcedurePrint.edition_id) == edition_id,
            col(ProcedurePrint.work) == work, col(ProcedurePrint.medium) == medium,
            col(ProcedurePrint.content) == content,
        )
    )  # fmt: skip
    if isinstance(known, ProcedurePrint):
        if known.state is PrintState.CHANGED:  # it was asked for, changed, and changed back
            known.state, known.progress = PrintState.WAITING, 0
            await owe(session, TAKE_UP_PRINT, known.id)
        return known
    row = ProcedurePrint(
        tenant_id=session.tenant_id, id=print_id, edition_id=edition_id, work=work, medium=medium, content=content,
        object_key=f"procedure-prints/{print_id}", asked_by=by, asked_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    await owe(session, TAKE_UP_PRINT, print_id)
    session.audit_entries.append(
        Entry(
            "procedure_print.asked",
            "procedure_print",
            print_id,
            by,
            {"edition_id": str(edition_id), "work": work.value, "medium": medium.value},
        )
    )
    await session.flush()
    return row


async def known(session: TenantSession, print_id: UUID, *, lock: bool = False) -> ProcedurePrint:
    """Raises ``NotFound``."""
    return await repository.row(session, ProcedurePrint, print_id, NO_PRINT, lock=lock)


async def take_up(session: TenantSession, print_id: UUID) -> None:
    """Let it be seen that a print is being made: the making itself is one transaction, seen when it ends."""
    row = await known(session, print_id, lock=True)
    if row.state is PrintState.WAITING:
        row.state, row.progress = PrintState.MAKING, 10
        await owe(session, MAKE_PRINT, print_id)
        await session.flush()


async def make(session: TenantSession, print_id: UUID) -> None:
    """Make a print and store it. The file comes before the row that says it is there.

    Where the text has changed since it was asked for, nothing is made of it. A worker that dies in it leaves it to
    another.
    """
    row = await known(session, print_id, lock=True)
    if row.state not in {PrintState.WAITING, PrintState.MAKING}:
        return
    edition = await repository.edition(session, row.edition_id)
    row.finished_at = await session.now()
    if await content_of(session, edition) != row.content:
        row.state = PrintState.CHANGED
        await session.flush()
        return
    made = await _printout(session, edition, row.work)
    # Dated by its asking: whoever makes it, and however often, makes the same file.
    file = await _file(made, row.medium, row.asked_at)
    row.size, row.sha256 = len(file), hashlib.sha256(file).hexdigest()
    row.version_id = await asyncio.to_thread(print_store.keep, await partnerships.own(session), row, file)
    row.state, row.progress = PrintState.DONE, 100
    await session.flush()


async def link(session: TenantSession, row: ProcedurePrint) -> Link | None:
    """A link to a print that is done and says what its edition says now; else None."""
    edition = await repository.edition(session, row.edition_id)
    if row.state is not PrintState.DONE or await content_of(session, edition) != row.content:
        return None
    name = f"{edition.manual}-{row.work.value}-edition-{edition.number}.{edition.amendment}.{row.medium.value}"
    return await asyncio.to_thread(print_store.link, await partnerships.own(session), row, name)


async def content_of(session: TenantSession, edition: ProcedureEdition) -> str:
    """Names all that a print of an edition would say now, and how it would be set."""
    await session.flush()
    words = await session.scalar(_DIGEST, {"tenant": session.tenant_id, "edition": edition.id})
    cover = await _cover(session, edition)
    return hashlib.sha256("\n".join([_setting(), words, *_said(cover)]).encode()).hexdigest()


async def _printout(session: TenantSession, edition: ProcedureEdition, work: Work) -> Printout:
    text_of = Text(
        await repository.parts(session, ProcedureProvision, edition.id),
        await repository.parts(session, ProcedureReference, edition.id),
        await repository.parts(session, ProcedureTerm, edition.id),
        await repository.parts(session, ProcedureRedirect, edition.id),
        await repository.parts(session, ProcedureHandbookEntry, edition.id),
        await subjects.index(session, edition.id) if work is Work.MANUAL else (),
    )
    cover = await _cover(session, edition)
    if work is Work.HANDBOOK:
        cover = Cover(cover.partnership, f"Practitioners' handbook: {cover.title}", cover.lines)
    made = contents.handbook if work is Work.HANDBOOK else contents.manual
    return await asyncio.to_thread(made, cover, text_of)


async def _file(made: Printout, medium: Medium, at: datetime) -> bytes:
    if medium is Medium.HTML:
        return await asyncio.to_thread(page, made)
    return await render(TEMPLATE, await asyncio.to_thread(sheet, made), at)


async def _cover(session: TenantSession, edition: ProcedureEdition) -> Cover:
    number = f"Edition {edition.number}" + (f", amendment {edition.amendment}" if edition.amendment else "")
    lines = [f"{number}. {await _standing(session, edition)}"]
    lines += [f"The law is stated as at {_day(edition.law_as_at)}."] if edition.law_as_at else []
    lines += [f"Approved by authority of {edition.authority}."] if edition.authority else []
    lines += [f"SHA-256 of the text: {edition.digest}."] if edition.digest else []
    partnership = (await partnerships.own(session)).name
    return Cover(contents.clean(partnership), contents.clean(edition.title), tuple(map(contents.clean, lines)))


async def _standing(session: TenantSession, edition: ProcedureEdition) -> str:
    """How the edition stands today; a reader of the print has to know before anything else."""
    if edition.state is EditionState.DRAFT or edition.in_force_from is None:
        return "DRAFT: not approved, and not to be worked by."
    since = _day(edition.in_force_from)
    if edition.withdrawn_at is not None:
        return f"WITHDRAWN. It was to be in force from {since}. Reason: {edition.withdrawal_reason}"
    today = await repository.today(session)
    if edition.in_force_from > today:
        return f"It comes into force on {since}."
    current = await repository.in_force(session, today, edition.manual)
    if any(one.id == edition.id for one in current):
        return f"In force from {since}."
    return f"ARCHIVED: it was in force from {since}, and is no longer."


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _said(cover: Cover) -> list[str]:
    return [cover.partnership, cover.title, *cover.lines]


@cache
def _setting() -> str:
    """Names how works are set: a better page replaces what was printed by the one before."""
    folder = Path(works.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()
