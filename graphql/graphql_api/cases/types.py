"""The case file."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry
from sqlalchemy import select
from sqlmodel import col

from backend.cases import repository as cases
from backend.cases import service
from backend.cases.access import repository as access
from backend.cases.access.models import BreakGlass
from backend.cases.chronology import repository as recorded
from backend.cases.models import AccessEntry, CaseFile
from backend.cases.models import CaseState as CaseStateValue
from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from graphql_api.alerts.types import Alert
from graphql_api.cases.access import AccessLogEntry, EmergencyAccess, Team
from graphql_api.cases.children import CaseSubject
from graphql_api.cases.chronology import ChronologyItem
from graphql_api.cases.links import CaseLink
from graphql_api.cases.narrowing import ChronologyFilterInput
from graphql_api.cases.people import CasePractitioner, HouseholdMember, Party, Relationship
from graphql_api.cases.timeline import TimelineEntry
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
    listed,
)
from graphql_api.context import Info
from graphql_api.documents.types import Document
from graphql_api.ids import encode
from graphql_api.nodes import Node
from graphql_api.partnerships.people import people_by_id, person_by_id
from graphql_api.partnerships.types import Area, Person
from graphql_api.scalars import Instant

if TYPE_CHECKING:
    from graphql_api.cases.handing import CaseChange
    from graphql_api.child_deaths.types import ChildDeath
    from graphql_api.pathways.types import PathwayRun

CaseState: type[Enum] = strawberry.enum(
    CaseStateValue,
    description="Whether a case is open. VOID: what it was opened for did not come after all, such as a transfer that"
    " was refused; it is kept for the record, and is nobody's work.",
)


@strawberry.type(description="One matter, whatever pathway runs on it.")
class Case(Node):
    id: strawberry.ID
    reference: str
    pathway: str
    state: CaseState  # type: ignore[valid-type]
    opened_at: Instant
    restricted: bool = strawberry.field(description="There for its own list alone, whatever anybody's role.")
    row: strawberry.Private[CaseFile]

    @strawberry.field(description="The area that leads.")
    async def area(self, info: Info) -> Area | None:
        found = await info.context.loaders.area.load(self.row.area_id) if self.row.area_id else None
        return Area.of(found) if found else None

    @strawberry.field(description="Who answers for it, and is told when somebody breaks the glass.")
    def owner(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.owner_id)

    @strawberry.field(description="The team that holds it.")
    async def team(self, info: Info) -> Team | None:
        found = await info.context.loaders.team.load(self.row.team_id) if self.row.team_id else None
        return Team.of(found) if found else None

    @strawberry.field(description="Its own list: people who may see it whatever their roles reach.")
    async def listed_people(self, info: Info) -> list[Person]:
        rows = await info.context.loaders.list_of_case.load(self.row.id)
        return await people_by_id(info, [row.person_id for row in rows])

    @strawberry.field(description="People from whom it is kept, because it is about them.")
    async def kept_from(self, info: Info) -> list[Person]:
        rows = await info.context.loaders.bars_of_case.load(self.row.id)
        return await people_by_id(info, [row.person_id for row in rows])

    @strawberry.field(description="How it was closed, opened again and handed over, first to last.")
    async def changes(self, info: Info) -> list[Annotated["CaseChange", strawberry.lazy("graphql_api.cases.handing")]]:
        from graphql_api.cases.handing import CaseChange  # noqa: PLC0415  # a change is of a case

        return [CaseChange.of(row) for row in await info.context.loaders.changes_of_case.load(self.row.id)]

    @strawberry.field(description="The children it is about, in the order they were added.")
    async def subjects(self, info: Info) -> list[CaseSubject]:
        pairs = await info.context.loaders.subjects_of_case.load(self.row.id)
        return [CaseSubject.of(subject, child) for subject, child in pairs]

    @strawberry.field(description="Who lives, or lived, in the household.")
    async def household(self, info: Info) -> list[HouseholdMember]:
        rows = await info.context.loaders.household_of_case.load(self.row.id)
        found = [await HouseholdMember.shown(info, row) for row in rows]
        return [each for each in found if each is not None]

    @strawberry.field(description="What its people are to each other.")
    async def relationships(self, info: Info) -> list[Relationship]:
        rows = await info.context.loaders.relationships_of_case.load(self.row.id)
        found = [await Relationship.shown(info, row) for row in rows]
        return [each for each in found if each is not None]

    @strawberry.field(description="Whom it concerns beside its subjects.")
    async def parties(self, info: Info) -> list[Party]:
        return [Party.of(row) for row in await info.context.loaders.parties_of_case.load(self.row.id)]

    @strawberry.field(description="Who works, or worked, on it, first to last.")
    async def practitioners(self, info: Info) -> list[CasePractitioner]:
        rows = await info.context.loaders.practitioners_of_case.load(self.row.id)
        return [CasePractitioner.of(row) for row in rows]

    @strawberry.field(description="Its links to cases that are there for you. Looking is logged for each.")
    async def links(self, info: Info) -> list[CaseLink]:
        found = []
        for row in await info.context.loaders.links_of_case.load(self.row.id):
            leads = row.case_id == self.row.id
            other = await case_by_id(info, row.other_id if leads else row.case_id)
            if other is not None:
                found.append(CaseLink.of(row, other, leads=leads))
        return found

    @strawberry.field(description="Its statutory clocks, soonest due first.")
    async def clocks(self, info: Info) -> list[Clock]:
        info.context.caller.require(Permission.VIEW_CLOCKS)
        return [Clock.of(row) for row in await info.context.loaders.clocks_of_case.load(self.row.id)]

    @strawberry.field(description="Pathways that run, or ran, on it, first to last, overlays among them.")
    async def pathway_runs(
        self, info: Info
    ) -> list[Annotated["PathwayRun", strawberry.lazy("graphql_api.pathways.types")]]:
        from graphql_api.pathways.types import runs  # noqa: PLC0415  # a case has runs, a run a case

        return runs(await info.context.loaders.pathway_runs_of_case.load(self.row.id))

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

    @strawberry.field(description="All that was recorded, first to last, alerts and answers included.")
    async def timeline(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[TimelineEntry]:
        info.context.require_step_up()
        entries = cases.timeline(info.context.caller.tenant_id, self.row.id)
        order = Order(entries.c.at, entries.c.id)
        async with info.context.db() as session:
            page = await fetch(session, select(entries), order, Window(first, after, last, before))
        return connection([(cursor(row.at, row.id), TimelineEntry.of(row)) for row in page.rows], page)

    @strawberry.field(description="All that happened, by when it happened, with what practitioners entered by hand.")
    async def chronology(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        filter: Annotated[
            ChronologyFilterInput | None, strawberry.argument(description="Which entries; left out, all.")
        ] = None,
    ) -> Connection[ChronologyItem]:  # fmt: skip
        info.context.require_step_up()
        narrowed = (filter or ChronologyFilterInput()).narrowed()
        query, entries = recorded.chronology(info.context.caller.tenant_id, self.row.id, narrowed)
        order = Order(entries.c.occurred_at, entries.c.id)
        async with info.context.db() as session:
            page = await fetch(session, query, order, Window(first, after, last, before))
        return connection([(cursor(row.occurred_at, row.id), ChronologyItem.of(row)) for row in page.rows], page)

    @strawberry.field(description="Everybody's looks at it, newest first: for its owner and who may read such logs.")
    async def access_log(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[AccessLogEntry]:
        _require_log(info, self.row)
        query = cases.access_log(info.context.caller.tenant_id, self.row.id)
        order = Order(col(AccessEntry.at), col(AccessEntry.id), newest_first=True)
        async with info.context.db() as session:
            await session.flush()  # the caller's own look stands in it too
            return await listed(session, query, order, Window(first, after, last, before), AccessLogEntry.of)

    @strawberry.field(description="Who broke the glass, newest first: for those who may read its access log.")
    async def emergency_accesses(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[EmergencyAccess]:
        _require_log(info, self.row)
        query = access.glass_of_case(info.context.caller.tenant_id, self.row.id)
        order = Order(col(BreakGlass.at), col(BreakGlass.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), EmergencyAccess.of)

    @classmethod
    def of(cls, row: CaseFile) -> "Case":
        return cls(
            id=strawberry.ID(encode("Case", row.id)), reference=row.reference, pathway=row.pathway,
            state=CaseStateValue(row.state), opened_at=Instant(row.opened_at), restricted=row.restricted, row=row,
        )  # fmt: skip


def _require_log(info: Info, case: CaseFile) -> None:
    """Raise ``Forbidden`` unless the caller owns the case or may read access logs; ``StepUpNeeded`` as a history."""
    info.context.require_step_up()
    if case.owner_id != info.context.caller.person_id:
        info.context.caller.require(Permission.VIEW_ACCESS_LOGS)


async def case_by_id(info: Info, case_id: UUID) -> Case | None:
    """The case, after noting the look; None when it is not there for the caller."""
    if not info.context.caller.may(Permission.VIEW_CASES):
        return None
    seen = await info.context.loaders.case.load(case_id)
    if seen is None:
        return None
    if case_id not in info.context.looks:
        async with info.context.db() as session:
            await log_look(info, session, case_id, action=service.action_of(seen.ties))
    return Case.of(seen.case)


async def log_look(info: Info, session: TenantSession, case_id: UUID, *, action: str = "view") -> None:
    """Note that the caller is shown the case, once a request.

    Raises ``StepUpNeeded`` for a restricted one where the sign-in is too old or too weak for it.
    """
    if case_id not in info.context.looks:
        if not info.context.stepped_up and await cases.is_restricted(session, case_id):
            info.context.require_step_up()
        info.context.looks.add(case_id)
        await service.log_access(session, info.context.caller.person_id, "case", case_id, action, case_id=case_id)
