"""Who is on call."""

from typing import Annotated

import strawberry

from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid
from graphql_api.context import Info
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant
from notifications.rotas import repository as rotas
from notifications.rotas.service import HORIZON
from tenants.contacts import repository as contacts


@strawberry.type(description="Who answers for a role at one moment.")
class OnCall:
    role: str
    at: Instant
    covered: bool = strawberry.field(description="False when nobody answers: a fault of set-up, to be mended at once.")
    answered_by_role: str = strawberry.field(
        description="The role whose rota answers: another one in the hours that this role does not cover."
    )
    people: list[Person] = strawberry.field(description="Who took over last comes first.")


@strawberry.type
class RotaQueries:
    @strawberry.field(description="Who is on call for a role, now or at a given moment.")
    async def on_call_now(
        self,
        info: Info,
        role: Annotated[str, strawberry.argument(description="A rota's role, such as paediatrician or sio.")],
        at: Annotated[Instant | None, strawberry.argument(description="Default: now.")] = None,
    ) -> OnCall:
        info.context.caller.require(Permission.VIEW_ROTAS)
        async with info.context.db() as session:
            moment = at or await session.now()
            if moment > await session.now() + HORIZON:
                raise Invalid(
                    [FieldError("at", f"rotas are worked out {HORIZON.days} days ahead; ask for an earlier moment")]
                )
            roster = await rotas.roster(session, moment)
            if role not in roster.uncovered:
                raise Invalid([FieldError("role", f"must be one of {', '.join(sorted(roster.uncovered))}")])
            ids, answered_by = roster.find(role)
            people = await contacts.people(session, ids)
        return OnCall(
            role=role, at=Instant(moment), covered=bool(ids), answered_by_role=answered_by,
            people=[Person.of(people[one]) for one in ids],
        )  # fmt: skip
