"""Drafts: saved by the server, each its writer's alone."""

from typing import Annotated
from uuid import UUID

import strawberry
from sqlalchemy import false
from sqlmodel import col
from strawberry.scalars import JSON

from backend.cases.drafts import repository, service
from backend.cases.drafts.models import Draft as DraftRow
from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from graphql_api.cases.running import key_of, key_or_none, run
from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed, plain
from graphql_api.context import Info
from graphql_api.ids import decode_as, encode
from graphql_api.problems import (
    ONCE,
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    Problem,
    ValidationProblem,
)
from graphql_api.scalars import Instant


@strawberry.type(description="What you have begun to write into a form. Kept until discarded, or 90 days after a save.")
class Draft:
    id: strawberry.ID
    form: str = strawberry.field(description="Code of the form.")
    case_id: strawberry.ID | None = strawberry.field(description="The case it is about; null for none.")
    content: JSON = strawberry.field(description="As it was saved.")
    version: int = strawberry.field(description="Send it with the next save.")
    saved_at: Instant
    expires_at: Instant = strawberry.field(description="When it is deleted unless it is saved before.")

    @classmethod
    def of(cls, row: DraftRow) -> "Draft":
        return cls(
            id=strawberry.ID(encode("Draft", row.id)), form=row.form, content=JSON(row.content), version=row.version,
            case_id=strawberry.ID(encode("Case", row.case_id)) if row.case_id else None,
            saved_at=Instant(row.saved_at), expires_at=Instant(row.expires_at),
        )  # fmt: skip


@strawberry.input(description="Keep what you have written so far. One draft a form and case.")
class SaveDraftInput:
    form: str = strawberry.field(description="Code of the form, such as initial-assessment.")
    content: JSON = strawberry.field(description="A JSON object of at most 200,000 characters.")
    version: int = strawberry.field(description="The draft's version that you last had; 0 for a new one.")
    case_id: strawberry.ID | None = strawberry.field(default=None, description="The case it is about, if one.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Delete a draft of yours for good.")
class DiscardDraftInput:
    draft_id: strawberry.ID = strawberry.field(description="A draft of yours.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The draft as it was saved.")
class SaveDraftPayload:
    draft: Draft


@strawberry.type(description="The draft was saved from elsewhere since. Nothing is lost: here are both.")
class DraftConflictProblem(Problem):
    stored: Draft = strawberry.field(description="What is stored, with the version to save over.")
    sent: JSON = strawberry.field(description="What you sent, which was not stored.")


@strawberry.type(description="The draft is gone.")
class DiscardDraftPayload:
    draft_id: strawberry.ID


SaveDraftResult = Annotated[
    SaveDraftPayload | DraftConflictProblem | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("SaveDraftResult", description="The draft, both drafts of a conflict, or why it was refused."),
]
DiscardDraftResult = Annotated[
    DiscardDraftPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("DiscardDraftResult", description="That it is gone, or why it was refused."),
]


@strawberry.type
class DraftQueries:
    @strawberry.field(description="Your drafts, the last saved first.")
    async def drafts(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        form: Annotated[str | None, strawberry.argument(description="Only of this form.")] = None,
        case_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only about this case.")] = None,
    ) -> Connection[Draft]:  # fmt: skip
        info.context.caller.require(Permission.VIEW_CASES)
        query = repository.own(info.context.caller)
        if form is not None:
            query = query.where(col(DraftRow.form) == plain("form", form))
        if case_id is not None:
            key = decode_as("Case", case_id)
            query = query.where(col(DraftRow.case_id) == key if key is not None else false())
        order = Order(col(DraftRow.saved_at), col(DraftRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), Draft.of)


@strawberry.type
class DraftMutations:
    @strawberry.mutation(description="Save a draft. It outlives your session and is nobody else's to read.")
    async def save_draft(self, info: Info, input: SaveDraftInput) -> SaveDraftResult:
        caller, content, moved = info.context.caller, input.content, list[Draft]()

        async def work(session: TenantSession, draft_id: UUID) -> SaveDraftPayload:
            case_id = key_or_none("Case", input.case_id)
            try:
                row = await service.save(session, caller, input.form, case_id, content, input.version, draft_id)
            except service.DraftMoved as conflict:
                moved.append(Draft.of(conflict.stored))
                raise
            return SaveDraftPayload(draft=Draft.of(row))

        async def again(session: TenantSession, draft_id: UUID) -> SaveDraftPayload:
            case_id = key_or_none("Case", input.case_id)
            row = await repository.of_form(session, caller.person_id, input.form, case_id)
            return SaveDraftPayload(draft=Draft.of(row or await repository.draft(session, caller, draft_id)))

        answer = await run(info, "saveDraft", input, uuid7(), work, again, needs=Permission.VIEW_CASES)
        if isinstance(answer, ConflictProblem) and moved:
            return DraftConflictProblem(message=answer.message, stored=moved[0], sent=JSON(content))
        return answer

    @strawberry.mutation(description="Delete a draft of yours for good.")
    async def discard_draft(self, info: Info, input: DiscardDraftInput) -> DiscardDraftResult:
        async def work(session: TenantSession, draft_id: UUID) -> DiscardDraftPayload:
            await service.discard(session, info.context.caller, draft_id)
            return DiscardDraftPayload(draft_id=input.draft_id)

        async def again(_session: TenantSession, _draft_id: UUID) -> DiscardDraftPayload:
            return DiscardDraftPayload(draft_id=input.draft_id)

        return await run(
            info, "discardDraft", input, lambda: key_of("Draft", input.draft_id), work, again,
            needs=Permission.VIEW_CASES,
        )  # fmt: skip
