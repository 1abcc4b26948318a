"""Every query on applications and grants that is made in a partnership."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import col

from backend.kit.problems import NotFound
from backend.kit.reading import by_key
from backend.kit.session import TenantSession
from tenants.applications.models import Application, ApplicationGrant, ApplicationRequest, ApplicationState

NO_APPLICATION = "There is no such application. Take its client id from applications."


async def applications(session: TenantSession) -> list[Application]:
    """Every application that is registered and not suspended, by name."""
    found = await session.scalars(
        select(Application)
        .where(col(Application.state) == ApplicationState.ACTIVE)
        .order_by(col(Application.name), col(Application.id))
    )
    return list(found)


async def application(session: TenantSession, application_id: UUID) -> Application:
    """One that is registered and not suspended. Raises ``NotFound``."""
    found: Application | None = await session.scalar(
        select(Application).where(
            col(Application.id) == application_id, col(Application.state) == ApplicationState.ACTIVE
        )
    )
    if found is None:
        raise NotFound(NO_APPLICATION)
    return found


async def grants(session: TenantSession, application_ids: Iterable[UUID]) -> dict[UUID, ApplicationGrant]:
    """Grants by application, revoked ones among them."""
    return await by_key(session, ApplicationGrant, application_ids, "application_id")


async def locked_grant(session: TenantSession, application_id: UUID) -> ApplicationGrant | None:
    """An application's grant, kept from others until the transaction ends."""
    found: ApplicationGrant | None = await session.scalar(
        select(ApplicationGrant)
        .where(
            col(ApplicationGrant.tenant_id) == session.tenant_id,
            col(ApplicationGrant.application_id) == application_id,
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found


async def scopes_in_force(session: TenantSession, application_ids: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """What each application may do now; nothing is said of those suspended, or without a grant in force."""
    query: Any = (  # of one column more than the type checkers agree on
        select(col(Application.id), col(Application.scopes).label("most"), col(ApplicationGrant.scopes))
        .join(ApplicationGrant, col(ApplicationGrant.application_id) == col(Application.id))
        .where(
            col(ApplicationGrant.tenant_id) == session.tenant_id,
            col(ApplicationGrant.revoked_at).is_(None),
            col(Application.state) == ApplicationState.ACTIVE,
            col(Application.id).in_(set(application_ids)),
        )
    )
    found = await session.execute(query)
    return {row.id: frozenset[str](row.scopes).intersection(row.most) for row in found}


def requests(tenant_id: UUID, application_id: UUID) -> Select[Any]:
    """What an application has asked for in a partnership."""
    return select(ApplicationRequest).where(
        col(ApplicationRequest.tenant_id) == tenant_id, col(ApplicationRequest.application_id) == application_id
    )
