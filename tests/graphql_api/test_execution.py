"""Prepared documents are run as graphql-core runs them, faster."""

import asyncio
import enum
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any, Final, cast

import pytest
import strawberry
from graphql import ExecutionResult, execute, parse
from strawberry.extensions import FieldExtension

from graphql_api.execution import ExecutableSchema


@strawberry.enum
class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


class Shouted(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return next_(source, info, **kwargs).upper()


@strawberry.type
class Stone:
    id: strawberry.ID
    name: str
    colour: Colour
    weight: int | None
    marks: list[str]
    found_at: datetime
    shouted: str = strawberry.field(extensions=[Shouted()])
    below: "Stone | None" = None

    @strawberry.field
    async def slow(self) -> str:
        await asyncio.sleep(0)
        return self.name

    @strawberry.field
    def repeated(self, times: int = 2) -> str:
        return self.name * times


class Crumbling(Stone):
    @property
    def name(self) -> str:
        raise LookupError("it has no name any more")

    @name.setter
    def name(self, value: str) -> None:
        pass


STONES: Final[list[Stone]] = []


@strawberry.type
class Query:
    @strawberry.field
    def stones(self) -> list[Stone | None]:
        return list(STONES)

    @strawberry.field
    async def stone(self) -> Stone:
        return STONES[0]


def stone(kind: type[Stone] = Stone, **odd: Any) -> Stone:
    values: dict[str, Any] = {
        "id": strawberry.ID("1"), "name": "slate", "colour": Colour.RED, "weight": 3, "marks": ["a", "b"],
        "found_at": datetime(2026, 3, 1, tzinfo=UTC), "shouted": "flint",
    }  # fmt: skip
    return kind(**{**values, **odd})


async def awaited(value: object) -> object:
    return value


def told(result: ExecutionResult) -> tuple[Any, list[Any]]:
    return result.data, sorted((str(one.path), one.message, str(one.locations)) for one in result.errors or [])


DOCUMENT: Final = """
    { stones { name ...rest below { weight shouted id } again: repeated(times: 3) slow } stone { colour slow } }
    fragment rest on Stone { __typename colour key: id weight marks foundAt shouted repeated name }
"""


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"weight": None},
        {"name": None},
        {"name": 7},
        {"name": ["slate"]},
        {"name": LookupError("a name that is an error")},
        {"colour": "blue"},
        {"colour": None},
        {"weight": "heavy"},
        {"weight": 2**40},
        {"id": None},
        {"id": object()},
        {"marks": None},
        {"marks": ["a", None]},
        {"found_at": "some day"},
        {"shouted": None},
        {"kind": Crumbling},
        {"below": stone(weight=None)},
        {"below": stone(id=None)},
    ],
    ids=lambda odd: " ".join(odd) or "nothing odd",
)
async def test_whatever_a_plain_value_is_the_answer_is_that_of_graphql_core(odd: dict[str, Any]) -> None:
    schema, document = ExecutableSchema(Query), parse(DOCUMENT)
    for place in (0, 1):
        STONES[:] = [stone(), stone()]
        STONES[place] = stone(**odd)
        plainly = await cast("Awaitable[ExecutionResult]", execute(schema.core, document))
        run = await schema.run(document, context=None, variables={}, operation_name=None)
        assert told(run) == told(plainly)
        assert list((run.data or {}).items()) == list((plainly.data or {}).items()), "in the order asked for"


@pytest.mark.parametrize("value", ["slate", None, 7])
async def test_a_value_that_is_still_to_come_is_waited_for(value: object) -> None:
    schema = ExecutableSchema(Query)
    document = parse("{ stones { id name weight } }")
    STONES[:] = [stone(name=awaited(value))]
    plainly = await cast("Awaitable[ExecutionResult]", execute(schema.core, document))
    STONES[:] = [stone(name=awaited(value))]
    assert told(await schema.run(document, context=None, variables={}, operation_name=None)) == told(plainly)
