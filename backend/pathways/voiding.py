"""Void a case: what it was opened for did not come, so that nothing is owed on it and nobody is called about it."""

from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import SQLModel

from backend.cases import closing
from backend.cases.children.models import CaseSubject
from backend.cases.chronology.models import ChronologyEntry
from backend.cases.models import CaseLink
from backend.cases.people.models import Party
from backend.documents.models import Document
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.kit.tables import table_of
from backend.pathways import repository
from backend.pathways.standing import standing_of
from backend.pathways.standing_down import stand_down
from backend.pathways.taking import abandon

_PUT_ON: Final[tuple[tuple[type[SQLModel], str], ...]] = (
    (CaseSubject, "case_id"), (Party, "case_id"), (Document, "case_id"), (ChronologyEntry, "case_id"),
    (CaseLink, "case_id"), (CaseLink, "other_id"),
)  # fmt: skip
"""What people put on a case, and by which column it names the case."""


async def end_run(session: TenantSession, by: Caller | None, run_id: UUID, reason: str) -> None:
    """Close a run that was begun for something which did not come, wherever it stands: no clock of it passes any more.

    ``by`` None is for what nobody here did.
    """
    run = await repository.locked(session, run_id)
    await abandon(session, await standing_of(session, by, run), f"void:{run_id}", reason)


async def void_if_empty(
    session: TenantSession, by: Caller | None, case_id: UUID, run_id: UUID | None, reason: str
) -> bool:
    """Void a case that has nothing on it but, if any, the ended run ``run_id``; nobody is called about it any more.

    False for a case on which somebody has put or begun anything else: it stays open, and is theirs to close.
    """
    await session.flush()
    if await _holds_more(session, case_id, run_id):
        return False
    await closing.void(session, by, case_id, reason, uuid7())
    await stand_down(session, by, case_id, reason)
    return True


async def _holds_more(session: TenantSession, case_id: UUID, run_id: UUID | None) -> bool:
    """Whether there is anything on a case but the run for which it was opened, ended."""
    runs = (await repository.runs_of_cases(session, [case_id])).get(case_id, [])
    if any(run.id != run_id for run in runs):
        return True
    tables = [(table_of(model).c, column) for model, column in _PUT_ON]
    there = [
        select(1).where(columns.tenant_id == session.tenant_id, columns[column] == case_id).exists()
        for columns, column in tables
    ]
    return bool(await session.scalar(select(or_(*there))))
