"""Files become drafts: promised, uploaded straight to the partnership's bucket, read by a worker.

Reading again into the same draft keeps its corrections; those that no longer fit become doubts of it.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

from backend.documents import transfers
from backend.documents.transfers import PresignedUpload
from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe
from backend.kit.texts import text_fault
from backend.procedures import store
from backend.procedures.files import CONTENT_TYPES, LARGEST, Unreadable, parsed
from tenants.partnerships import repository as partnerships
from tenants.procedures import drafting, filling, links, reading, repository
from tenants.procedures.drafting import DraftTold
from tenants.procedures.models import ProcedureEdition
from tenants.procedures.parsing import Progress, silent
from tenants.procedures.vocabulary import ImportState
from tenants.procedures.working_models import ProcedureImport

TAKE_UP_MANUAL: Final = Actor("take_up_manual", NOTICES)
"""Marks an import as being read; it is its subject."""
READ_MANUAL: Final = Actor("read_manual", NOTICES)
"""Reads an import, which is its subject, into a draft."""
Told = Callable[[int], Coroutine[Any, Any, None]]
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class FileTold:
    """A file that is to come: of exactly ``size`` bytes, ``sha256`` in hexadecimal.

    ``edition_id`` is a draft that it is read into anew; without it the file makes a draft.
    """

    manual: str
    title: str
    file_name: str
    size: int
    sha256: str
    edition_id: UUID | None = None


async def start(
    session: TenantSession, told: FileTold, by: UUID, import_id: UUID
) -> tuple[ProcedureImport, PresignedUpload]:
    """Record the promise of a file and give the form that uploads it. Raises ``Invalid``, and as ``opened`` does."""
    row = await _promise(session, told, by, import_id)
    return row, await asyncio.to_thread(transfers.form, await partnerships.own(session), row)


async def form_again(session: TenantSession, import_id: UUID) -> tuple[ProcedureImport, PresignedUpload]:
    """A fresh form for a promise that was made before. Raises ``NotFound``."""
    row = await repository.import_row(session, import_id)
    return row, await asyncio.to_thread(transfers.form, await partnerships.own(session), row)


async def complete(session: TenantSession, import_id: UUID, by: UUID) -> ProcedureImport:
    """Have what has arrived read by a worker. Completing again changes nothing.

    Raises ``NotFound``, and ``Conflict`` when nothing or something else has arrived.
    """
    row = await repository.import_row(session, import_id)
    if row.state is not ImportState.AWAITING_UPLOAD:
        return row
    version = await asyncio.to_thread(transfers.arrived, await partnerships.own(session), row)
    row = await repository.import_row(session, import_id, lock=True)
    if row.state is not ImportState.AWAITING_UPLOAD:
        return row
    await _queue(session, row, version, by)
    return row


async def keep(session: TenantSession, told: FileTold, data: bytes, import_id: UUID) -> ProcedureImport:
    """Store a file that an operator has at hand, and have it read. Raises as ``start`` does."""
    row = await _promise(session, told, None, import_id)
    version = await asyncio.to_thread(store.keep, await partnerships.own(session), row, data)
    await _queue(session, row, version, None)
    return row


async def take_up(session: TenantSession, import_id: UUID) -> None:
    """Let it be seen that an import is being read: the reading itself is one transaction, seen when it ends."""
    row = await repository.import_row(session, import_id, lock=True)
    if row.state is ImportState.WAITING:
        row.state, row.progress = ImportState.READING, 10
        await owe(session, READ_MANUAL, import_id)
        await session.flush()


async def read(session: TenantSession, import_id: UUID, told: Told | None = None) -> None:
    """Read an import into its draft. A file that cannot be read FAILS with what is wrong, and makes nothing.

    ``told`` hears how far it is, in hundredths, as often as a tenth is done. A worker that dies in it leaves the import
    as it was, and another reads it.
    """
    if (row := await _to_be_read(session, import_id)) is None:
        return
    data = await asyncio.to_thread(store.fetch, await partnerships.own(session), row)
    try:
        progress = _by_tenths(told) if told is not None else silent
        manual = await asyncio.to_thread(parsed, data, row.file_name, progress)
        if (row := await _to_be_read(session, import_id, lock=True)) is None:
            return
        edition = await _draft(session, row)
    except (Unreadable, Conflict) as error:
        row = await repository.import_row(session, import_id, lock=True)
        await _finish(session, row, ImportState.FAILED)
        row.fault = str(error)[:1_000]
        await session.flush()
        return
    content = reading.content(manual, session.tenant_id, edition.id)
    fitting = await filling.fill(session, edition, content)
    row.edition_id, row.report = edition.id, content.report() | {"corrections_kept": fitting}
    await _finish(session, row, ImportState.DONE)
    drafting.record(session, edition, "procedure_edition.imported", row.started_by, import_id=str(row.id))
    await session.flush()


async def show(session: TenantSession, import_id: UUID, progress: int) -> None:
    """Say how far the reading of an import is; nothing of one that is not being read."""
    if (row := await _to_be_read(session, import_id, lock=True)) is not None:
        row.progress = progress
        await session.flush()


def _by_tenths(told: Told) -> Progress:
    """The progress of a reading in a thread, told to the loop that waits for it; what is above 90 is writing."""
    loop, last = asyncio.get_running_loop(), 10

    def progress(done: int, of_all: int) -> None:
        nonlocal last
        now = 10 + 8 * (10 * done // of_all)
        if now > last:
            last = now
            asyncio.run_coroutine_threadsafe(told(now), loop).result()

    return progress


async def _to_be_read(session: TenantSession, import_id: UUID, *, lock: bool = False) -> ProcedureImport | None:
    row = await repository.import_row(session, import_id, lock=lock)
    return row if row.state in {ImportState.WAITING, ImportState.READING} else None


async def _finish(session: TenantSession, row: ProcedureImport, state: ImportState) -> None:
    row.state, row.progress, row.finished_at = state, 100, await session.now()


async def _draft(session: TenantSession, row: ProcedureImport) -> ProcedureEdition:
    """The draft that is read into; a new one is held against the manual's text in force. Raises ``Conflict``."""
    if row.edition_id is not None:
        return await drafting.opened(session, row.edition_id)
    made = await drafting.draft(session, DraftTold(row.manual, row.title), row.started_by, uuid7())
    before = await repository.in_force(session, await repository.today(session), row.manual)
    if before:
        made.based_on_id = before[0].id
        await links.carry(session, before[0].id, made.id)
        await drafting.carry_corrections(session, before[0].id, made.id)
        await drafting.carry_redirects(session, before[0].id, made.id)
    return made


async def _promise(session: TenantSession, told: FileTold, by: UUID | None, import_id: UUID) -> ProcedureImport:
    extension = PurePath(told.file_name).suffix.lower()
    faults = drafting.faults(DraftTold(told.manual, told.title))
    faults += [fault for fault in [text_fault("fileName", told.file_name, 200)] if fault]
    if extension not in CONTENT_TYPES:
        faults.append(FieldError("fileName", f"must end in one of {', '.join(CONTENT_TYPES)}"))
    if not 1 <= told.size <= LARGEST:
        faults.append(FieldError("size", f"give the size in bytes, 1 to {LARGEST}"))
    if not _SHA256.fullmatch(told.sha256):
        faults.append(FieldError("sha256", "give the SHA-256 of the file as 64 hexadecimal digits"))
    if faults:
        raise Invalid(faults)
    if told.edition_id is not None and (await drafting.opened(session, told.edition_id)).manual != told.manual:
        raise Invalid([FieldError("manual", "is not that of the draft; name the draft's, or leave the draft out")])
    row = ProcedureImport(
        tenant_id=session.tenant_id, id=import_id, manual=told.manual, title=told.title, file_name=told.file_name,
        content_type=CONTENT_TYPES[extension], size=told.size, sha256=told.sha256.lower(),
        object_key=f"procedures/{import_id}", edition_id=told.edition_id, started_by=by,
        started_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    await session.flush()
    return row


async def _queue(session: TenantSession, row: ProcedureImport, version: str, by: UUID | None) -> None:
    row.version_id, row.state = version, ImportState.WAITING
    await owe(session, TAKE_UP_MANUAL, row.id)
    session.audit_entries.append(Entry("procedure_import.queued", "procedure_import", row.id, by,
                                       {"manual": row.manual, "sha256": row.sha256}))  # fmt: skip
    await session.flush()


def told_of(data: bytes, manual: str, title: str, file_name: str, edition_id: UUID | None = None) -> FileTold:
    """What is told of a file at hand."""
    return FileTold(manual, title, file_name, len(data), hashlib.sha256(data).hexdigest(), edition_id)
