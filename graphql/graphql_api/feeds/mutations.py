"""Making and revoking calendar feeds."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from backend.kit.settings import settings
from graphql_api.context import Info
from graphql_api.feeds.types import CalendarFeed
from graphql_api.ids import decode_as
from graphql_api.problems import (
    ONCE,
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    ValidationProblem,
    as_problem,
    perform,
)
from notifications.feeds import repository as feeds
from notifications.feeds import service


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
    CreateCalendarFeedPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("CreateCalendarFeedResult", description="The feed and its address, or why it was refused."),
]
RevokeCalendarFeedResult = Annotated[
    RevokeCalendarFeedPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("RevokeCalendarFeedResult", description="The feed as it is now, or why it was refused."),
]


@strawberry.type
class FeedMutations:
    @strawberry.mutation(description="Make an address that a calendar program can subscribe to without signing in.")
    async def create_calendar_feed(self, info: Info, input: CreateCalendarFeedInput) -> CreateCalendarFeedResult:
        rota_id = decode_as("Rota", input.rota_id) if input.rota_id is not None else None
        if input.rota_id is not None and rota_id is None:
            return as_problem(NotFound("There is no such rota in this partnership."))
        caller = info.context.caller

        async def work(session: TenantSession, feed_id: UUID) -> CreateCalendarFeedPayload:
            caller.require(Permission.VIEW_ROTAS)
            feed, token = await service.create(session, feed_id=feed_id, owner_id=caller.person_id, rota_id=rota_id)
            url = f"{settings().app_url}/feeds/{token}.ics"
            return CreateCalendarFeedPayload(feed=CalendarFeed.of(feed), url=url)

        async def again(session: TenantSession, feed_id: UUID) -> CreateCalendarFeedPayload:
            caller.require(Permission.VIEW_ROTAS)
            return CreateCalendarFeedPayload(feed=CalendarFeed.of(await feeds.feed(session, feed_id)), url=None)

        return await perform(
            info, operation="createCalendarFeed", key=input.idempotency_key, request=input.rota_id,
            result_id=uuid7(), work=work, again=again,
        )  # fmt: skip

    @strawberry.mutation(description="Close a calendar feed. Its address gives nothing from now on.")
    async def revoke_calendar_feed(self, info: Info, input: RevokeCalendarFeedInput) -> RevokeCalendarFeedResult:
        wanted = decode_as("CalendarFeed", input.feed_id)
        if wanted is None:
            return as_problem(NotFound("There is no such calendar feed in this partnership."))
        caller = info.context.caller

        async def work(session: TenantSession, feed_id: UUID) -> RevokeCalendarFeedPayload:
            caller.require(Permission.VIEW_ROTAS)
            return RevokeCalendarFeedPayload(
                feed=CalendarFeed.of(await service.revoke(session, feed_id, caller.person_id))
            )

        return await perform(
            info, operation="revokeCalendarFeed", key=input.idempotency_key, request=input.feed_id,
            result_id=wanted, work=work, again=work,
        )  # fmt: skip
