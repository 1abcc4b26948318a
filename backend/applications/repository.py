"""Queries on applications before, or outside, any partnership."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from backend.kit.session import TenantSession
from tenants.applications.models import (
    Application,
    ApplicationCredential,
    ApplicationDocument,
    ApplicationGrant,
    SeenAssertion,
)
from tenants.partnerships.models import Partnership

_NOW = func.app.now()


async def credentials(connection: AsyncConnection, application_id: UUID) -> Sequence[Row[Any]]:
    """The credentials of an application that count now, with its state, the most it may have, and the clock."""
    query: Any = (
        select(
            col(ApplicationCredential.id), col(ApplicationCredential.secret_hash),
            col(ApplicationCredential.public_key), col(Application.state), col(Application.scopes), _NOW.label("now"),
        )
        .join(Application, col(Application.id) == col(ApplicationCredential.application_id))
        .where(col(Application.id) == application_id, usable())
        .order_by(col(ApplicationCredential.id).desc())
    )  # fmt: skip
    found = await connection.execute(query)
    return found.all()


def usable() -> Any:
    """A condition: a credential that was neither revoked nor has run out."""
    return col(ApplicationCredential.revoked_at).is_(None) & or_(
        col(ApplicationCredential.expires_at).is_(None), col(ApplicationCredential.expires_at) > _NOW
    )


async def first_use(connection: AsyncConnection, application_id: UUID, digest: str, expires_at: datetime) -> bool:
    """Note that an assertion is used; False when it was before. Forgets those that are too old to count anyway."""
    await connection.execute(
        delete(SeenAssertion).where(
            col(SeenAssertion.application_id) == application_id, col(SeenAssertion.expires_at) < _NOW
        )
    )
    noted = await connection.execute(
        insert(SeenAssertion)
        .values(application_id=application_id, digest=digest, expires_at=expires_at)
        .on_conflict_do_nothing()
    )
    return bool(noted.rowcount)


async def standing(session: TenantSession, application_id: UUID, credential_id: UUID) -> Row[Any] | None:
    """All that decides on one request of an application in a partnership, in one question."""
    found = await session.execute(
        select(
            col(Application.state), col(Application.scopes).label("most"), col(ApplicationGrant.scopes),
            col(ApplicationGrant.revoked_at), usable().label("usable"), _NOW.label("now"),
            col(Partnership.state).label("partnership"), col(Partnership.revision),
        )
        .select_from(Application)
        .join(ApplicationGrant, col(ApplicationGrant.application_id) == col(Application.id))
        .join(ApplicationCredential, col(ApplicationCredential.application_id) == col(Application.id))
        .join(Partnership, col(Partnership.id) == col(ApplicationGrant.tenant_id))
        .where(
            col(ApplicationGrant.tenant_id) == session.tenant_id,
            col(Application.id) == application_id,
            col(ApplicationCredential.id) == credential_id,
        )
    )  # fmt: skip
    return found.one_or_none()


async def document(session: TenantSession, application_id: UUID, sha256: str) -> str | None:
    """The text of a document approved for an application."""
    found: str | None = await session.scalar(
        select(col(ApplicationDocument.content)).where(
            col(ApplicationDocument.application_id) == application_id, col(ApplicationDocument.sha256) == sha256
        )
    )
    return found
