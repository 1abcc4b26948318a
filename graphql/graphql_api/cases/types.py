"""The case file and its timeline."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import select
from strawberry.scalars import JSON

from backend.cases import repository as cases
from backend.cases import service
from backend.cases.models import CaseFile
from backend.cases.models import CaseState as CaseStateValue
from backend.identity.policies import Permission
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from graphql_api.alerts.types import Alert
from graphql_api.clocks.types import Clock
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
)
from graphql_api.context import Info
from graphql_api.documents.types import Document
from graphql_api.ids import encode
from graphql_api.partnerships.types import Area, Person
from graphql_api.scalars import Instant

if TYPE_CHECKING:
    from graphql_api.child_deaths.types import ChildDeath

CaseState: type[Enum] = strawberry.enum(CaseStateValue, description="Whether a case is open.")


@strawberry.type(description="Something that happened on a case.")
class TimelineEntry:
    kind: str
    occurred_at: Instant
    recorded_at: Instant
    detail: JSON = strawberry.field(description="Codes and instants; never a child's details.")
    actor_id: strawberry.Private[UUID | None]

    @strawberry.field(description="Who did it; null for the system.")
    async def actor(self, info: Info) -> Person | None:
        found = await info.context.loaders.person.load(self.actor_id) if self.actor_id else None
        return Person.of(found) if found else None

    @classmethod
    def of(cls, row: Any) -> "TimelineEntry":  # a row of a union of two tables
        return cls(
            kind=row.kind, occurred_at=Instant(row.occurred_at), recorded_at=Instant(row.at), detail=JSON(row.detail),
            actor_id=row.actor_id,
        )  # fmt: skip


@strawberry.type(description="One matter, whatever pathway runs on it.")
class Case:
    id: strawberry.ID
    reference: str
    pathway: str
    state: CaseState  # type: ignore[valid-type]
    opened_at: Instant
    row: strawberry.Private[CaseFile]

    @strawberry.field(description="The area that leads.")
    async def area(self, info: Info) -> Area | None:
        found = await info.context.loaders.area.load(self.row.area_id) if self.row.area_id else None
        return Area.of(found) if found else None

    @strawberry.field(description="Its statutory clocks, soonest due first.")
    async def clocks(self, info: Info) -> list[Clock]:
        info.context.caller.require(Permission.VIEW_CLOCKS)
        return [Clock.of(row) for row in await info.context.loaders.clocks_of_case.load(self.row.id)]

    @strawberry.field(description="Alerts about it, newest first.")
    async def alerts(self, info: Info) -> list[Alert]:
        info.context.caller.require(Permission.VIEW_ALERTS)
        return [Alert.of(row) for row in await info.context.loaders.alerts_about.load(self.row.id)]

    @strawberry.field(description="Its documents, newest first.")
    async def documents(self, info: Info) -> list[Document]:
        info.context.caller.require(Permission.VIEW_DOCUMENTS)
        return [Document.of(row) for row in await info.context.loaders.documents_of_case.load(self.row.id)]

    @strawberry.field(description="The death this case is about; null for other pathways. Looking is logged.")
    async def child_death(
        self, info: Info
    ) -> Annotated["ChildDeath", strawberry.lazy("graphql_api.child_deaths.types")] | None:
        from graphql_api.child_deaths.types import shown  # noqa: PLC0415  # a death has a case, a case a death

        info.context.caller.require(Permission.VIEW_CHILD_DEATHS)
        row = await info.context.loaders.death_of_case.load(self.row.id)
        return (await shown(info, [row]))[0] if row else None

    @strawberry.field(description="All that happened, first to last, alerts and answers included.")
    async def timeline(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[TimelineEntry]:
        entries = cases.timeline(info.context.caller.tenant_id, self.row.id)
        async with info.context.db() as session:
            page = await fetch(
                session,
                select(entries),
                Order(entries.c.at, entries.c.id),
                Window(first, after, last, before),
            )
        return connection([(cursor(row.at, row.id), TimelineEntry.of(row)) for row in page.rows], page)

    @classmethod
    def of(cls, row: CaseFile) -> "Case":
        return cls(
            id=strawberry.ID(encode("Case", row.id)), reference=row.reference, pathway=row.pathway,
            state=CaseStateValue(row.state), opened_at=Instant(row.opened_at), row=row,
        )  # fmt: skip


async def case_by_id(info: Info, case_id: UUID) -> Case | None:
    """The case, after noting the look; None when there is none or the caller may not see cases."""
    if not info.context.caller.may(Permission.VIEW_CASES):
        return None
    async with info.context.db() as session:
        try:
            row = await cases.case(session, case_id)
        except NotFound:
            return None
        await log_look(info, session, case_id)
    return Case.of(row)


async def log_look(info: Info, session: TenantSession, case_id: UUID) -> None:
    """Note that the caller is shown the case, once a request."""
    if case_id not in info.context.looks:
        info.context.looks.add(case_id)
        await service.log_access(session, info.context.caller.person_id, "case", case_id, "view")
