"""Named posts of the directory with who holds them, and notices of what has changed."""

from datetime import date
from typing import Annotated

import strawberry
from sqlalchemy import select
from sqlmodel import col

from backend.identity.policies import Permission
from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed
from graphql_api.context import Info
from graphql_api.directory.services import DirectoryService, Visibility, visible_to
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Area, Person
from graphql_api.scalars import Instant
from tenants.contacts import posts as keeping
from tenants.contacts import service_models as rows
from tenants.procedures import repository as days


@strawberry.type(description="Who holds a post, or deputises in it, from a day until another.")
class DirectoryHolder:
    id: strawberry.ID
    name: str | None = strawberry.field(description="Of somebody who is no person of the partnership.")
    deputy: bool
    telephone: str | None
    email: str | None
    from_on: date
    until_on: date | None = strawberry.field(description="The first day on which they no longer do.")
    row: strawberry.Private[rows.DirectoryHolder]

    @strawberry.field(description="The person of the partnership.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.person_id)

    @classmethod
    def of(cls, row: rows.DirectoryHolder) -> "DirectoryHolder":
        return cls(
            id=strawberry.ID(encode("DirectoryHolder", row.id)), name=row.name, deputy=row.deputy,
            telephone=row.telephone, email=row.email, from_on=row.from_on, until_on=row.until_on, row=row,
        )  # fmt: skip


@strawberry.type(description="A named post of an organisation.")
class DirectoryPost:
    id: strawberry.ID
    code: str
    title: str
    role: str | None
    visibility: Visibility  # type: ignore[valid-type]
    retired_at: Instant | None
    row: strawberry.Private[rows.DirectoryPost]

    @strawberry.field(description="Whose post it is.")
    async def organisation(self, info: Info) -> str | None:
        found = await info.context.loaders.directory_organisation.load(self.row.organisation_id)
        return found.name if found else None

    @strawberry.field(description="Where it answers; null: in all areas.")
    async def area(self, info: Info) -> Area | None:
        found = await info.context.loaders.area.load(self.row.area_id) if self.row.area_id else None
        return Area.of(found) if found else None

    @strawberry.field(description="Everybody who held or will hold it, holders before deputies; on a day, those then.")
    async def holders(
        self, info: Info, on: Annotated[date | None, strawberry.argument(description="Only on this day.")] = None
    ) -> list[DirectoryHolder]:
        found = await info.context.loaders.holders_of_post.load(self.row.id)
        return [DirectoryHolder.of(one) for one in found if on is None or keeping.holds(one, on)]

    @strawberry.field(description="Nobody holds it today and nobody deputises.")
    async def vacant(self, info: Info) -> bool:
        found = await info.context.loaders.holders_of_post.load(self.row.id)
        async with info.context.db() as session:
            today = await days.today(session)
        people = await info.context.loaders.person.load_many([one.person_id for one in found if one.person_id])
        here = {one.id for one in people if one and one.active}
        return not any(keeping.serves(one, today, here) for one in found)

    @classmethod
    def of(cls, row: rows.DirectoryPost) -> "DirectoryPost":
        return cls(
            id=strawberry.ID(encode("DirectoryPost", row.id)), code=row.code, title=row.title, role=row.role,
            visibility=row.visibility, retired_at=Instant(row.retired_at) if row.retired_at else None, row=row,
        )  # fmt: skip


@strawberry.type(description="A notice that something of a service changed. It names fields, and no values.")
class DirectoryChange:
    id: strawberry.ID
    point: str | None = strawberry.field(description="Code of the way to reach it that changed.")
    action: str = strawberry.field(description="added, changed, verified or retired.")
    fields: list[str]
    made_at: Instant
    row: strawberry.Private[rows.DirectoryChange]

    @strawberry.field(description="The service, as it is now.")
    async def service(self, info: Info) -> DirectoryService | None:
        found = await info.context.loaders.directory_service.load(self.row.service_id)
        return DirectoryService.of(found) if found else None

    @strawberry.field(description="Who changed it; null for a file that an operator brought in.")
    def made_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.made_by)

    @classmethod
    def of(cls, row: rows.DirectoryChange) -> "DirectoryChange":
        return cls(
            id=strawberry.ID(encode("DirectoryChange", row.id)), point=row.point, action=row.action,
            fields=list(row.fields), made_at=Instant(row.made_at), row=row,
        )  # fmt: skip


@strawberry.type
class DirectoryPostQueries:
    @strawberry.field(description="Named posts in use, in the order in which they were entered.")
    async def directory_posts(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[DirectoryPost]:
        caller = info.context.caller
        caller.require(Permission.VIEW_DIRECTORY)
        query = keeping.posts(caller.tenant_id).where(col(rows.DirectoryPost.visibility).in_(visible_to(caller)))
        order = Order(col(rows.DirectoryPost.created_at), col(rows.DirectoryPost.id))
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), DirectoryPost.of)

    @strawberry.field(description="What has changed in the directory of services, the newest first.")
    async def directory_changes(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[DirectoryChange]:
        caller = info.context.caller
        caller.require(Permission.VIEW_DIRECTORY)
        change, service = rows.DirectoryChange, rows.DirectoryService
        seen = select(col(service.id)).where(
            col(service.tenant_id) == caller.tenant_id, col(service.visibility).in_(visible_to(caller))
        )
        query = select(change).where(col(change.tenant_id) == caller.tenant_id, col(change.service_id).in_(seen))
        order = Order(col(change.made_at), col(change.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), DirectoryChange.of)
