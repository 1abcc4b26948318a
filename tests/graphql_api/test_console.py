"""GraphiQL and introspection: for sandboxes, by policy, and never by the page on a partnership with real children."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator

import asyncpg
import pytest
from graphql import get_introspection_query
from strawberry.http.ides import get_graphql_ide_html

from graphql_api.console import admission as console
from graphql_api.console.page import files
from support.api import Api, Door, open_door
from support.applications import grant, registered
from support.environment import product_settings
from support.pages import usable
from support.partnership import Partnership

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
BY_PAGE = {console.HEADER: "GraphiQL"}
ME = "{ me { roles } }"


@pytest.fixture
async def door(environment: dict[str, str]) -> AsyncIterator[Door]:
    """The API of a service that offers GraphiQL, and introspection, to developers with a sandbox."""
    policy = {**environment, "GRAPHIQL": "sandbox", "INTROSPECTION": "sandbox"}
    async with product_settings(policy), open_door(environment) as opened:
        yield opened


async def asked(api: Api, query: str, **headers: str) -> tuple[int, str | None]:
    """The status, and the code of a refusal."""
    answer = await api.client.post("/graphql", json={"query": query}, headers=api.headers | headers)
    errors = answer.json().get("errors")
    return answer.status_code, errors[0]["extensions"]["code"] if errors else None


async def made_sandbox(environment: dict[str, str], partnership: Partnership) -> None:
    owner = await asyncpg.connect(environment["DATABASE_OWNER_URL"])
    try:
        await owner.execute("UPDATE routing.partnership SET sandbox = true WHERE id = $1", partnership.id)
    finally:
        await owner.close()


async def test_a_developer_uses_graphiql_on_a_sandbox_alone(
    door: Door, environment: dict[str, str], cambs: Partnership, herts: Partnership
) -> None:
    await made_sandbox(environment, herts)
    app = await registered()
    for partnership in (cambs, herts):
        await grant(partnership, app, "rotas:read")
    machine = await app.api(door)
    sandbox = BY_PAGE | {"Safeguard-Partnership": herts.slug}
    for query in ("{ rotas { id } }", get_introspection_query()):
        assert await asked(machine, query, **sandbox) == (200, None)
        refused = await asked(machine, query, **BY_PAGE, **{"Safeguard-Partnership": cambs.slug})
        assert refused == (403, "SANDBOX_ONLY")
    person = await door.member(herts, "paediatrician")
    assert await asked(person, get_introspection_query(), **BY_PAGE) == (200, None)
    assert await asked(person, ME, **BY_PAGE, **{"Safeguard-Partnership": ""}) == (200, None), "as the page has it"
    practitioner = await door.member(cambs, "paediatrician")
    assert await asked(practitioner, ME, **BY_PAGE) == (403, "SANDBOX_ONLY")
    assert await asked(practitioner, ME) == (200, None)
    assert await asked(Api(door.client, "x"), ME, **BY_PAGE) == (401, "INVALID_TOKEN"), "first of all, who it is"


async def test_introspection_is_kept_to_sandboxes_by_policy(door: Door, cambs: Partnership) -> None:
    api = await door.member(cambs, "paediatrician")
    hidden = 'query Q { ...Deep } fragment Deep on Query { ... on Query { shape: __type(name: "Case") { name } } }'
    for query in (get_introspection_query(), hidden):
        assert await asked(api, query) == (403, "INTROSPECTION_CLOSED")
    assert await asked(api, "{ __typename me { roles } }") == (200, None)
    schema = await door.client.get("/developers/schema.graphql")
    assert schema.status_code == 200


async def test_the_page_and_all_that_it_loads_come_from_here_and_nothing_is_kept(environment: dict[str, str]) -> None:
    async with product_settings({**environment, "GRAPHIQL": "off"}), open_door(environment) as door:
        assert (await door.client.get("/graphql", headers=BROWSER)).status_code != 200
        assert (await door.client.get("/graphql/console/console.js")).status_code == 404
    async with product_settings({**environment, "GRAPHIQL": "sandbox"}), open_door(environment) as door:
        shown = await door.client.get("/graphql", headers=BROWSER)
        loaded = re.findall(r'(?:src|href)="(/graphql/[^"]+)"', shown.text)
        answers = {path: await door.client.get(path) for path in loaded}
        one = loaded[0]
        again = await door.client.get(one, headers={"If-None-Match": answers[one].headers["etag"]})
        plain = await door.client.get(one, headers={"Accept-Encoding": "identity"})
        missing = await door.client.get("/graphql/console/..%2Fpage.py")
    assert shown.status_code == 200
    usable(shown.text, scripted=True)
    assert not re.search(r"https?://", shown.text)
    policy = shown.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    assert {path.rsplit("/", 1)[1] for path in loaded} == set(files())
    kinds = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
    for path, answer in answers.items():
        assert (answer.status_code, answer.headers["content-type"]) == (200, kinds[path[path.rindex(".") :]]), path
        assert answer.content == files()[path.rsplit("/", 1)[1]].body
    assert (again.status_code, again.content, missing.status_code) == (304, b"", 404)
    assert ("content-encoding" in plain.headers, plain.content) == (False, files()[one.rsplit("/", 1)[1]].body)


def test_what_others_wrote_of_the_page_is_what_they_published() -> None:
    """Strawberry's page, which loads the same files from elsewhere, names the digest of each."""
    published = dict(re.findall(r'/([^/"]+)"\s+integrity="sha384-([^"]+)"', get_graphql_ide_html("graphiql")))
    theirs = {name: file for name, file in files().items() if not name.startswith("console.")}
    assert len(theirs) == 4
    for name, file in theirs.items():
        assert base64.b64encode(hashlib.sha384(file.body).digest()).decode() == published[name], name


def test_the_page_says_who_it_is_and_holds_a_token_no_longer_than_it_is_open() -> None:
    own = files()["console.js"].body.decode()
    assert f'"{console.HEADER}"' in own
    assert "shouldPersistHeaders: false" in own
    assert not re.search(r"localStorage|sessionStorage|document\.cookie|history\.", own)
    assert re.search(r"\bstorage,", own), "GraphiQL would keep queries and variables in the browser"


async def test_in_development_the_page_goes_everywhere(environment: dict[str, str], cambs: Partnership) -> None:
    async with product_settings({**environment, "GRAPHIQL": "everywhere"}), open_door(environment) as door:
        api = await door.member(cambs, "paediatrician")
        assert await asked(api, get_introspection_query(), **BY_PAGE) == (200, None)
