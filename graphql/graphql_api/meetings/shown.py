"""What is withheld from whoever asks."""

from uuid import UUID

from backend.meetings.withholding import kept_from
from graphql_api.context import Info


async def kept_from_caller(info: Info, meeting_id: UUID) -> set[UUID]:
    """The items of a meeting that the caller may not read."""
    loaders = info.context.loaders
    invited = await loaders.invitations_of_meeting.load(meeting_id)
    return kept_from(info.context.caller.person_id, invited, await loaders.withholdings_of_meeting.load(meeting_id))
