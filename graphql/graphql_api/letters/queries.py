"""Templates of letters, previews, and what was issued of a case."""

from typing import Annotated
from uuid import UUID

import strawberry
from sqlmodel import col

from backend.identity.policies import Permission
from backend.kit.problems import NotFound
from backend.letters import library, models, repository, service
from backend.letters.models import Audience as AudienceValue
from backend.letters.service import LetterTold
from backend.letters.sources import About
from graphql_api.cases.running import key_of
from graphql_api.cases.types import log_look
from graphql_api.connections import (
    After,
    Before,
    Connection,
    First,
    Last,
    Order,
    Window,
    connection,
    cursor,
    fetch,
    plain,
)
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.letters.types import Audience, Letter, LetterPreview, LetterTemplate

ABOUT = "The case or the meeting, as the template says."
_ORDER = Order(col(models.IssuedLetter.issued_at), col(models.IssuedLetter.id), newest_first=True)


def told_of(
    template: str, about_id: str, audience: AudienceValue, recipient_id: str | None, invitation_id: str | None,
    recipient_name: str | None,
) -> LetterTold:  # fmt: skip
    """Raises ``NotFound`` for a template or an id that is none."""
    meeting = library.template(template).about is About.MEETING
    return LetterTold(
        template, None if meeting else key_of("Case", about_id), key_of("Meeting", about_id) if meeting else None,
        audience, key_of("Person", recipient_id) if recipient_id else None,
        key_of("MeetingInvitation", invitation_id) if invitation_id else None, recipient_name,
    )  # fmt: skip


@strawberry.type
class LetterQueries:
    @strawberry.field(description="Templates of letters, with the words that the partnership has of its own.")
    async def letter_templates(self, info: Info) -> list[LetterTemplate]:
        async with info.context.db() as session:
            return [
                LetterTemplate.of(one, await repository.own_wordings(session, one.id))
                for one in library.shipped().values()
            ]

    @strawberry.field(
        description="What a letter would say; null where what it is about or its recipient is not there. Logged."
    )
    async def letter_preview(
        self, info: Info,
        template: Annotated[str, strawberry.argument(description="A template's id, such as meeting-invitation.")],
        about_id: Annotated[strawberry.ID, strawberry.argument(description=ABOUT)],
        audience: Annotated[Audience, strawberry.argument(description="For whom the copy is.")]  # type: ignore[valid-type]
        = AudienceValue.CASE,
        recipient_id: Annotated[strawberry.ID | None, strawberry.argument(
            description="To a person with an account here.")] = None,
        invitation_id: Annotated[strawberry.ID | None, strawberry.argument(
            description="To somebody who was asked to the meeting.")] = None,
        recipient_name: Annotated[str | None, strawberry.argument(
            description="To somebody outside; up to 200 characters.")] = None,
    ) -> LetterPreview | None:  # fmt: skip
        name = plain("recipientName", recipient_name) if recipient_name is not None else None
        async with info.context.db() as session:
            try:
                told = told_of(plain("template", template), about_id, AudienceValue(audience), recipient_id,
                               invitation_id, name)  # fmt: skip
                return LetterPreview.of((await service.preview(session, info.context.caller, told)).letter)
            except NotFound:
                return None

    @strawberry.field(description="What was issued of a case, the newest first. Looking is logged.")
    async def letters(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        *, case_id: Annotated[strawberry.ID, strawberry.argument(description="A case's id.")],
    ) -> Connection[Letter]:  # fmt: skip
        info.context.caller.require(Permission.VIEW_DOCUMENTS)
        query = repository.letters(info.context.caller, decode_as("Case", case_id) or UUID(int=0))
        async with info.context.db() as session:
            page = await fetch(session, query, _ORDER, Window(first, after, last, before))
            rows: list[models.IssuedLetter] = [row for (row,) in page.rows]
            for row in rows[:1]:
                await log_look(info, session, row.case_id)
        return connection([(cursor(row.issued_at, row.id), Letter.of(row)) for row in rows], page)
