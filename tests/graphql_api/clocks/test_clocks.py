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
    assert local["citation"] == "Cambridgeshire and Peterborough manual §4.5, L618"
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


CHANGED = """
  __typename
  ... on ClockPayload { clock { id state dueAt startedAt extension trace reason needsReason
    changes { kind cause reason authority wasDueAt dueAt by { name } } notices { step at } } }
  ... on Problem { message }
  ... on ValidationProblem { fields { field message } }
"""


async def change(api: Api, name: str, clock: JSON, **given: object) -> JSON:
    given.setdefault("idempotencyKey", fresh_key())
    kind = f"{name[0].upper()}{name[1:]}Input"
    call = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {CHANGED} }} }}"
    answer: JSON = (await api.run(call, input={"clockId": clock["id"], **given}))[name]
    return answer


async def mine(api: Api, **where: object) -> list[JSON]:
    page = await api.run(operation("MyClocks"), first=100, where=where)
    return [edge["node"] for edge in page["clocks"]["edges"]]


async def test_a_breach_waits_for_its_reason_and_stays_a_breach(doctor: Api, clock: DatabaseClock, work: Work) -> None:
    late = next(one for one in await owed(doctor) if one["limit"] == "12 hours")
    assert "neither breached nor missed" in (await change(doctor, "giveBreachReason", late, reason="Snow"))["message"]
    await clock.freeze(datetime.fromisoformat(late["dueAt"]) + timedelta(minutes=1))
    await work.run_due()
    assert [one["id"] for one in await mine(doctor, breached=True, needsReason=True)] == [late["id"]]
    refused = await change(doctor, "giveBreachReason", late, reason="")
    assert [fault["field"] for fault in refused["fields"]] == ["reason"]
    told = (await change(doctor, "giveBreachReason", late, reason="Snow closed the roads."))["clock"]
    assert (told["state"], told["reason"], told["needsReason"]) == ("BREACHED", "Snow closed the roads.", False)
    assert [one["step"] for one in told["notices"]] == ["LATE"]
    assert await mine(doctor, breached=True, needsReason=True) == []


async def test_the_coroners_report_is_extended_once_by_whoever_delivers_it(
    doctor: Api, door: Door, cambs: Partnership
) -> None:
    report = next(one for one in await owed(doctor) if "coroner" in one["title"])
    until = (datetime.fromisoformat(report["dueAt"]) + timedelta(days=14)).isoformat()
    given = {"authority": "The coroner", "reason": "Toxicology is awaited.", "until": until}
    sio = await door.member(cambs, "sio")
    assert (await change(sio, "extendClock", report, **given))["__typename"] == "ForbiddenProblem"
    for missing, field in (({"authority": " "}, "authority"), ({"until": None}, "until")):
        refused = await change(doctor, "extendClock", report, **{**given, **missing})
        assert [fault["field"] for fault in refused["fields"]] == [field]
    told = (await change(doctor, "extendClock", report, **given))["clock"]
    assert (told["dueAt"] > report["dueAt"], told["extension"]) == (True, "used")
    last = told["changes"][-1]
    assert (last["kind"], last["authority"], last["wasDueAt"]) == ("EXTENDED", "The coroner", report["dueAt"])
    assert (await change(doctor, "extendClock", report, **given))["__typename"] == "ConflictProblem"


async def test_a_corrected_start_moves_every_clock_that_runs_from_it_and_says_who_and_why(doctor: Api) -> None:
    visit = next(one for one in await owed(doctor) if one["limit"] == "24 hours")
    first = next(one for one in await owed(doctor) if one["limit"] == "12 hours")
    earlier = (datetime.fromisoformat(visit["startedAt"]) - timedelta(hours=1)).isoformat()
    told = (await change(doctor, "correctClockStart", visit, startedAt=earlier, reason="The record says so."))["clock"]
    moved = datetime.fromisoformat(visit["dueAt"]) - datetime.fromisoformat(told["dueAt"])
    assert moved == timedelta(hours=1)
    assert (told["changes"][-1]["reason"], told["changes"][-1]["cause"]) == ("The record says so.", "correction")
    other = next(one for one in await owed(doctor) if one["id"] == first["id"])
    assert datetime.fromisoformat(first["dueAt"]) - datetime.fromisoformat(other["dueAt"]) == timedelta(hours=1)
    ahead = await change(doctor, "correctClockStart", visit, startedAt="2999-01-01T00:00:00Z", reason="No")
    assert [fault["field"] for fault in ahead["fields"]] == ["startedAt"]


async def test_what_its_source_does_not_pause_never_stands_still(doctor: Api) -> None:
    clock = (await owed(doctor))[0]
    refused = await change(doctor, "pauseClock", clock, ground="holidays", reason="Away")
    assert "never stands still" in refused["message"]
    assert (await change(doctor, "resumeClock", clock))["__typename"] == "ConflictProblem"


async def test_lists_are_narrowed_to_ones_own_and_refuse_an_id_of_another_kind(doctor: Api) -> None:
    own = await mine(doctor, mine=True)
    assert {one["ownerRole"] for one in own} == {"designated_doctor"}
    assert {one["force"] for one in await mine(doctor, force="MUST", open=True)} == {"MUST"}
    assert await mine(doctor, pathway="of-nobody") == []
    assert await mine(doctor, myTeams=True) == []
    answer = await doctor.send(operation("MyClocks"), {"first": 1, "where": {"teamId": own[0]["id"]}})
    assert "where.teamId" in str(answer)
