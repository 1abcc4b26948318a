"""An endpoint, how it fares, and the attempts to reach it."""

from uuid import UUID

import strawberry
from sqlmodel import col

from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.types import Area
from graphql_api.scalars import Instant
from notifications.webhooks import repository
from notifications.webhooks.events import EventType as EventTypeValue
from notifications.webhooks.models import EndpointState as EndpointStateValue
from notifications.webhooks.models import WebhookAttempt as AttemptRow
from notifications.webhooks.models import WebhookEndpoint as EndpointRow
from notifications.webhooks.pruning import KEPT

WebhookEndpointState = strawberry.enum(
    EndpointStateValue,
    name="WebhookEndpointState",
    description="ACTIVE is called; PAUSED by a person and FAILING by Safeguard have what is for them held back; RETIRED"
    " is never called again.",
)


@strawberry.type(description="A kind of event that a webhook can be told of.")
class WebhookEventType:
    code: str
    names: str = strawberry.field(description="The type of the thing whose id a message holds.")
    when: str = strawberry.field(description="When a message of it is sent.")

    @classmethod
    def of(cls, event: EventTypeValue) -> "WebhookEventType":
        return cls(code=event.code, names=event.kind, when=event.when)


@strawberry.type(description="One attempt to deliver a message, and what came of it.")
class WebhookAttempt:
    at: Instant
    number: int = strawberry.field(description="1 for the first attempt at the message.")
    delivered: bool
    status: int | None = strawberry.field(description="The HTTP status of the answer; null where there was none.")
    outcome: str = strawberry.field(description="What happened, in a word or two.")
    milliseconds: int
    row: strawberry.Private[AttemptRow]

    @strawberry.field(description="What the receiver has as webhook-id. All attempts at one message share it.")
    async def message_id(self, info: Info) -> str:
        return str(await info.context.loaders.event_of_webhook_message.load(self.row.message_id))

    @classmethod
    def of(cls, row: AttemptRow) -> "WebhookAttempt":
        return cls(
            at=Instant(row.at), number=row.number, delivered=row.delivered,
            status=row.status, outcome=row.outcome, milliseconds=row.milliseconds, row=row,
        )  # fmt: skip


@strawberry.type(description="Another system that is told of events by signed messages (Standard Webhooks).")
class WebhookEndpoint:
    id: strawberry.ID
    name: str
    url: str = strawberry.field(description="Where messages are sent.")
    types: list[str] = strawberry.field(description="Of which types of events it is told.")
    state: WebhookEndpointState  # type: ignore[valid-type]
    client_id: str | None = strawberry.field(
        description="The application whose endpoint it is: it is told only of what that was granted."
    )
    failing_since: Instant | None = strawberry.field(
        description="Since when every attempt has failed; null when the last one did not."
    )
    previous_secret_until: Instant | None = strawberry.field(
        description="Until when messages are signed with the secret before this one too."
    )
    created_at: Instant
    row: strawberry.Private[EndpointRow]

    @strawberry.field(description="Where it listens; none: everywhere. It is told of what is of no area in any case.")
    async def areas(self, info: Info) -> list[Area]:
        found = await info.context.loaders.area.load_many([UUID(one) for one in self.row.area_ids])
        return [Area.of(row) for row in found if row is not None]

    @strawberry.field(
        description=f"Attempts to reach it, newest first; kept for {KEPT.days} days after the last of a message."
    )
    async def attempts(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[WebhookAttempt]:
        query = repository.attempts(info.context.caller.tenant_id, self.row.id)
        order = Order(col(AttemptRow.at), col(AttemptRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), WebhookAttempt.of)

    @classmethod
    def of(cls, row: EndpointRow) -> "WebhookEndpoint":
        return cls(
            id=strawberry.ID(encode("WebhookEndpoint", row.id)), name=row.name, url=row.url, types=row.types,
            state=EndpointStateValue(row.state), client_id=str(row.application_id) if row.application_id else None,
            failing_since=Instant(row.failing_since) if row.failing_since else None,
            previous_secret_until=Instant(row.previous_secret_until) if row.previous_secret_until else None,
            created_at=Instant(row.created_at), row=row,
        )  # fmt: skip
