"""What an edition would do: its drawing, its table of clocks, and what would be due when."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Final

import strawberry
from strawberry.scalars import JSON

from backend.clocks.situation import Fact
from backend.kit.problems import FieldError, Invalid
from backend.pathways.definitions import clock_table, simulation
from backend.pathways.definitions.drawing.graph import graph
from backend.pathways.definitions.drawing.mermaid import mermaid
from backend.pathways.definitions.drawing.svg import svg
from backend.pathways.definitions.effective import Effective
from graphql_api.context import Info
from graphql_api.scalars import Instant
from tenants.calendars import repository as calendars
from tenants.partnerships import repository as partnerships

_MOST_STARTS: Final = 100


@strawberry.enum(name="PathwayDrawingFormat", description="SVG for people, Mermaid for documents that draw it.")
class DrawingFormat(Enum):
    SVG = "svg"
    MERMAID = "mermaid"


@strawberry.type(description="One limit of one clock, as a board signs it.")
class PathwayClockRow:
    start_event: str
    value: str = strawberry.field(description="Empty where the source has words alone and the partnership no figure.")
    unit: str = strawberry.field(description="hours, calendar_days, working_days, weeks, months or years, or empty.")
    direction: str = strawberry.field(description="after or before the start.")
    recurring: str = strawberry.field(description="yes or no.")
    action: str
    role: str
    force: str = strawberry.field(description="must, should, will or may.")
    citation: str
    origin: str = strawberry.field(description="baseline or local.")
    confidence: str = strawberry.field(description="stated or inferred.")


@strawberry.type(description="One clock for one start: when it would be due, or why it has no date.")
class PathwayOutcome:
    clock: str
    action: str
    role: str
    kind: str
    force: str
    citation: str
    started_at: Instant | None
    due_at: Instant | None
    last_day: date | None = strawberry.field(description="Of a limit in whole days, which ends with it.")
    effect: str
    why_not: str | None = strawberry.field(description="Why it has no date, and what to set or record for one.")
    working: list[str] = strawberry.field(description="How the date was worked out, step by step.")

    @classmethod
    def of(cls, one: simulation.Outcome) -> "PathwayOutcome":
        return cls(
            clock=one.clock, action=one.action, role=one.role, kind=one.kind, force=one.force, citation=one.citation,
            started_at=Instant(one.started_at) if one.started_at else None,
            due_at=Instant(one.due_at) if one.due_at else None,
            last_day=date.fromisoformat(one.last_day) if one.last_day else None, effect=one.effect,
            why_not=one.why_not or None, working=list(one.trace),
        )  # fmt: skip


@strawberry.input(description="An event that would have happened. Give one twice where it happened twice.")
class PathwayStartInput:
    event: str = strawberry.field(description="Its code, such as referral-received.")
    at: Instant = strawberry.field(description="When it would have happened.")


@strawberry.input(description="Something that would be known.")
class PathwayFactInput:
    name: str = strawberry.field(description="Code of a piece of information that the pathway asks for.")
    value: JSON = strawberry.field(description="true, false, a whole number or a word.")


Starts = Annotated[list[PathwayStartInput], strawberry.argument(description="What happened when; at least one.")]
Facts = Annotated[list[PathwayFactInput] | None, strawberry.argument(description="What is known.")]
AskedAt = Annotated[
    Instant | None, strawberry.argument(description="When the question is asked; by default at the latest start.")
]


def drawing(one: Effective, style: DrawingFormat) -> str | None:
    """The stages and their clocks; None for what has no stages."""
    drawn = graph(one)
    if not drawn.boxes:
        return None
    return svg(drawn) if style is DrawingFormat.SVG else mermaid(drawn)


def table(one: Effective) -> list[PathwayClockRow]:
    """The effective table of clocks."""
    return [
        PathwayClockRow(
            start_event=row.start_event, value=row.value, unit=row.unit, direction=row.direction,
            recurring=row.recurring, action=row.action, role=row.role, force=row.force, citation=row.citation,
            origin=row.origin, confidence=row.confidence,
        )
        for row in clock_table.rows([one])
    ]  # fmt: skip


async def simulated(
    info: Info, one: Effective, starts: Sequence[PathwayStartInput], facts: Sequence[PathwayFactInput],
    asked_at: datetime | None,
) -> list[PathwayOutcome]:  # fmt: skip
    """What would be due when, in the partnership's calendar. Raises ``Invalid``."""
    events = _events(one, starts)
    known = _facts(one, facts)
    async with info.context.db() as session:
        zone = (await partnerships.own(session)).zone
        practice = simulation.Practice(*await calendars.practice(session, zone))
    latest = max(at for moments in events.values() for at in moments)
    return [PathwayOutcome.of(each) for each in simulation.simulate(one, practice, events, known, asked_at or latest)]


def _events(one: Effective, starts: Sequence[PathwayStartInput]) -> dict[str, tuple[datetime, ...]]:
    if not 1 <= len(starts) <= _MOST_STARTS:
        raise Invalid([FieldError("starts", f"must be 1 to {_MOST_STARTS} events")])
    faults = [
        FieldError(f"starts.{number}.event", fault)
        for number, start in enumerate(starts)
        if (fault := simulation.unknown_event(one, start.event))
    ]
    if faults:
        raise Invalid(faults)
    events: dict[str, tuple[datetime, ...]] = {}
    for start in starts:
        events[start.event] = (*events.get(start.event, ()), start.at)
    return events


def _facts(one: Effective, facts: Sequence[PathwayFactInput]) -> dict[str, Fact]:
    faults: list[FieldError] = []
    known: dict[str, Fact] = {}
    for number, fact in enumerate(facts):
        if fault := simulation.unknown_fact(one, fact.name):
            faults.append(FieldError(f"facts.{number}.name", fault))
        elif not isinstance(fact.value, bool | int | str):
            faults.append(FieldError(f"facts.{number}.value", "must be true, false, a whole number or a word"))
        else:
            known[fact.name] = fact.value
    if faults:
        raise Invalid(faults)
    return known
