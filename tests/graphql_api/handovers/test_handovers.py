"""A hand-over through the API: begun, written, read and signed by the two it concerns."""

from datetime import timedelta

import pytest

from infra.dev.clock import Clock
from support.api import Api, Door, database_now, fresh_key, operation
from support.partnership import Partnership
from support.scene import coming

SIGNED = "query ($id: ID!) { handover(id: $id) { outgoingSignedAt outgoingDeviceAt incomingDeviceAt } }"
NOTE = "One call is open: see its reference below."


@pytest.fixture
async def leaving(door: Door, cambs: Partnership, clock: Clock) -> Api:
    """The investigating officer who leaves on Monday at nine."""
    await clock.freeze(coming(weekday=1, hour=12))
    return await door.on_call(cambs, "sio")


async def follower(door: Door, cambs: Partnership, clock: Clock) -> Api:
    """Who is on call in a week's time; the clock is put back."""
    now = await database_now(cambs)
    await clock.freeze(now + timedelta(days=7))
    found = await door.on_call(cambs, "sio")
    await clock.freeze(now)
    return found


async def test_one_writes_the_other_reads_and_both_sign(
    leaving: Api, door: Door, cambs: Partnership, clock: Clock
) -> None:
    await cambs.report_death()
    coming_up = await follower(door, cambs, clock)
    made = (await leaving.mutate("WriteHandover", role="sio", note=NOTE))["handover"]
    assert made["note"] == NOTE
    ((listed),) = made["openAlerts"]
    assert len(listed["reference"]) == 9
    ((edge),) = (await coming_up.run(operation("MyHandovers"), first=5))["handovers"]["edges"]
    assert (edge["node"]["id"], edge["node"]["note"]) == (made["id"], NOTE)
    offline = "2026-11-20T21:58:00Z"
    first = await leaving.mutate("AcknowledgeHandover", handoverId=made["id"], deviceAt=offline)
    assert first["handover"]["state"] == "OPEN"
    signed = (await leaving.run(SIGNED, id=made["id"]))["handover"]
    assert (signed["outgoingDeviceAt"], signed["incomingDeviceAt"]) == (offline, None)
    assert signed["outgoingSignedAt"] > offline, "it takes effect by the server's clock"
    both = (await coming_up.mutate("AcknowledgeHandover", handoverId=made["id"]))["handover"]
    assert both["state"] == "SIGNED"
    assert both["outgoingSignedAt"]
    assert both["incomingSignedAt"]
    refused = await leaving.mutate("WriteHandover", role="sio", note="more")
    assert refused["__typename"] == "ConflictProblem"


async def test_the_same_key_writes_once(leaving: Api) -> None:
    given = {"role": "sio", "note": NOTE, "idempotencyKey": fresh_key()}
    first = await leaving.mutate("WriteHandover", **given)
    assert await leaving.mutate("WriteHandover", **given) == first
    refused = await leaving.mutate("WriteHandover", **{**given, "note": "other words"})
    assert refused["__typename"] == "ConflictProblem"


@pytest.mark.parametrize(("note", "said"), [("", "empty"), ("a" * 4_001, "at most"), ("a\x07b", "control")])
async def test_a_note_that_cannot_be_is_refused(leaving: Api, note: str, said: str) -> None:
    refused = await leaving.mutate("WriteHandover", role="sio", note=note)
    assert refused["fields"][0]["field"] == "note"
    assert said in refused["fields"][0]["message"]


async def test_whoever_has_no_part_in_it_neither_begins_nor_signs(leaving: Api, door: Door) -> None:
    made = (await leaving.mutate("WriteHandover", role="sio", note=NOTE))["handover"]
    stranger = door.person("hazel.thornapple")
    assert (await stranger.mutate("WriteHandover", role="sio", note=NOTE))["__typename"] == "ForbiddenProblem"
    assert (await stranger.mutate("AcknowledgeHandover", handoverId=made["id"]))["__typename"] == "ForbiddenProblem"
    unknown = await leaving.mutate("WriteHandover", role="conjurer", note=NOTE)
    assert unknown["fields"][0]["field"] == "role"


async def test_the_administrator_reads_no_note(leaving: Api, door: Door, cambs: Partnership) -> None:
    await leaving.mutate("WriteHandover", role="sio", note=NOTE)
    administrator = await door.member(cambs, "administrator")
    answer = await administrator.send("{ handovers(first: 5) { edges { node { note } } } }", {})
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert NOTE not in str(answer)
