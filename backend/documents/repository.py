"""Every query on documents."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.documents.models import Document
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from backend.kit.tables import grouped

NO_DOCUMENT: Final = "There is no such document in this partnership."


async def document(session: TenantSession, document_id: UUID, *, lock: bool = False) -> Document:
    """The document; locked when asked, and then as it is now. Raises ``NotFound``."""
    query = select(Document).where(col(Document.tenant_id) == session.tenant_id, col(Document.id) == document_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound(NO_DOCUMENT)
    return found


async def of_cases(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[Document]]:
    """Documents by case, newest first, those still awaiting their upload among them."""
    found = await session.scalars(
        select(Document)
        .where(col(Document.tenant_id) == session.tenant_id, col(Document.case_id).in_(set(case_ids)))
        .order_by(col(Document.started_at).desc(), col(Document.id).desc())
    )
    return grouped(found, lambda each: each.case_id)
