"""GraphiQL and introspection: for sandboxes, by policy, and never by the page on a partnership with real children."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from graphql import get_introspection_query

from graphql_api import console
from support.api import Api, Door, open_door
from support.applications import grant, registered
from support.environment import product_settings
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


async def page(environment: dict[str, str], mode: str) -> httpx.Response:
    async with product_settings({**environment, "GRAPHIQL": mode}), open_door(environment) as door:
        return await door.client.get("/graphql", headers=BROWSER)


async def test_the_page_says_who_it_is_keeps_no_token_and_loads_from_one_place(environment: dict[str, str]) -> None:
    assert (await page(environment, "off")).status_code != 200
    shown = await page(environment, "sandbox")
    assert shown.status_code == 200
    assert f'"{console.HEADER}"' in shown.text
    assert "shouldPersistHeaders: false" in shown.text
    assert "subscriptionUrl," not in shown.text
    policy = shown.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert set(re.findall(r'(?:src|href)="(https://[^/]+)', shown.text)) == {"https://unpkg.com"}
    assert shown.text.count("integrity=") == len(re.findall(r'(?:src|href)="https://', shown.text))
    inline = re.findall(r"<script>(.*?)</script>", shown.text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline]
    assert [f"'sha256-{one}'" in policy for one in hashes] == [True]


async def test_in_development_the_page_goes_everywhere(environment: dict[str, str], cambs: Partnership) -> None:
    async with product_settings({**environment, "GRAPHIQL": "everywhere"}), open_door(environment) as door:
        api = await door.member(cambs, "paediatrician")
        assert await asked(api, get_introspection_query(), **BY_PAGE) == (200, None)
