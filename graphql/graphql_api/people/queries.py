"""Queries on people, for those who keep them."""

from typing import Annotated

import strawberry
from sqlalchemy import or_, select
from sqlmodel import col

from backend.identity.policies import Permission
from backend.kit.tables import link
from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed, plain
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.people.types import Agency, PersonRecord
from tenants.contacts import people_repository as people
from tenants.contacts.models import Person as PersonRow
from tenants.qualifications.models import Qualification as QualificationRow


@strawberry.type
class PeopleQueries:
    @strawberry.field(description="The partnership's people, in the order in which they were entered.")
    async def people(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        active: Annotated[
            bool | None, strawberry.argument(description="True: who is here; false: who has left; default: all.")
        ] = None,
        qualification: Annotated[
            str | None, strawberry.argument(description="Only those who hold this qualification now.")
        ] = None,
    ) -> Connection[PersonRecord]:
        caller = info.context.caller
        caller.require(Permission.VIEW_PEOPLE)
        query = select(PersonRow).where(col(PersonRow.tenant_id) == caller.tenant_id)
        if active is not None:
            query = query.where(col(PersonRow.active).is_(active))
        async with info.context.db() as session:
            if qualification is not None:
                ends = col(QualificationRow.valid_until)
                held = select(QualificationRow.id).where(  # type: ignore[call-overload]
                    link(QualificationRow, "person_id", PersonRow),
                    col(QualificationRow.code) == plain("qualification", qualification),
                    or_(ends.is_(None), ends > await session.now()),
                )
                query = query.where(held.exists())
            order = Order(col(PersonRow.created_at), col(PersonRow.id))
            return await listed(session, query, order, Window(first, after, last, before), PersonRecord.of)

    @strawberry.field(description="One person. Null for nobody.")
    async def person_record(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A person's id.")]
    ) -> PersonRecord | None:
        info.context.caller.require(Permission.VIEW_PEOPLE)
        wanted = decode_as("Person", id)
        found = await info.context.loaders.person.load(wanted) if wanted else None
        return PersonRecord.of(found) if found else None

    @strawberry.field(description="The partnership's agencies, by code.")
    async def agencies(self, info: Info) -> list[Agency]:
        info.context.caller.require(Permission.VIEW_PEOPLE)
        async with info.context.db() as session:
            return [Agency.of(row) for row in await people.agencies(session)]
