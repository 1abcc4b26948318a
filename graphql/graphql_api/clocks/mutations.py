"""Recording that a duty was done."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.clocks import repository as clocks
from backend.clocks import service
from backend.identity.policies import Permission
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from graphql_api.clocks.types import Clock
from graphql_api.context import Info
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
from graphql_api.scalars import Instant


@strawberry.input(description="Record that a clock's duty was done. A breached clock stays breached.")
class CompleteClockInput:
    clock_id: strawberry.ID = strawberry.field(description="The clock whose duty was done.")
    completed_at: Instant | None = strawberry.field(default=None, description="When it was done; default now.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The clock as it is now.")
class CompleteClockPayload:
    clock: Clock


CompleteClockResult = Annotated[
    CompleteClockPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("CompleteClockResult", description="The clock as it is now, or why it was refused."),
]


@strawberry.type
class ClockMutations:
    @strawberry.mutation(description="Record that a clock's duty was done.")
    async def complete_clock(self, info: Info, input: CompleteClockInput) -> CompleteClockResult:
        wanted = decode_as("Clock", input.clock_id)
        if wanted is None:
            return as_problem(NotFound(clocks.NO_CLOCK))

        async def work(session: TenantSession, clock_id: UUID) -> CompleteClockPayload:
            info.context.caller.require(Permission.COMPLETE_CLOCKS)
            await _in_sight(info, session, clock_id)
            done = await service.complete(session, clock_id, info.context.caller.person_id, input.completed_at)
            return CompleteClockPayload(clock=Clock.of(done))

        async def again(session: TenantSession, clock_id: UUID) -> CompleteClockPayload:
            info.context.caller.require(Permission.COMPLETE_CLOCKS)
            await _in_sight(info, session, clock_id)
            return CompleteClockPayload(clock=Clock.of(await clocks.locked(session, clock_id)))

        return await perform(
            info, operation="completeClock", key=input.idempotency_key,
            request=[input.clock_id, str(input.completed_at)], result_id=wanted, work=work, again=again,
        )  # fmt: skip


async def _in_sight(info: Info, session: TenantSession, clock_id: UUID) -> None:
    """Raise ``NotFound`` for a clock of a case that is not there for the caller."""
    case_id = await clocks.case_of(session, clock_id)
    await cases.seen(session, info.context.caller, case_id, otherwise=clocks.NO_CLOCK)
