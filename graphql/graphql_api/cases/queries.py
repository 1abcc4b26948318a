"""Queries on cases and children. Each look is logged."""

from typing import Annotated
from uuid import uuid4

import strawberry
from sqlalchemy import Select, false, or_, select
from sqlmodel import col

from backend.cases import repository as files
from backend.cases import service
from backend.cases.access import repository as access
from backend.cases.children import repository as children
from backend.cases.models import CaseFile
from backend.cases.models import CaseState as CaseStateValue
from backend.identity.policies import Permission
from backend.kit.ids import quoted
from backend.kit.problems import FieldError, Invalid
from backend.kit.texts import text_fault
from graphql_api.cases.access import Team
from graphql_api.cases.children import Child
from graphql_api.cases.types import Case, CaseState, log_look
from graphql_api.cases.types import case_by_id as found_case
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

_LEAST_SEARCHED = 2
_ORDER = Order(col(CaseFile.opened_at), col(CaseFile.id), newest_first=True)


@strawberry.type
class CaseQueries:
    @strawberry.field(description="One case with all that belongs to it. Looking is logged.")
    async def case(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="A case's id.")],  # its name in the API
    ) -> Case | None:
        info.context.caller.require(Permission.VIEW_CASES)
        key = decode_as("Case", id)
        return await found_case(info, key) if key is not None else None

    @strawberry.field(description="Cases that are there for you, newest first. Looking is logged for each one shown.")
    async def cases(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        pathway: Annotated[str | None, strawberry.argument(description="Only on this pathway.")] = None,
        state: Annotated[
            CaseState | None,  # type: ignore[valid-type]
            strawberry.argument(description="Only in this state. Void ones are listed by it alone."),
        ] = None,
        area_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only led by this area.")] = None,
        mine: Annotated[bool, strawberry.argument(description="Only those you opened, own or work on.")] = False,  # noqa: FBT002
        my_team: Annotated[bool, strawberry.argument(description="Only those a team of yours holds.")] = False,  # noqa: FBT002
        without_owner: Annotated[  # noqa: FBT002
            bool, strawberry.argument(description="Only open ones that nobody answers for, or somebody who has left.")
        ] = False,
    ) -> Connection[Case]:  # fmt: skip
        info.context.caller.require(Permission.VIEW_CASES)
        person_id, query = info.context.caller.person_id, _in_sight(info)
        if pathway is not None:
            query = query.where(col(CaseFile.pathway) == plain("pathway", pathway))
        query = query.where(col(CaseFile.state) == state if state else col(CaseFile.state) != CaseStateValue.VOID)
        if area_id is not None:
            key = decode_as("Area", area_id)
            query = query.where(col(CaseFile.area_id) == key if key is not None else false())
        if mine:
            query = query.where(access.own_of(person_id))
        if my_team:
            query = query.where(access.of_teams_of(person_id))
        if without_owner:
            query = query.where(files.ownerless())
        return await _shown(info, query, Window(first, after, last, before), "view")

    @strawberry.field(
        description="Cases by a reference, an NHS number or the beginnings of a child's names, newest first."
        " Searching is logged, as is each case it shows."
    )
    async def search_cases(
        self, info: Info,
        first: First = None, after: After = None, last: Last = None, before: Before = None,
        *, text: Annotated[str, strawberry.argument(description="2 to 100 characters, such as 7F3K-2Q9D.")],
    ) -> Connection[Case]:  # fmt: skip
        info.context.caller.require(Permission.VIEW_CASES)
        if fault := text_fault("text", text, 100):
            raise Invalid([fault])
        wanted = text.strip()
        if len(wanted) < _LEAST_SEARCHED:
            raise Invalid([FieldError("text", f"must be at least {_LEAST_SEARCHED} characters")])
        by_reference = col(CaseFile.reference) == quoted(wanted)
        query = _in_sight(info).where(or_(by_reference, col(CaseFile.id).in_(children.named(wanted))))
        async with info.context.db() as session:
            # What was asked for is personal data, and is not kept; that somebody asked is.
            await service.log_access(session, info.context.caller.person_id, "search", uuid4(), "search")
        return await _shown(info, query, Window(first, after, last, before), "search")

    @strawberry.field(description="One child of a case that is there for you. Looking is logged.")
    async def child(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A child's id.")]
    ) -> Child | None:
        info.context.caller.require(Permission.VIEW_CASES)
        key = decode_as("Child", id)
        row = await info.context.loaders.child.load(key) if key is not None else None
        if row is None:
            return None
        async with info.context.db() as session:
            for case_id in await children.case_ids(session, row.id):
                person_id = info.context.caller.person_id
                await service.log_access(session, person_id, "child", row.id, "view", case_id=case_id)
        return Child.of(row)

    @strawberry.field(description="The partnership's teams, by name.")
    async def teams(self, info: Info) -> list[Team]:
        info.context.caller.require(Permission.VIEW_CASES)
        async with info.context.db() as session:
            return [Team.of(row) for row in await access.every_team(session)]


def _in_sight(info: Info) -> Select[CaseFile]:
    """The cases that are there for the caller."""
    caller = info.context.caller
    return select(CaseFile).where(col(CaseFile.tenant_id) == caller.tenant_id, access.visible(caller))


async def _shown(info: Info, query: Select[CaseFile], window: Window, action: str) -> Connection[Case]:
    async with info.context.db() as session:
        await session.flush()
        page = await fetch(session, query, _ORDER, window)
        rows = [row for (row,) in page.rows]
        for row in rows:
            await log_look(info, session, row.id, action=action)
    return connection([(cursor(row.opened_at, row.id), Case.of(row)) for row in rows], page)
