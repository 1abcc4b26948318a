"""Queries of an operator, within one partnership."""

from typing import Annotated

import strawberry
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
from graphql_api.oversight.types import Finding, MessageFilterInput, MessageRecord, OverdueTask, Oversight, QueueState
from graphql_api.scalars import Instant
from notifications.deliveries.models import Delivery as DeliveryRow
from notifications.watch import overview


@strawberry.type
class OversightQueries:
    @strawberry.field(description="What is owed now, what is late, and what the auditor found.")
    async def oversight(self, info: Info) -> Oversight:
        info.context.caller.require(Permission.OVERSEE_MESSAGES)
        async with info.context.db() as session:
            queues = await overview.outbox(session)
            overdue = await overview.overdue_here(session)
            findings = await overview.findings(session)
            audited_at = await overview.audited_at(session)
        return Oversight(
            queues=[QueueState(queue=row.queue, owed=row.owed, oldest_due_at=row.oldest_due_at) for row in queues],
            overdue=[
                OverdueTask(queue=row.queue, task=row.actor, due_at=row.due_at, attempts=row.attempts)
                for row in overdue
            ],
            findings=[Finding.of(row) for row in findings],
            audited_at=Instant(audited_at) if audited_at else None,
        )

    @strawberry.field(description="Messages of your partnership, newest first.")
    async def messages(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[MessageFilterInput | None, strawberry.argument(description="Which messages.")] = None,
    ) -> Connection[MessageRecord]:
        info.context.caller.require(Permission.OVERSEE_MESSAGES)
        wanted = (filter or MessageFilterInput()).wanted()
        order = Order(overview.NEWEST, col(DeliveryRow.id), newest_first=True)
        async with info.context.db() as session:
            query = overview.deliveries(session, wanted)
            return await listed(session, query, order, Window(first, after, last, before), MessageRecord.of)
