"""Statutory clocks over the API: what is owed, by whom, on whose authority, and recording that it was done."""

from datetime import datetime, timedelta

import pytest

from infra.dev.clock import Clock as DatabaseClock
from support.api import JSON, Api, Door, database_now, death, fresh_key, operation
from support.partnership import Partnership
from support.work import Work

COMPLETE = """
mutation ($input: CompleteClockInput!) { completeClock(input: $input) {
  __typename
  ... on CompleteClockPayload { clock { id state metAt metBy { name } breachedAt } }
  ... on Problem { message }
  ... on ValidationProblem { fields { field } }
} }
"""


@pytest.fixture
async def doctor(clinician: Api, door: Door, cambs: Partnership) -> Api:
    """Somebody who may complete clocks, in a partnership where a death was just reported."""
    await clinician.mutate("ReportChildDeath", **death(await database_now(cambs)))
    return await door.member(cambs, "designated_doctor")


async def owed(api: Api, **filters: object) -> list[JSON]:
    page = await api.run(operation("DueClocks"), first=100, **filters)
    return [edge["node"] for edge in page["clocks"]["edges"]]


async def done(api: Api, clock: JSON, **given: object) -> JSON:
    given.setdefault("idempotencyKey", fresh_key())
    answer: JSON = (await api.run(COMPLETE, input={"clockId": clock["id"], **given}))["completeClock"]
    return answer


async def test_a_clock_names_its_limit_its_owner_and_its_authority(doctor: Api) -> None:
    clocks = await owed(doctor)
    assert [clock["dueAt"] for clock in clocks] == sorted(clock["dueAt"] for clock in clocks)
    assert all(clock["citation"] and clock["limit"] and clock["ownerRole"] for clock in clocks)
    local = next(clock for clock in clocks if clock["limit"] == "12 hours")
    assert local["citation"] == "Cambridgeshire and Peterborough manual §4.5"
    due, started = (datetime.fromisoformat(local[name]) for name in ("dueAt", "startedAt"))
    assert due - started == timedelta(hours=12)


async def test_completing_ends_the_clock_now(doctor: Api, cambs: Partnership) -> None:
    clock = (await owed(doctor))[0]
    answer = (await done(doctor, clock))["clock"]
    assert answer["state"] == "MET"
    assert answer["metBy"] == {"name": (await doctor.run("{ me { person { name } } }"))["me"]["person"]["name"]}
    assert datetime.fromisoformat(answer["metAt"]) <= await database_now(cambs)
    assert clock["id"] not in {other["id"] for other in await owed(doctor, state="RUNNING")}


async def test_it_may_be_recorded_afterwards_but_not_ahead_or_before_the_start(doctor: Api, cambs: Partnership) -> None:
    clock = (await owed(doctor))[0]
    now, started = await database_now(cambs), datetime.fromisoformat(clock["startedAt"])
    for wrong in (now + timedelta(minutes=5), started - timedelta(seconds=1)):
        refused = await done(doctor, clock, completedAt=wrong.isoformat())
        assert [fault["field"] for fault in refused["fields"]] == ["completedAt"]
    answer = (await done(doctor, clock, completedAt=started.isoformat()))["clock"]
    assert datetime.fromisoformat(answer["metAt"]) == started


async def test_once_done_it_is_done(doctor: Api) -> None:
    clock, key = (await owed(doctor))[0], fresh_key()
    first = await done(doctor, clock, idempotencyKey=key)
    assert await done(doctor, clock, idempotencyKey=key) == first
    assert (await done(doctor, clock))["__typename"] == "ConflictProblem"


async def test_a_breached_clock_stays_breached(doctor: Api, clock: DatabaseClock, work: Work) -> None:
    late = next(one for one in await owed(doctor) if one["limit"] == "12 hours")
    await clock.freeze(datetime.fromisoformat(late["dueAt"]) + timedelta(minutes=1))
    await work.run_due()
    answer = (await done(doctor, late))["clock"]
    assert answer["state"] == "MET_LATE"
    assert answer["breachedAt"] is not None
    assert answer["metAt"] is not None


async def test_a_case_shows_its_clocks_and_its_timeline_what_became_of_them(doctor: Api) -> None:
    clock = (await owed(doctor))[0]
    await done(doctor, clock)
    query = "query ($id: ID!) { case(id: $id) { clocks { id state metBy { name } case { id } } } }"
    case = (await doctor.run(query, id=clock["case"]["id"]))["case"]
    shown = next(one for one in case["clocks"] if one["id"] == clock["id"])
    assert (shown["state"], shown["case"]["id"]) == ("MET", clock["case"]["id"])
    timeline = (await doctor.run(operation("CaseTimeline"), id=clock["case"]["id"], first=100))["case"]["timeline"]
    kinds = [edge["node"]["kind"] for edge in timeline["edges"]]
    assert kinds[0] in {"child_death.reported", "alert.raised"}
    assert "clock.completed" in kinds
