"""Every query on memberships as they are kept."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from backend.identity.models import Membership, MembershipState
from backend.identity.policies import ROLES, Permission
from backend.kit.session import TenantSession
from backend.kit.tables import link
from tenants.contacts.models import Person

# Two administrators who take the role from each other at once would leave none.
_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('memberships ' || app.current_tenant()::text, 0))")
# Where an identity may ask to enter; the membership says whether it may.
_ROUTE: Final = text(
    "INSERT INTO routing.sign_in (issuer, subject, tenant_id) VALUES (:issuer, :subject, :tenant)"
    " ON CONFLICT DO NOTHING"
)


async def alone_with_memberships(session: TenantSession) -> None:
    """Wait until nobody else changes the partnership's memberships, and keep them out until the transaction ends."""
    await session.execute(_ALONE)


async def membership(session: TenantSession, person_id: UUID) -> Membership | None:
    """A person's membership, as it is now."""
    return (await memberships(session, [person_id])).get(person_id)


async def memberships(session: TenantSession, persons: Iterable[UUID]) -> dict[UUID, Membership]:
    """Memberships by person."""
    found = await session.scalars(
        select(Membership)
        .where(col(Membership.tenant_id) == session.tenant_id, col(Membership.person_id).in_(set(persons)))
        .execution_options(populate_existing=True)
    )
    return {row.person_id: row for row in found}


async def by_identity(session: TenantSession, issuer: str, subject: str) -> Membership | None:
    """Whoever signs in by an identity here."""
    found: Membership | None = await session.scalar(
        select(Membership).where(
            col(Membership.tenant_id) == session.tenant_id,
            col(Membership.issuer) == issuer,
            col(Membership.subject) == subject,
        )
    )
    return found


async def members_with(session: TenantSession, role: str) -> set[UUID]:
    """Who can sign in and has a role."""
    return await _members_with_any(session, {role})


async def members_who_may(session: TenantSession, permission: Permission) -> set[UUID]:
    """Who can sign in and has a role that gives the permission."""
    return await _members_with_any(session, {role for role, may in ROLES.items() if permission in may})


async def _members_with_any(session: TenantSession, roles: set[str]) -> set[UUID]:
    rows = await session.execute(
        select(col(Membership.person_id), col(Membership.roles))
        .join(Person, link(Membership, "person_id", Person))
        .where(
            col(Membership.tenant_id) == session.tenant_id,
            col(Membership.state) == MembershipState.ACTIVE,
            col(Person.active),
        )
    )
    return {row.person_id for row in rows if not roles.isdisjoint(row.roles)}


async def route_sign_in(session: TenantSession, issuer: str, subject: str) -> None:
    """Let an identity ask to enter the partnership."""
    await session.execute(_ROUTE, {"issuer": issuer, "subject": subject, "tenant": session.tenant_id})
