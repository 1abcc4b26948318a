"""A pathway as its people live through it: who does what in the API, what is due by then, and whose phone rings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import httpx
from sqlalchemy import select
from sqlmodel import col

from graphql_api.ids import decode, encode
from infra.dev.clock import Clock
from support.api import JSON, Api, Door, operation
from support.partnership import Partnership
from support.scene import Phones, forget_daily_work
from support.work import Work
from tenants.contacts.models import ContactMethod

RUN_CLOCKS = "query ($id: ID!) { case(id: $id) { clocks { definition state dueAt lastDay effect pathway yieldsTo } } }"


@dataclass
class Play:
    """One case in a partnership with a stopped clock. ``cast`` are subjects by the role they have on the case."""

    partnership: Partnership
    door: Door
    clock: Clock
    work: Work
    phones: Phones
    cast: Mapping[str, str]
    owner: str = ""
    case: str = ""
    run: str = ""
    version: int = 0

    @classmethod
    async def begun(
        cls, partnership: Partnership, door: Door, clock: Clock, work: Work, carrier: httpx.Client,
        cast: Mapping[str, str], at: datetime,
    ) -> Self:  # fmt: skip
        """Everybody of the cast is made a practitioner, who reaches their own cases alone."""
        made = cls(partnership, door, clock, work, Phones(carrier), cast)
        await forget_daily_work(partnership)
        await clock.freeze(at)
        for subject in {*cast.values()}:
            await door.change_roles(partnership, subject, "practitioner")
        made.phones.new()
        return made

    def who(self, role: str) -> Api:
        return self.door.person(self.cast[role])

    async def person(self, subject: str) -> str:
        """Somebody's id in the API."""
        return encode("Person", (await self.partnership.caller(subject)).person_id)

    async def at(self, instant: datetime) -> None:
        """Let time pass to an instant, with whatever falls due on the way done at its own time."""
        for due in [*await self._instants(instant), instant]:
            await self.clock.freeze(due)
            await self.work.run_due()

    async def _instants(self, until: datetime) -> list[datetime]:
        owner = self.door.person(self.owner)
        shown = (await owner.run(RUN_CLOCKS, id=self.case))["case"]["clocks"]
        found = {datetime.fromisoformat(one["dueAt"]) for one in shown}
        return sorted(one for one in found if one < until)

    async def do(self, mutation: str, by: str, **given: Any) -> JSON:  # JSON values
        """A mutation by a role of the cast that must work."""
        answer = await self.who(by).mutate(mutation, **given)
        assert answer["__typename"].endswith("Payload"), answer
        return answer

    async def step(self, mutation: str, by: str, **given: Any) -> JSON:  # JSON values
        """A step in the run, at the version it has."""
        answer = await self.do(mutation, by, runId=self.run, version=self.version, **given)
        self.version = answer["run"]["version"]
        return answer

    async def refused(self, mutation: str, by: str, **given: Any) -> JSON:  # JSON values
        """A step in the run that must be refused, and leaves it as it is."""
        answer = await self.who(by).mutate(mutation, runId=self.run, version=self.version, **given)
        assert answer["__typename"].endswith("Problem"), answer
        return answer

    async def screen(self, by: str, run: str | None = None) -> JSON:
        shown: JSON = (await self.who(by).run(operation("PathwayRunScreen"), id=run or self.run))["pathwayRun"]
        self.version = shown["version"] if run is None else self.version
        return shown

    async def clocks(self, by: str) -> dict[str, tuple[str, str]]:
        """State and due instant of each clock, the latest of its kind."""
        shown = (await self.who(by).run(RUN_CLOCKS, id=self.case))["case"]["clocks"]
        return {one["definition"]: (one["state"], one["dueAt"]) for one in shown}

    async def owed(self, by: str, *, force: str | None = None) -> set[str]:
        shown = await self.screen(by)
        return {one["code"] for one in shown["tasks"] if one["state"] == "OPEN" and force in {None, one["force"]}}

    async def settle(self, code: str, by: str, *, state: str = "DONE", words: str = "As recorded.") -> None:
        """End every open task of a duty by hand."""
        for task in (await self.screen(by))["tasks"]:
            if task["code"] == code and task["state"] == "OPEN":
                how = {"evidence": words} if state == "DONE" else {"reason": words}
                await self.do("SettlePathwayTask", by, taskId=task["id"], version=task["version"], state=state, **how)
        await self.screen(by)

    async def detach(self, pathway: str, by: str, reason: str) -> None:
        """Take an overlay off the run, as has to be done before it closes."""
        (overlay,) = [one for one in (await self.screen(by))["overlays"] if one["pathway"] == pathway]
        answer = await self.do("DetachPathwayOverlay", by, overlayId=overlay["id"], version=self.version, reason=reason)
        self.version = answer["run"]["version"]

    async def told(self) -> dict[str, set[str]]:
        """Who was told by text and email since the last look, by the kind of message; also those of no role here."""
        named = await self._names()
        found: dict[str, set[str]] = {}
        for kind, to in self.phones.new().items():
            for one in to:
                channel, address = one.split(" ", 1)
                if channel != "push":  # which goes with the others, and has no template
                    found.setdefault(kind, set()).add(named.get(address, address))
        return found

    async def _names(self) -> dict[str, str]:
        by_person = {await self.person(subject): subject for subject in self.cast.values()}
        keys = {_key(one): subject for one, subject in by_person.items()}
        async with self.partnership.session() as session:
            found = await session.scalars(select(ContactMethod).where(col(ContactMethod.person_id).in_(keys)))
            return {method.address: keys[method.person_id] for method in found}


def _key(identifier: str) -> UUID:
    found = decode(identifier)
    assert found is not None
    return found[1]
