"""The chronology: everything recorded of a case by when it occurred, with what practitioners entered by hand."""

from enum import Enum
from typing import Any
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from backend.cases.chronology.dates import Occurred, written
from backend.cases.chronology.dates import Precision as PrecisionValue
from backend.cases.chronology.models import ChronologyEntry as EntryRow
from backend.cases.chronology.models import EventKind as EventKindValue
from graphql_api.cases.children import Child
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant

Precision: type[Enum] = strawberry.enum(
    PrecisionValue, name="DatePrecision", description="How exactly the time of an event is known."
)
EventKind: type[Enum] = strawberry.enum(
    EventKindValue, name="SignificantEventKind", description="What kind of significant event."
)


@strawberry.type(description="A significant event that a practitioner entered. Never changed; corrected by another.")
class ChronologyEntry:
    id: strawberry.ID
    kind: EventKind  # type: ignore[valid-type]
    occurred: str = strawberry.field(description="As exactly as it is known: a day, a month, a season or a year.")
    occurred_at: Instant = strawberry.field(description="Its first moment, by which the chronology is ordered.")
    precision: Precision  # type: ignore[valid-type]
    title: str
    text: str
    source: str | None = strawberry.field(description="Where it is known from.")
    corrects_id: strawberry.ID | None = strawberry.field(description="The entry in whose place this one stands.")
    recorded_at: Instant
    row: strawberry.Private[EntryRow]

    @strawberry.field(description="The entry that stands in this one's place, if it was corrected.")
    async def corrected_by_id(self, info: Info) -> strawberry.ID | None:
        found = await info.context.loaders.correction_of_entry.load(self.row.id)
        return strawberry.ID(encode("ChronologyEntry", found.id)) if found else None

    @strawberry.field(description="The child it is about; null for all of them.")
    async def child(self, info: Info) -> Child | None:
        found = await info.context.loaders.child.load(self.row.child_id) if self.row.child_id else None
        return Child.of(found) if found else None

    @strawberry.field(description="Who entered it.")
    def recorded_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.recorded_by)

    @classmethod
    def of(cls, row: EntryRow, zone: str) -> "ChronologyEntry":
        precision = PrecisionValue(row.precision)
        return cls(
            id=strawberry.ID(encode("ChronologyEntry", row.id)), kind=EventKindValue(row.kind),
            occurred=written(Occurred(row.occurred_at, precision), zone), occurred_at=Instant(row.occurred_at),
            precision=precision, title=row.title, text=row.text, source=row.source,
            corrects_id=strawberry.ID(encode("ChronologyEntry", row.corrects_id)) if row.corrects_id else None,
            recorded_at=Instant(row.recorded_at), row=row,
        )  # fmt: skip


@strawberry.type(description="One thing that happened, whoever or whatever recorded it.")
class ChronologyItem:
    kind: str = strawberry.field(description="Such as child_death.reported or, entered by hand, visit.")
    occurred_at: Instant
    recorded_at: Instant
    precision: Precision  # type: ignore[valid-type]
    by_hand: bool = strawberry.field(description="A practitioner entered it as a significant event.")
    detail: JSON | None = strawberry.field(description="Codes and instants of what was not entered by hand.")
    key: strawberry.Private[UUID]
    actor_id: strawberry.Private[UUID | None]

    @strawberry.field(description="Who did or entered it; null for the system.")
    def actor(self, info: Info) -> Person | None:
        return person_by_id(info, self.actor_id)

    @strawberry.field(description="The significant event, where it is one.")
    async def entry(self, info: Info) -> ChronologyEntry | None:
        found = await info.context.loaders.chronology_entry.load(self.key) if self.by_hand else None
        return ChronologyEntry.of(found, info.context.partnership.zone) if found else None

    @classmethod
    def of(cls, row: Any) -> "ChronologyItem":  # a row of a union of three tables
        return cls(
            kind=row.kind, occurred_at=Instant(row.occurred_at), recorded_at=Instant(row.recorded_at),
            precision=PrecisionValue(row.precision), by_hand=row.by_hand,
            detail=JSON(row.detail) if row.detail is not None else None, key=row.id, actor_id=row.actor_id,
        )  # fmt: skip
