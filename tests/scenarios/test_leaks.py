"""Nothing that identifies a child leaves the database: not in messages, logs, metrics, the broker or the trail."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import redis

from infra.dev.client import REPORT, Caller, invented_death
from infra.dev.product import Product
from support.burst import SIGNED_IN_AS, Received, wait_until
from support.command_line import CommandLine
from support.partnership import CHILD, HOME, SEEDED

ANSWER = """mutation Answer($input: AcknowledgeAlertInput!) {
  acknowledgeAlert(input: $input) { __typename ... on AlertAnswerPayload { alert { state } } } }"""


def told(**changes: Any) -> dict[str, Any]:
    """A report that holds every seeded word wherever a word can be."""
    words = f"{CHILD}, born 29/02/2024 (29 February 2024), was found at {HOME}."
    seeded = {"dateOfBirth": "2024-02-29", "usualHomeAddress": HOME, "placeOfDeath": HOME, "circumstances": words}
    return invented_death(CHILD, "cambridgeshire", "coroner-north", **{**seeded, **changes})


def seeded_in(content: str | bytes) -> list[str]:
    raw = content if isinstance(content, bytes) else content.encode()
    return [word for word in SEEDED if word.encode().lower() in raw.lower()]


@pytest.fixture(scope="module")
def lived(own: Product) -> Product:
    """The product after everything that a report sets off, with a provider that fails and input that is refused."""
    carrier = own.services.carrier_url
    assert carrier is not None
    httpx.delete(f"{carrier}/dev/messages")
    for mode in ("unparseable", "error500", "drop_after_accept", "rate_limit"):
        httpx.post(f"{carrier}/dev/behaviour", json={"mode": mode, "count": 2}).raise_for_status()
    clinician = Caller(own.api_url, own.token(SIGNED_IN_AS))
    answer = clinician.run(REPORT, input=told())["reportChildDeath"]
    refused(own, clinician)
    received = Received(carrier)
    reference = answer["alert"]["reference"]
    wait_until(lambda: received.first_pages([reference])[reference] == 4, seconds=60)
    answered_without_the_app(own, received)
    for slot in answer["alert"]["slots"]:
        for subject in ("hazel.thornapple", "linden.oakshaw", "wren.saltmarsh", "rowan.fenwick", "isolde.marram",
                        "bram.cartwheel", "odette.larkspur", "piers.quillfeather"):  # fmt: skip
            key = f"{subject}-{slot['role']}"
            Caller(own.api_url, own.token(subject)).run(ANSWER, input={"slotId": slot["id"], "idempotencyKey": key})
    return own


def answered_without_the_app(own: Product, received: Received) -> None:
    """Links fetched and used, texts sent back, with the seeded words wherever somebody can put words."""
    carrier = str(own.services.carrier_url)
    pages = httpx.Client(base_url=own.api_url)
    texts = [message for message in received.messages() if "/r/" in message["body"] and message["channel"] == "sms"]
    assert texts, "no message could be answered, so nothing is proved"
    for message in texts:
        path = urlsplit(message["body"].split()[-1]).path
        code = re.findall(r"reply (\d{4});", message["body"])[0]
        shown = [pages.get(path), pages.get(f"/r/{CHILD}"), pages.post(path, data={"answer": CHILD, "reason": HOME})]
        for said in (CHILD, f"{code} {CHILD}", "STOP", "0000"):
            httpx.post(f"{carrier}/dev/inbound", json={"source": message["to"], "message": said}).raise_for_status()
        shown.append(pages.post(path, data={"answer": "decline", "reason": CHILD}))
        httpx.post(f"{carrier}/dev/inbound", json={"source": message["to"], "message": code}).raise_for_status()
        assert [seeded_in(page.content) for page in shown] == [[]] * 4
        assert "you cannot come" in shown[-1].text, shown[-1].text


def refused(own: Product, clinician: Caller) -> None:
    """Every way of being refused, each with the seeded words in it."""
    wrong = clinician.run(REPORT, input=told(nhsNumber=CHILD, areaOfDeath=CHILD, homeArea=CHILD))
    assert wrong["reportChildDeath"]["__typename"] == "ValidationProblem"
    conflict = told()
    clinician.run(REPORT, input=conflict)
    clinician.run(REPORT, input=conflict | {"circumstances": f"{CHILD} again"})
    http = httpx.Client(base_url=own.api_url, headers={"Authorization": f"Bearer {clinician.token}"})
    http.post("/graphql", json={"query": REPORT, "variables": {"input": told(sex=CHILD, dateOfBirth=HOME)}})
    http.post("/graphql", json={"query": f'{{ childDeath(id: "{CHILD}") {{ {CHILD.split()[0]} }} }}'})
    http.post("/graphql", content=f'{{"query": "{CHILD}'.encode(), headers={"Content-Type": "application/json"})
    http.get("/graphql", params={"query": CHILD, "variables": HOME})
    http.get(f"/{CHILD}/{HOME}")
    httpx.post(f"{own.api_url}/graphql", json={"query": REPORT}, headers={"Authorization": f"Bearer {CHILD}"})
    receipt = {"Authorization": f"Bearer {own.environment['NOTIFY_CALLBACK_TOKEN']}"}
    httpx.post(f"{own.api_url}/callbacks/notify/receipts", json={"reference": CHILD, "status": HOME}, headers=receipt)
    inbound = {"Authorization": f"Bearer {own.environment['NOTIFY_INBOUND_TOKEN']}"}
    httpx.post(f"{own.api_url}/callbacks/notify/inbound", json={"message": CHILD, "id": HOME}, headers=inbound)


def test_no_byte_that_reached_a_provider_holds_any(lived: Product) -> None:
    raw = httpx.get(f"{lived.services.carrier_url}/dev/raw").content
    assert b"rapid-response" in raw or b"5b1d7a52" in raw
    assert seeded_in(raw) == []


async def database_log(admin_url: str) -> Path:
    """The file that the server, which another process may have started, writes its log to."""
    admin = await asyncpg.connect(admin_url)
    server = str(await admin.fetchval("SELECT pg_read_file('postmaster.pid')")).split()[0]
    await admin.close()
    return Path(f"/proc/{server}/fd/2").resolve()  # noqa: ASYNC240  # a link in memory


async def test_no_log_holds_any(lived: Product) -> None:
    logs = lived.services.supervisor.logs()
    logs.append(await database_log(lived.environment["POSTGRES_ADMIN_URL"]))
    scanned = {log.stem: log.read_bytes() for log in logs}
    assert {"api", "worker-pages", "worker-notices", "scheduler", "postgres"} <= set(scanned)
    assert scanned["api"], "the API logged nothing at all, so nothing was proved"
    assert {name: found for name, content in scanned.items() if (found := seeded_in(content))} == {}


def test_whatever_a_process_logs_is_a_line_of_json_with_an_event(lived: Product) -> None:
    logs = {log.stem: log.read_text() for log in lived.services.supervisor.logs()}
    for process in ("api", "worker-pages", "worker-notices", "scheduler"):
        assert all(json.loads(line)["event"] for line in logs[process].splitlines()), process


def test_no_metric_holds_any(lived: Product) -> None:
    metrics = httpx.get(f"{lived.api_url}/metrics")
    assert "safeguard_deliveries_total" in metrics.text
    assert seeded_in(metrics.content) == []


def test_the_broker_holds_none(lived: Product) -> None:
    broker = redis.Redis.from_url(lived.environment["BROKER_URL"])
    for key in broker.scan_iter():
        assert seeded_in(key) == []
        assert seeded_in(broker.dump(key) or b"") == []


def test_no_story_nor_evidence_of_an_alert_holds_any(lived: Product, command_line: CommandLine, tmp_path: Path) -> None:
    arrived = Received(str(lived.services.carrier_url)).messages()
    references = {message["body"].split()[3].rstrip(".") for message in arrived if "/r/" in message["body"]}
    assert references
    for number, reference in enumerate(references):
        of_alert = (reference, "--partnership", "cambs-peterborough")
        told = command_line.run(["alerts", "explain", *of_alert], lived.environment).stdout
        assert "slot.declined" in told, "who declines by link and later comes leaves both on the log"
        file = tmp_path / f"{number}.json"
        command_line.run(["alerts", "evidence", *of_alert, "--output", str(file)], lived.environment).check_returncode()
        assert seeded_in(told) == []
        assert seeded_in(file.read_bytes()) == []


TRAIL = ["answer_contact", "audit_entry", "case_event", "delivery_event", "page", "routing.task", "slot_answer"]


@pytest.mark.parametrize("table", TRAIL)
async def test_the_trail_names_nobody(lived: Product, table: str) -> None:
    admin = urlsplit(lived.environment["POSTGRES_ADMIN_URL"])
    database = await asyncpg.connect(admin._replace(path=urlsplit(lived.environment["DATABASE_URL"]).path).geturl())
    rows = [row[0] for row in await database.fetch(f"SELECT t::text FROM {table} AS t")]  # noqa: S608
    await database.close()
    assert rows
    assert seeded_in("\n".join(rows)) == []
