"""A Litestar application around the smallest schema, for the audits to call."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import strawberry
from litestar import Litestar, Request

from graphql_api.errors import HTTPProblem
from graphql_api.execution import ExecutableSchema
from graphql_api.http import graphql_route


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "Hello"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def save(self) -> bool:
        return True


@asynccontextmanager
async def signed_in(request: Request[Any, Any, Any]) -> AsyncIterator[None]:
    """Let in only who brings the token."""
    if request.headers.get("authorization") != "Bearer toy":
        raise HTTPProblem(401, "UNAUTHENTICATED", "Sign in.")
    yield


schema = ExecutableSchema(Query, Mutation)
app = Litestar(graphql_route(schema, context=signed_in, graphiql=True), openapi_config=None)
