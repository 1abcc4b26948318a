"""A toy API to drive the GraphQL layer with: it has no database and no domain."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from litestar import Litestar, Request
from litestar.testing import AsyncTestClient

from graphql_api.execution import ExecutableSchema
from graphql_api.http import graphql_route
from support.api import Api, Door

Serve = Callable[..., AbstractAsyncContextManager[AsyncTestClient[Litestar]]]


@asynccontextmanager
async def _empty_context(_request: Request[Any, Any, Any]) -> AsyncIterator[dict[str, Any]]:
    yield {}


@pytest.fixture
def serve() -> Serve:
    """Return a factory of clients: `async with serve(schema, context=…) as client`."""

    @asynccontextmanager
    async def start(schema: ExecutableSchema, **options: Any) -> AsyncIterator[AsyncTestClient[Litestar]]:
        handlers = graphql_route(schema, **{"context": _empty_context, "graphiql": False, **options})
        async with AsyncTestClient(Litestar(handlers, openapi_config=None)) as client:
            yield client

    return start


@pytest.fixture
def clinician(door: Door) -> Api:
    """Somebody of the first partnership who reports deaths."""
    return door.person("juniper.blythe")
