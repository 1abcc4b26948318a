"""Queries on contact methods."""

from typing import Annotated

import strawberry

from backend.identity.policies import Permission
from graphql_api.contacts.types import ContactMethod
from graphql_api.context import Info
from graphql_api.ids import decode_as
from tenants.contacts import repository as contacts


@strawberry.type
class ContactQueries:
    @strawberry.field(description="Your own contact methods in order of preference, then the retired ones.")
    async def my_contact_methods(self, info: Info) -> list[ContactMethod]:
        person_id = info.context.caller.person_id
        async with info.context.db() as session:
            found = (await contacts.every_method(session, [person_id]))[person_id]
        return [ContactMethod.of(row) for row in found]

    @strawberry.field(
        description="Which contact methods in use a person has, and whether they are verified. Null for nobody."
    )
    async def contact_methods_of(
        self,
        info: Info,
        person_id: Annotated[strawberry.ID, strawberry.argument(description="Somebody of your partnership.")],
    ) -> list[ContactMethod] | None:
        caller = info.context.caller
        caller.require(Permission.VIEW_READINESS)
        wanted = decode_as("Person", person_id)
        if wanted is None:
            return None
        async with info.context.db() as session:
            if wanted not in await contacts.people(session, [wanted]):
                return None
            found = (await contacts.every_method(session, [wanted]))[wanted]
        mine = wanted == caller.person_id
        shown = mine or caller.may(Permission.VIEW_CONTACT_ADDRESSES)
        return [ContactMethod.of(row, mine=mine, address=shown) for row in found if row.retired_at is None]
