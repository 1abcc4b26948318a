"""Every query on letters and their local wording."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlmodel import col

from backend.cases.access.repository import in_sight
from backend.documents.models import Document
from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.reading import by_key
from backend.kit.session import TenantSession
from backend.letters.models import IssuedLetter, LetterWording
from backend.letters.template import ANY

NO_LETTER: Final = "There is no such letter in this partnership."


async def letter(session: TenantSession, letter_id: UUID) -> IssuedLetter:
    """Raises ``NotFound``."""
    await session.flush()
    found = await session.get(IssuedLetter, (session.tenant_id, letter_id))
    if found is None:
        raise NotFound(NO_LETTER)
    return found


def letters(caller: Caller, case_id: UUID) -> Select[IssuedLetter]:
    """What was issued of a case that is there for the caller; withheld documents among it."""
    return select(IssuedLetter).where(
        col(IssuedLetter.tenant_id) == caller.tenant_id, col(IssuedLetter.case_id) == case_id,
        in_sight(caller, col(IssuedLetter.case_id)),
    )  # fmt: skip


async def next_number(session: TenantSession, row: IssuedLetter) -> int:
    """How many were issued alike, and one."""
    same = (
        col(IssuedLetter.tenant_id) == session.tenant_id, col(IssuedLetter.case_id) == row.case_id,
        col(IssuedLetter.template) == row.template, col(IssuedLetter.meeting_id).is_not_distinct_from(row.meeting_id),
        col(IssuedLetter.recipient_id).is_not_distinct_from(row.recipient_id),
        col(IssuedLetter.recipient_name).is_not_distinct_from(row.recipient_name),
    )  # fmt: skip
    return (await session.scalar(select(func.count()).select_from(IssuedLetter).where(*same)) or 0) + 1


async def documents(session: TenantSession, document_ids: Iterable[UUID]) -> dict[UUID, Document]:
    return await by_key(session, Document, document_ids)


async def own_wordings(session: TenantSession, template: str) -> dict[str, str]:
    """Paragraphs as the partnership words them in a template: its own before those for all."""
    await session.flush()
    rows = (await session.scalars(
        select(LetterWording)
        .where(col(LetterWording.tenant_id) == session.tenant_id, col(LetterWording.template).in_({ANY, template}))
        .order_by(col(LetterWording.id))
    )).all()  # fmt: skip
    held = {(row.template, row.paragraph): row.text for row in rows}
    found = {paragraph: text for (of, paragraph), text in held.items() if of == ANY and text}
    return found | {paragraph: text for (of, paragraph), text in held.items() if of == template and text}


async def wording(session: TenantSession, wording_id: UUID) -> LetterWording:
    """Raises ``NotFound``."""
    found = await session.get(LetterWording, (session.tenant_id, wording_id))
    if found is None:
        raise NotFound("There is no such wording in this partnership.")
    return found
