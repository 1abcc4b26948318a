"""Queries on alert policies and on alarms that they reach nobody."""

from enum import Enum
from typing import Annotated

import strawberry
from sqlalchemy import select
from sqlmodel import col

from backend.identity.policies import Permission
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
from graphql_api.ids import encode
from graphql_api.policies.types import AlertPolicy, AlertPolicyState
from graphql_api.scalars import Instant
from notifications.alerts.models import AlarmKind
from notifications.alerts.models import ConfigurationAlarm as AlarmRow
from notifications.ladders.models import AlertPolicy as PolicyRow

ConfigurationAlarmKind: type[Enum] = strawberry.enum(
    AlarmKind, name="ConfigurationAlarmKind", description="What was wrong with the set-up."
)


@strawberry.type(description="A policy, rota or ladder that reached nobody: an emergency of set-up.")
class ConfigurationAlarm:
    id: strawberry.ID
    kind: ConfigurationAlarmKind  # type: ignore[valid-type]
    role: str = strawberry.field(description="The role, desk, type of alert or pathway that it is about.")
    raised_at: Instant

    @classmethod
    def of(cls, row: AlarmRow) -> "ConfigurationAlarm":
        return cls(
            id=strawberry.ID(encode("ConfigurationAlarm", row.id)),
            kind=AlarmKind(row.kind),
            role=row.role,
            raised_at=Instant(row.raised_at),
        )


@strawberry.type
class AlertPolicyQueries:
    @strawberry.field(description="Versions of alert policies, newest first.")
    async def alert_policies(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        type: Annotated[str | None, strawberry.argument(description="Only of this type.")] = None,
        state: Annotated[AlertPolicyState | None, strawberry.argument(description="Only in this state.")] = None,  # type: ignore[valid-type]
    ) -> Connection[AlertPolicy]:
        info.context.caller.require(Permission.VIEW_ALERT_POLICIES)
        query = select(PolicyRow).where(col(PolicyRow.tenant_id) == info.context.caller.tenant_id)
        if type is not None:
            query = query.where(col(PolicyRow.alert_type) == plain("type", type))
        if state is not None:
            query = query.where(col(PolicyRow.state) == state)
        order = Order(col(PolicyRow.created_at), col(PolicyRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), AlertPolicy.of)

    @strawberry.field(description="Alarms that somebody could not be reached, newest first.")
    async def configuration_alarms(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ConfigurationAlarm]:
        info.context.caller.require(Permission.VIEW_ALERT_POLICIES)
        query = select(AlarmRow).where(col(AlarmRow.tenant_id) == info.context.caller.tenant_id)
        order = Order(col(AlarmRow.raised_at), col(AlarmRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), ConfigurationAlarm.of)
