"""Queries on webhook endpoints."""

import strawberry

from backend.identity.policies import Permission
from graphql_api.context import Info
from graphql_api.webhooks.types import WebhookEndpoint, WebhookEventType
from notifications.webhooks import repository
from notifications.webhooks.events import EVENTS


@strawberry.type
class WebhookQueries:
    @strawberry.field(description="The partnership's webhook endpoints that are not retired, in the order made.")
    async def webhook_endpoints(self, info: Info) -> list[WebhookEndpoint]:
        info.context.caller.require(Permission.MANAGE_INTEGRATIONS)
        async with info.context.db() as session:
            return [WebhookEndpoint.of(row) for row in await repository.endpoints(session)]

    @strawberry.field(description="Every type of event that a webhook can be told of.")
    async def webhook_event_types(self, info: Info) -> list[WebhookEventType]:
        info.context.caller.require(Permission.MANAGE_INTEGRATIONS)
        return [WebhookEventType.of(event) for event in EVENTS.values()]
