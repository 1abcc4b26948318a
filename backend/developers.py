"""The door to the pages for developers of other systems. They hold nothing of any partnership, so anybody may read."""

import asyncio
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

from litestar import Request, Response
from litestar.params import FromPath

from backend.kit.entity_tags import has_tag
from backend.kit.fetching import fetched
from backend.kit.operations import EDITIONS, OPERATIONS
from backend.kit.settings import settings
from graphql_api.encoding import kept
from graphql_api.portal.guides import MISSING
from graphql_api.portal.layout import POLICY
from graphql_api.portal.pages import HTML, Page, pages
from graphql_api.schema import schema

_making: Final = Lock()
_HEADERS: Final = {
    "Cache-Control": "public, max-age=300",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


@fetched(["/developers", "/developers/{path:path}"])
async def developers(request: Request[Any, Any, Any], path: FromPath[str] = "") -> Response[bytes]:
    """A page, 304 where the reader has it already, or 404."""
    configured = settings()
    # Made by whoever asks first: a process that nobody reads them in starts without.
    folders = configured.operations_folder or OPERATIONS, configured.changelog_folder or EDITIONS
    found = await asyncio.to_thread(_made, configured.app_url.rstrip("/"), configured.oidc_issuer, *folders)
    page = found.get(path.strip("/"))
    if page is None:
        return Response(MISSING.encode(), status_code=404, media_type=HTML, headers=_HEADERS)
    headers = {**_HEADERS, "ETag": page.etag}
    if has_tag(request.headers.get("if-none-match", ""), page.etag):
        return Response(b"", status_code=304, headers=headers)
    body, encoding = await kept(page.body, request.headers.get("accept-encoding", ""))
    return Response(
        body, headers=headers | ({"Content-Encoding": encoding} if encoding else {}), media_type=page.media_type
    )


def _made(url: str, issuer: str, operations: Path, editions: Path) -> dict[str, Page]:
    with _making:  # many may ask first at once
        return _pages(url, issuer, operations, editions)


@lru_cache(maxsize=2)
def _pages(url: str, issuer: str, operations: Path, editions: Path) -> dict[str, Page]:
    return dict(pages(schema.core, url, issuer, operations, editions if editions.is_dir() else None))
