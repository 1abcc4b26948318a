"""Draft, check, approve and withdraw editions."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any, TypeAlias
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.pathways.editions import repository, service
from backend.pathways.models import PathwayEdition as EditionRow
from graphql_api.cases.running import key_of, run
from graphql_api.context import Info
from graphql_api.pathways.editions import PathwayEdition
from graphql_api.problems import ONCE, ConflictProblem, ForbiddenProblem, NotFoundProblem, ValidationProblem

Work: TypeAlias = Callable[[TenantSession, UUID], Awaitable[EditionRow]]


@strawberry.input(description="Write an edition: the national text under an overlay of the partnership's.")
class DraftPathwayEditionInput:
    pathway: str = strawberry.field(description="Code of a pathway whose national text is shipped.")
    overlay_text: str | None = strawberry.field(
        default=None, description="The overlay as YAML; leave out for the national text as it stands."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Check an edition: nothing left open that only the partnership can choose.")
class CheckPathwayEditionInput:
    edition_id: strawberry.ID = strawberry.field(description="A draft.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Put an edition in force. Cases that run stay on theirs.")
class ApprovePathwayEditionInput:
    edition_id: strawberry.ID = strawberry.field(description="A checked edition that somebody else wrote.")
    in_force_from: date = strawberry.field(description="The first day on which a case follows it; today or later.")
    authority: str = strawberry.field(description="Who decided it, and where that is minuted; up to 300 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Let no further case follow an edition. It stays readable.")
class WithdrawPathwayEditionInput:
    edition_id: strawberry.ID = strawberry.field(description="An edition that is not withdrawn.")
    reason: str = strawberry.field(description="Up to 1,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The edition as it is now.")
class PathwayEditionPayload:
    edition: PathwayEdition


PathwayEditionResult = Annotated[
    PathwayEditionPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("PathwayEditionResult", description="The edition, or why it was refused."),
]


async def _changed(
    info: Info, operation: str, needs: Permission, given: Any, result: UUID | Callable[[], UUID], work: Work
) -> PathwayEditionResult:
    async def done(session: TenantSession, edition_id: UUID) -> PathwayEditionPayload:
        return PathwayEditionPayload(edition=PathwayEdition.of(await work(session, edition_id)))

    async def again(session: TenantSession, edition_id: UUID) -> PathwayEditionPayload:
        return PathwayEditionPayload(edition=PathwayEdition.of(await repository.edition(session, edition_id)))

    return await run(info, operation, given, result, done, again, needs=needs)


@strawberry.type
class PathwayEditionMutations:
    @strawberry.mutation(description="Write an edition of a pathway. Faults of the overlay are named by line.")
    async def draft_pathway_edition(self, info: Info, input: DraftPathwayEditionInput) -> PathwayEditionResult:
        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await service.draft(session, info.context.caller, input.pathway, input.overlay_text, edition_id)

        return await _changed(info, "draftPathwayEdition", Permission.DRAFT_PATHWAYS, input, uuid7(), work)

    @strawberry.mutation(description="Check a draft. Choices that are left open are named, and block it.")
    async def check_pathway_edition(self, info: Info, input: CheckPathwayEditionInput) -> PathwayEditionResult:
        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await service.check(session, info.context.caller, edition_id)

        wanted = input.edition_id
        return await _changed(info, "checkPathwayEdition", Permission.DRAFT_PATHWAYS, input,
                              lambda: key_of("PathwayEdition", wanted), work)  # fmt: skip

    @strawberry.mutation(description="Approve a checked edition that somebody else wrote, in force from a day on.")
    async def approve_pathway_edition(self, info: Info, input: ApprovePathwayEditionInput) -> PathwayEditionResult:
        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await service.approve(session, info.context.caller, edition_id, input.in_force_from, input.authority)

        wanted = input.edition_id
        return await _changed(info, "approvePathwayEdition", Permission.APPROVE_PATHWAYS, input,
                              lambda: key_of("PathwayEdition", wanted), work)  # fmt: skip

    @strawberry.mutation(description="Withdraw an edition. It stays readable, and runs that follow it go on.")
    async def withdraw_pathway_edition(self, info: Info, input: WithdrawPathwayEditionInput) -> PathwayEditionResult:
        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await service.withdraw(session, info.context.caller, edition_id, input.reason)

        wanted = input.edition_id
        return await _changed(info, "withdrawPathwayEdition", Permission.APPROVE_PATHWAYS, input,
                              lambda: key_of("PathwayEdition", wanted), work)  # fmt: skip
