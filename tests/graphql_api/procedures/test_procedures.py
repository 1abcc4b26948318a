"""A manual over the API: one person writes it, another approves it, everybody reads it."""

import httpx

from support.api import Api, Door, operation
from support.partnership import Partnership
from support.work import Work


async def write(author: Api) -> str:
    """A draft of two provisions. Returns its id."""
    told = await author.mutate("DraftProcedureEdition", manual="local", title="Local procedures", lawAsAt="2026-08-01")
    draft = str(told["edition"]["id"])
    for number, text in (("1.1", "Staff must refer the child."), ("1.2", "Staff should write down what they saw.")):
        added = {"address": number, "number": number, "text": text, "force": "MUST" if "must" in text else "SHOULD"}
        answer = await author.mutate("AddProcedureProvision", editionId=draft, **added)
        assert answer["__typename"] == "ProcedureEditionPayload", answer
    return draft


async def test_a_manual_is_written_approved_by_somebody_else_found_and_read(door: Door, cambs: Partnership) -> None:
    author, reader = await door.member(cambs, "administrator"), await door.member(cambs, "clinician")
    approver = await door.member(cambs, "duty_manager")
    draft = await write(author)
    assert (await reader.run(operation("ProcedureEdition"), id=draft))["procedureEdition"] is None
    assert (await reader.run("{ procedureEditions(first: 9) { edges { node { id } } } }"))["procedureEditions"] == {
        "edges": []
    }
    today = "2100-01-01"
    approval = {"editionId": draft, "role": "duty_manager", "inForceFrom": today, "authority": "Minute 1"}
    assert (await author.mutate("ApproveProcedureEdition", **approval))["__typename"] == "ForbiddenProblem"
    done = await approver.mutate("ApproveProcedureEdition", **approval)
    assert done["edition"]["state"] == "APPROVED", done
    found = await reader.run(operation("ProcedureProvision"), manual="local", address="1.1", on=today)
    assert (found["procedureProvision"]["text"], found["procedureProvision"]["force"]) == (
        "Staff must refer the child.", "MUST",
    )  # fmt: skip
    assert (await reader.run(operation("ProcedureProvision"), manual="local", address="1.1"))[
        "procedureProvision"
    ] is None
    hits = await reader.run(operation("SearchProcedures"), text="saw", first=5, on=today)
    assert [hit["address"] for hit in hits["searchProcedures"]] == ["1.2"]


async def test_a_manual_is_printed_by_a_worker_followed_and_fetched(door: Door, cambs: Partnership, work: Work) -> None:
    author, reader = await door.member(cambs, "administrator"), await door.member(cambs, "clinician")
    wanted = {"editionId": await write(author), "work": "MANUAL", "medium": "HTML"}
    assert (await reader.mutate("RequestProcedurePrint", **wanted))["__typename"] == "NotFoundProblem"
    asked = (await author.mutate("RequestProcedurePrint", **wanted))["procedurePrint"]
    assert asked["state"] == "WAITING"
    assert (await author.mutate("RequestProcedurePrint", **wanted))["procedurePrint"] == asked
    await work.run_due()
    made = (await author.run(operation("ProcedurePrint"), id=asked["id"]))["procedurePrint"]
    assert (made["procedurePrint"]["state"], made["procedurePrint"]["progress"]) == ("DONE", 100)
    async with httpx.AsyncClient() as client:
        assert "Staff must refer the child." in (await client.get(made["url"])).text
    assert (await reader.run(operation("ProcedurePrint"), id=asked["id"]))["procedurePrint"] is None


async def test_what_blocks_an_approval_is_named_by_address(door: Door, cambs: Partnership) -> None:
    author, approver = await door.member(cambs, "administrator"), await door.member(cambs, "duty_manager")
    told = await author.mutate("DraftProcedureEdition", manual="local", title="Local procedures")
    approval = {"editionId": told["edition"]["id"], "role": "duty_manager", "inForceFrom": "2100-01-01",
                "authority": "Minute 1"}  # fmt: skip
    refused = await approver.mutate("ApproveProcedureEdition", **approval)
    assert refused["__typename"] == "ValidationProblem"
    assert [one["field"] for one in refused["fields"]] == ["edition", "edition"]
