"""GraphiQL's page and all that it loads. Nothing comes from elsewhere: a hospital's network may let nothing else in.

The files in ``vendor`` are those of the npm packages graphiql 3.8.3, react 18.2.0 and react-dom 18.2.0 (MIT licence),
byte for byte, as Brotli packs them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import brotli
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from backend.kit.entity_tags import has_tag, tag_of
from backend.kit.fetching import fetched
from graphql_api.encoding import chosen, compress

POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self';"
    " script-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; font-src data:"
)
"""The page's content security policy. GraphiQL's editor writes styles into its elements."""
_HERE: Final = Path(__file__).parent
_TYPES: Final = {".js": "text/javascript", ".css": "text/css"}
_HEADERS: Final = {
    "Cache-Control": "public, max-age=300",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class File:
    """What the page loads: its bytes, as they are and where they are kept so as Brotli; media type and entity tag."""

    body: bytes
    brotli: bytes | None
    media_type: str
    etag: str


@cache
def page(folder: str) -> bytes:
    """The page. ``folder`` is the path under which its files are served."""
    return (_HERE / "page.html").read_text(encoding="utf-8").replace("{files}", folder).encode()


@cache
def files() -> Mapping[str, File]:
    """All that the page loads, by name."""
    found = {path.name: _file(path.name, path.read_bytes()) for path in _HERE.glob("console.*")}
    for path in (_HERE / "vendor").glob("*.br"):
        packed = path.read_bytes()
        found[path.stem] = _file(path.stem, brotli.decompress(packed), packed)
    return found


def _file(name: str, body: bytes, packed: bytes | None = None) -> File:
    return File(body, packed, _TYPES[Path(name).suffix], tag_of(body))


@cache
def _packed(name: str, encoding: str) -> bytes:
    file = files()[name]
    return file.brotli if encoding == "br" and file.brotli else compress(file.body, encoding)


def files_route(folder: str) -> HTTPRouteHandler:
    """The route handler of the page's files. They hold nothing of any partnership, so anybody may read them."""

    @fetched(f"{folder}/{{name:str}}", sync_to_thread=True)
    def console_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        file = files().get(name)
        if file is None:
            return Response(b"There is no such file.\n", status_code=404, media_type="text/plain", headers=_HEADERS)
        headers = _HEADERS | {"ETag": file.etag}
        if has_tag(request.headers.get("if-none-match", ""), file.etag):
            return Response(b"", status_code=304, headers=headers)
        encoding = chosen(request.headers.get("accept-encoding", ""))
        if encoding is None:
            return Response(file.body, media_type=file.media_type, headers=headers)
        packed = _packed(name, encoding)
        return Response(packed, media_type=file.media_type, headers=headers | {"Content-Encoding": encoding})

    return console_file
