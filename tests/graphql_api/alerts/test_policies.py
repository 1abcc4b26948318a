"""Policies, previews, practitioners' alerts, drills and one's own rules, as a client meets them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.kit.ids import uuid7
from notifications.alerts.service import raise_alert
from support.api import JSON, Api, Door, fresh_key
from support.partnership import Partnership
from support.work import Work

PROBLEM = "__typename ... on Problem { message } ... on ValidationProblem { fields { field message } }"
POLICY = f"{PROBLEM} ... on AlertPolicyPayload {{ policy {{ id version state type }} }}"
ALERT = f"{PROBLEM} ... on AlertPayload {{ alert {{ id reference drill state closedAs slots {{ id role state }} }} }}"
SLOT = (
    f"{PROBLEM} ... on AlertAnswerPayload {{ slot {{ id state acknowledgedBy {{ id }} answeredForBy {{ id }}"
    " offers { id state } } }"
)
DRILLS = f"{PROBLEM} ... on DrillSchedulePayload {{ schedule {{ id type endedAt }} }}"


async def do(api: Api, name: str, selection: str, **given: Any) -> JSON:  # JSON values
    """The result of a mutation, with a key of its own."""
    capital = name[0].upper() + name[1:]
    document = f"mutation ($input: {capital}Input!) {{ {name}(input: $input) {{ {selection} }} }}"
    answer: JSON = (await api.run(document, input={"idempotencyKey": fresh_key(), **given}))[name]
    return answer


def rung(name: str, kind: str = "ROTA", **more: Any) -> dict[str, Any]:
    return {"target": {"kind": kind, "name": name}, "channels": ["SMS"], "acknowledgeWithin": 120, **more}


def slot(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"role": "first", "template": "urgent-call", "steps": list(steps), **more}


@pytest.fixture
async def administrator(door: Door, cambs: Partnership) -> Api:
    return await door.member(cambs, "administrator")


@pytest.fixture
async def manager(door: Door, cambs: Partnership) -> Api:
    return await door.member(cambs, "duty_manager")


async def areas(api: Api) -> dict[str, str]:
    found = (await api.run("{ partnership { areas { id code } } }"))["partnership"]["areas"]
    return {area["code"]: area["id"] for area in found}


async def test_a_policy_is_drafted_validated_switched_on_and_followed(
    administrator: Api, clinician: Api, door: Door, cambs: Partnership
) -> None:
    drafted = await do(
        administrator, "draftAlertPolicy", POLICY, type="flooded-ward", title="Ward flooded", manual=True,
        slots=[slot(rung("sio", pageAgainEvery=30))],
    )  # fmt: skip
    policy = drafted["policy"]
    assert (policy["version"], policy["state"]) == (1, "DRAFT")
    refused = await do(clinician, "raiseAlert", ALERT, type="flooded-ward", areaIds=[])
    assert [fault["field"] for fault in refused["fields"]] == ["type"]
    for name, state in (("validateAlertPolicy", "VALIDATED"), ("switchOnAlertPolicy", "IN_FORCE")):
        assert (await do(administrator, name, POLICY, policyId=policy["id"]))["policy"]["state"] == state
    raised = await do(clinician, "raiseAlert", ALERT, type="flooded-ward", areaIds=[])
    assert [one["role"] for one in raised["alert"]["slots"]] == ["first"]
    officer = await door.on_call(cambs, "sio")
    taken = await officer.mutate("AcknowledgeAlert", slotId=raised["alert"]["slots"][0]["id"])
    assert taken["slot"]["state"] == "ACKNOWLEDGED"


async def test_every_fault_of_a_draft_comes_with_its_path(administrator: Api) -> None:
    given = {"type": "flooded-ward", "title": "Ward flooded"}
    unreadable = await do(
        administrator, "draftAlertPolicy", POLICY, **given, slots=[slot(rung("sio", acknowledgeWithin=1), repeat=99)]
    )
    assert [fault["field"] for fault in unreadable["fields"]] == ["slots.0.repeat", "slots.0.steps.0.acknowledgeWithin"]
    assert [fault["message"] for fault in unreadable["fields"]] == ["must be at most 10", "must be at least 10"]
    target = {"channels": ["SMS"], "acknowledgeWithin": 60}
    wanting = [
        {**target, "target": {"kind": "TEAM", "name": "night"}}, {**target, "target": {"kind": "ROTA", "name": ""}},
        {**rung("sio"), "channels": []},
    ]  # fmt: skip
    short = await do(administrator, "draftAlertPolicy", POLICY, **given, slots=[slot(*wanting)])
    assert [(fault["field"], fault["message"]) for fault in short["fields"]] == [
        ("slots.0.steps.0.target.members", "must be given"), ("slots.0.steps.1.target.name", "must not be empty"),
        ("slots.0.steps.2.channels", "must hold at least 1"),
    ]  # fmt: skip
    named = await do(administrator, "draftAlertPolicy", POLICY, type="No Type", title=" ", slots=[slot(rung("sio"))])
    assert [fault["field"] for fault in named["fields"]] == ["type", "title"]
    unset = slot(rung("sio", acknowledgeWithin=None), rung("nobody-here", kind="PERSON"))
    draft = await do(administrator, "draftAlertPolicy", POLICY, **given, slots=[unset])
    refused = await do(administrator, "validateAlertPolicy", POLICY, policyId=draft["policy"]["id"])
    assert [fault["field"] for fault in refused["fields"]] == [
        "slots.0.steps.0.acknowledgeWithin", "slots.0.steps.1.target.name",
    ]  # fmt: skip
    asked = "{ alertPolicies(first: 100) { edges { node { id faults { field } } } } }"
    shown = {edge["node"]["id"]: edge["node"] for edge in (await administrator.run(asked))["alertPolicies"]["edges"]}
    faults = shown[draft["policy"]["id"]]["faults"]
    assert [fault["field"] for fault in faults] == [fault["field"] for fault in refused["fields"]]
    early = await do(administrator, "switchOnAlertPolicy", POLICY, policyId=draft["policy"]["id"])
    assert early["__typename"] == "ConflictProblem"


async def test_a_preview_tells_who_when_how_and_why(administrator: Api) -> None:
    at = 'query ($areas: [ID!]) { alertPreview(type: "removal-from-uk", areaIds: $areas) { version diagram slots {'
    at += " role gaps exhaustedAt calls { offset passedOver againAt responders {"
    at += " foundBy desk person { name } channels { channel after } } } } } }"
    shown = (await administrator.run(at, areas=[(await areas(administrator))["peterborough"]]))["alertPreview"]
    by_role = {one["role"]: one for one in shown["slots"]}
    assert set(by_role) == {"duty_manager", "police_control_room", "foreign_office"}
    first = by_role["duty_manager"]["calls"][0]
    assert first["responders"][0]["foundBy"] == "rota:duty_manager"
    assert [way["channel"] for way in first["responders"][0]["channels"]] == ["PUSH", "SMS"]
    assert first["againAt"] == [90, 180, 270]
    assert by_role["foreign_office"]["calls"][0]["responders"][0]["desk"].startswith("Foreign Office")
    assert shown["diagram"].startswith("sequenceDiagram\n")
    past = '{ alertPreview(type: "removal-from-uk", at: "2020-01-01T00:00:00Z") { version } }'
    assert await administrator.codes(past) == ["INVALID"]
    moment = 'query ($at: Instant) { alertPreview(type: "removal-from-uk", at: $at) { at } }'
    sent = datetime.now(UTC) - timedelta(minutes=1)
    shown = (await administrator.run(moment, at=sent.isoformat()))["alertPreview"]
    assert datetime.fromisoformat(shown["at"]) > sent, "what has just passed is now"
    assert await administrator.run('{ alertPreview(type: "never-heard-of") { version } }') == {"alertPreview": None}


async def test_a_practitioner_raises_what_is_raised_by_hand_and_nothing_else(clinician: Api) -> None:
    area = (await areas(clinician))["peterborough"]
    raised = await do(clinician, "raiseAlert", ALERT, type="missing-from-care", areaIds=[area])
    assert raised["alert"]["drill"] is False
    refused = await do(clinician, "raiseAlert", ALERT, type="child-death-joint-response", areaIds=[])
    assert refused["__typename"] == "ForbiddenProblem"
    unknown = await do(clinician, "raiseAlert", ALERT, type="missing-from-care", areaIds=["nonsense"])
    assert unknown["__typename"] == "NotFoundProblem"
    drill = await do(clinician, "raiseAlert", ALERT, type="missing-from-care", areaIds=[], drill=True)
    assert drill["__typename"] == "ForbiddenProblem"


async def test_a_raise_that_is_sent_twice_calls_once(clinician: Api, work: Work) -> None:
    given = {"type": "missing-from-care", "areaIds": [], "idempotencyKey": "one-and-the-same"}
    first = await do(clinician, "raiseAlert", ALERT, **given)
    again = await do(clinician, "raiseAlert", ALERT, **given)
    assert first["alert"]["reference"] == again["alert"]["reference"]
    found = await clinician.run('{ alerts(first: 9, type: "missing-from-care") { edges { node { id } } } }')
    assert len(found["alerts"]["edges"]) == 1


async def test_an_alert_is_stood_down_with_a_reason(clinician: Api, manager: Api) -> None:
    alert = (await do(clinician, "raiseAlert", ALERT, type="missing-from-care", areaIds=[]))["alert"]
    closing = {"alertId": alert["id"], "ending": "STOOD_DOWN"}
    silent = await do(manager, "closeAlert", ALERT, **closing, reason=" ")
    assert [fault["field"] for fault in silent["fields"]] == ["reason"]
    closed = (await do(manager, "closeAlert", ALERT, **closing, reason="Found at home."))["alert"]
    assert (closed["state"], closed["closedAs"]) == ("CLOSED", "STOOD_DOWN")
    assert {one["state"] for one in closed["slots"]} == {"CANCELLED"}


async def test_a_slot_is_answered_for_offered_and_taken_over(
    clinician: Api, manager: Api, door: Door, cambs: Partnership
) -> None:
    alert = (await do(clinician, "raiseAlert", ALERT, type="child-death-police-oncall-alert", areaIds=[]))["alert"]
    giver, receiver = await door.on_call(cambs, "sio"), await door.on_call(cambs, "detective_superintendent")
    ids = [(await one.run("{ me { person { id } } }"))["me"]["person"]["id"] for one in (giver, receiver, manager)]
    slot_id = alert["slots"][0]["id"]
    answered = await do(manager, "answerForSomebody", SLOT, slotId=slot_id, personId=ids[0], reason="He rang.")
    assert (answered["slot"]["acknowledgedBy"]["id"], answered["slot"]["answeredForBy"]["id"]) == (ids[0], ids[2])
    confirmed = await do(giver, "confirmAttendance", SLOT, slotId=slot_id)
    assert confirmed["slot"]["state"] == "ACKNOWLEDGED"
    offered = await do(giver, "offerSlot", SLOT, slotId=slot_id, toPersonId=ids[1], answerWithin=300)
    (offer,) = offered["slot"]["offers"]
    assert offer["state"] == "OPEN"
    taken = await do(receiver, "answerSlotOffer", SLOT, offerId=offer["id"], accept=True)
    assert taken["slot"]["acknowledgedBy"]["id"] == ids[1]
    assert taken["slot"]["offers"][0]["state"] == "ACCEPTED"


async def test_drills_are_scheduled_held_and_their_results_seen(manager: Api, work: Work) -> None:
    weekly = {"type": "missing-from-care", "pattern": "WEEKLY", "weekday": 2}
    unfinished = await do(manager, "scheduleDrills", DRILLS, **weekly)
    impossible = await do(manager, "scheduleDrills", DRILLS, **{**weekly, "weekday": 7}, at="25:00")
    assert [(fault["field"], fault["message"]) for fault in impossible["fields"]] == [
        ("weekday", "must be at most 6"), ("at", "must be a local time such as 08:00"),
    ]  # fmt: skip
    assert unfinished["__typename"] == "ValidationProblem"
    schedule = (await do(manager, "scheduleDrills", DRILLS, **weekly, at="14:00"))["schedule"]
    assert (await do(manager, "scheduleDrills", DRILLS, **weekly, at="14:00"))["__typename"] == "ConflictProblem"
    ended = (await do(manager, "endDrillSchedule", DRILLS, scheduleId=schedule["id"]))["schedule"]
    assert ended["endedAt"] is not None
    await do(manager, "raiseAlert", ALERT, type="missing-from-care", areaIds=[], drill=True)
    await work.run_due()
    results = "results { role answered secondsToFirstMessage secondsToAnswer peopleCalled }"
    query = f"{{ drills(first: 5) {{ edges {{ node {{ alert {{ drill }} {results} }} }} }} }}"
    (edge,) = (await manager.run(query))["drills"]["edges"]
    (result,) = edge["node"]["results"]
    assert (result["role"], result["answered"], result["peopleCalled"]) == ("duty_manager", False, 1)
    assert result["secondsToFirstMessage"] >= 0
    real = await manager.run("{ alerts(first: 9, drill: false) { edges { cursor } } }")
    assert real["alerts"]["edges"] == []


async def test_ones_own_rules_are_set_and_checked(clinician: Api) -> None:
    selection = f"{PROBLEM} ... on NotificationRulesPayload {{ rules {{ urgent {{ channel after }} }} }}"
    late = await do(clinician, "setNotificationRules", selection, routine=[], urgent=[{"channel": "SMS", "after": 60}])
    assert [fault["field"] for fault in late["fields"]] == ["urgent"]
    given = [{"channel": "SMS", "after": 0}, {"channel": "EMAIL", "after": 60}]
    kept = await do(clinician, "setNotificationRules", selection, routine=[], urgent=given)
    assert kept["rules"]["urgent"] == given
    mine = await clinician.run("{ myNotificationRules { urgent { channel after } routine { channel } } }")
    assert mine["myNotificationRules"] == {"urgent": given, "routine": []}


async def test_alarms_of_set_up_are_shown(administrator: Api, cambs: Partnership) -> None:
    async with cambs.session() as session:
        await raise_alert(session, "never-heard-of", subject_kind="test", subject_id=uuid7())
        await session.commit()
    query = "{ configurationAlarms(first: 5) { edges { node { kind role } } } }"
    (edge,) = (await administrator.run(query))["configurationAlarms"]["edges"]
    assert edge["node"] == {"kind": "NO_POLICY", "role": "never-heard-of"}
