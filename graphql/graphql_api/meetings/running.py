"""The one way in which a mutation on a meeting is done, and the problem it has besides those of a run."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.meetings import repository
from backend.meetings.models import MeetingInvitation
from backend.meetings.record_models import MeetingCopy, MeetingMinutes
from backend.meetings.refusals import NotQuorate
from backend.meetings.standing import seen
from graphql_api.cases.running import key_of
from graphql_api.context import Info
from graphql_api.meetings.types import Meeting, meeting_by_id
from graphql_api.pathways.running import PathwayRefusedProblem, change
from graphql_api.problems import (
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    Problem,
    ValidationProblem,
)

Work: TypeAlias = Callable[[TenantSession, UUID], Awaitable[object]]
_MODELS: Final[dict[str, type[MeetingInvitation] | type[MeetingMinutes] | type[MeetingCopy]]] = {
    "MeetingInvitation": MeetingInvitation, "MeetingMinutes": MeetingMinutes, "MeetingCopy": MeetingCopy,
}  # fmt: skip


@strawberry.type(description="Too few agencies were there. Say why it was held all the same, or adjourn it.")
class MeetingNotQuorateProblem(Problem):
    present: list[str] = strawberry.field(description="Codes of the agencies that were there.")
    missing: list[str] = strawberry.field(description="Codes of those that have to be and were not.")
    wanted: int | None = strawberry.field(description="How many agencies there have to be.")


@strawberry.type(description="The meeting as it is now.")
class MeetingPayload:
    key: strawberry.Private[UUID]

    @strawberry.field(description="With the version for the next change. Looking at its case is logged.")
    async def meeting(self, info: Info) -> Meeting | None:
        return await meeting_by_id(info, self.key)


MeetingResult = Annotated[
    MeetingPayload | MeetingNotQuorateProblem | PathwayRefusedProblem | ValidationProblem | NotFoundProblem
    | ForbiddenProblem | ConflictProblem,
    strawberry.union("MeetingResult", description="The meeting, or why it was refused."),
]  # fmt: skip


async def on_new(info: Info, operation: str, given: Any, work: Work) -> MeetingResult:
    """Do ``work``, which makes a meeting of the id that it is given."""
    return await _on(info, operation, given, uuid7(), "Meeting", work, Permission.HOLD_MEETINGS)


async def on(
    info: Info, operation: str, given: Any, kind: str, given_id: str, work: Work,
    needs: Permission = Permission.HOLD_MEETINGS,
) -> MeetingResult:  # fmt: skip
    """Do ``work`` on a meeting, or on what of it the id of ``kind`` names, and give the meeting as it is then."""
    return await _on(info, operation, given, lambda: key_of(kind, given_id), kind, work, needs)


async def _on(
    info: Info, operation: str, given: Any, result: UUID | Callable[[], UUID], kind: str, work: Work,
    needs: Permission,
) -> MeetingResult:  # fmt: skip
    short: list[NotQuorate] = []

    async def done(session: TenantSession, key: UUID) -> MeetingPayload:
        try:
            await work(session, key)
        except NotQuorate as refused:
            short.append(refused)
            raise
        return MeetingPayload(key=await _meeting_of(session, kind, key))

    async def again(session: TenantSession, key: UUID) -> MeetingPayload:
        row = await seen(session, info.context.caller, await _meeting_of(session, kind, key))
        return MeetingPayload(key=row.id)

    answer = await change(info, operation, given, result, done, again, needs=needs)
    if short and isinstance(answer, ConflictProblem):
        found = short[0].found
        return MeetingNotQuorateProblem(
            message=short[0].message, present=list(found.present), missing=list(found.missing), wanted=found.wanted
        )
    return answer


async def _meeting_of(session: TenantSession, kind: str, key: UUID) -> UUID:
    """The meeting that something belongs to. Raises ``NotFound``."""
    if kind == "Meeting":
        return key
    row: MeetingInvitation | MeetingMinutes | MeetingCopy = await repository.row(session, _MODELS[kind], key)
    return row.meeting_id
