"""Queries on alerts."""

from typing import Annotated

import strawberry
from sqlalchemy import select
from sqlmodel import col

from backend.identity.policies import Caller
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from graphql_api.alerts.sight import in_sight, may_look, require_alert, require_alert_quoted
from graphql_api.alerts.types import Alert, AlertState
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
from notifications.alerts import service
from notifications.alerts.models import Alert as AlertRow


@strawberry.type
class AlertQueries:
    @strawberry.field(description="One alert, by id or by the reference a message quotes. Opening it is recorded.")
    async def alert(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Give this or the reference.")
        ] = None,  # the argument's name in the API
        reference: Annotated[str | None, strawberry.argument(description="In any case, such as 7F3K-2Q9D.")] = None,
    ) -> Alert | None:
        may_look(info.context.caller)
        async with info.context.db() as session:
            try:
                row = await _asked_for(session, info.context.caller, id, reference)
            except NotFound:
                return None
            await service.opened(session, row.id, info.context.caller.person_id)
        return Alert.of(row)

    @strawberry.field(description="Alerts, newest first.")
    async def alerts(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        state: Annotated[AlertState | None, strawberry.argument(description="Only in this state.")] = None,  # type: ignore[valid-type]
        type: Annotated[str | None, strawberry.argument(description="Only of this type.")] = None,
        mine: Annotated[  # noqa: FBT002
            bool, strawberry.argument(description="Only those you were called for, or somebody answered for you in.")
        ] = False,
        drill: Annotated[bool | None, strawberry.argument(description="Only drills, or none; left out, both.")] = None,
    ) -> Connection[Alert]:
        may_look(info.context.caller)
        caller = info.context.caller
        query = select(AlertRow).where(col(AlertRow.tenant_id) == caller.tenant_id, in_sight(caller, mine=mine))
        if state is not None:
            query = query.where(col(AlertRow.state) == state)
        if type is not None:
            query = query.where(col(AlertRow.type) == plain("type", type))
        if drill is not None:
            query = query.where(col(AlertRow.drill).is_(drill))
        order = Order(col(AlertRow.accepted_at), col(AlertRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), Alert.of)


async def _asked_for(session: TenantSession, caller: Caller, given: str | None, reference: str | None) -> AlertRow:
    key = decode_as("Alert", given) if given is not None else None
    if key is not None:
        return await require_alert(session, caller, key)
    return await require_alert_quoted(session, caller, reference or "")
