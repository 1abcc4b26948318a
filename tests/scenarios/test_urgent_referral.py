"""A referral that needs urgent action: who is called at what hour, what the referrer is told, and when nobody rings."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backend.cases.models import CaseFile
from backend.pathways import voiding
from backend.pathways.models import PathwayRun
from backend.referrals.models import Referral
from backend.referrals.urgent import CALL_TO_REFERRAL, LATER, URGENT_REFERRAL
from graphql_api.ids import encode
from infra.dev.clock import Clock
from notifications.alerts.models import AlarmKind, Alert, AlertState, ConfigurationAlarm
from notifications.ladders.models import AlertPolicy
from support.api import JSON, Api, Door, fresh_key, rows
from support.applications import Registered, grant, registered
from support.partnership import CHILD, HOME, Partnership
from support.scene import PAGE, Phones, Scene, forget_daily_work
from support.transfers import london
from support.work import Work

CONCERN = "Bruises that nobody explains."
# By day the contact centre of the area; on a bank holiday, at night and in the hour that comes twice the shared team.
BY_DAY = ("01632 960100", "sms 07700900140", "email social.care.cambridgeshire@example.org")
OUT_OF_HOURS = ("01632 960102", "sms 07700900142", "email duty.team.cambs@example.org")
CALLS = {PAGE, "urgent-call", "urgent-notice"}  # what goes to a device is filed as a page
SET_UP = "email systems.cambs@example.org"
TUESDAY_NOON, BOXING_DAY_KEPT = london("2026-12-08T12:00"), london("2026-12-28T12:00")
FIRST_HALF_PAST_ONE = london("2027-10-31T01:30")
UNANSWERED = timedelta(seconds=300)
"""How long this partnership's manager has to answer an urgent call."""


@pytest.fixture
def scene(environment: dict[str, str], clock: Clock, work: Work, carrier: httpx.Client, cambs: Partnership) -> Scene:
    return Scene(cambs, environment, clock, work, Phones(carrier))


@pytest.fixture
async def ward(cambs: Partnership) -> Registered:
    made = await registered("Ward system")
    await grant(cambs, made, "referrals:write")
    return made


async def begun(scene: Scene, at: Any) -> None:
    await forget_daily_work(scene.partnership)
    await scene.at(at)
    await scene.lay_out_shifts(at)
    scene.phones.new()


async def refer(api: Api, **more: Any) -> JSON:
    areas = (await api.run("{ partnership { areas { id code } } }"))["partnership"]["areas"]
    told: JSON = {
        "areaId": next(one["id"] for one in areas if one["code"] == "cambridgeshire"),
        "children": [{"name": CHILD, "dateOfBirth": "2024-02-29", "addresses": [{"address": HOME}]}],
        "referrer": {"kind": "PROFESSIONAL", "name": "Dr Juniper Blythe"}, "significantHarm": True, "concern": CONCERN,
    }  # fmt: skip
    return await api.mutate("MakeReferral", **{**told, **more})


async def calls(partnership: Partnership) -> list[Alert]:
    return [one for one in await rows(partnership, Alert) if one.type == URGENT_REFERRAL]


def rung(scene: Scene) -> set[str]:
    """Whoever was called, and the desks that were told, since the last look; the referral's limits tell besides."""
    return {one for kind, found in scene.phones.new().items() if kind in CALLS for one in found}


async def unset(partnership: Partnership) -> list[str]:
    """The types of alert that a configuration alarm says have no policy."""
    return [one.role for one in await rows(partnership, ConfigurationAlarm) if one.kind is AlarmKind.NO_POLICY]


@pytest.mark.parametrize(
    ("at", "answered_by"),
    [
        (TUESDAY_NOON, BY_DAY), (BOXING_DAY_KEPT, OUT_OF_HOURS), (FIRST_HALF_PAST_ONE, OUT_OF_HOURS),
        (FIRST_HALF_PAST_ONE + timedelta(hours=1), OUT_OF_HOURS),
    ],
    ids=["by day", "bank holiday", "first half past one", "second half past one"],
)  # fmt: skip
async def test_whoever_is_on_duty_is_called_once_and_the_referrer_is_given_the_number_of_the_hour(
    scene: Scene, door: Door, herts: Partnership, ward: Registered, at: Any, answered_by: tuple[str, str, str]
) -> None:
    """Working Together 2005 ¶4.17, 4.36; Cambridgeshire and Peterborough manual L43, L3129."""
    await begun(scene, at)
    number, duty_desk, desk = answered_by
    api = await ward.api(door)
    for said in ({}, {"urgent": False}):
        assert (await refer(api, **said))["urgentCall"] is None
    await scene.work.run_due()
    assert rung(scene) == set(), "a referral without urgency waits until somebody looks"
    assert await calls(scene.partnership) == []

    key = fresh_key()
    made = await refer(api, urgent=True, idempotencyKey=key)
    told = made["urgentCall"]
    assert told["calledAt"] == at.isoformat().replace("+00:00", "Z")
    assert "999" in told["inDanger"]
    assert [one["number"] for one in told["telephone"]] == [number]
    assert await refer(api, urgent=True, idempotencyKey=key) == made, "a retry finds what was done"
    await scene.work.run_due()
    manager = await scene.on_call("duty_manager")
    assert rung(scene) == {*await scene.reach(("push", "sms"), manager), duty_desk}
    (call,) = await calls(scene.partnership)
    assert made["referral"]["state"] == "RECEIVED", "a call that went out is not an acknowledgement"

    # Nobody answers: the manager is rung again, then the desk is written to; once somebody has taken it, all is quiet.
    await scene.wait(UNANSWERED)
    assert desk in rung(scene)
    person = door.person(await door.subject_of(scene.partnership, manager))
    screen = await person.run(
        "{ alerts(first: 5, state: OPEN, mine: true) { edges { node { id type slots { id role } } } } }"
    )
    (mine,) = [edge["node"] for edge in screen["alerts"]["edges"] if edge["node"]["type"] == URGENT_REFERRAL]
    slot = next(one["id"] for one in mine["slots"] if one["role"] == "duty_manager")
    answered = await person.mutate("AcknowledgeAlert", slotId=slot)
    assert answered["alert"]["state"] == "MET", answered
    scene.phones.new()
    await scene.wait(timedelta(minutes=40))
    assert rung(scene) == set()
    assert [one.id for one in await calls(scene.partnership)] == [call.id]
    said_aloud = str(scene.phones.messages())
    assert not [word for word in (*CHILD.split(), HOME, CONCERN, "Juniper") if word in said_aloud]
    assert await rows(scene.partnership, ConfigurationAlarm) == [], "the front door is there to hear of the limits"
    assert await rows(herts, Alert) == [], "nobody of another partnership hears of it"


async def test_a_case_that_is_closed_stands_down_whoever_is_still_called(
    scene: Scene, door: Door, ward: Registered
) -> None:
    await begun(scene, TUESDAY_NOON)
    await refer(await ward.api(door), urgent=True)
    await scene.work.run_due()
    scene.phones.new()
    async with scene.partnership.session() as session:  # as what was withdrawn is ended
        run = (await session.scalars(select(PathwayRun))).one()
        await voiding.end_run(session, None, run.id, "It was sent to the wrong place.")
        await session.commit()
    (case,) = await rows(scene.partnership, CaseFile)
    manager = await door.member(scene.partnership, "duty_manager")
    closed = await manager.mutate("CloseCase", caseId=encode("Case", case.id), reason=f"{CHILD} lives elsewhere.")
    assert closed["__typename"] == "CasePayload", closed
    await scene.work.run_due()
    assert scene.phones.new().keys() >= {"alert-stood-down"}
    (call,) = await calls(scene.partnership)
    assert (call.state, call.closing_reason) == (AlertState.CLOSED, "The case was closed.")
    await scene.wait(UNANSWERED + timedelta(minutes=30))
    assert rung(scene) == set(), "no rung is climbed for what nobody needs"


async def test_where_nobody_is_set_up_to_be_called_the_referral_stands_and_the_call_follows(
    scene: Scene, door: Door, ward: Registered
) -> None:
    await begun(scene, BOXING_DAY_KEPT)
    api = await ward.api(door)
    write = "UPDATE alert_policy SET slots = CAST(:slots AS jsonb) WHERE alert_type = :type"
    (policy,) = [one for one in await rows(scene.partnership, AlertPolicy) if one.alert_type == URGENT_REFERRAL]
    await scene.change(write, slots="[{}]", type=URGENT_REFERRAL)
    assert (await refer(api, urgent=True))["urgentCall"]["calledAt"] is None, "nor is one refused that cannot be read"
    kinds = [one.kind for one in await rows(scene.partnership, ConfigurationAlarm)]
    assert kinds.count(AlarmKind.POLICY_FAULT) == 1
    assert len(await rows(scene.partnership, Referral)) == 1
    await scene.change("DELETE FROM routing.task WHERE actor = :actor", actor=CALL_TO_REFERRAL.name)
    await scene.change(write, slots=json.dumps(policy.slots), type=URGENT_REFERRAL)

    switch = "UPDATE alert_policy SET state = :state WHERE alert_type = :type"
    await scene.change(switch, state="superseded", type=URGENT_REFERRAL)
    made = await refer(api, urgent=True)
    told = made["urgentCall"]
    assert (told["calledAt"], [one["number"] for one in told["telephone"]]) == (None, [OUT_OF_HOURS[0]])
    assert made["referral"]["state"] == "RECEIVED"
    assert len(await rows(scene.partnership, Referral)) == 2
    assert await unset(scene.partnership) == [URGENT_REFERRAL]
    await scene.work.run_due()
    assert SET_UP in scene.phones.new()["statutory-notice"]
    await scene.wait(LATER)
    assert rung(scene) == set(), "nobody is told a second time that there is none"
    await scene.change(switch, state="in_force", type=URGENT_REFERRAL)
    await scene.wait(LATER)
    manager = await scene.on_call("duty_manager")
    assert rung(scene) == {*await scene.reach(("push", "sms"), manager), OUT_OF_HOURS[1]}
    await scene.wait(LATER)
    assert len(await calls(scene.partnership)) == 1
    assert await unset(scene.partnership) == [URGENT_REFERRAL]
