"""A referral as whoever sent it in sees it: how far it has come, and nothing of the case to an application."""

from enum import Enum
from uuid import UUID

import strawberry

from backend.pathways.models import PathwayRun, RunState
from backend.pathways.moments import standing
from backend.referrals.models import Referral as ReferralRow
from backend.referrals.told import ACKNOWLEDGED, PATHWAY, state_of
from backend.referrals.told import ReferralState as ReferralStateValue
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.nodes import Node
from graphql_api.scalars import Instant

ReferralState: type[Enum] = strawberry.enum(
    ReferralStateValue,
    description="RECEIVED waits; ACKNOWLEDGED was acknowledged to the referrer; of DECIDED the next steps are decided,"
    " acknowledged or not; CLOSED is done with.",
)


@strawberry.type(description="A referral that you have sent in, and how far it has come.")
class Referral(Node):
    id: strawberry.ID
    received_at: Instant
    their_reference: str | None = strawberry.field(description="Your own reference, as you gave it.")
    row: strawberry.Private[ReferralRow]

    @strawberry.field(description="How far it has come. What was decided, social care tells the referrer.")
    async def state(self, info: Info) -> ReferralState:  # type: ignore[valid-type]
        run = await _run(info, self.row.case_id)
        if run is None:
            return ReferralStateValue.RECEIVED
        events = standing(await info.context.loaders.events_of_run.load(run.id))
        return state_of(closed=run.state is RunState.CLOSED, events=[row.code for row in events])

    @strawberry.field(description="When it was acknowledged to the referrer; null until it is.")
    async def acknowledged_at(self, info: Info) -> Instant | None:
        run = await _run(info, self.row.case_id)
        events = standing(await info.context.loaders.events_of_run.load(run.id)) if run is not None else []
        found = [row.occurred_at for row in events if row.code == ACKNOWLEDGED and row.occurred_at is not None]
        return Instant(min(found)) if found else None

    @strawberry.field(description="By when it is to be acknowledged; null where no limit is set, or none yet.")
    async def acknowledge_by(self, info: Info) -> Instant | None:
        clocks = await info.context.loaders.clocks_of_case.load(self.row.case_id)
        found = [row.due_at for row in clocks if row.pathway == PATHWAY and row.definition == ACKNOWLEDGED]
        return Instant(min(found)) if found else None

    @strawberry.field(
        description="The case that it opened; null for an application, and where it is not there for you any more."
    )
    async def case_id(self, info: Info) -> strawberry.ID | None:
        if info.context.caller.is_application or await info.context.loaders.case.load(self.row.case_id) is None:
            return None
        return strawberry.ID(encode("Case", self.row.case_id))

    @classmethod
    def of(cls, row: ReferralRow) -> "Referral":
        return cls(
            id=strawberry.ID(encode("Referral", row.id)), received_at=Instant(row.received_at),
            their_reference=row.their_reference, row=row,
        )  # fmt: skip


async def _run(info: Info, case_id: UUID) -> PathwayRun | None:
    """The run that the referral began, or that people began for it."""
    runs = await info.context.loaders.pathway_runs_of_case.load(case_id)
    return next((run for run in runs if run.pathway == PATHWAY), None)
