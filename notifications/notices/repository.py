"""Every query on notices."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from backend.kit.session import TenantSession
from backend.kit.tables import defaults_of, link, table_of
from notifications.notices.models import OUTSTANDING, Notice
from tenants.contacts.models import ContactMethod, Person


async def add(session: TenantSession, rows: Iterable[dict[str, Any]]) -> list[UUID]:
    """Write the notices that are not there yet; returns their ids."""
    values = [{**defaults_of(Notice), "tenant_id": session.tenant_id, **row} for row in rows]
    if not values:
        return []
    made = await session.scalars(
        insert(table_of(Notice)).values(values).on_conflict_do_nothing().returning(table_of(Notice).c.id)
    )
    return list(made)


async def to_send(session: TenantSession, notice_id: UUID, now: datetime) -> Notice | None:
    """The notice, locked, when it is outstanding and nobody holds it."""
    found: Notice | None = await session.scalar(
        select(Notice)
        .where(
            col(Notice.tenant_id) == session.tenant_id,
            col(Notice.id) == notice_id,
            col(Notice.state).in_(OUTSTANDING),
            or_(col(Notice.lease_until).is_(None), col(Notice.lease_until) <= now),
        )
        .with_for_update(skip_locked=True)
    )
    return found


async def locked(session: TenantSession, notice_id: UUID) -> Notice | None:
    found: Notice | None = await session.scalar(
        select(Notice)
        .where(col(Notice.tenant_id) == session.tenant_id, col(Notice.id) == notice_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def about(session: TenantSession, subject_ids: Iterable[UUID]) -> list[Notice]:
    """What was told about some subjects, oldest first."""
    found = await session.scalars(
        select(Notice)
        .where(col(Notice.tenant_id) == session.tenant_id, col(Notice.subject_id).in_(set(subject_ids)))
        .order_by(col(Notice.id))
    )
    return list(found)


async def may_go_to(session: TenantSession, method_id: UUID) -> bool:
    """Whether a method is still in use and its person still there."""
    found = await session.scalar(
        select(col(ContactMethod.id))
        .join(Person, link(ContactMethod, "person_id", Person))
        .where(
            col(ContactMethod.tenant_id) == session.tenant_id,
            col(ContactMethod.id) == method_id,
            col(ContactMethod.retired_at).is_(None),
            col(Person.active),
        )
    )
    return found is not None
