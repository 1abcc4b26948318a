"""The timeline: what was recorded of a case, in the order in which it was recorded."""

from typing import Any
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from graphql_api.context import Info
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant


@strawberry.type(description="Something that happened on a case.")
class TimelineEntry:
    kind: str
    occurred_at: Instant
    recorded_at: Instant
    detail: JSON = strawberry.field(description="Codes and instants; never a child's details.")
    actor_id: strawberry.Private[UUID | None]

    @strawberry.field(description="Who did it; null for the system.")
    def actor(self, info: Info) -> Person | None:
        return person_by_id(info, self.actor_id)

    @classmethod
    def of(cls, row: Any) -> "TimelineEntry":  # a row of a union of two tables
        return cls(
            kind=row.kind, occurred_at=Instant(row.occurred_at), recorded_at=Instant(row.at), detail=JSON(row.detail),
            actor_id=row.actor_id,
        )  # fmt: skip
