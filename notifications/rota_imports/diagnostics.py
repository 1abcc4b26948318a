"""What there is to say about an imported calendar, event by event."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# A calendar that is wrong throughout is described well enough by its first faults.
MOST: Final = 200


class Severity(StrEnum):
    """An error keeps the whole calendar from being applied; the others say what was made of an event."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Fault(StrEnum):
    UNREADABLE = "unreadable"
    UNKNOWN_PERSON = "unknown_person"
    SEVERAL_PEOPLE = "several_people"
    OVERLAP = "overlap"
    REPEATED_EVENT = "repeated_event"
    NO_LENGTH = "no_length"
    UNKNOWN_ZONE = "unknown_zone"
    FLOATING_TIME = "floating_time"
    ALL_DAY = "all_day"
    RECURRENCE = "recurrence"
    CANCELLED = "cancelled"
    CLIPPED = "clipped"
    OUTSIDE = "outside"
    NOTHING_LEFT = "nothing_left"
    GAP = "gap"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing about one event. ``uid`` and ``line`` are where it stands; None for the calendar as a whole."""

    severity: Severity
    fault: Fault
    message: str
    remedy: str
    uid: str | None = None
    line: int | None = None


def error(fault: Fault, message: str, remedy: str, uid: str | None = None, line: int | None = None) -> Diagnostic:
    return Diagnostic(Severity.ERROR, fault, message, remedy, uid, line)


def warning(fault: Fault, message: str, remedy: str, uid: str | None = None, line: int | None = None) -> Diagnostic:
    return Diagnostic(Severity.WARNING, fault, message, remedy, uid, line)


def note(fault: Fault, message: str, remedy: str, uid: str | None = None, line: int | None = None) -> Diagnostic:
    return Diagnostic(Severity.NOTE, fault, message, remedy, uid, line)
