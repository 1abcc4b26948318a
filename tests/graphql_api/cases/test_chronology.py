"""Significant events in their order, as exactly as they are known, corrected and never changed."""

from datetime import timedelta
from typing import Any

import pytest

from backend.cases.chronology.models import ChronologyEntry
from support.api import JSON, database_now, operation, rows
from support.case_desk import Desk, problems

VISIT = {"kind": "VISIT", "title": "Home visit", "text": "Seen at home."}


async def enter(desk: Desk, case_id: str, **told: Any) -> JSON:
    made = await desk.api.mutate("AddChronologyEntry", caseId=case_id, event={**VISIT, **told})
    assert made["__typename"] == "ChronologyEntryPayload", made
    entry: JSON = made["entry"]
    return entry


async def chronology(desk: Desk, case_id: str, **narrowed: Any) -> list[JSON]:
    answer = await desk.api.run(operation("CaseChronology"), id=case_id, first=100, filter=narrowed or None)
    return [edge["node"] for edge in answer["case"]["chronology"]["edges"]]


async def test_everything_stands_in_the_order_in_which_it_happened(desk: Desk) -> None:
    case_id = await desk.open()
    for occurred in ("2026-spring", "2025", "2026-03-02", "2024-12"):
        await enter(desk, case_id, occurred=occurred)
    now = await database_now(desk.partnership)
    await enter(desk, case_id, occurredAt=(now - timedelta(hours=1)).isoformat())
    items = await chronology(desk, case_id)
    by_hand = [(item["entry"]["occurred"], item["precision"]) for item in items if item["byHand"]]
    assert by_hand == [
        ("2024-12", "MONTH"), ("2025", "YEAR"), ("2026-spring", "SEASON"), ("2026-03-02", "DAY"),
        (str((now - timedelta(hours=1)).date()), "MOMENT"),
    ]  # fmt: skip
    assert [item["kind"] for item in items if not item["byHand"]] == ["case.opened", *["chronology.entered"] * 5]


async def test_it_is_narrowed_by_kind_person_child_and_time(desk: Desk) -> None:
    case_id = await desk.open()
    child_id = await desk.with_child(case_id)
    await enter(desk, case_id, occurred="2026-01-01", childId=child_id, kind="INJURY")
    await enter(desk, case_id, occurred="2026-02-01")
    kinds = {"kinds": ["injury"]}, {"childId": child_id, "byHand": True}, {"until": "2026-01-15T00:00:00Z"}
    for narrowed in kinds:
        assert [item["kind"] for item in await chronology(desk, case_id, **narrowed)] == ["injury"], narrowed
    later = await chronology(desk, case_id, since="2026-01-15T00:00:00Z", byHand=True)
    assert [item["kind"] for item in later] == ["visit"]
    mine = await chronology(desk, case_id, actorId=await desk.person("social_worker"))
    assert mine == await chronology(desk, case_id)
    assert await chronology(desk, case_id, actorId=await desk.person("sio")) == []
    bad = await desk.api.codes(operation("CaseChronology"), id=case_id, first=5, filter={"kinds": ["nul\0l"]})
    assert bad == ["INVALID"]


async def test_pages_follow_each_other_without_gap_or_repeat(desk: Desk) -> None:
    case_id = await desk.open()
    for _ in range(4):
        await enter(desk, case_id, occurred="2026-01-01")
    everything, found, after = await chronology(desk, case_id), [], None
    while True:
        answer = await desk.api.run(operation("CaseChronology"), id=case_id, first=3, after=after)
        page = answer["case"]["chronology"]
        found += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == everything


async def test_a_correction_is_an_entry_that_names_the_one_it_corrects(desk: Desk) -> None:
    case_id = await desk.open()
    first = await enter(desk, case_id, occurred="2026-01-01")
    stored = await rows(desk.partnership, ChronologyEntry)
    event = {**VISIT, "occurred": "2026-01-02"}
    made = (await desk.api.mutate("CorrectChronologyEntry", entryId=first["id"], event=event))["entry"]
    assert made["correctsId"] == first["id"]
    older, newer = (item["entry"] for item in await chronology(desk, case_id, byHand=True))
    assert (older["id"], older["correctedById"], newer["correctedById"]) == (first["id"], made["id"], None)
    assert (await rows(desk.partnership, ChronologyEntry))[0] == stored[0]
    again = await desk.api.mutate("CorrectChronologyEntry", entryId=first["id"], event=event)
    assert again["__typename"] == "ConflictProblem"
    onward = await desk.api.mutate("CorrectChronologyEntry", entryId=made["id"], event=event)
    assert onward["entry"]["correctsId"] == made["id"]


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({}, {"event.occurredAt"}),
        ({"occurred": "2026", "occurredAt": "2026-01-01T00:00:00Z"}, {"event.occurredAt"}),
        ({"occurred": "someday"}, {"event.occurred"}),
        ({"occurred": "2999"}, {"event.occurred"}),
        ({"occurredAt": "2999-01-01T00:00:00Z"}, {"event.occurredAt"}),
        ({"occurredAt": "0001-01-01T00:00:00Z"}, {"event.occurredAt"}),
        ({"occurred": "2026", "title": "", "text": "\0", "source": "x" * 201},
         {"event.title", "event.text", "event.source"}),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_named_and_not_entered(desk: Desk, told: dict[str, Any], fields: set[str]) -> None:
    case_id = await desk.open()
    assert problems(await desk.api.mutate("AddChronologyEntry", caseId=case_id, event={**VISIT, **told})) == fields
    assert await rows(desk.partnership, ChronologyEntry) == []


async def test_links_are_read_from_both_sides_and_end(desk: Desk) -> None:
    one, other = await desk.open(), await desk.open()
    told = {"caseId": one, "otherCaseId": other, "kind": "UMBRELLA", "reason": "Complex abuse"}
    (made,) = (await desk.api.mutate("LinkCases", **told))["case"]["links"]
    assert (made["other"]["id"], made["leads"]) == (other, True)
    (seen,) = (await desk.screen(other))["links"]
    assert (seen["other"]["id"], seen["leads"], seen["reason"]) == (one, False, "Complex abuse")
    assert (await desk.api.mutate("LinkCases", **told))["__typename"] == "ConflictProblem"
    itself = await desk.api.mutate("LinkCases", caseId=one, otherCaseId=one, kind="SIBLING")
    assert problems(itself) == {"otherCaseId"}
    siblings = await desk.api.mutate("LinkCases", caseId=one, otherCaseId=other, kind="SIBLING")
    assert len(siblings["case"]["links"]) == 2
    back = await desk.api.mutate("LinkCases", caseId=other, otherCaseId=one, kind="SIBLING")
    assert back["__typename"] == "ConflictProblem"
    assert len((await desk.api.mutate("UnlinkCases", linkId=made["id"]))["case"]["links"]) == 1
    assert (await desk.api.mutate("UnlinkCases", linkId=made["id"]))["__typename"] == "ConflictProblem"
