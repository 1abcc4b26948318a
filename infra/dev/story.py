"""The main job as a story: an unexpected death is reported, two people answer, nobody else sees it."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import yaml

from infra.dev.asgi import REPOSITORY
from infra.dev.client import REPORT, Caller, invented_death
from infra.dev.clock import Clock
from infra.dev.product import Product

CHILD = "Fernleaf Testchild"
SECRETS = (CHILD, "Fernleaf", "Testchild", "2026-02-03", "Invented Row")
PDF = b"%PDF-1.4\n% Invented notes of the emergency department\n%%EOF\n"

ON_CALL = '{ paediatrician: onCallNow(role: "paediatrician") { ...who } sio: onCallNow(role: "sio") { ...who } }'
WHO = "fragment who on OnCall { answeredByRole covered people { id name } }"
ALERT = """query Alert($reference: String!) { alert(reference: $reference) {
  id state slots { id role state calls { answer person { id name } } } case { id reference clocks {
    title limit dueAt force citation origin } } } }"""
ANSWER = """mutation Answer($input: AcknowledgeAlertInput!) { acknowledgeAlert(input: $input) { __typename
  ... on AlertAnswerPayload { slot { role state } alert { state } } ... on Problem { message } } }"""
UPLOAD = """mutation Upload($input: StartDocumentUploadInput!) { startDocumentUpload(input: $input) { __typename
  ... on StartDocumentUploadPayload { document { id } form { url fields { name value } } }
  ... on Problem { message } } }"""
UPLOADED = """mutation Uploaded($input: CompleteDocumentUploadInput!) {
  completeDocumentUpload(input: $input) { __typename
  ... on CompleteDocumentUploadPayload { document { state size } } ... on Problem { message } } }"""


@dataclass
class Story:
    """What was measured while it was told."""

    accepted_ms: float = 0.0
    first_page_ms: float = 0.0
    slots: dict[str, str] = field(default_factory=dict)
    escalations: int = 0
    clocks: int = 0
    leaks: int = 0
    paediatrician_address: str = ""
    sio_address: str = ""

    def figures(self) -> dict[str, Any]:
        return {
            "accepted_ms": round(self.accepted_ms, 1), "first_page_ms": round(self.first_page_ms, 1),
            "slots": self.slots, "escalations": self.escalations, "clocks": self.clocks, "leaks": self.leaks,
        }  # fmt: skip


class Cast:
    """The reference partnership's people, signed in as they are needed."""

    def __init__(self, running: Product) -> None:
        file = REPOSITORY / "tenants" / "archetypes" / "cambs-peterborough.yaml"
        self.people = {person["name"]: person for person in yaml.safe_load(file.read_text())["people"]}
        self.running = running

    def caller(self, name: str) -> Caller:
        return Caller(self.running.api_url, self.running.token(self.people[name]["membership"]["subject"]))

    def telephone(self, name: str) -> str:
        return str(self.people[name]["contacts"]["sms"])


def tell(running: Product, folder: Path, say: Callable[[str], None]) -> Story:
    """Play it on a running product. Raises ``RuntimeError`` when the product does not do what it should."""
    story, cast = Story(), Cast(running)
    clinician = cast.caller("Dr Juniper Blythe")
    clinician.run("{ me { roles } }")  # the first request of a process opens its connections
    duty = clinician.run(f"{ON_CALL} {WHO}")
    names = {role: who["people"][0]["name"] for role, who in duty.items()}
    story.paediatrician_address, story.sio_address = (cast.telephone(names[role]) for role in ("paediatrician", "sio"))
    say(f"On call in Cambridgeshire and Peterborough: {names['paediatrician']} and {names['sio']}.")
    _report_with_mistakes(clinician, say)
    reference = _report(running, clinician, story, say)
    _answer_and_escalate(running, cast, names, reference, story, say)
    _show_clocks(cast, names, reference, story, say)
    _upload(cast, names, reference, say)
    _look_from_elsewhere(running, reference, say)
    story.leaks = count_leaks(running, folder)
    say(f"All that left and all logs searched for the child's name, birth date and address: {story.leaks} found.")
    return story


def _report_with_mistakes(clinician: Caller, say: Callable[[str], None]) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    given = invented_death(CHILD, "cambridgeshire", None, nhsNumber="1234567890", confirmedAt=tomorrow)
    told = clinician.run(REPORT, input=given)["reportChildDeath"]
    if told["__typename"] != "ValidationProblem":
        raise RuntimeError("a report with mistakes was accepted")
    say(f"A first report is refused, with every mistake at once: {', '.join(f['field'] for f in told['fields'])}.")


def _report(running: Product, clinician: Caller, story: Story, say: Callable[[str], None]) -> str:
    given = invented_death(CHILD, "cambridgeshire", "coroner-north")
    began = time.perf_counter()
    told = clinician.run(REPORT, input=given)["reportChildDeath"]
    story.accepted_ms, answered = (time.perf_counter() - began) * 1000, time.time_ns()
    if told["__typename"] != "ReportChildDeathPayload":
        raise RuntimeError(f"the report was refused: {told}")
    reference = str(told["alert"]["reference"])
    say(f"Dr Juniper Blythe reports an unexpected death; accepted in {story.accepted_ms:.0f} ms, alert {reference}.")
    arrived = _first_pages(running, reference, (story.paediatrician_address, story.sio_address))
    story.first_page_ms = (max(arrived) - answered) / 1e6
    say(f'Both are paged {story.first_page_ms:.0f} ms after that. The message says: "{_text(running, reference)}"')
    return reference


def _messages(running: Product, reference: str) -> list[dict[str, Any]]:
    found = httpx.get(f"{running.services.carrier_url}/dev/messages").raise_for_status().json()
    return [message for message in found if message["channel"] == "sms" and reference in message["body"]]


def _text(running: Product, reference: str) -> str:
    return str(_messages(running, reference)[0]["body"])


def _first_pages(running: Product, reference: str, addresses: tuple[str, ...]) -> list[int]:
    """When the first text reached each address. Raises ``RuntimeError`` after 15 seconds."""
    for _ in range(300):
        arrived: dict[str, int] = {}
        for message in _messages(running, reference):
            arrived.setdefault(message["to"], message["received_ns"])
        if set(addresses) <= set(arrived):
            return [arrived[address] for address in addresses]
        time.sleep(0.05)
    raise RuntimeError("the pages did not arrive within 15 seconds")


def _answer(caller: Caller, slot: dict[str, Any]) -> None:
    given = {"slotId": slot["id"], "idempotencyKey": f"demo-{slot['id']}"}
    done = caller.run(ANSWER, input=given)["acknowledgeAlert"]
    if done["__typename"] != "AlertAnswerPayload":
        raise RuntimeError(f"the answer was refused: {done['message']}")


def _slots(caller: Caller, reference: str) -> dict[str, Any]:
    return {slot["role"]: slot for slot in caller.run(ALERT, reference=reference)["alert"]["slots"]}


def _answer_and_escalate(
    running: Product,
    cast: Cast,
    names: dict[str, str],
    reference: str,
    story: Story,
    say: Callable[[str], None],
) -> None:
    paediatrician = cast.caller(names["paediatrician"])
    _answer(paediatrician, _slots(paediatrician, reference)["paediatrician"])
    say(f"{names['paediatrician']} acknowledges. Their calls stop; the officer's go on, because both must answer.")
    clock = Clock(running.environment["DATABASE_OWNER_URL"])
    ahead = timedelta()
    before = len(_slots(paediatrician, reference)["sio"]["calls"])
    while (latest := _slots(paediatrician, reference)["sio"]["calls"][-1]["person"]["name"]) == names["sio"]:
        ahead += timedelta(minutes=2)
        anyio.run(clock.shift, ahead)
        say(f"{names['sio']} does not answer. The demonstration moves the database clock on by two minutes.")
        before = _wait_for_call(paediatrician, reference, before)
    story.escalations = before - 1
    say(f"Escalated past them: {latest} is paged.")
    _answer(cast.caller(latest), _slots(paediatrician, reference)["sio"])
    alert = paediatrician.run(ALERT, reference=reference)["alert"]
    story.slots = {slot["role"]: slot["state"].lower() for slot in alert["slots"]}
    say(f"{latest} acknowledges. The alert is {alert['state'].lower()}.")


def _wait_for_call(caller: Caller, reference: str, before: int) -> int:
    for _ in range(100):
        if (calls := len(_slots(caller, reference)["sio"]["calls"])) > before:
            return calls
        time.sleep(0.05)
    raise RuntimeError("nobody else was called within 5 seconds of the time being up")


def _show_clocks(cast: Cast, names: dict[str, str], reference: str, story: Story, say: Callable[[str], None]) -> None:
    clocks = cast.caller(names["paediatrician"]).run(ALERT, reference=reference)["alert"]["case"]["clocks"]
    story.clocks = len(clocks)
    for clock in clocks:
        due = datetime.fromisoformat(clock["dueAt"]).astimezone(UTC)
        say(
            f"Clock: {clock['title']}, {clock['limit']} ({clock['citation']}, {clock['origin']}),"
            f" due {due:%d %B %H:%M} UTC."
        )


def _upload(cast: Cast, names: dict[str, str], reference: str, say: Callable[[str], None]) -> None:
    caller = cast.caller(names["paediatrician"])
    case = caller.run(ALERT, reference=reference)["alert"]["case"]
    promise = {
        "caseId": case["id"], "title": "History taken in the emergency department", "contentType": "application/pdf",
        "size": len(PDF), "sha256": hashlib.sha256(PDF).hexdigest(), "idempotencyKey": f"demo-{case['reference']}",
    }  # fmt: skip
    begun = caller.run(UPLOAD, input=promise)["startDocumentUpload"]
    if begun["__typename"] != "StartDocumentUploadPayload":
        raise RuntimeError(f"the upload was refused: {begun['message']}")
    fields = {one["name"]: one["value"] for one in begun["form"]["fields"]}
    httpx.post(begun["form"]["url"], data=fields, files={"file": ("history.pdf", PDF)}).raise_for_status()
    given = {"documentId": begun["document"]["id"], "idempotencyKey": f"demo-{begun['document']['id']}"}
    done = caller.run(UPLOADED, input=given)["completeDocumentUpload"]
    if done["__typename"] != "CompleteDocumentUploadPayload":
        raise RuntimeError(f"the upload did not complete: {done['message']}")
    say(f"A document of {done['document']['size']} bytes is in the partnership's own bucket, checked and encrypted.")


def _look_from_elsewhere(running: Product, reference: str, say: Callable[[str], None]) -> None:
    stranger = Caller(running.api_url, running.token("clover.ashdown"))
    seen = stranger.run(
        "query($r: String!) { alert(reference: $r) { id } childDeaths(first: 10) { edges { cursor } } }",
        r=reference,
    )
    if seen["alert"] is not None or seen["childDeaths"]["edges"]:
        raise RuntimeError("another partnership can see the death")
    say("A clinician in Hertfordshire asks for the same alert: for that partnership it does not exist.")


def count_leaks(running: Product, folder: Path) -> int:
    """How often the child's details occur in what reached the provider and in the processes' logs."""
    left = httpx.get(f"{running.services.carrier_url}/dev/raw").raise_for_status().content
    logs = b"".join(file.read_bytes() for file in (folder / "logs").glob("*.log"))
    return sum((left + logs).count(secret.encode()) for secret in SECRETS)
