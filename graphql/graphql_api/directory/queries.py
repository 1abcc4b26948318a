"""Queries on the directory."""

from typing import Annotated

import strawberry
from sqlalchemy import select
from sqlmodel import col

from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid
from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed, plain
from graphql_api.context import Info
from graphql_api.directory.services import (
    IN_DANGER,
    CallOption,
    ClosedService,
    DirectoryService,
    WhoToCall,
    visible_to,
)
from graphql_api.directory.types import DirectoryEntry
from graphql_api.ids import decode_as
from graphql_api.scalars import Instant
from notifications.rotas.service import HORIZON
from notifications.who_to_call import service as who
from notifications.who_to_call.service import Question
from tenants.contacts import service_repository as services
from tenants.contacts.models import DirectoryEntry as EntryRow
from tenants.contacts.service_models import DirectoryService as ServiceRow

OLDEST_CHILD = 25


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

    @strawberry.field(
        description="Who is to be called now about a child who lives in an area, of an age, about a topic: with the"
        " reason, and the next fall-back."
    )
    async def who_to_call(
        self, info: Info,
        about: Annotated[str, strawberry.argument(description="A topic; directoryTopics lists them.")],
        area: Annotated[strawberry.ID | None, strawberry.argument(description="Default: any area.")] = None,
        age: Annotated[int | None, strawberry.argument(description="In whole years, 0 to 25, where known.")] = None,
        at: Annotated[Instant | None, strawberry.argument(description="Default: now.")] = None,
    ) -> WhoToCall:  # fmt: skip
        info.context.caller.require(Permission.VIEW_DIRECTORY)
        faults = []
        key = decode_as("Area", area) if area is not None else None
        if area is not None and key is None:
            faults.append(FieldError("area", "must be an area of your partnership"))
        if age is not None and not 0 <= age <= OLDEST_CHILD:
            faults.append(FieldError("age", f"must be 0 to {OLDEST_CHILD}"))
        async with info.context.db() as session:
            if at is not None and at > await session.now() + HORIZON:
                faults.append(
                    FieldError("at", f"rotas are worked out {HORIZON.days} days ahead; ask for an earlier one")
                )
            if faults:
                raise Invalid(faults)
            found = await who.ask(
                session, Question(plain("about", about), key, age, at), visible_to(info.context.caller)
            )
        zone = info.context.partnership.zone
        calls = [CallOption.of(one, zone) for one in found.calls]
        return WhoToCall(
            first=calls[0] if calls else None, next=calls[1:], in_danger=IN_DANGER,
            closed=[ClosedService.of(one, zone) for one in found.closed],
        )  # fmt: skip

    @strawberry.field(description="What services can be asked about.")
    async def directory_topics(self, info: Info) -> list[str]:
        info.context.caller.require(Permission.VIEW_DIRECTORY)
        async with info.context.db() as session:
            return await who.topics(session)

    @strawberry.field(description="Services with how they are reached, in the order in which they were entered.")
    async def directory_services(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        topic: Annotated[str | None, strawberry.argument(description="Only those that answer about this.")] = None,
    ) -> Connection[DirectoryService]:  # fmt: skip
        caller = info.context.caller
        caller.require(Permission.VIEW_DIRECTORY)
        query = services.services(caller.tenant_id).where(col(ServiceRow.visibility).in_(visible_to(caller)))
        if topic is not None:
            query = query.where(col(ServiceRow.topics).contains([plain("topic", topic)]))
        order = Order(col(ServiceRow.created_at), col(ServiceRow.id))
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), DirectoryService.of)
