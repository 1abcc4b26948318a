"""Queries on clocks."""

from typing import Annotated

import strawberry
from sqlalchemy import select
from sqlmodel import col

from backend.cases.access.repository import shown_through
from backend.clocks.models import Clock as ClockRow
from backend.identity.policies import Permission
from graphql_api.clocks.types import Clock, ClockState
from graphql_api.connections import (
    After,
    Before,
    Connection,
    First,
    Last,
    Order,
    Window,
    listed,
    plain,
)
from graphql_api.context import Info
from graphql_api.scalars import Instant


@strawberry.type
class ClockQueries:
    @strawberry.field(description="Clocks of the partnership, soonest due first.")
    async def clocks(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        due_before: Annotated[Instant | None, strawberry.argument(description="Only those due before this.")] = None,
        state: Annotated[ClockState | None, strawberry.argument(description="Only in this state.")] = None,  # type: ignore[valid-type]
        owner_role: Annotated[str | None, strawberry.argument(description="Only those this role owns.")] = None,
    ) -> Connection[Clock]:
        info.context.caller.require(Permission.VIEW_CLOCKS)
        caller = info.context.caller
        query = select(ClockRow).where(
            col(ClockRow.tenant_id) == caller.tenant_id, shown_through(caller, col(ClockRow.case_id))
        )
        if due_before is not None:
            query = query.where(col(ClockRow.due_at) < due_before)
        if state is not None:
            query = query.where(col(ClockRow.state) == state)
        if owner_role is not None:
            query = query.where(col(ClockRow.owner_role) == plain("ownerRole", owner_role))
        async with info.context.db() as session:
            order = Order(col(ClockRow.due_at), col(ClockRow.id))
            return await listed(session, query, order, Window(first, after, last, before), Clock.of)
