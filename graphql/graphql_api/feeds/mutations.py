"""Making and revoking calendar feeds."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from graphql_api.context import Info
from graphql_api.feeds.types import CalendarFeed
from graphql_api.ids import key_of
from graphql_api.problems import ONCE, AnyProblem, mutate
from notifications.feeds import repository as feeds
from notifications.feeds import service
from notifications.feeds.models import CalendarFeed as FeedRow


@strawberry.input(description="Make a calendar feed of a rota, or of your own turns on every rota.")
class CreateCalendarFeedInput:
    rota_id: strawberry.ID | None = strawberry.field(default=None, description="Leave out for your own turns.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Close one of your calendar feeds for good.")
class RevokeCalendarFeedInput:
    feed_id: strawberry.ID = strawberry.field(description="One of your own.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The feed and, this once, its address.")
class CreateCalendarFeedPayload:
    feed: CalendarFeed
    url: str | None = strawberry.field(
        description="Subscribe to this. Whoever has it can read the calendar: keep it to yourself. It is shown this"
        " once; null when the request is repeated: then revoke the feed and make another."
    )


@strawberry.type(description="The feed as it is now.")
class RevokeCalendarFeedPayload:
    feed: CalendarFeed


CreateCalendarFeedResult = Annotated[
    CreateCalendarFeedPayload | AnyProblem,
    strawberry.union("CreateCalendarFeedResult", description="The feed and its address, or why it was refused."),
]
RevokeCalendarFeedResult = Annotated[
    RevokeCalendarFeedPayload | AnyProblem,
    strawberry.union("RevokeCalendarFeedResult", description="The feed as it is now, or why it was refused."),
]


@strawberry.type
class FeedMutations:
    @strawberry.mutation(description="Make an address that a calendar program can subscribe to without signing in.")
    async def create_calendar_feed(self, info: Info, input: CreateCalendarFeedInput) -> CreateCalendarFeedResult:
        async def work(session: TenantSession, feed_id: UUID) -> tuple[FeedRow, str | None]:
            rota_id = key_of("Rota", input.rota_id) if input.rota_id is not None else None
            owner_id = info.context.caller.person_id
            feed, token = await service.create(session, feed_id=feed_id, owner_id=owner_id, rota_id=rota_id)
            return feed, f"{settings().app_url}/feeds/{token}.ics"

        async def again(session: TenantSession, feed_id: UUID) -> tuple[FeedRow, str | None]:
            return await feeds.feed(session, feed_id), None

        return await mutate(
            info, input, work, again=again, needs=Permission.VIEW_ROTAS,
            answer=lambda made: CreateCalendarFeedPayload(feed=CalendarFeed.of(made[0]), url=made[1]),
        )  # fmt: skip

    @strawberry.mutation(description="Close a calendar feed. Its address gives nothing from now on.")
    async def revoke_calendar_feed(self, info: Info, input: RevokeCalendarFeedInput) -> RevokeCalendarFeedResult:
        async def work(session: TenantSession, feed_id: UUID) -> FeedRow:
            return await service.revoke(session, feed_id, info.context.caller.person_id)

        return await mutate(
            info, input, work, again=work, needs=Permission.VIEW_ROTAS, about=("CalendarFeed", input.feed_id),
            answer=lambda feed: RevokeCalendarFeedPayload(feed=CalendarFeed.of(feed)),
        )  # fmt: skip
