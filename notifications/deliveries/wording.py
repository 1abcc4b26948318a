"""What a message may say: a reference, where to look and ways to answer, never anything about a child.

The words themselves are the providers' templates (``infra/notify-templates.json``).
"""

from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.kit.settings import settings
from notifications.deliveries.credentials import contact_code, link_token, reply_code

CONTACT_CODE: Final = "contact-code"
CONTACT_RETIRED: Final = "contact-retired"
NOT_READY: Final = "readiness-reminder"
ON_CALL: Final = "on-call-now"
OFF_CALL: Final = "on-call-ended"
HANDOVER: Final = "handover-reminder"
SWAP_ASKED: Final = "swap-asked"
SWAP_ENDED: Final = "swap-ended"
SWAP_UNDONE: Final = "swap-undone"
GLASS_BROKEN: Final = "case-access-notice"
MEETING_INVITATION: Final = "meeting-invitation"
MEETING_CHANGED: Final = "meeting-changed"
MEETING_MINUTES: Final = "meeting-minutes"
MEETING_INVITATION_OUTSIDE: Final = "meeting-invitation-outside"
MEETING_OFF_OUTSIDE: Final = "meeting-off-outside"
"""For those who have no account: the words lead nowhere, and say whom to ask."""
CASE_HANDED_OVER: Final = "case-handed-over"
CASE_WITHOUT_OWNER: Final = "case-without-owner"
WEBHOOK_PAUSED: Final = "webhook-paused"
PROCEDURES_CHANGED: Final = "procedures-changed"
PROCEDURES_AMENDED: Final = "procedures-amended"
PROCEDURES_REVIEW: Final = "procedures-review"
PROCEDURES_OVERDUE: Final = "procedures-overdue"
CONTACTS_UNVERIFIED: Final = "contacts-unverified"

PAGES: Final = {
    CONTACT_CODE: "contacts",
    CONTACT_RETIRED: "contacts",
    NOT_READY: "readiness",
    ON_CALL: "readiness",
    OFF_CALL: "readiness",
    HANDOVER: "handovers",
    SWAP_ASKED: "swaps",
    SWAP_ENDED: "swaps",
    SWAP_UNDONE: "swaps",
    GLASS_BROKEN: "cases",
    MEETING_INVITATION: "meetings",
    MEETING_CHANGED: "meetings",
    MEETING_MINUTES: "meetings",
    CASE_HANDED_OVER: "cases",
    CASE_WITHOUT_OWNER: "cases",
    WEBHOOK_PAUSED: "webhooks",
    PROCEDURES_CHANGED: "procedures",
    PROCEDURES_AMENDED: "procedures",
    PROCEDURES_REVIEW: "procedures",
    PROCEDURES_OVERDUE: "procedures",
    CONTACTS_UNVERIFIED: "directory",
}
"""The app's page that a notice leads to. Without the app, each says to open it (``backend.landing``)."""

OUTSIDE: Final = frozenset({MEETING_INVITATION_OUTSIDE, MEETING_OFF_OUTSIDE})


def when(at: datetime, zone: str) -> str:
    """An instant as a message says it."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B %Y} at {local:%H:%M}"


def outside(reference: str, planned: str) -> dict[str, str]:
    """The values of a message to somebody without an account: no page of the app, and no code."""
    return {"reference": reference, "when": planned}


def personalisation(tenant_id: UUID, delivery_id: UUID, reference: str, *, notice: str | None = None) -> dict[str, str]:
    """The values a provider puts into its template for one delivery; the same at every attempt.

    ``link`` opens the app, which asks who is there. ``answer_link`` and ``code`` let the receiver of
    this one message answer without it, so they go by text and email only, never into a push. Nothing
    in a ``notice``, named by its wording, answers a call: the code that proves a number is in that of
    ``CONTACT_CODE`` alone.
    """
    configured = settings()
    secret = configured.answer_secret.get_secret_value()
    if notice is not None:
        values = {"reference": reference, "link": f"{configured.app_url}/{PAGES[notice]}"}
        return values | ({"code": contact_code(secret, tenant_id, delivery_id)} if notice == CONTACT_CODE else {})
    return {
        "reference": reference,
        "link": f"{configured.app_url}/alerts/{reference}",
        "answer_link": f"{configured.app_url}/r/{link_token(secret, tenant_id, delivery_id)}",
        "code": reply_code(secret, tenant_id, delivery_id),
    }
