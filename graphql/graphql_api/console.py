"""GraphiQL for developers, and where it and introspection may be used: by policy, and never on a child's record."""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from strawberry.http.ides import get_graphql_ide_html

from backend.kit.settings import Settings
from graphql_api.applications.admission import root_fields
from graphql_api.errors import HTTPProblem
from graphql_api.protocol import GraphQLCall

HEADER: Final = "Safeguard-Console"
"""What the page sends with every request. It is how the page is kept to sandboxes, and no secret."""
_INTROSPECTION: Final = frozenset({"__schema", "__type"})
_CHANGES: Final = {
    "const defaultHeaders = {};": f'const defaultHeaders = {{ "{HEADER}": "GraphiQL" }};',
    # A token that was pasted is gone with the page.
    "shouldPersistHeaders: true": "shouldPersistHeaders: false",
    # A socket would be opened without what says that the page opens it.
    "        subscriptionUrl,\n": "",
    "React.useState(parameters.headers)": (
        'React.useState(JSON.stringify({ Authorization: "Bearer ", "Safeguard-Partnership": "" }, null, 2))'
    ),
}
_INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@cache
def page() -> str:
    """The page: Strawberry's own, with our headers, and without a token left behind. Raises ``ValueError``."""
    made = get_graphql_ide_html("graphiql")
    for old, new in _CHANGES.items():
        if old not in made:
            message = f"GraphiQL's page has no {old!r} any more: see what takes its place."
            raise ValueError(message)
        made = made.replace(old, new)
    return made


@cache
def policy() -> str:
    """The page's content security policy: scripts of its one source, pinned by their hashes, and its own."""
    own = " ".join(f"'sha256-{_hash(script)}'" for script in _INLINE.findall(page()))
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; connect-src 'self';"
        f" script-src https://unpkg.com {own}; style-src https://unpkg.com 'unsafe-inline'; img-src data:;"
        " font-src data:"
    )


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


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
