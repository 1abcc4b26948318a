"""Turns written as an iCalendar calendar (RFC 5545, RFC 7986). Pure: the same turns give the same bytes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from icalendar import Calendar, Event

# How often a calendar program is asked to look again. Most look less often than they are asked to.
REFRESH: Final = timedelta(minutes=15)
_NAMESPACE: Final = UUID("6f1c1d0e-8f0b-5d5b-9a3e-2f6d2c1b7a40")  # of the ids that events get; never to be changed
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FeedTurn:
    """One turn: ``shift_id`` is the row, ``turn_key`` the turn of the rota's rule that it is or is a part of.

    ``moved_at`` is when it was given another end after it had begun.
    """

    shift_id: UUID
    rota_id: UUID
    position: int
    turn_key: str
    begins: datetime
    until: datetime
    title: str
    moved_at: datetime | None = None


def render(name: str, zone: str, turns: Iterable[FeedTurn]) -> bytes:
    """The calendar ``name`` with an event for each turn, in order of start, all times in UTC.

    An event keeps its UID while its turn moves, is shortened or passes to somebody else. Its revision is
    known by the row that holds it: a changed turn is a new row, whose time-ordered id gives LAST-MODIFIED
    to the millisecond and a SEQUENCE that only grows; of one that had begun, by when its end was moved.
    """
    calendar = Calendar()
    for property_name, value in (
        ("prodid", "-//Safeguard//On-call rota//EN"),
        ("version", "2.0"),
        ("calscale", "GREGORIAN"),
        ("method", "PUBLISH"),
        ("name", name),
        ("x-wr-calname", name),
        ("x-wr-timezone", zone),
        ("x-published-ttl", f"PT{int(REFRESH.total_seconds()) // 60}M"),
    ):
        calendar.add(property_name, value)
    calendar.add("refresh-interval", REFRESH, {"VALUE": "DURATION"})
    ordered = sorted(turns, key=lambda turn: (turn.begins, turn.until, turn.shift_id))
    for turn, uid in zip(ordered, uids(ordered), strict=True):
        calendar.add_component(_event(turn, uid))
    written: bytes = calendar.to_ical()
    return written


def uids(turns: Sequence[FeedTurn]) -> list[str]:
    """The UID of each turn, given in order of start: its identity in the rule, and which part of it this is."""
    parts: Counter[tuple[UUID, int, str]] = Counter()
    found: list[str] = []
    for turn in turns:
        place = turn.rota_id, turn.position, turn.turn_key or str(turn.shift_id)
        found.append(f"{uuid5(_NAMESPACE, '/'.join(map(str, (*place, parts[place]))))}@safeguard")
        parts[place] += 1
    return found


def changed_at(turn: FeedTurn) -> datetime:
    """When its end was moved, else when the row was made, from the milliseconds in its id (RFC 9562 §5.7)."""
    return turn.moved_at or datetime.fromtimestamp((turn.shift_id.int >> 80) / 1000, UTC)


def _event(turn: FeedTurn, uid: str) -> Event:
    changed = changed_at(turn).astimezone(UTC)
    event = Event()
    event.add("uid", uid)
    event.add("summary", turn.title)
    event.add("dtstart", turn.begins.astimezone(UTC))
    event.add("dtend", turn.until.astimezone(UTC))
    event.add("dtstamp", changed.replace(microsecond=0))
    event.add("last-modified", changed.replace(microsecond=0))
    event.add("sequence", max(0, int((changed - _EPOCH).total_seconds())))
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # to be on call is not to be busy
    event.add("class", "PRIVATE")
    return event
