"""A case whose clocks are worked out from whatever a test says has happened."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from backend.cases import service as cases
from backend.clocks import repository
from backend.clocks.firing import fire
from backend.clocks.models import Clock, ClockChange, ClockNotice
from backend.clocks.recomputing import CLOCK_TIMER
from backend.clocks.recording import EVENT, Cause
from backend.clocks.rules import Rule, parse_rule
from backend.clocks.service import Scope, recompute
from backend.clocks.situations import situation_of
from backend.kit.ids import uuid7
from backend.kit.tasks import take
from support.partnership import Partnership


def rule(clock_id: str = "conference", **given: Any) -> Rule:
    """Fifteen working days from the last strategy discussion, warned of two working days ahead."""
    common: dict[str, Any] = {
        "id": clock_id, "action": "Hold the conference", "role": "sio", "force": "must",
        "citation": "Working Together 2005 ¶4.67", "start": {"event": "discussed", "of": "last"},
        "limit": {"value": 15, "unit": "working_days"}, "met_by": "held",
        "warn_before": [{"value": 2, "unit": "working_days"}],
    }  # fmt: skip
    return parse_rule({name: value for name, value in {**common, **given}.items() if value is not None})


@dataclass
class ClockCase:
    """``events`` is what is recorded, by code; ``rules`` are worked out anew by ``wind``."""

    partnership: Partnership
    case_id: UUID
    rules: Sequence[Rule]
    events: dict[str, tuple[datetime, ...]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def opened(cls, partnership: Partnership, *rules: Rule) -> Self:
        owner = await partnership.member("sio")
        async with partnership.session() as session:
            made = await cases.open_case(session, "of-a-test", None, uuid7(), owner_id=owner.person_id)
            await session.commit()
        return cls(partnership, made.id, rules)

    async def wind(self, cause: Cause = EVENT) -> list[Clock]:
        """Work the clocks out and commit."""
        async with self.partnership.session() as session:
            situation = replace(await situation_of(session, self.rules), events=self.events, facts=self.facts)
            scope = Scope(self.case_id, "of-a-test", "Test edition")
            rows = await recompute(session, scope, self.rules, situation, cause)
            await session.commit()
        return rows

    async def record(self, event: str, *at: datetime, cause: Cause = EVENT) -> list[Clock]:
        """Make ``at`` all the instants of an event, and wind."""
        self.events[event] = at
        return await self.wind(cause)

    async def clocks(self) -> list[Clock]:
        """In the order in which they began to be kept."""
        async with self.partnership.session() as session:
            found = (await repository.of_cases(session, [self.case_id])).get(self.case_id, [])
        return sorted(found, key=lambda row: row.id)

    async def clock(self) -> Clock:
        (found,) = await self.clocks()
        return found

    async def changes(self, clock: Clock) -> list[ClockChange]:
        async with self.partnership.session() as session:
            return (await repository.changes_of(session, [clock.id]))[clock.id]

    async def notices(self) -> list[ClockNotice]:
        """All that was told, first to last."""
        ids = [row.id for row in await self.clocks()]
        async with self.partnership.session() as session:
            found = await session.scalars(
                select(ClockNotice).where(col(ClockNotice.clock_id).in_(ids)).order_by(col(ClockNotice.told_at))
            )
            return list(found)

    async def timers(self) -> list[datetime]:
        """When the timers of the case's clocks are set for."""
        ids = [row.id for row in await self.clocks()]
        query = text("SELECT due_at FROM routing.task WHERE actor = :actor AND subject_id = ANY(:ids) ORDER BY due_at")
        async with self.partnership.session() as session:
            return list(await session.scalars(query, {"actor": CLOCK_TIMER.name, "ids": ids}))

    async def fire_due(self) -> None:
        """Serve the timers that are due, as a worker would, until none is."""
        query = text(
            "SELECT id FROM routing.task WHERE actor = :actor AND tenant_id = :tenant AND due_at <= app.now() LIMIT 1"
        )
        while True:
            async with self.partnership.session() as session:
                known = {"actor": CLOCK_TIMER.name, "tenant": self.partnership.id}
                task_id = await session.scalar(query, known)
                clock_id = await take(session, task_id) if task_id else None
                if clock_id is None:
                    return
                await fire(session, clock_id)
                await session.commit()
