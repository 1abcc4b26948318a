"""A restricted case is as if it never was; breaking the glass is limited, told and logged; every look is."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from backend.cases.models import AccessEntry
from graphql_api.ids import encode
from infra.dev.clock import Clock
from notifications.deliveries.models import Delivery
from notifications.deliveries.wording import GLASS_BROKEN
from support.api import JSON, Api, Door, death, operation, rows
from support.case_desk import Desk, case_screen
from support.partnership import CHILD, Partnership
from support.scene import Phones, coming, forget_daily_work
from support.work import Work

REASON = "Child brought to the department, no history known"
EVERYWHERE = (
    "{ cases(first: 50) { edges { node { id reference } } } }",
    '{ searchCases(text: "Fernleaf", first: 50) { edges { node { id reference } } } }',
    "{ childDeaths(first: 50) { edges { node { id childName } } } }",
    "{ clocks(first: 50) { edges { node { id title case { id } } } } }",
    "{ alerts(first: 50) { edges { node { id reference case { id } } } } }",
    "{ drafts(first: 50) { edges { node { id caseId } } } }",
)


@pytest.fixture
async def restricted(door: Door, cambs: Partnership, clock: Clock) -> JSON:
    """A reported death whose case is restricted to a duty manager; ids of all that came of it."""
    await clock.freeze(coming(weekday=1, hour=12))
    clinician = door.person("juniper.blythe")
    told = await clinician.mutate("ReportChildDeath", **death(coming(weekday=1, hour=12)))
    case_id = told["childDeath"]["case"]["id"]
    promise = {"caseId": case_id, "title": "Minutes", "contentType": "application/pdf", "size": 3, "sha256": "0" * 64}
    document = await clinician.mutate("StartDocumentUpload", **promise)
    manager = await door.member(cambs, "duty_manager")
    found = await manager.run(
        "query ($id: ID!) { case(id: $id) { clocks { id } subjects { child { id } } links { id } } }", id=case_id
    )
    other = (await manager.mutate("OpenCase", pathway="initial-assessment"))["case"]["id"]
    linked = await manager.mutate("LinkCases", caseId=other, otherCaseId=case_id, kind="SIBLING", reason="Twins")
    assert linked["__typename"] == "CasePayload", linked
    done = await manager.mutate("RestrictCase", caseId=case_id, personIds=[], reason="A colleague's child")
    assert done["case"]["restricted"] is True
    return {
        "case": case_id, "death": told["childDeath"]["id"], "alert": told["alert"]["id"], "other": other,
        "reference": told["childDeath"]["case"]["reference"], "slot": told["alert"]["slots"][0]["id"],
        "clock": found["case"]["clocks"][0]["id"], "child": found["case"]["subjects"][0]["child"]["id"],
        "document": document["document"]["id"], "link": linked["case"]["links"][0]["id"],
    }  # fmt: skip


async def outsider(door: Door, cambs: Partnership) -> Api:
    """Somebody whose role reaches every case, who is neither on the list nor called."""
    return await door.member(cambs, "social_worker")


def never(kind: str) -> str:
    return encode(kind, uuid4())


async def test_to_everybody_outside_its_list_a_restricted_case_is_as_if_it_never_was(
    door: Door, cambs: Partnership, restricted: JSON
) -> None:
    somebody = await outsider(door, cambs)
    before = len(await rows(cambs, AccessEntry))
    for query in EVERYWHERE:
        answer = json.dumps(await somebody.run(query))
        told = [
            restricted[key] for key in ("case", "reference", "death", "alert", "clock") if restricted[key] in answer
        ]
        assert not told, query
        assert CHILD not in answer
    for field, kind, key in (
        ("case", "Case", "case"), ("child", "Child", "child"), ("childDeath", "ChildDeath", "death"),
        ("alert", "Alert", "alert"),
    ):  # fmt: skip
        query = f"query ($id: ID!) {{ {field}(id: $id) {{ id }} }}"
        assert (
            await somebody.run(query, id=restricted[key]) == await somebody.run(query, id=never(kind)) == {field: None}
        )
    found = json.dumps(await case_screen(somebody, restricted["other"]))
    assert restricted["reference"] not in found
    by_reference = await somebody.run(operation("SearchCases"), text=restricted["reference"], first=5)
    assert by_reference["searchCases"]["edges"] == []
    looks = (await rows(cambs, AccessEntry))[before:]
    assert {look.subject_kind for look in looks} == {"case", "search"}  # the other case, and that a search was made


CHANGES: tuple[tuple[str, dict[str, Any], tuple[str, str]], ...] = (
    ("AddSubject", {"child": {"name": "x"}}, ("caseId", "case")),
    ("AddParty", {"party": {"roles": ["PARENT"]}}, ("caseId", "case")),
    ("AssignPractitioner", {"role": "gp", "outsideName": "x"}, ("caseId", "case")),
    ("RestrictCase", {"personIds": [], "reason": "x"}, ("caseId", "case")),
    ("StartDocumentUpload", {"title": "x", "contentType": "application/pdf", "size": 1, "sha256": "0" * 64},
     ("caseId", "case")),
    ("SaveDraft", {"form": "x", "content": {}, "version": 0}, ("caseId", "case")),
    ("CorrectChild", {"details": {"name": "x"}, "reason": "x"}, ("childId", "child")),
    ("CompleteDocumentUpload", {}, ("documentId", "document")),
    ("RequestDocumentDownload", {}, ("documentId", "document")),
    ("UnlinkCases", {}, ("linkId", "link")),
)  # fmt: skip
KINDS = {"case": "Case", "child": "Child", "document": "Document", "link": "CaseLink", "clock": "Clock",
         "slot": "AlertSlot", "alert": "Alert"}  # fmt: skip


async def test_nothing_can_be_done_to_it_and_the_refusal_tells_nothing(
    door: Door, cambs: Partnership, restricted: JSON
) -> None:
    somebody = await outsider(door, cambs)
    for name, given, (field, key) in CHANGES:
        real = await somebody.mutate(name, **given, **{field: restricted[key]})
        unreal = await somebody.mutate(name, **given, **{field: never(KINDS[key])})
        assert real == unreal, name
        assert real["__typename"] == "NotFoundProblem", name
    mutation = (
        "mutation ($i: CompleteClockInput!) { completeClock(input: $i) { __typename ... on Problem { message } } }"
    )
    for clock_id in (restricted["clock"], never("Clock")):
        answer = await somebody.run(mutation, i={"clockId": clock_id, "idempotencyKey": f"key-{clock_id}"[:60]})
        assert answer["completeClock"] == {
            "__typename": "NotFoundProblem", "message": "There is no such clock in this partnership.",
        }  # fmt: skip


async def test_who_was_called_for_it_can_answer_and_is_shown_no_case(
    door: Door, cambs: Partnership, restricted: JSON
) -> None:
    called = await door.on_call(cambs, "paediatrician")
    shown = await called.run("query ($id: ID!) { alert(id: $id) { id case { id } } }", id=restricted["alert"])
    assert shown["alert"] == {"id": restricted["alert"], "case": None}
    taken = await called.mutate("AcknowledgeAlert", slotId=restricted["slot"])
    assert taken["slot"]["acknowledgedBy"]


async def test_its_list_sees_it_and_a_lifted_restriction_lets_roles_decide_again(
    door: Door, cambs: Partnership, restricted: JSON
) -> None:
    manager, somebody = await door.member(cambs, "duty_manager"), await outsider(door, cambs)
    worker = encode("Person", (await cambs.member("social_worker")).person_id)
    given = {"caseId": restricted["case"], "reason": "Needs her"}
    done = await manager.mutate("RestrictCase", personIds=[worker], **given)
    assert worker in [one["id"] for one in done["case"]["listedPeople"]]
    assert (await case_screen(somebody, restricted["case"]))["id"] == restricted["case"]
    await manager.mutate("RestrictCase", personIds=[], **given)
    assert await case_screen(somebody, restricted["case"]) is None
    refused = await somebody.mutate("LiftCaseRestriction", **given)
    assert refused["__typename"] == "NotFoundProblem"
    lifted = await manager.mutate("LiftCaseRestriction", **given)
    assert lifted["case"]["restricted"] is False
    assert (await case_screen(somebody, restricted["case"]))["id"] == restricted["case"]


async def test_only_its_owner_or_a_role_for_it_restricts_a_case(desk: Desk) -> None:
    mine, other = await desk.open(), await desk.open(ownerId=await desk.person("sio"))
    assert (await desk.api.mutate("RestrictCase", caseId=mine, personIds=[], reason="x"))["case"]["restricted"]
    refused = await desk.api.mutate("RestrictCase", caseId=other, personIds=[], reason="x")
    assert refused["__typename"] == "ForbiddenProblem"


async def test_break_glass_access_lasts_its_time_reads_only_and_raises_its_own_trigger(
    desk: Desk, clock: Clock, work: Work, carrier: httpx.Client
) -> None:
    await forget_daily_work(desk.partnership)
    case_id = await desk.open()
    await desk.with_child(case_id)
    await desk.api.mutate("RestrictCase", caseId=case_id, personIds=[], reason="A colleague's child")
    reference = (await desk.screen(case_id))["reference"]
    doctor = await desk.other("paediatrician")
    opened = await doctor.mutate("BreakGlass", caseReference=reference.lower(), reason=REASON, minutes=30)
    assert opened["case"]["id"] == case_id
    assert (await case_screen(doctor, case_id))["subjects"][0]["child"]["name"] == "Bramble Testchild"
    refused = await doctor.mutate("AddParty", caseId=case_id, party={"roles": ["PARENT"]})
    assert refused["__typename"] == "ForbiddenProblem"
    again = await doctor.mutate("BreakGlass", caseId=case_id, reason=REASON)
    assert again["__typename"] == "ConflictProblem"

    await work.run_due()
    told = [one for one in await rows(desk.partnership, Delivery) if one.template == GLASS_BROKEN]
    assert {notice.person_id for notice in told} == {(await desk.partnership.member("social_worker")).person_id}
    sent = Phones(carrier).messages()
    assert len(sent) == len(told) > 0
    assert not [word for word in ("Bramble", reference, REASON, case_id) if word in json.dumps(sent)]

    log = (await desk.api.run(operation("CaseAccessLog"), id=case_id, first=50))["case"]
    (broken,) = [edge["node"] for edge in log["emergencyAccesses"]["edges"]]
    assert broken["reason"] == REASON
    actions = {(edge["node"]["action"], edge["node"]["person"]["id"]) for edge in log["accessLog"]["edges"]}
    assert ("view_in_emergency", await desk.person("paediatrician")) in actions
    assert ("view", await desk.person("paediatrician")) not in actions

    await clock.advance(timedelta(minutes=30))
    assert await case_screen(doctor, case_id) is None


async def test_an_owner_who_cannot_be_told_leaves_it_to_the_partnerships_policy(
    door: Door, cambs: Partnership, restricted: JSON, work: Work, carrier: httpx.Client
) -> None:
    somebody = await outsider(door, cambs)
    done = await somebody.mutate("BreakGlass", caseId=restricted["case"], reason=REASON)
    assert done["__typename"] == "BreakGlassPayload"
    await work.run_due()
    shown = await somebody.run('{ alerts(first: 5, type: "case-emergency-access") { edges { node { type } } } }')
    assert len(shown["alerts"]["edges"]) == 1


async def test_the_glass_is_broken_three_times_a_day_at_most(desk: Desk, clock: Clock) -> None:
    doctor, cases = await desk.other("paediatrician"), []
    for _ in range(4):
        cases.append(await desk.open())
        await desk.api.mutate("RestrictCase", caseId=cases[-1], personIds=[], reason="x")
    done = [await doctor.mutate("BreakGlass", caseId=one, reason=REASON) for one in cases]
    assert [one["__typename"] for one in done] == ["BreakGlassPayload"] * 3 + ["ConflictProblem"]
    assert "3 times" in done[3]["message"]
    await clock.advance(timedelta(days=1))
    assert (await doctor.mutate("BreakGlass", caseId=cases[3], reason=REASON))["__typename"] == "BreakGlassPayload"


@pytest.mark.parametrize(
    ("given", "field"),
    [({"reason": "please"}, "reason"), ({"reason": "x" * 1001}, "reason"), ({"minutes": 241}, "minutes"),
     ({"minutes": 4}, "minutes"), ({"reason": "nul\0l" * 5}, "reason"), ({"caseReference": "7F3K-2Q9D"}, "caseId")],
)  # fmt: skip
async def test_the_glass_is_broken_for_a_reason_and_a_time(desk: Desk, given: dict[str, Any], field: str) -> None:
    doctor = await desk.other("paediatrician")
    told = {"caseId": await desk.open(), "reason": REASON, "minutes": 60, **given}
    answer = await doctor.mutate("BreakGlass", **told)
    assert [fault["field"] for fault in answer["fields"]] == [field]


async def test_every_view_of_a_record_entry_is_audited(desk: Desk) -> None:
    case_id = await desk.open()
    child_id = await desk.with_child(case_id)
    looks = (
        ("query ($id: ID!) { case(id: $id) { state } }", case_id, [("case", "view")]),
        ("query ($id: ID!) { child(id: $id) { name } }", child_id, [("child", "view")]),
        ("{ cases(first: 5) { edges { node { id } } } }", None, [("case", "view")]),
        ('{ searchCases(text: "bram tes", first: 5) { edges { node { id } } } }', None,
         [("search", "search"), ("case", "search")]),
        ('{ searchCases(text: "nobody", first: 5) { edges { node { id } } } }', None, [("search", "search")]),
    )  # fmt: skip
    for query, key, expected in looks:
        before = len(await rows(desk.partnership, AccessEntry))
        await desk.api.run(query, **({"id": key} if key else {}))
        made = (await rows(desk.partnership, AccessEntry))[before:]
        assert [(look.subject_kind, look.action) for look in made] == expected, query
    refused = await (await desk.other("paediatrician")).codes(operation("CaseAccessLog"), id=case_id, first=5)
    assert refused
    assert set(refused) == {"FORBIDDEN"}
    log = (await desk.api.run(operation("CaseAccessLog"), id=case_id, first=50))["case"]["accessLog"]["edges"]
    assert {edge["node"]["subjectKind"] for edge in log} == {"case", "child"}


async def test_teams_and_agencies_share_their_cases_and_nobody_elses(desk: Desk) -> None:
    manager = await desk.other("duty_manager")
    team = (await manager.mutate("CreateTeam", code="assessment", name="Assessment"))["team"]["id"]
    clinician = await desk.person("clinician")
    done = await manager.mutate("SetTeamMembers", teamId=team, personIds=[clinician])
    assert [one["id"] for one in done["team"]["members"]] == [clinician]
    held, elsewhere = await desk.open(teamId=team), await desk.open()
    juniper = desk.door.person("juniper.blythe")
    await desk.door.change_roles(desk.partnership, "juniper.blythe", "team_manager")
    assert (await case_screen(juniper, held))["id"] == held
    assert await case_screen(juniper, elsewhere) is None
    mine = await juniper.run("{ cases(first: 5, myTeam: true) { edges { node { id } } } }")
    assert [edge["node"]["id"] for edge in mine["cases"]["edges"]] == [held]
    await manager.mutate("SetTeamMembers", teamId=team, personIds=[])
    assert await case_screen(juniper, held) is None
