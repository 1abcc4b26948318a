"""Webhook endpoints as an administrator keeps them over the API."""

import httpx
import pytest

from backend.kit.settings import settings
from support.api import JSON, Api, Door, fresh_key, operation
from support.partnership import Partnership
from support.scene import Phones, forget_daily_work
from support.work import Work


@pytest.fixture
async def administrator(door: Door, cambs: Partnership) -> Api:
    return await door.member(cambs, "administrator")


def hook(**changes: object) -> JSON:
    return {"name": "Case system", "url": f"{settings().fcm_base_url}/webhooks/system", "types": ["case.opened"],
            **changes}  # fmt: skip


async def shown(api: Api) -> list[JSON]:
    found: list[JSON] = (await api.run(operation("WebhookEndpoints"), first=5))["webhookEndpoints"]
    return found


async def test_an_endpoint_is_made_tested_rotated_paused_resumed_and_retired(
    administrator: Api, work: Work, cambs: Partnership, carrier: httpx.Client
) -> None:
    await forget_daily_work(cambs)
    key = fresh_key()
    made = await administrator.mutate("CreateWebhookEndpoint", **hook(), idempotencyKey=key)
    assert made["secret"].startswith("whsec_")
    again = await administrator.mutate("CreateWebhookEndpoint", **hook(), idempotencyKey=key)
    assert (again["endpoint"]["id"], again["secret"]) == (made["endpoint"]["id"], None)
    one = {"endpointId": made["endpoint"]["id"]}
    assert (await administrator.mutate("SendTestWebhook", **one))["endpoint"]["state"] == "ACTIVE"
    await work.run_due()
    (attempt,) = [edge["node"] for edge in (await shown(administrator))[0]["attempts"]["edges"]]
    assert (attempt["delivered"], attempt["status"], attempt["number"]) == (True, 204, 1)
    (sent,) = [one for one in Phones(carrier).messages() if one["channel"] == "webhook"]
    assert attempt["messageId"] == sent["id"], "each other's logs name it alike"
    rotated = await administrator.mutate("RotateWebhookEndpointSecret", **one, overlapHours=1)
    assert rotated["secret"] not in {None, made["secret"]}
    assert rotated["endpoint"]["previousSecretUntil"] is not None
    refused = await administrator.mutate("RotateWebhookEndpointSecret", **one, overlapHours=1000)
    assert [fault["field"] for fault in refused["fields"]] == ["overlapHours"]
    for name, state in (("Pause", "PAUSED"), ("Resume", "ACTIVE"), ("Retire", "RETIRED")):
        changed = await administrator.mutate(f"{name}WebhookEndpoint", **one)
        assert changed["endpoint"]["state"] == state
    assert await shown(administrator) == []
    assert (await administrator.mutate("PauseWebhookEndpoint", **one))["__typename"] == "ConflictProblem"


@pytest.mark.parametrize(
    ("field", "changes"),
    [("name", {"name": "\0"}), ("types", {"types": []}), ("types", {"types": ["webhook.test"]}),
     ("url", {"url": "ftp://example.org"})],
)  # fmt: skip
async def test_what_cannot_be_is_refused_by_its_field(administrator: Api, field: str, changes: JSON) -> None:
    refused = await administrator.mutate("CreateWebhookEndpoint", **hook(**changes))
    assert [fault["field"] for fault in refused["fields"]] == [field]
    assert await shown(administrator) == []


async def test_the_types_are_those_that_can_be_asked_for(administrator: Api) -> None:
    found = (await administrator.run(operation("WebhookEventTypes")))["webhookEventTypes"]
    assert {one["code"] for one in found} >= {"alert.raised", "case.opened", "webhook.test"}
