"""Which entries of a chronology are wanted."""

import strawberry

from backend.cases.chronology.repository import Narrowed
from backend.kit.problems import FieldError, Invalid
from graphql_api.connections import plain
from graphql_api.ids import decode_as
from graphql_api.scalars import Instant

_MOST_KINDS = 50


@strawberry.input(description="Which entries of a chronology. What is left out narrows nothing.")
class ChronologyFilterInput:
    kinds: list[str] | None = strawberry.field(
        default=None, description="Kinds such as visit or child_death.reported; up to 50."
    )
    child_id: strawberry.ID | None = strawberry.field(default=None, description="Only what concerns this child.")
    actor_id: strawberry.ID | None = strawberry.field(default=None, description="Only what this person did.")
    since: Instant | None = strawberry.field(default=None, description="Only what happened then or later.")
    until: Instant | None = strawberry.field(default=None, description="Only what happened before.")
    by_hand: bool | None = strawberry.field(
        default=None, description="Only what was entered by hand, or only the rest."
    )

    def narrowed(self) -> Narrowed:
        """For a query. Raises ``Invalid`` for an id that is none, or too many kinds."""
        kinds = tuple(plain("filter.kinds", kind) for kind in self.kinds or ())
        child = decode_as("Child", self.child_id) if self.child_id is not None else None
        actor = decode_as("Person", self.actor_id) if self.actor_id is not None else None
        faults = [
            FieldError(field, "is not the id of such a thing")
            for field, given, found in (
                ("filter.childId", self.child_id, child), ("filter.actorId", self.actor_id, actor),
            )
            if given is not None and found is None
        ]  # fmt: skip
        if len(kinds) > _MOST_KINDS:
            faults.append(FieldError("filter.kinds", f"must be at most {_MOST_KINDS}"))
        if faults:
            raise Invalid(faults)
        return Narrowed(kinds, child, actor, self.since, self.until, self.by_hand)
