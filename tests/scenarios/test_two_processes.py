"""Two API processes on one database are one service: a key counts in both, and what one does the other tells of."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import httpx
import pytest

from infra.dev.asgi import answers
from infra.dev.product import COMMAND, Product
from infra.dev.supervisor import free_port
from support.api import death, operation

SUBJECT = "tansy.millrace"
FOLLOW = "subscription ($id: ID!, $since: String) { caseChanges(caseId: $id, since: $since) { id cursor } }"
SOON = 30.0


@pytest.fixture(scope="module")
async def second(own: Product) -> AsyncIterator[str]:
    """The address of another API process."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [*COMMAND, "api", "--port", str(port)]
    ready = url + "/health/ready"
    environment = own.environment
    own.supervisor.start("api-2", command, env=environment, ready=lambda: answers(ready), ready_timeout=120)
    yield url
    own.supervisor.stop("api-2")


async def sent(client: httpx.AsyncClient, url: str, token: str, name: str, **given: Any) -> dict[str, Any]:
    body = {"query": operation(name), "variables": {"input": given}}
    told = await client.post(f"{url}/graphql", json=body, headers={"authorization": f"Bearer {token}"})
    assert told.status_code == 200, told.text
    (result,) = told.json()["data"].values()
    found: dict[str, Any] = result
    return found


async def test_a_retry_at_another_process_is_the_same_report(own: Product, second: str) -> None:
    token, given = own.token("juniper.blythe"), death(idempotencyKey=f"key-{uuid4()}")
    async with httpx.AsyncClient(timeout=SOON) as client:
        told = await asyncio.gather(
            *(sent(client, url, token, "ReportChildDeath", **given) for url in (own.api_url, second) * 4)
        )
    assert {each["__typename"] for each in told} == {"ReportChildDeathPayload"}
    assert len({each["childDeath"]["id"] for each in told}) == 1
    assert len({each["alert"]["id"] for each in told}) == 1


async def test_who_follows_at_one_process_hears_of_what_is_done_at_another(own: Product, second: str) -> None:
    token = own.token(SUBJECT)
    async with httpx.AsyncClient(timeout=SOON) as client, aiohttp.ClientSession() as session:
        opened = await sent(client, own.api_url, token, "OpenCase", pathway="initial-assessment",
                            idempotencyKey=f"key-{uuid4()}")  # fmt: skip
        case_id = opened["case"]["id"]
        began = await client.post(f"{own.api_url}/graphql", headers={"authorization": f"Bearer {token}"},
                                  json={"query": operation("Changes"), "variables": {"first": 1}})  # fmt: skip
        since = began.json()["data"]["changes"]["cursor"]
        address = second.replace("http", "ws") + "/graphql"
        async with session.ws_connect(address, protocols=("graphql-transport-ws",)) as wire:
            await wire.send_json({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}})
            assert (await wire.receive_json(timeout=SOON))["type"] == "connection_ack"
            asked = {"query": FOLLOW, "variables": {"id": case_id, "since": since}}
            await wire.send_json({"type": "subscribe", "id": "1", "payload": asked})
            event = {"kind": "VISIT", "title": "x", "text": "Seen.", "occurred": "2026"}
            done = await sent(client, own.api_url, token, "AddChronologyEntry", caseId=case_id, event=event,
                              idempotencyKey=f"key-{uuid4()}")  # fmt: skip
            assert done["__typename"] == "ChronologyEntryPayload"
            while (told := await wire.receive_json(timeout=SOON))["type"] != "next":
                assert told["type"] == "ping", told
                await wire.send_json({"type": "pong"})
            assert told["payload"]["data"]["caseChanges"]["id"]


async def test_the_service_speaks_http_2_to_whoever_does(own: Product) -> None:
    """Without TLS to who knows it beforehand, as a proxy in front does."""
    headers = {"authorization": f"Bearer {own.token(SUBJECT)}"}
    async with httpx.AsyncClient(http1=False, http2=True, timeout=SOON) as client:
        told = await asyncio.gather(
            *(client.post(f"{own.api_url}/graphql", json={"query": "{ me { roles } }"}, headers=headers)
              for _ in range(8))
        )  # fmt: skip
    assert {each.http_version for each in told} == {"HTTP/2"}
    assert {each.status_code for each in told} == {200}
