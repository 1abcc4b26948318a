"""Drafts outlive a session, are their writer's alone, lose nothing in a conflict, and are forgotten in time."""

from datetime import timedelta
from typing import Any

import pytest
import structlog

from backend.cases.drafts.models import Draft
from backend.cases.drafts.service import FORGET_DRAFT
from backend.kit.audit import AuditEntry
from infra.dev.clock import Clock
from support.api import Api, fresh_key, operation, rows
from support.case_desk import Desk, problems
from support.work import Work

FORM = "initial-assessment"
WRITTEN = {"lived_experience": "Bramble said …", "score": 3, "list": [1, {"a": None}]}


async def drafts(api: Api, **narrowed: Any) -> list[Any]:
    answer = await api.run(operation("MyDrafts"), first=20, **narrowed)
    return [edge["node"] for edge in answer["drafts"]["edges"]]


async def test_what_was_saved_is_there_for_the_next_session_and_nobody_else(desk: Desk) -> None:
    case_id = await desk.open()
    saved = await desk.api.mutate("SaveDraft", form=FORM, caseId=case_id, content=WRITTEN, version=0)
    (found,) = await drafts(desk.api, caseId=case_id)
    assert (found["id"], found["content"], found["version"]) == (saved["draft"]["id"], WRITTEN, 1)
    assert await drafts(await desk.other("sio")) == []
    assert await drafts(desk.api, form="other") == []
    refused = await (await desk.other("sio")).mutate("DiscardDraft", draftId=found["id"])
    assert refused["__typename"] == "NotFoundProblem"


async def test_a_conflict_shows_both_and_loses_neither(desk: Desk) -> None:
    first = (await desk.api.mutate("SaveDraft", form=FORM, content={"at": "desk"}, version=0))["draft"]
    await desk.api.mutate("SaveDraft", form=FORM, content={"at": "phone"}, version=first["version"])
    clash = await desk.api.mutate("SaveDraft", form=FORM, content={"at": "desk again"}, version=first["version"])
    assert clash["__typename"] == "DraftConflictProblem"
    assert clash["sent"] == {"at": "desk again"}
    assert (clash["stored"]["content"], clash["stored"]["version"]) == ({"at": "phone"}, 2)
    assert [one["content"] for one in await drafts(desk.api)] == [{"at": "phone"}]
    over = await desk.api.mutate("SaveDraft", form=FORM, content={"at": "desk again"}, version=2)
    assert over["draft"]["version"] == 3


async def test_a_retry_saves_once(desk: Desk) -> None:
    given = {"form": FORM, "content": WRITTEN, "version": 0, "idempotencyKey": fresh_key()}
    first = await desk.api.mutate("SaveDraft", **given)
    assert await desk.api.mutate("SaveDraft", **given) == first
    assert len(await rows(desk.partnership, Draft)) == 1


async def test_a_discarded_draft_is_gone_and_what_is_written_after_it_is_kept(desk: Desk) -> None:
    saved = (await desk.api.mutate("SaveDraft", form=FORM, content=WRITTEN, version=0))["draft"]
    gone = await desk.api.mutate("DiscardDraft", draftId=saved["id"])
    assert gone["draftId"] == saved["id"]
    assert await rows(desk.partnership, Draft) == []
    late = await desk.api.mutate("SaveDraft", form=FORM, content=WRITTEN, version=1)
    assert late["draft"]["version"] == 1


async def test_it_is_forgotten_ninety_days_after_the_last_save_and_not_before(
    desk: Desk, clock: Clock, work: Work
) -> None:
    await desk.api.mutate("SaveDraft", form=FORM, content=WRITTEN, version=0)
    await clock.advance(timedelta(days=60))
    await desk.api.mutate("SaveDraft", form=FORM, content=WRITTEN, version=1)
    await clock.advance(timedelta(days=89))
    await work.run_due(FORGET_DRAFT)
    assert len(await rows(desk.partnership, Draft)) == 1
    await clock.advance(timedelta(days=1))
    await work.run_due(FORGET_DRAFT)
    assert await rows(desk.partnership, Draft) == []


async def test_a_draft_about_a_case_that_is_there_no_more_is_not_shown(desk: Desk) -> None:
    case_id, doctor = await desk.open(), await desk.other("paediatrician")
    await doctor.mutate("SaveDraft", form=FORM, caseId=case_id, content=WRITTEN, version=0)
    await desk.api.mutate("RestrictCase", caseId=case_id, personIds=[], reason="x")
    assert await drafts(doctor) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"form": "Initial Assessment"}, "form"),
        ({"content": "text"}, "content"),
        ({"content": {"a": "nul\0l"}}, "content"),
        ({"content": {"nul\0l": 1}}, "content"),
        ({"content": {"a": "x" * 200_001}}, "content"),
        ({"content": {"a": [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}}, "content"),
    ],
)
async def test_what_cannot_be_kept_is_refused_without_being_repeated(
    desk: Desk, given: dict[str, Any], field: str
) -> None:
    answer = await desk.api.mutate("SaveDraft", **{"form": FORM, "content": {}, "version": 0, **given})
    assert problems(answer) == {field}
    assert "x" * 50 not in str(answer)


async def test_no_log_and_no_audit_entry_carries_a_draft(desk: Desk) -> None:
    with structlog.testing.capture_logs() as logs:
        await desk.api.mutate("SaveDraft", form=FORM, content=WRITTEN, version=0)
    told = str([entry.model_dump() for entry in await rows(desk.partnership, AuditEntry)]) + str(logs)
    assert "Bramble" not in told
