"""Where a run stands: its stages, gates, questions, sign-offs that are asked for, and what may not be done."""

from datetime import datetime

import strawberry

from backend.pathways.course import Course
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.steps import Decision, Gate, Stage
from backend.pathways.gates import Holding, awaited, exemption, is_binding, missing_of_gate
from backend.pathways.models import ActionKind
from backend.pathways.models import PathwayRun as RunRow
from backend.pathways.overlaying import Binding
from graphql_api.context import Info
from graphql_api.pathways.provisions import BINDING, OnDay, binding
from graphql_api.procedures.types import ProcedureProvision
from tenants.procedures.citing import Cited


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
    part: strawberry.Private[Cited]
    closed_at: strawberry.Private[datetime | None]

    @strawberry.field(description=BINDING)
    async def provisions(self, info: Info, on: OnDay = None) -> list[ProcedureProvision]:
        return await binding(info, self.part, self.closed_at, on)

    @classmethod
    def of(cls, stage: Stage, course: Course, run: RunRow) -> "PathwayStage":
        return cls(
            code=stage.id, title=stage.title, guidance=stage.guidance, lead=stage.lead, actors=list(stage.actors),
            leads_to=list(stage.leads_to), throughout=stage.throughout, ends=stage.ends,
            current=not course.closed and (stage.id == course.stage or stage.throughout),
            visited=stage.id in course.visited or (stage.throughout and course.started),
            part=Cited(run.pathway, "stage", stage.id, stage.citation), closed_at=run.closed_at,
        )  # fmt: skip


@strawberry.type(description="What has to be there before a run goes on.")
class PathwayGate:
    code: str
    text: str
    before: str = strawberry.field(description="What may not be done until then.")
    effect: str = strawberry.field(description="block refuses, warn asks for a reason.")
    unless: str | None = strawberry.field(description="What lets it through besides.")
    authority: str | None = strawberry.field(description="The role that may open it with reasons.")
    citation: str
    missing: list[str] = strawberry.field(description="What it waits for, as kind and code; empty when it is open.")
    opened_without: bool = strawberry.field(description="It was opened without what it asks for.")
    part: strawberry.Private[Cited]
    run: strawberry.Private[RunRow]

    @strawberry.field(description=BINDING)
    async def provisions(self, info: Info, on: OnDay = None) -> list[ProcedureProvision]:
        steps = await info.context.loaders.actions_of_run.load(self.run.id) if self.opened_without else []
        own = [one for one in steps if one.kind == ActionKind.GATE_OPENED and one.detail["code"] == self.code]
        return await binding(info, self.part, max((one.acted_at for one in own), default=self.run.closed_at), on)

    @classmethod
    def of(cls, gate: Gate, definition: Definition, course: Course, run: RunRow) -> "PathwayGate":
        return cls(
            code=gate.id, text=gate.text, before=gate.before, effect=gate.effect, unless=gate.unless,
            authority=gate.authority, citation=gate.citation, missing=list(missing_of_gate(gate, definition, course)),
            opened_without=gate.id in course.gates, part=Cited(run.pathway, "gate", gate.id, gate.citation), run=run,
        )  # fmt: skip

    @classmethod
    def of_clock(
        cls, gate: Holding, definition: Definition, course: Course, run: RunRow, *, is_shut: bool
    ) -> "PathwayGate":  # fmt: skip
        """A clock that holds an event or a stage back: one that is not binding asks for a reason."""
        titles = {one.id: one.title for one in definition.stages} | {one.id: one.title for one in definition.events}
        return cls(
            code=gate.id, text=gate.action, before=titles.get(str(gate.before), str(gate.before)),
            effect="block" if is_binding(gate) else "warn", unless=exemption(gate, definition), authority=None,
            citation=gate.citation, missing=[f"event {awaited(gate)}"] if is_shut else [],
            opened_without=gate.id in course.gates, part=Cited(run.pathway, "clock", gate.id, gate.citation), run=run,
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
    part: strawberry.Private[Cited]

    @strawberry.field(description=BINDING)
    async def provisions(self, info: Info, on: OnDay = None) -> list[ProcedureProvision]:
        return await binding(info, self.part, None, on)

    @classmethod
    def of(cls, one: Decision, run: RunRow) -> "PathwayQuestion":
        return cls(
            part=Cited(run.pathway, "decision", one.id, one.citation),
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
