"""Reporting a death over the API: what is recorded, who is called, what a retry gives."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import httpx

from backend.cases.models import AccessEntry, CaseEvent, CaseFile
from backend.child_deaths.models import ChildDeath
from backend.clocks.models import Clock as ClockRow
from backend.kit.audit import AuditEntry
from graphql_api.ids import key_of
from notifications.alerts.models import Alert, ConfigurationAlarm
from support.api import JSON, Api, Door, database_now, death, fresh_key, rows
from support.partnership import CHILD, HOME, SEEDED, Partnership
from support.scene import forget_daily_work
from support.work import Work

WHOLE = """
mutation ($input: ReportChildDeathInput!) {
  reportChildDeath(input: $input) {
    __typename
    ... on Problem { message }
    ... on ReportChildDeathPayload {
      childDeath {
        id childName dateOfBirth age sex nhsNumber usualHomeAddress setting placeOfDeath diedAt confirmedAt
        confirmedBy unexpected circumstances suspicion otherChildrenInHousehold reporterName reporterRole
        reporterTelephone reportedAt possibleDuplicateIds reportedBy { name }
        jurisdiction {
          coronerArea { code } responseArea { code } reviewArea { code } reviewOutside tellBothPanels
        }
        case { reference pathway state area { code } }
      }
      alert { type state metAt policyVersion slots { role required state step calls { foundBy answerBy } } }
    }
  }
}
"""
NAMES = ("Gwenllïan Ŵyn-Tŷ", "Zoe\u0308 N\u0303un\u0303ez", "孩子", "فَرْن", "Ada 👩\u200d👩\u200d👧", "O'Na", "N" * 200)
JOINT, FAN_OUT, PANEL = "child-death-joint-response", "child-death-notification-fan-out", "cdop-notification"


async def test_what_was_reported_is_what_is_shown(clinician: Api, cambs: Partnership) -> None:
    now = await database_now(cambs)
    told = death(now, nhsNumber="9434765919", idempotencyKey=fresh_key())
    shown = (await clinician.run(WHOLE, input=told))["reportChildDeath"]["childDeath"]
    said = {name: value for name, value in told.items() if name in shown and not name.endswith("At")}
    assert {name: shown[name] for name in said} == said
    assert datetime.fromisoformat(shown["diedAt"]) == now - timedelta(hours=1)
    assert datetime.fromisoformat(shown["confirmedAt"]) == now - timedelta(minutes=45)
    assert shown["unexpected"] is True
    assert shown["reportedBy"] == {"name": "Dr Juniper Blythe"}
    reporter = {"name": "reporterName", "role": "reporterRole", "telephone": "reporterTelephone"}
    assert {name: shown[field] for name, field in reporter.items()} == told["reporter"]
    assert shown["case"]["state"] == "OPEN"
    assert shown["case"]["area"] == {"code": "cambridgeshire"}


async def test_age_is_counted_to_the_day_of_death_where_the_child_died(clinician: Api) -> None:
    # 23:30 in London is still the day before the birthday, although it is 22:30 or 23:30 in UTC.
    told = death(dateOfBirth="2024-06-02", diedAt="2026-06-01T22:59:59Z", idempotencyKey=fresh_key())
    assert (await clinician.run(WHOLE, input=told))["reportChildDeath"]["childDeath"]["age"] == 1
    told = death(dateOfBirth="2024-06-02", diedAt="2026-06-01T23:00:00Z", idempotencyKey=fresh_key())
    assert (await clinician.run(WHOLE, input=told))["reportChildDeath"]["childDeath"]["age"] == 2


async def test_paediatrician_and_investigating_officer_are_called_at_once(clinician: Api) -> None:
    answer = await clinician.run(WHOLE, input=death(idempotencyKey=fresh_key()))
    alert = answer["reportChildDeath"]["alert"]
    assert (alert["type"], alert["state"], alert["metAt"]) == (JOINT, "OPEN", None)
    assert [(slot["role"], slot["required"], slot["state"], slot["step"]) for slot in alert["slots"]] == [
        ("paediatrician", True, "PAGING", 0),
        ("sio", True, "PAGING", 0),
    ]
    assert all(call["answerBy"] for slot in alert["slots"] for call in slot["calls"])
    assert [len(slot["calls"]) for slot in alert["slots"]] == [1, 1]


async def test_an_unexpected_death_starts_the_clocks_and_tells_the_agencies(
    clinician: Api, cambs: Partnership, work: Work, carrier: httpx.Client
) -> None:
    await clinician.mutate("ReportChildDeath", **death())
    started = {clock.definition for clock in await rows(cambs, ClockRow)}
    assert started >= {"child-death-first-discussion"}
    await work.run_due()
    assert sorted(alert.type for alert in await rows(cambs, Alert)) == sorted([JOINT, FAN_OUT])
    assert await rows(cambs, ConfigurationAlarm) == []
    emails = {m["to"] for m in messages(carrier) if m["channel"] == "email"}
    assert emails >= {"coroner.north@example.org", "cdop.cambs@example.org", "control.room.cambs@example.org"}
    assert not emails & {"coroner.south@example.org", "coroner.city@example.org"}


async def test_an_expected_death_is_notified_to_the_panel_alone(
    clinician: Api, cambs: Partnership, work: Work, carrier: httpx.Client
) -> None:
    await forget_daily_work(cambs)
    answer = await clinician.mutate("ReportChildDeath", **death(anticipated24hBefore=True))
    assert answer["childDeath"]["unexpected"] is False
    assert answer["alert"] is None
    await work.run_due()
    assert [alert.type for alert in await rows(cambs, Alert)] == [PANEL]
    assert await rows(cambs, ClockRow) == []
    assert await rows(cambs, ConfigurationAlarm) == []
    assert [(m["channel"], m["to"]) for m in messages(carrier)] == [("email", "cdop.cambs@example.org")]


async def test_a_collapse_nobody_expected_makes_an_anticipated_death_unexpected(clinician: Api) -> None:
    told = death(anticipated24hBefore=True, unexpectedCollapse=True)
    answer = await clinician.mutate("ReportChildDeath", **told)
    assert answer["childDeath"]["unexpected"] is True
    assert answer["alert"]["state"] == "OPEN"


async def test_nothing_that_identifies_the_child_leaves(clinician: Api, work: Work, carrier: httpx.Client) -> None:
    await clinician.mutate("ReportChildDeath", **death())
    await work.run_due()
    left = messages(carrier)
    assert len(left) >= 6
    assert [seed for seed in SEEDED if seed in json.dumps(left, ensure_ascii=False)] == []


async def test_three_tests_of_jurisdiction_have_three_answers(clinician: Api) -> None:
    told = death(areaOfDeath="peterborough", homeArea="cambridgeshire", coronerArea="coroner-south")
    answer = await clinician.mutate("ReportChildDeath", **told)
    decided = answer["childDeath"]["jurisdiction"]
    areas = [decided[name]["code"] for name in ("coronerArea", "responseArea", "reviewArea")]
    assert areas == ["coroner-south", "peterborough", "cambridgeshire"]
    assert decided["tellBothPanels"] is False


async def test_a_home_elsewhere_is_reviewed_there_and_both_panels_are_told(clinician: Api) -> None:
    answer = await clinician.mutate("ReportChildDeath", **death(homeArea=None, homeAreaOutside="Rutland"))
    decided = answer["childDeath"]["jurisdiction"]
    assert (decided["reviewArea"], decided["reviewOutside"]) == (None, "Rutland")
    assert decided["tellBothPanels"] is True


async def test_where_there_is_one_coroner_it_need_not_be_named(door: Door, herts: Partnership) -> None:
    doctor = await door.member(herts, "clinician")
    told = death(homeArea="hertfordshire", areaOfDeath="hertfordshire", coronerArea=None)
    answer = await doctor.mutate("ReportChildDeath", **told)
    assert answer["childDeath"]["jurisdiction"]["coronerArea"]["code"] == "coroner-hertfordshire"


async def test_a_likely_duplicate_is_flagged_and_never_blocked(clinician: Api, cambs: Partnership) -> None:
    async def report(**changes: Any) -> tuple[str, list[str]]:
        told = (await clinician.mutate("ReportChildDeath", **death(**changes)))["childDeath"]
        return told["id"], told["possibleDuplicateIds"]

    first, flagged = await report(nhsNumber="9434765919")
    assert flagged == []
    assert (await report(childName="FERNLEAF  Mary TESTCHILD"))[1] == [first]
    assert (await report(childName="Testchild, Fernleaf", usualHomeAddress="elsewhere"))[1][0] == first
    renamed = {"childName": "Baby of Invented", "dateOfBirth": "2024-03-01"}
    assert (await report(**renamed, nhsNumber="9434765919"))[1] == [first]
    assert (await report(childName="Somebody Else"))[1] == []
    assert (await report(childName=CHILD, dateOfBirth="2023-01-01"))[1] == []
    assert len([a for a in await rows(cambs, Alert) if a.type == JOINT]) == 6


async def flagged(who: Api, death_id: str) -> list[str]:
    found = await who.run("query ($id: ID!) { childDeath(id: $id) { possibleDuplicateIds } }", id=death_id)
    return list(found["childDeath"]["possibleDuplicateIds"])


async def test_each_of_two_reports_of_one_death_shows_the_other_however_close_they_came(clinician: Api) -> None:
    answers = await asyncio.gather(*[clinician.mutate("ReportChildDeath", **death()) for _ in range(2)])
    one, other = (answer["childDeath"]["id"] for answer in answers)
    assert (await flagged(clinician, one), await flagged(clinician, other)) == ([other], [one])


async def test_a_duplicate_whose_case_is_restricted_is_as_if_it_never_was(clinician: Api, cambs: Partnership) -> None:
    one, other = [(await clinician.mutate("ReportChildDeath", **death()))["childDeath"]["id"] for _ in range(2)]
    async with cambs.session() as session:
        of_one = await session.get_one(ChildDeath, (cambs.id, key_of("ChildDeath", one)))
        (await session.get_one(CaseFile, (cambs.id, of_one.case_id))).restricted = True
        await session.commit()
    assert await flagged(clinician, other) == []


async def test_another_partnerships_children_are_no_duplicates(clinician: Api, door: Door, herts: Partnership) -> None:
    await clinician.mutate("ReportChildDeath", **death(nhsNumber="9434765919"))
    told = death(nhsNumber="9434765919", homeArea="hertfordshire", areaOfDeath="hertfordshire", coronerArea=None)
    answer = await (await door.member(herts, "clinician")).mutate("ReportChildDeath", **told)
    assert answer["childDeath"]["possibleDuplicateIds"] == []


async def test_a_retry_gives_the_same_death_and_calls_nobody_again(
    clinician: Api, cambs: Partnership, work: Work, carrier: httpx.Client
) -> None:
    told = death(idempotencyKey=fresh_key())
    first = await clinician.mutate("ReportChildDeath", **told)
    await work.run_due()
    sent = len(messages(carrier))
    again = await clinician.mutate("ReportChildDeath", **told)
    await work.run_due()
    assert again == first
    assert len(await rows(cambs, ChildDeath)) == 1
    assert len([a for a in await rows(cambs, Alert) if a.type == JOINT]) == 1
    assert len(messages(carrier)) == sent


async def test_a_retry_is_a_look_at_the_record_and_needs_the_role_for_it(
    clinician: Api, door: Door, cambs: Partnership
) -> None:
    told = death(idempotencyKey=fresh_key())
    first = await clinician.mutate("ReportChildDeath", **told)
    before = await rows(cambs, AccessEntry)
    await clinician.mutate("ReportChildDeath", **told)
    seen = [look.subject_kind for look in (await rows(cambs, AccessEntry))[len(before) :]]
    assert "child_death" in seen
    await door.change_roles(cambs, "juniper.blythe", "administrator")
    refused = await clinician.mutate("ReportChildDeath", **told)
    assert refused["__typename"] == "ForbiddenProblem"
    assert first["childDeath"]["id"] not in str(refused)


async def test_a_key_stands_for_one_report_only(clinician: Api, cambs: Partnership) -> None:
    key = fresh_key()
    now = await database_now(cambs)
    await clinician.mutate("ReportChildDeath", **death(now, idempotencyKey=key))
    other = await clinician.mutate("ReportChildDeath", **death(now, idempotencyKey=key, suspicion="CRIME"))
    assert other["__typename"] == "ConflictProblem"
    assert "Use a new key" in other["message"]
    assert len(await rows(cambs, ChildDeath)) == 1


async def test_two_people_may_have_the_same_key(clinician: Api, door: Door, cambs: Partnership) -> None:
    told = death(idempotencyKey=fresh_key())
    colleague = await door.member(cambs, "social_worker")
    answers = [await who.mutate("ReportChildDeath", **told) for who in (clinician, colleague)]
    assert len({answer["childDeath"]["id"] for answer in answers}) == 2


async def test_twins_sent_at_once_make_one_report(clinician: Api, cambs: Partnership) -> None:
    told = death(idempotencyKey=fresh_key())
    answers = await asyncio.gather(*[clinician.mutate("ReportChildDeath", **told) for _ in range(5)])
    assert len({answer["childDeath"]["id"] for answer in answers}) == 1
    assert len({answer["alert"]["id"] for answer in answers}) == 1
    assert len(await rows(cambs, ChildDeath)) == 1
    assert len([a for a in await rows(cambs, Alert) if a.type == JOINT]) == 1


async def test_the_report_is_on_timeline_and_audit_log_without_the_child(clinician: Api, cambs: Partnership) -> None:
    await clinician.mutate("ReportChildDeath", **death())
    events, entries = await rows(cambs, CaseEvent), await rows(cambs, AuditEntry)
    assert [event.kind for event in events] == ["child_death.reported", "pathway.started", "pathway.notified"]
    assert {"child_death.reported", "alert.raised"} <= {entry.action for entry in entries}
    written = [row.model_dump_json() for row in [*events, *entries]]
    assert [seed for seed in SEEDED for row in written if seed in row] == []


async def test_names_of_any_script_are_kept_as_they_are(clinician: Api) -> None:
    address = f"7 Heol y Tŷ\r\n{HOME}"
    for name in NAMES:
        told = death(childName=name, usualHomeAddress=address, idempotencyKey=fresh_key())
        shown = (await clinician.run(WHOLE, input=told))["reportChildDeath"]["childDeath"]
        assert (shown["childName"], shown["usualHomeAddress"]) == (name, address)


async def test_an_offset_is_understood_and_shown_in_utc(clinician: Api) -> None:
    told = death(diedAt="2026-07-01T01:00:00+01:00", confirmedAt="2026-07-01T00:30:00Z", idempotencyKey=fresh_key())
    shown = (await clinician.run(WHOLE, input=told))["reportChildDeath"]["childDeath"]
    assert shown["diedAt"] == "2026-07-01T00:00:00Z"


def messages(carrier: httpx.Client) -> list[JSON]:
    found: list[JSON] = carrier.get("/dev/messages").json()
    return found
