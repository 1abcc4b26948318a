"""The feed that a phone follows: what changed, what is lost, how long a copy may be kept, when to begin anew."""

from datetime import timedelta
from typing import Any

import pytest

from backend.cases.models import AccessEntry
from backend.changes.cursors import KEPT
from infra.dev.clock import Clock
from support.api import JSON, Api, Door, operation, rows
from support.case_desk import Desk
from support.partnership import Partnership
from support.scene import coming
from support.transactions import earlier_ended

NAMES = (
    "query ($since: String, $first: Int!, $types: [ChangeType!]) {"
    " changes(since: $since, first: $first, types: $types) { __typename"
    " ... on Changes { cursor more changes { type id caseId gone keepFor cursor } } } }"
)


@pytest.fixture
async def desk(door: Door, cambs: Partnership, clock: Clock) -> Desk:
    await clock.freeze(coming(weekday=1, hour=12))
    return Desk(await door.member(cambs, "social_worker"), door, cambs)


async def screen(api: Api, **asked: Any) -> JSON:
    """What the phone's own document answers once all that was done before is in the log."""
    await earlier_ended()
    answer: JSON = (await api.run(operation("Changes"), **asked))["changes"]
    return answer


async def begin(api: Api) -> str:
    await earlier_ended()
    found = (await api.run(NAMES, first=1))["changes"]
    assert found["changes"] == []
    return str(found["cursor"])


async def follow(api: Api, since: str, first: int = 100, **more: Any) -> tuple[list[JSON], str]:
    """All changes after a cursor, page by page, and the cursor reached."""
    await earlier_ended()
    told: list[JSON] = []
    while True:
        page = (await api.run(NAMES, since=since, first=first, **more))["changes"]
        assert len(page["changes"]) <= first
        told, since = [*told, *page["changes"]], page["cursor"]
        if not page["more"]:
            return told, since


def named(changes: list[JSON], **wanted: Any) -> list[JSON]:
    return [one for one in changes if all(one[key] == value for key, value in wanted.items())]


async def look(api: Api, case_id: str) -> None:
    assert (await api.run(operation("CaseScreen"), id=case_id))["case"] is not None


async def test_what_is_done_on_a_case_is_told_to_whoever_may_see_it(desk: Desk) -> None:
    colleague = await desk.other("duty_manager")
    since = await begin(colleague)
    case_id = await desk.open()
    await desk.with_child(case_id)
    told, cursor = await follow(colleague, since)
    assert [(one["id"], one["gone"]) for one in named(told, type="CASE")] == [(case_id, False)]
    assert await follow(colleague, cursor) == ([], cursor) or (await follow(colleague, cursor))[0] == []


async def test_an_alert_is_told_with_its_slots_as_they_are_now(door: Door, cambs: Partnership, clock: Clock) -> None:
    await clock.freeze(coming(weekday=1, hour=12))
    doctor = await door.on_call(cambs, "paediatrician")
    since = await begin(doctor)
    death = await cambs.report_death()
    assert death is not None
    answer = await screen(doctor, since=since, first=100)
    (alert,) = [one["thing"] for one in answer["changes"] if one["type"] == "ALERT"]
    slot = next(one for one in alert["slots"] if one["role"] == "paediatrician")
    await doctor.mutate("AcknowledgeAlert", slotId=slot["id"])
    again = await screen(doctor, since=answer["cursor"], first=100, types=["ALERT"])
    (alert,) = [one["thing"] for one in again["changes"]]
    assert {one["role"]: one["state"] for one in alert["slots"]}["paediatrician"] == "ACKNOWLEDGED"


async def test_small_pages_tell_all_that_one_large_page_tells(desk: Desk) -> None:
    manager = await desk.other("duty_manager")
    since = await begin(manager)
    for _ in range(3):
        await desk.with_child(await desk.open())
    whole, _ = await follow(manager, since)
    in_small, _ = await follow(manager, since, first=1)
    assert {(one["type"], one["id"]) for one in in_small} == {(one["type"], one["id"]) for one in whole}


async def test_whoever_had_seen_a_case_is_told_that_it_is_gone_and_nobody_else_hears_of_it(desk: Desk) -> None:
    saw, never_saw = await desk.other("cdop_manager"), await desk.other("designated_doctor")
    case_id = await desk.open()
    await look(saw, case_id)
    cursors = await begin(saw), await begin(never_saw)
    manager = await desk.other("duty_manager")
    done = await manager.mutate("RestrictCase", caseId=case_id, personIds=[], reason="A colleague's child")
    assert done["__typename"] == "CasePayload", done
    told, cursor = await follow(saw, cursors[0])
    assert named(told, id=case_id, gone=True, type="CASE", keepFor=0)
    assert not named(told, id=case_id, gone=False)
    assert (await follow(never_saw, cursors[1]))[0] == []
    # A retry after a lost answer is told again; whoever has read it is not told for ever.
    assert named((await follow(saw, cursors[0]))[0], id=case_id, gone=True)
    for _ in range(3):
        told, cursor = await follow(saw, cursor)
    assert told == []


async def test_nothing_of_a_restricted_case_may_be_kept(desk: Desk) -> None:
    manager = await desk.other("duty_manager")
    case_id = await desk.open()
    since = await begin(manager)
    await manager.mutate("RestrictCase", caseId=case_id, personIds=[], reason="A colleague's child")
    (told,) = named((await follow(manager, since))[0], id=case_id)
    assert (told["gone"], told["keepFor"]) == (False, 0)


async def test_emergency_access_that_has_run_out_is_told_although_nothing_was_written(
    desk: Desk, clock: Clock, door: Door, cambs: Partnership
) -> None:
    manager, outsider = await desk.other("duty_manager"), await desk.other("designated_doctor")
    case_id = await desk.open()
    await manager.mutate("RestrictCase", caseId=case_id, personIds=[], reason="A colleague's child")
    reference = (await manager.run("query ($id: ID!) { case(id: $id) { reference } }", id=case_id))["case"]["reference"]
    given = {"caseReference": reference, "reason": "Child brought in, no history known", "minutes": 15}
    opened = await outsider.mutate("BreakGlass", **given)
    assert opened["__typename"] == "BreakGlassPayload", opened
    await look(outsider, case_id)
    since = await begin(outsider)
    assert (await follow(outsider, since))[0] == []
    await clock.advance(timedelta(hours=13))
    assert named((await follow(outsider, since))[0], id=case_id, gone=True)


@pytest.mark.parametrize("roles", [("rota_manager",), ("cdop_manager", "sio")], ids=["loses", "is given"])
async def test_a_person_who_loses_or_is_given_a_role_begins_anew(
    desk: Desk, door: Door, cambs: Partnership, roles: tuple[str, ...]
) -> None:
    """What a role opens and shuts has not changed itself: no log of changes tells it."""
    await desk.open()
    subject = await door.subject_of(cambs, (await cambs.member("cdop_manager")).person_id)
    somebody = door.person(subject)
    since = await begin(somebody)
    await door.change_roles(cambs, subject, *roles)
    answer = await screen(somebody, since=since, first=10)
    assert answer["__typename"] == "ResyncNeededProblem"
    assert (await follow(somebody, answer["cursor"]))[0] == []


async def test_a_copy_that_the_feed_brings_is_a_look_and_is_logged(desk: Desk, cambs: Partnership) -> None:
    manager = await desk.other("duty_manager")
    since = await begin(manager)
    case_id = await desk.open()
    before = len(await rows(cambs, AccessEntry))
    await follow(manager, since)
    assert len(await rows(cambs, AccessEntry)) == before, "a name alone shows nothing"
    answer = await screen(manager, since=since, first=100)
    assert [one["thing"]["caseState"] for one in answer["changes"] if one["id"] == case_id] == ["OPEN"]
    assert len(await rows(cambs, AccessEntry)) == before + 1


async def test_an_old_cursor_is_answered_with_one_to_begin_anew_with(desk: Desk, clock: Clock) -> None:
    since = await begin(desk.api)
    await clock.advance(KEPT + timedelta(minutes=1))
    answer = await screen(desk.api, since=since, first=10)
    assert answer["__typename"] == "ResyncNeededProblem"
    assert (await follow(desk.api, answer["cursor"]))[0] == []


async def test_what_is_no_cursor_names_the_argument(desk: Desk) -> None:
    answer = await screen(desk.api, since="yesterday", first=10)
    assert answer["__typename"] == "ValidationProblem"
    assert await desk.api.codes(operation("Changes"), first=0) == ["PAGE_SIZE_INVALID"]


async def test_ones_own_contact_methods_are_told_to_oneself_alone(desk: Desk) -> None:
    other = await desk.other("duty_manager")
    cursors = await begin(desk.api), await begin(other)
    added = await desk.api.mutate("AddContactMethod", channel="EMAIL", address="another@example.org")
    assert added["__typename"] == "ContactMethodPayload", added
    mine, _ = await follow(desk.api, cursors[0])
    assert named(mine, type="CONTACT_METHOD", id=added["contactMethod"]["id"])
    assert (await follow(other, cursors[1]))[0] == []
