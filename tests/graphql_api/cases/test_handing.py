"""Closing, re-opening and handing over a case, and cases whose owner has left."""

from typing import Any

import httpx

from backend.cases.models import CaseChange
from support.api import JSON, Api, operation, rows
from support.case_desk import Desk
from support.scene import Phones, forget_daily_work
from support.work import Work

REASON = {"reason": "The family has moved away."}


async def handed(api: Api, case_id: str, to: str, **more: Any) -> JSON:
    return await api.mutate("HandOverCase", caseId=case_id, ownerId=to, **{**REASON, **more})


async def without_owner(api: Api) -> list[str]:
    found = (await api.run(operation("CaseList"), first=50, withoutOwner=True))["cases"]["edges"]
    return [edge["node"]["id"] for edge in found]


async def test_a_case_closes_with_the_reason_and_opens_again_with_one(desk: Desk) -> None:
    case = await desk.open()
    no_reason = await desk.api.mutate("CloseCase", caseId=case, reason=" ")
    assert no_reason["__typename"] == "ValidationProblem"
    closed = await desk.api.mutate("CloseCase", caseId=case, **REASON)
    assert closed["case"]["state"] == "CLOSED"
    assert [(one["kind"], one["reason"]) for one in closed["case"]["changes"]] == [("CLOSED", REASON["reason"])]
    assert (await desk.api.mutate("CloseCase", caseId=case, **REASON))["message"] == "This case is closed."
    added = await desk.api.mutate("AddParty", caseId=case, party={"roles": ["PARENT"]})
    assert added["__typename"] == "ConflictProblem"
    opened = await desk.api.mutate("ReopenCase", caseId=case, reason="They are back.")
    assert opened["case"]["state"] == "OPEN"
    assert (await desk.api.mutate("AddParty", caseId=case, party={"roles": ["PARENT"]}))["__typename"] == "PartyPayload"


async def test_what_still_runs_is_named_and_nothing_is_closed(desk: Desk) -> None:
    case = await desk.open(pathway="referral-to-childrens-social-care")
    started = await desk.api.mutate(
        "StartPathway", caseId=case, pathway="referral-to-childrens-social-care", criteria=["significant-harm"]
    )
    received = await desk.api.mutate("RecordPathwayEvent", runId=started["run"]["id"], code="referral-received")
    assert received["__typename"] == "PathwayEventPayload", received
    refused = await desk.api.mutate("CloseCase", caseId=case, **REASON)
    assert refused["__typename"] == "CaseStillRunsProblem"
    assert {one["kind"] for one in refused["remaining"]} == {"RUN", "TASK", "CLOCK"}
    assert started["run"]["id"] in {one["id"] for one in refused["remaining"]}
    assert (await desk.screen(case))["state"] == "OPEN"
    assert await rows(desk.partnership, CaseChange) == []


async def test_only_its_owner_or_a_manager_hands_a_case_over_and_the_receiver_alone_is_told(
    desk: Desk, work: Work, carrier: httpx.Client
) -> None:
    await forget_daily_work(desk.partnership)
    phones = Phones(carrier)
    case, receiver = await desk.open(), await desk.person("designated_doctor")
    refused = await handed(await desk.other("paediatrician"), case, receiver)
    assert refused["__typename"] == "ForbiddenProblem"
    same = await handed(desk.api, case, await desk.person("social_worker"))
    assert same["fields"][0]["field"] == "ownerId"
    phones.new()
    done = await handed(await desk.other("duty_manager"), case, receiver)
    assert done["case"]["owner"]["id"] == receiver
    await work.run_due()
    told = [one for kind in ("case-handed-over",) for one in phones.new().get(kind, [])]
    assert sorted(one.split()[0] for one in told) == ["email", "sms"]
    assert (await handed(desk.api, case, receiver))["__typename"] == "ForbiddenProblem"  # not theirs any more


async def test_a_case_whose_owner_has_left_is_on_the_managers_list_until_somebody_takes_it(
    desk: Desk, work: Work, carrier: httpx.Client
) -> None:
    await forget_daily_work(desk.partnership)
    phones = Phones(carrier)
    case, leaver = await desk.open(), await desk.person("social_worker")
    manager, administrator = await desk.other("duty_manager"), await desk.other("administrator")
    assert await without_owner(manager) == []
    phones.new()
    left = await administrator.mutate("MarkPersonLeft", personId=leaver, reason="Another post")
    assert left["__typename"].endswith("Payload"), left
    await work.run_due()
    assert [one.split()[0] for one in phones.new().get("case-without-owner", [])] == ["email"]
    assert await without_owner(manager) == [case]
    await work.run_due()
    assert "case-without-owner" not in phones.new()  # told once
    back = await handed(manager, case, leaver)
    assert "has left" in back["fields"][0]["message"]
    assert (await handed(manager, case, await desk.person("duty_manager")))["__typename"] == "CasePayload"
    assert await without_owner(manager) == []
    assert [row.kind.value for row in await rows(desk.partnership, CaseChange)] == ["owner_left", "handed_over"]


async def test_a_restricted_case_whose_owner_has_left_is_taken_over_by_somebody_on_its_list(
    desk: Desk, work: Work, carrier: httpx.Client
) -> None:
    await forget_daily_work(desk.partnership)
    phones = Phones(carrier)
    case, listed = await desk.open(), await desk.person("paediatrician")
    await desk.api.mutate("RestrictCase", caseId=case, personIds=[listed], reason="A colleague's child")
    colleague = await desk.other("paediatrician")
    assert (await handed(colleague, case, listed))["__typename"] == "ForbiddenProblem"
    phones.new()
    administrator = await desk.other("administrator")
    await administrator.mutate("MarkPersonLeft", personId=await desk.person("social_worker"), reason="Another post")
    await work.run_due()
    assert sorted(one.split()[0] for one in phones.new()["case-without-owner"]) == ["email", "sms"]
    assert await without_owner(await desk.other("duty_manager")) == []  # to whom it is as if it never was
    assert (await handed(colleague, case, listed))["__typename"] == "CasePayload"
