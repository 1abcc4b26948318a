"""What a client is told, what only the log is told, and what nobody is told."""

import enum
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any

import pytest
import strawberry
import structlog
from graphql import GraphQLError
from litestar import Litestar
from litestar.testing import AsyncTestClient

from graphql_api import errors as errors_of_the_api
from graphql_api.errors import MASK, ExpectedError
from graphql_api.execution import ExecutableSchema

Serve = Callable[..., AbstractAsyncContextManager[AsyncTestClient[Litestar]]]
NAME = "Wilhelmina Testchild"
ID = str(uuid.uuid4())


class DomainError(Exception):
    """An error of a lower layer, which knows nothing of this one."""

    code = "CONFLICT"
    message = "Someone else changed it."


@strawberry.enum
class Colour(enum.Enum):
    RED = "red"


@strawberry.input
class Child:
    name: str
    born: date
    siblings: list[int] = strawberry.field(default_factory=list)


@strawberry.type
class Query:
    @strawberry.field
    def unforeseen(self) -> str | None:
        raise LookupError(NAME)

    @strawberry.field
    def bare(self) -> str | None:
        raise GraphQLError(NAME)

    @strawberry.field
    def unwritable(self) -> int | None:
        return NAME  # type: ignore[return-value]

    @strawberry.field
    def colourless(self) -> Colour | None:
        return NAME  # type: ignore[return-value]

    @strawberry.field
    def empty(self) -> str:
        return None  # type: ignore[return-value]

    @strawberry.field
    def foreseen(self) -> str | None:
        raise ExpectedError("NOT_FOUND", "There is no such case.")

    @strawberry.field
    def from_below(self) -> str | None:
        raise DomainError(NAME)

    @strawberry.field
    def register(self, child: Child, colour: Colour = Colour.RED, count: int = 1) -> str:
        return f"{child.name} {colour} {count}"


SCHEMA = ExecutableSchema(Query)


@pytest.fixture
async def client(serve: Serve) -> AsyncIterator[AsyncTestClient[Litestar]]:
    async with serve(SCHEMA, expected=(DomainError,)) as client:
        yield client


async def ask(client: AsyncTestClient[Litestar], query: str, **variables: object) -> list[dict[str, Any]]:
    """Return the errors of an answer that repeats no name."""
    headers = {"x-correlation-id": ID, "accept": "application/graphql-response+json"}
    response = await client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    assert NAME not in response.text
    assert "Did you mean" not in response.text
    errors: list[dict[str, Any]] = response.json()["errors"]
    return errors


@pytest.mark.parametrize(
    ("field", "exception"),
    [
        ("unforeseen", "LookupError"),
        ("bare", "GraphQLError"),
        ("unwritable", "GraphQLError"),
        ("colourless", "GraphQLError"),
        ("empty", "TypeError"),
    ],
)
async def test_what_nobody_foresaw_is_masked_and_logged_by_class(
    client: AsyncTestClient[Litestar], field: str, exception: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors_of_the_api, "log", structlog.get_logger())  # the old one may have been used before
    with structlog.testing.capture_logs() as logs:
        errors = await ask(client, f"{{ {field} }}")
    assert errors == [
        {
            "message": MASK,
            "locations": [{"line": 1, "column": 3}],
            "path": [field],
            "extensions": {"code": "INTERNAL", "correlationId": ID},
        }
    ]
    assert logs[0].pop("exception_at").rpartition(":")[0].endswith(".py")
    assert logs == [
        {
            "event": "graphql_error_masked",
            "log_level": "error",
            "exception_class": exception,
            "correlation_id": ID,
        }
    ]


@pytest.mark.parametrize(
    ("field", "code", "message"),
    [
        ("foreseen", "NOT_FOUND", "There is no such case."),
        ("fromBelow", "CONFLICT", "Someone else changed it."),
    ],
)
async def test_what_was_raised_on_purpose_is_told(
    client: AsyncTestClient[Litestar], field: str, code: str, message: str
) -> None:
    with structlog.testing.capture_logs() as logs:
        (error,) = await ask(client, f"{{ {field} }}")
    assert (error["message"], error["extensions"]) == (message, {"code": code})
    assert logs == []


async def test_a_lower_layers_error_is_masked_unless_it_is_announced(serve: Serve) -> None:
    async with serve(SCHEMA) as client:
        (error,) = await ask(client, "{ fromBelow }")
    assert error["message"] == MASK


REGISTER = "query ($child: Child!, $count: Int) { register(child: $child, count: $count) }"


@pytest.mark.parametrize(
    ("variables", "place", "wanted"),
    [
        ({"child": {"name": "x", "born": NAME}}, "child.born", "Date!"),
        ({"child": {"name": NAME}}, "child.born", "Date!"),
        ({"child": {"name": NAME, "born": None}}, "child.born", "Date!"),
        ({"child": {"name": "x", "born": "2019-02-03", "siblings": [1, NAME]}}, "child.siblings[1]", "Int!"),
        ({"child": {"name": {"first": NAME}, "born": "2019-02-03"}}, "child.name", "String!"),
        ({"child": {"name": "x", "born": "2019-02-03", NAME: 1}}, "child", "Child!"),
        ({"child": NAME}, "child", "Child!"),
        ({"child": {"name": "x", "born": "2019-02-03"}, "count": NAME}, "count", "Int"),
    ],
)
async def test_a_bad_variable_is_placed_and_its_type_named_but_it_is_not_repeated(
    client: AsyncTestClient[Litestar], variables: dict[str, object], place: str, wanted: str
) -> None:
    (error,) = (await ask(client, REGISTER, **variables))[-1:]
    name = place.partition(".")[0]
    assert error["message"] == f"Variable '${name}' is not valid at '{place}': give a value of type '{wanted}'."
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.parametrize("variables", [{}, {"child": None}])
async def test_a_missing_variable_is_named(client: AsyncTestClient[Litestar], variables: dict[str, object]) -> None:
    (error,) = await ask(client, REGISTER, **variables)
    assert error["message"] == "Variable '$child' of type 'Child!' must not be null."


async def test_a_null_that_only_shows_when_run_is_the_callers_mistake(
    client: AsyncTestClient[Litestar],
) -> None:
    child = {"name": "x", "born": "2019-02-03"}
    (error,) = await ask(client, REGISTER, child=child, count=None)
    assert error["message"] == "Argument 'count' must be given and must not be null."
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (f'child: {{name: "x", born: "{NAME}"}}', "Expected a value of type 'Date!'."),
        (f'child: "{NAME}"', "Expected a value of type 'Child!'."),
        (
            f'child: {{name: "x", born: "2019-02-03"}}, colour: "{NAME}"',
            "Expected a value of type 'Colour!'.",
        ),
        (f'child: {{name: "x", born: "2019-02-03"}}, count: "{NAME}"', "Expected a value of type 'Int!'."),
        ('child: {name: "x"}', "Field 'Child.born' of required type 'Date!' was not provided."),
    ],
)
async def test_a_bad_literal_is_not_repeated(client: AsyncTestClient[Litestar], arguments: str, message: str) -> None:
    (error,) = await ask(client, f"{{ register({arguments}) }}")
    assert error["message"] == message
    assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
    assert error["locations"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (f'{{ register("{NAME}") }}', "Syntax Error: Expected Name, found String."),
        (f'{{ "{NAME}" }}', "Syntax Error: Expected Name, found String."),
        (f'"{NAME}" {{ a }} """{NAME}"""', None),
        ("{ register(child: 1 }", "Syntax Error: Expected Name, found '}'."),
        ("{", "Syntax Error: Expected Name, found <EOF>."),
    ],
)
async def test_a_syntax_error_repeats_no_literal(
    client: AsyncTestClient[Litestar], document: str, message: str | None
) -> None:
    (error,) = await ask(client, document)
    assert message is None or error["message"] == message
    assert error["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}


@pytest.mark.parametrize(
    "document",
    [
        "{ unforeseenn }",
        '{ register(child: {name: "x", born: "2019-02-03"}, colou: RED) }',
        '{ register(child: {name: "x", born: "2019-02-03"}, colour: REDD) }',
        '{ register(child: {nam: "x", name: "x", born: "2019-02-03"}) }',
        "query ($c: Chil!) { register(child: $c) }",
        "{ unforeseen @includ(if: true) }",
        "{ ... on Quer { unforeseen } }",
    ],
)
async def test_no_message_helps_to_guess_the_schema(client: AsyncTestClient[Litestar], document: str) -> None:
    errors = await ask(client, document)
    assert {error["extensions"]["code"] for error in errors} == {"GRAPHQL_VALIDATION_FAILED"}
