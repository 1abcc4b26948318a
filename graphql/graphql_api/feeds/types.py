"""The calendar feed."""

from uuid import UUID

import strawberry

from graphql_api.context import Info
from graphql_api.coverage.types import rota_of
from graphql_api.ids import encode
from graphql_api.rotas.types import Rota
from graphql_api.scalars import Instant
from notifications.feeds.models import CalendarFeed as FeedRow


@strawberry.type(description="An address of your own that a calendar program subscribes to.")
class CalendarFeed:
    id: strawberry.ID
    created_at: Instant
    revoked_at: Instant | None = strawberry.field(description="From then on its address gives nothing.")
    last_read_at: Instant | None = strawberry.field(description="To the hour. Revoke what is not read any more.")
    rota_id: strawberry.Private[UUID | None]

    @strawberry.field(description="Whose turns it shows; null for your own on every rota.")
    async def rota(self, info: Info) -> Rota | None:
        return await rota_of(info, self.rota_id)

    @classmethod
    def of(cls, row: FeedRow) -> "CalendarFeed":
        return cls(
            id=strawberry.ID(encode("CalendarFeed", row.id)), created_at=Instant(row.created_at),
            revoked_at=Instant(row.revoked_at) if row.revoked_at else None,
            last_read_at=Instant(row.last_read_at) if row.last_read_at else None, rota_id=row.rota_id,
        )  # fmt: skip
