"""Every query on verifications."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from backend.kit.session import TenantSession
from notifications.verifications.models import ContactVerification


async def latest(session: TenantSession, method_id: UUID) -> ContactVerification | None:
    """The newest request of a method, locked against every other guess."""
    found: ContactVerification | None = await session.scalar(
        select(ContactVerification)
        .where(
            col(ContactVerification.tenant_id) == session.tenant_id,
            col(ContactVerification.contact_method_id) == method_id,
        )
        .order_by(col(ContactVerification.created_at).desc(), col(ContactVerification.id).desc())
        .limit(1)
        .with_for_update(key_share=True)
    )
    return found


async def latest_of(session: TenantSession, method_ids: Iterable[UUID]) -> dict[UUID, ContactVerification]:
    """The newest request of each method that has one."""
    found = await session.scalars(
        select(ContactVerification)
        .ext(distinct_on(col(ContactVerification.contact_method_id)))
        .where(
            col(ContactVerification.tenant_id) == session.tenant_id,
            col(ContactVerification.contact_method_id).in_(set(method_ids)),
        )
        .order_by(
            col(ContactVerification.contact_method_id),
            col(ContactVerification.created_at).desc(),
            col(ContactVerification.id).desc(),
        )
    )
    return {verification.contact_method_id: verification for verification in found}


async def asked_since(session: TenantSession, person_id: UUID, since: datetime) -> int:
    """How many codes the person has asked for since then, for any method."""
    count = await session.scalar(
        select(func.count())
        .select_from(ContactVerification)
        .where(
            col(ContactVerification.tenant_id) == session.tenant_id,
            col(ContactVerification.person_id) == person_id,
            col(ContactVerification.created_at) > since,
        )
    )
    return count or 0
