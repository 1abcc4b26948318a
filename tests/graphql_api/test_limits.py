"""Every static limit, at its edge: the last document that passes and the first that does not."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode, GraphQLSchema, get_introspection_query, validate
from litestar import Litestar
from litestar.testing import AsyncTestClient

from graphql_api import limits
from graphql_api.document_store import DocumentStore
from graphql_api.errors import ExpectedError
from graphql_api.execution import ExecutableSchema
from graphql_api.limits import MAX_ALIASES, MAX_DEPTH, MAX_DIRECTIVES, MAX_NODES, MAX_REPEATS, page_size

Serve = Callable[..., AbstractAsyncContextManager[AsyncTestClient[Litestar]]]


@strawberry.type
class Item:
    name: str

    @strawberry.field
    def parent(self) -> "Item":
        return self

    @strawberry.field
    def items(self, first: int | None = None, last: int | None = None) -> list["Item"]:
        return [self] * page_size(first, last)


@strawberry.type
class Leaflet:
    @strawberry.field
    def items(self, first: int) -> list[Item]:
        return [Item(name="x")] * page_size(first, None)


@strawberry.type
class Query:
    @strawberry.field
    def item(self) -> Item:
        return Item(name="x")

    @strawberry.field
    def items(self, first: int | None = None, last: int | None = None) -> list[Item]:
        return [Item(name="x")] * page_size(first, last)

    @strawberry.field
    def either(self) -> Item | Leaflet:
        return Item(name="x")


SCHEMA = ExecutableSchema(Query)


@pytest.fixture
def store() -> DocumentStore:
    return DocumentStore(SCHEMA.core)


def codes(store: DocumentStore, text: str) -> set[str]:
    return {error["extensions"]["code"] for error in store.ad_hoc(text).errors}


def nodes(store: DocumentStore, text: str, **variables: object) -> int:
    return store.ad_hoc(text).operation(None).nodes(variables)


def nested(levels: int) -> str:
    """Return a query whose deepest field is at this level."""
    return "{ item " + "{ parent " * (levels - 2) + "{ name }" + " }" * (levels - 2) + " }"


def test_depth(store: DocumentStore) -> None:
    assert codes(store, nested(MAX_DEPTH)) == set()
    assert codes(store, nested(MAX_DEPTH + 1)) == {"DOCUMENT_TOO_DEEP"}


def test_fragments_hide_no_depth(store: DocumentStore) -> None:
    fragment = "fragment F on Item " + "{ parent " * 8 + "{ name }" + " }" * 8
    shallow = "{ item { parent { ... { ...F } } } }"
    assert codes(store, f"{shallow} {fragment}") == set()
    deep = "{ item { parent { parent { ... { parent { ...F } } } } } }"
    assert codes(store, f"{deep} {fragment}") == {"DOCUMENT_TOO_DEEP"}


def test_fragments_in_a_circle_are_refused(store: DocumentStore) -> None:
    text = "{ item { ...A } } fragment A on Item { ...B } fragment B on Item { parent { ...A } }"
    assert codes(store, text) == {"GRAPHQL_VALIDATION_FAILED"}


def aliases(count: int) -> str:
    return " ".join(f"a{index}: name" for index in range(count))


def test_aliases(store: DocumentStore) -> None:
    assert codes(store, f"{{ item {{ {aliases(MAX_ALIASES)} }} }}") == set()
    assert codes(store, f"{{ item {{ {aliases(MAX_ALIASES + 1)} }} }}") == {"TOO_MANY_ALIASES"}


def test_fragments_multiply_aliases(store: DocumentStore) -> None:
    text = f"{{ item {{ ...F parent {{ ...F }} }} }} fragment F on Item {{ {aliases(8)} }}"
    assert codes(store, text) == {"TOO_MANY_ALIASES"}


def test_fragments_do_not_multiply_fields_without_end(store: DocumentStore) -> None:
    steps = [
        f"fragment F{step} on Item {{ parent {{ ...F{step + 1} }} items(first: 1) {{ ...F{step + 1} }} }}"
        for step in range(11)
    ]
    text = "{ item { ...F0 } }" + " ".join(steps) + "fragment F11 on Item { name }"
    assert "TOO_MANY_FIELDS" in codes(store, text)


def test_a_field_is_not_repeated_without_end(store: DocumentStore) -> None:
    assert codes(store, "{ item {" + " name" * MAX_REPEATS + " } }") == set()
    assert codes(store, "{ item {" + " name" * (MAX_REPEATS + 1) + " } }") == {"TOO_MANY_REPEATS"}


@pytest.mark.parametrize(
    "form",
    [
        "{{ item {{ name {} }} }}",
        "query {} {{ item {{ name }} }}",
        "{{ item {{ ... {} {{ name }} }} }}",
        "{{ item {{ ...F {} }} }} fragment F on Item {{ name }}",
        "{{ item {{ ...F }} }} fragment F on Item {} {{ name }}",
        "query ($v: Int {}) {{ items(first: $v) {{ name }} }}",
    ],
)
def test_directives_wherever_they_stand(store: DocumentStore, form: str) -> None:
    assert "TOO_MANY_DIRECTIVES" not in codes(store, form.format("@include(if: true) " * MAX_DIRECTIVES))
    assert "TOO_MANY_DIRECTIVES" in codes(store, form.format("@include(if: true) " * (MAX_DIRECTIVES + 1)))


async def test_the_usual_introspection_query_passes(serve: Serve) -> None:
    query = get_introspection_query(directive_is_repeatable=True, schema_description=True)
    async with serve(SCHEMA) as client:
        response = await client.post("/graphql", json={"query": query})
    assert "errors" not in response.json()
    assert response.json()["data"]["__schema"]["queryType"]["name"] == "Query"


def test_introspection_does_not_go_round_in_circles(store: DocumentStore) -> None:
    circle = "{ __schema { types " + "{ fields { type " * 4 + "{ name }" + " } }" * 4 + " } }"
    assert codes(store, circle) == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize("arguments", ["(first: 1)", "(last: 100)", "(first: 5, last: null)", "(first: $v)"])
def test_one_page_size_is_enough(store: DocumentStore, arguments: str) -> None:
    variable = "query ($v: Int)" if "$v" in arguments else ""
    assert codes(store, f"{variable} {{ items{arguments} {{ name }} }}") == set()


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "(first: null)",
        "(first: 0)",
        "(last: 101)",
        "(first: -1)",
        "(first: 1, last: 1)",
        "(first: $v, last: 1)",
    ],
)
def test_any_other_page_size_is_refused(store: DocumentStore, arguments: str) -> None:
    variable = "query ($v: Int)" if "$v" in arguments else ""
    assert codes(store, f"{variable} {{ item {{ items{arguments} {{ name }} }} }}") == {"PAGE_SIZE_INVALID"}


def test_a_page_size_is_given_once_and_in_bounds() -> None:
    assert [page_size(1, None), page_size(None, 100)] == [1, 100]
    for first, last in [(None, None), (1, 1), (0, None), (None, 101), (-5, None)]:
        with pytest.raises(ExpectedError) as refused:
            page_size(first, last)
        assert refused.value.code == "PAGE_SIZE_INVALID"


async def test_a_page_size_in_a_variable_is_judged_when_it_runs(serve: Serve) -> None:
    query = "query ($v: Int) { items(first: $v) { name } }"
    async with serve(SCHEMA) as client:
        for value, count in [(3, 3), (0, None), (101, None), (None, None)]:
            response = await client.post("/graphql", json={"query": query, "variables": {"v": value}})
            data = response.json()["data"]
            assert (len(data["items"]) if data else None) == count
            if count is None:
                assert response.json()["errors"][0]["extensions"]["code"] == "PAGE_SIZE_INVALID"


TREE = "items(first: 50) { items(last: 10) { name } parent { items(first: $v) { name } } }"


def test_the_budget_multiplies_page_sizes(store: DocumentStore) -> None:
    assert nodes(store, f"query ($v: Int) {{ {TREE} }}", v=7) == 50 * (1 + 10 + 7)
    assert nodes(store, f"query ($v: Int = 3) {{ {TREE} }}") == 50 * (1 + 10 + 3)


@pytest.mark.parametrize("value", [None, "5", True, 0, -10_000, 101, 2.5])
def test_a_doubtful_page_size_counts_as_the_largest(store: DocumentStore, value: object) -> None:
    assert nodes(store, f"query ($v: Int) {{ {TREE} }}", v=value) == 50 * (1 + 10 + 100)


def test_the_budget_sees_through_fragments_and_unions(store: DocumentStore) -> None:
    text = """
    { either { ... on Item { items(first: 4) { ...F } } ... on Leaflet { items(first: 6) { name } } } }
    fragment F on Item { items(first: 2) { name } }
    """
    assert nodes(store, text) == 4 * (1 + 2) + 6


async def test_over_the_budget_nothing_runs(serve: Serve) -> None:
    query = "query ($a: Int!, $b: Int!) { items(first: $a) { items(first: $b) { name } } }"
    headers = {"accept": "application/graphql-response+json"}
    async with serve(SCHEMA) as client:
        body = {"query": query, "variables": {"a": 100, "b": 99}}
        assert (await client.post("/graphql", json=body, headers=headers)).status_code == 200
        body = {"query": query, "variables": {"a": 100, "b": 100}}
        refused = await client.post("/graphql", json=body, headers=headers)
    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {
            "message": f"The operation can fetch 10100 nodes; {MAX_NODES} are allowed.",
            "extensions": {"code": "NODE_BUDGET_EXCEEDED"},
        }
    ]


def test_the_rules_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[object] = []

    def note(schema: GraphQLSchema, syntax: DocumentNode, rules: Any, **options: Any) -> object:
        used.append(rules)
        return validate(schema, syntax, rules, **options)

    monkeypatch.setattr("graphql_api.document_store.validate", note)
    for name in ("a", "b"):
        DocumentStore(SCHEMA.core).ad_hoc(f"query {name} {{ item {{ name }} }}")
    assert [id(rules) for rules in used] == [id(limits.EXTENT_RULES), id(limits.RULES)] * 2


def test_the_limits_are_the_published_ones() -> None:
    assert (limits.MAX_CHARACTERS, limits.MAX_TOKENS, MAX_NODES) == (15_000, 1_000, 10_000)
    assert (MAX_DEPTH, MAX_ALIASES, MAX_DIRECTIVES, MAX_REPEATS) == (12, 15, 20, 5)
    assert (limits.MAX_FIELDS, limits.MAX_PAGE_SIZE) == (2_000, 100)
