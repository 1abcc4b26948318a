"""Queries on cases."""

import strawberry

from backend.identity.policies import Permission
from graphql_api.cases.types import Case, case_by_id
from graphql_api.context import Info
from graphql_api.ids import decode_as


@strawberry.type
class CaseQueries:
    @strawberry.field(description="One case with its timeline. Looking is logged.")
    async def case(self, info: Info, id: strawberry.ID) -> Case | None:  # noqa: A002  # the argument's name in the API
        info.context.caller.require(Permission.VIEW_CASES)
        key = decode_as("Case", id)
        return await case_by_id(info, key) if key is not None else None
