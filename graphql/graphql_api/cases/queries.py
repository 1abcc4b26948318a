"""Queries on cases."""

from typing import Annotated

import strawberry

from backend.identity.policies import Permission
from graphql_api.cases.types import Case, case_by_id
from graphql_api.context import Info
from graphql_api.ids import decode_as


@strawberry.type
class CaseQueries:
    @strawberry.field(description="One case with its timeline. Looking is logged.")
    async def case(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="A case's id.")],  # its name in the API
    ) -> Case | None:
        info.context.caller.require(Permission.VIEW_CASES)
        key = decode_as("Case", id)
        return await case_by_id(info, key) if key is not None else None
