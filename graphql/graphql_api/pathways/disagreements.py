"""Disagreements with decisions: raised here, shown at the decision, settled in a run of their own."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from backend.kit.session import TenantSession
from backend.pathways import disagreeing, repository
from backend.pathways.casework_models import PathwayDisagreement as DisagreementRow
from backend.pathways.disagreeing import DisagreementTold
from backend.pathways.models import RunState
from backend.pathways.standing import seen_run
from graphql_api.cases.running import key_of, key_or_none
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.problems import ONCE
from graphql_api.scalars import Instant

if TYPE_CHECKING:
    from graphql_api.pathways.records import PathwayDecision
    from graphql_api.pathways.types import PathwayRun


@strawberry.type(description="Somebody's disagreement with a decision. It never changes; its run settles it.")
class PathwayDisagreement:
    id: strawberry.ID
    reasons: str
    wanted: str = strawberry.field(description="What should come of it instead.")
    suspends: bool = strawberry.field(description="The decision is not acted on until this is settled.")
    raised_at: Instant
    row: strawberry.Private[DisagreementRow]

    @strawberry.field(description="Whose it is.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.person_id)

    @strawberry.field(description="Who recorded it.")
    def raised_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.raised_by)

    @strawberry.field(description="The run in which it is settled, and goes up the line.")
    async def run(self, info: Info) -> Annotated["PathwayRun", strawberry.lazy("graphql_api.pathways.types")] | None:
        from graphql_api.pathways.types import run_by_id  # noqa: PLC0415  # a run has decisions, a decision runs

        return await run_by_id(info, self.row.run_id)

    @strawberry.field(description="Whether it is still to be settled.")
    async def open(self, info: Info) -> bool:
        found = await info.context.loaders.pathway_run.load(self.row.run_id)
        return found is not None and found.state is RunState.OPEN

    @strawberry.field(description="The decision that settled it; null until then.")
    async def outcome(
        self, info: Info
    ) -> Annotated["PathwayDecision", strawberry.lazy("graphql_api.pathways.records")] | None:
        from graphql_api.pathways.records import PathwayDecision  # noqa: PLC0415  # each shows the other

        async with info.context.db() as session:
            found = (await disagreeing.outcomes(session, [self.row])).get(self.row.id)
        return PathwayDecision.of(found) if found else None

    @classmethod
    def of(cls, row: DisagreementRow) -> "PathwayDisagreement":
        return cls(
            id=strawberry.ID(encode("PathwayDisagreement", row.id)), reasons=row.reasons, wanted=row.wanted,
            suspends=row.suspends, raised_at=Instant(row.raised_at), row=row,
        )  # fmt: skip


@strawberry.input(description="Disagree with a decision. It stays in force meanwhile, unless its pathway suspends it.")
class RaiseDisagreementInput:
    decision_id: strawberry.ID = strawberry.field(description="A decision on a case that you work on, or may change.")
    reasons: str = strawberry.field(description="Why, up to 10,000 characters.")
    wanted: str = strawberry.field(description="What should come of it instead, up to 10,000 characters.")
    person_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose disagreement it is: somebody who works on the case. Left out, yours."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


async def raised(info: Info, session: TenantSession, given: RaiseDisagreementInput, key: UUID) -> DisagreementRow:
    told = DisagreementTold(given.reasons, given.wanted, key_or_none("Person", given.person_id))
    return await disagreeing.disagree(
        session, info.context.caller, key_of("PathwayDecision", given.decision_id), told, key, given.idempotency_key
    )


async def raised_before(info: Info, session: TenantSession, key: UUID) -> DisagreementRow:
    row = await repository.disagreement(session, key)
    await seen_run(session, info.context.caller, row.run_id)
    return row
