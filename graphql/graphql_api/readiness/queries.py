"""Queries on readiness."""

from datetime import timedelta
from typing import Annotated, Final

import strawberry

from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid
from backend.readiness.service import report
from graphql_api.connections import plain
from graphql_api.context import Info
from graphql_api.readiness.types import MissingReadiness, MyReadiness, Readiness, ReadinessGap
from notifications.readiness import service

MOST_DAYS: Final = 28
WithinDays = Annotated[int, strawberry.argument(description=f"How far ahead to look, 1 to {MOST_DAYS} days.")]


@strawberry.type
class ReadinessQueries:
    @strawberry.field(description="Whether those who are on call, or soon will be, can be reached; soonest first.")
    async def readiness(
        self,
        info: Info,
        role: Annotated[str | None, strawberry.argument(description="Of one role's rotas; default all.")] = None,
        within_days: WithinDays = 7,
    ) -> list[Readiness]:
        info.context.caller.require(Permission.VIEW_READINESS)
        within, wanted = _span(within_days), None if role is None else plain("role", role)
        async with info.context.db() as session:
            return [Readiness.of(row) for row in await service.readiness(session, within, role=wanted)]

    @strawberry.field(description="Whether you could be called now, what is missing, and when you are on call.")
    async def my_readiness(self, info: Info, within_days: WithinDays = 7) -> MyReadiness:
        person_id, within = info.context.caller.person_id, _span(within_days)
        async with info.context.db() as session:
            lacks = await service.lacks_of(session, person_id)
            duties = await service.readiness(session, within, person_id=person_id)
        return MyReadiness(
            ready=not lacks, missing=[MissingReadiness.of(lack) for lack in lacks],
            duties=[Readiness.of(row) for row in duties],
        )  # fmt: skip

    @strawberry.field(description="What of the partnership is still unset or doubtful, and what to do about each.")
    async def partnership_readiness(self, info: Info) -> list[ReadinessGap]:
        info.context.caller.require(Permission.VIEW_READINESS)
        async with info.context.db() as session:
            return [ReadinessGap.of(one) for one in await report(session)]


def _span(days: int) -> timedelta:
    if not 1 <= days <= MOST_DAYS:
        raise Invalid([FieldError("withinDays", f"must be 1 to {MOST_DAYS}")])
    return timedelta(days=days)
