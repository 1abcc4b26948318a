"""What people record of a clock: that the duty was done, why it was late, more time, a pause, another start."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.clocks import repository as clocks
from backend.clocks import service
from backend.clocks.models import Clock as ClockRow
from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.pathways import starts
from graphql_api.cases.running import key_of, run
from graphql_api.clocks.types import Clock
from graphql_api.context import Info
from graphql_api.problems import ONCE, ConflictProblem, ForbiddenProblem, NotFoundProblem, ValidationProblem
from graphql_api.scalars import Instant


@strawberry.input(description="Record that a clock's duty was done. A breached clock stays breached.")
class CompleteClockInput:
    clock_id: strawberry.ID = strawberry.field(description="The clock whose duty was done.")
    completed_at: Instant | None = strawberry.field(default=None, description="When it was done; default now.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say why a limit was breached or missed. The breach stays.")
class GiveBreachReasonInput:
    clock_id: strawberry.ID = strawberry.field(description="A clock that was breached or missed.")
    reason: str = strawberry.field(description="Up to 4,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Give a limit the one longer time that its source allows, before it has run out.")
class ExtendClockInput:
    clock_id: strawberry.ID = strawberry.field(description="A clock that runs and whose extension is possible.")
    authority: str = strawberry.field(description="Who agreed to it, up to 300 characters.")
    reason: str = strawberry.field(description="Up to 4,000 characters.")
    until: Instant | None = strawberry.field(
        default=None, description="The agreed end, where the source leaves one to be agreed."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Let a clock stand still, on a ground that its source names.")
class PauseClockInput:
    clock_id: strawberry.ID = strawberry.field(description="A clock that runs.")
    ground: str = strawberry.field(description="One of the clock's pauseGrounds.")
    reason: str = strawberry.field(description="Up to 4,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Let a clock run on that somebody has paused.")
class ResumeClockInput:
    clock_id: strawberry.ID = strawberry.field(description="A clock that stands still.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say that a clock began at another moment. All that runs from the same event follows.")
class CorrectClockStartInput:
    clock_id: strawberry.ID = strawberry.field(description="The clock whose start was recorded wrongly.")
    started_at: Instant = strawberry.field(description="When it really began.")
    reason: str = strawberry.field(description="Up to 1,000 characters. It is kept with what stood before.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The clock as it is now.")
class CompleteClockPayload:
    clock: Clock


@strawberry.type(description="The clock as it is now, with its history.")
class ClockPayload:
    clock: Clock


CompleteClockResult = Annotated[
    CompleteClockPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("CompleteClockResult", description="The clock as it is now, or why it was refused."),
]
ClockResult = Annotated[
    ClockPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("ClockResult", description="The clock as it is now, or why it was refused."),
]


@strawberry.type
class ClockMutations:
    @strawberry.mutation(description="Record that a clock's duty was done.")
    async def complete_clock(self, info: Info, input: CompleteClockInput) -> CompleteClockResult:
        caller = info.context.caller

        async def work(session: TenantSession, clock_id: UUID) -> CompleteClockPayload:
            case_id = await clocks.case_of(session, clock_id)
            await cases.addable(session, caller, case_id, needs=Permission.COMPLETE_CLOCKS, otherwise=clocks.NO_CLOCK)
            done = await service.complete(session, clock_id, caller.person_id, input.completed_at)
            return CompleteClockPayload(clock=Clock.of(done))

        async def again(session: TenantSession, clock_id: UUID) -> CompleteClockPayload:
            await _allowed(info, session, clock_id, Permission.COMPLETE_CLOCKS)
            return CompleteClockPayload(clock=Clock.of(await clocks.one(session, clock_id)))

        return await run(info, "completeClock", input, lambda: key_of("Clock", input.clock_id), work, again)

    @strawberry.mutation(description="Say why a limit was breached or missed.")
    async def give_breach_reason(self, info: Info, input: GiveBreachReasonInput) -> ClockResult:
        async def act(session: TenantSession, clock_id: UUID) -> ClockRow:
            return await service.give_reason(session, clock_id, info.context.caller.person_id, input.reason)

        return await _change(info, "giveBreachReason", input, Permission.EXPLAIN_CLOCKS, act)

    @strawberry.mutation(description="Extend a limit once, on somebody's authority.")
    async def extend_clock(self, info: Info, input: ExtendClockInput) -> ClockResult:
        async def act(session: TenantSession, clock_id: UUID) -> ClockRow:
            return await service.extend(
                session, clock_id, info.context.caller.person_id, authority=input.authority, reason=input.reason,
                until=input.until,
            )  # fmt: skip

        return await _change(info, "extendClock", input, Permission.EXTEND_CLOCKS, act)

    @strawberry.mutation(description="Let a clock stand still.")
    async def pause_clock(self, info: Info, input: PauseClockInput) -> ClockResult:
        async def act(session: TenantSession, clock_id: UUID) -> ClockRow:
            person_id = info.context.caller.person_id
            return await service.pause(session, clock_id, person_id, ground=input.ground, reason=input.reason)

        return await _change(info, "pauseClock", input, Permission.CHANGE_CLOCKS, act)

    @strawberry.mutation(description="Let a paused clock run on.")
    async def resume_clock(self, info: Info, input: ResumeClockInput) -> ClockResult:
        async def act(session: TenantSession, clock_id: UUID) -> ClockRow:
            return await service.resume(session, clock_id, info.context.caller.person_id)

        return await _change(info, "resumeClock", input, Permission.CHANGE_CLOCKS, act)

    @strawberry.mutation(description="Correct when a clock began. What was recorded before stays readable.")
    async def correct_clock_start(self, info: Info, input: CorrectClockStartInput) -> ClockResult:
        async def act(session: TenantSession, clock_id: UUID) -> ClockRow:
            return await starts.correct(session, info.context.caller, clock_id, input.started_at, input.reason)

        return await _change(info, "correctClockStart", input, Permission.CHANGE_CLOCKS, act)


async def _change(
    info: Info, operation: str, given: Any, needs: Permission, act: Callable[[TenantSession, UUID], Awaitable[ClockRow]]
) -> ClockResult:
    async def work(session: TenantSession, clock_id: UUID) -> ClockPayload:
        await _allowed(info, session, clock_id, needs, changes=True)
        return ClockPayload(clock=Clock.of(await act(session, clock_id)))

    async def again(session: TenantSession, clock_id: UUID) -> ClockPayload:
        await _allowed(info, session, clock_id, needs)
        return ClockPayload(clock=Clock.of(await clocks.one(session, clock_id)))

    return await run(info, operation, given, lambda: key_of("Clock", given.clock_id), work, again)


async def _allowed(
    info: Info, session: TenantSession, clock_id: UUID, needs: Permission, *, changes: bool = False
) -> None:  # fmt: skip
    """Raise ``NotFound`` for a clock of a case that is not there for the caller, ``Forbidden`` for one only read."""
    info.context.caller.require(needs)
    case_id = await clocks.case_of(session, clock_id)
    look = cases.changeable if changes else cases.seen
    await look(session, info.context.caller, case_id, otherwise=clocks.NO_CLOCK)
