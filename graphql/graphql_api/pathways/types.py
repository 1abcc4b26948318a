"""A run of a pathway on a case: where it stands, what is open to it, and all that was recorded in it."""

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from backend.pathways.clock_gates import shut
from backend.pathways.course import Course, course_of, is_asked_here
from backend.pathways.definitions.definition import Definition
from backend.pathways.editions.stored import effective_of
from backend.pathways.gates import holding, is_asked, is_signed
from backend.pathways.models import PathwayRun as RunRow
from backend.pathways.models import RunState as RunStateValue
from backend.pathways.overlaying import bindings
from backend.pathways.standing import roles_of, step_of
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.nodes import Node
from graphql_api.pathways.disagreements import PathwayDisagreement
from graphql_api.pathways.editions import PathwayEdition
from graphql_api.pathways.records import (
    PathwayAction,
    PathwayDecision,
    PathwayDeparture,
    PathwayEvent,
    PathwayForm,
    PathwayNotice,
    PathwayOverlay,
    PathwaySignOff,
    hidden_items,
)
from graphql_api.pathways.standing import (
    PathwayGate,
    PathwayProhibition,
    PathwayQuestion,
    PathwaySignOffAsked,
    PathwayStage,
)
from graphql_api.pathways.tasks import PathwayTask
from graphql_api.scalars import Instant

if TYPE_CHECKING:
    from graphql_api.cases.types import Case

RunState: type[Enum] = strawberry.enum(RunStateValue, name="PathwayRunState", description="Whether a run is open.")


@strawberry.type(description="A case on its way through one pathway, pinned to an edition.")
class PathwayRun(Node):
    id: strawberry.ID
    pathway: str
    kind: str
    state: RunState  # type: ignore[valid-type]
    stage: str | None
    variant: str | None
    version: int = strawberry.field(description="Counts the actions. Send it with the next.")
    criteria: list[str] = strawberry.field(description="Those that were found to be met when it was opened.")
    entry_reason: str | None
    opened_at: Instant
    closed_at: Instant | None
    row: strawberry.Private[RunRow]

    @strawberry.field(description="The text it follows until somebody migrates it.")
    async def edition(self, info: Info) -> PathwayEdition:
        return PathwayEdition.of(await _edition(info, self.row))

    @strawberry.field(description="The case. Looking is logged.")
    async def case(self, info: Info) -> Annotated["Case", strawberry.lazy("graphql_api.cases.types")] | None:
        from graphql_api.cases.types import case_by_id  # noqa: PLC0415  # a case has runs, a run a case

        return await case_by_id(info, self.row.case_id)

    @strawberry.field(description="The disagreement that it is there to settle, if it is.")
    async def settles(self, info: Info) -> PathwayDisagreement | None:
        found = await info.context.loaders.disagreement_settled_in.load(self.row.id)
        return PathwayDisagreement.of(found) if found else None

    @strawberry.field(description="How often its work was begun, from 1: core groups and panels meet again and again.")
    async def round(self, info: Info) -> int:
        return (await _stand(info, self.row))[1].round

    @strawberry.field(description="The stages of its edition, in order.")
    async def stages(self, info: Info) -> list[PathwayStage]:
        definition, course = await _stand(info, self.row)
        return [PathwayStage.of(stage, course, self.row) for stage in definition.stages]

    @strawberry.field(
        description="The gates of its edition, with what each waits for, and those of its clocks: what has to happen,"
        " or which date has to be agreed, before an event or a stage."
    )
    async def gates(self, info: Info) -> list[PathwayGate]:
        definition, course = await _stand(info, self.row)
        gates = [PathwayGate.of(gate, definition, course, self.row) for gate in definition.gates]
        if not (held := holding(definition)):
            return gates
        edition = await _edition(info, self.row)
        async with info.context.db() as session:
            still = await shut(session, self.row, effective_of(edition), course)
        return gates + [
            PathwayGate.of_clock(one, definition, course, self.row, is_shut=one.id in still) for one in held
        ]

    @strawberry.field(description="The questions that can be decided where it stands.")
    async def questions(self, info: Info) -> list[PathwayQuestion]:
        definition, course = await _stand(info, self.row)
        here = {course.stage, *(stage.id for stage in definition.stages if stage.throughout)}
        if course.closed or course.pending is not None:
            return []
        return [
            PathwayQuestion.of(one, self.row)
            for one in definition.decisions
            if one.id in course.reopened or (one.stage in here and is_asked_here(one, course))
        ]

    @strawberry.field(description="The sign-offs of its edition.")
    async def sign_offs_asked(self, info: Info) -> list[PathwaySignOffAsked]:
        definition, course = await _stand(info, self.row)
        return [
            PathwaySignOffAsked(code=one.id, text=one.text, roles=list(one.roles), own_work=one.own_work,
                                given=is_signed(one, course), asked=is_asked(one, course))
            for one in definition.sign_offs
        ]  # fmt: skip

    @strawberry.field(description="The decision that waits for its authority. Nothing else moves until it is answered.")
    async def pending_decision(self, info: Info) -> PathwayDecision | None:
        rows = await info.context.loaders.decisions_of_run.load(self.row.id)
        return next((PathwayDecision.of(row) for row in rows if row.action_id == self.row.pending_id), None)

    @strawberry.field(description="What is owed in it, in the order it came.")
    async def tasks(self, info: Info) -> list[PathwayTask]:
        return [PathwayTask.of(row) for row in await info.context.loaders.tasks_of_run.load(self.row.id)]

    @strawberry.field(description="Decisions, first to last.")
    async def decisions(self, info: Info) -> list[PathwayDecision]:
        return [PathwayDecision.of(row) for row in await info.context.loaders.decisions_of_run.load(self.row.id)]

    @strawberry.field(description="Events as they were recorded, corrections among them.")
    async def events(self, info: Info) -> list[PathwayEvent]:
        return [PathwayEvent.of(row) for row in await info.context.loaders.events_of_run.load(self.row.id)]

    @strawberry.field(description="Every step, first to last.")
    async def actions(self, info: Info) -> list[PathwayAction]:
        rows = await info.context.loaders.actions_of_run.load(self.row.id)
        return [PathwayAction.of(row) for row in sorted(rows, key=lambda row: row.version)]

    @strawberry.field(description="Forms as they were completed. Items that a mask keeps from you are left out.")
    async def forms(self, info: Info) -> list[PathwayForm]:
        definition, _ = await _stand(info, self.row)
        working = await info.context.loaders.practitioners_of_case.load(self.row.case_id)
        roles = roles_of(info.context.caller, [row for row in working if row.to_at is None])
        made = await info.context.loaders.forms_of_run.load(self.row.id)
        told = {item: answer for row in made for item, answer in row.answers.items()}
        hidden = hidden_items(definition, info.context.caller, roles, told)
        return [PathwayForm.of(row, hidden) for row in made]

    @strawberry.field(description="Notifications that were given.")
    async def notices(self, info: Info) -> list[PathwayNotice]:
        return [PathwayNotice.of(row) for row in await info.context.loaders.notices_of_run.load(self.row.id)]

    @strawberry.field(description="Approvals by name.")
    async def sign_offs(self, info: Info) -> list[PathwaySignOff]:
        return [PathwaySignOff.of(row) for row in await info.context.loaders.sign_offs_of_run.load(self.row.id)]

    @strawberry.field(description="Departures from the procedure.")
    async def departures(self, info: Info) -> list[PathwayDeparture]:
        return [PathwayDeparture.of(row) for row in await info.context.loaders.departures_of_run.load(self.row.id)]

    @strawberry.field(description="Overlays laid over it, detached ones among them.")
    async def overlays(self, info: Info) -> list[PathwayOverlay]:
        return [PathwayOverlay.of(row) for row in await info.context.loaders.overlays_of_run.load(self.row.id)]

    @strawberry.field(description="What the open runs of the case forbid or restrict together.")
    async def prohibitions(self, info: Info) -> list[PathwayProhibition]:
        async with info.context.db() as session:
            return [PathwayProhibition.of(one) for one in await bindings(session, self.row.case_id)]

    @classmethod
    def of(cls, row: RunRow) -> "PathwayRun":
        return cls(
            id=strawberry.ID(encode("PathwayRun", row.id)), pathway=row.pathway, kind=row.kind,
            state=RunStateValue(row.state), stage=row.stage, variant=row.variant, version=row.version,
            criteria=list(row.entry.get("criteria", [])), entry_reason=row.entry.get("reason"),
            opened_at=Instant(row.opened_at), closed_at=Instant(row.closed_at) if row.closed_at else None, row=row,
        )  # fmt: skip


async def run_by_id(info: Info, run_id: UUID) -> PathwayRun | None:
    """The run, after noting the look at its case; None when the case is not there for the caller."""
    from graphql_api.cases.types import case_by_id  # noqa: PLC0415  # a case has runs, a run a case

    row = await info.context.loaders.pathway_run.load(run_id)
    if row is None or await case_by_id(info, row.case_id) is None:
        return None
    return PathwayRun.of(row)


def runs(rows: Iterable[RunRow]) -> list[PathwayRun]:
    return [PathwayRun.of(row) for row in rows]


async def _edition(info: Info, row: RunRow) -> Any:  # never None: the run has a foreign key on it
    return await info.context.loaders.pathway_edition.load(row.edition_id)


async def _stand(info: Info, row: RunRow) -> tuple[Definition, Course]:
    edition = await _edition(info, row)
    taken = await info.context.loaders.actions_of_run.load(row.id)
    return effective_of(edition).definition, course_of(
        step_of(one) for one in sorted(taken, key=lambda one: one.version)
    )
