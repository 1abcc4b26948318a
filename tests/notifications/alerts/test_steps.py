"""Whom a step can try, when it stands, how often it rings, and by what a person wants to be called."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from backend.kit.problems import Invalid
from backend.kit.settings import settings
from notifications.alerts.models import Answer
from notifications.ladders import preference_service as preferences
from support.ladders import call, put_in_force, rota, slot, step
from support.scene import Scene, coming
from tenants.contacts.models import Channel

CALL = "urgent-call"
DAY = {"weekdays": [0, 1, 2, 3, 4, 5, 6], "start": "08:00", "end": "20:00"}
NIGHT = {**DAY, "start": "20:00", "end": "08:00"}
TEAM = ["tansy-millrace", "corin-waterbeck", "nettie-sedgewick"]


def team(*members: str) -> dict[str, object]:
    return step({"kind": "team", "team": "duty", "members": list(members or TEAM)})


async def texted(scene: Scene, *codes: str) -> dict[str, list[str]]:
    """What has just arrived, if these people were texted."""
    persons = [await scene.person(code) for code in codes]
    return {CALL: await scene.reach(["sms"], *persons)}


async def test_a_named_person_is_called(scene: Scene) -> None:
    await put_in_force(scene, slot(step({"kind": "person", "person": "bram-cartwheel"})))
    await call(scene)
    assert scene.phones.new() == await texted(scene, "bram-cartwheel")
    assert [page.found_by for page in await scene.pages("first")] == ["person:bram-cartwheel"]


async def test_somebody_named_who_has_left_is_passed_over_at_once_with_an_alarm(scene: Scene) -> None:
    named = step({"kind": "person", "person": "bram-cartwheel"})
    await put_in_force(scene, slot(named, rota("detective_superintendent")))
    await scene.change("UPDATE person SET active = false WHERE code = 'bram-cartwheel'")
    await call(scene)
    assert await scene.alarms() == [("nobody_found", "bram-cartwheel")]
    above = await scene.on_call("detective_superintendent")
    assert scene.phones.new()[CALL] == await scene.reach(["sms"], above)


async def test_a_team_takes_turns_from_alert_to_alert_and_from_rung_to_rung(scene: Scene) -> None:
    await put_in_force(scene, slot(team(), repeat=1))
    for number in range(4):
        await call(scene)
        assert scene.phones.new() == await texted(scene, TEAM[number % 3])
        await scene.wait(timedelta(seconds=120))
        assert scene.phones.new() == await texted(scene, TEAM[(number + 1) % 3])
        await scene.acknowledge("first", await scene.person(TEAM[number % 3]))


async def test_the_turn_of_somebody_who_cannot_be_reached_falls_to_the_next(scene: Scene) -> None:
    await put_in_force(scene, slot(team()))
    await scene.change("UPDATE person SET active = false WHERE code = 'tansy-millrace'")
    await call(scene)
    assert scene.phones.new() == await texted(scene, "corin-waterbeck")


async def test_a_drill_takes_nobodys_turn(scene: Scene) -> None:
    await put_in_force(scene, slot(team()))
    await call(scene, drill=True)
    assert scene.phones.new() == {"drill-page": (await texted(scene, "tansy-millrace"))[CALL]}
    await call(scene)
    assert scene.phones.new() == await texted(scene, "tansy-millrace")


async def test_a_fixed_contact_is_told_at_any_hour(scene: Scene) -> None:
    told = step({"kind": "contact", "contact": "social-care-peterborough"}, channels=["email"], acknowledge_within=None)
    await put_in_force(scene, slot(told, needs_answer=False, template="statutory-notice"))
    await scene.at(coming(weekday=6, hour=3))
    await call(scene)
    assert scene.phones.new() == {"statutory-notice": ["email social.care.peterborough@example.org"]}


async def test_a_desk_of_the_alerts_area_is_found_on_a_later_rung_too(scene: Scene) -> None:
    desk = step({"kind": "directory", "role": "childrens_social_care"}, channels=["email"])
    await put_in_force(scene, slot(rota("sio"), desk, template="clock-breach"))
    await call(scene, areas=("peterborough",))
    scene.phones.new()
    await scene.wait(timedelta(seconds=120))
    assert scene.phones.new() == {"urgent-notice": ["email social.care.peterborough@example.org"]}


async def test_a_desk_is_never_asked_to_answer_by_a_link_or_code_that_answers_nothing_for_it(scene: Scene) -> None:
    desk = step({"kind": "contact", "contact": "duty-team-telephone"}, acknowledge_within=120, page_again_every=60)
    await put_in_force(scene, slot(desk, rota("sio")))
    await call(scene)
    (received,) = scene.phones.messages()
    reference = (await scene.alert()).reference
    said = f"Urgent: your duty desk is needed {reference}. Sign in to Safeguard now: "
    assert received["body"].startswith(said)
    assert "reply" not in received["body"]
    assert scene.phones.new() == {"urgent-notice": ["sms 07700900142"]}
    await scene.wait(timedelta(seconds=60))
    assert scene.phones.new() == {"urgent-notice": ["sms 07700900142"]}, "as at first"


async def test_a_desk_is_told_that_a_drill_is_one(scene: Scene) -> None:
    desk = step({"kind": "contact", "contact": "duty-team-telephone"})
    await put_in_force(scene, slot(desk, rota("sio")))
    await call(scene, drill=True)
    assert scene.phones.new() == {"drill-notice": ["sms 07700900142"]}


@pytest.mark.parametrize(
    ("hour", "expected"), [(19, "bram-cartwheel"), (20, "greta-stonecrop"), (7, "greta-stonecrop")]
)
async def test_a_step_out_of_its_hours_is_passed_over_at_once_without_an_alarm(
    scene: Scene, hour: int, expected: str
) -> None:
    await put_in_force(
        scene,
        slot(
            step({"kind": "person", "person": "bram-cartwheel"}, only_between=[DAY]),
            step({"kind": "person", "person": "greta-stonecrop"}, only_between=[NIGHT]),
        ),
    )
    await scene.at(coming(weekday=2, hour=hour))
    await call(scene)
    assert scene.phones.new() == await texted(scene, expected)
    assert await scene.alarms() == []


async def test_a_step_that_falls_out_of_its_hours_during_the_alert_is_not_waited_for(scene: Scene) -> None:
    day = step({"kind": "person", "person": "bram-cartwheel"}, only_between=[DAY])
    night = step({"kind": "person", "person": "greta-stonecrop"})
    await put_in_force(scene, slot(day, night, repeat=1))
    await scene.at(coming(weekday=2, hour=19, minute=59))
    await call(scene)
    assert scene.phones.new() == await texted(scene, "bram-cartwheel")
    for _ in range(2):  # at 20:01 the second rung; at 20:03 the first is passed over
        await scene.wait(timedelta(seconds=120))
        assert scene.phones.new() == await texted(scene, "greta-stonecrop")


async def test_a_rung_rings_again_until_its_time_is_up_and_not_after_an_answer(scene: Scene) -> None:
    again = {"page_again_every": 50, "acknowledge_within": 120}
    await put_in_force(scene, slot(rota("sio", **again), rota("detective_superintendent")))
    sio = await scene.on_call("sio")
    await call(scene)
    ring = {CALL: await scene.reach(["sms"], sio)}
    assert scene.phones.new() == ring
    for seconds, expected in ((49, {}), (1, ring), (49, {}), (1, ring)):
        await scene.wait(timedelta(seconds=seconds))
        assert scene.phones.new() == expected
    await scene.wait(timedelta(seconds=20))
    above = await scene.on_call("detective_superintendent")
    assert scene.phones.new() == {CALL: await scene.reach(["sms"], above)}
    await scene.wait(timedelta(seconds=49))
    assert scene.phones.new() == {}
    assert [page.answer for page in await scene.pages("first")] == [Answer.EXPIRED, None]


async def test_nobody_is_rung_again_after_the_answer(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio", page_again_every=30)))
    sio = await scene.on_call("sio")
    await call(scene)
    scene.phones.new()
    await scene.acknowledge("first", sio)
    for _ in range(10):
        await scene.wait(timedelta(seconds=30))
    assert scene.phones.new() == {}


async def rules(scene: Scene, person: UUID, **given: list[tuple[Channel, int]]) -> None:
    async with scene.partnership.session() as session:
        await preferences.set_rules(session, person, urgent=given.get("urgent", []), routine=given.get("routine", []))
        await session.commit()


async def test_a_persons_own_rules_add_a_channel_later_and_the_answer_stops_it(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    sio = await scene.on_call("sio")
    await rules(scene, sio, urgent=[(Channel.PUSH, 0), (Channel.EMAIL, 60)])
    for answered in (False, True):
        await call(scene)
        arrived = scene.phones.new()
        assert sorted(address for kind in arrived.values() for address in kind) == await scene.reach(
            ["push", "sms"], sio
        )
        await scene.wait(timedelta(seconds=59))
        assert scene.phones.new() == {}
        if answered:
            await scene.acknowledge("first", sio)
        await scene.wait(timedelta(seconds=1))
        assert scene.phones.new() == ({} if answered else {CALL: await scene.reach(["email"], sio)})
        if not answered:
            await scene.acknowledge("first", sio)


async def test_rules_for_notices_leave_urgent_calls_alone(scene: Scene) -> None:
    await put_in_force(scene, slot(rota("sio")))
    sio = await scene.on_call("sio")
    await rules(scene, sio, routine=[(Channel.EMAIL, 0)])
    await call(scene)
    assert scene.phones.new() == {CALL: await scene.reach(["sms"], sio)}


async def test_another_system_is_told_by_a_call_that_carries_ids_alone(scene: Scene) -> None:
    await scene.change(
        "INSERT INTO directory_entry (tenant_id, id, code, role, name, channel, address, hours)"
        " SELECT id, gen_random_uuid(), 'agency-system', 'agency_system', 'Agency system', 'webhook', :address, '[]'"
        " FROM routing.partnership WHERE id = (SELECT app.current_tenant())",
        address=f"{settings().fcm_base_url}/webhooks/agency",
    )
    hook = step({"kind": "webhook", "endpoint": "agency-system"}, channels=["webhook"], acknowledge_within=None)
    await put_in_force(scene, slot(hook, needs_answer=False))
    await call(scene)
    (received,) = scene.phones.messages()
    assert (received["provider"], received["to"]) == ("webhook", "agency")
    reference = (await scene.alert()).reference
    assert json.loads(received["body"]) == {"type": "urgent-call", "data": {"alert": reference}}
    assert received["data"]["webhook-signature"].startswith("v1,")


async def test_a_system_that_is_not_in_the_directory_is_found_before_the_policy_is_switched_on(scene: Scene) -> None:
    hook = step({"kind": "webhook", "endpoint": "nowhere"}, channels=["webhook"], acknowledge_within=None)
    with pytest.raises(Invalid) as caught:
        await put_in_force(scene, slot(hook, needs_answer=False))
    assert [fault.field for fault in caught.value.errors] == ["slots.0.steps.0.target.endpoint"]
