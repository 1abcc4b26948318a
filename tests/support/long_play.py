"""A play in which several runs of one case go on beside each other, with their forms, meetings and papers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from support.api import JSON, operation
from support.play import Play

PAPER = b"%PDF-1.7 minutes of an invented meeting"
RUNS = "query ($id: ID!) { case(id: $id) { pathwayRuns { id pathway kind state stage version round closedAt } } }"


@dataclass
class LongPlay(Play):
    """Each act goes to the newest run of a pathway on the case, at the version it has."""

    async def runs(self) -> dict[str, JSON]:
        """The newest run of each pathway on the case."""
        shown = (await self.door.person(self.owner).run(RUNS, id=self.case))["case"]["pathwayRuns"]
        return {one["pathway"]: one for one in shown}

    async def states(self, *pathways: str) -> list[tuple[str, str | None]]:
        """State and stage of the newest run of each."""
        runs = await self.runs()
        return [(runs[one]["state"], runs[one]["stage"]) for one in pathways]

    async def act(self, pathway: str, mutation: str, by: str, **given: Any) -> JSON:  # JSON values
        """A step that must work."""
        answer = await self.attempt(pathway, mutation, by, **given)
        assert answer["__typename"].endswith("Payload"), answer
        return answer

    async def attempt(self, pathway: str, mutation: str, by: str, **given: Any) -> JSON:  # JSON values
        """A step, whatever comes of it."""
        run = (await self.runs())[pathway]
        return await self.who(by).mutate(mutation, runId=run["id"], version=run["version"], **given)

    async def move(self, pathway: str, stage: str, by: str) -> None:
        await self.act(pathway, "MovePathway", by, stage=stage)

    async def form(self, pathway: str, form: str, by: str, answers: Mapping[str, Any]) -> None:
        await self.act(pathway, "CompletePathwayForm", by, form=form, answers=dict(answers))

    async def tell(self, pathway: str, notification: str, by: str, to: str) -> None:
        """Record that somebody was told by a call or a letter."""
        await self.act(pathway, "GivePathwayNotice", by, notification=notification, givenTo=to)

    async def decide(self, pathway: str, decision: str, option: str, by: str) -> JSON:
        """What followed from a decision that must work."""
        answer = await self.act(pathway, "DecidePathway", by, decision=decision, options=[option],
                                reasons="As all agreed.")  # fmt: skip
        follows: JSON = answer["decision"]["follows"]
        return follows

    async def undecided(self, pathway: str, decision: str, option: str, by: str) -> tuple[str, str, list[str]]:
        """Why a decision is refused, by what, and what is missing."""
        answer = await self.attempt(pathway, "DecidePathway", by, decision=decision, options=[option], reasons="Yes.")
        return answer["why"], answer["subject"], answer["missing"]

    async def shown(self, pathway: str, by: str) -> JSON:
        return await self.screen(by, (await self.runs())[pathway]["id"])

    async def due(self, pathway: str, by: str) -> dict[str, str | None]:
        """When each open duty of a run is due."""
        tasks = (await self.shown(pathway, by))["tasks"]
        return {one["code"]: one["dueAt"] for one in tasks if one["state"] == "OPEN"}

    async def call(self, pathway: str, meeting: str, by: str, at: datetime, *roles: str, **outside: str) -> JSON:
        """Call a meeting with people of the cast, who are told, and outsiders by their role and name."""
        invitees = [{"role": role, "personId": await self.person(self.cast[role])} for role in roles]
        invitees += [{"role": role, "outsideName": name, "toldHow": "By letter"} for role, name in outside.items()]
        run = (await self.runs())[pathway]
        answer = await self.do("CallMeeting", by, runId=run["id"], meeting=meeting, plannedAt=at.isoformat(),
                               place="County Hall", invitees=invitees)  # fmt: skip
        await self.work.run_due()
        called: JSON = answer["meeting"]
        return called

    async def held(self, meeting: JSON, by: str, at: datetime, *absent: str, **more: Any) -> JSON:  # JSON values
        """What comes of recording that a meeting was held without those of some roles."""
        attendance = [
            {"invitationId": one["id"], "attendance": "ABSENT" if one["role"] in absent else "ATTENDED"}
            for one in meeting["invitations"]
        ]
        return await self.who(by).mutate(
            "HoldMeeting", meetingId=meeting["id"], version=meeting["version"], heldAt=at.isoformat(),
            attendance=attendance, **more,
        )  # fmt: skip

    async def meet(self, pathway: str, meeting: str, by: str, at: datetime, *roles: str, **outside: str) -> JSON:
        """Call a meeting that everybody comes to, and let time pass to the hour at which it is held."""
        called = await self.call(pathway, meeting, by, at, *roles, **outside)
        await self.at(at)
        answer = await self.held(called, by, at)
        assert answer["__typename"] == "MeetingPayload", answer
        return called

    async def paper(self, title: str, by: str) -> str:
        """A document of the case that has arrived."""
        started = await self.do("StartDocumentUpload", by, caseId=self.case, title=title, size=len(PAPER),
                                contentType="application/pdf", sha256=hashlib.sha256(PAPER).hexdigest())  # fmt: skip
        fields = {field["name"]: field["value"] for field in started["form"]["fields"]}
        async with httpx.AsyncClient() as http:
            (await http.post(started["form"]["url"], data=fields, files={"file": PAPER})).raise_for_status()
        await self.do("CompleteDocumentUpload", by, documentId=started["document"]["id"])
        return str(started["document"]["id"])

    async def sitting(self, meeting: JSON, by: str) -> JSON:
        """A meeting as somebody sees it."""
        found: JSON = (await self.who(by).run(operation("MeetingScreen"), id=meeting["id"]))["meeting"]
        return found
