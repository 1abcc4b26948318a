"""Documents of a case that one of its people may not have: for them they are as if they never were."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from backend.documents import repository
from backend.documents.models import Document, DocumentReader, DocumentWithholding
from backend.kit.audit import Entry
from backend.kit.session import TenantSession


async def withhold(session: TenantSession, document_id: UUID, person_id: UUID, *, by: UUID) -> None:
    """Keep a document from a person from now on. Once is enough; it is not lifted."""
    if document_id in await withheld(session, [document_id], person_id):
        return
    session.append(DocumentWithholding, document_id=document_id, person_id=person_id, withheld_by=by,
                   withheld_at=await session.now())  # fmt: skip
    detail = {"person_id": str(person_id)}
    session.audit_entries.append(Entry("document.withheld", "document", document_id, by, detail))


async def confine(session: TenantSession, document_id: UUID, person_ids: Iterable[UUID]) -> None:
    """Let only these people have a new document, whoever else may see its case."""
    for person_id in dict.fromkeys(person_ids):
        session.append(DocumentReader, document_id=document_id, person_id=person_id)


async def withheld(session: TenantSession, document_ids: Iterable[UUID], person_id: UUID) -> set[UUID]:
    """Those of the documents that the person may not have: kept from them, or for others alone."""
    await session.flush()
    wanted = set(document_ids)
    kept = await session.scalars(
        select(col(DocumentWithholding.document_id)).where(
            col(DocumentWithholding.tenant_id) == session.tenant_id,
            col(DocumentWithholding.person_id) == person_id,
            col(DocumentWithholding.document_id).in_(wanted),
        )
    )
    return set(kept) | await _for_others(session, wanted, person_id)


async def _for_others(session: TenantSession, document_ids: set[UUID], person_id: UUID) -> set[UUID]:
    rows = await session.execute(
        select(col(DocumentReader.document_id), func.bool_or(col(DocumentReader.person_id) == person_id))
        .where(col(DocumentReader.tenant_id) == session.tenant_id, col(DocumentReader.document_id).in_(document_ids))
        .group_by(col(DocumentReader.document_id))
    )
    return {document_id for document_id, theirs in rows if not theirs}


async def of_cases(session: TenantSession, person_id: UUID, case_ids: Iterable[UUID]) -> dict[UUID, list[Document]]:
    """As ``repository.of_cases``, without what is withheld from the person."""
    found = await repository.of_cases(session, case_ids)
    hidden = await withheld(session, (row.id for rows in found.values() for row in rows), person_id)
    return {case_id: [row for row in rows if row.id not in hidden] for case_id, rows in found.items()}
