"""Asking a colleague to take a shift, and answering."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import ONCE, AnyProblem, Given, mutate
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
    ShiftSwapPayload | AnyProblem,
    strawberry.union("ShiftSwapResult", description="The swap as it is now, or why it was refused."),
]


async def _run(
    info: Info, given: Given, work: Callable[[TenantSession, UUID], Awaitable[SwapRow]],
    about: tuple[str, str] | None = None,
) -> ShiftSwapResult:  # fmt: skip
    return await mutate(
        info, given, work, again=stored.swap, needs=Permission.VIEW_ROTAS, about=about,
        answer=lambda row: ShiftSwapPayload(swap=ShiftSwap.of(row)),
    )  # fmt: skip


_Answer = AgreeShiftSwapInput | DeclineShiftSwapInput | WithdrawShiftSwapInput


async def _answer(info: Info, given: _Answer, act: Callable[..., Awaitable[SwapRow]]) -> ShiftSwapResult:
    by = info.context.caller.person_id
    return await _run(info, given, lambda session, swap_id: act(session, swap_id, by=by), ("ShiftSwap", given.swap_id))


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

        return await _run(info, input, work)

    @strawberry.mutation(description="Agree to a swap you were asked for. A manager is told.")
    async def agree_shift_swap(self, info: Info, input: AgreeShiftSwapInput) -> ShiftSwapResult:
        return await _answer(info, input, swaps.agree)

    @strawberry.mutation(description="Refuse a swap you were asked for.")
    async def decline_shift_swap(self, info: Info, input: DeclineShiftSwapInput) -> ShiftSwapResult:
        return await _answer(info, input, swaps.decline)

    @strawberry.mutation(description="Withdraw a swap before it is answered.")
    async def withdraw_shift_swap(self, info: Info, input: WithdrawShiftSwapInput) -> ShiftSwapResult:
        return await _answer(info, input, swaps.withdraw)
