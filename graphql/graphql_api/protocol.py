"""Reads a GraphQL request from HTTP: headers, parameters and body, before any document.

Follows the GraphQL-over-HTTP specification. What is refused here is refused with a status of
its own whatever media type the client prefers.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeAlias

import msgspec
from litestar import Request
from litestar.exceptions import ClientException
from litestar.status_codes import HTTP_413_REQUEST_ENTITY_TOO_LARGE

from graphql_api.document_store import Document, DocumentStore, Operation, digest
from graphql_api.errors import BAD_REQUEST, HTTPProblem

JSON: Final = "application/json"
GRAPHQL_RESPONSE: Final = "application/graphql-response+json"
HTML: Final = "text/html"
MAX_BODY: Final = 2 * 1024 * 1024

HTTPRequest: TypeAlias = Request[Any, Any, Any]

_SANE_ID: Final = re.compile(r"[A-Za-z0-9_-]{32,64}")
_HASH: Final = re.compile(r"(?:sha256:)?([0-9A-Fa-f]{64})")


class Parameters(msgspec.Struct, rename="camel", frozen=True):
    """The parameters of a request, as typed JSON; anything else in it is ignored."""

    query: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None

    @property
    def text(self) -> str | None:
        """Return the document that was sent; a client that cannot leave it out beside an id sends an empty one."""
        return self.query or None

    def trusted_id(self) -> str | None:
        """Return the hash that names a trusted document, from either of its two places."""
        named: object = self.document_id
        if named is None and isinstance(persisted := (self.extensions or {}).get("persistedQuery"), Mapping):
            named = persisted.get("sha256Hash")
        if named is None:
            return None
        if not isinstance(named, str) or (match := _HASH.fullmatch(named)) is None:
            raise HTTPProblem(400, BAD_REQUEST, "A document id is 'sha256:' and 64 hexadecimal digits.")
        return match[1].lower()


@dataclass
class GraphQLCall:
    """One request while it is answered; `call_of` gives it to the context manager.

    `document` and `operation` are found when first asked for, so that a manager can turn away a
    caller it does not know before any work is done on the caller's document. Both raise what
    the client shall be told. `extensions` and `headers` are added to the answer.
    """

    correlation_id: str
    parameters: Parameters
    store: DocumentStore
    extensions: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def document(self) -> Document:
        """Return the document that was sent or named."""
        text, sha256 = self.parameters.text, self.parameters.trusted_id()
        if text is None:
            if sha256 is None:
                raise HTTPProblem(400, BAD_REQUEST, "Send a 'query' or a 'documentId'.")
            return self.store.trusted(sha256)
        if sha256 is not None and digest(text) != sha256:
            raise HTTPProblem(400, BAD_REQUEST, "The document id is not the hash of the query.")
        return self.store.ad_hoc(text)

    @cached_property
    def operation(self) -> Operation:
        """Return the operation that shall run."""
        return self.document.operation(self.parameters.operation_name)

    @cached_property
    def variables(self) -> dict[str, Any]:
        """Return the variables as they came, without defaults."""
        return self.parameters.variables or {}

    @cached_property
    def nodes(self) -> int:
        """Return the most nodes that this call can fetch."""
        return self.operation.nodes(self.variables)


def call_of(request: HTTPRequest) -> GraphQLCall:
    """Return the call that a request to a GraphQL route carries."""
    call: GraphQLCall = request.state.graphql_call
    return call


def correlation_id(request: HTTPRequest) -> str:
    """Return the caller's id if it is a plain token of 32 to 64 characters, else a new UUID."""
    given = request.headers.get("x-correlation-id", "")
    return given if _SANE_ID.fullmatch(given) else str(uuid.uuid4())


def accepted_media_type(request: HTTPRequest) -> str:
    """Return the media type to answer in; a client that does not care gets `application/json`."""
    chosen = request.accept.best_match([JSON, GRAPHQL_RESPONSE])
    if chosen is None:
        raise HTTPProblem(406, "NOT_ACCEPTABLE", f"Answers are given as {GRAPHQL_RESPONSE} or {JSON}.")
    return GRAPHQL_RESPONSE if chosen == GRAPHQL_RESPONSE else JSON


def wants_page(request: HTTPRequest) -> bool:
    """Return whether a person with a browser came, rather than a program with a query."""
    preferred = request.accept.best_match([JSON, GRAPHQL_RESPONSE, HTML])
    return request.method == "GET" and preferred == HTML and "query" not in request.query_params


async def read_parameters(request: HTTPRequest) -> Parameters:
    """Return the parameters of a GET or POST request, or raise `HTTPProblem`."""
    if request.method == "GET":
        return _from_query_string(request)
    if request.method != "POST":
        raise HTTPProblem(405, "METHOD_NOT_ALLOWED", "Use GET or POST.", {"Allow": "GET, POST"})
    media_type, options = request.content_type
    if media_type.lower() != JSON:
        raise HTTPProblem(415, "UNSUPPORTED_MEDIA_TYPE", f"Send the request as {JSON}.")
    if options.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise HTTPProblem(415, "UNSUPPORTED_MEDIA_TYPE", "Send the request in UTF-8.")
    try:
        body = await request.body()
    except ClientException as error:
        if error.status_code != HTTP_413_REQUEST_ENTITY_TOO_LARGE:
            raise
        message = f"A request body has at most {MAX_BODY // 1024} KB."
        raise HTTPProblem(413, "BODY_TOO_LARGE", message) from None
    if body.lstrip()[:1] == b"[":
        raise HTTPProblem(400, "BATCHING_NOT_SUPPORTED", "Send one operation in a request.")
    return _decoded(body)


def _decoded(body: bytes) -> Parameters:
    try:
        return msgspec.json.decode(body, type=Parameters)
    except msgspec.ValidationError as error:
        raise HTTPProblem(400, BAD_REQUEST, f"{error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise HTTPProblem(400, BAD_REQUEST, "The body is not a JSON object.") from None


def _from_query_string(request: HTTPRequest) -> Parameters:
    given: dict[str, object] = {}
    for name in ("query", "operationName", "documentId", "variables", "extensions"):
        values = request.query_params.getall(name, [])
        if len(values) > 1:
            raise HTTPProblem(400, BAD_REQUEST, f"Give '{name}' once.")
        if values:
            given[name] = values[0]
    try:
        for name in given.keys() & {"variables", "extensions"}:
            given[name] = msgspec.json.decode(str(given[name]))
        return msgspec.convert(given, Parameters)
    except msgspec.ValidationError as error:
        raise HTTPProblem(400, BAD_REQUEST, f"{error}.") from None
    except (msgspec.DecodeError, RecursionError):
        raise HTTPProblem(400, BAD_REQUEST, "'variables' and 'extensions' are JSON objects.") from None
