"""The page for makers of apps that people sign in to: signing in, copies, following, answering offline. Pure."""

from typing import Final

from backend.changes.cursors import KEPT
from backend.changes.keeping import KEEP
from backend.kit.idempotency import KEPT as KEY_KEPT
from graphql_api.changes.types import ChangeType
from graphql_api.portal.layout import code, heading, page, paragraph, table
from graphql_api.subscriptions.connection import MOST_OPERATIONS, Pace
from graphql_api.subscriptions.messages import PROTOCOL, Code

_SIGN_IN: Final = """\
FOUND=$(curl --silent --fail {issuer}/.well-known/openid-configuration)
VERIFIER=$(openssl rand -base64 48 | tr '+/' '-_' | tr -d '=\\n')
CHALLENGE=$(printf %s "$VERIFIER" | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d '=')
# 1. Open this in the system's browser. It comes back to the redirect_uri with code, state and iss: compare both.
echo "$(echo "$FOUND" | jq --raw-output .authorization_endpoint)?response_type=code&scope=openid\\
&client_id=$CLIENT_ID&redirect_uri=$REDIRECT_URI&state=$STATE&code_challenge=$CHALLENGE&code_challenge_method=S256"
# 2. Change the code for tokens, and send the access token as a bearer.
curl --silent --fail-with-body "$(echo "$FOUND" | jq --raw-output .token_endpoint)" --data client_id=$CLIENT_ID \\
  --data grant_type=authorization_code --data-urlencode "redirect_uri=$REDIRECT_URI" \\
  --data "code=$CODE" --data "code_verifier=$VERIFIER"
"""
_FOLLOW: Final = """\
import {{ createClient }} from "graphql-ws";
import {{ WatchMyAlerts }} from "./types"; // written by safeguard artefacts

const client = createClient({{
  url: "{socket}/graphql",
  connectionParams: {{ authorization: `Bearer ${{token}}`, partnership }},
}});
for await (const event of client.iterate({{ query: "", extensions: {{
  persistedQuery: {{ sha256Hash: WatchMyAlerts.documentId }},
}}, variables: {{ since: cursor }} }})) cursor = event.data.myAlerts.cursor;
"""
CLOSES: Final[dict[Code, str]] = {
    Code.GOING_AWAY: "The connection was lost. Connect again and resume.",
    Code.TOO_SLOW: "Events were not taken in time. Connect again and resume.",
    Code.BAD_MESSAGE: "A message was not one of the protocol.",
    Code.UNAUTHORISED: "The token has run out, or something was asked before connection_init. Come with a fresh one.",
    Code.FORBIDDEN: "The token, or the person, is not let in. The reason is a code of the errors.",
    Code.BAD_PROTOCOL: f"Ask for the protocol {PROTOCOL}.",
    Code.INIT_TIMEOUT: f"Send connection_init within {Pace().init:.0f} seconds.",
    Code.SUBSCRIBER_EXISTS: "Give each operation of a connection an id of its own.",
    Code.TOO_MANY_INITS: "Send connection_init once.",
    Code.SILENT: "Answer each ping with a pong. Connect again and resume.",
    Code.INTERNAL: "Our fault. Connect again and resume.",
}
"""Why a connection is closed, and what to do then."""


def phones(url: str, issuer: str) -> str:
    """The page, with ``url`` as the service's own address and ``issuer`` where people sign in."""
    kept = [(ChangeType(kind).name, f"{span.total_seconds() / 3600:.0f}") for kind, span in KEEP.items()]
    return page(
        "Phones", heading("Signing in", "sign-in"),
        paragraph(
            f"People sign in at {issuer} by authorisation code with PKCE (S256), in the system's browser (RFC 8252)."
            " Your app is a public client: it holds no secret. Whoever runs the issuer gives it a client id and enters"
            " its redirect address."
        ),
        code(_SIGN_IN.format(issuer=issuer.rstrip("/"))),
        paragraph(
            "STEP_UP_NEEDED means that a restricted record or a history wants a fresher or a stronger sign-in: its"
            " message names the acr_values and the max_age to send the person back with. SIGNED_OUT means that the"
            " device was revoked: drop all that it keeps."
        ),
        heading("Devices", "devices"),
        paragraph(
            "At each start registerDevice with the push service's token: twice is no error, and ties the device to this"
            " sign-in, so that revoking it signs it out. Ask for a code to it and confirm that; until then it is not"
            " called. rotateDevice when the token changes. A push carries an opaque reference and nothing of a child."
        ),
        heading("Copies", "copies"),
        paragraph(
            "Keep copies encrypted. Ask changes for a cursor first, then fetch the screens, then follow the cursor:"
            " drop what is gone, and with a case all that names it. A cursor can be followed for"
            f" {KEPT.days} days, as long as your roles stay the same; ResyncNeededProblem says to drop all and begin"
            " with the cursor that it gives. keepFor says how many seconds a copy may be kept; 0, as of a restricted"
            " case, is not at all. For what a screen brought, at most:"
        ),
        table("Hours for which a copy may be kept", ("Type", "Hours"), kept),
        heading("Offline", "offline"),
        paragraph(
            "Make an idempotency key with each action, before it is sent, and send it with each retry: for"
            f" {KEY_KEPT.days} days it is answered with what was done the first time. An answer to an alert, a"
            " hand-over or a circulated amendment that was given offline carries deviceAt, which is kept beside the"
            " instant at which it takes effect here."
        ),
        heading("Following", "following"),
        paragraph(
            f"Subscriptions go over WebSocket at the same address, by {PROTOCOL}. Each event has a cursor: subscribe"
            " again with the last one as since, and nothing is missed. A connection carries"
            f" {MOST_OPERATIONS} of them, is asked for a sign of life every {Pace().heartbeat:.0f} seconds, and ends"
            " with the token."
        ),
        code(_FOLLOW.format(socket=url.replace("http", "ws", 1))),
        table("Why a connection is closed", ("Code", "What to do"),
              [(str(int(why)), told) for why, told in CLOSES.items()]),
        heading("Trusted documents", "documents"),
        paragraph(
            "safeguard artefacts writes the schema, every document by its hash, their types in TypeScript, and the"
            " manifest from which Apollo's tools make Swift and Kotlin. Send documentId alone; answers are compressed."
            " A document is answered as long as an edition that it was published with stands under Changes, a year at"
            " least: whoever has not updated the app is served."
            " By GET an answer has an ETag: give it back as If-None-Match, and what is the same comes as 304."
        ),
        at="phones",
    )  # fmt: skip
