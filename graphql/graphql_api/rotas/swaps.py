"""Asking a colleague to take a shift, and answering."""

from collections.abc import Awaitable, Callable
from dataclasses import astuple
from typing import Annotated, Any
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import (
    ONCE,
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    ValidationProblem,
    as_problem,
    perform,
)
from graphql_api.rotas.swap_types import ShiftSwap
from notifications.rotas import swap_repository as stored
from notifications.rotas import swaps
from notifications.rotas.models import ShiftSwap as SwapRow


@strawberry.input(description="Ask a colleague to take your shift. Nothing changes until they agree.")
class AskShiftSwapInput:
    shift_id: strawberry.ID = strawberry.field(description="Your shift; its whole turn is asked for.")
    other_id: strawberry.ID = strawberry.field(description="Who shall take it: somebody of a rota of this role.")
    return_shift_id: strawberry.ID | None = strawberry.field(
        default=None, description="A shift of theirs in the same rota that you take in return."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Agree to a swap you were asked for. It is in force at once.")
class AgreeShiftSwapInput:
    swap_id: strawberry.ID = strawberry.field(description="The swap.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Refuse a swap you were asked for.")
class DeclineShiftSwapInput:
    swap_id: strawberry.ID = strawberry.field(description="The swap.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Withdraw a swap before it is answered; either of you may.")
class WithdrawShiftSwapInput:
    swap_id: strawberry.ID = strawberry.field(description="The swap.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The swap as it is now.")
class ShiftSwapPayload:
    swap: ShiftSwap


ShiftSwapResult = Annotated[
    ShiftSwapPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("ShiftSwapResult", description="The swap as it is now, or why it was refused."),
]

_Work = Callable[[TenantSession, UUID], Awaitable[SwapRow]]


async def _run(info: Info, operation: str, given: Any, swap_id: UUID, work: _Work) -> ShiftSwapResult:
    async def first(session: TenantSession, wanted: UUID) -> ShiftSwapPayload:
        info.context.caller.require(Permission.VIEW_ROTAS)
        return ShiftSwapPayload(swap=ShiftSwap.of(await work(session, wanted)))

    async def again(session: TenantSession, wanted: UUID) -> ShiftSwapPayload:
        info.context.caller.require(Permission.VIEW_ROTAS)
        return ShiftSwapPayload(swap=ShiftSwap.of(await stored.swap(session, wanted)))

    return await perform(
        info, operation=operation, key=given.idempotency_key, request=[str(one) for one in astuple(given)[:-1]],
        result_id=swap_id, work=first, again=again,
    )  # fmt: skip


async def _answer(info: Info, operation: str, given: Any, act: Callable[..., Awaitable[SwapRow]]) -> ShiftSwapResult:
    try:
        wanted = key_of("ShiftSwap", given.swap_id)
    except NotFound as problem:
        return as_problem(problem)

    async def work(session: TenantSession, swap_id: UUID) -> SwapRow:
        return await act(session, swap_id, by=info.context.caller.person_id)

    return await _run(info, operation, given, wanted, work)


@strawberry.type
class SwapMutations:
    @strawberry.mutation(description="Ask a colleague to take your shift, perhaps for one of theirs.")
    async def ask_shift_swap(self, info: Info, input: AskShiftSwapInput) -> ShiftSwapResult:
        async def work(session: TenantSession, swap_id: UUID) -> SwapRow:
            back = key_of("Shift", input.return_shift_id) if input.return_shift_id is not None else None
            return await swaps.ask(
                session, key_of("Shift", input.shift_id), key_of("Person", input.other_id),
                by=info.context.caller.person_id, swap_id=swap_id, return_shift_id=back,
            )  # fmt: skip

        return await _run(info, "askShiftSwap", input, uuid7(), work)

    @strawberry.mutation(description="Agree to a swap you were asked for. A manager is told.")
    async def agree_shift_swap(self, info: Info, input: AgreeShiftSwapInput) -> ShiftSwapResult:
        return await _answer(info, "agreeShiftSwap", input, swaps.agree)

    @strawberry.mutation(description="Refuse a swap you were asked for.")
    async def decline_shift_swap(self, info: Info, input: DeclineShiftSwapInput) -> ShiftSwapResult:
        return await _answer(info, "declineShiftSwap", input, swaps.decline)

    @strawberry.mutation(description="Withdraw a swap before it is answered.")
    async def withdraw_shift_swap(self, info: Info, input: WithdrawShiftSwapInput) -> ShiftSwapResult:
        return await _answer(info, "withdrawShiftSwap", input, swaps.withdraw)
