"""Keeping the register of children with plans."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.registers.plans import repository, service
from backend.registers.plans.models import Holder as HolderValue
from backend.registers.plans.models import PlanStay as StayRow
from backend.registers.plans.service import CorrectionTold, StayTold
from graphql_api.cases.inputs import CASE
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import ONCE, ConflictProblem, ForbiddenProblem, NotFoundProblem, ValidationProblem, mutate
from graphql_api.registers.plans import PlanHolder, PlanStay

_K = Permission.KEEP_PLAN_REGISTER


@strawberry.input(description="Enter a child with a plan who stays where another authority than the plan's answers.")
class RecordPlanStayInput:
    case_id: strawberry.ID = strawberry.field(description=CASE)
    child_id: strawberry.ID = strawberry.field(description="A subject of the case.")
    area_id: strawberry.ID = strawberry.field(description="The area of ours that it concerns.")
    holder: PlanHolder = strawberry.field(description="Whose plan it is.")  # type: ignore[valid-type]
    authority: str = strawberry.field(description="The other authority, up to 200 characters.")
    temporary: bool = strawberry.field(description="For a time; false while a permanent move is under way.")
    from_on: date = strawberry.field(description="The first day.")
    told_by: str = strawberry.field(description="Who told us, up to 200 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)
    until_on: date | None = strawberry.field(default=None, description="The first day there no more, if it is known.")
    plan_from_on: date | None = strawberry.field(default=None, description="Since when ANOTHER's plan is there.")
    categories: list[str] = strawberry.field(default_factory=list, description="Categories of ANOTHER's plan.")
    key_worker: str | None = strawberry.field(default=None, description="Key worker of ANOTHER's plan.")
    key_worker_telephone: str | None = strawberry.field(default=None, description="Where that key worker is reached.")


@strawberry.input(description="Say on which day a child was there no more.")
class EndPlanStayInput:
    stay_id: strawberry.ID = strawberry.field(description="A stay that has not ended.")
    until_on: date = strawberry.field(description="The first day there no more, today at the latest.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(
    description="Correct what the register says of one child of a case with several: the days of their plan, or that"
    " they have none. It takes the place of an earlier correction."
)
class CorrectPlanEntryInput:
    entry_id: strawberry.ID = strawberry.field(description="An entry of one of our own plans.")
    reason: str = strawberry.field(description="Up to 1,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)
    without_plan: bool = strawberry.field(default=False, description="The plan is not this child's.")
    from_on: date | None = strawberry.field(default=None, description="The day from which the child had the plan.")
    until_on: date | None = strawberry.field(default=None, description="The day on which the child's plan ended.")


@strawberry.type(description="The stay as it is entered.")
class PlanStayPayload:
    stay: PlanStay


@strawberry.type(description="The entry that was corrected.")
class PlanEntryPayload:
    entry_id: strawberry.ID = strawberry.field(description="Read the register again to see it.")


PlanStayResult = Annotated[
    PlanStayPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("PlanStayResult", description="The stay, or why it was refused."),
]
PlanEntryResult = Annotated[
    PlanEntryPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("PlanEntryResult", description="The entry, or why the correction was refused."),
]


@strawberry.type
class PlanRegisterMutations:
    @strawberry.mutation(description="Enter a child's stay in another area than that of the plan.")
    async def record_plan_stay(self, info: Info, input: RecordPlanStayInput) -> PlanStayResult:
        async def work(session: TenantSession, stay_id: UUID) -> StayRow:
            told = StayTold(
                HolderValue(input.holder), input.authority, key_of("Area", input.area_id), input.temporary,
                input.from_on, input.told_by, input.until_on, input.plan_from_on, tuple(input.categories),
                input.key_worker, input.key_worker_telephone,
            )  # fmt: skip
            case_id, child_id = key_of("Case", input.case_id), key_of("Child", input.child_id)
            return await service.record_stay(session, info.context.caller, case_id, child_id, told, stay_id)

        return await mutate(info, input, work, again=_again(info), answer=_shown, needs=_K)

    @strawberry.mutation(description="Enter the end of a stay.")
    async def end_plan_stay(self, info: Info, input: EndPlanStayInput) -> PlanStayResult:
        async def work(session: TenantSession, stay_id: UUID) -> StayRow:
            return await service.end_stay(session, info.context.caller, stay_id, input.until_on)

        return await mutate(
            info, input, work, again=_again(info), answer=_shown, needs=_K, about=("PlanStay", input.stay_id)
        )

    @strawberry.mutation(description="Correct one child's days with a plan.")
    async def correct_plan_entry(self, info: Info, input: CorrectPlanEntryInput) -> PlanEntryResult:
        async def work(session: TenantSession, subject_id: UUID) -> UUID:
            told = CorrectionTold(input.reason, input.without_plan, input.from_on, input.until_on)
            await service.correct_entry(session, info.context.caller, subject_id, told)
            return subject_id

        async def again(session: TenantSession, subject_id: UUID) -> UUID:
            subject = await repository.subject(session, subject_id)
            await cases.seen(session, info.context.caller, subject.case_id, otherwise=repository.NO_ENTRY)
            return subject_id

        def answer(_: UUID) -> PlanEntryPayload:
            return PlanEntryPayload(entry_id=input.entry_id)

        return await mutate(
            info, input, work, again=again, answer=answer, needs=_K, about=("PlanEntry", input.entry_id)
        )


def _shown(row: StayRow) -> PlanStayPayload:
    return PlanStayPayload(stay=PlanStay.of(row))


def _again(info: Info) -> Callable[[TenantSession, UUID], Awaitable[StayRow]]:
    async def again(session: TenantSession, stay_id: UUID) -> StayRow:
        row = await repository.stay(session, stay_id)
        await cases.seen(session, info.context.caller, row.case_id, otherwise=repository.NO_STAY)
        return row

    return again
