"""The one way in which a mutation on a run is done, its payloads, and the problem it has besides the usual ones."""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Annotated, Any, TypeVar
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.pathways import repository
from backend.pathways.casework import Known
from backend.pathways.casework_models import PathwayDecision as DecisionRow
from backend.pathways.casework_models import PathwayDeparture as DepartureRow
from backend.pathways.casework_models import PathwayTask as TaskRow
from backend.pathways.models import PathwayEvent as EventRow
from backend.pathways.moments import MomentTold
from backend.pathways.refusals import Refused
from backend.pathways.refusals import Why as WhyValue
from backend.pathways.standing import seen_run
from graphql_api.cases.running import run as run_once
from graphql_api.context import Info
from graphql_api.pathways.disagreements import PathwayDisagreement
from graphql_api.pathways.records import PathwayDecision, PathwayDeparture, PathwayEvent, PathwayOverlay
from graphql_api.pathways.tasks import PathwayTask
from graphql_api.pathways.types import PathwayRun, run_by_id
from graphql_api.problems import AnyProblem, ConflictProblem, Problem
from graphql_api.scalars import Instant

T = TypeVar("T")
RowT = TypeVar("RowT", TaskRow, DecisionRow, DepartureRow, EventRow)

Why: type[Enum] = strawberry.enum(
    WhyValue, name="PathwayRefusal", description="What stands in the way of a step of a run."
)


@strawberry.type(description="The definition or the state of the run does not allow this step.")
class PathwayRefusedProblem(Problem):
    why: Why  # type: ignore[valid-type]
    subject: str | None = strawberry.field(description="The gate, role, sign-off, stage or decision it is about.")
    missing: list[str] = strawberry.field(description="What would let it through, as kind and code.")
    provision: str | None = strawberry.field(default=None, description="The provision that asks for it, if one does.")
    opens_at: Instant | None = strawberry.field(default=None, description="When a gate opens by itself, if it does.")


@strawberry.interface(description="The run that was changed.")
class PathwayChange:
    key: strawberry.Private[UUID]

    @strawberry.field(description="As it is now, with the version for the next change. Looking is logged.")
    async def run(self, info: Info) -> PathwayRun | None:
        return await run_by_id(info, self.key)


@strawberry.type(description="The run as it is now.")
class PathwayRunPayload(PathwayChange):
    pass


@strawberry.type(description="The decision and its run.")
class PathwayDecisionPayload(PathwayChange):
    decision: PathwayDecision


@strawberry.type(description="The event and its run.")
class PathwayEventPayload(PathwayChange):
    event: PathwayEvent


@strawberry.type(description="The task and its run.")
class PathwayTaskPayload(PathwayChange):
    task: PathwayTask


@strawberry.type(description="The departure and its run.")
class PathwayDeparturePayload(PathwayChange):
    departure: PathwayDeparture


@strawberry.type(description="The disagreement and the run in which it is settled.")
class PathwayDisagreementPayload(PathwayChange):
    disagreement: PathwayDisagreement


@strawberry.type(description="The overlay and the run it lies on.")
class PathwayOverlayPayload(PathwayChange):
    overlay: PathwayOverlay


PathwayRunResult = Annotated[
    PathwayRunPayload | PathwayRefusedProblem | AnyProblem,
    strawberry.union("PathwayRunResult", description="The run, or why the step was refused."),
]
PathwayDecisionResult = Annotated[
    PathwayDecisionPayload | PathwayRefusedProblem | AnyProblem,
    strawberry.union("PathwayDecisionResult", description="The decision, or why it was refused."),
]
PathwayEventResult = Annotated[
    PathwayEventPayload | PathwayRefusedProblem | AnyProblem,
    strawberry.union("PathwayEventResult", description="The event, or why it was refused."),
]
PathwayTaskResult = Annotated[
    PathwayTaskPayload | PathwayRefusedProblem | AnyProblem,
    strawberry.union("PathwayTaskResult", description="The task, or why it was refused."),
]
PathwayDepartureResult = Annotated[
    PathwayDeparturePayload | PathwayRefusedProblem | AnyProblem,
    strawberry.union("PathwayDepartureResult", description="The departure, or why it was refused."),
]
PathwayDisagreementResult = Annotated[
    PathwayDisagreementPayload | PathwayRefusedProblem | AnyProblem,
    strawberry.union("PathwayDisagreementResult", description="The disagreement, or why it was refused."),
]
PathwayOverlayResult = Annotated[
    PathwayOverlayPayload | PathwayRefusedProblem | AnyProblem,
    strawberry.union("PathwayOverlayResult", description="The overlay, or why it was refused."),
]


async def change(
    info: Info, operation: str, given: Any, result: UUID | Callable[[], UUID],
    work: Callable[[TenantSession, UUID], Awaitable[T]], again: Callable[[TenantSession, UUID], Awaitable[T]],
    *, needs: Permission = Permission.EDIT_CASES,
) -> T | AnyProblem | PathwayRefusedProblem:  # fmt: skip
    """As ``cases.running.run``; a ``Refused`` keeps what stands in the way."""
    refused: list[Refused] = []

    async def guarded(session: TenantSession, result_id: UUID) -> T:
        try:
            return await work(session, result_id)
        except Refused as refusal:
            refused.append(refusal)
            raise

    answer = await run_once(info, operation, given, result, guarded, again, needs=needs)
    if isinstance(answer, ConflictProblem) and refused:
        first = refused[0]
        return PathwayRefusedProblem(
            message=first.message, why=WhyValue(first.why), subject=first.subject, missing=list(first.missing),
            provision=first.provision, opens_at=Instant(first.opens_at) if first.opens_at else None,
        )  # fmt: skip
    return answer


async def run_again(info: Info, session: TenantSession, run_id: UUID) -> PathwayRunPayload:
    """What a repeated mutation answers: the run, if its case is still there for the caller."""
    await seen_run(session, info.context.caller, run_id)
    return PathwayRunPayload(key=run_id)


async def stored(info: Info, session: TenantSession, model: type[RowT], row_id: UUID) -> RowT:
    """A row again, for a caller who may still see its case. Raises ``NotFound``."""
    row = await repository.row(session, model, row_id)
    run = await repository.run(session, row.run_id)
    await cases.seen(session, info.context.caller, run.case_id, otherwise=repository.no_such(model))
    return row


def known(given: Any) -> Known:
    """What the client knew, from an input with ``version`` and ``idempotency_key``."""
    return Known(given.version, given.idempotency_key)


def moment(at: Instant | None, on: str | None = None) -> MomentTold:
    return MomentTold(at, on)
