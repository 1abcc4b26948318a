"""A child dies away from home: the panel of the home is told by itself, or it is somebody's duty until it is done."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from backend.child_deaths.models import ChildDeath
from backend.child_deaths.service import TELL_HOME_PANEL
from backend.kit.tasks import owe
from backend.sharing.models import PartnershipTransfer, TransferMessage
from graphql_api.ids import encode, key_of
from infra.dev.clock import Clock
from notifications.alerts.models import Alert, ConfigurationAlarm
from support.api import JSON, Api, Door, death, fresh_key, operation, rows
from support.partnership import CHILD, HOME, Partnership
from support.scene import AGAIN, Phones, Scene, forget_daily_work
from support.transfers import audited, fetched_from
from support.work import Work

REPORTED = datetime(2026, 12, 24, 20, 10, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NEVER_SENT = (*CHILD.split(), HOME, "Invented", "01632 960123", "Juniper")
EXPECTED = {"anticipated24hBefore": True, "homeArea": None}
CLOCKS = "query ($id: ID!) { case(id: $id) { clocks { definition state dueAt ownerRole pathway } } }"
TELLING = "home-panel-told"


@pytest.fixture
async def scene(
    environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client, cambs: Partnership, herts: Partnership
) -> Scene:
    """Christmas Eve at ten past eight, in two partnerships."""
    made = Scene(cambs, environment, clock, work, Phones(carrier))
    for partnership in (cambs, herts):
        await forget_daily_work(partnership)
    await made.at(REPORTED)
    for partnership in (cambs, herts):
        await Scene(partnership, environment, clock, work, made.phones).lay_out_shifts(REPORTED)
    made.phones.new()
    return made


async def report(api: Api, **told: Any) -> JSON:
    answer = await api.mutate("ReportChildDeath", **death(REPORTED, **{**EXPECTED, **told}))
    assert answer["__typename"] == "ReportChildDeathPayload", answer
    return answer


async def register(panel: Api) -> list[JSON]:
    return [edge["node"] for edge in (await panel.run(operation("DeathRegister"), first=10))["deathRegister"]["edges"]]


async def duties(panel: Api, case: str) -> list[JSON]:
    found = (await panel.run(CLOCKS, id=case))["case"]["clocks"]
    return [one for one in found if one["definition"] == TELLING]


async def test_the_panel_of_the_home_has_the_notice_without_anybodys_act_and_sees_nothing_else(
    scene: Scene, door: Door, herts: Partnership
) -> None:
    """Working Together 2005 ¶5.48-5.49; Cambridgeshire and Peterborough manual §2.7, L470-480."""
    cambs = scene.partnership
    clinician, key = await door.member(cambs, "clinician"), fresh_key()
    answer = await report(clinician, homeAreaOutside=" hertfordshire", idempotencyKey=key)
    assert await rows(herts, PartnershipTransfer) == [], "nothing crosses before the report is safe"
    assert await report(clinician, homeAreaOutside=" hertfordshire", idempotencyKey=key) == answer
    await scene.work.run_due(rounds=20)
    sent = scene.phones.new()
    assert sent == {"statutory-notice": ["email cdop.cambs@example.org", "email cdop.herts@example.org"]}, (
        "both panels, by a notice alone, and nobody of either partnership is rung"
    )
    said_aloud = str(scene.phones.messages())
    assert not [word for word in NEVER_SENT if word in said_aloud]

    # The home's panel has what was handed over, takes it, and has nothing else of the other partnership.
    panel = await door.member(herts, "cdop_manager")
    (there,) = (await panel.run(operation("Transfers"), first=5, kind="DEATH_NOTICE"))["transfers"]["edges"]
    transfer = there["node"]["id"]
    shown = (await panel.run(operation("TransferScreen"), id=transfer))["transfer"]
    cambs_name = "Cambridgeshire and Peterborough Safeguarding Children Partnership"
    (child,) = shown["packet"]["children"]
    assert (child["name"], child["dateOfBirth"], child["diedOn"]) == (CHILD, "2024-02-29", "2026-12-24")
    items = {one["code"]: one["text"] for one in shown["packet"]["items"]}
    assert items["area-of-death"].startswith("Cambridgeshire: ")
    assert "01632 960123" in items["notified-by"]
    assert "in the cot" not in str(shown), "what happened is told by those who ask, not by the notice"
    assert (shown["sender"], shown["otherSide"]) == (
        "Dr Juniper Blythe, Emergency department consultant", cambs_name,
    )  # fmt: skip
    notices = (await panel.run(operation("DeathNotices"), first=5, unmatched=True))["deathNotices"]["edges"]
    assert [edge["node"]["source"] for edge in notices] == ["OTHER_PANEL"]
    assert (await register(panel), await rows(herts, ChildDeath)) == ([], []), "the home reviews; it does not respond"
    assert [one.type for one in await rows(herts, Alert)] == ["cdop-notification"]
    assert (await panel.run(CLOCKS, id=answer["childDeath"]["case"]["id"]))["case"] is None
    person = encode("Person", (await herts.member("cdop_manager")).person_id)
    taken = await panel.mutate("AcceptTransfer", transferId=transfer, accountableId=person, note="We review.")
    assert taken["transfer"]["state"] == "ACCEPTED", taken

    # At the place of death nothing is left to do, and both logs name the other side.
    await scene.work.run_due(rounds=20)
    host = await door.member(cambs, "cdop_manager")
    (entry,) = await register(host)
    assert ([one["panel"] for one in entry["panelsTold"]], entry["panelsToTell"]) == ([" hertfordshire"], [])
    assert await duties(host, entry["caseId"]) == []
    for partnership, other, act in ((cambs, herts, "transfer.offered"), (herts, cambs, "transfer.received")):
        assert (await audited(partnership, transfer))[act] == {str(other.id)}
    # A worker that does it again finds it done, and nobody is told twice.
    scene.phones.new()
    async with cambs.session() as session:
        known = key_of("ChildDeath", answer["childDeath"]["id"])
        await owe(session, TELL_HOME_PANEL, known)
        await session.commit()
    await scene.work.run_due(rounds=20)
    await scene.wait(2 * DAY)
    assert len(await rows(herts, PartnershipTransfer)) == 1
    assert scene.phones.new() == {}
    assert await rows(cambs, ConfigurationAlarm) == []


async def test_where_nobody_of_the_platform_is_the_home_it_is_the_managers_duty_until_the_sealed_notice_is_answered(
    scene: Scene, door: Door, herts: Partnership
) -> None:
    cambs = scene.partnership
    clinician, host = await door.member(cambs, "clinician"), await door.member(cambs, "cdop_manager")
    for place in ("Rutland", "Hertfordshire or Rutland"):
        await report(clinician, homeAreaOutside=place)
    await scene.work.run_due(rounds=20)
    assert scene.phones.new() == {"statutory-notice": ["email cdop.cambs@example.org"] * 2}
    assert not [*await rows(herts, Alert), *await rows(cambs, PartnershipTransfer)], "nobody is told by a guess"
    entries = {one["homeAreaOutside"]: one for one in await register(host)}
    rutland, north = entries["Rutland"], entries["Hertfordshire or Rutland"]
    assert rutland["panelsToTell"] == ["Rutland"]
    (duty,) = await duties(host, rutland["caseId"])
    due = REPORTED + DAY
    assert duty == {
        "definition": TELLING, "state": "RUNNING", "dueAt": due.isoformat().replace("+00:00", "Z"),
        "ownerRole": "cdop_manager", "pathway": "cdop-notification",
    }  # fmt: skip

    # Of one death the panel is told by telephone in good time; of the other nothing is done until after the day.
    step = {"deathId": north["id"], "kind": "PANEL_TOLD", "body": "Hertfordshire or Rutland"}
    told = await host.mutate("RecordDeathStep", **step)
    assert told["entry"]["panelsToTell"] == [], told
    assert [one["state"] for one in await duties(host, north["caseId"])] == ["MET"]
    await scene.at(due - SECOND)
    await scene.work.run_due()
    assert scene.phones.new() == {}
    await scene.at(due)
    await scene.work.run_due()
    on_call = await scene.on_call("designated_doctor")  # who answers for the panel's office out of its hours
    assert scene.phones.new() == {"clock-notice": await scene.reach(AGAIN, on_call)}
    await scene.at(due + SECOND)
    await scene.work.run_due()
    assert scene.phones.new() == {"clock-breach": await scene.reach(AGAIN, on_call)}

    # The notice is put together from the report: only who receives it, and their key, is left to a person.
    key = ECKey.generate_key("P-256")
    outside = {
        "organisation": "Rutland child death overview panel", "person": "Wren Alderbrook", "post": "Panel manager",
        "key": key.as_pem(private=False).decode(), "verifiedByCalling": "01632 960222",
    }  # fmt: skip
    manager = await door.member(cambs, "duty_manager")
    offered = await manager.mutate(
        "OfferTransfer", kind="DEATH_NOTICE", caseId=rutland["caseId"], outside=outside, reason="The home is there."
    )
    assert offered["__typename"] == "TransferPayload", offered
    transfer = {"transferId": offered["transfer"]["id"]}
    sealed = (await manager.mutate("SealTransfer", **transfer))["sealed"]
    file = await fetched_from((await manager.mutate("FetchSealedTransfer", sealedId=sealed["id"]))["url"])
    assert CHILD.encode() not in file
    content = jwe.decrypt_compact(file, key, algorithms=["ECDH-ES+A256KW", "A256GCM", "DEF"]).plaintext or b""
    assert CHILD.encode() in content
    assert (await register(host))[0]["homeAreaOutside"] in {"Rutland", "Hertfordshire or Rutland"}
    assert [one["state"] for one in await duties(host, rutland["caseId"])] == ["BREACHED"], "a file is not yet a notice"
    answered = (due + timedelta(seconds=1)).isoformat()
    answer = {"accepted": True, "person": "Wren Alderbrook", "post": "Panel manager", "evidence": "Her letter."}
    done = await manager.mutate("RecordOutsideAnswer", **transfer, answeredAt=answered, **answer)
    assert done["__typename"] == "TransferPayload", done
    assert [one["state"] for one in await duties(host, rutland["caseId"])] == ["MET_LATE"]
    assert {one["id"]: one["panelsToTell"] for one in await register(host)} == {rutland["id"]: [], north["id"]: []}
    assert await rows(cambs, TransferMessage) == [], "nothing is carried to nobody"
    scene.phones.new()
    await scene.wait(DAY)
    assert {one for found in scene.phones.new().values() for one in found} <= set(await scene.reach(AGAIN, on_call))
    said_aloud = str(scene.phones.messages())
    assert not [word for word in NEVER_SENT if word in said_aloud]
