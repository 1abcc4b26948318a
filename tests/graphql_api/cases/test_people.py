"""Parties, household, relationships, practitioners; and what is withheld from whom."""

from typing import Any

import asyncpg
import pytest

from backend.cases.people.models import Party
from graphql_api.ids import encode
from support.api import JSON, database_now, death, operation, rows
from support.case_desk import Desk, case_screen, problems
from support.partnership import HOME
from tenants.contacts.models import Person

ANON = {"roles": ["PUBLIC_REFERRER"], "name": "Clover Neighbour", "telephone": "01632 960123",
        "address": "9 Invented Row"}  # fmt: skip


async def party(desk: Desk, case_id: str, **told: Any) -> str:
    made = await desk.api.mutate("AddParty", caseId=case_id, party=told)
    assert made["__typename"] == "PartyPayload", made
    return str(made["party"]["id"])


def shown(screen: JSON, party_id: str) -> JSON:
    found: JSON = next(one for one in screen["parties"] if one["id"] == party_id)
    return found


@pytest.mark.parametrize(
    ("role", "reason"),
    [("PUBLIC_REFERRER", "PUBLIC_REFERRER"), ("ACCUSER", "ACCUSER"), ("WHISTLEBLOWER", "WHISTLEBLOWER")],
)
async def test_who_is_protected_is_named_to_few_and_withheld_with_a_reason(desk: Desk, role: str, reason: str) -> None:
    case_id = await desk.open()
    party_id = await party(desk, case_id, **{**ANON, "roles": [role, "RELATIVE"]})
    mine = shown(await desk.screen(case_id), party_id)
    assert mine["identity"]["name"] == "Clover Neighbour"
    doctor = await desk.other("paediatrician")
    screen = await case_screen(doctor, case_id)
    theirs = shown(screen, party_id)
    assert (theirs["identity"]["__typename"], theirs["identity"]["reason"]) == ("Withheld", reason)
    assert (theirs["address"]["__typename"], theirs["address"]["reason"]) == ("Withheld", reason)
    assert theirs["identity"]["explanation"]
    assert not [word for word in ("Clover", "960123", "9 Invented") if word in str(screen)]


async def test_a_victims_address_and_a_hidden_one_are_withheld(desk: Desk) -> None:
    case_id = await desk.open()
    victim = await party(desk, case_id, roles=["VICTIM"], name="Meadow Testadult", address="Refuge House")
    await desk.with_child(case_id, addresses=[
        {"address": "Refuge House", "hidden": True}, {"address": "Old Mill", "toOn": "2026-01-01"},
    ])  # fmt: skip
    doctor = await desk.other("paediatrician")
    screen = await case_screen(doctor, case_id)
    assert shown(screen, victim)["identity"]["name"] == "Meadow Testadult"
    assert shown(screen, victim)["address"]["reason"] == "HIDDEN_ADDRESS"
    addresses = [one["address"] for one in screen["subjects"][0]["child"]["addresses"]]
    assert {"__typename": "Address", "text": "Old Mill"} in addresses
    assert "Refuge" not in str(screen)
    assert str(await desk.screen(case_id)).count("Refuge House") == 2


async def test_a_masked_person_without_an_address_is_told_apart_from_nobody(desk: Desk) -> None:
    """That a protected person's address is not recorded would tell something too."""
    case_id = await desk.open()
    party_id = await party(desk, case_id, roles=["PUBLIC_REFERRER"], anonymous=True)
    assert shown(await desk.screen(case_id), party_id)["address"] is None
    doctor = await desk.other("paediatrician")
    assert shown(await case_screen(doctor, case_id), party_id)["address"]["__typename"] == "Withheld"


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({"roles": []}, {"party.roles"}),
        ({"roles": ["PARENT", "PARENT"]}, {"party.roles"}),
        ({"roles": ["PROFESSIONAL_REFERRER"], "anonymous": True}, {"party.anonymous"}),
        ({"roles": ["PUBLIC_REFERRER"], "anonymous": True, "name": "x"}, {"party.name"}),
        ({"roles": ["PARENT"], "telephone": "ring me"}, {"party.telephone"}),
        ({"roles": ["PARENT"], "note": "\0", "address": "x" * 501}, {"party.note", "party.address"}),
        ({"roles": ["PARENT"], "dateOfBirth": "2999-01-01"}, {"party.dateOfBirth"}),
    ],
)
async def test_what_cannot_be_of_a_party_is_named(desk: Desk, told: dict[str, Any], fields: set[str]) -> None:
    case_id = await desk.open()
    assert problems(await desk.api.mutate("AddParty", caseId=case_id, party=told)) == fields
    assert await rows(desk.partnership, Party) == []


async def test_household_and_relationships_are_read_from_either_side(desk: Desk) -> None:
    case_id = await desk.open()
    child_id = await desk.with_child(case_id)
    mother = await party(desk, case_id, roles=["PARENT"], name="Hazel Testadult")
    for who in ({"childId": child_id}, {"partyId": mother}, {"party": {"roles": ["RELATIVE"], "name": "Ash"}}):
        made = await desk.api.mutate("AddHouseholdMember", caseId=case_id, fromOn="2026-01-01", **who)
        assert made["__typename"] == "HouseholdMemberPayload", made
    twice = await desk.api.mutate("AddHouseholdMember", caseId=case_id, partyId=mother)
    assert twice["__typename"] == "ConflictProblem"
    told = {"caseId": case_id, "fromPerson": {"partyId": mother}, "kind": "PARENT", "toPerson": {"childId": child_id}}
    made = (await desk.api.mutate("RecordRelationship", **told))["relationship"]
    assert (made["kind"], made["inverseKind"]) == ("PARENT", "CHILD")
    screen = await desk.screen(case_id)
    assert [one["person"]["__typename"] for one in screen["household"]] == ["Child", "Party", "Party"]
    left = await desk.api.mutate(
        "EndHouseholdMember", householdMemberId=screen["household"][1]["id"], toOn="2025-12-31"
    )
    assert problems(left) == {"toOn"}
    left = await desk.api.mutate("EndHouseholdMember", householdMemberId=screen["household"][1]["id"])
    assert left["householdMember"]["ended"] is True
    ended = await desk.api.mutate("EndRelationship", relationshipId=made["id"], toOn="2026-02-01")
    assert ended["relationship"]["ended"] is True
    again = await desk.api.mutate("EndRelationship", relationshipId=made["id"])
    assert again["__typename"] == "ConflictProblem"


async def test_nobody_is_related_to_themselves_or_to_another_cases_party(desk: Desk) -> None:
    case_id, other = await desk.open(), await desk.open()
    one, far = await party(desk, case_id, roles=["PARENT"]), await party(desk, other, roles=["PARENT"])
    told = {"caseId": case_id, "fromPerson": {"partyId": one}, "kind": "SIBLING", "toPerson": {"partyId": one}}
    assert problems(await desk.api.mutate("RecordRelationship", **told)) == {"toPerson"}
    told["toPerson"] = {"partyId": far}
    assert (await desk.api.mutate("RecordRelationship", **told))["__typename"] == "NotFoundProblem"
    told["toPerson"] = {}
    assert problems(await desk.api.mutate("RecordRelationship", **told)) == {"toPerson"}


async def test_practitioners_come_and_go_and_see_the_case_meanwhile(desk: Desk) -> None:
    case_id = await desk.open()
    await desk.door.change_roles(desk.partnership, "juniper.blythe", "practitioner")
    person = next(
        one for one in await rows(desk.partnership, Person)
        if one.code == "juniper-blythe"
    )  # fmt: skip
    juniper = desk.door.person("juniper.blythe")
    assert await case_screen(juniper, case_id) is None
    told = {"caseId": case_id, "role": "health-visitor", "personId": encode("Person", person.id)}
    made = (await desk.api.mutate("AssignPractitioner", **told))["practitioner"]
    assert made["agency"]
    assert (await case_screen(juniper, case_id))["id"] == case_id
    assert (await desk.api.mutate("AssignPractitioner", **told))["__typename"] == "ConflictProblem"
    ended = await desk.api.mutate("EndAssignment", practitionerId=made["id"], reason="Moved on")
    assert ended["practitioner"]["endReason"] == "Moved on"
    assert await case_screen(juniper, case_id) is None
    outside = {"caseId": case_id, "role": "gp", "outsideName": "Dr Outside", "outsideAgency": "A surgery"}
    assert (await desk.api.mutate("AssignPractitioner", **outside))["practitioner"]["agency"] == "A surgery"
    neither = await desk.api.mutate("AssignPractitioner", caseId=case_id, role="gp")
    assert problems(neither) == {"personId"}


async def test_who_has_left_is_not_put_on_a_case_and_is_shown_as_gone(desk: Desk) -> None:
    case_id, sio = await desk.open(), await desk.person("sio")
    told = {"caseId": case_id, "role": "officer", "personId": sio}
    await desk.api.mutate("AssignPractitioner", **told)
    connection = await asyncpg.connect(desk.door.owner_url)
    try:
        async with connection.transaction():
            await connection.execute(f"SELECT set_config('app.tenant_id', '{desk.partnership.id}', true)")
            await connection.execute("UPDATE person SET active = false WHERE id = $1", (
                await desk.partnership.member("sio")).person_id)  # fmt: skip
    finally:
        await connection.close()
    (listed,) = (await desk.screen(case_id))["practitioners"]
    assert (listed["person"]["active"], listed["toAt"]) == (False, None)
    assert problems(await desk.api.mutate("AssignPractitioner", **{**told, "role": "other"})) == {"personId"}
    assert problems(await desk.api.mutate("OpenCase", pathway="x", ownerId=sio)) == {"ownerId"}
    gone = await desk.api.mutate("EndAssignment", practitionerId=listed["id"])
    assert gone["practitioner"]["toAt"]


async def test_a_hidden_home_is_withheld_on_the_notification_of_a_death_too(desk: Desk) -> None:
    told = await desk.door.person("juniper.blythe").mutate(
        "ReportChildDeath", **death(await database_now(desk.partnership))
    )
    case = "query ($id: ID!) { case(id: $id) { subjects { child { id } } } }"
    shown = await desk.api.run(case, id=told["childDeath"]["case"]["id"])
    child_id = shown["case"]["subjects"][0]["child"]["id"]
    query = """query ($id: ID!) { childDeath(id: $id) { usualHomeAddress
        usualHome { __typename ... on Address { text } ... on Withheld { reason } } } }"""
    doctor, key = await desk.other("paediatrician"), told["childDeath"]["id"]
    assert (await doctor.run(query, id=key))["childDeath"]["usualHome"]["text"] == HOME
    await desk.api.mutate("AddChildAddress", childId=child_id, address=HOME.upper(), hidden=True)
    assert (await doctor.run(query, id=key))["childDeath"] == {
        "usualHomeAddress": "Withheld", "usualHome": {"__typename": "Withheld", "reason": "HIDDEN_ADDRESS"},
    }  # fmt: skip
    assert (await desk.api.run(query, id=key))["childDeath"]["usualHomeAddress"] == HOME
    # The death had entered it in the open before.
    assert "Invented Row" not in str(await doctor.run(operation("ChildScreen"), id=child_id))
    assert HOME not in str(await doctor.run(operation("ChildScreen"), id=child_id))
