"""Queries on meetings."""

from typing import Annotated
from uuid import UUID

import strawberry
from sqlalchemy import Select
from sqlmodel import col

from backend.identity.policies import Permission
from backend.meetings import repository
from backend.meetings.models import Meeting as MeetingRow
from graphql_api.cases.types import log_look
from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, connection, cursor, fetch
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.meetings.types import Meeting, MeetingState, meeting_by_id

_NOTHING = UUID(int=0)
_ORDER = Order(col(MeetingRow.planned_at), col(MeetingRow.id))
State = Annotated[MeetingState | None, strawberry.argument(description="Only in this state.")]  # type: ignore[valid-type]


@strawberry.type
class MeetingQueries:
    @strawberry.field(description="A meeting with all that belongs to it. Looking at its case is logged.")
    async def meeting(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A meeting's id.")]
    ) -> Meeting | None:
        info.context.caller.require(Permission.VIEW_CASES)
        key = decode_as("Meeting", id)
        return await meeting_by_id(info, key) if key is not None else None

    @strawberry.field(description="Meetings of a case, by the instant they are planned for. Looking is logged.")
    async def meetings(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        state: State = None,
        *, case_id: Annotated[strawberry.ID, strawberry.argument(description="A case's id.")],
    ) -> Connection[Meeting]:  # fmt: skip
        info.context.caller.require(Permission.VIEW_CASES)
        key = decode_as("Case", case_id) or _NOTHING
        query = repository.meetings(info.context.caller).where(col(MeetingRow.case_id) == key)
        return await _shown(info, query, Window(first, after, last, before), state)

    @strawberry.field(
        description="Meetings that you chair, are asked to or get the papers of, by their instant. Looking is logged."
    )
    async def my_meetings(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        state: State = None,
    ) -> Connection[Meeting]:  # fmt: skip
        info.context.caller.require(Permission.ATTEND_MEETINGS)
        caller = info.context.caller
        query = repository.meetings(caller).where(repository.mine(caller))
        return await _shown(info, query, Window(first, after, last, before), state)


async def _shown(
    info: Info, query: Select[MeetingRow], window: Window, state: MeetingState | None  # type: ignore[valid-type]
) -> Connection[Meeting]:  # fmt: skip
    if state is not None:
        query = query.where(col(MeetingRow.state) == state)
    async with info.context.db() as session:
        await session.flush()
        page = await fetch(session, query, _ORDER, window)
        rows: list[MeetingRow] = [row for (row,) in page.rows]
        for row in rows:
            await log_look(info, session, row.case_id)
    return connection([(cursor(row.planned_at, row.id), Meeting.of(row)) for row in rows], page)
