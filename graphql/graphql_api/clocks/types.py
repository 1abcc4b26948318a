"""The statutory clock."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from backend.clocks.limits import Force as ForceValue
from backend.clocks.models import Clock as ClockRow
from backend.clocks.models import ClockState as ClockStateValue
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant

if TYPE_CHECKING:
    from graphql_api.cases.types import Case

ClockState: type[Enum] = strawberry.enum(ClockStateValue, description="Whether the duty is owed, done or late.")
Force: type[Enum] = strawberry.enum(ForceValue, description="The modal verb that governs the time.")


@strawberry.type(description="A duty with a time limit, and the authority for it.")
class Clock:
    id: strawberry.ID
    definition: str
    title: str
    state: ClockState  # type: ignore[valid-type]
    force: Force  # type: ignore[valid-type]
    citation: str
    origin: str = strawberry.field(description="baseline for the national figure, local for the partnership's own.")
    limit: str = strawberry.field(
        description="The limit in words, such as 12 hours; the source's word where it has no figure."
    )
    owner_role: str
    start_event: str
    start_inferred: bool = strawberry.field(description="True where no source prints what the time runs from.")
    started_at: Instant
    due_at: Instant = strawberry.field(
        description="The first moment that is too late for days, the last that is in time for hours."
    )
    breached_at: Instant | None
    met_at: Instant | None
    row: strawberry.Private[ClockRow]

    @strawberry.field(description="Who recorded that it was done.")
    async def met_by(self, info: Info) -> Person | None:
        found = await info.context.loaders.person.load(self.row.met_by) if self.row.met_by else None
        return Person.of(found) if found else None

    @strawberry.field(description="The case it runs on.")
    async def case(self, info: Info) -> Annotated["Case", strawberry.lazy("graphql_api.cases.types")] | None:
        from graphql_api.cases.types import case_by_id  # noqa: PLC0415  # a case has clocks, a clock a case

        return await case_by_id(info, self.row.case_id)

    @classmethod
    def of(cls, row: ClockRow) -> "Clock":
        rule = row.rule
        return cls(
            id=strawberry.ID(encode("Clock", row.id)), definition=row.definition, title=row.title,
            state=ClockStateValue(row.state), force=ForceValue(row.force), citation=row.citation,
            origin=rule["origin"], limit=rule["wording"] or f"{rule['value']} {rule['unit'].replace('_', ' ')}",
            owner_role=row.owner_role, start_event=row.start_event, start_inferred=rule["start_inferred"],
            started_at=Instant(row.started_at), due_at=Instant(row.due_at),
            breached_at=Instant(row.breached_at) if row.breached_at else None,
            met_at=Instant(row.met_at) if row.met_at else None, row=row,
        )  # fmt: skip
