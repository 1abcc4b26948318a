"""Changing who is on call."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit import problems
from backend.kit.session import TenantSession
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import AnyProblem, Given, mutate
from graphql_api.rotas.inputs import (
    AssignShiftInput,
    ChangeRotaInput,
    CreateRotaInput,
    DescribeRotaInput,
    EndRotaInput,
    OverrideRotaInput,
    RecordLeaveInput,
    ReplaceRotaSpanInput,
    TakeOverShiftInput,
    WithdrawRotaAdjustmentInput,
    check_place,
    description_from,
    person_key,
    plan_from,
    rule_from,
)
from graphql_api.rotas.types import Rota, RotaAdjustment
from notifications.ladders import repository as ladders
from notifications.rotas import repository as rotas
from notifications.rotas import service
from notifications.rotas.expansion import Turn
from notifications.rotas.materialisation import ends_of
from notifications.rotas.models import Rota as RotaRow
from notifications.rotas.models import RotaAdjustment as AdjustmentRow
from notifications.rotas.resolution import AdjustmentKind


@strawberry.type(description="What is now laid over the rule; the shifts that it makes are made.")
class RotaAdjustmentPayload:
    adjustment: RotaAdjustment


@strawberry.type(description="The rota as it is now.")
class ChangeRotaPayload:
    rota: Rota


RotaAdjustmentResult = Annotated[
    RotaAdjustmentPayload | AnyProblem,
    strawberry.union("RotaAdjustmentResult", description="The adjustment, or why it was refused."),
]
ChangeRotaResult = Annotated[
    ChangeRotaPayload | AnyProblem,
    strawberry.union("ChangeRotaResult", description="The rota as it is now, or why it was refused."),
]

_Make = Callable[[TenantSession, UUID], Awaitable[object]]


async def _adjust(
    info: Info, given: Given, make: _Make, *, needs: Permission, about: tuple[str, str] | None = None
) -> RotaAdjustmentResult:
    """Run ``make(session, id)`` once; the answer is the adjustment with that id."""

    async def work(session: TenantSession, made: UUID) -> AdjustmentRow:
        await make(session, made)
        return await rotas.adjustment(session, made)

    return await mutate(
        info, given, work, again=rotas.adjustment, needs=needs, about=about,
        answer=lambda row: RotaAdjustmentPayload(adjustment=RotaAdjustment.of(row)),
    )  # fmt: skip


async def _rota(
    info: Info, given: Given, work: Callable[[TenantSession, UUID], Awaitable[RotaRow]],
    about: tuple[str, str] | None = None,
) -> ChangeRotaResult:  # fmt: skip
    return await mutate(
        info, given, work, again=rotas.rota, needs=Permission.MANAGE_ROTAS, about=about,
        answer=lambda row: ChangeRotaPayload(rota=Rota.of(row)),
    )  # fmt: skip


_INSTEAD = (
    "Only who manages the rotas names somebody in your place. Ask a colleague for a swap, or record your leave without"
    " insteadId and ask the rota's manager to fill the gap."
)


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

        return await _adjust(info, input, make, needs=Permission.MANAGE_ROTAS)

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

        return await _adjust(info, input, make, needs=Permission.MANAGE_ROTAS)

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

        return await _adjust(info, input, make, needs=Permission.MANAGE_ROTAS)

    @strawberry.mutation(description="Take yourself, or as a rota manager anybody, off every rota for a time.")
    async def record_leave(self, info: Info, input: RecordLeaveInput) -> RotaAdjustmentResult:
        async def make(session: TenantSession, made: UUID) -> None:
            caller = info.context.caller
            check_place(1, input.reason)
            person = person_key(input.person_id) or caller.person_id
            instead = person_key(input.instead_id)
            if person != caller.person_id:
                caller.require(Permission.MANAGE_ROTAS)
            if instead is not None and not caller.may(Permission.MANAGE_ROTAS):
                # Who goes on leave may not put a colleague on call who has not agreed: that is a swap.
                raise problems.Forbidden(_INSTEAD)
            await service.leave(
                session, person, input.begins, input.until, by=caller.person_id, reason=input.reason,
                instead=instead, adjustment_id=made,
            )  # fmt: skip

        return await _adjust(info, input, make, needs=Permission.VIEW_ROTAS)

    @strawberry.mutation(description="Answer in place of somebody for the rest of a shift that is on.")
    async def take_over_shift(self, info: Info, input: TakeOverShiftInput) -> RotaAdjustmentResult:
        async def make(session: TenantSession, made: UUID) -> None:
            check_place(1, input.reason)
            await service.take_over(
                session, key_of("Shift", input.shift_id), by=info.context.caller.person_id, reason=input.reason,
                adjustment_id=made,
            )  # fmt: skip

        return await _adjust(info, input, make, needs=Permission.VIEW_ROTAS)

    @strawberry.mutation(description="End an adjustment from now on. Your own leave, or as a rota manager any.")
    async def withdraw_rota_adjustment(self, info: Info, input: WithdrawRotaAdjustmentInput) -> RotaAdjustmentResult:
        async def make(session: TenantSession, made: UUID) -> None:
            caller = info.context.caller
            found = await rotas.adjustment(session, made)
            if found.kind != AdjustmentKind.LEAVE or found.person_id != caller.person_id:
                caller.require(Permission.MANAGE_ROTAS)
            await service.withdraw(session, made, by=caller.person_id)

        about = ("RotaAdjustment", input.adjustment_id)
        return await _adjust(info, input, make, needs=Permission.VIEW_ROTAS, about=about)

    @strawberry.mutation(description="Make a rota.")
    async def create_rota(self, info: Info, input: CreateRotaInput) -> ChangeRotaResult:
        async def work(session: TenantSession, rota_id: UUID) -> RotaRow:
            plan, rule = plan_from(input), rule_from(input)
            return await service.create(session, rota_id, plan, rule, by=info.context.caller.person_id)

        return await _rota(info, input, work)

    @strawberry.mutation(description="Set a rota's rule from now on.")
    async def change_rota(self, info: Info, input: ChangeRotaInput) -> ChangeRotaResult:
        async def work(session: TenantSession, rota_id: UUID) -> RotaRow:
            return await service.change_rule(
                session, rota_id, rule_from(input), by=info.context.caller.person_id,
                qualification=input.qualification,
            )  # fmt: skip

        return await _rota(info, input, work, ("Rota", input.rota_id))

    @strawberry.mutation(description="Set what a rota is called, whom it serves and who answers where it has nobody.")
    async def describe_rota(self, info: Info, input: DescribeRotaInput) -> ChangeRotaResult:
        async def work(session: TenantSession, rota_id: UUID) -> RotaRow:
            said = description_from(input)
            return await service.describe(session, rota_id, said, by=info.context.caller.person_id)

        return await _rota(info, input, work, ("Rota", input.rota_id))

    @strawberry.mutation(
        description="End a rota now: its shifts ahead go, and what was before stays. Refused while alerts or another"
        " rota call its role and no other rota has it."
    )
    async def end_rota(self, info: Info, input: EndRotaInput) -> ChangeRotaResult:
        async def work(session: TenantSession, rota_id: UUID) -> RotaRow:
            check_place(1, input.reason)
            called = await ladders.roles_called(session)
            return await service.end(session, rota_id, called, by=info.context.caller.person_id, reason=input.reason)

        return await _rota(info, input, work, ("Rota", input.rota_id))
