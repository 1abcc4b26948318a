"""Which area's people are told and act: by the place and the hour, whatever the child's home is."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from backend.sharing.models import PartnershipTransfer
from infra.dev.clock import Clock
from notifications.alerts.models import Alert
from support.api import Door, death, operation, rows
from support.partnership import Partnership
from support.scene import PAGE, Phones, Scene, forget_daily_work
from support.transfers import london
from support.work import Work

AREAS = "{ partnership { areas { id code } } }"
NOON, CHRISTMAS_EVE = london("2026-12-10T12:00"), london("2026-12-24T20:05")
LONGER_THAN_A_MANAGER_HAS = timedelta(minutes=12)


@pytest.fixture
def scene(environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client, cambs: Partnership) -> Scene:
    return Scene(cambs, environment, clock, work, Phones(carrier))


async def begun(scene: Scene, at: datetime) -> None:
    """Stop the clock at an instant, with everybody on their rotas."""
    await forget_daily_work(scene.partnership)
    await scene.at(at)
    await scene.lay_out_shifts(at)
    scene.phones.new()


async def desks(scene: Scene) -> set[str]:
    """The desks that emails have come to since the last look, by their first words."""
    sent = scene.phones.new()
    emails = {one.split()[1].split("@")[0] for found in sent.values() for one in found if one.startswith("email ")}
    return {one for one in emails if one.startswith(("social.care", "duty.team", "coroner"))}


@pytest.mark.parametrize(
    ("at", "social_care"), [(NOON, "social.care.peterborough"), (CHRISTMAS_EVE, "duty.team.cambs")]
)
async def test_a_death_is_told_where_the_child_died_and_the_coroner_is_the_one_of_the_place(
    scene: Scene, door: Door, herts: Partnership, at: datetime, social_care: str
) -> None:
    """A visiting child: the host responds, and the home's panel hears of it by a notice alone (¶5.48-5.49)."""
    await begun(scene, at)
    clinician = await door.member(scene.partnership, "clinician")
    told: dict[str, Any] = {"areaOfDeath": "peterborough", "coronerArea": "coroner-south"}
    visiting = death(at, **told, homeArea=None, homeAreaOutside="Hertfordshire")
    answer = await clinician.mutate("ReportChildDeath", **visiting)
    assert answer["__typename"] == "ReportChildDeathPayload", answer
    await scene.work.run_due(rounds=20)
    assert await desks(scene) == {"coroner.south", social_care}
    assert [one.type for one in await rows(scene.partnership, Alert)].count("child-death-joint-response") == 1
    assert [one.type for one in await rows(herts, Alert)] == ["cdop-notification"], "nobody there responds"
    assert len(await rows(herts, PartnershipTransfer)) == 1

    # A child of the neighbouring authority of the same partnership: the home's desks hear nothing of it.
    at_home = death(at, **told, homeArea="cambridgeshire", childName="Somebody Else", dateOfBirth="2020-01-01")
    await clinician.mutate("ReportChildDeath", **at_home)
    await scene.work.run_due()
    assert await desks(scene) == {"coroner.south", social_care}


async def test_whoever_is_on_call_where_the_child_died_is_called_and_told_of_its_limits(
    scene: Scene, door: Door
) -> None:
    """Cambridgeshire and Peterborough manual §2.7: the area of death runs the response on the ground."""
    await scene.change(
        "INSERT INTO rota_area (tenant_id, id, rota_id, area_id) SELECT rota.tenant_id, gen_random_uuid(), rota.id,"
        " area.id FROM rota JOIN area ON area.code = 'peterborough' WHERE rota.role = 'designated_doctor'"
    )
    await scene.change("UPDATE rota SET role = 'paediatrician' WHERE role = 'designated_doctor'")
    await begun(scene, NOON)
    clinician = await door.member(scene.partnership, "clinician")
    called = {}
    for place in ("cambridgeshire", "peterborough"):
        told = death(NOON, areaOfDeath=place, homeArea="cambridgeshire", childName=place)
        assert (await clinician.mutate("ReportChildDeath", **told))["__typename"] == "ReportChildDeathPayload"
        await scene.work.run_due()
        called[place] = texted(scene, PAGE)
    everywhere, sio = [await scene.address(await scene.on_call(role), "sms") for role in ("paediatrician", "sio")]
    assert called["cambridgeshire"] == {everywhere, sio}
    (local,) = called["peterborough"] - {sio}
    assert local != everywhere

    # Twelve hours after the confirmation nobody but the local rota has cover.
    await scene.wait(timedelta(hours=12))
    assert texted(scene, "clock-breach") == {local}


def texted(scene: Scene, kind: str) -> set[str]:
    """The numbers to which texts of a kind have come since the last look."""
    return {one.split()[1] for one in scene.phones.new()[kind] if one.startswith("sms ")}


@pytest.mark.parametrize(
    ("at", "answers", "desk"),
    [
        (NOON, "peterborough", "social.care.peterborough"),
        (NOON, "cambridgeshire", "social.care.cambridgeshire"),
        (CHRISTMAS_EVE, "peterborough", "duty.team.cambs"),
    ],
)
async def test_a_call_goes_to_the_desk_of_the_area_that_answers_whichever_leads_the_case(
    scene: Scene, door: Door, at: datetime, answers: str, desk: str
) -> None:
    """Working Together 2005 ¶4.39, 10.11: where a child is found acts; who placed a child is told of an absence."""
    await begun(scene, at)
    manager = await door.member(scene.partnership, "duty_manager")
    areas = {one["code"]: one["id"] for one in (await manager.run(AREAS))["partnership"]["areas"]}
    case = (await manager.mutate("OpenCase", pathway="initial-assessment", areaId=areas["cambridgeshire"]))["case"][
        "id"
    ]
    raised = await manager.mutate("RaiseAlert", type="missing-from-care", areaIds=[areas[answers]], caseId=case)
    assert raised["__typename"] == "AlertPayload", raised
    await scene.work.run_due()
    assert await desks(scene) == set(), "the manager on duty is called first"
    await scene.wait(LONGER_THAN_A_MANAGER_HAS)
    assert await desks(scene) == {desk}
    asked = {"about": "safeguarding-referral", "area": areas[answers], "age": 5}
    first = (await manager.run(operation("WhoToCall"), **asked))["whoToCall"]["first"]
    by_day = {"peterborough": "Peterborough contact centre", "cambridgeshire": "Cambridgeshire contact centre"}
    assert first["service"] == (by_day[answers] if at == NOON else "Emergency duty team"), first
