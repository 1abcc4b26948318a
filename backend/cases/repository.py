"""Every query on case files, their timelines and links, and who has looked at them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select, union_all
from sqlalchemy.sql.selectable import Subquery
from sqlmodel import col

from backend.cases.models import (
    AccessEntry,
    CaseChange,
    CaseChangeKind,
    CaseEvent,
    CaseFile,
    CaseLink,
    CaseState,
)
from backend.kit.audit import AuditEntry
from backend.kit.ids import quoted
from backend.kit.problems import NotFound
from backend.kit.reading import by_parent
from backend.kit.session import TenantSession
from backend.kit.tables import link
from notifications.alerts.models import Alert
from tenants.contacts.models import Person

NO_CASE = "There is no such case in this partnership."
NO_LINK = "There is no such link between cases in this partnership."


async def case(session: TenantSession, case_id: UUID) -> CaseFile:
    """The case file, whoever asks: callers are let in by ``service.seen``. Raises ``NotFound``."""
    found = await session.get(CaseFile, (session.tenant_id, case_id))
    if found is None:
        raise NotFound(NO_CASE)
    return found


async def is_restricted(session: TenantSession, case_id: UUID) -> bool:
    """Whether a case is there for its own list alone."""
    query = select(col(CaseFile.restricted)).where(
        col(CaseFile.tenant_id) == session.tenant_id, col(CaseFile.id) == case_id
    )
    return bool(await session.scalar(query))


async def locked(session: TenantSession, case_id: UUID) -> CaseFile:
    """The case file as it is now, locked until the transaction ends. Raises ``NotFound``."""
    found: CaseFile | None = await session.scalar(
        select(CaseFile)
        .where(col(CaseFile.tenant_id) == session.tenant_id, col(CaseFile.id) == case_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(NO_CASE)
    return found


async def open_of_owner(session: TenantSession, person_id: UUID, *, lock: bool = False) -> list[CaseFile]:
    """The open cases that somebody answers for, in the order in which they are locked."""
    query = (
        select(CaseFile)
        .where(
            col(CaseFile.tenant_id) == session.tenant_id, col(CaseFile.owner_id) == person_id,
            col(CaseFile.state) == CaseState.OPEN,
        )
        .order_by(col(CaseFile.id))
    )  # fmt: skip
    return list(await session.scalars(query.with_for_update(key_share=True) if lock else query))


async def left_without_owner(session: TenantSession, case: CaseFile) -> bool:
    """Whether it was noted, since the case last changed hands, that its owner has left."""
    last = (await changes(session, [case.id])).get(case.id, [])
    return bool(last) and last[-1].kind is CaseChangeKind.OWNER_LEFT and last[-1].was_owner_id == case.owner_id


async def changes(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[CaseChange]]:
    """How cases were closed, opened again and handed over, first to last."""
    return await by_parent(session, CaseChange, "case_id", case_ids, order=("made_at", "id"))


def ownerless() -> ColumnElement[bool]:
    """Open cases that nobody answers for, or only somebody who has left."""
    here = (
        select(1)
        .where(
            col(Person.tenant_id) == col(CaseFile.tenant_id), col(Person.id) == col(CaseFile.owner_id),
            col(Person.active).is_(True),
        )
        .correlate(CaseFile)
        .exists()
    )  # fmt: skip
    return and_(col(CaseFile.state) == CaseState.OPEN, not_(here))


async def id_of(session: TenantSession, reference: str) -> UUID | None:
    """The id of the case with this reference, as somebody quotes it."""
    found: UUID | None = await session.scalar(
        select(col(CaseFile.id)).where(
            col(CaseFile.tenant_id) == session.tenant_id, col(CaseFile.reference) == quoted(reference)
        )
    )
    return found


def timeline(tenant_id: UUID, case_id: UUID) -> Subquery:
    """All that happened on a case: its own events, and those of the alerts about it."""
    own: Any = select(
        col(CaseEvent.id).label("id"), col(CaseEvent.recorded_at).label("at"), col(CaseEvent.kind).label("kind"),
        col(CaseEvent.occurred_at).label("occurred_at"), col(CaseEvent.actor_id).label("actor_id"),
        col(CaseEvent.detail).label("detail"),
    ).where(col(CaseEvent.tenant_id) == tenant_id, col(CaseEvent.case_id) == case_id)  # fmt: skip
    alerts = (
        select(
            col(AuditEntry.id), col(AuditEntry.at), col(AuditEntry.action), col(AuditEntry.at),
            col(AuditEntry.actor_id), col(AuditEntry.detail),
        )
        .join(Alert, link(AuditEntry, "subject_id", Alert))
        .where(col(AuditEntry.tenant_id) == tenant_id, col(Alert.subject_id) == case_id)
    )  # fmt: skip
    return union_all(own, alerts).subquery("timeline")


def links_of(tenant_id: UUID, case_id: UUID) -> Select[CaseLink]:
    """Links in force with the case on either side."""
    return select(CaseLink).where(
        col(CaseLink.tenant_id) == tenant_id,
        or_(col(CaseLink.case_id) == case_id, col(CaseLink.other_id) == case_id),
        col(CaseLink.ended_at).is_(None),
    )


async def links(session: TenantSession, case_ids: Iterable[UUID]) -> dict[UUID, list[CaseLink]]:
    """Links in force by case, a link under both of its cases, first to last."""
    wanted = set(case_ids)
    found = await session.scalars(
        select(CaseLink)
        .where(
            col(CaseLink.tenant_id) == session.tenant_id,
            or_(col(CaseLink.case_id).in_(wanted), col(CaseLink.other_id).in_(wanted)),
            col(CaseLink.ended_at).is_(None),
        )
        .order_by(col(CaseLink.linked_at), col(CaseLink.id))
    )
    by_case: dict[UUID, list[CaseLink]] = {one: [] for one in wanted}
    for each in found:
        for side in {each.case_id, each.other_id} & wanted:
            by_case[side].append(each)
    return by_case


async def case_link(session: TenantSession, link_id: UUID) -> CaseLink:
    """Raises ``NotFound``."""
    found = await session.get(CaseLink, (session.tenant_id, link_id))
    if found is None:
        raise NotFound(NO_LINK)
    return found


def access_log(tenant_id: UUID, case_id: UUID) -> Select[AccessEntry]:
    """Every look at a case and at the records that belong to it."""
    return select(AccessEntry).where(col(AccessEntry.tenant_id) == tenant_id, col(AccessEntry.case_id) == case_id)
