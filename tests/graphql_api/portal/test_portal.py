"""The pages for developers: plain, complete, and true of the schema that runs."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import build_schema, get_named_type, parse, validate
from litestar import Litestar
from litestar.testing import TestClient

import backend
import graphql_api
from backend.applications.authentication import ADDRESS, CLIENT
from backend.developers import developers
from backend.kit.problems import Problem
from graphql_api.applications.admission import AD_HOC_NODES
from graphql_api.document_store import digest
from graphql_api.limits import (
    MAX_ALIASES,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_DIRECTIVES,
    MAX_FIELDS,
    MAX_NODES,
    MAX_PAGE_SIZE,
    MAX_REPEATS,
    MAX_TOKENS,
)
from graphql_api.portal import guides
from graphql_api.portal.changelog import changelog, differences
from graphql_api.portal.pages import Page, pages
from graphql_api.portal.phones import CLOSES
from graphql_api.protocol import MAX_BODY
from graphql_api.schema import schema
from graphql_api.subscriptions.connection import MOST_OPERATIONS
from graphql_api.subscriptions.messages import Code
from graphql_api.throttling import AD_HOC, DOING, REFUSED, TRUSTED
from support.api import Door, operation
from support.pages import Outline, usable
from support.partnership import Partnership

URL = "https://safeguard.example.org"
GRAPHQL = Path(__file__).parents[3] / "graphql"
EDITIONS, OPERATIONS = GRAPHQL / "changelog", GRAPHQL / "operations"


@pytest.fixture(scope="module")
def made() -> dict[str, Page]:
    return dict(pages(schema.core, URL, "https://issuer.example.org", OPERATIONS, EDITIONS))


def html(made: dict[str, Page]) -> dict[str, Outline]:
    """The pages that people read; the schema as text is for their tools."""
    return {path: Outline(page.body) for path, page in made.items() if page.media_type == "text/html"}


def test_every_page_can_be_used_by_everybody_and_has_no_script(made: dict[str, Page]) -> None:
    for path, page in made.items():
        if page.media_type != "text/html":
            continue
        found = usable(page.body)
        assert page.body.startswith(b"<!doctype html>\n"), path
        assert found.targets[0] == "#main-text", "the way past the places is first"
        here = [told["href"] for tag, told in found.attributes if tag == "a" and told.get("aria-current") == "page"]
        assert here == ([f"/developers/{path}"] if "/" not in path else []), path
        # What is wider than a telephone scrolls by itself, and by the keyboard.
        wide = [told for tag, told in found.attributes if tag == "pre" or told.get("class") == "wide"]
        assert all(told.get("tabindex") == "0" for told in wide), path
        assert found.tags.count("table") == sum(told.get("role") == "region" for told in wide), path


def test_every_link_leads_to_a_page(made: dict[str, Page]) -> None:
    for path, found in html(made).items():
        for link in found.targets:
            if link.startswith("#"):
                assert link[1:] in found.ids, (path, link)
            else:
                assert link.removeprefix("/developers/") in made, (path, link)


def test_every_type_has_a_page_with_a_place_for_each_field(made: dict[str, Page]) -> None:
    shown = html(made)
    for name, kind in schema.core.type_map.items():
        if name.startswith("__"):
            continue
        found = shown[f"reference/{name}"]
        fields: Any = getattr(kind, "fields", {})
        assert set(fields) <= set(found.ids), name
        for field in fields.values():
            assert f"/developers/reference/{get_named_type(field.type).name}" in found.targets, name


def test_every_code_that_is_told_is_in_the_catalogue() -> None:
    kinds: list[type[Problem]] = [Problem, *Problem.__subclasses__()]
    told = {kind.code for kind in kinds}
    pattern = re.compile(
        r"(?:HTTPProblem\(\d+, |formatted\(|ExpectedError\(|Unauthenticated\(|\"code\": )\s*\"([A-Z][A-Z_]+)\""
        r"|^[A-Z_]+: Final = \"([A-Z][A-Z_]{5,})\"$",
        re.MULTILINE,
    )
    for package in (graphql_api, backend):
        for path in Path(str(package.__file__)).parent.rglob("*.py"):
            if path.parent.name == "portal" or (package is backend and path.parent.name != "identity"):
                continue
            told |= {one or other for one, other in pattern.findall(path.read_text())}
    assert told - {"INTERNAL"} <= guides.CODES.keys(), sorted(told - guides.CODES.keys())


def test_every_limit_that_a_client_can_meet_is_told() -> None:
    found = guides.limits()
    met = [MAX_CHARACTERS, MAX_TOKENS, MAX_DEPTH, MAX_ALIASES, MAX_DIRECTIVES, MAX_FIELDS, MAX_REPEATS, MAX_PAGE_SIZE]
    met += [MAX_NODES, AD_HOC_NODES, MAX_BODY // 1024, MOST_OPERATIONS]
    met += [figure for one in (TRUSTED, AD_HOC, DOING, CLIENT, REFUSED, ADDRESS) for figure in (one.holds, one.gains)]
    assert [figure for figure in met if not re.search(rf"\b{figure:,}\b", found)] == []


def test_every_reason_to_close_a_connection_is_told() -> None:
    assert CLOSES.keys() == set(Code)


@pytest.mark.parametrize("sample", [guides._CURL, guides._PYTHON, guides._TYPESCRIPT])  # what readers copy
def test_the_query_of_each_sample_fits_the_schema(sample: str) -> None:
    (query,) = re.findall(r"\{ onCallNow.*?\} \}", sample.format(url=URL).replace('\\"', '"'))
    assert validate(schema.core, parse(query + " }" * (query.count("{") - query.count("}")))) == []


async def test_who_is_on_call_is_asked_by_a_url_alone(door: Door, cambs: Partnership) -> None:
    sample = guides._BY_URL.format(url="http://api")
    (name,) = re.findall(r"sha256sum < (\w+)\.graphql", sample)
    (variables,) = re.findall(r"'variables=(.*)'", sample)
    asked = {"documentId": f"sha256:{digest(operation(name))}", "variables": variables}
    officer = await door.on_call(cambs, "sio")
    answer = await officer.client.get("/graphql", params=asked, headers=officer.headers)
    assert answer.json()["data"]["onCallNow"]["covered"] is True
    assert answer.headers["cache-control"] == "no-store"


def test_a_stranger_finds_the_document_and_the_scope_it_needs_on_the_pages(made: dict[str, Page]) -> None:
    listed = html(made)["documents"]
    for file in OPERATIONS.glob("*.graphql"):
        text = made[f"documents/{file.name}"]
        assert (text.body, text.media_type) == (file.read_bytes(), "text/plain"), file.name
        assert file.stem in listed.ids
        assert f"sha256:{digest(file.read_text())}" in listed.text, file.name
    for_applications, for_people = made["documents"].body.decode().split("For people")
    for name, needs in {"WhoIsOnCall": "rotas:read", "MakeReferral": "referrals:write"}.items():
        (told,) = re.findall(rf'id="{name}".*?</dd>', for_applications, re.DOTALL)
        assert f"It needs {needs}." in told
        assert name in guides.start(URL)
    assert all(f'id="{name}"' in for_people for name in ("AcknowledgeAlert", "WatchMyAlerts", "CaseScreen"))


def test_what_changed_is_told_from_two_editions() -> None:
    before = build_schema('type Query { a: Int @deprecated(reason: "Gone on 2027-12-01.") b: Int e: E } enum E { X }')
    after = build_schema("type Query { b: String! c: Int e: E } enum E { X Y }")
    found = differences(before, after)
    assert found["Added"] == ["E.Y", "Query.c"]
    assert found["May surprise"] == ["Y was added to enum type E."]
    assert sorted(found["Breaks"]) == ["Query.a was removed.", "Query.b changed type from Int to String!."]
    page = changelog({"2026-01-01": before}, before)
    assert "Query.a: Gone on 2027-12-01." in page
    assert "Query.c" in changelog({"2026-01-01": before, "2026-02-01": after}, after)


def test_a_page_is_sent_once_and_nothing_is_loaded_by_it(environment: dict[str, str]) -> None:
    with TestClient(Litestar([developers], openapi_config=None)) as client:
        first = client.get("/developers/")
        assert first.status_code == 200
        assert first.headers["content-type"] == "text/html; charset=utf-8"
        assert first.headers["content-security-policy"].startswith("default-src 'none'")
        again = client.get("/developers", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get("/developers/schema.graphql").text.startswith('"""')
        packed = client.get("/developers/schema.graphql", headers={"Accept-Encoding": "gzip"})
        assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert int(packed.headers["content-length"]) * 4 < len(packed.content)
        assert "content-encoding" not in client.get("/developers/", headers={"Accept-Encoding": "identity"}).headers
        missing: httpx.Response = client.get("/developers/reference/Nothing<script>")
        assert (missing.status_code, "Nothing" in missing.text, "<script" in missing.text) == (404, False, False)
    usable(missing.text)
