"""The API's contract over HTTP, for members' tools: fetched again only when it has changed."""

from functools import lru_cache
from typing import Any, Final

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler

from backend.kit.entity_tags import has_tag
from backend.kit.fetching import fetched
from backend.kit.problems import Unauthenticated
from graphql_api.context import Entrance
from graphql_api.document_store import digest
from graphql_api.encoding import kept
from graphql_api.execution import ExecutableSchema

_NO_TOKEN: Final = b"Send an access token: Authorization: Bearer ...\n"
_CACHING: Final = "private, max-age=300, must-revalidate"


def contract_route(schema: ExecutableSchema, entrance: Entrance, *, path: str = "/schema.graphql") -> HTTPRouteHandler:
    """The route handler. Whoever has a token of the issuer is answered; it tells nothing of any partnership."""

    @lru_cache(maxsize=1)
    def contract() -> tuple[bytes, str]:
        text = f"{schema}\n"
        return text.encode(), f'"{digest(text)}"'

    @fetched(path)
    async def published(request: Request[Any, Any, Any]) -> Response[bytes]:
        headers = {"Vary": "Accept-Encoding, Authorization", "X-Content-Type-Options": "nosniff"}
        try:
            await entrance.identify(request.headers.get("authorization", ""))
        except Unauthenticated:
            refused = {**headers, "WWW-Authenticate": "Bearer", "Cache-Control": "no-store"}
            return Response(_NO_TOKEN, status_code=401, headers=refused, media_type="text/plain")
        body, etag = contract()
        headers |= {"ETag": etag, "Cache-Control": _CACHING}
        if has_tag(request.headers.get("if-none-match", ""), etag):
            return Response(b"", status_code=304, headers=headers, media_type="application/graphql")
        body, encoding = await kept(body, request.headers.get("accept-encoding", ""))
        headers |= {"Content-Encoding": encoding} if encoding else {}
        return Response(body, headers=headers, media_type="application/graphql; charset=utf-8")

    return published
