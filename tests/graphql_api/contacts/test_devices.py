"""A person's devices: registered, moved to a new token without a gap, revoked."""

import json
import re

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.kit.settings import settings
from infra.dev.clock import Clock
from support.api import JSON, Api, Door, fresh_key, operation, rows
from support.partnership import Partnership
from support.scene import Phones, coming
from support.work import Work
from tenants.contacts.models import ContactMethod

DEVICE = {"platform": "FCM", "token": "a-new-device-of-wren"}
MINE = "{ myContactMethods { id channel platform address verified retiredAt } }"


@pytest.fixture
async def wren(door: Door, clock: Clock) -> Api:
    await clock.freeze(coming(weekday=1, hour=12))
    return door.person("wren.saltmarsh")


def code_to(carrier: httpx.Client, token: str) -> str:
    """The code that was last pushed to a device."""
    pushed = [one for one in carrier.get("/dev/messages").json() if one["to"] == token]
    return str(re.findall(r"\b\d{6}\b", json.dumps(pushed[-1]))[0])


async def confirm(api: Api, work: Work, carrier: httpx.Client, device: JSON) -> JSON:
    await api.mutate("RequestContactCode", contactMethodId=device["id"])
    await work.run_due()
    return await api.mutate(
        "ConfirmContactMethod", contactMethodId=device["id"], code=code_to(carrier, device["address"])
    )


async def mine(api: Api) -> dict[str, JSON]:
    """The person's methods by address."""
    return {one["address"]: one for one in (await api.run(MINE))["myContactMethods"]}


async def test_a_device_is_registered_with_its_platform_and_used_once_confirmed(
    wren: Api, work: Work, carrier: httpx.Client
) -> None:
    made = (await wren.mutate("RegisterDevice", **DEVICE))["contactMethod"]
    assert (made["channel"], made["platform"], made["verified"]) == ("PUSH", "FCM", False)
    assert (await confirm(wren, work, carrier, made))["confirmed"] is True
    assert (await mine(wren))[DEVICE["token"]]["verified"] is True


async def test_an_app_that_registers_at_each_start_keeps_its_device(
    wren: Api, work: Work, carrier: httpx.Client
) -> None:
    made = (await wren.mutate("RegisterDevice", **DEVICE))["contactMethod"]
    await confirm(wren, work, carrier, made)
    again = (await wren.mutate("RegisterDevice", **DEVICE))["contactMethod"]
    assert (again["id"], again["verified"]) == (made["id"], True)


async def test_each_platform_is_stored_as_what_it_is(wren: Api, cambs: Partnership) -> None:
    await wren.mutate("RegisterDevice", platform="APNS", token="AB" * 32)
    stored = {row.address: row.platform for row in await rows(cambs, ContactMethod)}
    assert stored["ab" * 32] == "apns"


async def test_a_bad_token_is_a_problem_of_its_field_and_nothing_is_kept(wren: Api) -> None:
    before = await mine(wren)
    refused = await wren.mutate("RegisterDevice", platform="APNS", token="device-of-wren")
    assert (refused["__typename"], refused["fields"][0]["field"]) == ("ValidationProblem", "token")
    browser = {"endpoint": "ftp://push.example.org/1", "p256dh": "x", "auth": "x"}
    refused = await wren.mutate("RegisterDevice", platform="WEBPUSH", subscription=browser)
    assert [one["field"].split(".")[1] for one in refused["fields"]] == ["endpoint", "p256dh", "auth"]
    assert await mine(wren) == before


async def test_the_old_token_is_used_until_the_new_one_has_answered(
    wren: Api, work: Work, carrier: httpx.Client
) -> None:
    old = (await wren.mutate("RegisterDevice", **DEVICE))["contactMethod"]
    await confirm(wren, work, carrier, old)
    new = (await wren.mutate("RotateDevice", contactMethodId=old["id"], platform="FCM", token="rotated-once-0001"))[
        "contactMethod"
    ]
    known = await mine(wren)
    assert (known[old["address"]]["retiredAt"], known["rotated-once-0001"]["verified"]) == (None, False)
    await confirm(wren, work, carrier, new)
    known = await mine(wren)
    assert known[old["address"]]["retiredAt"] is not None
    assert (known["rotated-once-0001"]["retiredAt"], known["rotated-once-0001"]["verified"]) == (None, True)


async def test_a_token_that_changed_twice_before_it_was_confirmed_leaves_one_device(
    wren: Api, work: Work, carrier: httpx.Client
) -> None:
    old = (await wren.mutate("RegisterDevice", **DEVICE))["contactMethod"]
    await confirm(wren, work, carrier, old)
    between = (await wren.mutate("RotateDevice", contactMethodId=old["id"], platform="FCM", token="rotated-once-0001"))[
        "contactMethod"
    ]
    last = (
        await wren.mutate("RotateDevice", contactMethodId=between["id"], platform="FCM", token="rotated-twice-001")
    )["contactMethod"]
    assert (await mine(wren))[old["address"]]["retiredAt"] is None
    await confirm(wren, work, carrier, last)
    known = await mine(wren)
    tokens = (old["address"], "rotated-once-0001", "rotated-twice-001")
    assert [known[token]["retiredAt"] is None for token in tokens] == [False, False, True]


async def test_a_rotation_sent_twice_makes_one_device(wren: Api) -> None:
    old = (await wren.mutate("RegisterDevice", **DEVICE))["contactMethod"]
    given = {"contactMethodId": old["id"], "platform": "FCM", "token": "rotated-once-0001"}
    given["idempotencyKey"] = fresh_key()
    assert await wren.mutate("RotateDevice", **given) == await wren.mutate("RotateDevice", **given)


async def test_a_handset_that_changes_hands_stops_ringing_for_whoever_had_it(
    wren: Api, door: Door, work: Work, carrier: httpx.Client
) -> None:
    made = (await wren.mutate("RegisterDevice", **DEVICE))["contactMethod"]
    await confirm(wren, work, carrier, made)
    rowan = door.person("rowan.fenwick")
    theirs = (await rowan.mutate("RegisterDevice", **DEVICE))["contactMethod"]
    assert (await mine(wren))[DEVICE["token"]]["retiredAt"] is None  # saying so is not enough
    await confirm(rowan, work, carrier, theirs)
    assert (await mine(wren))[DEVICE["token"]]["retiredAt"] is not None
    assert (await mine(rowan))[DEVICE["token"]]["verified"] is True


async def test_a_lost_device_is_revoked_by_its_person_or_by_an_administrator_and_nobody_else(
    wren: Api, door: Door, cambs: Partnership
) -> None:
    one = (await wren.mutate("RegisterDevice", **DEVICE))["contactMethod"]
    other = (await wren.mutate("RegisterDevice", platform="FCM", token="another-of-wren"))["contactMethod"]
    rowan = await door.person("rowan.fenwick").mutate("RevokeDevice", contactMethodId=one["id"])
    assert rowan["__typename"] == "ForbiddenProblem"
    assert (await wren.mutate("RevokeDevice", contactMethodId=one["id"]))["contactMethod"]["retiredAt"] is not None
    administrator = await door.member(cambs, "administrator")
    revoked = await administrator.mutate("RevokeDevice", contactMethodId=other["id"])
    assert revoked["contactMethod"]["retiredAt"] is not None
    assert revoked["contactMethod"]["address"] is None  # a token is its own person's business
    assert (await mine(wren))["another-of-wren"]["retiredAt"] is not None


async def test_a_number_is_no_device(wren: Api, door: Door, cambs: Partnership) -> None:
    number = next(one for one in (await wren.run(MINE))["myContactMethods"] if one["channel"] == "SMS")
    for api in (wren, await door.member(cambs, "administrator")):
        refused = await api.mutate("RevokeDevice", contactMethodId=number["id"])
        assert refused["__typename"] == "NotFoundProblem"
    refused = await wren.mutate("RotateDevice", contactMethodId=number["id"], platform="FCM", token="rotated-once-0001")
    assert refused["__typename"] == "ConflictProblem"


async def test_the_last_way_to_reach_somebody_on_a_rota_is_kept_and_the_remedy_named(
    door: Door, cambs: Partnership, wren: Api
) -> None:
    officer = await door.on_call(cambs, "sio")
    methods = (await officer.run(operation("MyReadiness"), withinDays=7))["myContactMethods"]
    for method in methods[:-1]:
        done = await officer.mutate("RetireContactMethod", contactMethodId=method["id"])
        assert done["__typename"] == "ContactMethodPayload"
    refused = await officer.mutate("RetireContactMethod", contactMethodId=methods[-1]["id"])
    assert refused["__typename"] == "ConflictProblem"
    assert "last way to reach you" in refused["message"]
    assert "Add another and confirm its code first" in refused["message"]
    async with cambs.session() as session:
        kept = await session.scalars(select(ContactMethod).where(col(ContactMethod.retired_at).is_(None)))
        assert methods[-1]["address"] in {method.address for method in kept}
    assert wren


async def test_whose_duty_is_nobodys_may_retire_their_last_way(door: Door) -> None:
    clinician = door.person("juniper.blythe")
    for method in (await clinician.run(MINE))["myContactMethods"]:
        done = await clinician.mutate("RetireContactMethod", contactMethodId=method["id"])
        assert done["__typename"] == "ContactMethodPayload"


def browser(endpoint: str) -> dict[str, str]:
    """A subscription as a browser gives it; nobody can read what is sent to it."""
    point = "BIPUL12DLfytvTajnryr2PRdAgXS3HGKiLqndGcJGabyhHheJYlNGCeXl1dn18gSJ1WAkAPIxr4gK0_dQds4yiI"
    return {"endpoint": endpoint, "p256dh": point, "auth": "BTBZMqHH6r4Tts7J_aSIgg"}


async def test_a_browsers_code_goes_to_its_own_push_service(wren: Api, work: Work, carrier: httpx.Client) -> None:
    listening = browser(f"{settings().fcm_base_url}/push/a-browser-of-wren")
    made = (await wren.mutate("RegisterDevice", platform="WEBPUSH", subscription=listening))["contactMethod"]
    await wren.mutate("RequestContactCode", contactMethodId=made["id"])
    await work.run_due()
    # Whoever has an unverified entry in the directory is told of it meanwhile, by other ways.
    pushed = [one["to"] for one in Phones(carrier).messages() if one["provider"] == "webpush"]
    assert pushed == ["a-browser-of-wren"]


@pytest.mark.parametrize(
    "endpoint", ["https://127.0.0.1/push", "https://localhost/push", "https://[::1]/push", "http://push.example.org/x"]
)
async def test_a_browser_whose_push_service_lies_in_a_private_network_is_refused(
    wren: Api, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setenv("PRIVATE_TARGETS", "false")
    settings.cache_clear()
    before = await mine(wren)
    refused = await wren.mutate("RegisterDevice", platform="WEBPUSH", subscription=browser(endpoint))
    assert refused["__typename"] == "ValidationProblem"
    assert [one["field"] for one in refused["fields"]] == ["subscription.endpoint"]
    assert await mine(wren) == before
