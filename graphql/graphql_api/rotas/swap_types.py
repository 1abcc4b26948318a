"""Types of shift swaps."""

from enum import Enum

import strawberry

from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant
from notifications.rotas.materialisation import ends_of
from notifications.rotas.models import ShiftSwap as SwapRow
from notifications.rotas.models import SwapState as SwapStateValue

SwapState: type[Enum] = strawberry.enum(SwapStateValue, description="How far a swap has come.")


@strawberry.type(description="A request to take somebody's shift, and its answer.")
class ShiftSwap:
    id: strawberry.ID
    state: SwapState  # type: ignore[valid-type]
    begins: Instant = strawberry.field(description="When the shift asked for lay; the swap moves with the shift.")
    until: Instant
    return_begins: Instant | None = strawberry.field(description="The shift given in return, if any.")
    return_until: Instant | None
    asked_at: Instant
    expires_at: Instant = strawberry.field(description="Without an answer by then it has lapsed.")
    ended_at: Instant | None
    row: strawberry.Private[SwapRow]

    @strawberry.field(description="Whose shift it is.")
    def asker(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.asker_id)

    @strawberry.field(description="Who is asked to take it.")
    def other(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.other_id)

    @classmethod
    def of(cls, row: SwapRow) -> "ShiftSwap":
        begins, until = ends_of(row.during)
        back = ends_of(row.return_during) if row.return_during else None
        return cls(
            id=strawberry.ID(encode("ShiftSwap", row.id)), state=SwapStateValue(row.state), begins=Instant(begins),
            until=Instant(until), return_begins=Instant(back[0]) if back else None,
            return_until=Instant(back[1]) if back else None, asked_at=Instant(row.asked_at),
            expires_at=Instant(row.expires_at), ended_at=Instant(row.ended_at) if row.ended_at else None, row=row,
        )  # fmt: skip
