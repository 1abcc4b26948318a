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
from support.partnership import Partnership
from support.scene import coming

# The most bytes that a screen may take over the network, compressed. One round trip each.
BUDGETS = {"AlertScreen": 4_096, "MyAlerts": 2_048, "WhoIsOnCall": 1_024}


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
    }
    for name, most in BUDGETS.items():
        for encoding in ("br", "gzip"):
            answer, size = await raw(doctor, name, encoding, **asked[name])
            assert answer.status_code == 200
            assert size <= most, f"{name} takes {size} bytes in {encoding}, of {most}"
    answer, size = await raw(doctor, "AlertScreen", "br", **asked["AlertScreen"])
    assert answer.headers["content-encoding"] == "br"
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert answer.headers["cache-control"] == "no-store", "no cache on the way keeps what it says of a child"
    plain, whole = await raw(doctor, "AlertScreen", "identity", **asked["AlertScreen"])
    assert "content-encoding" not in plain.headers
    assert size < whole / 2


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
