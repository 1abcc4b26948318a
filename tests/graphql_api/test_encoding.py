"""Compressed answers, what may be kept of them, and how small the screens of a phone are."""

import gzip
from typing import Any

import brotli
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphql_api.document_store import digest
from graphql_api.encoding import LEAST, chosen, compress, encoded
from infra.dev.clock import Clock
from support.api import OPERATIONS, Api, Door, operation
from support.case_desk import Desk
from support.partnership import Partnership
from support.scene import coming
from support.transactions import earlier_ended

# The most bytes that a screen may take over the network, compressed. One round trip each.
BUDGETS = {
    "AlertScreen": 4_096, "MyAlerts": 2_048, "WhoIsOnCall": 1_024, "MyClocks": 2_048, "PathwayTasks": 2_048,
    "CaseScreen": 2_048, "CaseTimeline": 2_048, "Changes": 2_048,
}  # fmt: skip
_LEAST_SHOWN = 250  # bytes: a screen with nothing on it says nothing about its budget


@pytest.mark.parametrize(
    ("header", "best"),
    [("br, gzip", "br"), ("gzip, br", "br"), ("gzip", "gzip"), ("", None), ("identity", None), ("*", "br"),
     ("br;q=0, gzip", "gzip"), ("gzip;q=1.0, br;q=0.5", "gzip"), ("br;q=0, *;q=0", None), ("br;q=x", None),
     ("GZIP;Q=1", "gzip"), ("deflate, zstd", None)],
)  # fmt: skip
def test_the_best_that_the_client_takes_is_chosen(header: str, best: str | None) -> None:
    assert chosen(header) == best


@given(st.text(max_size=80))
def test_no_header_breaks_an_answer(header: str) -> None:
    assert chosen(header) in {"br", "gzip", None}


async def test_what_is_short_is_sent_as_it_is() -> None:
    assert await encoded(b"x" * (LEAST - 1), "br") == (b"x" * (LEAST - 1), None)
    body, name = await encoded(b"x" * LEAST, "br")
    assert (brotli.decompress(body), name) == (b"x" * LEAST, "br")


@pytest.mark.parametrize("size", [LEAST, 300_000])
async def test_what_is_compressed_is_the_same_again(size: int) -> None:
    whole = bytes(range(256)) * (size // 256 + 1)
    body, name = await encoded(whole, "gzip")
    assert (gzip.decompress(body), name) == (whole, "gzip")


async def raw(api: Api, name: str, encoding: str, **variables: Any) -> tuple[httpx.Response, int]:
    """The answer to a trusted document by its hash, and how many bytes of it went over the network."""
    body = {"documentId": f"sha256:{digest((OPERATIONS / f'{name}.graphql').read_text())}", "variables": variables}
    headers = {**api.headers, "accept-encoding": encoding}
    async with api.client.stream("POST", "/graphql", json=body, headers=headers) as answer:
        size = sum([len(chunk) async for chunk in answer.aiter_raw()])
    return answer, size


async def within_budget(api: Api, asked: dict[str, dict[str, Any]]) -> None:
    for name, variables in asked.items():
        for encoding in ("br", "gzip"):
            answer, size = await raw(api, name, encoding, **variables)
            assert answer.status_code == 200
            assert _LEAST_SHOWN < size <= BUDGETS[name], f"{name} takes {size} bytes in {encoding}"


async def test_every_screen_of_a_night_is_within_its_budget(door: Door, cambs: Partnership, clock: Clock) -> None:
    """As a responder's phone asks: by hash, in one round trip, with both slots called and answered."""
    await clock.freeze(coming(weekday=1, hour=12))
    await cambs.report_death()
    doctor = await door.on_call(cambs, "paediatrician")
    (edge,) = (await doctor.run(operation("MyAlerts"), first=1))["alerts"]["edges"]
    slots = {slot["role"]: slot["id"] for slot in edge["node"]["slots"]}
    await doctor.mutate("AcknowledgeAlert", slotId=slots["paediatrician"])
    asked: dict[str, dict[str, Any]] = {
        "AlertScreen": {"reference": edge["node"]["reference"]},
        "MyAlerts": {"first": 10},
        "WhoIsOnCall": {"role": "sio"},
        "MyClocks": {"first": 20, "where": {}},
        "PathwayTasks": {"first": 20, "mine": False, "myTeam": False, "overdue": False},
    }
    await within_budget(doctor, asked)
    answer, size = await raw(doctor, "AlertScreen", "br", **asked["AlertScreen"])
    assert answer.headers["content-encoding"] == "br"
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert answer.headers["cache-control"] == "no-store", "no cache on the way keeps what it says of a child"
    plain, whole = await raw(doctor, "AlertScreen", "identity", **asked["AlertScreen"])
    assert "content-encoding" not in plain.headers
    assert size < whole / 2


async def test_the_screens_of_a_case_are_within_theirs(door: Door, cambs: Partnership, clock: Clock) -> None:
    """With the child, a page of twenty of what happened, what is due, and all of that in the feed of a phone."""
    await clock.freeze(coming(weekday=1, hour=12))
    worker = await door.member(cambs, "social_worker")
    since = (await worker.run(operation("Changes"), first=1))["changes"]["cursor"]
    desk = Desk(worker, door, cambs)
    case_id = await desk.open()
    await desk.with_child(case_id)
    for number in range(20):
        entry = {"kind": "VISIT", "title": f"Visit {number}", "text": "Seen at home, well.", "occurred": "2026"}
        done = await worker.mutate("AddChronologyEntry", caseId=case_id, event=entry)
        assert "entry" in done, done
    asked: dict[str, dict[str, Any]] = {
        "CaseScreen": {"id": case_id},
        "CaseTimeline": {"id": case_id, "first": 20},
        "Changes": {"since": since, "first": 20},
    }
    await earlier_ended()
    await within_budget(worker, asked)


async def test_the_contract_is_fetched_again_only_when_it_has_changed(door: Door) -> None:
    api = door.person("juniper.blythe")
    first = await door.client.get("/schema.graphql", headers=api.headers)
    assert first.text == (OPERATIONS.parent / "schema.graphql").read_text()
    assert first.headers["cache-control"] == "private, max-age=300, must-revalidate"
    tag = first.headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        again = await door.client.get("/schema.graphql", headers={**api.headers, "if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    changed = await door.client.get("/schema.graphql", headers={**api.headers, "if-none-match": '"other"'})
    assert changed.status_code == 200


async def test_a_stranger_is_not_shown_the_contract(door: Door) -> None:
    answer = await door.client.get("/schema.graphql")
    assert (answer.status_code, answer.headers["cache-control"]) == (401, "no-store")
    assert answer.text == "Send an access token: Authorization: Bearer ...\n"


def test_the_same_body_is_always_compressed_to_the_same_bytes() -> None:
    assert compress(b"x" * 5_000, "gzip") == compress(b"x" * 5_000, "gzip")
