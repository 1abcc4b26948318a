"""What is kept beside a manual: each kind with what it needs, held against every edition, its owner reminded."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.identity.policies import Caller
from backend.procedures import publishing
from backend.procedures.keeping import REVIEW_REGISTER
from graphql_api.ids import encode
from infra.dev.clock import Clock
from support.api import Api, Door, operation
from support.partnership import Partnership
from support.procedures import MANUAL, drafted
from support.scene import coming
from support.work import Work
from tenants.procedures import repository


@dataclass
class Registry:
    """A partnership with a manual in force, whoever keeps its registers, and who owns the entries."""

    partnership: Partnership
    author: Api
    chair: Caller
    owner: UUID
    agencies: list[str]
    today: date

    async def new_edition(self) -> None:
        async with self.partnership.session() as session:
            draft = await drafted(session, None)
            day = await repository.today(session)
            await publishing.approve(session, self.chair, draft.id, "duty_manager", day, "Minute 12")
            await session.commit()

    def entry(self, kind: str, **change: Any) -> dict[str, Any]:
        kinds: dict[str, dict[str, Any]] = {
            "SUPPLEMENTARY_DOCUMENT": {
                "agency": self.agencies[0],
                "basis": "HIGHER_STANDARD",
                "provisions": ["1.1"],
            },
            "PROTOCOL": {"parties": self.agencies, "subject": "Children who go missing"},
            "CONTRACT_CLAUSE": {"body": "Willow Homes", "adoption": "CONTRACT", "clauseSoughtOn": "2026-01-01"},
        }
        review = str(self.today + timedelta(days=300))
        common = {"kind": kind, "manual": MANUAL, "title": f"A {kind.lower()}", "reviewOn": review,
                  "ownerId": encode("Person", self.owner)}  # fmt: skip
        return {**common, **kinds[kind], **change}

    async def enter(self, kind: str, **change: Any) -> dict[str, Any]:
        return dict(await self.author.mutate("EnterInProcedureRegister", entry=self.entry(kind, **change)))

    async def check(self, entry: dict[str, Any], outcome: str, days: int, **note: str) -> dict[str, Any]:
        async with self.partnership.session() as session:
            review = await repository.today(session) + timedelta(days=days)
        return dict(await self.author.mutate("CheckProcedureRegisterEntry", entryId=entry["id"], outcome=outcome,
                                             reviewOn=str(review), **note))  # fmt: skip

    async def owed(self) -> dict[str, list[str]]:
        """What is owed on each kind of entry: the list asks the database, each entry works it out itself."""
        every, owing = [
            (await self.author.run(operation("ProcedureRegister"), first=50, **given))["procedureRegister"]["edges"]
            for given in ({}, {"owing": True})
        ]
        found = {one["node"]["kind"]: one["node"]["owed"] for one in every if one["node"]["owed"]}
        assert sorted(one["node"]["kind"] for one in owing) == sorted(found)
        return found

    async def told(self) -> Counter[UUID]:
        """How many messages each person was sent about reviews."""
        async with self.partnership.session() as session:
            rows = await session.execute(
                text("SELECT person_id FROM delivery WHERE template = 'procedures-review' AND channel = 'sms'")
            )
            return Counter(row.person_id for row in rows)


@pytest.fixture
async def registry(door: Door, cambs: Partnership, clock: Clock) -> Registry:
    await clock.freeze(coming(weekday=1, hour=12))
    author, chair = await door.member(cambs, "administrator"), await cambs.member("duty_manager")
    async with cambs.session() as session:
        agencies = list(await session.scalars(text("SELECT code FROM agency ORDER BY code LIMIT 3")))
        owner = (await cambs.member("paediatrician")).person_id
        today = await repository.today(session)
    found = Registry(cambs, author, chair, owner, agencies, today)
    await found.new_edition()
    return found


async def test_each_kind_of_entry_needs_its_own_and_is_refused_what_belongs_to_another(registry: Registry) -> None:
    today = registry.today
    for kind, change, fields in (
        ("SUPPLEMENTARY_DOCUMENT", {"provisions": None}, ["provisions"]),
        ("SUPPLEMENTARY_DOCUMENT", {"provisions": ["9.9"]}, ["provisions"]),
        ("SUPPLEMENTARY_DOCUMENT", {"parties": ["x", "y"]}, ["parties"]),
        ("SUPPLEMENTARY_DOCUMENT", {"reviewOn": str(today + timedelta(days=400))}, ["reviewOn"]),
        ("SUPPLEMENTARY_DOCUMENT", {"reviewOn": str(today)}, ["reviewOn"]),
        ("SUPPLEMENTARY_DOCUMENT", {"agency": "nobody"}, ["agency"]),
        ("PROTOCOL", {"parties": ["only-one"]}, ["parties"]),
        ("PROTOCOL", {"subject": None, "basis": "HIGHER_STANDARD"}, ["basis", "subject"]),
        ("CONTRACT_CLAUSE", {"clauseObtained": False}, ["reason"]),
        ("CONTRACT_CLAUSE", {"clauseSoughtOn": None, "manual": "no-such"}, ["clauseSoughtOn", "manual"]),
    ):
        refused = await registry.enter(str(kind), **dict(change))
        assert refused["__typename"] == "ValidationProblem", (kind, change, refused)
        assert [one["field"] for one in refused["fields"]] == fields, (kind, change)
    refused_by_provider = {"clauseObtained": False, "reason": "Their board said no."}
    assert (await registry.enter("CONTRACT_CLAUSE", **refused_by_provider))["__typename"].endswith("Payload")
    assert await registry.owed() == {}


async def test_a_document_is_checked_again_on_each_edition_and_every_owner_is_told_once_of_each_review(
    registry: Registry, clock: Clock, work: Work
) -> None:
    document, protocol, clause = [
        (await registry.enter(kind, **change))["entry"]
        for kind, change in (
            ("SUPPLEMENTARY_DOCUMENT", {}),
            ("PROTOCOL", {"reviewOn": str(registry.today + timedelta(days=100))}),
            ("CONTRACT_CLAUSE", {"reviewOn": str(registry.today + timedelta(days=135))}),
        )
    ]
    assert await registry.owed() == {"SUPPLEMENTARY_DOCUMENT": ["RECHECK"]}
    wrong = await registry.check(document, "REVIEWED", 300)
    assert [one["field"] for one in wrong["fields"]] == ["outcome"]
    assert [one["field"] for one in (await registry.check(document, "LAXER", 300))["fields"]] == ["note"]
    checked = (await registry.check(document, "STRICTER", 300))["entry"]
    assert [(one["outcome"], one["edition"]["number"]) for one in checked["checks"]] == [("STRICTER", 1)]
    assert await registry.owed() == {}
    await work.run_due(REVIEW_REGISTER, rounds=1)
    assert await registry.told() == {}

    await clock.advance(timedelta(days=7))
    await registry.new_edition()
    assert await registry.owed() == {"SUPPLEMENTARY_DOCUMENT": ["RECHECK"]}
    await work.run_due(REVIEW_REGISTER, rounds=1)
    assert await registry.told() == {registry.owner: 1}
    await registry.check(document, "LAXER", 300, note="It waits two days where the manual says one.")
    assert await registry.owed() == {"SUPPLEMENTARY_DOCUMENT": ["MEND"]}
    await registry.check(document, "CONSISTENT", 300)
    assert await registry.owed() == {}

    await clock.advance(timedelta(days=68))  # 25 days before the protocol's review
    await work.run_due(REVIEW_REGISTER, rounds=1)
    await work.run_due(REVIEW_REGISTER, rounds=1)
    assert await registry.told() == {registry.owner: 2}
    assert await registry.owed() == {}
    await clock.advance(timedelta(days=25))
    assert await registry.owed() == {"PROTOCOL": ["REVIEW"]}
    await work.run_due(REVIEW_REGISTER, rounds=1)
    assert await registry.told() == {registry.owner: 3}
    assert (await registry.check(protocol, "REVIEWED", 600))["entry"]["owed"] == []

    gone = await registry.author.mutate("RetireProcedureRegisterEntry", entryId=document["id"], reason="Withdrawn.")
    assert gone["entry"]["owed"] == []
    late = await registry.check(document, "CONSISTENT", 300)
    assert late["__typename"] == "ConflictProblem"
    async with registry.partnership.session() as session:
        await session.execute(text("UPDATE person SET active = false WHERE id = :id"), {"id": registry.owner})
        await session.commit()
    await clock.advance(timedelta(days=40))  # the clause's review has come, and its owner has left
    await work.run_due(REVIEW_REGISTER, rounds=1)
    assert (await registry.told())[registry.owner] == 3
    assert (await registry.told())[registry.chair.person_id] > 0
    assert await registry.owed() == {"CONTRACT_CLAUSE": ["REVIEW"]}
    moved = await registry.author.mutate(
        "ChangeProcedureRegisterEntry", entryId=clause["id"],
        entry=registry.entry("CONTRACT_CLAUSE", ownerId=encode("Person", registry.chair.person_id),
                             reviewOn=str(registry.today + timedelta(days=800))),
    )  # fmt: skip
    assert moved["entry"]["owner"]["id"] == encode("Person", registry.chair.person_id), moved
    assert await registry.owed() == {}
