"""GraphQL over HTTP, as one Litestar route around a schema."""

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
from graphql import ExecutionResult, OperationType
from litestar import Response, route
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from structlog.contextvars import bound_contextvars

from backend.kit.database import out_of_reach
from backend.kit.entity_tags import has_tag, tag_of
from backend.kit.metrics import REQUESTS
from graphql_api.console.page import POLICY, files_route, page
from graphql_api.document_store import DocumentStore
from graphql_api.encoding import encoded
from graphql_api.errors import (
    FormattedError,
    HTTPProblem,
    RequestRefusedError,
    cause_of,
    formatted,
    internal_error,
    resolver_error,
    unavailable,
    variable_errors,
)
from graphql_api.execution import ExecutableSchema
from graphql_api.limits import MAX_NODES
from graphql_api.protocol import (
    GRAPHQL_RESPONSE,
    HTML,
    JSON,
    MAX_BODY,
    GraphQLCall,
    HTTPRequest,
    accepted_media_type,
    correlation_id,
    read_parameters,
    wants_page,
)

ContextManager: TypeAlias = Callable[[HTTPRequest], AbstractAsyncContextManager[object]]

_METHODS: Final = [method for method in HttpMethod if method is not HttpMethod.OPTIONS]
_encoder: Final = msgspec.json.Encoder()


def graphql_route(
    schema: ExecutableSchema,
    *,
    path: str = "/graphql",
    context: ContextManager,
    graphiql: bool,
    operations: Path | None = None,
    store: DocumentStore | None = None,
    expected: tuple[type[Exception], ...] = (),
) -> list[HTTPRouteHandler]:
    """Return the route handlers that serve a schema.

    `context(request)` is entered once for each request that could be read, and left when the
    operation has run and before the answer is given: what it commits on leaving is committed
    when the client hears of it. It is left by an exception, so that it can roll back, if the
    request was refused or any field of a mutation failed; the mutation then has no data.

    `operations` is the folder of trusted documents, read now; or give a `store` that has them.
    Exceptions of the classes `expected`, with a `code` and a `message`, are told to the client as
    they are.
    """
    endpoint = _Endpoint(schema, store or DocumentStore(schema.core, operations), context, expected)
    files = f"{path}/console"

    @route(path, http_method=_METHODS, status_code=200, request_max_body_size=MAX_BODY, include_in_schema=False)
    async def graphql(request: HTTPRequest) -> Response[bytes]:
        correlation = correlation_id(request)
        with bound_contextvars(correlation_id=correlation):
            if graphiql and wants_page(request):
                shown = {"X-Correlation-Id": correlation, "Content-Security-Policy": POLICY}
                return await _response(request, page(files), HTML, 200, shown | {"Referrer-Policy": "no-referrer"})
            began = time.perf_counter()
            response = await endpoint.answer(request, correlation)
            REQUESTS.labels(str(response.status_code)).observe(time.perf_counter() - began)
            return response

    return [graphql, files_route(files)] if graphiql else [graphql]


class _MutationFailedError(Exception):
    """Leaves the context manager when a field of a mutation failed; never seen outside."""


@dataclass
class _Endpoint:
    """Answers requests for one schema. Holds nothing of any request."""

    schema: ExecutableSchema
    store: DocumentStore
    context: ContextManager
    expected: tuple[type[Exception], ...]

    async def answer(self, request: HTTPRequest, correlation: str) -> Response[bytes]:
        """Return an answer, whatever happens."""
        media_type = JSON
        headers = {"X-Correlation-Id": correlation}
        try:
            media_type = accepted_media_type(request)
            call = GraphQLCall(correlation, await read_parameters(request), self.store, headers=headers)
            request.state.graphql_call = call
            payload = await self._perform(request, call)
            body, status = _encoder.encode(payload), 200
            if request.method == "GET":
                # Of all but what it cost, which is another each time.
                tag = tag_of(_encoder.encode({**payload, "extensions": None}))
                headers["ETag"] = f"W/{tag}"
                if has_tag(request.headers.get("if-none-match", ""), tag):
                    body, status = b"", 304
        except RequestRefusedError as refusal:
            body, status = _refusal(refusal.errors), 400 if media_type == GRAPHQL_RESPONSE else 200
        except Exception as error:
            problem = unavailable(error, correlation) if out_of_reach(error) else error
            if isinstance(problem, HTTPProblem):
                body, status = _refusal([formatted(problem.code, problem.message)]), problem.status
                headers.update(problem.headers)
            else:
                body, status = _refusal([internal_error(error, correlation)]), 500
        return await _response(request, body, media_type, status, headers)

    async def _perform(self, request: HTTPRequest, call: GraphQLCall) -> dict[str, Any]:
        """Run the operation in its context and return the payload of a 200 answer."""
        payload: dict[str, Any] | None = None
        try:
            async with self.context(request) as context:
                result = await self._run(request, call, context)
                payload = {"data": result.data}
                if result.errors:
                    for cause in map(cause_of, result.errors):
                        if out_of_reach(cause):
                            raise cause
                    payload["errors"] = [
                        resolver_error(error, call.correlation_id, self.expected) for error in result.errors
                    ]
                    if call.operation.kind is OperationType.MUTATION:
                        payload["data"] = None
                        raise _MutationFailedError
        except _MutationFailedError:
            pass
        if payload is None:
            raise RuntimeError("the context manager swallowed the exception it was left by")
        if call.extensions:
            payload["extensions"] = call.extensions
        return payload

    async def _run(self, request: HTTPRequest, call: GraphQLCall, context: object) -> ExecutionResult:
        operation, syntax = call.operation, call.document.syntax
        if operation.kind is OperationType.SUBSCRIPTION:
            raise HTTPProblem(400, "OPERATION_NOT_SUPPORTED", "Subscriptions are served over WebSocket.")
        if operation.kind is OperationType.MUTATION and request.method == "GET":
            message = "Send a mutation with POST."
            raise HTTPProblem(405, "METHOD_NOT_ALLOWED", message, {"Allow": "POST"})
        if call.nodes > MAX_NODES:
            message = f"The operation can fetch {call.nodes} nodes; {MAX_NODES} are allowed."
            raise RequestRefusedError([formatted("NODE_BUDGET_EXCEEDED", message)])
        if syntax is None:  # pragma: no cover
            raise RuntimeError("a document with operations has its syntax")
        result = await self.schema.run(syntax, context=context, variables=call.variables, operation_name=operation.name)
        if result.data is None and result.errors and all(error.path is None for error in result.errors):
            raise RequestRefusedError(variable_errors(self.schema.core, operation.node, call.variables))
        return result


def _refusal(errors: Iterable[FormattedError]) -> bytes:
    return _encoder.encode({"errors": list(errors)})


async def _response(
    request: HTTPRequest, body: bytes, media_type: str, status: int, headers: dict[str, str]
) -> Response[bytes]:
    body, encoding = await encoded(body, request.headers.get("accept-encoding", ""))
    return Response(
        body,
        media_type=media_type if media_type == HTML else f"{media_type}; charset=utf-8",
        status_code=status,
        headers={
            "Cache-Control": "no-store",
            "Vary": "Accept, Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
            **({"Content-Encoding": encoding} if encoding else {}),
            **headers,
        },
    )
