"""What an application may send: the root fields that its scopes open, in documents that are approved.

It is decided before anything runs, on the document itself, so that a field added to the schema is closed to
applications until a scope names it.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from backend.applications import repository
from backend.identity.policies import Caller
from backend.kit.session import TenantSession
from graphql_api.document_store import DocumentStore, digest
from graphql_api.errors import HTTPProblem, RequestRefusedError, formatted
from graphql_api.protocol import GraphQLCall
from tenants.applications.scopes import AD_HOC, ALWAYS, SCOPES, changes_of, fields_of

AD_HOC_NODES: Final = 1_000
"""What one query that nobody has approved may fetch; an approved one has the budget of everybody."""


async def admit(session: TenantSession, caller: Caller, call: GraphQLCall) -> list[str]:
    """The root fields that the application asks for. Raises ``HTTPProblem`` or ``RequestRefusedError``."""
    scopes = caller.application_scopes or frozenset()
    approved = await _approve(session, caller, call, scopes)
    fields = sorted(set(root_fields(call.document.syntax, call.operation.node)))
    if call.operation.kind is OperationType.MUTATION:
        _open_to_change(fields, scopes)
        if not approved:
            message = "An application changes something by documents that are trusted or were approved for it alone."
            raise HTTPProblem(403, "DOCUMENT_NOT_APPROVED", message)
        return fields
    _open_to_read(fields, scopes)
    return fields


def _open_to_read(fields: Sequence[str], scopes: frozenset[str]) -> None:
    """Raise ``HTTPProblem`` for queries that no scope opens, or none of those that were granted."""
    people = [name for name in fields if name not in fields_of(frozenset(SCOPES))]
    if people:
        message = f"There is no scope that opens {', '.join(people)} to an application."
        raise HTTPProblem(403, "FORBIDDEN", message)
    _require([name for name in fields if name not in fields_of(scopes)], OperationType.QUERY)


def _open_to_change(fields: Sequence[str], scopes: frozenset[str]) -> None:
    """Raise ``HTTPProblem`` for mutations that no scope opens, or none of those that were granted."""
    people = [name for name in fields if name not in changes_of(frozenset(SCOPES))]
    if people:
        message = (
            f"{', '.join(people)} is done by people, who sign in and answer for it by name. Let one of them do it."
        )
        raise HTTPProblem(403, "NOT_FOR_APPLICATIONS", message)
    _require([name for name in fields if name not in changes_of(scopes)], OperationType.MUTATION)


def _require(closed: Sequence[str], kind: OperationType) -> None:
    if closed:
        wanted = ", ".join(sorted({opening(kind, name) or "" for name in closed}))
        raise HTTPProblem(403, "FORBIDDEN", f"Your application needs the scope {wanted} for {', '.join(closed)}.")


def opening(kind: OperationType, field: str) -> str | None:
    """The scope that opens a root field to applications: empty where any grant does, None where none does."""
    if kind is OperationType.SUBSCRIPTION:
        return None
    if kind is OperationType.QUERY and field in ALWAYS:
        return ""
    opened = (code for code, scope in SCOPES.items()
              if field in (scope.changes if kind is OperationType.MUTATION else scope.fields))  # fmt: skip
    return next(opened, None)


async def _approve(session: TenantSession, caller: Caller, call: GraphQLCall, scopes: frozenset[str]) -> bool:
    """Whether somebody has looked at the document: it is trusted by us, or approved for this application.

    Raises ``HTTPProblem`` or ``RequestRefusedError`` for another without the scope for it, and for one too large.
    """
    text, named = call.parameters.text, call.parameters.trusted_id()
    sha256 = named or digest(text or "")
    approved = await repository.document(session, caller.person_id, sha256)
    if approved is not None and text is None:
        call.document = call.store.ad_hoc(approved)
    if approved is not None or call.document.trusted:
        return True
    if AD_HOC not in scopes:
        message = f"Your application may send approved documents only; others need the scope {AD_HOC}."
        raise HTTPProblem(403, "DOCUMENT_NOT_APPROVED", message)
    if call.nodes > AD_HOC_NODES:
        message = f"The operation can fetch {call.nodes} nodes; a document that is not approved, {AD_HOC_NODES}."
        raise RequestRefusedError([formatted("NODE_BUDGET_EXCEEDED", message)])
    return False


def approvable(schema: GraphQLSchema, text: str) -> None:
    """Raise ``ValueError`` saying why no application could ever send a document, whatever it was granted."""
    try:
        document = DocumentStore(schema).ad_hoc(text)
    except RequestRefusedError as refusal:
        raise ValueError(refusal.errors[0]["message"]) from None
    if document.errors:
        raise ValueError(document.errors[0]["message"])
    for operation in document.operations:
        if operation.kind is OperationType.SUBSCRIPTION:
            raise ValueError("An application does not subscribe: it is told by webhooks.")
        closed = {
            name for name in root_fields(document.syntax, operation.node) if opening(operation.kind, name) is None
        }
        if closed:
            raise ValueError(f"There is no scope that opens {', '.join(sorted(closed))} to an application.")


def root_fields(document: DocumentNode | None, operation: OperationDefinitionNode) -> Iterator[str]:
    """The names of the fields that an operation asks its root for, through fragments too; not their aliases."""
    definitions = document.definitions if document else ()
    fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}

    def inside(selections: SelectionSetNode) -> Iterator[str]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node.name.value
            elif isinstance(node, InlineFragmentNode):
                yield from inside(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                yield from inside(fragments[node.name.value].selection_set)

    return inside(operation.selection_set)
