"""Queries on editions, runs and tasks."""

from typing import Annotated
from uuid import UUID

import strawberry
from sqlmodel import col

from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid, NotFound
from backend.pathways import migrating, repository
from backend.pathways.casework_models import PathwayTask as TaskRow
from backend.pathways.definitions import difference
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.models import PathwayEdition as EditionRow
from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed, plain
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.pathways.editions import EditionState, PathwayDifference, PathwayEdition
from graphql_api.pathways.tasks import PathwayTask, TaskState
from graphql_api.pathways.types import PathwayRun, run_by_id

_NOBODY = UUID(int=0)
Mine = Annotated[bool, strawberry.argument(
    description="Only yours: as owner or deputy and, of those without an owner, of a role you hold or lead in."
)]  # fmt: skip
MyTeam = Annotated[bool, strawberry.argument(description="Only those of your teams' cases and colleagues.")]
Overdue = Annotated[bool, strawberry.argument(description="Only open ones past their limit.")]


@strawberry.type
class PathwayQueries:
    @strawberry.field(
        description="Editions of the partnership's pathways, the newest first, withdrawn ones among them."
    )
    async def pathway_editions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        pathway: Annotated[str | None, strawberry.argument(description="Only of this pathway.")] = None,
        state: Annotated[EditionState | None, strawberry.argument(description="Only in this state.")] = None,  # type: ignore[valid-type]
    ) -> Connection[PathwayEdition]:  # fmt: skip
        info.context.caller.require(Permission.VIEW_PATHWAYS)
        query = editions.editions(info.context.caller.tenant_id)
        if pathway is not None:
            query = query.where(col(EditionRow.pathway) == plain("pathway", pathway))
        if state is not None:
            query = query.where(col(EditionRow.state) == state)
        order = Order(col(EditionRow.made_at), col(EditionRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), PathwayEdition.of)

    @strawberry.field(description="One edition.")
    async def pathway_edition(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="An edition's id.")]
    ) -> PathwayEdition | None:
        info.context.caller.require(Permission.VIEW_PATHWAYS)
        key = decode_as("PathwayEdition", id)
        found = await info.context.loaders.pathway_edition.load(key) if key is not None else None
        return PathwayEdition.of(found) if found else None

    @strawberry.field(description="What differs between two editions; null where one of them is not there.")
    async def pathway_differences(
        self, info: Info, earlier_id: Annotated[strawberry.ID, strawberry.argument(description="The earlier one.")],
        later_id: Annotated[strawberry.ID, strawberry.argument(description="The later one.")],
    ) -> list[PathwayDifference] | None:  # fmt: skip
        info.context.caller.require(Permission.VIEW_PATHWAYS)
        keys = [decode_as("PathwayEdition", each) or _NOBODY for each in (earlier_id, later_id)]
        earlier, later = await info.context.loaders.pathway_edition.load_many(keys)
        if earlier is None or later is None:
            return None
        if earlier.pathway != later.pathway:
            raise Invalid([FieldError("laterId", f"is of {later.pathway}, and the earlier one of {earlier.pathway}")])
        return [PathwayDifference.of(one) for one in difference.differences(effective_of(earlier), effective_of(later))]

    @strawberry.field(description="A run with all that belongs to it. Looking at its case is logged.")
    async def pathway_run(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A run's id.")]
    ) -> PathwayRun | None:
        info.context.caller.require(Permission.VIEW_CASES)
        key = decode_as("PathwayRun", id)
        return await run_by_id(info, key) if key is not None else None

    @strawberry.field(
        description="What would differ for a run under another edition; null for a run that is not there."
    )
    async def pathway_migration(
        self, info: Info, run_id: Annotated[strawberry.ID, strawberry.argument(description="The run.")],
        edition_id: Annotated[strawberry.ID, strawberry.argument(description="The edition to compare with.")],
    ) -> list[PathwayDifference] | None:  # fmt: skip
        info.context.caller.require(Permission.VIEW_CASES)
        run, edition = decode_as("PathwayRun", run_id), decode_as("PathwayEdition", edition_id)
        async with info.context.db() as session:
            try:
                found = await migrating.preview(session, info.context.caller, run or _NOBODY, edition or _NOBODY)
            except NotFound:
                return None
        return [PathwayDifference.of(one) for one in found]

    @strawberry.field(description="Tasks of cases that are there for you, in the order they came.")
    async def tasks(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        mine: Mine = False,  # noqa: FBT002
        my_team: MyTeam = False,  # noqa: FBT002
        overdue: Overdue = False,  # noqa: FBT002
        state: Annotated[TaskState | None, strawberry.argument(description="Only in this state.")] = None,  # type: ignore[valid-type]
    ) -> Connection[PathwayTask]:  # fmt: skip
        info.context.caller.require(Permission.VIEW_CASES)
        caller = info.context.caller
        query = repository.tasks(caller, few=mine)
        if mine:
            query = query.where(repository.mine(caller))
        if my_team:
            query = query.where(repository.of_my_teams(caller))
        if overdue:
            query = query.where(repository.overdue())
        if state is not None:
            query = query.where(repository.in_state(state))
        order = Order(col(TaskRow.created_at), col(TaskRow.id))
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), PathwayTask.of)
