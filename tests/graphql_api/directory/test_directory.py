"""The directory as a rota manager keeps it: nothing is taken from under a policy, and a secret is shown once."""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.kit.settings import settings
from infra.dev.clock import Clock
from notifications.channels.outcomes import HandedOver, Message
from notifications.channels.webhook import Webhook
from support.api import JSON, Api, Door, fresh_key, operation
from support.partnership import Partnership
from support.scene import WORDS, Phones, coming, forget_daily_work
from support.work import Work

DESK = {
    "code": "night-desk", "role": "night_desk", "name": "Night desk", "channel": "EMAIL",
    "address": "nights@EXAMPLE.org", "hours": [{"weekdays": [5, 6], "start": "20:00", "end": "08:00"}],
}  # fmt: skip


@pytest.fixture
async def manager(door: Door, cambs: Partnership, clock: Clock) -> Api:
    await forget_daily_work(cambs)
    await clock.freeze(coming(weekday=1, hour=12))
    await door.change_roles(cambs, "tansy.millrace", "rota_manager")
    return door.person("tansy.millrace")


async def listed(api: Api, **given: Any) -> dict[str, JSON]:
    found = await api.run(operation("Directory"), first=100, **given)
    return {edge["node"]["code"]: edge["node"] for edge in found["directoryEntries"]["edges"]}


def hook(**changes: Any) -> JSON:
    address = f"{settings().fcm_base_url}/webhooks/agency"
    return {"code": "agency", "role": "agency_system", "name": "Agency", "channel": "WEBHOOK", "address": address,
            **changes}  # fmt: skip


async def audited(partnership: Partnership) -> list[str]:
    async with partnership.session() as session:
        query = "SELECT action FROM audit_entry WHERE action LIKE 'directory_entry.%' AND actor_id IS NOT NULL"
        return list(await session.scalars(text(f"{query} ORDER BY seq")))


async def test_an_entry_is_made_changed_retired_and_taken_up_again(manager: Api, cambs: Partnership) -> None:
    made = (await manager.mutate("CreateDirectoryEntry", **DESK))["entry"]
    assert (made["address"], made["area"]) == ("nights@example.org", None)
    assert made["hours"] == [{"weekdays": [5, 6], "start": "20:00", "end": "08:00", "bankHolidays": "REGARDLESS"}]
    given = {key: value for key, value in DESK.items() if key not in {"code", "hours"}}
    area = (await manager.run("{ partnership { areas { id code } } }"))["partnership"]["areas"][0]
    changed = await manager.mutate(
        "ChangeDirectoryEntry", entryId=made["id"], **{**given, "name": "Late desk", "areaId": area["id"]}
    )
    assert (changed["entry"]["name"], changed["entry"]["hours"]) == ("Late desk", [])
    assert changed["entry"]["area"]["code"] == area["code"]
    retired = await manager.mutate("RetireDirectoryEntry", entryId=made["id"])
    assert retired["entry"]["retiredAt"] is not None
    assert "night-desk" not in await listed(manager)
    assert "night-desk" in await listed(manager, retired=True)
    refused = await manager.mutate("ChangeDirectoryEntry", entryId=made["id"], **given)
    assert refused["__typename"] == "ConflictProblem"
    again = (await manager.mutate("CreateDirectoryEntry", **DESK))["entry"]
    assert (again["id"], again["retiredAt"], again["name"]) == (made["id"], None, "Night desk")
    acts = ["created", "changed", "retired", "created"]
    assert await audited(cambs) == [f"directory_entry.{act}" for act in acts]


async def test_a_change_is_printed_and_looked_at_anew(manager: Api, cambs: Partnership, work: Work) -> None:
    await manager.mutate("CreateDirectoryEntry", **DESK)
    async with cambs.session() as session:
        assert set(await session.scalars(text("SELECT actor FROM routing.task"))) == {"contacts_changed"}
        before = await session.scalar(text("SELECT count(*) FROM printed_rota"))
    await work.run_due()
    async with cambs.session() as session:
        owed = set(await session.scalars(text("SELECT actor FROM routing.task")))
        assert await session.scalar(text("SELECT count(*) FROM printed_rota")) == before + 1
    assert {"check_coverage", "print_rotas"} <= owed  # done, and due again tomorrow


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("code", {"code": "Night desk"}),
        ("role", {"role": "Night-desk"}),
        ("name", {"name": "\0"}),
        ("address", {"address": "not an address"}),
        ("address", {"channel": "SMS", "address": "0909 879 0000"}),
        ("address", {"channel": "WEBHOOK", "address": "https://user:word@example.org/"}),
        ("address", {"channel": "WEBHOOK", "address": "ftp://example.org/"}),
        ("channel", {"channel": "PUSH"}),
        ("hours.0.weekdays.0", {"hours": [{"weekdays": [7], "start": "20:00", "end": "08:00"}]}),
        ("hours.0.start", {"hours": [{"weekdays": [6], "start": "soon", "end": "08:00"}]}),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(manager: Api, field: str, changes: JSON) -> None:
    refused = await manager.mutate("CreateDirectoryEntry", **{**DESK, **changes})
    assert [one["field"] for one in refused["fields"]] == [field]
    assert "night-desk" not in await listed(manager)


async def test_hours_that_cannot_be_are_refused_in_words(manager: Api) -> None:
    refused = await manager.mutate(
        "CreateDirectoryEntry", **{**DESK, "hours": [{"weekdays": [7], "start": "soon", "end": "08:00"}]}
    )
    assert [one["message"] for one in refused["fields"]] == ["must be at most 6", "must be a local time such as 08:00"]


async def test_what_a_policy_in_force_leans_on_is_not_taken_away(manager: Api, cambs: Partnership) -> None:
    coroner = (await listed(manager))["coroner-north"]
    police = (await listed(manager))["police-control-room"]
    refused = await manager.mutate("RetireDirectoryEntry", entryId=police["id"])
    assert refused["__typename"] == "ConflictProblem"
    assert "child-death-notification-fan-out" in refused["message"]
    by_sms = {"role": police["role"], "name": police["name"], "channel": "SMS", "address": "07700 900999"}
    refused = await manager.mutate("ChangeDirectoryEntry", entryId=police["id"], **by_sms)
    assert refused["__typename"] == "ConflictProblem"
    assert (await listed(manager))["police-control-room"] == police
    # Another coroner is there still, so this one may go.
    assert (await manager.mutate("RetireDirectoryEntry", entryId=coroner["id"]))["entry"]["retiredAt"] is not None
    assert await audited(cambs) == ["directory_entry.retired"]


async def test_an_endpoints_secret_is_shown_once_and_never_again(manager: Api, cambs: Partnership) -> None:
    given = {**hook(), "idempotencyKey": fresh_key()}
    first = await manager.mutate("CreateDirectoryEntry", **given)
    assert first["secret"].startswith("whsec_")
    repeated = await manager.mutate("CreateDirectoryEntry", **given)
    assert (repeated["entry"]["id"], repeated["secret"]) == (first["entry"]["id"], None)
    changed = {key: value for key, value in hook().items() if key != "code"}
    assert (await manager.mutate("ChangeDirectoryEntry", entryId=first["entry"]["id"], **changed))["secret"] is None
    async with cambs.session() as session:
        stored = str((await session.execute(text("SELECT * FROM directory_entry WHERE code = 'agency'"))).all())
        told = str((await session.execute(text("SELECT detail FROM audit_entry"))).all())
    secret = first["secret"].removeprefix("whsec_")
    assert secret not in stored + told


async def signatures(partnership: Partnership, carrier: httpx.Client, *secrets: str) -> list[bool]:
    """Send a message to the endpoint; whether it is signed with each of ``secrets``, and how many signatures."""
    delivery = f"{partnership.id}.{'0' * 8}-0000-7000-8000-{'0' * 12}"
    sent = Message(delivery, hook()["address"], "statutory-notice", WORDS)
    assert isinstance(await Webhook().send(sent), HandedOver)
    received = Phones(carrier).messages()[-1]
    signed = f"{received['id']}.{received['data']['webhook-timestamp']}.{received['body']}".encode()
    made = received["data"]["webhook-signature"].split(" ")
    expected = [
        "v1," + base64.b64encode(
            hmac.digest(base64.b64decode(one.removeprefix("whsec_")), signed, hashlib.sha256)
        ).decode()
        for one in secrets
    ]  # fmt: skip
    return [one in made for one in expected]


async def test_both_secrets_sign_until_the_overlap_is_over(
    manager: Api, cambs: Partnership, carrier: httpx.Client, clock: Clock
) -> None:
    made = await manager.mutate("CreateDirectoryEntry", **hook())
    entry, old = made["entry"]["id"], made["secret"]
    assert await signatures(cambs, carrier, old) == [True]
    rotated = await manager.mutate("RotateWebhookSecret", entryId=entry, overlapHours=24)
    new = rotated["secret"]
    assert new != old
    assert rotated["entry"]["previousSecretUntil"] is not None
    assert await signatures(cambs, carrier, old, new) == [True, True]
    await clock.advance(timedelta(hours=24))
    assert await signatures(cambs, carrier, old, new) == [False, True]
    leaked = await manager.mutate("RotateWebhookSecret", entryId=entry, overlapHours=0)
    assert await signatures(cambs, carrier, new, leaked["secret"]) == [False, True]


async def test_an_endpoint_that_moves_keeps_its_secret(manager: Api, cambs: Partnership, carrier: httpx.Client) -> None:
    elsewhere = f"{settings().fcm_base_url}/webhooks/elsewhere"
    made = await manager.mutate("CreateDirectoryEntry", **hook(address=elsewhere))
    moved = {key: value for key, value in hook().items() if key != "code"}
    await manager.mutate("ChangeDirectoryEntry", entryId=made["entry"]["id"], **moved)
    assert await signatures(cambs, carrier, made["secret"]) == [True]


@pytest.mark.parametrize("hours", [-1, 169, 2**31 - 1])
async def test_an_overlap_out_of_bounds_is_refused(manager: Api, hours: int) -> None:
    made = await manager.mutate("CreateDirectoryEntry", **hook())
    refused = await manager.mutate("RotateWebhookSecret", entryId=made["entry"]["id"], overlapHours=hours)
    assert [one["field"] for one in refused["fields"]] == ["overlapHours"]


async def test_without_a_key_no_endpoint_is_made(manager: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    given = hook()
    monkeypatch.delenv("WEBHOOK_SIGNING_KEY")
    settings.cache_clear()
    refused = await manager.mutate("CreateDirectoryEntry", **given)
    assert refused["__typename"] == "ConflictProblem"
    assert "WEBHOOK_SIGNING_KEY" in refused["message"]
    assert "agency" not in await listed(manager)


async def test_only_who_keeps_the_directory_sees_where_an_endpoint_is(
    manager: Api, door: Door, cambs: Partnership
) -> None:
    await manager.mutate("CreateDirectoryEntry", **hook())
    doctor = await door.member(cambs, "designated_doctor")
    seen = await listed(doctor)
    assert seen["agency"]["address"] is None
    assert seen["police-control-room"]["address"] is not None
