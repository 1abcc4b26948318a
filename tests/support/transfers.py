"""Two partnerships with a stopped clock, one of which offers a child's transfer to the other through the API."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx

from backend.kit.audit import AuditEntry, first_broken
from backend.pathways.definitions.archetypes import effective, kept_overlays, overlays
from backend.pathways.definitions.library import shipped
from backend.pathways.editions import service as editions
from backend.sharing.trying import WAITS
from graphql_api.ids import encode, key_of
from infra.dev.clock import Clock
from support.api import JSON, Api, Door, operation, rows
from support.partnership import Partnership
from support.scene import Phones, forget_daily_work
from support.work import Work

CHILD: Final = {"name": "Bramble Movingchild", "dateOfBirth": "2020-05-04", "nhsNumber": "9434765919",
                "addresses": [{"address": "3 Invented Lane, Old-on-the-Wold"}]}  # fmt: skip
LONG_AGO: Final = date(2026, 1, 2)
"""Before whatever is told, and after what the partnerships were loaded with."""
WORDS: Final = ("Bramble", "Movingchild", "2020-05-04", "9434765919", "Invented Lane", "Invented Court", "Expert")
"""What is only told inside a transfer: no message may hold any of it."""
PLAN: Final = {
    "permanence": "The tenancy has been signed.", "plan": "Neglect, since June; weekly visits.",
    "effect-on-risk": "Away from the grandmother's help.", "interim-work": "The present key worker goes on.",
    "worker": "Perrin Woodruff, social worker, 01632 960111", "new-address": "9 Invented Court, New-on-the-Wold",
}  # fmt: skip
RUN: Final = "query ($id: ID!) { pathwayRun(id: $id) { stage events { code occurredAt occurredOn withdrawn } } }"
CLOCKS: Final = "query ($id: ID!) { case(id: $id) { clocks { definition pathway state lastDay ownerRole } } }"


def london(text: str) -> datetime:
    """An instant of local time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)


def told(items: dict[str, str]) -> list[JSON]:
    return [{"code": code, "text": words} for code, words in items.items()]


async def national(
    partnership: Partnership, pathway: str, *, of: str | None = None, figures: JSON | None = None
) -> None:
    """Put the national edition of a pathway in force, of which the partnership has none of its own.

    Or one that it has agreed to share with another: the text ``of`` a reference partnership. ``figures`` are what it
    has set itself for words without one, by setting.
    """
    own = {"pathway": pathway, "partnership": partnership.slug, "edition": "The board's own", "settings": figures or {}}
    async with partnership.session() as session:
        found = effective(shipped(), overlays(of) if of else kept_overlays([own]))[pathway]
        await editions.put_in_force(session, found, LONG_AGO, role="test", authority="test")
        await session.commit()


@dataclass
class Move:
    """A child's move. ``sender`` and ``receiver`` are duty managers, who may do all that is done here."""

    door: Door
    clock: Clock
    work: Work
    phones: Phones
    home: Partnership
    away: Partnership
    sender: Api
    receiver: Api
    case: str = ""

    @classmethod
    async def begun(
        cls, door: Door, clock: Clock, work: Work, carrier: httpx.Client, home: Partnership, away: Partnership, at: str
    ) -> "Move":
        await clock.freeze(london(at))
        for partnership in (home, away):
            await forget_daily_work(partnership)
        sender, receiver = await door.member(home, "duty_manager"), await door.member(away, "duty_manager")
        made = cls(door, clock, work, Phones(carrier), home, away, sender, receiver)
        for pathway in ("transfer-child-protection-plan", "transfer-child-in-need"):
            await national(away, pathway)
        made.case = (await sender.mutate("OpenCase", pathway="initial-assessment"))["case"]["id"]
        return made

    async def offer(self, **given: Any) -> JSON:
        """Offer the plan's transfer, with what is ``given`` in place of the usual."""
        usual: JSON = {
            "kind": "CHILD_PROTECTION_PLAN", "caseId": self.case, "partner": self.away.slug,
            "receivingArea": "hertfordshire", "children": [CHILD], "told": told(PLAN),
            "reason": "The family moves for good.", "moveOn": "2026-12-24",
        }  # fmt: skip
        return await self.sender.mutate("OfferTransfer", **{**usual, **given})

    async def offered(self, **given: Any) -> str:
        answer = await self.offer(**given)
        assert answer["__typename"] == "TransferPayload", answer
        return str(answer["transfer"]["id"])

    async def at(self, when: str) -> None:
        """Let time pass, and do what is due by then."""
        await self.clock.freeze(london(when))
        await self.work.run_due(rounds=20)

    async def document(self, title: str, content: bytes) -> str:
        """A document of the case whose bytes lie in the sender's bucket."""
        started = await self.sender.mutate(
            "StartDocumentUpload", caseId=self.case, title=title, contentType="application/pdf", size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )  # fmt: skip
        fields = {field["name"]: field["value"] for field in started["form"]["fields"]}
        async with httpx.AsyncClient() as http:
            (await http.post(started["form"]["url"], data=fields, files={"file": content})).raise_for_status()
        done = await self.sender.mutate("CompleteDocumentUpload", documentId=started["document"]["id"])
        assert done["document"]["state"] == "AVAILABLE", done
        return str(started["document"]["id"])

    async def given_up(self) -> None:
        """Let time pass until nothing is tried any more that fails, and do what is due on the way."""
        for wait in (timedelta(), *WAITS):
            await self.clock.advance(wait)
            await self.work.run_due(rounds=20)

    async def step(self, api: Api, mutation: str, run: str, **given: Any) -> JSON:
        """A step in a run that must work, at the version that the run has."""
        shown = (await api.run("query ($id: ID!) { pathwayRun(id: $id) { version } }", id=run))["pathwayRun"]
        known = {} if mutation == "RecordPathwayEvent" else {"version": shown["version"]}
        answer = await api.mutate(mutation, runId=run, **known, **given)
        assert answer["__typename"].endswith("Payload"), answer
        return answer

    async def join(self, api: Api, partnership: Partnership, case: str, *roles: str) -> None:
        """Put a duty manager on a case of theirs in further roles, as a small team has to."""
        person = encode("Person", (await partnership.member("duty_manager")).person_id)
        for role in roles:
            answer = await api.mutate("AssignPractitioner", caseId=case, personId=person, role=role)
            assert answer["__typename"] == "PractitionerPayload", answer

    async def accept(self, transfer: str, role: str = "social_worker") -> JSON:
        person = encode("Person", (await self.away.member(role)).person_id)
        return await self.receiver.mutate("AcceptTransfer", transferId=transfer, accountableId=person)

    async def screen(self, api: Api, transfer: str) -> JSON:
        shown: JSON = (await api.run(operation("TransferScreen"), id=transfer))["transfer"]
        return shown

    async def listed(self, api: Api, **given: Any) -> list[JSON]:
        found = (await api.run(operation("Transfers"), first=50, **given))["transfers"]["edges"]
        return [edge["node"] for edge in found]

    async def events(self, api: Api, run: str) -> dict[str, str]:
        """The events that stand in a run, by code."""
        shown = (await api.run(RUN, id=run))["pathwayRun"]["events"]
        return {one["code"]: one["occurredAt"] or one["occurredOn"] for one in shown if not one["withdrawn"]}

    async def clocks(self, api: Api, case: str) -> dict[str, tuple[str, str | None, str]]:
        """State, last day and owner of each clock of a case."""
        shown = (await api.run(CLOCKS, id=case))["case"]["clocks"]
        return {one["definition"]: (one["state"], one["lastDay"], one["ownerRole"]) for one in shown}


async def fetched_from(url: str) -> bytes:
    """What a link to a store gives."""
    async with httpx.AsyncClient() as http:
        return (await http.get(url)).content


async def audited(partnership: Partnership, transfer: str) -> dict[str, set[str]]:
    """The acts of a transfer on a partnership's audit log, with the other side that each names."""
    found: dict[str, set[str]] = {}
    for row in await rows(partnership, AuditEntry):
        if row.subject_id == key_of("Transfer", transfer):
            assert row.detail["transfer"] == str(row.subject_id)
            found.setdefault(row.action, set()).add(row.detail["other_side"])
    async with partnership.session() as session:
        assert await first_broken(session) is None
    return found
