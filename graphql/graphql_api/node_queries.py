"""Any thing by its id: the field that is there for its type answers, with its permission and its entry in the log."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import strawberry

from graphql_api.alerts.queries import AlertQueries
from graphql_api.cases.queries import CaseQueries
from graphql_api.child_deaths.queries import ChildDeathQueries
from graphql_api.context import Info
from graphql_api.handovers.queries import HandoverQueries
from graphql_api.ids import decode
from graphql_api.meetings.queries import MeetingQueries
from graphql_api.nodes import Node
from graphql_api.pathways.queries import PathwayQueries
from graphql_api.procedures.queries import ProcedureQueries
from graphql_api.referrals.queries import ReferralQueries
from graphql_api.registers.enquiry_queries import EnquiryQueries
from graphql_api.rotas.queries import RotaQueries
from graphql_api.sharing.queries import TransferQueries
from graphql_api.thresholds.queries import ThresholdQueries

_ASKED_BY: Final[dict[str, Callable[[Any, Info, strawberry.ID], Awaitable[Any]]]] = {
    "Alert": AlertQueries.alert,
    "Case": CaseQueries.case,
    "Child": CaseQueries.child,
    "ChildDeath": ChildDeathQueries.child_death,
    "ChildEnquiry": EnquiryQueries.child_enquiry,
    "Handover": HandoverQueries.handover,
    "Meeting": MeetingQueries.meeting,
    "PathwayEdition": PathwayQueries.pathway_edition,
    "PathwayRun": PathwayQueries.pathway_run,
    "ProcedureEdition": ProcedureQueries.procedure_edition,
    "Referral": ReferralQueries.referral,
    "Rota": RotaQueries.rota,
    "ThresholdEdition": ThresholdQueries.threshold_edition,
    "Transfer": TransferQueries.transfer,
}


@strawberry.type
class NodeQueries:
    @strawberry.field(
        description="Any thing that can be asked for by itself, as the field for its type gives it; null for every"
        " other id."
    )
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The thing's id.")]
    ) -> Node | None:
        found = decode(id)
        ask = _ASKED_BY.get(found[0]) if found else None
        thing: Node | None = await ask(self, info, id) if ask else None
        return thing
