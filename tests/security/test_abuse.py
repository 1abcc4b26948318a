"""Thirteen ways in which a GraphQL service is abused, tried on the real one by a member who is signed in.

Each names what is refused and with which code, and that nothing was run: the classes are those that scanners of
GraphQL services look for. A stranger gets no further than the token.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from graphql import get_introspection_query

from backend.applications.authentication import ADDRESS, CLIENT
from backend.kit.broker import broker
from graphql_api.limits import MAX_ALIASES, MAX_CHARACTERS, MAX_DEPTH, MAX_DIRECTIVES, MAX_REPEATS
from graphql_api.protocol import MAX_BODY
from graphql_api.throttling import AD_HOC, DOING, TRUSTED
from support.api import Api, Door, death, fresh_key, open_door, operation, rows
from support.applications import grant, registered
from support.environment import product_settings
from support.partnership import Partnership
from support.sockets import connected
from tenants.applications.models import ApplicationRequest

RUNS = "{ me { roles } }"


@pytest.fixture
async def member(door: Door) -> Api:
    return door.person("juniper.blythe")


async def post(member: Api, document: str, **more: Any) -> httpx.Response:
    headers = {**member.headers, "accept": "application/graphql-response+json", **more.pop("headers", {})}
    return await member.client.post("/graphql", json={"query": document, **more}, headers=headers)


async def refusal(member: Api, document: str) -> set[str]:
    """The codes with which a document is refused before anything of it runs."""
    answer = await post(member, document)
    body = answer.json()
    assert answer.status_code == 400, body
    assert "data" not in body
    return {error["extensions"]["code"] for error in body["errors"]}


async def test_the_member_is_answered_otherwise(member: Api) -> None:
    """Else all that follows would hold for a service that refuses everything."""
    assert (await post(member, RUNS)).status_code == 200


async def test_1_aliases(member: Api) -> None:
    aliases = " ".join(f"a{number}: me {{ roles }}" for number in range(MAX_ALIASES + 1))
    assert await refusal(member, f"{{ {aliases} }}") == {"TOO_MANY_ALIASES"}


@pytest.mark.parametrize("size", [1, 2, 50])
async def test_2_batches(member: Api, size: int) -> None:
    batch = [{"query": RUNS}] * size
    answer = await member.client.post("/graphql", json=batch, headers=member.headers)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BATCHING_NOT_SUPPORTED")


async def test_3_depth(member: Api) -> None:
    deep = "alerts(first: 1) { edges { node { case { " + "subjects { child { cases { " * 4 + "id" + " } } }" * 4
    assert MAX_DEPTH < 16
    assert "DOCUMENT_TOO_DEEP" in await refusal(member, f"{{ {deep} }} }} }} }} }}")


async def test_4_circular_fragments(member: Api) -> None:
    circle = "fragment A on Me { ...B } fragment B on Me { ...A } { me { ...A } }"
    assert "GRAPHQL_VALIDATION_FAILED" in await refusal(member, circle)


async def test_5_directives(member: Api) -> None:
    many = "@include(if: true) " * (MAX_DIRECTIVES + 1)
    assert "TOO_MANY_DIRECTIVES" in await refusal(member, f"{{ me {many} {{ roles }} }}")


async def test_6_fields_repeated(member: Api) -> None:
    assert await refusal(member, "{ me { " + "roles " * (MAX_REPEATS + 1) + "} }") == {"TOO_MANY_REPEATS"}


async def test_7_introspection_in_circles_and_by_strangers(member: Api) -> None:
    circle = "{ __schema { types { " + "fields { type { " * 5 + "name" + " } }" * 5 + " } } }"
    assert await refusal(member, circle)
    answer = await member.client.post("/graphql", json={"query": get_introspection_query()})
    assert answer.status_code == 401
    assert "__schema" not in answer.text


@pytest.mark.parametrize("typed", ["{ mee { roles } }", "{ me { role } }", "mutation { acknowledgeAlrt { id } }"])
async def test_8_suggestions(member: Api, typed: str) -> None:
    body = (await post(member, typed)).text
    assert "Did you mean" not in body
    for name in ('"me"', "'me'", "roles'", "acknowledgeAlert'"):
        assert name not in body


async def test_9_mutations_by_get(member: Api) -> None:
    query = 'mutation { acknowledgeAlert(input: {slotId: "x", idempotencyKey: "12345678"}) { __typename } }'
    answer = await member.client.get("/graphql", params={"query": query}, headers=member.headers)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "application/graphql"],
)
async def test_10_what_a_foreign_page_can_post(member: Api, kind: str) -> None:
    for body in (json.dumps({"query": RUNS}), "query=%7B+me+%7B+roles+%7D+%7D"):
        answer = await member.client.post("/graphql", content=body, headers={**member.headers, "content-type": kind})
        assert answer.status_code == 415
        assert "access-control-allow-origin" not in answer.headers


async def test_10_a_cookie_signs_nobody_in(member: Api) -> None:
    token = member.headers["authorization"].removeprefix("Bearer ")
    cookies = {"cookie": f"access_token={token}; Authorization={token}"}
    assert (await member.client.post("/graphql", json={"query": RUNS}, headers=cookies)).status_code == 401


async def test_11_tracing(member: Api) -> None:
    asked = {"apollo-federation-include-trace": "ftv1", "apollo-tracing": "1", "x-apollo-tracing": "1"}
    answer = await post(member, RUNS, headers=asked, extensions={"tracing": True, "debug": True})
    assert answer.json().get("extensions", {}).keys() <= {"cost"}
    assert not {name for name in answer.headers if "trace" in name or "timing" in name}


@pytest.mark.parametrize("name", ["traceparent", "tracestate", "baggage", "x-b3-traceid", "x-correlation-id"])
async def test_12_trace_headers(member: Api, name: str) -> None:
    planted = "<script>Fernleaf Testchild</script>"
    answer = await post(member, RUNS, headers={name: planted})
    assert answer.status_code == 200
    assert planted not in answer.text + str(answer.headers)


async def test_13_size(member: Api) -> None:
    large = await member.client.post("/graphql", content=b" " * (MAX_BODY + 1), headers={
        **member.headers, "content-type": "application/json"})  # fmt: skip
    assert (large.status_code, large.json()["errors"][0]["extensions"]["code"]) == (413, "BODY_TOO_LARGE")
    assert await refusal(member, "{ me { roles } } #" + "x" * MAX_CHARACTERS) == {"DOCUMENT_TOO_LONG"}
    assert await refusal(member, "{ me { " + "roles ... on Me { roles } " * 400 + "} }") == {"GRAPHQL_PARSE_FAILED"}


async def test_a_connection_in_a_connection_is_charged_before_it_runs(member: Api) -> None:
    within = "alerts(first: 100) { edges { node { case { timeline(first: 100) { edges { node { kind } } } } } } }"
    assert await refusal(member, f"{{ {within} }}") == {"NODE_BUDGET_EXCEEDED"}


async def cost(api: Api, document: str, **variables: Any) -> dict[str, int]:
    found: dict[str, int] = (await api.send(document, variables))["extensions"]["cost"]
    return found


async def test_every_answer_tells_what_it_was_charged_and_what_it_came_to(member: Api) -> None:
    await member.mutate("ReportChildDeath", **death())
    told = await cost(member, "{ alerts(first: 50) { edges { node { id } } } }")
    assert told["requested"] == 51
    assert 1 < told["actual"] < told["requested"]
    trusted = await cost(member, operation("Directory"), first=50)
    assert trusted["maximum"] == TRUSTED.holds > AD_HOC.holds == told["maximum"]


@pytest.fixture
async def throttling(environment: dict[str, str]) -> AsyncIterator[Door]:
    """A service that throttles. Everybody's buckets are full."""
    async with product_settings({**environment, "THROTTLING": "true"}), open_door(environment) as door:
        for key in broker().client.scan_iter("safeguard:budget:*"):
            broker().client.delete(key)
        yield door


@pytest.fixture
async def throttled(throttling: Door) -> Api:
    return throttling.person("juniper.blythe")


async def test_who_asks_for_too_much_is_told_when_to_come_again_and_can_still_answer(throttled: Api) -> None:
    aliases = " ".join(f"a{number}: directoryEntries(first: 100) {{ edges {{ cursor }} }}" for number in range(10))
    before = await cost(throttled, RUNS)
    assert before["available"] == AD_HOC.holds - 1
    # What is charged is given back when nothing came of it: the bucket is emptied by hand.
    (key,) = broker().client.scan_iter("safeguard:budget:*ad-hoc")
    broker().client.hset(key, "left", 500)
    answer = await post(throttled, f"{{ {aliases} }}")
    assert answer.status_code == 429
    assert answer.json()["errors"][0]["extensions"]["code"] == "THROTTLED"
    wait = int(answer.headers["retry-after"])
    assert 1 <= wait <= 1_000 / AD_HOC.gains
    assert (await post(throttled, RUNS)).status_code == 200, "a smaller question is answered"
    assert (await throttled.send(operation("WhoIsOnCall"), {"role": "sio"}))["data"], "an app's own screens go on"
    done = await throttled.mutate("RetireContactMethod", contactMethodId="x", idempotencyKey=fresh_key())
    assert done["__typename"] == "NotFoundProblem"
    assert DOING.holds > 100


async def test_what_was_not_fetched_is_given_back(throttled: Api) -> None:
    first = await cost(throttled, "{ caseless: alerts(first: 100) { edges { cursor } } }")
    assert first["requested"] == 101
    assert first["available"] >= AD_HOC.holds - first["actual"] - 1


async def test_refusals_of_an_application_are_kept_but_not_without_end(throttling: Door, cambs: Partnership) -> None:
    app = await registered()
    await grant(cambs, app, "rotas:read")
    api = await app.api(throttling)
    assert (await post(api, "{ cases(first: 1) { edges { cursor } } }")).status_code == 403
    (key,) = broker().client.scan_iter("safeguard:budget:*refused")
    broker().client.hset(key, mapping={"left": 0, "at": _milliseconds()})
    answer = await post(api, "{ clocks(first: 1) { edges { cursor } } }")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert (await post(api, "{ rotas { code } }")).status_code == 200, "what it may do goes on"
    kept = [(row.fields, row.refused_as) for row in await rows(cambs, ApplicationRequest)]
    assert kept == [(["cases"], "FORBIDDEN"), (["rotas"], None)]


async def test_following_is_charged_as_asking_is(throttling: Door, throttled: Api) -> None:
    document = "subscription { myTasks { id } }"
    async with connected(throttling.application) as wire:
        await wire.init(throttled.headers["authorization"].removeprefix("Bearer "))
        await wire.silence(await wire.subscribe(document))
        (key,) = broker().client.scan_iter("safeguard:budget:*ad-hoc")
        broker().client.hset(key, "left", -500)
        refused = await wire.hear_of(await wire.subscribe(document))
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == ("error", "THROTTLED")


async def test_a_broker_that_is_away_refuses_nobody(environment: dict[str, str]) -> None:
    away = {**environment, "THROTTLING": "true", "BROKER_URL": "redis://127.0.0.1:1/0"}
    async with product_settings(away), open_door(away) as door:
        assert (await post(door.person("juniper.blythe"), RUNS)).status_code == 200


async def test_tokens_are_given_out_only_so_often_to_a_client_and_to_an_address(environment: dict[str, str]) -> None:
    """Whoever knows an application's id and no more empties their own address's bucket, never the application's."""
    given = {**environment, "THROTTLING": "true", "PROXIES_IN_FRONT": "1"}
    async with product_settings(given), open_door(environment) as door:
        for key in broker().client.scan_iter("safeguard:tokens:*"):
            broker().client.delete(key)
        app = await registered()

        async def ask(address: str, secret: str = app.secret) -> httpx.Response:
            headers = {"x-forwarded-for": f"203.0.113.250, {address}"}
            form = {"grant_type": "client_credentials"}
            return await door.client.post("/oauth/token", data=form, auth=(str(app.id), secret), headers=headers)

        assert (await ask("192.0.2.1")).status_code == 200
        broker().client.hset("safeguard:tokens:address:192.0.2.2", mapping={"left": 2, "at": _milliseconds()})
        told = [(await ask("192.0.2.2", "wrong")).status_code for _ in range(3)]
        assert told == [401, 401, 429]
        assert (await ask("192.0.2.1")).status_code == 200, "the application goes on from where it is"
        broker().client.hset(f"safeguard:tokens:{app.id}", mapping={"left": 0, "at": _milliseconds()})
        refused = await ask("192.0.2.3")
        assert (refused.status_code, refused.json()["error"]) == (429, "temporarily_unavailable")
        assert 1 <= int(refused.headers["retry-after"]) <= 2
        assert refused.headers["cache-control"] == "no-store"
        assert min(ADDRESS.holds, CLIENT.holds) >= 60


def _milliseconds() -> int:
    seconds, parts = broker().client.time()
    return int(seconds) * 1000 + int(parts) // 1000
