"""Queries on hand-overs."""

from contextlib import suppress
from typing import Annotated

import strawberry
from sqlalchemy import select
from sqlmodel import col

from backend.identity.policies import Permission
from backend.kit.problems import NotFound
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
from graphql_api.handovers.types import Handover, HandoverState
from graphql_api.ids import key_of
from notifications.handovers import repository as handovers
from notifications.handovers.models import Handover as Row


@strawberry.type
class HandoverQueries:
    @strawberry.field(description="One hand-over.")
    async def handover(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Handover | None:
        info.context.caller.require(Permission.VIEW_HANDOVERS)
        with suppress(NotFound):
            async with info.context.db() as session:
                return Handover.of(await handovers.handover(session, key_of("Handover", id)))
        return None

    @strawberry.field(description="Hand-overs, newest first.")
    async def handovers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        state: Annotated[HandoverState | None, strawberry.argument(description="Only in this state.")] = None,  # type: ignore[valid-type]
        role: Annotated[str | None, strawberry.argument(description="Only of this role's rotas.")] = None,
        mine: Annotated[bool, strawberry.argument(description="Only those you leave or receive.")] = False,  # noqa: FBT002
    ) -> Connection[Handover]:
        info.context.caller.require(Permission.VIEW_HANDOVERS)
        query = select(Row).where(col(Row.tenant_id) == info.context.caller.tenant_id)
        if state is not None:
            query = query.where(col(Row.state) == state)
        if role is not None:
            query = query.where(col(Row.role) == plain("role", role))
        if mine:
            query = query.where(handovers.has_part(info.context.caller.person_id))
        order = Order(col(Row.at), col(Row.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), Handover.of)
