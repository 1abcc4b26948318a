"""Reports that cannot be accepted: each fault is named, nothing is stored, nothing is sent."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from graphql import GraphQLInputObjectType, is_required_input_field

from backend.cases.models import AccessEntry, CaseFile
from backend.child_deaths.models import ChildDeath
from backend.clocks.models import Clock
from backend.kit.audit import AuditEntry
from backend.kit.idempotency import IdempotencyKey
from graphql_api.schema import schema
from notifications.alerts.models import Alert
from notifications.deliveries.models import Delivery
from support.api import Api, database_now, death, fresh_key, operation, rows
from support.partnership import Partnership
from support.scene import forget_daily_work
from support.work import Work

TABLES = (ChildDeath, CaseFile, Alert, Delivery, Clock, AuditEntry, AccessEntry, IdempotencyKey)
TEXTS = ("childName", "usualHomeAddress", "placeOfDeath", "confirmedBy", "circumstances", "homeAreaOutside")
MEGABYTE = "x" * 1024 * 1024
REPORTER = {"name": "Dr Juniper Blythe", "role": "consultant", "telephone": "01632 960123"}

Refused = Callable[..., Awaitable[set[str]]]
Faults = list[tuple[str, dict[str, Any], set[str]]]


def faults(now: datetime) -> Faults:
    """What is wrong, the fields that make it so, and the fields that the answer must name."""
    soon, long_ago = (now + timedelta(minutes=5)).isoformat(), (now - timedelta(hours=5)).isoformat()
    today = now.date()
    return [
        ("death in the future", {"diedAt": soon, "confirmedAt": soon}, {"diedAt", "confirmedAt"}),
        ("confirmed before death", {"confirmedAt": long_ago}, {"confirmedAt"}),
        ("confirmed in the future", {"confirmedAt": soon}, {"confirmedAt"}),
        ("born after death", {"dateOfBirth": str(today + timedelta(days=1))}, {"dateOfBirth"}),
        ("long grown up", {"dateOfBirth": "1950-01-01"}, {"dateOfBirth"}),
        ("born in the year 1", {"dateOfBirth": "0001-01-01"}, {"dateOfBirth"}),
        ("born in the year 9999", {"dateOfBirth": "9999-12-31"}, {"dateOfBirth"}),
        ("died in the year 1", {"diedAt": "0001-01-01T00:00:00Z"}, {"diedAt", "dateOfBirth"}),
        ("died in the year 9999", {"diedAt": "9999-12-31T23:59:59Z"}, {"diedAt", "confirmedAt"}),
        ("unknown place of death", {"areaOfDeath": "atlantis"}, {"areaOfDeath"}),
        ("a coroner's area as place of death", {"areaOfDeath": "coroner-north"}, {"areaOfDeath"}),
        ("unknown home", {"homeArea": "atlantis"}, {"homeArea"}),
        ("another partnership's home", {"homeArea": "hertfordshire"}, {"homeArea"}),
        ("no coroner where there are three", {"coronerArea": None}, {"coronerArea"}),
        ("unknown coroner", {"coronerArea": "coroner-hertfordshire"}, {"coronerArea"}),
        ("two homes", {"homeAreaOutside": "Rutland"}, {"homeArea"}),
        ("no home", {"homeArea": None}, {"homeArea"}),
        *[(f"NHS number {n[:12]}", {"nhsNumber": n}, {"nhsNumber"}) for n in
          ("", "9434765918", "943 476 5919", "٩٤٣٤٧٦٥٩١٩", "94347659190", MEGABYTE)],
        *[(f"telephone {n[:12]!r}", {"reporter": {**REPORTER, "telephone": n}}, {"reporter.telephone"}) for n in
          ("", "     ", "-----", "ring me", "1234", "0" * 40, "٠١٦٣٢ ٩٦٠١٢٣", "01632 960123\x1c", MEGABYTE)],
        *[(f"key {key[:12]!r}", {"idempotencyKey": key}, {"idempotencyKey"}) for key in
          ("", "short", "k" * 101, "with a space", "null\0null", "ключ-ключ", MEGABYTE)],
    ]  # fmt: skip


@pytest.fixture
async def refused(clinician: Api, cambs: Partnership, work: Work, carrier: httpx.Client) -> AsyncIterator[Refused]:
    """Sends a report that must be refused; in the end nothing may have been stored or sent."""
    await forget_daily_work(cambs)
    before = [len(await rows(cambs, table)) for table in TABLES]

    async def send(**told: Any) -> set[str]:  # JSON values
        answer = await clinician.mutate("ReportChildDeath", **told)
        assert answer["__typename"] == "ValidationProblem", answer
        assert answer["message"] == "Some fields need attention."
        assert all(fault["message"] for fault in answer["fields"])
        assert len(json.dumps(answer)) < 4_000, "what was sent is not sent back"
        return {fault["field"] for fault in answer["fields"]}

    yield send
    assert [len(await rows(cambs, table)) for table in TABLES] == before
    assert await work.run_due() == 0
    assert received(carrier) == []


async def test_each_fault_is_named(refused: Refused, cambs: Partnership) -> None:
    now = await database_now(cambs)
    found = {name: await refused(**death(now, **changes)) for name, changes, _ in faults(now)}
    assert found == {name: fields for name, _, fields in faults(now)}


async def test_no_text_field_takes_emptiness_invisible_or_control_characters(refused: Refused) -> None:
    for text in ("", " \n\t ", "\u200b\ufeff", "nul\0l", "bell\x07", "escape\x1b[31m", "next line\x85"):
        told = death(**dict.fromkeys(TEXTS, text), homeArea=None, reporter={**REPORTER, "name": text, "role": text})
        assert await refused(**told) == {*TEXTS, "reporter.name", "reporter.role"}, text


async def test_no_text_field_takes_a_megabyte(refused: Refused) -> None:
    for field in TEXTS:
        told = death(homeArea=None, homeAreaOutside="Rutland")
        assert await refused(**{**told, field: MEGABYTE}) == {field}
    for part in ("name", "role"):
        assert await refused(**death(reporter={**REPORTER, part: MEGABYTE})) == {f"reporter.{part}"}


async def test_every_fault_is_named_at_once(refused: Refused, cambs: Partnership) -> None:
    soon = (await database_now(cambs) + timedelta(hours=1)).isoformat()
    told = death(
        childName="", usualHomeAddress="\0", dateOfBirth="1950-01-01", nhsNumber="1", diedAt=soon, confirmedBy=" ",
        areaOfDeath="atlantis", coronerArea="atlantis", homeArea=None, reporter={**REPORTER, "telephone": "?"},
    )  # fmt: skip
    assert await refused(**told) == {
        "childName", "usualHomeAddress", "dateOfBirth", "nhsNumber", "diedAt", "confirmedAt", "confirmedBy",
        "areaOfDeath", "coronerArea", "homeArea", "reporter.telephone",
    }  # fmt: skip


async def test_the_eighteenth_birthday_is_too_late_and_the_day_before_it_is_not(
    clinician: Api, refused: Refused
) -> None:
    born = {"dateOfBirth": "2008-03-02", "confirmedAt": "2026-03-02T09:00:00Z"}
    assert await refused(**death(**born, diedAt="2026-03-02T00:00:00Z")) == {"dateOfBirth"}


async def test_one_day_under_eighteen_is_a_child(clinician: Api) -> None:
    told = death(dateOfBirth="2008-03-02", diedAt="2026-03-01T23:59:59Z", confirmedAt="2026-03-02T09:00:00Z")
    answer = await clinician.mutate("ReportChildDeath", **told)
    assert answer["__typename"] == "ReportChildDeathPayload"


NUMBER = 1_234_567_890
"""Longer than what a correlation id is likely to hold."""
MISFITS: tuple[tuple[str, object], ...] = (
    ("diedAt", "2026-07-01T01:00:00"), ("diedAt", "yesterday"), ("diedAt", NUMBER),
    ("diedAt", "0001-01-01T00:00:00+23:00"),
    ("dateOfBirth", "2023-02-29"), ("dateOfBirth", "0000-00-00"), ("dateOfBirth", "29/02/2024"), ("sex", "OTHER"),
    ("setting", NUMBER), ("anticipated24hBefore", "perhaps"), ("childName", None), ("reporter", {"telephone": NUMBER}),
)  # fmt: skip


async def test_what_does_not_fit_the_schema_is_refused_by_its_place_without_its_value(
    clinician: Api, refused: Refused
) -> None:
    for field, value in MISFITS:
        told = death(idempotencyKey=fresh_key(), **{field: value})
        answer = await clinician.send(operation("ReportChildDeath"), {"input": told})
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
        assert all(f"'input.{field}" in error["message"] for error in answer["errors"]), answer
        assert str(value) not in json.dumps(answer)


async def test_each_field_that_is_left_out_is_named(clinician: Api, refused: Refused) -> None:
    kind = schema.core.type_map["ReportChildDeathInput"]
    assert isinstance(kind, GraphQLInputObjectType)
    required = {name for name, field in kind.fields.items() if is_required_input_field(field)}
    assert required >= {"idempotencyKey", "childName", "dateOfBirth", "diedAt", "areaOfDeath", "reporter"}
    for field in required:
        told = {name: value for name, value in death(idempotencyKey=fresh_key()).items() if name != field}
        answer = await clinician.send(operation("ReportChildDeath"), {"input": told})
        wanted = f"Variable '$input' is not valid at 'input.{field}': give a value of type '{kind.fields[field].type}'."
        assert answer["errors"][0]["message"].startswith(wanted)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_lone_surrogate_is_no_text_at_all(clinician: Api, refused: Refused) -> None:
    body = json.dumps({"query": operation("ReportChildDeath"), "variables": {"input": death(childName="\ud800")}})
    headers = {**clinician.headers, "content-type": "application/json"}
    answer = await clinician.client.post("/graphql", content=body.encode("ascii"), headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_a_refused_key_may_be_used_again(clinician: Api) -> None:
    key = fresh_key()
    assert (await clinician.mutate("ReportChildDeath", **death(childName="", idempotencyKey=key)))["fields"]
    mended = await clinician.mutate("ReportChildDeath", **death(idempotencyKey=key))
    assert mended["__typename"] == "ReportChildDeathPayload"


def received(carrier: httpx.Client) -> list[object]:
    return list(carrier.get("/dev/messages").json())
