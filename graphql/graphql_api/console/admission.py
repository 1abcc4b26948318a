"""Where GraphiQL and introspection may be used: by policy, and never on a child's record."""

from collections.abc import Mapping
from typing import Final

from backend.kit.settings import Settings
from graphql_api.applications.admission import root_fields
from graphql_api.errors import HTTPProblem
from graphql_api.protocol import GraphQLCall

HEADER: Final = "Safeguard-Console"
"""What the page sends with every request. It is how the page is kept to sandboxes, and no secret."""
_INTROSPECTION: Final = frozenset({"__schema", "__type"})


def check(headers: Mapping[str, str], call: GraphQLCall, configured: Settings, *, sandbox: bool) -> None:
    """Raise ``HTTPProblem`` for GraphiQL, or introspection, where the settings do not allow it."""
    if sandbox:
        return
    if headers.get(HEADER) and configured.graphiql != "everywhere":
        message = "GraphiQL is for sandboxes here: name one by Safeguard-Partnership. This partnership is none."
        raise HTTPProblem(403, "SANDBOX_ONLY", message)
    closed = configured.introspection == "sandbox" and not call.document.trusted
    if closed and _INTROSPECTION.intersection(root_fields(call.document.syntax, call.operation.node)):
        message = "Introspection is for sandboxes here. The schema is at /developers/schema.graphql."
        raise HTTPProblem(403, "INTROSPECTION_CLOSED", message)
