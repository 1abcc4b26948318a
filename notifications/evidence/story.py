"""One alert's story as an ordered, typed sequence. Pure: rows in, events out, and a sentence for each.

An event names staff, roles, channels and providers, never an address and nothing of a child. Its
``at`` is the database's clock at the moment that the row was written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. ``kind`` is one of ``SENTENCES``; ``facts`` holds texts, numbers and ids only."""

    at: datetime
    kind: str
    facts: dict[str, Any] = field(default_factory=dict)


# Events of the same instant are of one transaction: this is the order in which they follow from each other.
SENTENCES: Final[Mapping[str, str]] = {
    "accepted": "The alert {reference} ({type}) was accepted{as_drill}, under version {policy_version} of its policy.",
    "slot_opened": "The role {role} had to {purpose}.",
    "opened": "{who} opened the alert, as {role}.",
    "link_fetched": "The link in the {channel} to {who} was fetched, by a person or by a machine.",
    "link_used": "A button behind the link in the {channel} to {who} was pressed.",
    "wrong_code": "A text from the number of {who} held no code of an open call.",
    "acknowledged": "{who} accepted the call as {role}, {how}.",
    "answered_for": "{by_whom} answered for {who} as {role}, as duty manager: {reason}.",
    "taken_over": "{who} took over the role {role} from {giver}, {how}.",
    "not_taken_over": "{who} did not take over the role {role} from {giver}, {how}.",
    "declined": "{who} could not come as {role}, {how}: {reason}.",
    "expired": "The time of {who} to answer as {role} was over.",
    "unreachable": "None of the messages to {who} as {role} could arrive.",
    "finding": "The auditor found {finding}{repaired}.",
    "alarm": "A configuration alarm was raised for {role}: {alarm}.",
    "recorded": "The audit log, entry {seq}: {action}{by_whom}.",
    "paged": "{who} was called as {role}, rung {rung}, found by {found_by}{until}.",
    "offered": "{who} was asked to take over the role {role}{until}.",
    "told": "{who} was to be told of the end of the alert, having been called as {role}.",
    "delivery": "The {channel} to {who} for {role}: {came}{by}{why}{after}.",
    "retired": "The {channel} address of {who} was dead: it is not used any more.",
    "met": "Every role that had to answer had done so: the alert was met.",
    "closed": "{by_whom} closed the alert: {closed_as}.",
}
_ORDER: Final = {kind: number for number, kind in enumerate(SENTENCES)}


def in_order(events: list[Event]) -> list[Event]:
    """By instant, then as one thing follows from another. The same for the same events, however they came."""
    return sorted(events, key=_place)


def _place(event: Event) -> tuple[object, ...]:
    # Ids and sequence numbers follow the order of writing.
    written = (event.facts.get("seq", 0), str(event.facts.get("id", "")))
    return event.at, _ORDER[event.kind], *written, sorted(map(str, event.facts.items()))


def sentence(event: Event) -> str:
    """The event as a person would say it."""
    return SENTENCES[event.kind].format(**{name: _plain(value) for name, value in event.facts.items()})


def told(events: list[Event], zone: str) -> list[tuple[str, str, str]]:
    """Local time, time since the first event, and sentence of each."""
    here = ZoneInfo(zone)
    began = events[0].at if events else None
    return [
        (local_time(event.at, here), _elapsed((event.at - began).total_seconds()) if began else "", sentence(event))
        for event in events
    ]


def local_time(at: datetime, here: ZoneInfo) -> str:
    """Such as ``2026-07-01 03:10:07.250 BST``."""
    local = at.astimezone(here)
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03} {local:%Z}"


def _elapsed(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"+{hours}:{minutes:02}:{rest:06.3f}"


def _plain(value: Any) -> str:
    return str(value).replace("_", " ") if isinstance(value, str) else str(value)
