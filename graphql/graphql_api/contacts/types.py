"""A contact method, as its person sees it and as others do."""

from enum import Enum
from typing import Annotated

import strawberry

from graphql_api.alerts.types import Channel
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.problems import AnyProblem
from graphql_api.scalars import Instant
from notifications.deliveries.models import DeliveryState
from notifications.deliveries.repository import OUTSTANDING
from notifications.verifications.service import Standing
from tenants.contacts.models import Channel as ChannelValue
from tenants.contacts.models import ContactMethod as MethodRow
from tenants.contacts.models import DevicePlatform as PlatformValue

DevicePlatform: type[Enum] = strawberry.enum(
    PlatformValue, name="DevicePlatform", description="A push service: Firebase, Apple's, or a browser's own."
)


@strawberry.enum(description="How far a code has got on its way.")
class CodeState(Enum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


@strawberry.type(description="The code last asked for, while it is not confirmed. It is in the message alone.")
class ContactCode:
    state: CodeState
    expires_at: Instant | None = strawberry.field(description="Null until it is sent.")
    guesses_left: int = strawberry.field(description="At 0, ask for a new code.")

    @classmethod
    def of(cls, standing: Standing) -> "ContactCode":
        state = standing.notice
        shown = CodeState.SENT
        if state in OUTSTANDING:
            shown = CodeState.PENDING
        elif state in {DeliveryState.FAILED, DeliveryState.CANCELLED}:
            shown = CodeState.FAILED
        expires = Instant(standing.expires_at) if standing.expires_at else None
        return cls(state=shown, expires_at=expires, guesses_left=standing.guesses_left)


@strawberry.type(description="A number, address or device of a person.")
class ContactMethod:
    id: strawberry.ID
    channel: Channel  # type: ignore[valid-type]
    platform: DevicePlatform | None = strawberry.field(  # type: ignore[valid-type]
        description="Of a device: whose push service it listens to; null where it was never said, which means FCM."
    )
    address: str | None = strawberry.field(
        description="Null unless it is your own or your roles let you see other people's; their devices' always."
    )
    verified: bool = strawberry.field(description="Whether its person has confirmed a code sent to it.")
    verified_at: Instant | None
    retired_at: Instant | None = strawberry.field(description="Since when it is never used any more.")
    preference: int = strawberry.field(description="The lowest is used first among those of one channel.")
    row: strawberry.Private[MethodRow]
    mine: strawberry.Private[bool]

    @strawberry.field(description="The code last asked for; null when there is none to confirm, and to others.")
    async def code(self, info: Info) -> ContactCode | None:
        found = await info.context.loaders.code_of_method.load(self.row.id) if self.mine else None
        return ContactCode.of(found) if found else None

    @classmethod
    def of(cls, row: MethodRow, *, mine: bool = True, address: bool = True) -> "ContactMethod":
        return cls(
            id=strawberry.ID(encode("ContactMethod", row.id)), channel=ChannelValue(row.channel),
            platform=PlatformValue(row.platform) if row.platform else None,
            address=row.address if mine or (address and row.channel != ChannelValue.PUSH) else None,
            verified=row.verified_at is not None,
            verified_at=Instant(row.verified_at) if row.verified_at else None,
            retired_at=Instant(row.retired_at) if row.retired_at else None, preference=row.preference,
            row=row, mine=mine,
        )  # fmt: skip


@strawberry.type(description="The contact method as it is now.")
class ContactMethodPayload:
    contact_method: ContactMethod


ContactMethodResult = Annotated[
    ContactMethodPayload | AnyProblem,
    strawberry.union("ContactMethodResult", description="The contact method as it is now, or why it was refused."),
]


def payload_of(row: MethodRow, *, mine: bool = True) -> ContactMethodPayload:
    """The answer about a method of the caller's own, or of somebody else's."""
    return ContactMethodPayload(contact_method=ContactMethod.of(row, mine=mine, address=mine))
