"""Generated calls of every root field: whatever is asked, nothing fails inside and nothing of the inside is told."""

import asyncio
import json

import pytest
from graphql import introspection_from_schema

from graphql_api.ids import encode
from graphql_api.schema import schema
from infra.dev.fuzz import Answer, Tally, amiss, fuzz
from support.api import Api, Door
from support.neighbours import Things
from support.partnership import SEEDED

FIRST, OTHER = "cambs-peterborough", "hertfordshire"
EXAMPLES = 2  # `make fuzz` makes many more


async def fuzzed(api: Api, ids: list[str], secrets: set[str]) -> Tally:
    """Every root field called as somebody; the calls are made in this loop, of which the application is."""
    loop = asyncio.get_running_loop()

    async def post(document: str) -> Answer:
        told = await api.client.post("/graphql", json={"query": document}, headers=api.headers)
        return Answer(told.status_code, told.headers, told.text)

    def send(document: str) -> Answer:
        return asyncio.run_coroutine_threadsafe(post(document), loop).result()

    known = introspection_from_schema(schema.core)
    return await asyncio.to_thread(fuzz, known, send, examples=EXAMPLES, ids=ids, secrets=secrets)


async def test_generated_calls_of_every_field_fail_nowhere_and_tell_nothing(
    door: Door, things: dict[str, Things]
) -> None:
    """As a member who may do everything, with ids of both partnerships: nothing of the other's is told."""
    ids = [encode(kind, one) for each in things.values() for kind, found in each.ids.items() for one in found[:2]]
    sent = set(ids)  # what was sent may come back in a cursor, never a name
    secrets = {word for word in things[OTHER].words if word not in sent and word not in things[FIRST].words}
    tally = await fuzzed(await door.on_call(things[FIRST].partnership, "paediatrician"), ids, secrets)
    assert not tally.faults, "\n".join(tally.faults)
    assert tally.calls >= EXAMPLES * 200
    assert tally.ran > tally.calls / 3, "most documents are refused before anything runs: nothing is tried"


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (503, {}, "status 503"),
        (200, {"data": {"me": {"name": SEEDED[0]}}}, "tells a name that this caller must not be told"),
        (200, {"errors": [{"message": "No."}]}, "has an error without a code"),
        (200, {"errors": [{"message": "x", "extensions": {"code": "INTERNAL", "correlationId": "7"}}]},
         "failed inside (correlation id 7)"),
        (200, {"errors": [{"message": "relation \"alert\" does not exist", "extensions": {"code": "INVALID"}}]},
         'tells what is inside: relation "alert" does not exist'),
        (200, {"errors": [{"message": "No.", "extensions": {"code": "X", "stacktrace": []}}]},
         "tells what is inside: No."),
        (200, {}, "holds neither data nor errors"),
        (200, [], "is no JSON object"),
        (200, {"data": None, "errors": [{"message": "No.", "extensions": {"code": "FORBIDDEN"}}]}, None),
    ],
)  # fmt: skip
def test_an_answer_that_is_amiss_is_known(status: int, body: object, fault: str | None) -> None:
    assert amiss(Answer(status, {"x-correlation-id": "1"}, json.dumps(body)), {SEEDED[0]}) == fault


def test_an_answer_without_a_correlation_id_is_amiss() -> None:
    assert amiss(Answer(200, {}, '{"data": {}}')) == "has no correlation id"
