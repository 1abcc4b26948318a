"""GraphQL over HTTP: methods, media types, the context manager and its transaction."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import strawberry
from litestar import Litestar, Request
from litestar.testing import AsyncTestClient

from graphql_api.errors import MASK, ExpectedError, HTTPProblem
from graphql_api.execution import ExecutableSchema
from graphql_api.protocol import MAX_BODY, call_of

Serve = Callable[..., AbstractAsyncContextManager[AsyncTestClient[Litestar]]]
Manager = Callable[[Request[Any, Any, Any]], AbstractAsyncContextManager[list[str]]]
RESPONSE_JSON = "application/graphql-response+json"


@strawberry.type
class Query:
    @strawberry.field
    async def hello(self, info: strawberry.Info[list[str], None], name: str = "you") -> str:
        info.context.append("resolved")
        return f"Hello {name}"

    @strawberry.field
    def broken(self) -> str | None:
        raise ExpectedError("NOT_TODAY", "Not today.")

    @strawberry.field
    async def fails_at_once(self) -> str:
        raise ExpectedError("NOT_TODAY", "Not today.")

    @strawberry.field
    async def slow(self, info: strawberry.Info[list[str], None]) -> str:
        await asyncio.sleep(0.05)
        info.context.append("slow ended")
        return "done"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def save(self, info: strawberry.Info[list[str], None]) -> bool:
        info.context.append("saved")
        return True

    @strawberry.mutation
    def fail(self) -> bool | None:
        raise ExpectedError("NOT_TODAY", "Not today.")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


SCHEMA = ExecutableSchema(Query, Mutation, Subscription)


@pytest.fixture
def events() -> list[str]:
    return []


@pytest.fixture
def transaction(events: list[str]) -> Manager:
    @asynccontextmanager
    async def manager(_request: Request[Any, Any, Any]) -> AsyncIterator[list[str]]:
        events.append("begin")
        try:
            yield events
        except BaseException:
            events.append("rollback")
            raise
        events.append("commit")

    return manager


@pytest.fixture
async def client(serve: Serve, transaction: Manager) -> AsyncIterator[AsyncTestClient[Litestar]]:
    async with serve(SCHEMA, context=transaction) as client:
        yield client


async def test_a_post_is_answered_in_json(client: AsyncTestClient[Litestar], events: list[str]) -> None:
    response = await client.post("/graphql", json={"query": '{ hello(name: "Zoë 🏃") }'})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.json() == {"data": {"hello": "Hello Zoë 🏃"}}
    assert events == ["begin", "resolved", "commit"]


async def test_a_get_runs_a_query_with_variables(client: AsyncTestClient[Litestar]) -> None:
    query = "query Q($n: String!) { hello(name: $n) }"
    response = await client.get("/graphql", params={"query": query, "variables": '{"n": "Ada"}'})
    assert response.json() == {"data": {"hello": "Hello Ada"}}


@pytest.mark.parametrize(
    "params",
    [
        {"query": "{ hello }", "variables": "{"},
        {"query": "{ hello }", "variables": "[1]"},
        {"query": ["{ hello }", "{ hello }"]},
        {},
    ],
)
async def test_a_malformed_get_is_refused(client: AsyncTestClient[Litestar], params: dict[str, Any]) -> None:
    response = await client.get("/graphql", params=params)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_a_get_never_changes_anything(client: AsyncTestClient[Litestar], events: list[str]) -> None:
    response = await client.get("/graphql", params={"query": "mutation { save }"})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert "saved" not in events


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD"])
async def test_other_methods_are_refused(client: AsyncTestClient[Litestar], method: str) -> None:
    response = await client.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"
    assert response.headers["x-correlation-id"]


@pytest.mark.parametrize(
    ("accept", "status", "media_type"),
    [
        (RESPONSE_JSON, 400, RESPONSE_JSON),
        (f"{RESPONSE_JSON}, application/json;q=0.9", 400, RESPONSE_JSON),
        ("application/json", 200, "application/json"),
        ("*/*", 200, "application/json"),
        ("text/csv", 406, "application/json"),
    ],
)
async def test_the_media_type_decides_the_status_of_a_bad_document(
    client: AsyncTestClient[Litestar], accept: str, status: int, media_type: str
) -> None:
    response = await client.post("/graphql", json={"query": "{ nothing }"}, headers={"accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (
        status,
        f"{media_type}; charset=utf-8",
    )
    assert "data" not in response.json()


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/json; charset=latin-1",
        "",
    ],
)
async def test_what_a_foreign_page_could_post_is_refused(
    client: AsyncTestClient[Litestar], events: list[str], content_type: str
) -> None:
    body = b'{"query": "mutation { save }"}'
    response = await client.post("/graphql", content=body, headers={"content-type": content_type})
    assert response.status_code == 415
    assert events == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "BAD_REQUEST"),
        (b'{"query": "{ hello', "BAD_REQUEST"),
        (b'"{ hello }"', "BAD_REQUEST"),
        (b"\xff\xfe", "BAD_REQUEST"),
        (b'{"query": "\xff"}', "BAD_REQUEST"),
        (b'{"variables": ' + b"[" * 100_000, "BAD_REQUEST"),
        (b'{"query": "{ hello }", "variables": ["Alice"]}', "BAD_REQUEST"),
        (b'{"query": "{ hello }", "operationName": {"a": "Alice"}}', "BAD_REQUEST"),
        (b'{"query": "{ hello }", "documentId": "Alice"}', "BAD_REQUEST"),
        (b' [{"query": "{ hello }"}]', "BATCHING_NOT_SUPPORTED"),
    ],
)
async def test_a_malformed_body_is_refused_without_repeating_it(
    client: AsyncTestClient[Litestar], body: bytes, code: str
) -> None:
    response = await client.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == code
    assert "Alice" not in response.text


async def test_a_large_body_is_refused(client: AsyncTestClient[Litestar], events: list[str]) -> None:
    response = await client.post("/graphql", json={"query": "{ hello }", "extensions": {"a": "x" * MAX_BODY}})
    assert response.status_code == 413
    assert response.json()["errors"][0] == {
        "message": "A request body has at most 2048 KB.",
        "extensions": {"code": "BODY_TOO_LARGE"},
    }
    assert events == []


async def test_a_subscription_is_refused(client: AsyncTestClient[Litestar]) -> None:
    response = await client.post("/graphql", json={"query": "subscription { ticks }"})
    assert response.json()["errors"][0]["extensions"]["code"] == "OPERATION_NOT_SUPPORTED"


@pytest.mark.parametrize("given", ["0d9c6f0e-3c1b-4a58-9f27-6f4b1f2a7c11", "a" * 32, "b-_9" * 16])
async def test_a_sane_correlation_id_is_kept(client: AsyncTestClient[Litestar], given: str) -> None:
    response = await client.post("/graphql", json={"query": "{ hello }"}, headers={"x-correlation-id": given})
    assert response.headers["x-correlation-id"] == given


@pytest.mark.parametrize("given", ["short", "a" * 65, "<script>alert(1)</script>aaaaaaaa", "a" * 31 + "\n", ""])
async def test_any_other_correlation_id_is_replaced(serve: Serve, transaction: Manager, given: str) -> None:
    async with serve(SCHEMA, context=transaction) as client:
        headers = {"x-correlation-id": given.strip()}
        response = await client.post("/graphql", content=b"x", headers=headers)
    assert uuid.UUID(response.headers["x-correlation-id"]).version == 4


async def test_a_query_commits_even_if_a_field_failed(client: AsyncTestClient[Litestar], events: list[str]) -> None:
    response = await client.post("/graphql", json={"query": "{ hello broken }"})
    assert response.json()["data"] == {"hello": "Hello you", "broken": None}
    assert response.json()["errors"][0]["extensions"] == {"code": "NOT_TODAY"}
    assert events[-1] == "commit"


async def test_a_mutation_is_all_or_nothing(client: AsyncTestClient[Litestar], events: list[str]) -> None:
    response = await client.post("/graphql", json={"query": "mutation { save fail }"})
    assert response.json()["data"] is None
    assert response.json()["errors"][0]["path"] == ["fail"]
    assert events == ["begin", "saved", "rollback"]


async def test_no_field_outlives_its_context(client: AsyncTestClient[Litestar], events: list[str]) -> None:
    response = await client.post("/graphql", json={"query": "{ failsAtOnce slow }"})
    assert response.json()["data"] is None
    assert events == ["begin", "slow ended", "commit"]


async def test_a_failed_commit_is_never_told_as_success(serve: Serve) -> None:
    @asynccontextmanager
    async def manager(_request: Request[Any, Any, Any]) -> AsyncIterator[list[str]]:
        yield []
        raise RuntimeError("lost the record of Alice")

    async with serve(SCHEMA, context=manager) as client:
        response = await client.post("/graphql", json={"query": "mutation { save }"})
    assert response.status_code == 500
    assert response.json()["errors"][0]["message"] == MASK
    assert "data" not in response.json()
    assert "Alice" not in response.text


async def test_a_manager_that_swallows_a_refusal_does_not_make_it_a_success(serve: Serve) -> None:
    @asynccontextmanager
    async def manager(_request: Request[Any, Any, Any]) -> AsyncIterator[list[str]]:
        try:
            yield []
        except Exception:
            return

    async with serve(SCHEMA, context=manager) as client:
        response = await client.post("/graphql", json={"query": "{ nothing }"})
    assert response.status_code == 500


@pytest.mark.parametrize(
    ("problem", "header", "value"),
    [
        (HTTPProblem(401, "UNAUTHENTICATED", "Sign in."), "www-authenticate", "Bearer"),
        (
            HTTPProblem(401, "UNAUTHENTICATED", "Sign in.", {"WWW-Authenticate": 'Bearer error="x"'}),
            "www-authenticate",
            'Bearer error="x"',
        ),
        (HTTPProblem(429, "TOO_MANY_REQUESTS", "Wait.", {"Retry-After": "7"}), "retry-after", "7"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", RESPONSE_JSON])
async def test_a_manager_can_turn_a_caller_away(
    serve: Serve, problem: HTTPProblem, header: str, value: str, accept: str
) -> None:
    @asynccontextmanager
    async def manager(_request: Request[Any, Any, Any]) -> AsyncIterator[list[str]]:
        raise problem
        yield []

    async with serve(SCHEMA, context=manager) as client:
        body = {"query": "{ theDocumentIsNotLookedAt }"}
        response = await client.post("/graphql", json=body, headers={"accept": accept})
    assert (response.status_code, response.headers[header]) == (problem.status, value)
    assert response.json() == {"errors": [{"message": problem.message, "extensions": {"code": problem.code}}]}
    assert response.headers["content-type"].startswith(accept)


async def test_a_manager_sees_the_call_and_adds_to_the_answer(serve: Serve) -> None:
    seen: list[object] = []

    @asynccontextmanager
    async def manager(request: Request[Any, Any, Any]) -> AsyncIterator[list[str]]:
        call = call_of(request)
        seen.extend([call.operation.name, call.document.trusted, call.nodes, call.correlation_id])
        yield []
        call.extensions["cost"] = {"requested": 3}
        call.headers["RateLimit-Remaining"] = "97"

    async with serve(SCHEMA, context=manager) as client:
        response = await client.post("/graphql", json={"query": "query Named { hello }"})
    assert seen == ["Named", False, 0, response.headers["x-correlation-id"]]
    assert response.json()["extensions"] == {"cost": {"requested": 3}}
    assert response.headers["ratelimit-remaining"] == "97"


async def test_the_page_for_people_is_served_only_when_asked_for(serve: Serve) -> None:
    headers = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    async with serve(SCHEMA, graphiql=True) as client:
        page = await client.get("/graphql", headers=headers)
        answer = await client.get("/graphql", headers=headers, params={"query": "{ __typename }"})
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "graphiql" in page.text.lower()
    assert answer.json() == {"data": {"__typename": "Query"}}
    async with serve(SCHEMA, graphiql=False) as client:
        assert (await client.get("/graphql", headers=headers)).status_code == 400
