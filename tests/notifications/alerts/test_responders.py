"""Whom a step reaches: rota or desk, hours, areas and channels."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from notifications.alerts.responders import Responders, covers, resolve
from notifications.ladders.policy import SlotPolicy, Step
from notifications.ladders.preferences import Way
from notifications.rotas.roster import Roster
from support.partnership import Partnership
from support.scene import Scene
from tenants.contacts.models import Channel, ContactMethod, DirectoryEntry
from tenants.partnerships import repository as partnerships

TENANT = UUID(int=1)
OFFICE = [{"weekdays": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}]
FRIDAY_NIGHT = [{"weekdays": [4], "start": "17:00", "end": "09:00"}]
ALWAYS = [{"weekdays": [2], "start": "00:00", "end": "00:00"}]
MONDAY = datetime(2026, 11, 30)  # noqa: DTZ001  # a local wall time


def desk(code: str, hours: list[dict[str, Any]] | None = None, area_id: UUID | None = None) -> DirectoryEntry:
    return DirectoryEntry(
        tenant_id=TENANT, code=code, role="social_care", name=code, area_id=area_id,
        channel=Channel.EMAIL, address=f"{code}@example.org", hours=hours or [],
    )  # fmt: skip


def method(person_id: UUID, channel: Channel, address: str) -> ContactMethod:
    return ContactMethod(tenant_id=TENANT, person_id=person_id, channel=channel, address=address)


def step(kind: str, role: str, *channels: str) -> Step:
    return Step.model_validate(
        {"target": {"kind": kind, "role": role}, "channels": channels or ("sms",), "acknowledge_within": 60}
    )


@pytest.mark.parametrize(
    ("hours", "day", "clock", "open_"),
    [
        (OFFICE, 30, (9, 0), True),
        (OFFICE, 30, (8, 59), False),
        (OFFICE, 30, (16, 59), True),
        (OFFICE, 30, (17, 0), False),
        (OFFICE, 28, (12, 0), False),  # a Saturday
        (FRIDAY_NIGHT, 27, (16, 59), False),
        (FRIDAY_NIGHT, 27, (17, 0), True),
        (FRIDAY_NIGHT, 28, (8, 59), True),  # Saturday, opened on Friday
        (FRIDAY_NIGHT, 28, (9, 0), False),
        (FRIDAY_NIGHT, 28, (18, 0), False),
        (ALWAYS, 25, (0, 0), True),
        (ALWAYS, 25, (23, 59), True),
        (ALWAYS, 26, (0, 0), False),
    ],
)
def test_a_desk_is_open_in_its_hours_only(
    hours: list[dict[str, Any]], day: int, clock: tuple[int, int], *, open_: bool
) -> None:
    local = MONDAY.replace(day=day, hour=clock[0], minute=clock[1])
    assert covers(desk("office", hours), local) is open_


def test_an_open_desk_answers_before_the_one_that_is_always_there() -> None:
    entries = [desk("office", OFFICE), desk("duty-team")]
    for hour, expected in ((12, "office"), (18, "duty-team")):
        at = Responders(Roster({}, {}), {}, entries, MONDAY.replace(hour=hour))
        found = at.at_step(step("directory", "social_care"))
        assert [responder.addresses for responder in found] == [(Way(Channel.EMAIL, f"{expected}@example.org"),)]


def test_closed_desks_and_strange_roles_reach_nobody() -> None:
    at = Responders(Roster({}, {}), {}, [desk("office", OFFICE)], MONDAY.replace(hour=3))
    assert at.at_step(step("directory", "social_care")) == []
    assert at.at_step(step("directory", "coroner")) == []
    assert at.at_step(step("rota", "sio")) == []


def test_a_person_is_reached_by_the_channels_of_the_step_in_their_order() -> None:
    person = uuid4()
    methods = [
        method(person, Channel.SMS, "07700900001"),
        method(person, Channel.EMAIL, "p@example.org"),
        method(person, Channel.SMS, "07700900002"),
        method(person, Channel.PUSH, "device"),
    ]
    at = Responders(Roster({"sio": [person]}, {}), {person: methods}, [], MONDAY)
    (found,) = at.at_step(step("rota", "sio", "push", "sms"))
    assert found.addresses == (
        Way(Channel.PUSH, "device"), Way(Channel.SMS, "07700900001"), Way(Channel.SMS, "07700900002"),
    )  # fmt: skip
    assert (found.person_id, found.found_by) == (person, "rota:sio")


def test_any_way_is_better_than_none_and_none_is_nobody() -> None:
    reachable, unreachable = uuid4(), uuid4()
    methods = {reachable: [method(reachable, Channel.EMAIL, "p@example.org")]}
    at = Responders(Roster({"sio": [unreachable, reachable]}, {}), methods, [], MONDAY)
    (found,) = at.at_step(step("rota", "sio", "push", "sms"))
    assert (found.person_id, found.addresses) == (reachable, (Way(Channel.EMAIL, "p@example.org"),))


def test_the_record_says_whose_rota_answered() -> None:
    doctor = uuid4()
    roster = Roster({"paediatrician": [], "doctor": [doctor]}, {"paediatrician": "doctor", "doctor": None})
    methods = {doctor: [method(doctor, Channel.SMS, "07700900001")]}
    (found,) = Responders(roster, methods, [], MONDAY).at_step(step("rota", "paediatrician"))
    assert found.found_by == "rota:doctor"


async def reached(partnership: Partnership, role: str, area: str, at: datetime) -> list[str]:
    """Addresses of the desks that a notice to ``role`` about ``area`` goes to."""
    notice = SlotPolicy.model_validate({
        "role": role, "template": "statutory-notice", "needs_answer": False,
        "steps": [{"target": {"kind": "directory", "role": role}, "channels": ["email"]}],
    })  # fmt: skip
    async with partnership.session() as session:
        areas = [one.id for one in await partnerships.areas(session) if one.code == area]
        found = (await resolve(session, [notice], areas, at)).at_step(notice.steps[0])
    return [address for responder in found for _, address, _ in responder.addresses]


async def test_each_coroner_is_told_of_their_own_area_only(cambs: Partnership) -> None:
    noon = datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert await reached(cambs, "coroner", "coroner-south", noon) == ["coroner.south@example.org"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 12, 1, 9, tzinfo=UTC), "social.care.peterborough@example.org"),
        (datetime(2026, 12, 1, 17, tzinfo=UTC), "duty.team.cambs@example.org"),
        (datetime(2026, 12, 5, 12, tzinfo=UTC), "duty.team.cambs@example.org"),  # a Saturday
        (datetime(2026, 7, 1, 8, tzinfo=UTC), "social.care.peterborough@example.org"),  # 09:00 on the wall
        (datetime(2026, 7, 1, 16, tzinfo=UTC), "duty.team.cambs@example.org"),
    ],
)
async def test_social_care_by_day_and_the_duty_team_otherwise_by_local_time(
    cambs: Partnership, at: datetime, expected: str
) -> None:
    assert await reached(cambs, "childrens_social_care", "peterborough", at) == [expected]


async def test_who_has_left_is_not_among_the_responders(scene: Scene) -> None:
    sio = await scene.on_call("sio")
    await scene.change("UPDATE person SET active = false WHERE id = :sio", sio=sio)
    plan = SlotPolicy(role="sio", template="rapid-response-page", repeat=0, steps=(step("rota", "sio"),))
    async with scene.partnership.session() as session:
        found = await resolve(session, [plan], (), await session.now())
    assert found.at_step(plan.steps[0]) == []
