"""Every way to a record is known, and every look at one stands on the access log."""

from typing import Final

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type

from backend.cases.models import AccessEntry
from backend.identity.policies import ROLES, Permission
from graphql_api.schema import schema
from support.api import Api, Door, operation, rows
from support.partnership import Partnership
from support.reported import Case, reported

# Fields that lead from one thing to a case, a child's record or what belongs to a case.
GUARDED: Final = {
    "Case", "ChildDeath", "ChildDeathConnection", "Clock", "Document", "TimelineEntryConnection", "Child",
    "ChronologyItemConnection", "AccessLogEntryConnection", "EmergencyAccessConnection", "PathwayRun", "Meeting",
}  # fmt: skip
PATHS: Final = {
    ("Letter", "document"),
    ("Alert", "case"), ("BreakGlassPayload", "case"), ("Case", "accessLog"), ("Case", "childDeath"),
    ("Case", "chronology"), ("Case", "clocks"), ("Case", "documents"), ("Case", "emergencyAccesses"),
    ("Case", "timeline"), ("CaseEdge", "node"), ("CaseLink", "other"), ("CasePayload", "case"),
    ("CaseSubject", "child"), ("Child", "cases"), ("Child", "possibleDuplicates"), ("ChildDeath", "case"),
    ("ChildDeathEdge", "node"), ("ChildPayload", "child"), ("ChronologyEntry", "child"),
    ("ChronologyEntryPayload", "case"), ("Clock", "case"), ("ClockEdge", "node"), ("CompleteClockPayload", "clock"),
    ("ClockPayload", "clock"),
    ("CompleteDocumentUploadPayload", "document"), ("HouseholdMemberPayload", "case"), ("PartyPayload", "case"),
    ("PractitionerPayload", "case"), ("RelationshipPayload", "case"), ("ReportChildDeathPayload", "childDeath"),
    ("RequestDocumentDownloadPayload", "document"), ("StartDocumentUploadPayload", "document"),
    ("SubjectPayload", "case"), ("Case", "pathwayRuns"), ("PathwayRun", "case"), ("PathwayTask", "case"),
    ("PathwayTask", "run"), ("PathwayChange", "run"), ("PathwayRunPayload", "run"), ("PathwayDecisionPayload", "run"),
    ("PathwayEventPayload", "run"), ("PathwayTaskPayload", "run"), ("PathwayDeparturePayload", "run"),
    ("PathwayOverlayPayload", "run"), ("Meeting", "case"), ("Meeting", "run"), ("MeetingPayload", "meeting"),
    ("MeetingEdge", "node"), ("MeetingMinutes", "document"), ("MeetingCopy", "document"),
    ("PathwayOverlayPayload", "run"), ("PathwayDisagreement", "run"), ("PathwayDisagreementPayload", "run"),
}  # fmt: skip


@pytest.fixture
async def case(clinician: Api, door: Door, cambs: Partnership) -> Case:
    return await reported(clinician, door, cambs)


def test_every_way_to_a_record_is_known_here() -> None:
    kinds = [
        kind for kind in schema.core.type_map.values() if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    ]
    ways = {
        (kind.name, name)
        for kind in kinds
        if kind not in (schema.core.query_type, schema.core.mutation_type)
        for name, field in kind.fields.items()
        if get_named_type(field.type).name in GUARDED
    }
    assert ways == PATHS, "A new way leads to a record: guard it, test it below, and add it to PATHS."


async def test_who_may_see_alerts_and_clocks_but_no_cases_sees_none_through_them(
    door: Door, cambs: Partnership, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ROLES, "switchboard", frozenset({Permission.VIEW_ALERTS, Permission.VIEW_CLOCKS}))
    await door.change_roles(cambs, "tansy.millrace", "switchboard")
    switchboard = door.person("tansy.millrace")
    before = len(await rows(cambs, AccessEntry))
    alert = "query ($id: ID!) { alert(id: $id) { reference case { childDeath { childName } } } }"
    answer = await switchboard.run(alert, id=case.ids["alert"])
    assert answer["alert"] == {"reference": case.ids["reference"], "case": None}
    clocks = await switchboard.run("{ clocks(first: 1) { edges { node { case { id } } } } }")
    assert clocks["clocks"]["edges"][0]["node"]["case"] is None
    assert len(await rows(cambs, AccessEntry)) == before


async def test_each_look_at_a_record_is_logged(door: Door, cambs: Partnership, case: Case) -> None:
    caller = await cambs.member("designated_doctor")
    doctor = await door.member(cambs, "designated_doctor")
    record, file = ("child_death", "view"), ("case", "view")
    looks: list[tuple[str, list[tuple[str, str]]]] = [
        ("query ($death: ID!) { childDeath(id: $death) { age } }", [record]),
        ("query ($death: ID!) { childDeath(id: $death) { case { state } } }", [record, file]),
        ("{ childDeaths(first: 5) { edges { node { age } } } }", [record]),
        ("query ($case: ID!) { case(id: $case) { state } }", [file]),
        ("query ($case: ID!) { case(id: $case) { childDeath { age } } }", [file, record]),
        ("query ($alert: ID!) { alert(id: $alert) { case { childDeath { age } } } }", [file, record]),
        ("{ clocks(first: 1) { edges { node { case { state } } } } }", [file]),
        (operation("AlertScreen"), [file, record]),
        ("{ me { roles } alerts(first: 5) { edges { node { state } } } }", []),
    ]
    for document, expected in looks:
        before = len(await rows(cambs, AccessEntry))
        await doctor.run(document, **{n: v for n, v in case.ids.items() if f"${n}:" in document})
        made = (await rows(cambs, AccessEntry))[before:]
        assert sorted((look.subject_kind, look.action) for look in made) == sorted(expected), document
        assert {look.person_id for look in made} <= {caller.person_id}
