"""Queries on the caller and the partnership."""

import strawberry

from backend.identity.policies import Permission
from graphql_api.context import Info
from graphql_api.partnerships.types import Me, Partnership, Person
from tenants.contacts import repository as contacts
from tenants.partnerships import repository as partnerships


@strawberry.type
class PartnershipQueries:
    @strawberry.field(description="Who you are in this partnership.")
    async def me(self, info: Info) -> Me:
        caller = info.context.caller
        async with info.context.db() as session:
            person = (await contacts.people(session, [caller.person_id]))[caller.person_id]
        return Me(
            person=Person.of(person), partnership=caller.partnership, roles=list(caller.roles),
            permissions=[permission.value for permission in Permission if caller.may(permission)],
        )  # fmt: skip

    @strawberry.field(description="The partnership this request is made in.")
    async def partnership(self, info: Info) -> Partnership:
        async with info.context.db() as session:
            return Partnership.of(info.context.partnership, await partnerships.areas(session))
