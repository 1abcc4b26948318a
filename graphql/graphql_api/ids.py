"""Opaque ids: a type's tag and a UUID, in URL-safe base64. No partnership is in them."""

import base64
import binascii
from typing import Final
from uuid import UUID

from backend.kit.problems import NotFound

TAGS: Final = {
    "Alert": b"al",
    "AlertPolicy": b"ap",
    "AlertSlot": b"as",
    "Area": b"ar",
    "CalendarFeed": b"cf",
    "Case": b"ca",
    "CaseLink": b"cl",
    "CasePractitioner": b"cp",
    "Child": b"ch",
    "ChildDeath": b"cd",
    "ChildEnquiry": b"ci",
    "ChronologyEntry": b"ce",
    "Clock": b"ck",
    "ConfigurationAlarm": b"cn",
    "ContactMethod": b"cm",
    "DeathNotice": b"dn",
    "Delivery": b"de",
    "DirectoryChange": b"dc",
    "DirectoryEntry": b"dy",
    "DirectoryHolder": b"dh",
    "DirectoryPoint": b"dp",
    "DirectoryPost": b"dq",
    "DirectoryService": b"dv",
    "Document": b"do",
    "Draft": b"dr",
    "DrillSchedule": b"ds",
    "EnquiryDuty": b"ed",
    "Handover": b"ho",
    "HouseholdMember": b"hm",
    "Letter": b"le",
    "Meeting": b"mt",
    "MeetingCopy": b"mc",
    "MeetingInvitation": b"mi",
    "MeetingItem": b"mg",
    "MeetingMinutes": b"mm",
    "Party": b"pa",
    "PathwayDecision": b"pn",
    "PathwayDeparture": b"px",
    "PathwayDisagreement": b"pg",
    "PathwayEdition": b"pd",
    "PathwayEvent": b"pv",
    "PathwayOverlay": b"po",
    "PathwayRun": b"pr",
    "PathwayTask": b"pt",
    "Person": b"pe",
    "PlanEntry": b"pl",
    "PlanStay": b"ps",
    "RecordedIndicator": b"ri",
    "ProcedureAmendment": b"qa",
    "ProcedureCirculation": b"qc",
    "ProcedureDoubt": b"qd",
    "ProcedureEdition": b"qe",
    "ProcedureImport": b"qi",
    "ProcedurePrint": b"qp",
    "ProcedureRegisterEntry": b"qr",
    "Referral": b"rf",
    "Relationship": b"re",
    "Rota": b"ro",
    "RotaAdjustment": b"ra",
    "RotaWarning": b"rw",
    "SealedTransfer": b"st",
    "Shift": b"sh",
    "ShiftSwap": b"sw",
    "SlotOffer": b"so",
    "Team": b"te",
    "ThresholdDecision": b"tn",
    "ThresholdEdition": b"th",
    "ThresholdView": b"tv",
    "Transfer": b"tf",
    "TransferPaper": b"tp",
    "WebhookEndpoint": b"we",
}
# What a person who gave an id of nothing is told that there is none of.
_NOUNS: Final = {
    "AlertPolicy": "alert policy", "AlertSlot": "alert slot", "CalendarFeed": "calendar feed",
    "ChildDeath": "child death", "ChildEnquiry": "enquiry", "ContactMethod": "contact method of yours",
    "DeathNotice": "notice of a death", "DirectoryEntry": "directory entry",
    "DirectoryPoint": "way to reach a service", "DrillSchedule": "schedule of drills", "EnquiryDuty": "duty",
    "Handover": "hand-over", "PlanEntry": "entry", "PlanStay": "stay",
    "ProcedureAmendment": "amendment", "ProcedureCirculation": "circulation", "ProcedureDoubt": "doubt",
    "ProcedureEdition": "edition of a manual", "ProcedureImport": "import",
    "ProcedurePrint": "print of a manual", "ProcedureRegisterEntry": "entry of the registers",
    "DirectoryPost": "post", "DirectoryHolder": "holder of a post", "Referral": "referral that you have made",
    "RotaAdjustment": "adjustment", "RotaWarning": "warning", "SealedTransfer": "sealed file", "ShiftSwap": "swap",
    "SlotOffer": "offer",
    "ThresholdEdition": "edition of a threshold document", "TransferPaper": "paper of a transfer",
    "WebhookEndpoint": "webhook endpoint",
}  # fmt: skip
_TYPES: Final = {tag: name for name, tag in TAGS.items()}


def encode(type_name: str, key: UUID) -> str:
    """The id of one thing, unique over all types."""
    return base64.urlsafe_b64encode(TAGS[type_name] + key.bytes).decode()


def decode(identifier: str) -> tuple[str, UUID] | None:
    """Type and UUID of an id, or None when it is not one of ours."""
    try:
        raw = base64.urlsafe_b64decode(identifier.encode())
    except (binascii.Error, ValueError):
        return None
    if len(raw) != 18 or raw[:2] not in _TYPES:
        return None
    return _TYPES[raw[:2]], UUID(bytes=raw[2:])


def decode_as(type_name: str, identifier: str) -> UUID | None:
    """The UUID of an id of ``type_name``; None for anything else."""
    found = decode(identifier)
    return found[1] if found is not None and found[0] == type_name else None


def key_of(type_name: str, identifier: str) -> UUID:
    """The UUID of an id of ``type_name``. Raises ``NotFound`` for anything else."""
    found = decode_as(type_name, identifier)
    if found is None:
        raise NotFound(f"There is no such {_NOUNS.get(type_name, type_name.lower())} in this partnership.")
    return found
