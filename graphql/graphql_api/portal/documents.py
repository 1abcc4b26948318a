"""The trusted documents, to be read and downloaded: a client sends the id of one, or its text as it is. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from graphql import OperationDefinitionNode, OperationType, parse

from graphql_api.applications.admission import opening, root_fields
from graphql_api.document_store import digest
from graphql_api.portal.layout import heading, page, paragraph

_KINDS: Final = {
    OperationType.QUERY: "a query", OperationType.MUTATION: "a mutation", OperationType.SUBSCRIPTION: "a subscription",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Document:
    """``scopes`` are those that an application needs to send it, None for one that people alone send."""

    name: str
    text: str
    kind: OperationType
    scopes: tuple[str, ...] | None


def documents(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The page of the documents, which are given by name, and each as text, with its path under ``/developers/``."""
    found = [_read(name, text) for name, text in sorted(texts.items())]
    yield "documents", _page(found)
    for one in found:
        yield _path(one), one.text


def _read(name: str, text: str) -> _Document:
    syntax = parse(text)
    (operation,) = [node for node in syntax.definitions if isinstance(node, OperationDefinitionNode)]
    return _Document(name, text, operation.operation, _scopes(operation.operation, root_fields(syntax, operation)))


def _scopes(kind: OperationType, fields: Iterator[str]) -> tuple[str, ...] | None:
    wanted = {opening(kind, name) for name in fields}
    return None if None in wanted else tuple(sorted(code for code in wanted if code))


def _page(found: Sequence[_Document]) -> str:
    return page(
        "Trusted documents",
        paragraph(
            "These are sent by their id, as documentId, with variables alone; or by their text, word for word."
            " Their cost is known beforehand, and an application needs no scope for queries of its own to send one."
        ),
        heading("For applications", "applications"), _listed([one for one in found if one.scopes is not None]),
        heading("For people", "people"), _listed([one for one in found if one.scopes is None]),
        at="documents",
    )  # fmt: skip


def _listed(found: Sequence[_Document]) -> str:
    return f"<dl>{''.join(map(_told, found))}</dl>\n"


def _told(one: _Document) -> str:
    said = " ".join(line[1:].strip() for line in one.text.splitlines() if line.startswith("#"))
    needs = f" It needs {' and '.join(one.scopes)}." if one.scopes else ""
    return (
        f'<dt id="{escape(one.name)}"><a href="/developers/{escape(_path(one))}">{escape(one.name)}</a>,'
        f" {_KINDS[one.kind]}</dt>\n<dd>{escape(said + needs)} <code>sha256:{digest(one.text)}</code></dd>\n"
    )


def _path(one: _Document) -> str:
    return f"documents/{one.name}.graphql"
