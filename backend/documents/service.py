"""Documents of a case: promised, uploaded straight to the partnership's bucket, fetched by short links.

No file passes through the API. An upload form fixes the object's key, size, type and SHA-256, so S3
refuses anything but what was promised; completing an upload checks again and pins the version that
every download then gives, whatever is written to the key later.
"""

import asyncio
import hashlib
import re
import unicodedata
from datetime import datetime
from typing import Final
from uuid import UUID

from backend.cases import repository as cases
from backend.cases.models import AccessEntry, CaseEvent
from backend.documents import repository, transfers
from backend.documents.models import Document, DocumentState
from backend.documents.transfers import EXTENSIONS, PresignedDownload, PresignedUpload
from backend.documents.withholding import withheld
from backend.kit.audit import Entry
from backend.kit.problems import Conflict, FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from tenants.partnerships import repository as partnerships

__all__ = ["PresignedDownload", "PresignedUpload", "complete_upload", "download", "start_upload"]

LARGEST: Final = 100 * 1024 * 1024
LONGEST_TITLE: Final = 200

# Controls, surrogates, line separators, and format characters: one of those turns the reading
# direction round, so that "fdp.exe" is shown as "exe.pdf".
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")


async def start_upload(
    session: TenantSession,
    *,
    document_id: UUID,
    case_id: UUID,
    title: str,
    content_type: str,
    size: int,
    sha256: str,
    person_id: UUID,
) -> tuple[Document, PresignedUpload]:
    """Record the promise of a file of exactly ``size`` bytes and give the form that uploads it.

    ``sha256`` is in hexadecimal. Raises ``Invalid`` with every faulty field, ``NotFound`` for a case
    that is not this partnership's.
    """
    title = title.strip()
    if errors := _faults(title, content_type, size, sha256):
        raise Invalid(errors)
    await cases.case(session, case_id)
    now = await session.now()
    document = Document(
        tenant_id=session.tenant_id,
        id=document_id,
        case_id=case_id,
        title=title,
        content_type=content_type,
        size=size,
        sha256=sha256.lower(),
        object_key=f"cases/{case_id}/{document_id}",  # seen in logs and bills, so it tells nothing
        uploaded_by=person_id,
        started_at=now,
    )
    # Before the rows: signing may have to fetch credentials, and must not hold a lock meanwhile.
    form = await asyncio.to_thread(transfers.form, await partnerships.own(session), document)
    session.add(document)
    _record(session, document, "document.upload_started", person_id, now)
    await session.flush()
    return document, form


async def keep(
    session: TenantSession, document_id: UUID, case_id: UUID, title: str, content_type: str, data: bytes,
    person_id: UUID,
) -> Document:  # fmt: skip
    """Store bytes that were made here as a document of a case that is known to be this partnership's.

    The file is stored before the row that names it: a crash between the two leaves a file that nothing names.
    """
    now = await session.now()
    document = Document(
        tenant_id=session.tenant_id, id=document_id, case_id=case_id, title=title, content_type=content_type,
        size=len(data), sha256=hashlib.sha256(data).hexdigest(), object_key=f"cases/{case_id}/{document_id}",
        state=DocumentState.AVAILABLE, uploaded_by=person_id, started_at=now, completed_at=now,
    )  # fmt: skip
    document.version_id = await asyncio.to_thread(transfers.keep, await partnerships.own(session), document, data)
    session.insert(document)
    _record(session, document, "document.available", person_id, now)
    await session.flush()
    return document


async def form_again(session: TenantSession, document_id: UUID) -> tuple[Document, PresignedUpload]:
    """A fresh form for a promise that was made before. Raises ``NotFound``."""
    document = await repository.document(session, document_id)
    return document, await asyncio.to_thread(transfers.form, await partnerships.own(session), document)


async def complete_upload(session: TenantSession, document_id: UUID, person_id: UUID) -> Document:
    """Take what has arrived for the document, once S3 shows that it is what was promised.

    Raises ``NotFound``, and ``Conflict`` when nothing or something else has arrived. Completing
    again, or twice at once, is no error and changes nothing.
    """
    document = await repository.document(session, document_id)
    if document.state == DocumentState.AVAILABLE:
        return document
    version_id = await asyncio.to_thread(transfers.arrived, await partnerships.own(session), document)
    document = await repository.document(session, document_id, lock=True)
    if document.state == DocumentState.AVAILABLE:
        return document
    now = await session.now()
    document.state, document.version_id, document.completed_at = DocumentState.AVAILABLE, version_id, now
    _record(session, document, "document.available", person_id, now)
    await session.flush()
    return document


async def download(session: TenantSession, document_id: UUID, person_id: UUID) -> PresignedDownload:
    """A link to exactly the version that was completed, after noting who asked for it.

    The caller commits before it hands the link out. Raises ``NotFound``, also for what is withheld from the
    person, and ``Conflict`` for a document whose upload is not complete.
    """
    document = await repository.document(session, document_id)
    if await withheld(session, [document_id], person_id):
        raise NotFound(repository.NO_DOCUMENT)
    if document.state != DocumentState.AVAILABLE:
        raise Conflict("This document is still awaiting its upload. Complete the upload, then download it.")
    look = AccessEntry(
        tenant_id=session.tenant_id,
        person_id=person_id,
        subject_kind="document",
        subject_id=document.id,
        case_id=document.case_id,
        action="download",
        at=await session.now(),
    )
    session.add(look)
    await session.flush()
    return await asyncio.to_thread(transfers.link, await partnerships.own(session), document)


def _faults(title: str, content_type: str, size: int, sha256: str) -> list[FieldError]:
    errors = []
    if not 1 <= len(title) <= LONGEST_TITLE:
        errors.append(FieldError("title", f"Give a title of 1 to {LONGEST_TITLE} characters."))
    elif any(unicodedata.category(character) in _UNPRINTABLE for character in title):
        errors.append(FieldError("title", "Leave out line breaks, control and invisible characters."))
    if content_type not in EXTENSIONS:
        errors.append(FieldError("contentType", f"Give one of {', '.join(EXTENSIONS)}."))
    if not 1 <= size <= LARGEST:
        errors.append(FieldError("size", f"Give the size in bytes, 1 to {LARGEST}."))
    if not _SHA256.fullmatch(sha256):
        errors.append(FieldError("sha256", "Give the SHA-256 of the file as 64 hexadecimal digits."))
    return errors


def _record(session: TenantSession, document: Document, action: str, person_id: UUID, now: datetime) -> None:
    """Put the act on the audit log and on the case's timeline."""
    session.audit_entries.append(Entry(action, "document", document.id, person_id, {"case_id": str(document.case_id)}))
    event = CaseEvent(
        tenant_id=session.tenant_id,
        case_id=document.case_id,
        kind=action,
        occurred_at=now,
        recorded_at=now,
        actor_id=person_id,
        detail={"document_id": str(document.id)},
    )
    session.add(event)
