"""The printed rota."""

import strawberry

from backend.cases import service as cases
from backend.identity.policies import Permission
from graphql_api.context import Info
from graphql_api.scalars import Instant
from notifications.printed_rotas import repository, service


@strawberry.type(description="The current rotas, telephone numbers and ladders on paper, for when the network is down.")
class PrintedRota:
    version: int = strawberry.field(description="Printed on every page: a higher one replaces it.")
    issued_at: Instant
    valid_until: Instant = strawberry.field(description="Not to be used after this, whether or not a newer one came.")
    url: str = strawberry.field(description="Gives the PDF to whoever has it, for a minute.")
    url_expires_at: Instant


@strawberry.type
class PrintedRotaQueries:
    @strawberry.field(
        description="The latest printed rota; null before the first is made. It holds staff telephone numbers, so who"
        " fetched it is recorded."
    )
    async def printed_rota(self, info: Info) -> PrintedRota | None:
        caller = info.context.caller
        caller.require(Permission.VIEW_PRINTED_ROTAS)
        async with info.context.db() as session:
            latest = await repository.latest(session)
            if latest is None:
                return None
            # Committed before the answer leaves, link and all.
            await cases.log_access(session, caller.person_id, "printed_rota", latest.id, "download")
            link = await service.link(session, latest)
        return PrintedRota(
            version=latest.version, issued_at=Instant(latest.issued_at), valid_until=Instant(latest.valid_until),
            url=link.url, url_expires_at=Instant(link.expires_at),
        )  # fmt: skip
