"""Queries on clocks."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import strawberry
from sqlalchemy import ColumnElement, Select
from sqlmodel import col

from backend.clocks import repository as clocks
from backend.clocks.models import Clock as ClockRow
from backend.identity.policies import Caller, Permission
from backend.kit.problems import FieldError, Invalid
from graphql_api.clocks.types import Clock, ClockState, Force
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
from graphql_api.ids import decode_as
from graphql_api.scalars import Instant


@strawberry.input(description="Which clocks are wanted. What is given has to hold together.")
class ClockFilterInput:
    open: bool | None = strawberry.field(default=None, description="True: those that run or stand still, no others.")
    breached: bool | None = strawberry.field(
        default=None, description="True: those that were ever breached, done since or not; false: those that were not."
    )
    mine: bool = strawberry.field(
        default=False, description="Those that you own, and those of a role of yours that nobody is named for."
    )
    my_teams: bool = strawberry.field(default=False, description="Those of cases that a team of yours holds.")
    needs_reason: bool = strawberry.field(
        default=False, description="Those that were breached or missed, and nobody has said why."
    )
    team_id: strawberry.ID | None = strawberry.field(default=None, description="Those of cases that this team holds.")
    area_id: strawberry.ID | None = strawberry.field(default=None, description="Those of cases led by this area.")
    pathway: str | None = strawberry.field(default=None, description="Those of this pathway, by its code.")
    force: Force | None = strawberry.field(default=None, description="Those with this force.")  # type: ignore[valid-type]


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
        where: Annotated[ClockFilterInput | None, strawberry.argument(description="Further conditions.")] = None,
    ) -> Connection[Clock]:
        caller = info.context.caller
        caller.require(Permission.VIEW_CLOCKS)
        query = clocks.shown(caller)
        if due_before is not None:
            query = query.where(clocks.due_before(due_before))
        if state is not None:
            query = query.where(col(ClockRow.state) == state)
        if owner_role is not None:
            query = query.where(col(ClockRow.owner_role) == plain("ownerRole", owner_role))
        if where is not None:
            query = _narrowed(query, where, caller)
        async with info.context.db() as session:
            order = Order(col(ClockRow.due_at), col(ClockRow.id))
            return await listed(session, query, order, Window(first, after, last, before), Clock.of)


def _narrowed(query: Select[ClockRow], where: ClockFilterInput, caller: Caller) -> Select[ClockRow]:
    """Raises ``Invalid`` for an id that is none of the kind; one of elsewhere finds nothing."""
    asked: list[tuple[object, Callable[[], ColumnElement[bool]]]] = [
        (where.open is not None, lambda: clocks.open_now(yes=bool(where.open))),
        (where.breached is not None, lambda: clocks.was_breached(yes=bool(where.breached))),
        (where.mine, lambda: clocks.mine(caller)),
        (where.my_teams, lambda: clocks.of_my_teams(caller)),
        (where.needs_reason, clocks.needs_reason),
        (where.team_id, lambda: clocks.of_team(_key("Team", where.team_id))),
        (where.area_id, lambda: clocks.of_area(_key("Area", where.area_id))),
        (where.pathway, lambda: col(ClockRow.pathway) == plain("where.pathway", where.pathway or "")),
        (where.force, lambda: col(ClockRow.force) == where.force),
    ]
    return query.where(*(condition() for given, condition in asked if given))


def _key(kind: str, given: str | None) -> UUID:
    found = decode_as(kind, given or "")
    if found is None:
        raise Invalid([FieldError(f"where.{kind.lower()}Id", f"is no id of a {kind.lower()}")])
    return found
