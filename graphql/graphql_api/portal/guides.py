"""The pages that are written rather than made: a start in five minutes, webhooks, errors, limits. Pure."""

import json
from typing import Final

from graphql import GraphQLSchema

from backend.applications.authentication import ADDRESS, CLIENT
from graphql_api.applications.admission import AD_HOC_NODES
from graphql_api.limits import (
    MAX_ALIASES,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_DIRECTIVES,
    MAX_FIELDS,
    MAX_NODES,
    MAX_PAGE_SIZE,
    MAX_REPEATS,
    MAX_TOKENS,
)
from graphql_api.portal.layout import code, heading, page, paragraph, table
from graphql_api.protocol import MAX_BODY
from graphql_api.subscriptions.connection import MOST_OPERATIONS
from graphql_api.throttling import AD_HOC as AD_HOC_BUCKET
from graphql_api.throttling import DOING, REFUSED, TRUSTED
from notifications.webhooks.events import EVENTS, schema_of
from notifications.webhooks.pruning import KEPT
from notifications.webhooks.sending import CALL_SECONDS, WAITS
from tenants.applications.scopes import AD_HOC, SCOPES

_CURL: Final = """\
TOKEN=$(curl --silent --fail-with-body --user "$CLIENT_ID:$CLIENT_SECRET" \\
  --data grant_type=client_credentials {url}/oauth/token | jq --raw-output .access_token)
curl --silent --fail-with-body {url}/graphql \\
  --header "Authorization: Bearer $TOKEN" --header "Content-Type: application/json" \\
  --header "Safeguard-Partnership: $PARTNERSHIP" \\
  --data '{{"query": "{{ onCallNow(role: \\"sio\\") {{ covered people {{ name }} }} }}"}}'
"""
_PYTHON: Final = """\
import os
import httpx

URL = "{url}"
client = (os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"])
token = httpx.post(f"{{URL}}/oauth/token", auth=client, data={{"grant_type": "client_credentials"}})
answer = httpx.post(
    f"{{URL}}/graphql",
    headers={{
        "Authorization": f"Bearer {{token.raise_for_status().json()['access_token']}}",
        "Safeguard-Partnership": os.environ["PARTNERSHIP"],
    }},
    json={{"query": '{{ onCallNow(role: "sio") {{ covered people {{ name }} }} }}'}},
)
print(answer.json())
"""
_TYPESCRIPT: Final = """\
const url = "{url}";
const {{ CLIENT_ID, CLIENT_SECRET, PARTNERSHIP = "" }} = process.env;
const token = await fetch(`${{url}}/oauth/token`, {{
  method: "POST",
  headers: {{ Authorization: `Basic ${{btoa(`${{CLIENT_ID}}:${{CLIENT_SECRET}}`)}}` }},
  body: new URLSearchParams({{ grant_type: "client_credentials" }}),
}}).then((answer) => answer.json());
const answer = await fetch(`${{url}}/graphql`, {{
  method: "POST",
  headers: {{
    Authorization: `Bearer ${{token.access_token}}`,
    "Content-Type": "application/json",
    "Safeguard-Partnership": PARTNERSHIP,
  }},
  body: JSON.stringify({{ query: `{{ onCallNow(role: "sio") {{ covered people {{ name }} }} }}` }}),
}});
console.log(JSON.stringify(await answer.json()));
"""
_BY_URL: Final = """\
curl --silent --fail --remote-name {url}/developers/documents/WhoIsOnCall.graphql
curl --silent --fail-with-body --get {url}/graphql \\
  --header "Authorization: Bearer $TOKEN" --header "Safeguard-Partnership: $PARTNERSHIP" \\
  --data-urlencode "documentId=sha256:$(sha256sum < WhoIsOnCall.graphql | cut -c 1-64)" \\
  --data-urlencode 'variables={{"role": "sio"}}'
"""
_VERIFY: Final = """\
from standardwebhooks import Webhook

event = Webhook(secret).verify(body, headers)  # raises for a signature that is wrong or old
"""
CODES: Final[dict[str, str]] = {
    "BAD_REQUEST": "The request is not one of GraphQL over HTTP. The message says what to send.",
    "BAD_USER_INPUT": "A variable or an argument does not fit its type. The message says which, and where in it.",
    "BATCHING_NOT_SUPPORTED": "Send one operation in a request.",
    "BODY_TOO_LARGE": "Send less in one request.",
    "CONFLICT": "The state has moved on. Read it again before you decide.",
    "DOCUMENT_NOT_APPROVED": f"Your application may send approved documents only; queries, with the scope {AD_HOC}.",
    "DOCUMENT_TOO_DEEP": "Nest less, or split the document.",
    "DOCUMENT_TOO_LONG": "Shorten the document, or split it.",
    "FAULTY_DEFINITION": "A definition has faults. The message names each, with its place.",
    "FORBIDDEN": "You are known, but this was not granted to you. Ask the partnership's administrator.",
    "GRAPHQL_PARSE_FAILED": "The document is not GraphQL. Its place is given.",
    "GRAPHQL_VALIDATION_FAILED": "The document does not fit the schema. Its place is given.",
    "INTROSPECTION_CLOSED": "Read the schema at /developers/schema.graphql; introspection is for sandboxes here.",
    "INTERNAL": "Our fault. Quote the correlation id.",
    "INVALID": "Some of what was given cannot be accepted. The message names each field.",
    "METHOD_NOT_ALLOWED": "Send it by another HTTP method: the Allow header says which.",
    "NODE_BUDGET_EXCEEDED": "The operation could fetch too much. Ask for smaller pages.",
    "NOT_ACCEPTABLE": "Accept application/json or application/graphql-response+json.",
    "NOT_FOR_APPLICATIONS": "People do this, and answer for it by name. Let one of them do it.",
    "NOT_FOUND": "There is no such thing in this partnership, or none that you may see.",
    "OPERATION_NOT_FOUND": "Name one of the operations in the document.",
    "OPERATION_NOT_SUPPORTED": "Subscriptions are served elsewhere.",
    "PAGE_SIZE_INVALID": f"Give exactly one of first and last, 1 to {MAX_PAGE_SIZE}.",
    "PROBLEM": "The request was refused. The message says why.",
    "SANDBOX_ONLY": "GraphiQL is for sandboxes. Name one by Safeguard-Partnership.",
    "SIGNED_OUT": "The device was signed out, or lost. Let the person sign in again.",
    "STEP_UP_NEEDED": "This wants a fresh or a stronger sign-in. Let the person sign in again, then repeat it.",
    "THROTTLED": "Wait for as many seconds as Retry-After says.",
    "TOO_MANY_SUBSCRIPTIONS": "End a subscription of this connection first.",
    "UNAUTHENTICATED": "Get a token and send it as a bearer.",
    "NO_TOKEN": "Get a token and send it: Authorization: Bearer …",
    "INVALID_TOKEN": "The token is no token of ours, was changed, or its credential was revoked. Get another one.",
    "TOKEN_EXPIRED": "Get another token: one lasts ten minutes.",
    "WRONG_ISSUER": "The token comes from another issuer.",
    "WRONG_AUDIENCE": "The token is meant for another service.",
    "ISSUER_UNAVAILABLE": "Sign-in cannot be checked at this moment. Try again.",
    "TOO_MANY_ALIASES": "Use fewer aliases.",
    "TOO_MANY_DIRECTIVES": "Use fewer directives.",
    "TOO_MANY_FIELDS": "Ask for fewer fields.",
    "TOO_MANY_REPEATS": "Ask for a field less often side by side.",
    "UNAVAILABLE": "We restart, or too many ask at once. Ask again after Retry-After, with the same idempotency key.",
    "UNKNOWN_DOCUMENT": "No trusted document has this id. Send the document's text, or have it approved.",
    "UNSUPPORTED_MEDIA_TYPE": "Send JSON in UTF-8.",
}
"""Every code in ``extensions.code``, and what to do about it."""

MISSING: Final = page("There is no such page", paragraph("Go on with one of those above."))


def start(url: str) -> str:
    """Getting started, with ``url`` as the service's own address."""
    rows = [(scope.code, scope.lets) for scope in SCOPES.values()]
    return page(
        "Getting started",
        paragraph("Safeguard's API is GraphQL over HTTP. An application reads and keeps"
                  " what a partnership has granted it. What people answer for by name, they do themselves."),
        "<ol><li>Ask who runs the service to register your application. You get a client id and a secret, or give"
        " a public key of your own.</li><li>Ask the partnership's administrator to grant it scopes.</li>"
        "<li>Get a token, which lasts ten minutes, and send your query.</li></ol>\n",
        paragraph(
            "The samples below ask who is on call. They want the scopes rotas:read and"
            f" {AD_HOC}, and three variables of the environment: CLIENT_ID and CLIENT_SECRET as you were given them,"
            " and PARTNERSHIP, the partnership's short name in its addresses, such as cambs-peterborough. An"
            " application of one partnership alone may leave that header out. The first needs jq, the second httpx,"
            " the third Node 18 or later."
        ),
        heading("curl", "curl"), code(_CURL.format(url=url)),
        heading("Python", "python"), code(_PYTHON.format(url=url)),
        heading("TypeScript", "typescript"), code(_TYPESCRIPT.format(url=url)),
        heading("By a URL alone", "by-url"),
        paragraph(
            "A switchboard or a pager that speaks no GraphQL asks by GET: with the documentId of a trusted document,"
            " which is the SHA-256 of its text and never changes, and with its variables."
            " TOKEN is that of the first sample; Documents lists them all."
        ),
        code(_BY_URL.format(url=url)),
        heading("Signing in with a key", "private-key-jwt"),
        paragraph(
            "Instead of a secret, sign a JWT with your key (ES256, Ed25519 or PS256) and send it as client_assertion"
            " (RFC 7523). Its iss and sub are your client id, its aud is the token endpoint, its exp is at most five"
            " minutes ahead, and its jti is used once."
        ),
        heading("Trying it out", "graphiql"),
        paragraph(
            "Where it is switched on, GraphiQL is at /graphql, for sandboxes alone: partnerships of generated cases."
            " Put your token and the sandbox's name into its headers; no token is kept once the page is closed."
        ),
        heading("Referring a child", "referrals"),
        paragraph(
            "With the scope referrals:write your application refers children by the trusted document MakeReferral,"
            " found under Documents."
            " Send an idempotency key, and the same one on a retry. The referral is received once it is answered, and"
            " acknowledgeBy says by when it is to be acknowledged. Referral and Referrals say how far what you sent in"
            " has come; what was decided, social care tells the referrer."
        ),
        paragraph(
            "Where a child is in danger now, the referrer dials 999 and then telephones social care: show that before"
            " the form. With urgent: true the referral also calls whoever is on duty, in hours and out of them, once"
            " however often you retry. The answer's urgentCall says since when they are being called, and gives the"
            " numbers that are answered at this hour: show these as well, for calledAt is null where the partnership"
            " has not set up whom to call, and a call that went out is not yet an answer. A referral that does not"
            " say urgent: true wakes nobody."
        ),
        heading("Scopes", "scopes"), table("What can be granted", ("Scope", "What it lets you do"), rows),
        '<p>The whole schema is at <a href="/developers/schema.graphql">schema.graphql</a>.</p>\n',
        at="",
    )  # fmt: skip


def webhooks() -> str:
    """Webhooks: how they come, how to verify them, and what each says."""
    days = sum(wait.total_seconds() for wait in WAITS) / 86_400
    parts = [
        paragraph(
            f"Answer with any 2xx status within {CALL_SECONDS:.0f} seconds. Or it is sent again, later each time,"
            f" for {days:.0f} days. An endpoint that answers none of that time is paused, and its administrators are"
            " told; one that answers 410 at once. No redirect is followed."
            " A message may come twice: drop what has a webhook-id that you have seen. No order is promised."
            " An endpoint can be told of some areas alone: it hears of what is of no area all the same."
            " A message names a thing by the id that the API takes: with the scope for it, ask for alert(id:) or"
            " pathwayEdition(id:)."
            f" What was delivered is kept for {KEPT.days} days after the last attempt, and an administrator can have it"
            " sent again as long; what is still owed is kept until it is delivered or given up."
        ),
        heading("Verify", "verify"),
        paragraph(
            "Messages are signed as Standard Webhooks has it. While a secret is changed there are two signatures."
        ),
        code(_VERIFY),
    ]
    for event in EVENTS.values():
        parts += [heading(event.code, event.code), paragraph(event.when), code(json.dumps(schema_of(event), indent=2))]
    return page("Webhooks", *parts, at="webhooks")


def errors(schema: GraphQLSchema) -> str:
    """Every refusal: those of mutations, from the schema, and those of whole requests."""
    problem = schema.type_map["Problem"]
    kinds = schema.get_possible_types(problem)  # type: ignore[arg-type]  # an interface of our own
    rows = [(kind.name, kind.description or "") for kind in sorted(kinds, key=lambda kind: kind.name)]
    return page(
        "Errors",
        paragraph("A mutation answers with its payload or with one of these; nothing was changed then."),
        table("Problems of mutations", ("Type", "Meaning"), rows),
        heading("Codes", "codes"),
        paragraph(
            "A request that is refused as a whole, and a field that fails, has errors with a code in extensions."
        ),
        table("Codes of errors", ("Code", "What to do"), sorted(CODES.items())),
        at="errors",
    )


def limits() -> str:
    """What a document may be and fetch."""
    rows = [
        ("Characters in a document that is not trusted", f"{MAX_CHARACTERS:,}"), ("Tokens", f"{MAX_TOKENS:,}"),
        ("Kilobytes of a body", f"{MAX_BODY // 1024:,}"),
        ("Depth", str(MAX_DEPTH)), ("Aliases", str(MAX_ALIASES)), ("Directives", str(MAX_DIRECTIVES)),
        ("Fields", f"{MAX_FIELDS:,}"),
        ("The same field side by side", str(MAX_REPEATS)), ("Rows in a page", str(MAX_PAGE_SIZE)),
        ("Rows in an operation", f"{MAX_NODES:,}"),
        ("Rows in an operation of an application that was not approved", f"{AD_HOC_NODES:,}"),
    ]  # fmt: skip
    buckets = [
        ("Rows, by documents that are trusted", TRUSTED), ("Rows, by all others", AD_HOC_BUCKET),
        ("Mutations, whatever rows were asked for", DOING), ("Tokens, an application", CLIENT),
        ("Requests refused for want of a grant", REFUSED),
        ("Requests for tokens, an address", ADDRESS),
    ]  # fmt: skip
    gained = [(what, f"{one.holds:,}", f"{one.gains:,}") for what, one in buckets]
    return page(
        "Limits", table("Of one request", ("What", "At most"), rows), heading("In a time", "in-a-time"),
        paragraph(
            "A request costs one, and one for each row that it can fetch; what it did not fetch is given back."
            " The answer's extensions.cost says what it was charged, what it came to and how much is left. Whoever has"
            " asked for more than there is gets status 429 with Retry-After. Subscriptions are charged as queries are,"
            f" each event; a connection carries {MOST_OPERATIONS}."
        ),
        table("Of one application or person", ("What", "At once", "More each second"), gained), at="limits",
    )  # fmt: skip
