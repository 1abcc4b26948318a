"""Queries on drills: their results and their schedules."""

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
)
from graphql_api.context import Info
from graphql_api.drills.types import Drill, DrillSchedule
from notifications.alerts.models import Alert as AlertRow
from notifications.ladders.models import DrillSchedule as ScheduleRow


@strawberry.type
class DrillQueries:
    @strawberry.field(description="Drills that were held, newest first, with how each role did.")
    async def drills(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Drill]:
        info.context.caller.require(Permission.VIEW_ALERT_POLICIES)
        query = select(AlertRow).where(
            col(AlertRow.tenant_id) == info.context.caller.tenant_id, col(AlertRow.drill).is_(True)
        )
        order = Order(col(AlertRow.accepted_at), col(AlertRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), Drill.of)

    @strawberry.field(description="Schedules of drills, newest first. Of a random one nobody is told when it falls.")
    async def drill_schedules(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[DrillSchedule]:
        info.context.caller.require(Permission.VIEW_ALERT_POLICIES)
        query = select(ScheduleRow).where(col(ScheduleRow.tenant_id) == info.context.caller.tenant_id)
        order = Order(col(ScheduleRow.created_at), col(ScheduleRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), DrillSchedule.of)
