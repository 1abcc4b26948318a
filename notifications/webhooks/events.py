"""What other systems can be told of, and in what form. Pure.

A message says that something happened, where and to which thing, by an id that the API takes. Nothing else
is ever in it: whoever may see more asks the API, which decides anew.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of event: its code, the API's type of the thing that its id names, and when it is sent."""

    code: str
    kind: str
    when: str


ALERT_RAISED: Final = "alert.raised"
ALERT_MET: Final = "alert.met"
ALERT_CLOSED: Final = "alert.closed"
CASE_OPENED: Final = "case.opened"
CLOCK_BREACHED: Final = "clock.breached"
EDITION_APPROVED: Final = "pathway_edition.approved"
TEST: Final = "webhook.test"

_ALL: Final = (
    EventType(ALERT_RAISED, "Alert", "An alert was raised; drills are left out."),
    EventType(ALERT_MET, "Alert", "Every role that an alert needs has answered; drills are left out."),
    EventType(ALERT_CLOSED, "Alert", "An alert was cancelled or its responders stood down; drills are left out."),
    EventType(CASE_OPENED, "Case", "A case was opened."),
    EventType(CLOCK_BREACHED, "Clock", "A time limit that has to be met has run out."),
    EventType(EDITION_APPROVED, "PathwayEdition", "An edition of a pathway was approved to come into force."),
    EventType(TEST, "WebhookEndpoint", "Somebody pressed the test button of the endpoint."),
)
EVENTS: Final[dict[str, EventType]] = {event.code: event for event in _ALL}
# The API's opaque ids begin with these; it lies above us, and a test holds the two together.
TAGS: Final = {
    "Alert": b"al", "Case": b"ca", "Clock": b"ck", "PathwayEdition": b"pd", "WebhookEndpoint": b"we",
}  # fmt: skip


def body_of(code: str, partnership: str, subject_id: UUID, at: datetime) -> bytes:
    """The body of a message, as ``schema_of`` describes it. The same event gives the same bytes every time."""
    identifier = base64.urlsafe_b64encode(TAGS[EVENTS[code].kind] + subject_id.bytes).decode()
    told = {"type": code, "timestamp": at.isoformat(), "data": {"partnership": partnership, "id": identifier}}
    return msgspec.json.encode(told)


def schema_of(event: EventType) -> dict[str, Any]:
    """The JSON Schema of a message of this type."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": event.code,
        "description": event.when,
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "additionalProperties": False,
        "properties": {
            "type": {"const": event.code},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
            "data": {
                "type": "object",
                "required": ["partnership", "id"],
                "additionalProperties": False,
                "properties": {
                    "partnership": {"type": "string", "description": "As Safeguard-Partnership names it."},
                    "id": {"type": "string", "description": f"An id of the type {event.kind} in the API."},
                },
            },
        },
    }
