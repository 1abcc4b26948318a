"""The agenda of a meeting with what is minuted, and the steps it took."""

from enum import Enum

import strawberry

from backend.clocks.limits import Force as ForceValue
from backend.meetings.models import ItemState as ItemStateValue
from backend.meetings.models import MeetingItem as ItemRow
from backend.meetings.models import MeetingOutcome as OutcomeRow
from backend.meetings.models import MeetingStep as StepRow
from backend.meetings.models import StepKind as StepKindValue
from graphql_api.clocks.types import Force
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant

ItemState: type[Enum] = strawberry.enum(
    ItemStateValue, name="MeetingItemState",
    description="OPEN until something is minuted. NOTHING_FOUND says what was looked for and not found.",
)  # fmt: skip
StepKind: type[Enum] = strawberry.enum(StepKindValue, name="MeetingStepKind", description="What became of a meeting.")


@strawberry.type(description="An item of the agenda.")
class MeetingItem:
    id: strawberry.ID
    number: int
    text: str
    force: Force | None  # type: ignore[valid-type]
    never_empty: bool = strawberry.field(description="It is minuted even when there is nothing to say.")
    citation: str | None
    added: bool = strawberry.field(description="It was added to what the definition gives.")
    state: ItemState  # type: ignore[valid-type]
    outcome: str | None = strawberry.field(description="What is minuted of it.")
    minuted_at: Instant | None

    @classmethod
    def of(cls, row: ItemRow, outcome: OutcomeRow | None) -> "MeetingItem":
        return cls(
            id=strawberry.ID(encode("MeetingItem", row.id)), number=row.number, text=row.text,
            force=ForceValue(row.force) if row.force else None, never_empty=row.never_empty, citation=row.citation,
            added=row.added_by is not None, state=ItemStateValue(outcome.state if outcome else ItemStateValue.OPEN),
            outcome=outcome.text if outcome else None, minuted_at=Instant(outcome.recorded_at) if outcome else None,
        )  # fmt: skip


@strawberry.type(description="One step of a meeting.")
class MeetingStep:
    kind: StepKind  # type: ignore[valid-type]
    planned_at: Instant = strawberry.field(description="For when it was planned from then on.")
    reason: str | None
    notices: int = strawberry.field(description="How many messages told those who were asked.")
    taken_at: Instant
    row: strawberry.Private[StepRow]

    @strawberry.field(description="Who took it.")
    def taken_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.taken_by)

    @classmethod
    def of(cls, row: StepRow) -> "MeetingStep":
        return cls(kind=StepKindValue(row.kind), planned_at=Instant(row.planned_at), reason=row.reason,
                   notices=row.notices, taken_at=Instant(row.taken_at), row=row)  # fmt: skip
