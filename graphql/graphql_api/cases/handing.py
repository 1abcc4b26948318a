"""Closing, re-opening and handing over a case, and keeping it from whom it is about."""

from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from backend.cases import closing as files
from backend.cases import handing
from backend.cases.access import bars
from backend.cases.handing import HandingTold
from backend.cases.models import CaseChange as ChangeRow
from backend.cases.models import CaseChangeKind as ChangeKindValue
from backend.kit.ids import uuid7
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from backend.pathways import closing
from backend.pathways.closing import Kind as RemainingKindValue
from backend.pathways.closing import Remaining, StillRuns
from graphql_api.cases.access import Team
from graphql_api.cases.inputs import WHY
from graphql_api.cases.opening import CasePayload, CaseResult, case_again
from graphql_api.cases.running import key_of, key_or_none, run
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.problems import (
    ONCE,
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    Problem,
    ValidationProblem,
)
from graphql_api.scalars import Instant

CaseChangeKind: type[Enum] = strawberry.enum(
    ChangeKindValue, name="CaseChangeKind",
    description="What was done to a case as a whole. OWNER_LEFT: whoever answered for it left, and nobody does since."
    " VOIDED: what it was opened for did not come.",
)  # fmt: skip
RemainingKind: type[Enum] = strawberry.enum(
    RemainingKindValue, name="RemainingKind", description="What may still run on a case."
)
_TAGS = {
    RemainingKindValue.RUN: "PathwayRun",
    RemainingKindValue.TASK: "PathwayTask",
    RemainingKindValue.CLOCK: "Clock",
    RemainingKindValue.TRANSFER: "Transfer",
}
MANAGED = "A case of yours, or one that your role lets you manage."


@strawberry.type(description="A case was closed, voided, opened again or handed over. It never changes.")
class CaseChange:
    kind: CaseChangeKind  # type: ignore[valid-type]
    reason: str | None
    made_at: Instant
    row: strawberry.Private[ChangeRow]

    @strawberry.field(description="Who did it; null for what nobody did.")
    def made_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.made_by)

    @strawberry.field(description="Who answered for it before.")
    def was_owner(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.was_owner_id)

    @strawberry.field(description="Who answers for it from then on.")
    def owner(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.owner_id)

    @strawberry.field(description="The team that holds it from then on.")
    async def team(self, info: Info) -> Team | None:
        found = await info.context.loaders.team.load(self.row.team_id) if self.row.team_id else None
        return Team.of(found) if found else None

    @classmethod
    def of(cls, row: ChangeRow) -> "CaseChange":
        return cls(kind=ChangeKindValue(row.kind), reason=row.reason, made_at=Instant(row.made_at), row=row)


@strawberry.type(description="One thing that still runs on a case.")
class StillRunning:
    kind: RemainingKind  # type: ignore[valid-type]
    id: strawberry.ID | None = strawberry.field(description="Of the run, task, clock or transfer; a gate has none.")
    pathway: str
    code: str = strawberry.field(
        description="Its name in the pathway; of a run, the stage it is in; of a transfer, its kind."
    )
    text: str

    @classmethod
    def of(cls, one: Remaining) -> "StillRunning":
        tagged = strawberry.ID(encode(_TAGS[one.kind], one.id)) if one.id is not None else None
        return cls(kind=RemainingKindValue(one.kind), id=tagged, pathway=one.pathway, code=one.code, text=one.text)


@strawberry.type(description="The case cannot be closed: something still runs on it. All of it is named.")
class CaseStillRunsProblem(Problem):
    remaining: list[StillRunning]


CloseCaseResult = Annotated[
    CasePayload | CaseStillRunsProblem | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("CloseCaseResult", description="The closed case, or what stands in the way."),
]


@strawberry.input(description="Close a case on which nothing runs any more.")
class CloseCaseInput:
    case_id: strawberry.ID = strawberry.field(description=MANAGED)
    reason: str = strawberry.field(description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Open a closed case again.")
class ReopenCaseInput:
    case_id: strawberry.ID = strawberry.field(description=MANAGED)
    reason: str = strawberry.field(description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Make somebody else, or another team, answer for a case.")
class HandOverCaseInput:
    case_id: strawberry.ID = strawberry.field(description=MANAGED)
    owner_id: strawberry.ID = strawberry.field(description="Who answers for it from now on, and is told so.")
    team_id: strawberry.ID | None = strawberry.field(
        default=None, description="The team that holds it from now on; left out, the same."
    )
    reason: str = strawberry.field(description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Keep a case from somebody it is about.")
class BarFromCaseInput:
    case_id: strawberry.ID = strawberry.field(description="A case of yours, or one that your role lets you restrict.")
    person_id: strawberry.ID = strawberry.field(description="A person of the partnership; not you, nor its owner.")
    reason: str = strawberry.field(description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Keep a case from somebody no longer.")
class LiftCaseBarInput:
    case_id: strawberry.ID = strawberry.field(description="A case of yours, or one that your role lets you restrict.")
    person_id: strawberry.ID = strawberry.field(description="Somebody from whom it is kept.")
    reason: str = strawberry.field(description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


async def _of_change(info: Info, session: TenantSession, change_id: UUID) -> CasePayload:
    row = await session.get(ChangeRow, (session.tenant_id, change_id))
    if row is None:
        raise NotFound("There is no such case in this partnership.")
    return await case_again(info, session, row.case_id)


@strawberry.type
class CaseHandingMutations:
    @strawberry.mutation(description="Close a case. Runs, tasks, clocks and gates that stand in the way are named.")
    async def close_case(self, info: Info, input: CloseCaseInput) -> CloseCaseResult:
        refused: list[StillRuns] = []

        async def work(session: TenantSession, change_id: UUID) -> CasePayload:
            case_id = key_of("Case", input.case_id)
            try:
                await closing.close_case(session, info.context.caller, case_id, input.reason, change_id)
            except StillRuns as refusal:
                refused.append(refusal)
                raise
            return CasePayload(key=case_id)

        async def again(session: TenantSession, change_id: UUID) -> CasePayload:
            return await _of_change(info, session, change_id)

        answer = await run(info, "closeCase", input, uuid7(), work, again)
        if isinstance(answer, ConflictProblem) and refused:
            found = [StillRunning.of(one) for one in refused[0].remaining]
            return CaseStillRunsProblem(message=refused[0].message, remaining=found)
        return answer

    @strawberry.mutation(description="Open a closed case again. Where its owner has left, you answer for it.")
    async def reopen_case(self, info: Info, input: ReopenCaseInput) -> CaseResult:
        async def work(session: TenantSession, change_id: UUID) -> CasePayload:
            case_id = key_of("Case", input.case_id)
            await files.reopen(session, info.context.caller, case_id, input.reason, change_id)
            return CasePayload(key=case_id)

        async def again(session: TenantSession, change_id: UUID) -> CasePayload:
            return await _of_change(info, session, change_id)

        return await run(info, "reopenCase", input, uuid7(), work, again)

    @strawberry.mutation(description="Hand a case over. The receiver is told, and comes onto a restricted case's list.")
    async def hand_over_case(self, info: Info, input: HandOverCaseInput) -> CaseResult:
        async def work(session: TenantSession, change_id: UUID) -> CasePayload:
            case_id, owner_id = key_of("Case", input.case_id), key_of("Person", input.owner_id)
            told = HandingTold(owner_id, key_or_none("Team", input.team_id), input.reason)
            await handing.hand_over(session, info.context.caller, case_id, told, change_id)
            return CasePayload(key=case_id)

        async def again(session: TenantSession, change_id: UUID) -> CasePayload:
            return await _of_change(info, session, change_id)

        return await run(info, "handOverCase", input, uuid7(), work, again)

    @strawberry.mutation(
        description="Keep a case from somebody it is about. Neither role, list nor emergency lets them see it."
    )
    async def bar_from_case(self, info: Info, input: BarFromCaseInput) -> CaseResult:
        async def work(session: TenantSession, case_id: UUID) -> CasePayload:
            person_id = key_of("Person", input.person_id)
            return CasePayload(key=(await bars.bar(session, info.context.caller, case_id, person_id, input.reason)).id)

        async def again(session: TenantSession, case_id: UUID) -> CasePayload:
            return await case_again(info, session, case_id)

        return await run(info, "barFromCase", input, lambda: key_of("Case", input.case_id), work, again)

    @strawberry.mutation(description="Let roles and the list decide again whether somebody sees a case.")
    async def lift_case_bar(self, info: Info, input: LiftCaseBarInput) -> CaseResult:
        async def work(session: TenantSession, case_id: UUID) -> CasePayload:
            person_id = key_of("Person", input.person_id)
            return CasePayload(key=(await bars.lift(session, info.context.caller, case_id, person_id, input.reason)).id)

        async def again(session: TenantSession, case_id: UUID) -> CasePayload:
            return await case_again(info, session, case_id)

        return await run(info, "liftCaseBar", input, lambda: key_of("Case", input.case_id), work, again)
