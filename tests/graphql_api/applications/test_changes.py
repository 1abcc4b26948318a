"""What an application changes: what the partnership keeps, as itself, once, by documents that somebody looked at."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from backend.applications import registering
from backend.kit.audit import AuditEntry
from backend.kit.idempotency import IdempotencyKey
from backend.kit.settings import settings
from graphql_api.document_store import digest
from graphql_api.schema import schema
from support.api import Api, Door, fresh_key, operation, rows
from support.applications import Registered, grant, owner, registered
from support.partnership import Partnership
from tenants.applications.models import ApplicationRequest
from tenants.applications.scopes import SCOPES, changes_of
from tenants.contacts.models import DirectoryEntry

DESK = {"role": "childrens_social_care", "name": "Night desk", "channel": "SMS", "address": "07700 900123"}
OWN = """mutation Mine($input: CreateDirectoryEntryInput!) {
  createDirectoryEntry(input: $input) { __typename ... on Problem { message } } }"""


@pytest.fixture
async def app(environment: dict[str, str]) -> Registered:
    return await registered("Switchboard")


@pytest.fixture
async def operator(environment: dict[str, str]) -> AsyncIterator[AsyncEngine]:
    engine = owner()
    yield engine
    await engine.dispose()


async def refusal(api: Api, document: str, **given: object) -> tuple[int, str]:
    answer = await api.client.post(
        "/graphql", json={"query": document, "variables": {"input": given}}, headers=api.headers
    )
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


async def test_it_keeps_the_directory_as_itself_and_once(door: Door, cambs: Partnership, app: Registered) -> None:
    await grant(cambs, app, "directory:write")
    api, key = await app.api(door), fresh_key()
    made = await api.mutate("CreateDirectoryEntry", code="night-desk", **DESK, idempotencyKey=key)
    again = await api.mutate("CreateDirectoryEntry", code="night-desk", **DESK, idempotencyKey=key)
    assert made == again
    assert made["entry"]["address"] == "+447700900123"
    other = await api.mutate("CreateDirectoryEntry", code="day-desk", **DESK, idempotencyKey=key)
    assert other["__typename"] == "ConflictProblem"
    moved = {**DESK, "address": "07700 900124"}
    changed = await api.mutate("ChangeDirectoryEntry", entryId=made["entry"]["id"], **moved)
    assert changed["entry"]["address"] == "+447700900124"
    retired = await api.mutate("RetireDirectoryEntry", entryId=made["entry"]["id"])
    assert retired["entry"]["retiredAt"]
    async with cambs.session() as session:
        told = list(await session.scalars(select(AuditEntry).where(col(AuditEntry.actor_id) == app.id)))
    assert [one.action for one in told] == [f"directory_entry.{done}" for done in ("created", "changed", "retired")]
    asked = [row.fields for row in await rows(cambs, ApplicationRequest)]
    assert asked == [["createDirectoryEntry"]] * 3 + [["changeDirectoryEntry"], ["retireDirectoryEntry"]]
    assert {row.person_id for row in await rows(cambs, IdempotencyKey)} == {app.id}


async def test_what_is_somebodys_own_act_no_scope_opens(door: Door, cambs: Partnership, app: Registered) -> None:
    """Every mutation of the schema but those of the scopes is refused before it runs, and told why."""
    await grant(cambs, app, *SCOPES)
    api, opened = await app.api(door), changes_of(frozenset(SCOPES))
    assert schema.core.mutation_type is not None
    for name in schema.core.mutation_type.fields:
        capital = name[0].upper() + name[1:]
        document = f"mutation ($input: {capital}Input!) {{ {name}(input: $input) {{ __typename }} }}"
        expected = "DOCUMENT_NOT_APPROVED" if name in opened else "NOT_FOR_APPLICATIONS"
        assert await refusal(api, document) == (403, expected), name
    assert all(one.refused_as for one in await rows(cambs, ApplicationRequest))


async def test_without_the_scope_it_is_told_which_it_needs(door: Door, cambs: Partnership, app: Registered) -> None:
    await grant(cambs, app, "directory:read")
    api = await app.api(door)
    assert await refusal(api, operation("CreateDirectoryEntry"), code="x") == (403, "FORBIDDEN")
    assert await refusal(api, "subscription { myAlerts { id } }") == (403, "FORBIDDEN")


async def test_its_own_document_is_approved_for_it_and_for_nobody_else(
    door: Door, cambs: Partnership, app: Registered, operator: AsyncEngine
) -> None:
    other = await registered("Another")
    for one in (app, other):
        await grant(cambs, one, "directory:write")
    given = {"code": "own-desk", **DESK, "idempotencyKey": fresh_key()}
    assert await refusal(await app.api(door), OWN, **given) == (403, "DOCUMENT_NOT_APPROVED")
    await registering.approve(operator, app.id, OWN, digest(OWN))
    done = await (await app.api(door)).run(OWN, input=given)
    assert done["createDirectoryEntry"]["__typename"] == "DirectoryEntryPayload"
    assert await refusal(await other.api(door), OWN, **given) == (403, "DOCUMENT_NOT_APPROVED")


async def test_webhooks_stay_with_the_administrator(
    door: Door, cambs: Partnership, app: Registered, administrator: Api
) -> None:
    await grant(cambs, app, "directory:write", "directory:read")
    api, hook = await app.api(door), {**DESK, "channel": "WEBHOOK", "address": f"{settings().fcm_base_url}/webhooks/x"}
    own = await administrator.mutate("CreateDirectoryEntry", code="their-system", **hook)
    entry = {"entryId": own["entry"]["id"]}
    for name, given in (
        ("CreateDirectoryEntry", {"code": "my-system", **hook}), ("ChangeDirectoryEntry", {**entry, **DESK}),
        ("RetireDirectoryEntry", entry),
    ):  # fmt: skip
        assert (await api.mutate(name, **given))["__typename"] == "ForbiddenProblem", name
    stored = {row.code: row for row in await rows(cambs, DirectoryEntry)}
    assert "my-system" not in stored
    assert stored["their-system"].retired_at is None
    listed = await api.run("{ directoryEntries(first: 100) { edges { node { code address } } } }")
    shown = {edge["node"]["code"]: edge["node"]["address"] for edge in listed["directoryEntries"]["edges"]}
    assert shown["their-system"] is None


async def test_what_was_taken_back_changes_nothing_any_more(
    door: Door, cambs: Partnership, app: Registered, administrator: Api
) -> None:
    await grant(cambs, app, "directory:write")
    api = await app.api(door)
    await administrator.mutate("RevokeApplication", clientId=str(app.id))
    given = {"code": "late-desk", **DESK, "idempotencyKey": fresh_key()}
    assert await refusal(api, operation("CreateDirectoryEntry"), **given) == (403, "FORBIDDEN")
    assert "late-desk" not in {row.code for row in await rows(cambs, DirectoryEntry)}


@pytest.fixture
async def administrator(door: Door, cambs: Partnership) -> Api:
    return await door.member(cambs, "administrator")
