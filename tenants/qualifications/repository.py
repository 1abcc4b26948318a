"""Every query on qualifications."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from backend.kit.session import TenantSession
from tenants.qualifications.models import Qualification


async def holders(session: TenantSession, code: str, persons: Iterable[UUID], at: datetime) -> set[UUID]:
    """Those of ``persons`` who are qualified at ``at``."""
    found = await session.scalars(
        select(col(Qualification.person_id)).where(
            col(Qualification.tenant_id) == session.tenant_id,
            col(Qualification.code) == code,
            col(Qualification.person_id).in_(set(persons)),
            or_(col(Qualification.valid_until).is_(None), col(Qualification.valid_until) > at),
        )
    )
    return set(found)
