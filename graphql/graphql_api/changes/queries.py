"""The feed of changes."""

from typing import Annotated

import strawberry

from backend.changes import service
from backend.changes.cursors import Stale
from backend.changes.models import ChangeKind
from backend.kit.problems import Invalid
from graphql_api.changes.sight import shown
from graphql_api.changes.types import Change, Changes, ChangesAnswer, ChangeType, ResyncNeededProblem
from graphql_api.connections import First
from graphql_api.context import Info
from graphql_api.limits import page_size
from graphql_api.problems import as_problem
from graphql_api.scalars import Instant
from graphql_api.throttling import note

Since = Annotated[
    str | None,
    strawberry.argument(description="A cursor you were given. Left out: no changes, and a cursor to begin with."),
]


@strawberry.type
class ChangeQueries:
    @strawberry.field(
        description="What has changed of all that is there for you, and what is there no longer. Nothing is skipped,"
        " in whatever order things were committed; some may be told twice."
    )
    async def changes(
        self, info: Info, since: Since = None,
        types: Annotated[list[ChangeType] | None, strawberry.argument(description="Only these; left out, all.")] = None,  # type: ignore[valid-type]
        first: First = None,
    ) -> ChangesAnswer:  # fmt: skip
        most = page_size(first, None)
        wanted = [ChangeKind(kind) for kind in types] if types is not None else None
        async with info.context.db() as session:
            if since is None:
                now = Instant(await session.now())
                cursor = await service.start(session, info.context.caller)
                return Changes(changes=[], cursor=cursor, more=False, server_time=now)
            try:
                page = await service.page(session, info.context.caller, since, wanted, shown, most=most)
            except Stale as stale:
                cursor = await service.start(session, info.context.caller)
                return ResyncNeededProblem(message=stale.message, cursor=cursor)
            except Invalid as problem:
                return as_problem(problem)
        note(len(page.entries))
        told = [Change.of(entry, page.shown, page.cursor_after(entry)) for entry in page.entries]
        return Changes(changes=told, cursor=page.cursor, more=page.more, server_time=Instant(page.log.now))
