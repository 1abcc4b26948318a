"""The statutory clock."""

from datetime import date, datetime
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

import strawberry

from backend.clocks import repository as clock_rows
from backend.clocks.figures import limits_of
from backend.clocks.limits import Force as ForceValue
from backend.clocks.models import Change as ChangeValue
from backend.clocks.models import Clock as ClockRow
from backend.clocks.models import ClockChange as ChangeRow
from backend.clocks.models import ClockNotice as NoticeRow
from backend.clocks.models import ClockState as ClockStateValue
from backend.clocks.models import Step as StepValue
from backend.clocks.rules import Deadline, Expiry, Rule, stored_rule
from backend.clocks.timing import Effect as EffectValue
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant

if TYPE_CHECKING:
    from graphql_api.cases.types import Case

ClockState: type[Enum] = strawberry.enum(ClockStateValue, description="Whether the duty is owed, done or late.")
Force: type[Enum] = strawberry.enum(ForceValue, description="The modal verb that governs the time.")
ClockEffect: type[Enum] = strawberry.enum(
    EffectValue, name="ClockEffect", description="What it means that the limit has passed."
)
ClockChangeKind: type[Enum] = strawberry.enum(
    ChangeValue, name="ClockChangeKind", description="What happened to a clock."
)
ClockStep: type[Enum] = strawberry.enum(StepValue, name="ClockStep", description="What is told of a clock.")


@strawberry.type(description="A line of a clock's history. Lines are never changed.")
class ClockChange:
    at: Instant
    kind: ClockChangeKind  # type: ignore[valid-type]
    cause: str = strawberry.field(description="What led to it: event, correction, practice, extension, time, person.")
    reason: str | None
    authority: str | None = strawberry.field(description="Who agreed to an extension.")
    started_at: Instant
    due_at: Instant
    was_started_at: Instant | None = strawberry.field(description="When it had begun before the change.")
    was_due_at: Instant | None = strawberry.field(description="When it had been due before the change.")
    state: ClockState  # type: ignore[valid-type]
    trace: list[str] = strawberry.field(description="How the limit was worked out then, a sentence a step.")
    row: strawberry.Private[ChangeRow]

    @strawberry.field(description="Whose act it was; null for what happened by itself.")
    def by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.actor_id)

    @classmethod
    def of(cls, row: ChangeRow) -> "ClockChange":
        return cls(
            at=Instant(row.at), kind=ChangeValue(row.kind), cause=row.cause, reason=row.reason,
            authority=row.authority, started_at=Instant(row.started_at), due_at=Instant(row.due_at),
            was_started_at=_instant(row.was_started_at), was_due_at=_instant(row.was_due_at),
            state=ClockStateValue(row.state), trace=row.trace, row=row,
        )  # fmt: skip


@strawberry.type(description="That a warning, the day a limit is due, or its passing was told. Each is told once.")
class ClockNotice:
    step: ClockStep  # type: ignore[valid-type]
    at: Instant = strawberry.field(description="The moment that it was about.")
    told_at: Instant

    @classmethod
    def of(cls, row: NoticeRow) -> "ClockNotice":
        return cls(step=StepValue(row.step), at=Instant(row.at), told_at=Instant(row.told_at))


@strawberry.type(description="A duty with a time limit, and the authority for it.")
class Clock:
    id: strawberry.ID
    definition: str
    title: str
    state: ClockState  # type: ignore[valid-type]
    force: Force  # type: ignore[valid-type]
    citation: str
    owner_role: str
    start_event: str
    started_at: Instant
    due_at: Instant = strawberry.field(
        description="The first moment that is too late for days, the last that is in time for hours."
    )
    breached_at: Instant | None = strawberry.field(
        description="When it was found breached. It stays when the duty is done late or a correction lifts the breach."
    )
    met_at: Instant | None
    pathway: str = strawberry.field(description="The code of the pathway that it belongs to.")
    edition: str = strawberry.field(description="The edition of the definition that it was started by.")
    occurrence: int = strawberry.field(description="Numbers the clocks of one duty in a case, from 1.")
    effect: ClockEffect  # type: ignore[valid-type]
    yields_to: str | None = strawberry.field(
        description="The stronger clock that binds the same duty: that one is breached, this one only reminds."
    )
    last_day: date | None = strawberry.field(description="The last day of a limit in days: by the end of it.")
    provisional_until: Instant | None = strawberry.field(
        description="The latest it may be due, where its start is known only roughly, or the end of a range."
    )
    warns_at: list[Instant] = strawberry.field(description="When its owner is reminded ahead of it, earliest first.")
    first_started_at: Instant | None = strawberry.field(description="Its first start, where later ones moved it.")
    resets: int = strawberry.field(description="How often a later start has moved it.")
    extension: str | None = strawberry.field(
        description="possible, used or too_late where its source allows one longer time; null where it allows none."
    )
    trace: list[str] = strawberry.field(description="How the limit was worked out, a sentence a step.")
    missed_at: Instant | None = strawberry.field(description="When a softened limit passed; a reason is then wanted.")
    ended_at: Instant | None
    cancelled_because: str | None = strawberry.field(description="closed or withdrawn, for one that is cancelled.")
    reason: str | None = strawberry.field(description="Why it was late, as the people concerned say.")
    needs_reason: bool = strawberry.field(
        description="It was breached or missed, no correction has lifted that, and nobody has said why."
    )
    row: strawberry.Private[ClockRow]

    @cached_property
    def _rule(self) -> Rule:
        """Read only for the fields that are said by it: a list of what is due seldom asks for one."""
        return stored_rule(self.row.rule)

    @strawberry.field(description="baseline for the national figure, local for the partnership's own.")
    def origin(self) -> str:
        return self._rule.origin

    @strawberry.field(description="The limit in words, such as 12 hours; the source's word where it has no figure.")
    def limit(self) -> str:
        rule, limits = self._rule, limits_of(self._rule)
        if isinstance(rule, Expiry | Deadline) and rule.extension:
            limits = limits[:1]
        return rule.wording or " or ".join(str(limit) for limit in limits)

    @strawberry.field(description="True where no source prints what the time runs from.")
    def start_inferred(self) -> bool:
        return bool(self.row.rule.get("start", {}).get("unstated", False))

    @strawberry.field(description="The grounds on which its source lets it stand still.")
    def pause_grounds(self) -> list[str]:
        return [pause.reason for pause in self._rule.pauses] if isinstance(self._rule, Deadline) else []

    @strawberry.field(description="On what authority a national limit was loosened here.")
    def authority(self) -> str | None:
        return self._rule.authority

    @strawberry.field(description="Who recorded that it was done.")
    def met_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.met_by)

    @strawberry.field(description="The person who owns it, where one is named beside the role.")
    def owner(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.owner_id)

    @strawberry.field(description="Who gave the reason.")
    def reason_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.reason_by)

    @strawberry.field(description="Its history, first to last.")
    async def changes(self, info: Info) -> list[ClockChange]:
        return [ClockChange.of(row) for row in await info.context.loaders.changes_of_clock.load(self.row.id)]

    @strawberry.field(description="What has been told of it, first to last.")
    async def notices(self, info: Info) -> list[ClockNotice]:
        return [ClockNotice.of(row) for row in await info.context.loaders.notices_of_clock.load(self.row.id)]

    @strawberry.field(description="The case it runs on.")
    async def case(self, info: Info) -> Annotated["Case", strawberry.lazy("graphql_api.cases.types")] | None:
        from graphql_api.cases.types import case_by_id  # noqa: PLC0415  # a case has clocks, a clock a case

        return await case_by_id(info, self.row.case_id)

    @classmethod
    def of(cls, row: ClockRow) -> "Clock":
        return cls(
            id=strawberry.ID(encode("Clock", row.id)), definition=row.definition, title=row.title,
            state=ClockStateValue(row.state), force=ForceValue(row.force), citation=row.citation,
            owner_role=row.owner_role, start_event=row.start_event,
            started_at=Instant(row.started_at), due_at=Instant(row.due_at), breached_at=_instant(row.breached_at),
            met_at=_instant(row.met_at), pathway=row.pathway, edition=row.edition, occurrence=row.occurrence,
            effect=EffectValue(row.effect), yields_to=row.yields_to, last_day=row.last_day,
            provisional_until=_instant(row.provisional_until),
            warns_at=[Instant(datetime.fromisoformat(at)) for at in row.warn_at],
            first_started_at=_instant(row.first_started_at), resets=row.resets, extension=row.extension,
            trace=row.trace, missed_at=_instant(row.missed_at),
            ended_at=_instant(row.ended_at), cancelled_because=row.why.value if row.why else None,
            reason=row.reason,
            needs_reason=clock_rows.is_unexplained(row), row=row,
        )  # fmt: skip


def _instant(at: datetime | None) -> Instant | None:
    return Instant(at) if at is not None else None
