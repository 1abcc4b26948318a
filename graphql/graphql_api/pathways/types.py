"""A run of a pathway on a case: where it stands, what is open to it, and all that was recorded in it."""

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from backend.pathways.course import Course, course_of
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.steps import Decision, Gate, Stage
from backend.pathways.editions.stored import effective_of
from backend.pathways.gates import is_asked, is_signed, missing_of_gate
from backend.pathways.models import PathwayRun as RunRow
from backend.pathways.models import RunState as RunStateValue
from backend.pathways.overlaying import Binding, bindings
from backend.pathways.standing import roles_of, step_of
from graphql_api.context import Info
from graphql_api.ids import encode
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
from graphql_api.pathways.tasks import PathwayTask
from graphql_api.scalars import Instant

if TYPE_CHECKING:
    from graphql_api.cases.types import Case

RunState: type[Enum] = strawberry.enum(RunStateValue, name="PathwayRunState", description="Whether a run is open.")


@strawberry.type(description="A stage of a pathway, as the run stands to it.")
class PathwayStage:
    code: str
    title: str
    guidance: str | None
    lead: str = strawberry.field(description="The role that answers for it.")
    actors: list[str] = strawberry.field(description="Roles that may act in it besides.")
    leads_to: list[str] = strawberry.field(description="Where the run may go from it without a decision.")
    throughout: bool = strawberry.field(description="It runs beside the others for as long as the run is open.")
    ends: bool = strawberry.field(description="The run may be closed in it.")
    current: bool
    visited: bool

    @classmethod
    def of(cls, stage: Stage, course: Course) -> "PathwayStage":
        return cls(
            code=stage.id, title=stage.title, guidance=stage.guidance, lead=stage.lead, actors=list(stage.actors),
            leads_to=list(stage.leads_to), throughout=stage.throughout, ends=stage.ends,
            current=not course.closed and (stage.id == course.stage or stage.throughout),
            visited=stage.id in course.visited or (stage.throughout and course.started),
        )  # fmt: skip


@strawberry.type(description="What has to be there before a run goes on.")
class PathwayGate:
    code: str
    text: str
    before: str = strawberry.field(description="What may not be done until then.")
    effect: str = strawberry.field(description="block refuses, warn asks for a reason.")
    unless: str | None
    authority: str | None = strawberry.field(description="The role that may open it with reasons.")
    citation: str
    missing: list[str] = strawberry.field(description="What it waits for, as kind and code; empty when it is open.")
    opened_without: bool = strawberry.field(description="It was opened without what it asks for.")

    @classmethod
    def of(cls, gate: Gate, definition: Definition, course: Course) -> "PathwayGate":
        return cls(
            code=gate.id, text=gate.text, before=gate.before, effect=gate.effect, unless=gate.unless,
            authority=gate.authority, citation=gate.citation, missing=list(missing_of_gate(gate, definition, course)),
            opened_without=gate.id in course.gates,
        )  # fmt: skip


@strawberry.type(description="One answer to a question.")
class PathwayOption:
    code: str
    text: str
    when: str | None
    goes_to: str | None
    opens: list[str]
    closes: bool
    authority: str | None = strawberry.field(description="The role that has to agree.")


@strawberry.type(description="A question that can be decided in the run as it stands.")
class PathwayQuestion:
    code: str
    question: str
    deciders: list[str]
    consulted: list[str]
    several: bool = strawberry.field(description="More than one answer may be chosen.")
    authority: str | None = strawberry.field(description="The role that has to approve whatever is decided.")
    citation: str
    options: list[PathwayOption]

    @classmethod
    def of(cls, one: Decision) -> "PathwayQuestion":
        return cls(
            code=one.id, question=one.question, deciders=list(one.deciders), consulted=list(one.consulted),
            several=one.several, authority=one.authority, citation=one.citation,
            options=[
                PathwayOption(code=option.id, text=option.text, when=option.when, goes_to=option.goes_to,
                              opens=list(option.opens), closes=option.closes, authority=option.authority)
                for option in one.options
            ],
        )  # fmt: skip


@strawberry.type(description="A sign-off of the definition, and whether it is given.")
class PathwaySignOffAsked:
    code: str
    text: str
    roles: list[str]
    own_work: bool = strawberry.field(description="One's own work may be signed.")
    given: bool
    asked: bool = strawberry.field(description="It is wanted in this run: some are only after certain answers.")


@strawberry.type(description="What may not be done on the case. Of two rules on one act the strictest is shown.")
class PathwayProhibition:
    code: str
    permission: str = strawberry.field(description="forbidden, restricted or allowed.")
    text: str
    roles: list[str] = strawberry.field(description="Whom it binds; without any, everybody.")
    only_if: str | None
    authority: str | None
    citation: str
    pathway: str = strawberry.field(description="The pathway or overlay that brings it.")
    overrules: list[str] = strawberry.field(
        description="Pathways and overlays of the case whose laxer word it overrules."
    )

    @classmethod
    def of(cls, one: Binding) -> "PathwayProhibition":
        rule = one.prohibition
        return cls(
            code=rule.id, permission=rule.permission.value, text=rule.text, roles=list(rule.roles),
            only_if=rule.only_if, authority=rule.authority, citation=rule.citation, pathway=one.run.pathway,
            overrules=[run.pathway for run in one.overrules],
        )  # fmt: skip


@strawberry.type(description="A case on its way through one pathway, pinned to an edition.")
class PathwayRun:
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

    @strawberry.field(description="The stages of its edition, in order.")
    async def stages(self, info: Info) -> list[PathwayStage]:
        definition, course = await _stand(info, self.row)
        return [PathwayStage.of(stage, course) for stage in definition.stages]

    @strawberry.field(description="The gates of its edition, with what each waits for.")
    async def gates(self, info: Info) -> list[PathwayGate]:
        definition, course = await _stand(info, self.row)
        return [PathwayGate.of(gate, definition, course) for gate in definition.gates]

    @strawberry.field(description="The questions that can be decided where it stands.")
    async def questions(self, info: Info) -> list[PathwayQuestion]:
        definition, course = await _stand(info, self.row)
        here = {course.stage, *(stage.id for stage in definition.stages if stage.throughout)}
        if course.closed or course.pending is not None:
            return []
        return [
            PathwayQuestion.of(one)
            for one in definition.decisions
            if one.id in course.reopened or (one.stage in here and (one.repeats or one.id not in course.decided_here))
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
        hidden = hidden_items(definition, info.context.caller, roles)
        return [PathwayForm.of(row, hidden) for row in await info.context.loaders.forms_of_run.load(self.row.id)]

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
