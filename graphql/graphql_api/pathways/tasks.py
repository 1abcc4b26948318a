"""Tasks: what somebody owes in a run."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from backend.clocks.limits import Force as ForceValue
from backend.pathways.casework_models import PathwayTask as TaskRow
from backend.pathways.casework_models import TaskKind as TaskKindValue
from backend.pathways.casework_models import TaskState as TaskStateValue
from graphql_api.clocks.types import Force
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.pathways.provisions import BINDING, OnDay, binding_of
from graphql_api.procedures.types import ProcedureProvision
from graphql_api.scalars import Instant

if TYPE_CHECKING:
    from graphql_api.cases.types import Case
    from graphql_api.pathways.types import PathwayRun

TaskKind: type[Enum] = strawberry.enum(
    TaskKindValue,
    name="PathwayTaskKind",
    description="A duty, a notification to give or to read, minutes to circulate, or an action of a meeting.",
)
TaskState: type[Enum] = strawberry.enum(
    TaskStateValue, name="PathwayTaskState",
    description="NOT_DONE was left undone, with the reason; LAPSED is no longer asked for.",
)  # fmt: skip

# What of the definition a task of each kind stands for.
_PARTS: Final = {
    TaskKindValue.OBLIGATION: "obligation", TaskKindValue.NOTIFICATION: "notification",
    TaskKindValue.MINUTES: "meeting", TaskKindValue.ACTION: "meeting",
}  # fmt: skip


@strawberry.type(description="What somebody owes in a run of a pathway.")
class PathwayTask:
    id: strawberry.ID
    kind: TaskKind  # type: ignore[valid-type]
    code: str = strawberry.field(description="The obligation, notification or meeting of the definition.")
    text: str
    stage: str | None
    role: str = strawberry.field(description="Whose it is.")
    force: Force  # type: ignore[valid-type]
    citation: str
    due_at: Instant | None = strawberry.field(
        description="The earliest limit of its clocks, or what a meeting agreed; null where none runs."
    )
    state: TaskState  # type: ignore[valid-type]
    evidence: str | None = strawberry.field(description="What shows that it was done.")
    reason: str | None = strawberry.field(description="Why it did not apply, was not done, or lapsed.")
    version: int = strawberry.field(description="Send it with a change.")
    created_at: Instant
    settled_at: Instant | None
    row: strawberry.Private[TaskRow]

    @strawberry.field(description="Null until somebody on the case holds the role; then the stage's lead gives it.")
    def owner(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.owner_id)

    @strawberry.field(description="Who stands in for the owner.")
    def deputy(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.deputy_id)

    @strawberry.field(description="Who settled it.")
    def settled_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.settled_by)

    @strawberry.field(description=BINDING)
    async def provisions(self, info: Info, on: OnDay = None) -> list[ProcedureProvision]:
        kind = _PARTS[self.row.kind]
        return await binding_of(info, self.row.run_id, kind, self.row.code, self.row.settled_at, on, self.row.citation)

    @strawberry.field(description="The case it is owed in. Looking is logged.")
    async def case(self, info: Info) -> Annotated["Case", strawberry.lazy("graphql_api.cases.types")] | None:
        from graphql_api.cases.types import case_by_id  # noqa: PLC0415  # a case has runs, a run tasks

        return await case_by_id(info, self.row.case_id)

    @strawberry.field(description="The run it is owed in. Looking is logged.")
    async def run(self, info: Info) -> Annotated["PathwayRun", strawberry.lazy("graphql_api.pathways.types")] | None:
        from graphql_api.pathways.types import run_by_id  # noqa: PLC0415  # a run has tasks, a task a run

        return await run_by_id(info, self.row.run_id)

    @classmethod
    def of(cls, row: TaskRow) -> "PathwayTask":
        return cls(
            id=strawberry.ID(encode("PathwayTask", row.id)), kind=TaskKindValue(row.kind), code=row.code,
            text=row.text, stage=row.stage, role=row.role, force=ForceValue(row.force), citation=row.citation,
            due_at=Instant(row.due_at) if row.due_at else None, state=TaskStateValue(row.state),
            evidence=row.evidence, reason=row.reason, version=row.version, created_at=Instant(row.created_at),
            settled_at=Instant(row.settled_at) if row.settled_at else None, row=row,
        )  # fmt: skip
