"""Queries on the directory."""

from typing import Annotated

import strawberry
from sqlalchemy import select
from sqlmodel import col

from backend.identity.policies import Permission
from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed, plain
from graphql_api.context import Info
from graphql_api.directory.types import DirectoryEntry
from tenants.contacts.models import DirectoryEntry as EntryRow


@strawberry.type
class DirectoryQueries:
    @strawberry.field(description="Fixed contacts, desks and endpoints, in the order in which they were entered.")
    async def directory_entries(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        role: Annotated[str | None, strawberry.argument(description="Only those that answer for this.")] = None,
        retired: Annotated[bool, strawberry.argument(description="Those that were retired as well.")] = False,  # noqa: FBT002
    ) -> Connection[DirectoryEntry]:
        caller = info.context.caller
        caller.require(Permission.VIEW_DIRECTORY)
        query = select(EntryRow).where(col(EntryRow.tenant_id) == caller.tenant_id)
        if role is not None:
            query = query.where(col(EntryRow.role) == plain("role", role))
        if not retired:
            query = query.where(col(EntryRow.retired_at).is_(None))
        order = Order(col(EntryRow.created_at), col(EntryRow.id))
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), DirectoryEntry.of)
