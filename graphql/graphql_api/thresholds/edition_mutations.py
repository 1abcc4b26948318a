"""Draft, approve and withdraw threshold documents."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.thresholds import publishing
from graphql_api.context import Info
from graphql_api.problems import ONCE, AnyProblem, mutate
from graphql_api.thresholds.documents import ThresholdEdition
from tenants.thresholds import repository as editions
from tenants.thresholds.models import ThresholdEdition as EditionRow


@strawberry.input(description="Write an edition of a threshold document.")
class DraftThresholdsInput:
    text: str = strawberry.field(description="The whole document as YAML, up to 200,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Put an edition in force. Decisions taken before stand.")
class ApproveThresholdsInput:
    edition_id: strawberry.ID = strawberry.field(description="A draft that somebody else wrote.")
    in_force_from: date = strawberry.field(description="The first day on which people decide by it; today or later.")
    authority: str = strawberry.field(description="Who decided it, and where that is minuted; up to 300 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Let no further decision go by an edition. The approved one before it holds again.")
class WithdrawThresholdsInput:
    edition_id: strawberry.ID = strawberry.field(description="An edition that is not withdrawn.")
    reason: str = strawberry.field(description="Up to 1,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The edition as it is now.")
class ThresholdEditionPayload:
    edition: ThresholdEdition


ThresholdEditionResult = Annotated[
    ThresholdEditionPayload | AnyProblem,
    strawberry.union("ThresholdEditionResult", description="The edition, or why it was refused."),
]


def _payload(row: EditionRow) -> ThresholdEditionPayload:
    return ThresholdEditionPayload(edition=ThresholdEdition.of(row))


@strawberry.type
class ThresholdEditionMutations:
    @strawberry.mutation(description="Write an edition. Every fault is named by its line, with what to do.")
    async def draft_thresholds(self, info: Info, input: DraftThresholdsInput) -> ThresholdEditionResult:
        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await publishing.draft(session, info.context.caller, input.text, edition_id)

        return await mutate(
            info, input, work, again=editions.edition, answer=_payload, needs=Permission.DRAFT_THRESHOLDS
        )

    @strawberry.mutation(description="Approve a draft that somebody else wrote, in force from a day on.")
    async def approve_thresholds(self, info: Info, input: ApproveThresholdsInput) -> ThresholdEditionResult:
        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            caller = info.context.caller
            return await publishing.approve(session, caller, edition_id, input.in_force_from, input.authority)

        return await mutate(
            info, input, work, again=editions.edition, answer=_payload, needs=Permission.APPROVE_THRESHOLDS,
            about=("ThresholdEdition", input.edition_id),
        )  # fmt: skip

    @strawberry.mutation(description="Withdraw an edition. It stays readable, and decisions by it stand.")
    async def withdraw_thresholds(self, info: Info, input: WithdrawThresholdsInput) -> ThresholdEditionResult:
        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await publishing.withdraw(session, info.context.caller, edition_id, input.reason)

        return await mutate(
            info, input, work, again=editions.edition, answer=_payload, needs=Permission.APPROVE_THRESHOLDS,
            about=("ThresholdEdition", input.edition_id),
        )  # fmt: skip
