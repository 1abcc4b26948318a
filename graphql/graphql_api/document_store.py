"""Each document is parsed, validated and measured once, however often it is sent.

Trusted documents are the `.graphql` files the service was started with, and those of every published
edition, which phones that were not updated since still ask for; they are named by the
SHA-256 of their bytes, stay for ever and may be of any length. Each is prepared when it is first
asked for: all of them together take two seconds, for which no process that comes up has to wait.
Ad-hoc documents go through a bounded cache, least recently used out first, which holds what was
wrong with a document as well.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from graphql_api.budget import Connection, ConnectionReader, node_count, page_defaults
from graphql_api.errors import (
    PARSE_FAILED,
    VALIDATION_FAILED,
    FormattedError,
    RequestRefusedError,
    document_errors,
    formatted,
)
from graphql_api.limits import EXTENT_RULES, MAX_CHARACTERS, MAX_TOKENS, RULES

DEFAULT_CAPACITY: Final = 256
_MAX_ERRORS: Final = 20


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a valid document, with the page sizes it asks for."""

    node: OperationDefinitionNode
    connections: tuple[Connection, ...]
    defaults: Mapping[str, int]

    @property
    def kind(self) -> OperationType:
        """Return whether it is a query, a mutation or a subscription."""
        return self.node.operation

    @property
    def name(self) -> str | None:
        """Return the name it has in the document, if any."""
        return self.node.name.value if self.node.name else None

    def nodes(self, variables: Mapping[str, Any]) -> int:
        """Return the most nodes it can fetch with these variables."""
        return node_count(self.connections, {**self.defaults, **variables})


@dataclass(frozen=True, slots=True)
class Document:
    """A document and either its operations or what is wrong with it, never both."""

    sha256: str
    trusted: bool
    syntax: DocumentNode | None = None
    operations: tuple[Operation, ...] = ()
    errors: tuple[FormattedError, ...] = field(default=())

    def operation(self, name: str | None) -> Operation:
        """Return the operation to run; without a name, the only one there is.

        Raises `RequestRefusedError` if the document has errors or the name does not pick one.
        """
        if self.errors:
            raise RequestRefusedError(self.errors)
        chosen = [each for each in self.operations if name is None or each.name == name]
        if len(chosen) != 1:
            reason = "has no operation of that name" if name is not None else "needs an operationName"
            raise RequestRefusedError([formatted("OPERATION_NOT_FOUND", f"The document {reason}.")])
        return chosen[0]


class DocumentStore:
    """Finds or prepares the document a request refers to, for one schema.

    ``trusted`` is the folder of those in use, ``editions`` that of the published ones, which may be absent: a JSON
    object of texts by hash, such as ``safeguard artefacts`` writes, for each day.
    With ``check`` every trusted document is prepared at once and a bad one stops the start, with its name: for a
    folder that no test of ours has read.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        trusted: Path | None = None,
        editions: Path | None = None,
        *,
        capacity: int = DEFAULT_CAPACITY,
        check: bool = True,
    ) -> None:
        self._schema = schema
        self._capacity = capacity
        self._ad_hoc: OrderedDict[str, Document] = OrderedDict()
        self._trusted = dict(_published(editions)) if editions else {}
        self._trusted |= dict(_texts(trusted)) if trusted else {}
        if check:
            self._check()

    def ad_hoc(self, text: str) -> Document:
        """Return the document with this text; the trusted one, if it is word for word the same."""
        sha256 = digest(text)
        if sha256 in self._trusted:
            return self.trusted(sha256)
        if (document := self._ad_hoc.get(sha256)) is not None:
            self._ad_hoc.move_to_end(sha256)
            return document
        if len(text) > MAX_CHARACTERS:
            message = f"A document has at most {MAX_CHARACTERS} characters."
            raise RequestRefusedError([formatted("DOCUMENT_TOO_LONG", message)])
        document = prepare(self._schema, text, trusted=False)
        self._ad_hoc[sha256] = document
        if len(self._ad_hoc) > self._capacity:
            self._ad_hoc.popitem(last=False)
        return document

    def trusted(self, sha256: str) -> Document:
        """Return a trusted document, or raise `RequestRefusedError` with `UNKNOWN_DOCUMENT`."""
        if sha256 not in self._trusted:
            message = "No trusted document has this id."
            raise RequestRefusedError([formatted("UNKNOWN_DOCUMENT", message)])
        return _prepare_once(self._schema, self._trusted[sha256].text)

    def _check(self) -> None:
        for sha256, file in self._trusted.items():
            if errors := self.trusted(sha256).errors:
                raise ValueError(f"{file.path}: {errors[0]['message']}")


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    text: str


def _texts(folder: Path) -> Iterator[tuple[str, _File]]:
    for path in sorted(folder.glob("*.graphql")):
        text = path.read_bytes().decode()
        yield digest(text), _File(path, text)


def _published(folder: Path) -> Iterator[tuple[str, _File]]:
    for path in sorted(folder.glob("*.json")):
        for text in json.loads(path.read_bytes()).values():
            yield digest(text), _File(path, text)


def prepare(schema: GraphQLSchema, text: str, *, trusted: bool) -> Document:
    """Parse, validate and measure a document; what is wrong with it is kept in the result."""
    sha256 = digest(text)
    try:
        syntax = parse(text, max_tokens=MAX_TOKENS)
        found = validate(schema, syntax, EXTENT_RULES) or validate(schema, syntax, RULES, max_errors=_MAX_ERRORS)
    except GraphQLError as error:
        return Document(sha256, trusted, errors=document_errors([error], PARSE_FAILED))
    except RecursionError:
        errors = (formatted(PARSE_FAILED, "Syntax Error: The document nests too deeply."),)
        return Document(sha256, trusted, errors=errors)
    if found:
        return Document(sha256, trusted, errors=document_errors(found, VALIDATION_FAILED))
    reader = ConnectionReader(schema, syntax)
    operations = tuple(
        Operation(node, reader.connections(node), page_defaults(node))
        for node in syntax.definitions
        if isinstance(node, OperationDefinitionNode)
    )
    return Document(sha256, trusted, syntax, operations)


@lru_cache(maxsize=4096)
def _prepare_once(schema: GraphQLSchema, text: str) -> Document:
    """A trusted document, for every application in the process."""
    return prepare(schema, text, trusted=True)


def digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
