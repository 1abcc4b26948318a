"""Applications get a token, read what they were granted and nothing else, and are kept out at once."""

import json
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.applications import registering
from backend.applications import service as applications
from backend.applications.authentication import ASSERTION_TYPE
from backend.applications.signing import signing
from backend.kit.settings import settings
from graphql_api.document_store import digest
from graphql_api.ids import encode
from graphql_api.schema import schema
from notifications.alerts.models import Alert
from support.api import JSON, Api, Door, operation, rows
from support.applications import EVERYTHING, Registered, grant, owner, registered
from support.partnership import CHILD, HOME, Partnership
from support.ways import lists
from tenants.applications.models import ApplicationRequest, ApplicationState
from tenants.applications.scopes import SCOPES

ON_CALL = '{ onCallNow(role: "sio") { covered people { name } } }'
ROTAS = "{ rotas { id role } }"


@pytest.fixture
async def operator(environment: dict[str, str]) -> AsyncIterator[AsyncEngine]:
    engine = owner()
    yield engine
    await engine.dispose()


@pytest.fixture
async def app(environment: dict[str, str]) -> Registered:
    return await registered()


@pytest.fixture
async def administrator(door: Door, cambs: Partnership) -> Api:
    return await door.member(cambs, "administrator")


def assertion(app: Registered, key: Any, **changes: Any) -> str:
    ours = signing()
    assert ours is not None
    now = int(time.time())
    claims = {"iss": str(app.id), "sub": str(app.id), "aud": f"{ours.issuer}/oauth/token", "iat": now,
              "exp": now + 60, "jti": secrets.token_hex(8), **changes}  # fmt: skip
    name = "ES256" if isinstance(key, ECKey) else "Ed25519"
    return jwt.encode({"alg": name}, claims, key, algorithms=[name])


def signed_form(text_: str) -> dict[str, str]:
    return {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": text_}


async def refusal(api: Api, document: str, **headers: str) -> tuple[int, str]:
    answer = await api.client.post("/graphql", json={"query": document}, headers=api.headers | headers)
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


async def said(api: Api, document: str, **headers: str) -> str:
    """Why it was refused, in words."""
    answer = await api.client.post("/graphql", json={"query": document}, headers=api.headers | headers)
    return str(answer.json()["errors"][0]["message"])


# Getting a token.


async def test_a_secret_gets_a_short_token_that_is_never_kept_by_anybody(door: Door, app: Registered) -> None:
    answer = await app.ask(door.client)
    told = answer.json()
    assert (answer.status_code, told["token_type"], told["expires_in"]) == (200, "Bearer", 600)
    assert answer.headers["cache-control"] == "no-store"
    assert set(told["scope"].split()) == set(EVERYTHING)
    by_form = {"grant_type": "client_credentials", "client_id": str(app.id), "client_secret": app.secret}
    assert (await door.client.post("/oauth/token", data=by_form)).status_code == 200
    keys = (await door.client.get("/oauth/jwks.json")).json()["keys"]
    assert [set(key) & {"d", "kid"} for key in keys] == [{"kid"}]
    metadata = (await door.client.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["token_endpoint"] == f"{settings().app_url}/oauth/token"
    assert "private_key_jwt" in metadata["token_endpoint_auth_methods_supported"]


async def test_no_secret_is_stored(app: Registered, operator: AsyncEngine) -> None:
    async with operator.connect() as connection:
        (stored,) = (await connection.execute(text("SELECT secret_hash FROM routing.application_credential"))).one()
    assert len(stored) == 64
    assert app.secret not in stored


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_secret": "twice"}, "invalid_request"),
        ({"grant_type": "client_credentials", "scope": "cases:read"}, "invalid_scope"),
        ({"grant_type": "client_credentials", "client_id": "another"}, "invalid_request"),
    ],
)
async def test_a_request_that_cannot_be_is_refused_by_its_name(
    door: Door, app: Registered, form: dict[str, str], error: str
) -> None:
    answer = await door.client.post("/oauth/token", data=form, auth=(str(app.id), app.secret))
    assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_whoever_is_not_the_client_learns_nothing(door: Door, app: Registered) -> None:
    told = set()
    for name, secret in ((str(app.id), "wrong"), ("nobody", app.secret), (str(app.credential_id), app.secret)):
        answer = await door.client.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(name, secret))
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")
        told.add(answer.text)
    assert len(told) == 1
    assert (await door.client.post("/oauth/token", json={})).json()["error"] == "invalid_request"


@pytest.mark.parametrize("make", [lambda: ECKey.generate_key("P-256"), lambda: OKPKey.generate_key("Ed25519")])
async def test_a_signed_assertion_gets_a_token_once(
    door: Door, app: Registered, operator: AsyncEngine, make: Any
) -> None:
    key = make()
    await registering.add_key(operator, app.id, key.as_dict(private=False))
    form = signed_form(assertion(app, key))
    assert (await door.client.post("/oauth/token", data=form)).status_code == 200
    again = await door.client.post("/oauth/token", data=form)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    assert (await door.client.post("/oauth/token", data=signed_form(assertion(app, key)))).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.example.org/token"},
        {"exp": int(time.time()) - 3600},
        {"exp": int(time.time()) + 3600},
        {"jti": ""},
        {"iss": "another"},
        {"nbf": int(time.time()) + 3600},
    ],
)
async def test_an_assertion_that_says_anything_else_is_refused(
    door: Door, app: Registered, operator: AsyncEngine, changes: dict[str, Any]
) -> None:
    key = ECKey.generate_key("P-256")
    await registering.add_key(operator, app.id, key.as_dict(private=False))
    answer = await door.client.post("/oauth/token", data=signed_form(assertion(app, key, **changes)))
    assert answer.status_code == 401
    stranger = signed_form(assertion(app, ECKey.generate_key("P-256")))
    assert (await door.client.post("/oauth/token", data=stranger)).status_code == 401


async def test_a_credential_is_changed_for_another_without_a_gap(
    door: Door, cambs: Partnership, app: Registered, operator: AsyncEngine
) -> None:
    await grant(cambs, app, "rotas:read")
    old = await app.api(door)
    credential, secret = await registering.add_secret(operator, app.id)
    newer = Registered(app.id, credential, secret)
    new = await newer.api(door)
    assert await old.run(ROTAS) == await new.run(ROTAS)
    await registering.revoke_credential(operator, app.credential_id)
    # With a token that has not run out: a client asks for another one, on the credential that it has now.
    assert await refusal(old, ROTAS) == (401, "INVALID_TOKEN")
    assert (await app.ask(door.client)).status_code == 401
    assert (await new.run(ROTAS))["rotas"]
    asked = await rows(cambs, ApplicationRequest)
    assert [(one.credential_id, one.refused_as) for one in asked] == [
        (app.credential_id, None), (credential, None), (app.credential_id, "INVALID_TOKEN"), (credential, None),
    ]  # fmt: skip


async def test_a_new_signing_key_leaves_the_tokens_that_are_out(
    door: Door, cambs: Partnership, app: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    await grant(cambs, app, "rotas:read")
    before = await app.api(door)
    present = json.loads(settings().application_token_keys.get_secret_value())["keys"]  # type: ignore[union-attr]
    key = ECKey.generate_key("P-256").as_dict(private=True)
    for kept, works in (([key, *present], True), ([key], False)):
        monkeypatch.setenv("APPLICATION_TOKEN_KEYS", json.dumps({"keys": kept}))
        settings.cache_clear()
        assert (await (await app.api(door)).run(ROTAS))["rotas"]
        if works:
            assert (await before.run(ROTAS))["rotas"]
        else:
            assert await refusal(before, ROTAS) == (401, "INVALID_TOKEN")
    settings.cache_clear()


# What a token opens.


async def test_a_granted_application_reads_what_its_scopes_open_and_it_is_written_down(
    door: Door, cambs: Partnership, app: Registered
) -> None:
    await grant(cambs, app, "rotas:read")
    api = await app.api(door)
    assert (await api.run(ON_CALL))["onCallNow"]["covered"]
    for document in (
        "{ directoryEntries(first: 1) { edges { cursor } } }",
        "{ me { roles } }",
        "{ cases(first: 1) { edges { cursor } } }",
        "{ ... { a: clocks(first: 1) { edges { cursor } } } }",
        "{ ...F } fragment F on Query { childDeaths(first: 1) { edges { cursor } } }",
    ):
        assert await refusal(api, document) == (403, "FORBIDDEN"), document
    assert await refusal(api, operation("AcknowledgeAlert")) == (403, "NOT_FOR_APPLICATIONS")
    asked = await rows(cambs, ApplicationRequest)
    assert {(one.application_id, one.credential_id) for one in asked} == {(app.id, app.credential_id)}
    assert [(one.fields, one.refused_as) for one in asked] == [
        (["onCallNow"], None), (["directoryEntries"], "FORBIDDEN"), (["me"], "FORBIDDEN"), (["cases"], "FORBIDDEN"),
        (["clocks"], "FORBIDDEN"), (["childDeaths"], "FORBIDDEN"), (["acknowledgeAlert"], "NOT_FOR_APPLICATIONS"),
    ]  # fmt: skip


async def test_no_scope_opens_a_root_field_that_can_show_a_childs_record() -> None:
    """Each root field of a scope is one of the schema's queries, and none is a record's. Of what it referred itself
    an application sees how far that has come."""
    query = schema.core.query_type
    assert query is not None
    opened = set().union(*(scope.fields for scope in SCOPES.values()))
    assert opened <= set(query.fields)
    mutation = schema.core.mutation_type
    assert mutation is not None
    changes = set().union(*(scope.changes for scope in SCOPES.values()))
    assert changes <= set(mutation.fields)
    assert changes == {"createDirectoryEntry", "changeDirectoryEntry", "retireDirectoryEntry", "makeReferral"}
    assert opened == {"directoryEntries", "onCallNow", "rotas", "rota", "alert", "alerts",
                      "pathwayEditions", "pathwayEdition", "pathwayDifferences", "referral", "referrals"}  # fmt: skip


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{ alerts(first: 1) { edges { cursor } } rotas { id } }", "needs the scope alerts:read, rotas:read for"),
        ("{ me { roles } alerts(first: 1) { edges { cursor } } }", "no scope that opens me to an application"),
    ],
)
async def test_a_query_is_refused_with_the_scope_that_it_needs(
    door: Door, cambs: Partnership, app: Registered, document: str, told: str
) -> None:
    await grant(cambs, app, "directory:read", "queries:ad-hoc")
    assert told in await said(await app.api(door), document)


async def test_before_anything_is_granted_it_is_told_what_to_check(
    door: Door, cambs: Partnership, herts: Partnership, app: Registered
) -> None:
    api = await app.api(door)
    assert "Check Safeguard-Partnership, or ask its administrator." in await said(api, ROTAS)
    await grant(cambs, app, "rotas:read")
    for slug in (herts.slug, "no-such-partnership"):
        assert await said(api, ROTAS, **{"Safeguard-Partnership": slug}) == applications.NOT_GRANTED


async def test_an_alert_keeps_its_case_closed(door: Door, cambs: Partnership, app: Registered) -> None:
    await cambs.report_death()
    await grant(cambs, app, "alerts:read")
    document = "{ alerts(first: 5) { edges { node { reference state case { reference } } } } }"
    found = (await (await app.api(door)).run(document))["alerts"]["edges"]
    assert found
    assert {edge["node"]["case"] and edge["node"]["case"]["reference"] for edge in found} == {None}


async def test_what_a_webhook_named_is_asked_for_by_its_id(door: Door, cambs: Partnership, app: Registered) -> None:
    await cambs.report_death()
    (raised,) = await rows(cambs, Alert)
    await grant(cambs, app, "alerts:read", "queries:ad-hoc")
    document, api = "query ($id: ID!) { alert(id: $id) { state case { reference } } }", await app.api(door)
    found = await api.run(document, id=encode("Alert", raised.id))
    assert found["alert"] == {"state": "OPEN", "case": None}
    await grant(cambs, app, "rotas:read", "queries:ad-hoc")
    assert await refusal(api, '{ alert(reference: "7F3K-2Q9D") { state } }') == (403, "FORBIDDEN")


@pytest.mark.parametrize("name", ["alerts", "directoryEntries", "pathwayEditions", "rotas"])
async def test_nothing_of_a_child_is_anywhere_in_what_all_scopes_open(
    door: Door, cambs: Partnership, app: Registered, operator: AsyncEngine, name: str
) -> None:
    """Everything is asked for that the schema has below each list, however deep."""
    death = await cambs.report_death()
    await grant(cambs, app, *SCOPES)
    document = dict(lists())[name]
    await registering.approve(operator, app.id, document, digest(document))
    answer = json.dumps(await (await app.api(door)).send(document, {}))
    assert f'"{name}": ' in answer
    assert not [word for word in (CHILD, HOME, encode("Case", death.case_id)) if word in answer]


async def test_a_token_for_fewer_scopes_opens_no_more_than_those(
    door: Door, cambs: Partnership, app: Registered
) -> None:
    await grant(cambs, app, "rotas:read", "directory:read")
    narrow = await app.api(door, scope="directory:read queries:ad-hoc")
    assert (await narrow.run("{ directoryEntries(first: 1) { edges { cursor } } }"))["directoryEntries"]["edges"]
    assert await refusal(narrow, ROTAS) == (403, "FORBIDDEN")


async def test_what_one_partnership_grants_opens_nothing_of_another(
    door: Door, cambs: Partnership, herts: Partnership, app: Registered, operator: AsyncEngine
) -> None:
    await grant(cambs, app, "rotas:read")
    api = await app.api(door)
    elsewhere = {"Safeguard-Partnership": herts.slug}
    assert await refusal(api, ROTAS, **elsewhere) == (403, "FORBIDDEN")
    other = await registered("Another")
    await grant(herts, other, "directory:read")
    assert await refusal(await other.api(door), ROTAS) == (403, "FORBIDDEN")
    # Granted by both, it reads of each its own, and only with what each granted.
    await grant(herts, app, "directory:read")
    assert await refusal(api, ROTAS, **elsewhere) == (403, "FORBIDDEN")
    assert await refusal(api, ROTAS) == (403, "FORBIDDEN")  # it must say which
    answer = await api.client.post("/graphql", json={"query": ROTAS},
                                   headers=api.headers | {"Safeguard-Partnership": cambs.slug})  # fmt: skip
    assert answer.json()["data"]["rotas"]
    assert [(row.fields, row.refused_as) for row in await rows(cambs, ApplicationRequest)] == [(["rotas"], None)]
    refused = await rows(herts, ApplicationRequest)
    assert [(row.application_id, row.fields, row.refused_as) for row in refused] == [
        (other.id, ["rotas"], "FORBIDDEN"), (app.id, ["rotas"], "FORBIDDEN"),
    ]  # fmt: skip


async def test_without_the_scope_only_documents_that_were_approved_are_run(
    door: Door, cambs: Partnership, app: Registered, operator: AsyncEngine, administrator: Api
) -> None:
    granted = await administrator.mutate("GrantApplication", clientId=str(app.id), scopes=["rotas:read"])
    assert granted["__typename"] == "ApplicationPayload"
    api = await app.api(door)
    assert await refusal(api, ROTAS) == (403, "DOCUMENT_NOT_APPROVED")
    assert (await api.run(operation("Rotas")))["rotas"]  # trusted for everybody
    named = {"documentId": f"sha256:{digest(ROTAS)}"}
    await registering.approve(operator, app.id, ROTAS, digest(ROTAS))
    assert (await api.run(ROTAS))["rotas"]
    answer = await api.client.post("/graphql", json=named, headers=api.headers)
    assert answer.json()["data"]["rotas"]
    await registering.withdraw(operator, app.id, digest(ROTAS))
    assert await refusal(api, ROTAS) == (403, "DOCUMENT_NOT_APPROVED")
    await registering.approve(operator, app.id, ROTAS, digest(ROTAS))
    other = await registered("Another")
    await administrator.mutate("GrantApplication", clientId=str(other.id), scopes=["rotas:read"])
    assert await refusal(await other.api(door), ROTAS) == (403, "DOCUMENT_NOT_APPROVED")


async def test_a_query_that_nobody_approved_has_a_smaller_budget(
    door: Door, cambs: Partnership, app: Registered, operator: AsyncEngine
) -> None:
    await grant(cambs, app, "directory:read", "alerts:read", "pathways:read")
    api = await app.api(door)
    many = "(first: 100) { edges { cursor } } "
    pages = [f"{alias}{number}: {name}{many}" for name, alias in (("alerts", "a"), ("directoryEntries", "d"))
             for number in range(5)]  # fmt: skip
    assert "errors" not in await api.send(f"{{ {''.join(pages)} }}", {})
    more = f"{{ {''.join(pages)} pathwayEditions{many} }}"
    refused = await api.send(more, {})
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["NODE_BUDGET_EXCEEDED"]
    await registering.approve(operator, app.id, more, digest(more))
    assert "errors" not in await api.send(more, {})


# Consent, and its end.


async def test_an_administrator_sees_what_they_agree_to(
    administrator: Api, app: Registered, cambs: Partnership
) -> None:
    (shown,) = (await administrator.run(operation("Applications"), first=5))["applications"]
    assert (shown["clientId"], shown["organisation"], shown["grant"]) == (str(app.id), "Reedwater Systems", None)
    by_code = {scope["code"]: scope for scope in shown["asksFor"]}
    assert set(by_code) == set(EVERYTHING)
    assert by_code["rotas:read"]["fields"] == ["onCallNow", "rota", "rotas"]
    assert by_code["rotas:read"]["namesPractitioners"] is True
    assert len((await administrator.run(operation("ApplicationScopes")))["applicationScopes"]) == len(SCOPES)


async def test_revoking_holds_at_once_and_is_audited(
    door: Door, cambs: Partnership, app: Registered, administrator: Api
) -> None:
    given: JSON = {"clientId": str(app.id), "scopes": ["rotas:read", "queries:ad-hoc"]}
    await administrator.mutate("GrantApplication", **given)
    api = await app.api(door)
    assert (await api.run(ROTAS))["rotas"]
    revoked = await administrator.mutate("RevokeApplication", clientId=str(app.id))
    assert revoked["application"]["grant"]["revokedAt"] is not None
    assert await refusal(api, ROTAS) == (403, "FORBIDDEN")
    assert await refusal(await app.api(door), ROTAS) == (403, "FORBIDDEN")
    again = await administrator.mutate("RevokeApplication", clientId=str(app.id))
    assert again["application"]["grant"] == revoked["application"]["grant"]
    await administrator.mutate("GrantApplication", **given)
    assert (await api.run(ROTAS))["rotas"]
    (shown,) = (await administrator.run(operation("Applications"), first=5))["applications"]
    asked = [(edge["node"]["fields"], edge["node"]["refusedAs"]) for edge in shown["requests"]["edges"]]
    assert asked == [(["rotas"], None), (["rotas"], "FORBIDDEN"), (["rotas"], "FORBIDDEN"), (["rotas"], None)]
    async with cambs.session() as session:
        query = "SELECT action FROM audit_entry WHERE action LIKE 'application.%' ORDER BY seq"
        acts = list(await session.scalars(text(query)))
    assert acts == ["application.granted", "application.revoked", "application.granted"]


async def test_a_suspended_application_is_out_everywhere_and_not_shown(
    door: Door, cambs: Partnership, app: Registered, operator: AsyncEngine, administrator: Api
) -> None:
    await grant(cambs, app, "rotas:read")
    api = await app.api(door)
    await registering.set_state(operator, app.id, ApplicationState.SUSPENDED)
    assert await refusal(api, ROTAS) == (403, "FORBIDDEN")
    assert (await app.ask(door.client)).status_code == 401
    assert (await administrator.run(operation("Applications"), first=5))["applications"] == []
    refused = await administrator.mutate("GrantApplication", clientId=str(app.id), scopes=["rotas:read"])
    assert refused["__typename"] == "NotFoundProblem"


async def test_nothing_is_granted_that_was_not_asked_for(administrator: Api, environment: dict[str, str]) -> None:
    modest = await registered("Modest", ["rotas:read"])
    for scopes in (["alerts:read"], ["cases:read"], []):
        refused = await administrator.mutate("GrantApplication", clientId=str(modest.id), scopes=scopes)
        assert [one["field"] for one in refused["fields"]] == ["scopes"]
    for nobody in ("x", str(modest.credential_id)):
        refused = await administrator.mutate("GrantApplication", clientId=nobody, scopes=["rotas:read"])
        assert refused["__typename"] == "NotFoundProblem"
    refused = await administrator.mutate("RevokeApplication", clientId=str(modest.id))
    assert refused["__typename"] == "ConflictProblem"


@pytest.mark.parametrize("token", ["a.b.c", "a.!.c", "a.bnVsbA.c", "a.W10.c", "x", "a.eyJpc3MiOiB7fX0.c"])
async def test_what_is_no_token_is_told_so(door: Door, token: str) -> None:
    assert (await refusal(Api(door.client, token), ROTAS))[0] == 401
    form = signed_form(token)
    assert (await door.client.post("/oauth/token", data=form)).status_code == 401


async def test_a_token_of_anybody_elses_making_is_refused(door: Door, cambs: Partnership, app: Registered) -> None:
    await grant(cambs, app, "rotas:read")
    ours = signing()
    assert ours is not None
    forged = ours.__class__(ours.issuer, ours.audience, (OKPKey.generate_key("Ed25519", auto_kid=True),))
    token = forged.issue(app.id, app.credential_id, frozenset({"rotas:read"}))
    assert await refusal(Api(door.client, token), ROTAS) == (401, "INVALID_TOKEN")


def test_the_commands_lead_from_registration_to_a_key(
    environment: dict[str, str], command_line: Any, tmp_path: Path
) -> None:
    def run(*arguments: str) -> str:
        done = command_line.run(["application", *arguments], environment)
        assert done.returncode == 0, done.stderr
        return str(done.stdout).strip()

    told = ["--name", "Rota screen", "--organisation", "Reedwater", "--contact", "support@example.org"]
    client = run("register", *told, "--purpose", "Shows who is on call.", "--scope", "rotas:read")
    assert "secret sgs_" in run("add-secret", client)
    key = tmp_path / "key.json"
    key.write_text(json.dumps(ECKey.generate_key("P-256").as_dict(private=False)))
    credential = run("add-key", client, str(key)).removeprefix("credential ")
    assert run("revoke-credential", credential).endswith("revoked")
    document = tmp_path / "rotas.graphql"
    document.write_bytes(f"{ROTAS}\r\n".encode())  # as an editor on Windows keeps it
    assert run("approve", client, str(document)) == f"sha256:{digest(ROTAS + chr(13) + chr(10))}"
    approved = f"sha256:{digest(ROTAS + chr(13) + chr(10))}"
    assert run("withdraw", client, approved) == f"{approved}: withdrawn"
    twice = command_line.run(["application", "withdraw", client, approved], environment)
    assert (twice.returncode, "no approved document of this id" in twice.stderr) == (1, True)
    assert "suspended" in run("suspend", client)
    refusals = {
        "{ nothing }": "Cannot query field 'nothing'", "{ me { roles } }": "no scope that opens me",
        "subscription { myAlerts { id } }": "told by webhooks", "{": "Syntax Error", "\udcff": "not text in UTF-8",
    }  # fmt: skip
    for content, reason in refusals.items():
        document.write_text(content, errors="surrogateescape")
        refused = command_line.run(["application", "approve", client, str(document)], environment)
        assert (refused.returncode, reason in refused.stderr) == (1, True), refused.stderr
    late = command_line.run(["application", "add-secret", client, "--expires", "2020-01-01"], environment)
    assert (late.returncode, late.stdout, "must be in the future" in late.stderr) == (1, "", True)
    listed = run("list")
    assert listed.count(client) == 2
    assert "ended" in listed
    key.write_text(json.dumps(ECKey.generate_key("P-256").as_dict(private=True)))
    assert command_line.run(["application", "add-key", client, str(key)], environment).returncode == 1
