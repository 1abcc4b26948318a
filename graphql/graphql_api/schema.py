"""The schema: one class of queries and one of mutations from each domain."""

import strawberry

from graphql_api.alerts.mutations import AlertMutations
from graphql_api.alerts.queries import AlertQueries
from graphql_api.cases.queries import CaseQueries
from graphql_api.child_deaths.mutations import ChildDeathMutations
from graphql_api.child_deaths.queries import ChildDeathQueries
from graphql_api.clocks.mutations import ClockMutations
from graphql_api.clocks.queries import ClockQueries
from graphql_api.documents.mutations import DocumentMutations
from graphql_api.execution import ExecutableSchema
from graphql_api.oversight.mutations import OversightMutations
from graphql_api.oversight.queries import OversightQueries
from graphql_api.partnerships.queries import PartnershipQueries
from graphql_api.rotas.queries import RotaQueries
from graphql_api.scalars import CONFIG


@strawberry.type(description="What you can look at in your partnership, as far as your roles allow.")
class Query(
    PartnershipQueries, RotaQueries, AlertQueries, ChildDeathQueries, CaseQueries, ClockQueries, OversightQueries
):
    pass


@strawberry.type(description="What you can do. Each is done once for its idempotency key, or refused with a reason.")
class Mutation(ChildDeathMutations, AlertMutations, ClockMutations, DocumentMutations, OversightMutations):
    pass


schema = ExecutableSchema(query=Query, mutation=Mutation, config=CONFIG)
