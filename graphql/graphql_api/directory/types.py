"""An entry of the directory: a fixed contact, an out-of-hours desk or another system."""

from typing import Any

import strawberry
from pydantic import TypeAdapter

from backend.identity.policies import Permission
from graphql_api.alerts.types import Channel
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.types import Area
from graphql_api.policies.types import Hours
from graphql_api.scalars import Instant
from notifications.ladders.hours import Hours as HoursValue
from tenants.contacts.models import Channel as ChannelValue
from tenants.contacts.models import DirectoryEntry as EntryRow

_HOURS: TypeAdapter[tuple[HoursValue, ...]] = TypeAdapter(tuple[HoursValue, ...])


@strawberry.type(description="A post, a desk or another system, reached without a rota.")
class DirectoryEntry:
    id: strawberry.ID
    code: str = strawberry.field(description="What alert policies name it by. It stays as it is.")
    role: str = strawberry.field(description="What it answers for, such as childrens_social_care.")
    name: str
    channel: Channel  # type: ignore[valid-type]
    created_at: Instant
    retired_at: Instant | None = strawberry.field(description="Since when it is never used any more.")
    previous_secret_until: Instant | None = strawberry.field(
        description="Of a webhook: until when messages are signed with the secret before this one too."
    )
    row: strawberry.Private[EntryRow]

    @strawberry.field(
        description="The number or address. Of a webhook, null unless you manage the directory in person."
    )
    def address(self, info: Info) -> str | None:
        secret = self.row.channel == ChannelValue.WEBHOOK
        caller = info.context.caller
        shown = not secret or (caller.may(Permission.MANAGE_DIRECTORY) and not caller.is_application)
        return self.row.address if shown else None

    @strawberry.field(description="Where it serves; null: in all areas.")
    async def area(self, info: Info) -> Area | None:
        found = await info.context.loaders.area.load(self.row.area_id) if self.row.area_id else None
        return Area.of(found) if found else None

    @strawberry.field(description="When it is there, by the partnership's clocks; none: always.")
    def hours(self) -> list[Hours]:
        return [Hours.of(hours) for hours in _HOURS.validate_python(self.row.hours)]

    @classmethod
    def of(cls, row: EntryRow) -> "DirectoryEntry":
        return cls(
            id=strawberry.ID(encode("DirectoryEntry", row.id)), code=row.code, role=row.role, name=row.name,
            channel=ChannelValue(row.channel), created_at=Instant(row.created_at),
            retired_at=_instant(row.retired_at), previous_secret_until=_instant(row.previous_secret_until), row=row,
        )  # fmt: skip


def _instant(value: Any) -> Instant | None:
    return Instant(value) if value is not None else None
