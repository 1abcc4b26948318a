"""Queries on calendar feeds."""

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
from graphql_api.feeds.types import CalendarFeed
from notifications.feeds.models import CalendarFeed as FeedRow


@strawberry.type
class FeedQueries:
    @strawberry.field(description="Your own calendar feeds, newest first, the revoked ones among them.")
    async def calendar_feeds(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[CalendarFeed]:
        caller = info.context.caller
        caller.require(Permission.VIEW_ROTAS)
        query = select(FeedRow).where(
            col(FeedRow.tenant_id) == caller.tenant_id, col(FeedRow.owner_id) == caller.person_id
        )
        order = Order(col(FeedRow.created_at), col(FeedRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), CalendarFeed.of)
