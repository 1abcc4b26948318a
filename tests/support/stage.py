"""Where a story about a case begins: its people, a run of a pathway, and how its limits stand."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import httpx

from infra.dev.clock import Clock
from support.api import JSON, Door
from support.long_play import RUNS
from support.partnership import Partnership
from support.play import Play
from support.work import Work

CLOCK_IDS: Final = "query ($id: ID!) { case(id: $id) { clocks { id definition force state lastDay dueAt } } }"


@dataclass
class Stage:
    """What every story begins with."""

    door: Door
    clock: Clock
    work: Work
    carrier: httpx.Client

    async def play(
        self, partnership: Partnership, cast: dict[str, str], at: datetime, pathway: str, **entry: Any
    ) -> Play:
        """A case on a pathway with its people, and a run of it."""
        made = await Play.begun(partnership, self.door, self.clock, self.work, self.carrier, cast, at)
        return await self.another(made, pathway, **entry)

    async def another(self, play: Play, pathway: str, child: JSON | None = None, by: str = "", **entry: Any) -> Play:
        """The same people with another case."""
        made = replace(play, owner=play.cast["social-care-manager"], run="", version=0)
        made.case = (await made.do("OpenCase", "social-care-manager", pathway=pathway))["case"]["id"]
        for role, subject in made.cast.items():
            await made.do("AssignPractitioner", "social-care-manager", caseId=made.case,
                          personId=await made.person(subject), role=role)  # fmt: skip
        if child is not None:
            await made.do("AddSubject", "social-care-manager", caseId=made.case, child=child)
        by = by or "social-care-intake"
        started = await made.do("StartPathway", by, caseId=made.case, pathway=pathway, **entry)
        made.run, made.version = started["run"]["id"], started["run"]["version"]
        return made


async def sign_as_another(play: Play, sign_off: str, role: str = "social-care-manager") -> None:
    """Whoever is the social worker joins the case in another role too, and signs what a colleague in it has done."""
    subject = play.cast["social-worker"]
    await play.do("AssignPractitioner", role, caseId=play.case, personId=await play.person(subject), role=role)
    answer = await play.door.person(subject).mutate(
        "SignOffPathway", runId=play.run, version=play.version, signOff=sign_off
    )
    assert answer["__typename"] == "PathwayRunPayload", answer
    play.version = answer["run"]["version"]


async def limits(play: Play) -> dict[str, tuple[str, str, str | None]]:
    """Force, state and last day of each clock of the case."""
    shown = (await play.who("social-care-manager").run(CLOCK_IDS, id=play.case))["case"]["clocks"]
    return {one["definition"]: (one["force"], one["state"], one["lastDay"]) for one in shown}


async def at(play: Play, pathway: str) -> Play:
    """The play as it goes on in another run of the case."""
    runs = (await play.who("social-care-manager").run(RUNS, id=play.case))["case"]["pathwayRuns"]
    (found,) = (one for one in runs if one["pathway"] == pathway)
    return replace(play, run=found["id"], version=found["version"])
