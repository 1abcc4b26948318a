"""The consent screen: which applications there are, what each asks for and what it was granted."""

import strawberry

from backend.identity.policies import Permission
from graphql_api.applications.types import Application, ApplicationScope
from graphql_api.context import Info
from tenants.applications import repository
from tenants.applications.scopes import SCOPES


@strawberry.type
class ApplicationQueries:
    @strawberry.field(description="Every application that can be granted something, by name, with what it was granted.")
    async def applications(self, info: Info) -> list[Application]:
        info.context.caller.require(Permission.MANAGE_INTEGRATIONS)
        async with info.context.db() as session:
            found = await repository.applications(session)
            grants = await repository.grants(session, [row.id for row in found])
        return [Application.of(row, grants.get(row.id)) for row in found]

    @strawberry.field(description="Everything that can be granted to an application, and what it would let it do.")
    async def application_scopes(self, info: Info) -> list[ApplicationScope]:
        info.context.caller.require(Permission.MANAGE_INTEGRATIONS)
        return [ApplicationScope.of(scope) for scope in SCOPES.values()]
