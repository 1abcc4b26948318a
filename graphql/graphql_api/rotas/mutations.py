"""Changing who is on call."""

from collections.abc import Awaitable, Callable
from dataclasses import astuple
from typing import Annotated, Any
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit import problems
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import (
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    ValidationProblem,
    as_problem,
    perform,
)
from graphql_api.rotas.inputs import (
    AssignShiftInput,
    ChangeRotaInput,
    CreateRotaInput,
    OverrideRotaInput,
    RecordLeaveInput,
    ReplaceRotaSpanInput,
    TakeOverShiftInput,
    WithdrawRotaAdjustmentInput,
    check_place,
    person_key,
    plan_from,
    rule_from,
)
from graphql_api.rotas.types import Rota, RotaAdjustment
from notifications.rotas import repository as rotas
from notifications.rotas import service
from notifications.rotas.expansion import Turn
from notifications.rotas.materialisation import ends_of
from notifications.rotas.resolution import AdjustmentKind


@strawberry.type(description="What is now laid over the rule; the shifts that it makes are made.")
class RotaAdjustmentPayload:
    adjustment: RotaAdjustment


@strawberry.type(description="The rota as it is now.")
class ChangeRotaPayload:
    rota: Rota


RotaAdjustmentResult = Annotated[
    RotaAdjustmentPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("RotaAdjustmentResult", description="The adjustment, or why it was refused."),
]
ChangeRotaResult = Annotated[
    ChangeRotaPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("ChangeRotaResult", description="The rota as it is now, or why it was refused."),
]

_Make = Callable[[TenantSession, UUID], Awaitable[object]]


async def _adjust(
    info: Info, operation: str, given: Any, make: _Make, *, managers_only: bool, changes: UUID | None = None
) -> RotaAdjustmentResult:
    """Run ``make(session, id)`` once; the answer is the adjustment with that id."""

    async def shown(session: TenantSession, made: UUID) -> RotaAdjustmentPayload:
        return RotaAdjustmentPayload(adjustment=RotaAdjustment.of(await rotas.adjustment(session, made)))

    async def work(session: TenantSession, made: UUID) -> RotaAdjustmentPayload:
        _require(info, managers_only)
        await make(session, made)
        return await shown(session, made)

    async def again(session: TenantSession, made: UUID) -> RotaAdjustmentPayload:
        _require(info, managers_only)
        return await shown(session, made)

    request = [str(value) for value in astuple(given)[:-1]]
    return await perform(
        info, operation=operation, key=given.idempotency_key, request=request, result_id=changes or uuid7(),
        work=work, again=again,
    )  # fmt: skip


def _require(info: Info, managers_only: bool) -> None:  # noqa: FBT001
    info.context.caller.require(Permission.MANAGE_ROTAS if managers_only else Permission.VIEW_ROTAS)


@strawberry.type
class RotaMutations:
    @strawberry.mutation(description="Override a rota for a time: add, remove or replace somebody.")
    async def override_rota(self, info: Info, input: OverrideRotaInput) -> RotaAdjustmentResult:
        async def make(session: TenantSession, made: UUID) -> None:
            check_place(input.position, input.reason)
            await service.adjust(
                session, key_of("Rota", input.rota_id), AdjustmentKind(input.kind.value), input.begins, input.until,
                person=person_key(input.person_id), instead=person_key(input.instead_id), position=input.position,
                by=info.context.caller.person_id, reason=input.reason, adjustment_id=made,
            )  # fmt: skip

        return await _adjust(info, "overrideRota", input, make, managers_only=True)

    @strawberry.mutation(description="Put somebody on call for the rest of another's shift, such as a sick person's.")
    async def assign_shift(self, info: Info, input: AssignShiftInput) -> RotaAdjustmentResult:
        async def make(session: TenantSession, made: UUID) -> None:
            check_place(1, input.reason)
            instead = key_of("Person", input.instead_id)
            shift = await rotas.shift(session, key_of("Shift", input.shift_id))
            begins, until = ends_of(shift.during)
            await service.adjust(
                session, shift.rota_id, AdjustmentKind.ASSIGNED, begins, until, person=shift.person_id,
                instead=instead, position=shift.position, by=info.context.caller.person_id,
                reason=input.reason, adjustment_id=made,
            )  # fmt: skip

        return await _adjust(info, "assignShift", input, make, managers_only=True)

    @strawberry.mutation(description="Put turns of their own in place of a rota's whole rule for a time.")
    async def replace_rota_span(self, info: Info, input: ReplaceRotaSpanInput) -> RotaAdjustmentResult:
        async def make(session: TenantSession, made: UUID) -> None:
            check_place(input.position, input.reason)
            if len(input.turns) > 1000:
                raise problems.Invalid([problems.FieldError("turns", "must be at most 1,000")])
            turns = [
                Turn(key_of("Person", turn.person_id), turn.begins, turn.begins, turn.until) for turn in input.turns
            ]
            await service.replace_span(
                session, key_of("Rota", input.rota_id), input.begins, input.until, turns, position=input.position,
                by=info.context.caller.person_id, reason=input.reason, adjustment_id=made,
            )  # fmt: skip

        return await _adjust(info, "replaceRotaSpan", input, make, managers_only=True)

    @strawberry.mutation(description="Take yourself, or as a rota manager anybody, off every rota for a time.")
    async def record_leave(self, info: Info, input: RecordLeaveInput) -> RotaAdjustmentResult:
        async def make(session: TenantSession, made: UUID) -> None:
            caller = info.context.caller
            check_place(1, input.reason)
            person = person_key(input.person_id) or caller.person_id
            instead = person_key(input.instead_id)
            if person != caller.person_id or instead is not None:
                # Who goes on leave may not put a colleague on call who has not agreed: that is a swap.
                caller.require(Permission.MANAGE_ROTAS)
            await service.leave(
                session, person, input.begins, input.until, by=caller.person_id, reason=input.reason,
                instead=instead, adjustment_id=made,
            )  # fmt: skip

        return await _adjust(info, "recordLeave", input, make, managers_only=False)

    @strawberry.mutation(description="Answer in place of somebody for the rest of a shift that is on.")
    async def take_over_shift(self, info: Info, input: TakeOverShiftInput) -> RotaAdjustmentResult:
        async def make(session: TenantSession, made: UUID) -> None:
            check_place(1, input.reason)
            await service.take_over(
                session, key_of("Shift", input.shift_id), by=info.context.caller.person_id, reason=input.reason,
                adjustment_id=made,
            )  # fmt: skip

        return await _adjust(info, "takeOverShift", input, make, managers_only=False)

    @strawberry.mutation(description="End an adjustment from now on. Your own leave, or as a rota manager any.")
    async def withdraw_rota_adjustment(self, info: Info, input: WithdrawRotaAdjustmentInput) -> RotaAdjustmentResult:
        async def make(session: TenantSession, made: UUID) -> None:
            caller = info.context.caller
            found = await rotas.adjustment(session, made)
            if found.kind != AdjustmentKind.LEAVE or found.person_id != caller.person_id:
                caller.require(Permission.MANAGE_ROTAS)
            await service.withdraw(session, made, by=caller.person_id)

        try:
            wanted = key_of("RotaAdjustment", input.adjustment_id)
        except problems.NotFound as problem:
            return as_problem(problem)
        return await _adjust(info, "withdrawRotaAdjustment", input, make, managers_only=False, changes=wanted)

    @strawberry.mutation(description="Make a rota.")
    async def create_rota(self, info: Info, input: CreateRotaInput) -> ChangeRotaResult:
        async def work(session: TenantSession, rota_id: UUID) -> ChangeRotaPayload:
            info.context.caller.require(Permission.MANAGE_ROTAS)
            plan, rule = plan_from(input), rule_from(input)
            return ChangeRotaPayload(
                rota=Rota.of(await service.create(session, rota_id, plan, rule, by=info.context.caller.person_id))
            )

        async def again(session: TenantSession, rota_id: UUID) -> ChangeRotaPayload:
            info.context.caller.require(Permission.MANAGE_ROTAS)
            return ChangeRotaPayload(rota=Rota.of(await rotas.rota(session, rota_id)))

        request = [str(value) for value in astuple(input)[:-1]]
        return await perform(
            info, operation="createRota", key=input.idempotency_key, request=request, result_id=uuid7(),
            work=work, again=again,
        )  # fmt: skip

    @strawberry.mutation(description="Set a rota's rule from now on.")
    async def change_rota(self, info: Info, input: ChangeRotaInput) -> ChangeRotaResult:
        async def work(session: TenantSession, rota_id: UUID) -> ChangeRotaPayload:
            info.context.caller.require(Permission.MANAGE_ROTAS)
            rota = await service.change_rule(
                session, rota_id, rule_from(input), by=info.context.caller.person_id,
                qualification=input.qualification,
            )  # fmt: skip
            return ChangeRotaPayload(rota=Rota.of(rota))

        async def again(session: TenantSession, rota_id: UUID) -> ChangeRotaPayload:
            info.context.caller.require(Permission.MANAGE_ROTAS)
            return ChangeRotaPayload(rota=Rota.of(await rotas.rota(session, rota_id)))

        try:
            wanted = key_of("Rota", input.rota_id)
        except problems.NotFound as problem:
            return as_problem(problem)
        request = [str(value) for value in astuple(input)[:-1]]
        return await perform(
            info, operation="changeRota", key=input.idempotency_key, request=request, result_id=wanted,
            work=work, again=again,
        )  # fmt: skip
