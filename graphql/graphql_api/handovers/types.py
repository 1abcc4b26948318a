"""The hand-over of a turn on call."""

from datetime import datetime
from enum import Enum

import strawberry

from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.nodes import Node
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant
from notifications.handovers.models import Handover as Row
from notifications.handovers.models import HandoverAlert as ListedRow
from notifications.handovers.models import HandoverState as HandoverStateValue

_DEVICE_AT = "When the phone says that it was signed; null unless it was signed offline."

HandoverState: type[Enum] = strawberry.enum(
    HandoverStateValue, description="Waiting for somebody to take over, open for signing, signed by both, or void."
)


@strawberry.type(description="An alert's slot that was open at the hand-over: ids alone, nothing of the case.")
class HandoverAlert:
    alert_id: strawberry.ID
    slot_id: strawberry.ID
    state: str = strawberry.field(description="The slot's state when it was listed.")
    listed_at: Instant
    row: strawberry.Private[ListedRow]

    @strawberry.field(description="What the alert's messages quote, such as 7F3K-2Q9D.")
    async def reference(self, info: Info) -> str | None:
        return await info.context.loaders.reference_of_alert.load(self.row.alert_id)

    @classmethod
    def of(cls, row: ListedRow) -> "HandoverAlert":
        return cls(
            alert_id=strawberry.ID(encode("Alert", row.alert_id)),
            slot_id=strawberry.ID(encode("AlertSlot", row.slot_id)), state=row.state,
            listed_at=Instant(row.listed_at), row=row,
        )  # fmt: skip


@strawberry.type(description="What one person on call leaves to the next. Never changed once both have signed.")
class Handover(Node):
    id: strawberry.ID
    role: str
    position: int = strawberry.field(description="1 is first on call, 2 second, and so on.")
    at: Instant = strawberry.field(description="When the turn passes.")
    state: HandoverState  # type: ignore[valid-type]
    note: str | None = strawberry.field(description="The outgoing person's own words.")
    written_at: Instant | None
    outgoing_signed_at: Instant | None
    incoming_signed_at: Instant | None
    outgoing_device_at: Instant | None = strawberry.field(description=_DEVICE_AT)
    incoming_device_at: Instant | None = strawberry.field(description=_DEVICE_AT)
    row: strawberry.Private[Row]

    @strawberry.field(description="Who hands over.")
    def outgoing(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.outgoing_id)

    @strawberry.field(description="Who takes over; null while nobody has.")
    def incoming(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.incoming_id)

    @strawberry.field(description="Slots of the role that were open when the turn passed, the newest alert first.")
    async def open_alerts(self, info: Info) -> list[HandoverAlert]:
        return [HandoverAlert.of(row) for row in await info.context.loaders.alerts_of_handover.load(self.row.id)]

    @classmethod
    def of(cls, row: Row) -> "Handover":
        return cls(
            id=strawberry.ID(encode("Handover", row.id)), role=row.role, position=row.position, at=Instant(row.at),
            state=HandoverStateValue(row.state), note=row.note, written_at=_at(row.written_at),
            outgoing_signed_at=_at(row.outgoing_signed_at), incoming_signed_at=_at(row.incoming_signed_at),
            outgoing_device_at=_at(row.outgoing_device_at), incoming_device_at=_at(row.incoming_device_at), row=row,
        )  # fmt: skip


def _at(instant: datetime | None) -> Instant | None:
    return Instant(instant) if instant else None
