"""A file on its way: promised over the API, posted to S3, fetched by a link."""

import hashlib

import httpx
import pytest

from backend.cases.models import AccessEntry
from support.api import JSON, Api, Door, death, fresh_key, rows
from support.partnership import Partnership

CONTENT = b"%PDF-1.7 minutes of an invented meeting"
LINK = "query ($id: ID!) { case(id: $id) { documents { title state size sha256 uploadedBy { name } } } }"


def promise(case_id: str, **changes: object) -> JSON:
    told = {"caseId": case_id, "title": "Minutes, first meeting", "contentType": "application/pdf",
            "size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}  # fmt: skip
    return {**told, **changes}


async def post(form: JSON, content: bytes = CONTENT) -> int:
    """What S3 says to the form with these bytes."""
    fields = {field["name"]: field["value"] for field in form["fields"]}
    async with httpx.AsyncClient() as http:
        return (await http.post(form["url"], data=fields, files={"file": content})).status_code


@pytest.fixture
async def case_id(clinician: Api) -> str:
    return str((await clinician.mutate("ReportChildDeath", **death()))["childDeath"]["case"]["id"])


@pytest.fixture
async def doctor(door: Door, cambs: Partnership) -> Api:
    return await door.member(cambs, "designated_doctor")


async def test_the_bytes_that_were_sent_are_the_bytes_that_are_fetched(
    clinician: Api, doctor: Api, cambs: Partnership, case_id: str
) -> None:
    started = await clinician.mutate("StartDocumentUpload", **promise(case_id))
    assert started["document"]["state"] == "AWAITING_UPLOAD"
    document = started["document"]["id"]
    assert await post(started["form"]) < 300
    completed = await clinician.mutate("CompleteDocumentUpload", documentId=document)
    assert completed["document"]["state"] == "AVAILABLE"
    before = len(await rows(cambs, AccessEntry))
    link = await doctor.mutate("RequestDocumentDownload", documentId=document)
    async with httpx.AsyncClient() as http:
        fetched = await http.get(link["url"])
    assert fetched.content == CONTENT
    assert fetched.headers["content-disposition"].startswith("attachment")
    looks = (await rows(cambs, AccessEntry))[before:]
    assert [(look.subject_kind, look.action) for look in looks] == [("document", "download")]
    assert looks[0].person_id == (await cambs.member("designated_doctor")).person_id
    (shown,) = (await doctor.run(LINK, id=case_id))["case"]["documents"]
    assert shown == {
        "title": "Minutes, first meeting", "state": "AVAILABLE", "size": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(), "uploadedBy": {"name": "Dr Juniper Blythe"},
    }  # fmt: skip


async def test_other_bytes_are_refused_and_nothing_can_be_completed(clinician: Api, case_id: str) -> None:
    started = await clinician.mutate("StartDocumentUpload", **promise(case_id))
    document = started["document"]["id"]
    for forgery in (CONTENT.upper(), CONTENT + b"!", CONTENT[:-1], b""):
        await post(started["form"], forgery)
        refused = await clinician.mutate("CompleteDocumentUpload", documentId=document)
        assert refused["__typename"] == "ConflictProblem", forgery


async def test_what_has_not_arrived_cannot_be_fetched(
    clinician: Api, doctor: Api, cambs: Partnership, case_id: str
) -> None:
    document = (await clinician.mutate("StartDocumentUpload", **promise(case_id)))["document"]["id"]
    before = len(await rows(cambs, AccessEntry))
    refused = await doctor.mutate("RequestDocumentDownload", documentId=document)
    assert refused["__typename"] == "ConflictProblem"
    assert len(await rows(cambs, AccessEntry)) == before


async def test_retries_give_the_same_document_and_each_link_is_a_look(
    clinician: Api, doctor: Api, cambs: Partnership, case_id: str
) -> None:
    told = promise(case_id, idempotencyKey=fresh_key())
    first, again = [await clinician.mutate("StartDocumentUpload", **told) for _ in range(2)]
    assert first["document"] == again["document"]
    assert await post(again["form"]) < 300
    complete = {"documentId": first["document"]["id"], "idempotencyKey": fresh_key()}
    answers = [await clinician.mutate("CompleteDocumentUpload", **complete) for _ in range(2)]
    assert answers[0] == answers[1]
    before = len(await rows(cambs, AccessEntry))
    ask = {"documentId": first["document"]["id"], "idempotencyKey": fresh_key()}
    for _ in range(2):
        assert (await doctor.mutate("RequestDocumentDownload", **ask))["url"]
    assert len(await rows(cambs, AccessEntry)) == before + 2


async def test_a_promise_names_every_fault(clinician: Api, case_id: str) -> None:
    bad = promise(case_id, title=" ", contentType="text/html", size=0, sha256="abc")
    refused = await clinician.mutate("StartDocumentUpload", **bad)
    assert [fault["field"] for fault in refused["fields"]] == ["title", "contentType", "size", "sha256"]


async def test_another_partnership_can_neither_add_nor_complete_nor_fetch(
    clinician: Api, door: Door, cambs: Partnership, herts: Partnership, case_id: str
) -> None:
    started = await clinician.mutate("StartDocumentUpload", **promise(case_id))
    document = started["document"]["id"]
    await post(started["form"])
    stranger = await door.member(herts, "designated_doctor")
    refusals = [
        await stranger.mutate("StartDocumentUpload", **promise(case_id)),
        await stranger.mutate("CompleteDocumentUpload", documentId=document),
        await stranger.mutate("RequestDocumentDownload", documentId=document),
    ]
    assert [refusal["__typename"] for refusal in refusals] == ["NotFoundProblem"] * 3
    assert (await stranger.run(LINK, id=case_id))["case"] is None
    assert await rows(herts, AccessEntry) == []
