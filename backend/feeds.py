"""The calendar feeds' door: an address that is its own key, for programs that cannot sign in.

Whatever does not open it, the answer is the same: nothing tells a wrong token from a revoked one, or from
one of a partnership or member that is suspended. The token is in the path, so nothing here may log it.
"""

from typing import Any, Final

from litestar import Request, Response
from litestar.params import FromPath
from sqlalchemy import select

from backend.identity import service as identity
from backend.identity.policies import Permission
from backend.kit.database import engine
from backend.kit.entity_tags import has_tag
from backend.kit.fetching import fetched
from backend.kit.session import open_session
from backend.kit.tables import table_of
from notifications.feeds import service
from notifications.feeds.tokens import tenant_of
from tenants.partnerships.models import Partnership, PartnershipState

_CLOSED: Final = b"There is no calendar here. Make a new feed in the Safeguard app.\n"
_HEADERS: Final = {
    # The program asks each time and is mostly told that nothing has changed.
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
}


@fetched("/feeds/{token:str}")
async def calendar_feed(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[bytes]:
    """The calendar that the token opens, 304 where the program has it already, or 404."""
    found = await _read(token.removesuffix(".ics"))
    if found is None:
        return Response(_CLOSED, status_code=404, headers={"Cache-Control": "no-store"}, media_type="text/plain")
    headers = {**_HEADERS, "ETag": found.etag}
    if has_tag(request.headers.get("if-none-match", ""), found.etag):
        return Response(b"", status_code=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="on-call.ics"'
    return Response(found.body, headers=headers, media_type="text/calendar")


async def _read(token: str) -> service.Feed | None:
    tenant_id = tenant_of(token)
    if tenant_id is None:
        return None
    partnerships = table_of(Partnership)
    async with engine().connect() as connection:
        state = await connection.scalar(select(partnerships.c.state).where(partnerships.c.id == tenant_id))
    if state != PartnershipState.ACTIVE:
        return None
    async with open_session(tenant_id) as session:
        feed = await service.opened(session, token)
        if feed is None or not await identity.person_may(session, feed.owner_id, Permission.VIEW_ROTAS):
            return None
        found = await service.read(session, feed)
        await session.commit()
    return found
