"""What is there for a caller, of the things that rows of the log of changes name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import col

from backend.cases.access.repository import Seen, open_to, shown_through
from backend.cases.models import CaseFile
from backend.cases.policies import reach
from backend.changes import repository
from backend.changes.folding import Sight
from backend.changes.models import ChangeKind
from backend.clocks import repository as clocks
from backend.clocks.models import Clock
from backend.documents import withholding
from backend.documents.models import Document
from backend.identity.policies import Caller, Permission
from backend.kit.session import TenantSession
from backend.kit.tables import TenantRow
from backend.meetings import repository as meetings
from backend.meetings.models import Meeting
from backend.pathways import repository as pathways
from backend.pathways.casework_models import PathwayTask
from backend.pathways.models import PathwayRun
from graphql_api.alerts.sight import in_sight
from notifications.alerts.models import Alert
from notifications.handovers.models import Handover
from tenants.contacts.models import ContactMethod

Key = tuple[ChangeKind, UUID]


@dataclass(frozen=True, slots=True)
class Shown:
    """The things that are there, as they are now, and the cases that the caller may see."""

    sight: Sight
    things: dict[Key, Any] = field(default_factory=dict)
    cases: dict[UUID, Seen] = field(default_factory=dict)


def _alerts(caller: Caller) -> Select[Any]:
    return select(Alert).where(in_sight(caller))


def _runs(caller: Caller) -> Select[Any]:
    shown = shown_through(reach(caller), caller.person_id, col(PathwayRun.case_id))
    return select(PathwayRun).where(shown)


def _own_methods(caller: Caller) -> Select[Any]:
    return select(ContactMethod).where(col(ContactMethod.person_id) == caller.person_id)


# What it takes to see a kind of thing, its table, and those rows of it that are there for the caller. Cases and
# documents are found another way.
_FOUND: Final[dict[ChangeKind, tuple[Permission | None, type[TenantRow], Callable[[Caller], Select[Any]]]]] = {
    ChangeKind.ALERT: (Permission.VIEW_ALERTS, Alert, _alerts),
    ChangeKind.RUN: (Permission.VIEW_CASES, PathwayRun, _runs),
    ChangeKind.TASK: (Permission.VIEW_CASES, PathwayTask, pathways.tasks),
    ChangeKind.CLOCK: (Permission.VIEW_CLOCKS, Clock, clocks.shown),
    ChangeKind.MEETING: (Permission.VIEW_CASES, Meeting, meetings.meetings),
    ChangeKind.HANDOVER: (Permission.VIEW_HANDOVERS, Handover, lambda _: select(Handover)),
    ChangeKind.CONTACT_METHOD: (None, ContactMethod, _own_methods),
}


async def shown(session: TenantSession, caller: Caller, rows: Sequence[Any], now: datetime) -> Shown:
    """What of the things that ``rows`` name is there for the caller at this moment."""
    wanted: dict[ChangeKind, set[UUID]] = {}
    for row in rows:
        wanted.setdefault(ChangeKind(row.kind), set()).add(row.subject_id)
    case_ids = {row.case_id for row in rows if row.case_id is not None}
    cases = await _cases(session, caller, case_ids)
    things: dict[Key, Any] = {(ChangeKind.CASE, key): each.case for key, each in cases.items()}
    for kind, ids in wanted.items():
        things |= await _of_kind(session, caller, kind, ids, cases)
    there = await _there(session, caller, case_ids)
    tied = await repository.tied(session, caller.person_id, case_ids - there, now)
    return Shown(Sight(caller.person_id, things.keys(), there, tied), things, cases)


async def _cases(session: TenantSession, caller: Caller, case_ids: set[UUID]) -> dict[UUID, Seen]:
    if not caller.may(Permission.VIEW_CASES):
        return {}
    return await open_to(session, caller, case_ids)


async def _there(session: TenantSession, caller: Caller, case_ids: set[UUID]) -> set[UUID]:
    """The cases of which anything is told to the caller: a duty, if not the case itself."""
    if not case_ids:
        return set()
    found = await session.scalars(
        select(col(CaseFile.id)).where(
            col(CaseFile.tenant_id) == session.tenant_id,
            col(CaseFile.id).in_(case_ids),
            shown_through(reach(caller), caller.person_id, col(CaseFile.id)),
        )
    )
    return set(found)


async def _of_kind(
    session: TenantSession, caller: Caller, kind: ChangeKind, ids: set[UUID], cases: dict[UUID, Seen]
) -> dict[Key, Any]:
    if kind is ChangeKind.DOCUMENT:
        rows = await _documents(session, caller, ids, cases)
    elif kind is ChangeKind.CASE:
        rows = []
    else:
        needs, table, find = _FOUND[kind]
        if needs is not None and not caller.may(needs):
            return {}
        of_tenant = col(table.tenant_id) == session.tenant_id
        rows = list(await session.scalars(find(caller).where(of_tenant, col(table.id).in_(ids))))
    return {(kind, row.id): row for row in rows}


async def _documents(session: TenantSession, caller: Caller, ids: set[UUID], cases: dict[UUID, Seen]) -> list[Document]:
    if not caller.may(Permission.VIEW_DOCUMENTS):
        return []
    found = await session.scalars(
        select(Document).where(
            col(Document.tenant_id) == session.tenant_id, col(Document.id).in_(ids), col(Document.case_id).in_(cases)
        )
    )
    rows = list(found)
    hidden = await withholding.withheld(session, [row.id for row in rows], caller.person_id)
    return [row for row in rows if row.id not in hidden]
