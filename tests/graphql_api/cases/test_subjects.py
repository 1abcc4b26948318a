"""Opening a case and its children: unborn, born, corrected, and perhaps recorded twice."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.cases.children.changes import CHILD_DATES_CHANGED, DATE_FOLLOWERS
from backend.cases.children.models import CaseSubject, ChildChange
from backend.cases.models import CaseEvent, CaseFile
from backend.kit.audit import AuditEntry, first_broken
from backend.kit.tasks import NOTICES, Actor, Task
from support.api import database_now, fresh_key, rows
from support.case_desk import BABY, Desk, problems
from support.work import Work


async def expected(desk: Desk, weeks: int) -> str:
    return str((await database_now(desk.partnership) + timedelta(weeks=weeks)).date())


async def test_whoever_opens_a_case_owns_it_unless_they_say_who_does(desk: Desk) -> None:
    mine, given = await desk.open(), await desk.open(ownerId=await desk.person("sio"))
    assert (await desk.screen(mine))["owner"]["id"] == await desk.person("social_worker")
    assert (await desk.screen(given))["owner"]["id"] == await desk.person("sio")
    assert [row.kind for row in await rows(desk.partnership, CaseEvent)] == ["case.opened", "case.opened"]


async def test_the_same_key_opens_one_case(desk: Desk) -> None:
    given = {"pathway": "initial-assessment", "idempotencyKey": fresh_key()}
    first = await desk.api.mutate("OpenCase", **given)
    assert await desk.api.mutate("OpenCase", **given) == first
    assert len(await rows(desk.partnership, CaseFile)) == 1
    assert (await desk.api.mutate("OpenCase", **{**given, "pathway": "other"}))["__typename"] == "ConflictProblem"


@pytest.mark.parametrize("pathway", ["", "Initial Assessment", "x" * 81, "nul\0l", "-", "\u0661"])
async def test_a_pathway_is_a_code(desk: Desk, pathway: str) -> None:
    assert problems(await desk.api.mutate("OpenCase", pathway=pathway)) == {"pathway"}
    assert await rows(desk.partnership, CaseFile) == []


async def test_an_unborn_child_has_no_name_and_keeps_its_place_when_it_is_born(desk: Desk, work: Work) -> None:
    case_id = await desk.open()
    made = await desk.api.mutate("AddSubject", caseId=case_id, child={"expectedOn": await expected(desk, 3)})
    child = made["subject"]["child"]
    assert (child["unborn"], child["name"], child["dateOfBirth"]) == (True, None, None)
    subject = await rows(desk.partnership, CaseSubject)
    born = str((await database_now(desk.partnership)).date())
    told = {"childId": child["id"], "dateOfBirth": born, "name": "Sorrel Testchild", "sex": "FEMALE"}
    now = (await desk.api.mutate("RecordBirth", **told))["child"]
    assert (now["id"], now["unborn"], now["dateOfBirth"], now["name"]) == (
        child["id"], False, born, "Sorrel Testchild",
    )  # fmt: skip
    assert now["expectedOn"] == child["expectedOn"]
    assert await rows(desk.partnership, CaseSubject) == subject
    (change,) = await rows(desk.partnership, ChildChange)
    assert change.before == {"date_of_birth": None, "name": None, "sex": None}
    again = await desk.api.mutate("RecordBirth", **told)
    assert again["__typename"] == "ConflictProblem"


async def test_a_corrected_expected_date_leaves_a_trace_and_calls_whatever_counts_back_from_it(
    desk: Desk, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = Actor("recount_in_a_test", NOTICES)
    monkeypatch.setattr(DATE_FOLLOWERS, "actors", [follower])
    case_id = await desk.open()
    made = await desk.api.mutate("AddSubject", caseId=case_id, child={"expectedOn": await expected(desk, 12)})
    child_id = made["subject"]["child"]["id"]
    told = {"childId": child_id, "expectedOn": await expected(desk, 10), "reason": "Dating scan"}
    child = (await desk.api.mutate("CorrectExpectedDate", **told))["child"]
    assert [(one["expectedBefore"], one["expectedAfter"], one["reason"]) for one in child["changes"]] == [
        (await expected(desk, 12), await expected(desk, 10), "Dating scan")
    ]
    async with desk.partnership.session() as session:
        owed = (await session.scalars(select(Task).where(col(Task.actor) == CHILD_DATES_CHANGED.name))).all()[-1]
        await DATE_FOLLOWERS.tell(session, owed.subject_id)
        await session.flush()
        told_again = await session.scalars(select(col(Task.subject_id)).where(col(Task.actor) == follower.name))
        assert list(told_again) == [owed.subject_id]


@pytest.mark.parametrize(
    ("child", "fields"),
    [
        ({"name": "x", "dateOfBirth": "2999-01-01"}, {"child.dateOfBirth"}),
        ({"expectedOn": "2029-11-24"}, {"child.expectedOn"}),
        ({}, {"child.name"}),
        ({**BABY, "nhsNumber": "1234567890"}, {"child.nhsNumber"}),
        ({**BABY, "name": "nul\0l", "ethnicity": "x" * 101}, {"child.name", "child.ethnicity"}),
        ({**BABY, "addresses": [{"address": ""}]}, {"child.addresses.0.address"}),
    ],
)
async def test_what_cannot_be_is_refused_by_name_and_leaves_nothing(
    desk: Desk, child: dict[str, Any], fields: set[str]
) -> None:
    case_id = await desk.open()
    assert problems(await desk.api.mutate("AddSubject", caseId=case_id, child=child)) == fields
    assert (await desk.screen(case_id))["subjects"] == []


async def test_a_child_is_one_record_however_many_cases_are_about_them(desk: Desk) -> None:
    first, second = await desk.open(), await desk.open()
    child_id = await desk.with_child(first)
    added = await desk.api.mutate("AddSubject", caseId=second, childId=child_id)
    assert added["subject"]["child"]["id"] == child_id
    again = await desk.api.mutate("AddSubject", caseId=second, childId=child_id)
    assert again["__typename"] == "ConflictProblem"
    shown = await desk.api.run("query ($id: ID!) { child(id: $id) { cases { id } } }", id=child_id)
    assert {case["id"] for case in shown["child"]["cases"]} == {first, second}


async def test_who_may_be_the_same_child_is_flagged_and_never_blocked(desk: Desk) -> None:
    known = await desk.with_child(await desk.open(), addresses=[{"address": "7 Invented Row"}])
    alike: list[dict[str, Any]] = [
        {"name": "Anybody", "dateOfBirth": "2020-01-01"},  # the same NHS number
        {"nhsNumber": None, "name": "Bramble  testchild"},  # the same name and birthday
    ]
    for child in alike:
        made = await desk.api.mutate("AddSubject", caseId=await desk.open(), child={**BABY, **child})
        assert known in [one["id"] for one in made["subject"]["child"]["possibleDuplicates"]], child
    made = await desk.api.mutate("AddSubject", caseId=await desk.open(), child={
        "name": "Bramble Testchild", "addresses": [{"address": "7, invented row"}],
    })  # fmt: skip
    assert known in [one["id"] for one in made["subject"]["child"]["possibleDuplicates"]]
    unlike = {"name": "Somebody Else", "dateOfBirth": BABY["dateOfBirth"]}
    made = await desk.api.mutate("AddSubject", caseId=await desk.open(), child=unlike)
    assert made["subject"]["child"]["possibleDuplicates"] == []


async def test_corrections_say_what_changed_and_the_audit_log_never_what_it_was(desk: Desk) -> None:
    child_id = await desk.with_child(await desk.open())
    details = {"name": "Bracken Testchild", "interpreterNeeded": False, "diedOn": "2025-04-01"}
    child = (await desk.api.mutate("CorrectChild", childId=child_id, details=details, reason="Register"))["child"]
    assert (child["name"], child["diedOn"], child["version"]) == ("Bracken Testchild", "2025-04-01", 2)
    async with desk.partnership.session() as session:
        told = str([entry.detail for entry in await session.scalars(select(AuditEntry))])
        assert "interpreter_needed" in told
        assert "Testchild" not in told
        assert await first_broken(session) is None
    nothing = await desk.api.mutate("CorrectChild", childId=child_id, details={}, reason="Register")
    assert problems(nothing) == {"details.name"}


async def test_a_day_of_birth_that_was_misheard_is_corrected_and_what_counts_on_from_it_is_counted_anew(
    desk: Desk,
) -> None:
    child_id = await desk.with_child(await desk.open())
    told = {"childId": child_id, "details": {"dateOfBirth": "2024-03-03"}, "reason": "Misheard"}
    child = (await desk.api.mutate("CorrectChild", **told))["child"]
    assert (child["dateOfBirth"], child["version"]) == ("2024-03-03", 2)
    change = (await rows(desk.partnership, ChildChange))[-1]
    assert (change.before, change.after) == (
        {"date_of_birth": BABY["dateOfBirth"]}, {"date_of_birth": "2024-03-03"},
    )  # fmt: skip
    async with desk.partnership.session() as session:
        owed = await session.scalars(select(col(Task.subject_id)).where(col(Task.actor) == CHILD_DATES_CHANGED.name))
        assert list(owed) == [change.child_id]


@pytest.mark.parametrize(
    ("child", "details"),
    [
        (BABY, {"dateOfBirth": "2999-01-01"}),
        ({**BABY, "diedOn": "2025-04-01"}, {"dateOfBirth": "2025-04-02"}),
        ({"expectedOn": "soon"}, {"dateOfBirth": "2024-03-03"}),
    ],
)
async def test_a_day_of_birth_is_not_corrected_to_what_cannot_be(
    desk: Desk, child: dict[str, Any], details: dict[str, str]
) -> None:
    case_id = await desk.open()
    if "expectedOn" in child:
        child = {"expectedOn": await expected(desk, 3)}
    made = await desk.api.mutate("AddSubject", caseId=case_id, child=child)
    told = {"childId": made["subject"]["child"]["id"], "details": details, "reason": "Misheard"}
    assert problems(await desk.api.mutate("CorrectChild", **told)) == {"details.dateOfBirth"}
