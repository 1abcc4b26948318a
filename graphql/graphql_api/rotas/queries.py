"""Who is on call, and the rotas behind it."""

from typing import Annotated

import strawberry
from sqlalchemy import or_, select
from sqlmodel import col

from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid
from graphql_api.connections import (
    After,
    Before,
    Connection,
    First,
    Last,
    Order,
    Window,
    listed,
)
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.partnerships.types import Person
from graphql_api.rotas.swap_types import ShiftSwap, SwapState
from graphql_api.rotas.types import Begins, Rota, Shift, Until, shift_page
from graphql_api.scalars import Instant
from notifications.rotas import repository as rotas
from notifications.rotas.models import Shift as ShiftRow
from notifications.rotas.models import ShiftSwap as SwapRow
from notifications.rotas.service import HORIZON
from tenants.partnerships import repository as partnerships


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
        area: Annotated[
            strawberry.ID | None, strawberry.argument(description="Whose rota answers first; default: any area.")
        ] = None,
        position: Annotated[int, strawberry.argument(description="1 is first on call, 2 second.")] = 1,
    ) -> OnCall:
        info.context.caller.require(Permission.VIEW_ROTAS)
        async with info.context.db() as session:
            moment = at or await session.now()
            if moment > await session.now() + HORIZON:
                raise Invalid(
                    [FieldError("at", f"rotas are worked out {HORIZON.days} days ahead; ask for an earlier moment")]
                )
            wanted = decode_as("Area", area) if area is not None else None
            if area is not None and (wanted is None or not await partnerships.areas_by_id(session, [wanted])):
                raise Invalid([FieldError("area", "must be an area of your partnership")])
            roster = await rotas.roster(session, moment)
            if role not in roster.uncovered:
                raise Invalid([FieldError("role", f"must be one of {', '.join(sorted(roster.uncovered))}")])
            ids, answered_by = roster.find(role, position=position, areas=[wanted] if wanted else [])
        return OnCall(
            role=role, at=Instant(moment), covered=bool(ids), answered_by_role=answered_by,
            people=[Person.of(roster.people[one]) for one in ids],
        )  # fmt: skip

    @strawberry.field(description="Every rota of the partnership, by role.")
    async def rotas(
        self,
        info: Info,
        ended: Annotated[bool, strawberry.argument(description="Also those that have ended.")] = False,  # noqa: FBT002
    ) -> list[Rota]:
        info.context.caller.require(Permission.VIEW_ROTAS)
        async with info.context.db() as session:
            return [Rota.of(row) for row in await rotas.rotas(session, ended=ended)]

    @strawberry.field(description="One rota.")
    async def rota(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="From rotas.")]
    ) -> Rota | None:
        info.context.caller.require(Permission.VIEW_ROTAS)
        wanted = decode_as("Rota", id)
        found = await info.context.loaders.rota.load(wanted) if wanted else None
        return Rota.of(found) if found else None

    @strawberry.field(description="Your own shifts in every rota, by start.")
    async def my_shifts(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        begins: Begins = None, until: Until = None,
    ) -> Connection[Shift]:  # fmt: skip
        info.context.caller.require(Permission.VIEW_ROTAS)
        mine = col(ShiftRow.person_id) == info.context.caller.person_id
        return await shift_page(info, mine, begins, until, Window(first, after, last, before))

    @strawberry.field(description="Swaps of shifts, newest first.")
    async def shift_swaps(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        state: Annotated[SwapState | None, strawberry.argument(description="Only in this state.")] = None,  # type: ignore[valid-type]
        mine: Annotated[bool, strawberry.argument(description="Only those you asked for or were asked.")] = False,  # noqa: FBT002
    ) -> Connection[ShiftSwap]:
        caller = info.context.caller
        caller.require(Permission.VIEW_ROTAS)
        query = select(SwapRow).where(col(SwapRow.tenant_id) == caller.tenant_id)
        if state is not None:
            query = query.where(col(SwapRow.state) == state)
        if mine:
            people = (col(SwapRow.asker_id), col(SwapRow.other_id))
            query = query.where(or_(*(person == caller.person_id for person in people)))
        order = Order(col(SwapRow.asked_at), col(SwapRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), ShiftSwap.of)
