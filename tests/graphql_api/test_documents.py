"""Documents are prepared once, trusted ones are known by their hash, the cache is bounded."""

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import graphql
import pytest
import strawberry
from litestar import Litestar
from litestar.testing import AsyncTestClient

from graphql_api.document_store import DocumentStore, digest
from graphql_api.errors import RequestRefusedError
from graphql_api.execution import ExecutableSchema
from graphql_api.limits import MAX_CHARACTERS

Serve = Callable[..., AbstractAsyncContextManager[AsyncTestClient[Litestar]]]


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "you") -> str:
        return f"Hello {name}"


SCHEMA = ExecutableSchema(Query)
GREETING = "query Greeting($name: String!) {\n  hello(name: $name)\n}\n"
GREETING_ID = hashlib.sha256(GREETING.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "greeting.graphql").write_text(GREETING)
    (tmp_path / "readme.md").write_text("not a document")
    return tmp_path


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts that were parsed, as they are parsed."""
    texts: list[str] = []

    def note(text: str, **options: Any) -> object:
        texts.append(text)
        return graphql.parse(text, **options)

    monkeypatch.setattr("graphql_api.document_store.parse", note)
    return texts


@pytest.mark.parametrize("text", ["{ hello }", "{ nothing }", "{"])
def test_a_document_good_or_bad_is_parsed_once(parsed: list[str], text: str) -> None:
    store = DocumentStore(SCHEMA.core)
    assert store.ad_hoc(text) is store.ad_hoc(text)
    assert parsed == [text]


def test_the_document_used_least_recently_leaves_first(parsed: list[str]) -> None:
    store = DocumentStore(SCHEMA.core, capacity=2)
    for name in ["a", "b", "a", "c", "a", "b"]:
        store.ad_hoc(f"query {name} {{ hello }}")
    assert [text[6] for text in parsed] == ["a", "b", "c", "b"]


def test_a_long_document_is_refused_and_not_kept(parsed: list[str]) -> None:
    fits = "{ hello }".ljust(MAX_CHARACTERS)
    store = DocumentStore(SCHEMA.core)
    assert store.ad_hoc(fits).errors == ()
    with pytest.raises(RequestRefusedError) as refused:
        store.ad_hoc(fits + " ")
    assert refused.value.errors[0]["extensions"]["code"] == "DOCUMENT_TOO_LONG"
    assert parsed == [fits]


def test_a_trusted_document_may_be_long(tmp_path: Path) -> None:
    text = "{ hello }".ljust(MAX_CHARACTERS + 1)
    (tmp_path / "long.graphql").write_text(text)
    assert DocumentStore(SCHEMA.core, tmp_path).ad_hoc(text).trusted


def test_the_text_of_a_trusted_document_is_trusted(folder: Path) -> None:
    store = DocumentStore(SCHEMA.core, folder)
    assert store.ad_hoc(GREETING) is store.trusted(GREETING_ID)
    assert store.ad_hoc(GREETING).trusted
    assert not store.ad_hoc(GREETING + " ").trusted


def test_what_was_published_stays_trusted_when_its_file_changes_or_goes(folder: Path) -> None:
    (folder / "2026-01-31.json").write_text(json.dumps({GREETING_ID: GREETING, "not its hash": "{ hello }"}))
    (folder / "greeting.graphql").write_text("{ nothing }")
    store = DocumentStore(SCHEMA.core, folder, folder, check=False)
    assert store.trusted(GREETING_ID).operation("Greeting").name == "Greeting"
    assert store.trusted(digest("{ hello }")).trusted
    with pytest.raises(RequestRefusedError):
        store.trusted("not its hash")
    (folder / "greeting.graphql").unlink()
    (folder / "2026-02-28.json").write_text(json.dumps({"": "{ gone }"}))
    with pytest.raises(ValueError, match=r"2026-02-28\.json"):
        DocumentStore(SCHEMA.core, folder, folder)


@pytest.mark.parametrize("text", ["{", "{ nothing }", "{ hello { length } }"])
def test_a_bad_trusted_document_stops_the_start(folder: Path, text: str) -> None:
    (folder / "bad.graphql").write_text(text)
    with pytest.raises(ValueError, match=r"bad\.graphql"):
        DocumentStore(SCHEMA.core, folder)


@pytest.mark.parametrize("text", ["{hello" * 300, "{hello(name:" + "[" * 900, "{ hello " * 2_000])
def test_deep_or_endless_text_is_an_error_not_a_crash(text: str) -> None:
    document = DocumentStore(SCHEMA.core).ad_hoc(text[:MAX_CHARACTERS])
    assert document.errors[0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


def test_more_than_a_thousand_tokens_are_not_read() -> None:
    store = DocumentStore(SCHEMA.core)
    literal = '{{ hello(name: "a", unknown: [{}]) }}'
    allowed, refused = store.ad_hoc(literal.format("1 " * 988)), store.ad_hoc(literal.format("1 " * 989))
    assert allowed.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert refused.errors[0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


def test_the_name_picks_the_operation() -> None:
    document = DocumentStore(SCHEMA.core).ad_hoc("query A { hello } query B { hello }")
    assert document.operation("B").name == "B"
    for name in (None, "C", ""):
        with pytest.raises(RequestRefusedError) as refused:
            document.operation(name)
        assert refused.value.errors[0]["extensions"]["code"] == "OPERATION_NOT_FOUND"


def test_a_document_of_fragments_alone_runs_nothing() -> None:
    document = DocumentStore(SCHEMA.core).ad_hoc("fragment F on Query { hello }")
    with pytest.raises(RequestRefusedError):
        document.operation(None)


def test_a_lone_surrogate_has_a_hash() -> None:
    assert len(digest("\ud800")) == 64


@pytest.mark.parametrize(
    "named",
    [
        {"documentId": f"sha256:{GREETING_ID}"},
        {"documentId": GREETING_ID.upper()},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": GREETING_ID}}},
        {"documentId": f"sha256:{GREETING_ID}", "query": GREETING},
        {"documentId": f"sha256:{GREETING_ID}", "query": ""},
    ],
)
async def test_a_trusted_document_is_run_by_its_hash(serve: Serve, folder: Path, named: dict[str, Any]) -> None:
    async with serve(SCHEMA, operations=folder) as client:
        response = await client.post("/graphql", json={**named, "variables": {"name": "Ada"}})
    assert response.json() == {"data": {"hello": "Hello Ada"}}


async def test_a_trusted_document_is_run_by_get(serve: Serve, folder: Path) -> None:
    params = {"documentId": f"sha256:{GREETING_ID}", "variables": '{"name": "Ada"}'}
    async with serve(SCHEMA, operations=folder) as client:
        response = await client.get("/graphql", params=params)
    assert response.json() == {"data": {"hello": "Hello Ada"}}


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({"documentId": "sha256:" + "0" * 64}, "UNKNOWN_DOCUMENT"),
        ({"extensions": {"persistedQuery": {"sha256Hash": "0" * 64}}}, "UNKNOWN_DOCUMENT"),
        ({"extensions": {"persistedQuery": {"sha256Hash": 7}}}, "BAD_REQUEST"),
        ({"extensions": {"persistedQuery": "x"}}, "BAD_REQUEST"),
        ({"documentId": "greeting"}, "BAD_REQUEST"),
        ({"documentId": GREETING_ID, "query": "{ hello }"}, "BAD_REQUEST"),
    ],
)
async def test_an_id_that_leads_nowhere_is_refused(
    serve: Serve, folder: Path, named: dict[str, Any], code: str
) -> None:
    async with serve(SCHEMA, operations=folder) as client:
        headers = {"accept": "application/graphql-response+json"}
        response = await client.post("/graphql", json=named, headers=headers)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == code
