"""Queries on child deaths. Each look at a record is logged."""

from contextlib import suppress
from typing import Annotated

import strawberry
from sqlalchemy import select
from sqlmodel import col

from backend.cases import service as cases
from backend.cases.access.repository import in_sight
from backend.child_deaths import repository as child_deaths
from backend.child_deaths.models import ChildDeath as ChildDeathRow
from backend.identity.policies import Permission
from backend.kit.problems import NotFound
from graphql_api.child_deaths.types import ChildDeath, shown
from graphql_api.connections import (
    After,
    Before,
    Connection,
    First,
    Last,
    Order,
    Window,
    connection,
    cursor,
    fetch,
)
from graphql_api.context import Info
from graphql_api.ids import key_of


@strawberry.type
class ChildDeathQueries:
    @strawberry.field(description="One notified death. Looking is logged.")
    async def child_death(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="A notification's id.")],  # its name in the API
    ) -> ChildDeath | None:
        info.context.caller.require(Permission.VIEW_CHILD_DEATHS)
        with suppress(NotFound):
            async with info.context.db() as session:
                row = await child_deaths.child_death(session, key_of("ChildDeath", id))
                await cases.seen(session, info.context.caller, row.case_id)
            return (await shown(info, [row]))[0]
        return None

    @strawberry.field(description="Notified deaths, newest first. Looking is logged for each one shown.")
    async def child_deaths(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        unexpected: Annotated[
            bool | None, strawberry.argument(description="Only unexpected ones, or only others.")
        ] = None,
    ) -> Connection[ChildDeath]:
        info.context.caller.require(Permission.VIEW_CHILD_DEATHS)
        caller = info.context.caller
        query = select(ChildDeathRow).where(
            col(ChildDeathRow.tenant_id) == caller.tenant_id, in_sight(caller, col(ChildDeathRow.case_id))
        )
        if unexpected is not None:
            query = query.where(col(ChildDeathRow.unexpected) == unexpected)
        order = Order(col(ChildDeathRow.reported_at), col(ChildDeathRow.id), newest_first=True)
        async with info.context.db() as session:
            page = await fetch(session, query, order, Window(first, after, last, before))
        rows = [row for (row,) in page.rows]
        nodes = await shown(info, rows)
        return connection([(cursor(r.reported_at, r.id), node) for r, node in zip(rows, nodes, strict=True)], page)
