"""A manual over the API: one person writes it, another approves it, everybody reads it."""

import json

import httpx

from graphql_api.document_store import digest
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
    carried = {"documentId": f"sha256:{digest(operation('ProcedureBundle'))}"}
    carried["variables"] = json.dumps({"manual": "local", "on": today})
    first = await door.client.get("/graphql", params=carried, headers=reader.headers)
    assert first.json()["data"]["procedureBundle"]["manifest"]
    known = reader.headers | {"if-none-match": first.headers["etag"]}
    again = await door.client.get("/graphql", params=carried, headers=known)
    assert (again.status_code, again.content) == (304, b""), "a handbook that is the same is not sent again"
    earlier = {**carried, "variables": json.dumps({"manual": "local", "on": "2000-01-01"})}
    other = await door.client.get("/graphql", params=earlier, headers=known)
    assert (other.status_code, other.json()["data"]) == (200, {"procedureBundle": None})
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


async def test_the_next_edition_says_what_it_changes_and_the_one_before_stays_as_it_was(
    door: Door, cambs: Partnership
) -> None:
    author, reader = await door.member(cambs, "administrator"), await door.member(cambs, "clinician")
    approver = await door.member(cambs, "duty_manager")
    approval = {"role": "duty_manager", "authority": "Minute 1"}
    first = await write(author)
    await author.mutate("AddProcedureProvision", editionId=first, address="2", number="2", heading="Who leads",
                        text="The senior officer takes charge.")  # fmt: skip
    await author.mutate("SetProcedureTerm", editionId=first, term="Senior officer", definition="Who is in charge.",
                        aliases=["SIO"], effectiveFrom="2100-01-01", effectiveTo="2100-02-01")  # fmt: skip
    await approver.mutate("ApproveProcedureEdition", editionId=first, inForceFrom="2100-01-01", **approval)

    async def search(words: str, on: str) -> list[str]:
        hits = await reader.run(operation("SearchProcedures"), text=words, first=5, on=on)
        return [hit["address"] for hit in hits["searchProcedures"]]

    assert await search("SIO", "2100-01-31") == ["2"]
    assert await search("SIO", "2100-02-01") == [], "from that day on it means this no longer"
    index = (await reader.run(operation("ProcedureIndex"), editionId=first))["procedureIndex"]
    assert index == [
        {"subject": "Senior officer", "addresses": ["2"]}, {"subject": "Who leads", "addresses": ["2"]},
    ]  # fmt: skip
    by_letter = (await reader.run(operation("ProcedureIndex"), editionId=first, letter="w"))["procedureIndex"]
    assert [one["subject"] for one in by_letter] == ["Who leads"]

    told = await author.mutate("DraftProcedureEdition", manual="local", title="Local procedures", basedOnId=first,
                               lawAsAt="2100-05-01", summary="1.2 binds the health service now.")  # fmt: skip
    second = told["edition"]["id"]
    text = "Staff must write down what they saw."
    await author.mutate("CorrectProcedureProvisions", editionId=second, addresses=["1.2"], text=text, force="MUST",
                        audience=["health"], area="north")  # fmt: skip
    done = await approver.mutate("ApproveProcedureEdition", editionId=second, inForceFrom="2100-06-01", **approval)
    assert done["edition"]["summary"] == "1.2 binds the health service now."
    asked = await reader.run(operation("ProcedureDifferences"), earlierId=first, laterId=second)
    (changed,) = asked["procedureDifferences"]
    assert (changed["before"], changed["after"]) == ("1.2", "1.2")
    assert set(changed["fields"]) >= {"text", "force"}
    assert [(part["text"].strip(), part["change"]) for part in changed["words"] if part["change"]] == [
        ("should", "REMOVED"), ("must", "ADDED"),
    ]  # fmt: skip

    async def provision(on: str) -> tuple[str, list[str], str | None]:
        asked = await reader.run(operation("ProcedureProvision"), manual="local", address="1.2", on=on)
        found = asked["procedureProvision"]
        return found["text"], found["audience"], found["area"]

    assert await provision("2100-05-31") == ("Staff should write down what they saw.", [], None)
    assert await provision("2100-06-01") == (text, ["health"], "north")
