"""Every page for developers, made once for a schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from graphql import GraphQLSchema, build_schema
from graphql.utilities import print_schema

from backend.kit.entity_tags import tag_of
from graphql_api.portal import guides
from graphql_api.portal.changelog import changelog
from graphql_api.portal.documents import documents
from graphql_api.portal.phones import phones
from graphql_api.portal.reference import reference

HTML = "text/html"
TEXT = "text/plain"


@dataclass(frozen=True, slots=True)
class Page:
    """What is served: its bytes, their media type, and the entity tag that they have."""

    body: bytes
    media_type: str
    etag: str


def pages(schema: GraphQLSchema, url: str, issuer: str, operations: Path, editions: Path | None) -> Mapping[str, Page]:
    """Every page, by its path under ``/developers/``.

    ``url`` is the service's own address, ``issuer`` where people sign in; ``operations`` the folder of trusted
    documents, ``editions`` that of published schemas, each named by its day.
    """
    published = sorted(editions.glob("*.graphql")) if editions else []
    before = {path.stem: build_schema(path.read_text()) for path in published}
    made = {
        "": guides.start(url), "phones": phones(url, issuer), "webhooks": guides.webhooks(),
        "errors": guides.errors(schema), "limits": guides.limits(), "changelog": changelog(before, schema),
        **dict(reference(schema)),
    }  # fmt: skip
    texts = {file.stem: file.read_bytes().decode() for file in operations.glob("*.graphql")}
    made |= dict(documents(texts))
    made["schema.graphql"] = print_schema(schema)
    return {path: _page(text, TEXT if path.endswith(".graphql") else HTML) for path, text in made.items()}


def _page(text: str, media_type: str) -> Page:
    body = text.encode()
    return Page(body, media_type, tag_of(body))
