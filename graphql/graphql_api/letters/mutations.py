"""Issue letters; word them locally."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.letters import models, repository, service, wording
from graphql_api.context import Info
from graphql_api.letters.queries import ABOUT, told_of
from graphql_api.letters.types import Audience, Letter, LetterParagraph, Medium
from graphql_api.problems import ONCE, AnyProblem, mutate


@strawberry.input(description="Issue a letter: it becomes a document of the case. Nothing is sent by this.")
class IssueLetterInput:
    template: str = strawberry.field(description="A template's id, such as meeting-invitation.")
    about_id: strawberry.ID = strawberry.field(description=ABOUT)
    audience: Audience = strawberry.field(description="For whom the copy is.")  # type: ignore[valid-type]
    medium: Medium = strawberry.field(  # type: ignore[valid-type]
        default=service.Medium.PDF, description="Default PDF; JSON and CSV for a data set."
    )
    recipient_id: strawberry.ID | None = strawberry.field(
        default=None, description="To a person with an account here, who may see the case."
    )
    invitation_id: strawberry.ID | None = strawberry.field(
        default=None, description="To somebody who was asked to the meeting."
    )
    recipient_name: str | None = strawberry.field(
        default=None, description="To somebody outside; up to 200 characters."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Word a paragraph of letters as the partnership has it.")
class WordLetterInput:
    template: str = strawberry.field(description="A template's id, or any for all of them.")
    paragraph: str = strawberry.field(description="Such as letterhead, footer or opening.")
    text: str = strawberry.field(
        description="Up to 4,000 characters, with fields as {id}; empty for the national wording."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The letter, available as a document of its case.")
class IssueLetterPayload:
    letter: Letter


@strawberry.type(description="The paragraph as it is worded from now on.")
class WordLetterPayload:
    paragraph: LetterParagraph


IssueLetterResult = Annotated[
    IssueLetterPayload | AnyProblem,
    strawberry.union("IssueLetterResult", description="The letter, or what is missing and why it was refused."),
]
WordLetterResult = Annotated[
    WordLetterPayload | AnyProblem,
    strawberry.union("WordLetterResult", description="The paragraph, or why it was refused."),
]


@strawberry.type
class LetterMutations:
    @strawberry.mutation(description="Issue a letter, pack, record or data set from what is recorded.")
    async def issue_letter(self, info: Info, input: IssueLetterInput) -> IssueLetterResult:
        caller = info.context.caller

        async def work(session: TenantSession, letter_id: UUID) -> models.IssuedLetter:
            told = told_of(input.template, input.about_id, models.Audience(input.audience), input.recipient_id,
                           input.invitation_id, input.recipient_name)  # fmt: skip
            return await service.issue(session, caller, told, service.Medium(input.medium), letter_id)

        async def again(session: TenantSession, letter_id: UUID) -> models.IssuedLetter:
            row = await repository.letter(session, letter_id)
            await cases.seen(session, caller, row.case_id, otherwise=repository.NO_LETTER)
            return row

        return await mutate(info, input, work, again=again, needs=Permission.ADD_DOCUMENTS,
                            answer=lambda row: IssueLetterPayload(letter=Letter.of(row)))  # fmt: skip

    @strawberry.mutation(description="Word a paragraph of letters locally. What was issued stays as it was.")
    async def word_letter(self, info: Info, input: WordLetterInput) -> WordLetterResult:
        async def work(session: TenantSession, wording_id: UUID) -> models.LetterWording:
            return await wording.word(
                session, info.context.caller, input.template, input.paragraph, input.text, wording_id
            )

        return await mutate(info, input, work, again=repository.wording, needs=Permission.WRITE_PROCEDURES,
                            answer=lambda row: WordLetterPayload(
                                paragraph=LetterParagraph(id=row.paragraph, text=row.text, own=bool(row.text))
                            ))  # fmt: skip
