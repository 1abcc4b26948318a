"""What an administrator reads before letting an application in, and what it has done since."""

from uuid import UUID

import strawberry
from sqlmodel import col

from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed
from graphql_api.context import Info
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant
from tenants.applications import repository
from tenants.applications.models import Application as ApplicationRow
from tenants.applications.models import ApplicationGrant as GrantRow
from tenants.applications.models import ApplicationRequest as RequestRow
from tenants.applications.scopes import SCOPES, Scope


@strawberry.type(description="One thing that can be granted to an application.")
class ApplicationScope:
    code: str = strawberry.field(description="As it is granted, such as rotas:read.")
    title: str
    lets: str = strawberry.field(description="What it lets an application do, in plain words.")
    fields: list[str] = strawberry.field(description="The queries that it opens.")
    changes: list[str] = strawberry.field(
        description="The mutations that it opens: what it lets an application change."
    )
    events: list[str] = strawberry.field(description="The types of events that an application may be told of by it.")
    names_practitioners: bool = strawberry.field(description="Whether practitioners' names can be read by it.")

    @classmethod
    def of(cls, scope: Scope) -> "ApplicationScope":
        return cls(
            code=scope.code, title=scope.title, lets=scope.lets, fields=sorted(scope.fields),
            changes=sorted(scope.changes), events=sorted(scope.events), names_practitioners=scope.names,
        )  # fmt: skip


@strawberry.type(description="What your partnership has granted to an application.")
class ApplicationGrant:
    scopes: list[ApplicationScope]
    granted_at: Instant = strawberry.field(description="When this was last granted.")
    revoked_at: Instant | None = strawberry.field(description="Since when nothing of it holds any more.")
    row: strawberry.Private[GrantRow]

    @strawberry.field(description="Who granted it.")
    def granted_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.granted_by)

    @strawberry.field(description="Who revoked it.")
    def revoked_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.revoked_by)

    @classmethod
    def of(cls, row: GrantRow) -> "ApplicationGrant":
        return cls(
            scopes=[ApplicationScope.of(SCOPES[code]) for code in row.scopes if code in SCOPES],
            granted_at=Instant(row.granted_at), revoked_at=Instant(row.revoked_at) if row.revoked_at else None, row=row,
        )  # fmt: skip


@strawberry.type(description="A request that an application made, answered or refused for what it was granted.")
class ApplicationRequest:
    at: Instant
    fields: list[str] = strawberry.field(
        description="The queries and mutations that it sent; what it gave to them is not kept."
    )
    correlation_id: str = strawberry.field(description="As the application was told it.")
    refused_as: str | None = strawberry.field(
        description="The code that it was refused by, such as FORBIDDEN; null for what was answered. Of a program "
        "that goes on asking for what it may not, one refusal a second is kept."
    )

    @classmethod
    def of(cls, row: RequestRow) -> "ApplicationRequest":
        return cls(at=Instant(row.at), fields=row.fields, correlation_id=row.correlation_id, refused_as=row.refused_as)


@strawberry.type(description="A program of a third party that is registered with Safeguard.")
class Application:
    client_id: str = strawberry.field(description="What it is granted and revoked by, and signs in as.")
    name: str
    organisation: str = strawberry.field(description="Who runs it.")
    contact: str = strawberry.field(description="Where to ask about it.")
    purpose: str = strawberry.field(description="What it is for, in its maker's words.")
    asks_for: list[ApplicationScope] = strawberry.field(description="The most that can be granted to it.")
    grant: ApplicationGrant | None = strawberry.field(
        description="What your partnership has granted; null if it never granted anything."
    )
    key: strawberry.Private[UUID]

    @strawberry.field(description="What it has asked for in your partnership, newest first.")
    async def requests(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ApplicationRequest]:
        query = repository.requests(info.context.caller.tenant_id, self.key)
        order = Order(col(RequestRow.at), col(RequestRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), ApplicationRequest.of)

    @classmethod
    def of(cls, row: ApplicationRow, grant: GrantRow | None) -> "Application":
        return cls(
            client_id=str(row.id), name=row.name, organisation=row.organisation, contact=row.contact,
            purpose=row.purpose,
            asks_for=[ApplicationScope.of(scope) for code, scope in SCOPES.items() if code in row.scopes],
            grant=ApplicationGrant.of(grant) if grant else None, key=row.id,
        )  # fmt: skip
