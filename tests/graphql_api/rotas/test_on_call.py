"""Who is on call: now, at a handover, in hours that nobody covers, for a role that there is not."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.onboarding import files
from backend.onboarding.archetype import Archetype
from support.api import JSON, Api, Door, operation
from support.partnership import Partnership

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def cambs_plan() -> Archetype:
    return files.load("cambs-peterborough")


async def on_call(api: Api, role: str, at: datetime | None = None) -> JSON:
    given = {"at": at.isoformat()} if at else {}
    answer: JSON = (await api.run(operation("WhoIsOnCall"), role=role, **given))["onCallNow"]
    return answer


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), LONDON)


def next_monday() -> date:
    today = datetime.now(LONDON).date()
    return today + timedelta(days=7 - today.weekday())


def planned(plan: Archetype, role: str, monday: date) -> str:
    """Whose week begins on a Monday, by the partnership's own file."""
    rota = next(rota for rota in plan.rotas if rota.role == role)
    weeks = (monday - rota.first_handover.date()).days // 7
    code = rota.members[weeks % len(rota.members)]
    return next(person.name for person in plan.people if person.code == code)


async def test_now_is_the_default(door: Door, cambs: Partnership) -> None:
    api = await door.member(cambs, "clinician")
    answer = await on_call(api, "sio")
    assert abs(datetime.fromisoformat(answer["at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert (answer["role"], answer["covered"], answer["answeredByRole"]) == ("sio", True, "sio")
    assert len(answer["people"]) == 1


async def test_the_week_is_handed_over_on_monday_at_nine(door: Door, cambs_plan: Archetype) -> None:
    api, monday = door.person("juniper.blythe"), next_monday()
    for role in ("paediatrician", "sio"):
        before = await on_call(api, role, local(monday, 8, 59))
        after = await on_call(api, role, local(monday, 9))
        assert [person["name"] for person in before["people"]] == [
            planned(cambs_plan, role, monday - timedelta(days=7))
        ]
        assert [person["name"] for person in after["people"]] == [planned(cambs_plan, role, monday)]
        assert before["people"] != after["people"]


async def test_outside_the_hours_of_cover_another_role_answers(door: Door, cambs_plan: Archetype) -> None:
    api, day = door.person("juniper.blythe"), next_monday() + timedelta(days=1)
    answers = {
        hour: (await on_call(api, "paediatrician", local(day, *hour)))["answeredByRole"]
        for hour in ((7, 59), (8, 0), (19, 59), (20, 0), (23, 59))
    }
    assert answers == {
        (7, 59): "designated_doctor", (8, 0): "paediatrician", (19, 59): "paediatrician",
        (20, 0): "designated_doctor", (23, 59): "designated_doctor",
    }  # fmt: skip
    at_night = await on_call(api, "paediatrician", local(day, 23))
    assert at_night["covered"] is True
    assert [person["name"] for person in at_night["people"]] == [
        planned(cambs_plan, "designated_doctor", next_monday())
    ]


async def test_a_role_without_a_rota_is_refused_by_name(door: Door) -> None:
    api = door.person("juniper.blythe")
    for role in ("astronomer", "", "x" * 10_000, "\0", "nöbödy"):
        answer = await api.send(operation("WhoIsOnCall"), {"role": role})
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["INVALID"]
        assert "role: must be one of" in answer["errors"][0]["message"]
        assert "paediatrician" in answer["errors"][0]["message"]


async def test_long_ago_nobody_was_on_call_and_far_ahead_nobody_is_planned_yet(door: Door) -> None:
    api = door.person("juniper.blythe")
    assert (await on_call(api, "sio", datetime(1, 1, 1, tzinfo=UTC)))["covered"] is False
    codes = await api.codes(operation("WhoIsOnCall"), role="sio", at="9999-12-31T23:59:00Z")
    assert codes == ["INVALID"]


async def test_a_moment_without_an_offset_is_refused(door: Door) -> None:
    api = door.person("juniper.blythe")
    codes = await api.codes(operation("WhoIsOnCall"), role="sio", at="2026-12-01T09:00:00")
    assert codes == ["BAD_USER_INPUT"]


async def test_each_partnership_has_its_own_people(door: Door, cambs: Partnership, herts: Partnership) -> None:
    found = [await on_call(await door.member(one, "clinician"), "sio") for one in (cambs, herts)]
    assert found[0]["people"] != found[1]["people"]
