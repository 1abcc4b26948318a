"""Events of a calendar file, read into plain values, each fault named with its place. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar.prop import vBroken

from notifications.rota_imports import diagnostics as say
from notifications.rota_imports.diagnostics import Diagnostic, Fault
from notifications.rota_imports.recurrence import NotUnderstood, Repetition, parse

MOST_EVENTS: Final = 5_000
MOST_REPEATING: Final = 500
_LONGEST_NAME: Final = 100
_MARK: Final = "\ufeff"  # what some programs write in front of a text to say that it is Unicode
_LONGEST_TURN: Final = timedelta(days=366)
_EARLIEST, _LATEST = 1970, 2200
# What of an event is read. A fault anywhere else in it changes no turn.
_READ: Final = ("DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE", "RECURRENCE-ID", "STATUS", "SUMMARY", "ATTENDEE")
_ONCE: Final = ("DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID")


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: wall times in ``zone``, and the names that may tell whose turn it is.

    ``length`` is in wall time, so that a turn from 09:00 to 09:00 stays one at a clock change. ``replaces``
    is the occurrence that it stands for, ``left_out`` are those that do not take place: each a wall time, or
    a day alone, as some programs write it.
    """

    uid: str
    line: int | None
    names: tuple[str, ...]
    start: datetime
    length: timedelta
    zone: tzinfo
    repetition: Repetition | None = None
    left_out: frozenset[date | datetime] = frozenset()
    replaces: date | datetime | None = None
    cancelled: bool = False

    def takes_place(self, start: datetime) -> bool:
        """Whether the occurrence at a wall time is not left out, nor is its day."""
        return start not in self.left_out and start.date() not in self.left_out


class _Unusable(Exception):
    """An event that cannot be read; holds what to say about it."""

    def __init__(self, fault: Fault, message: str, remedy: str) -> None:
        super().__init__(message)
        self.fault, self.remedy, self.message = fault, remedy, message


def read_events(text: str, rota_zone: ZoneInfo) -> tuple[list[Entry], list[Diagnostic]]:
    """The events of ``text``, and what there is to say. Never raises: whatever is wrong is a diagnostic.

    Times that carry no zone, and whole days, are taken in ``rota_zone``.
    """
    try:
        calendar = Calendar.from_ical(text.removeprefix(_MARK))
        found: list[Any] = list(calendar.walk("VEVENT"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        remedy = "Export the calendar again as iCalendar (.ics); it begins with BEGIN:VCALENDAR."
        return [], [say.error(Fault.UNREADABLE, "The text is not one whole iCalendar calendar.", remedy)]
    if len(found) > MOST_EVENTS or sum("RRULE" in event for event in found) > MOST_REPEATING:
        message = f"There are more than {MOST_EVENTS:,} events, or {MOST_REPEATING} that repeat."
        return [], [say.error(Fault.TOO_MANY, message, "Export only this rota, and only the next three months.")]
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip().upper() == "BEGIN:VEVENT"]
    events: list[Entry] = []
    said: list[Diagnostic] = []
    for number, event in enumerate(found):
        line = lines[number] if number < len(lines) else None
        uid = _plain(event.get("UID")) or f"event {number + 1}"
        try:
            entry, notes = _entry(event, uid, line, rota_zone)
        except (ValueError, TypeError, AttributeError, OverflowError):  # values that the library lets through
            said.append(say.error(Fault.UNREADABLE, "It cannot be read.", _CORRECT, uid, line))
            continue
        except _Unusable as fault:
            said.append(say.error(fault.fault, fault.message, fault.remedy, uid, line))
            continue
        events.append(entry)
        said += notes
    return events, said


def _entry(event: Mapping[str, Any], uid: str, line: int | None, rota_zone: ZoneInfo) -> tuple[Entry, list[Diagnostic]]:
    _check(event)
    start, end, notes = _times(event, rota_zone)
    zone = start.tzinfo or rota_zone
    wall = start.replace(tzinfo=None)
    repetition = None
    if (rule := event.get("RRULE")) is not None:
        try:
            repetition = parse(rule, wall)
        except NotUnderstood as reason:
            raise _Unusable(Fault.RECURRENCE, f"How it repeats is not understood: {reason}.", _REPEAT) from None
    replaces = event.get("RECURRENCE-ID")
    entry = Entry(
        uid=uid, line=line, names=_names(event), start=wall, length=end - wall, zone=zone, repetition=repetition,
        left_out=frozenset(_occurrence(value, zone) for value in _exceptions(event)),
        replaces=None if replaces is None else _occurrence(replaces.dt, zone),
        cancelled=_plain(event.get("STATUS")).upper() == "CANCELLED",
    )  # fmt: skip
    if not _EARLIEST <= wall.year <= _LATEST or entry.length > _LONGEST_TURN:
        raise _Unusable(Fault.UNREADABLE, "It is centuries away or longer than a year.", _CORRECT)
    if entry.length <= timedelta() and not entry.cancelled:
        remedy = "Give it an end after its start, or take it out."
        raise _Unusable(Fault.NO_LENGTH, "It ends when it starts, or before.", remedy)
    return entry, [note(uid, line) for note in notes]


_CORRECT: Final = "Correct the event where it is kept and export it again."
_REPEAT: Final = "Export its occurrences as single events, or let it repeat daily or weekly."


def _check(event: Mapping[str, Any]) -> None:
    """Raise for properties that are broken, repeated or not understood."""
    broken = [name for name in _READ if isinstance(event.get(name), vBroken)]
    broken += [name for name in _ONCE if isinstance(event.get(name), list)]
    if "DTSTART" not in event:
        broken.append("DTSTART")
    if broken:
        message = f"Its {broken[0]} is missing, cannot be read or stands there twice."
        raise _Unusable(Fault.UNREADABLE, message, _CORRECT)
    if "RDATE" in event or "EXRULE" in event:
        raise _Unusable(Fault.RECURRENCE, "It repeats by RDATE or EXRULE, which are not understood.", _REPEAT)
    replaced = event.get("RECURRENCE-ID")
    if replaced is not None and "RANGE" in replaced.params:
        raise _Unusable(Fault.RECURRENCE, "It changes all occurrences from one on (RANGE).", _REPEAT)


class _Note:
    """A note whose place is not known yet."""

    def __init__(self, fault: Fault, message: str, remedy: str) -> None:
        self._content = fault, message, remedy

    def __call__(self, uid: str, line: int | None) -> Diagnostic:
        return say.note(*self._content, uid, line)


def _times(event: Mapping[str, Any], rota_zone: ZoneInfo) -> tuple[datetime, datetime, list[_Note]]:
    """The start, aware unless it is floating, the end as a wall time of the start's zone, and notes."""
    began = event["DTSTART"]
    start, whole_days = began.dt, not isinstance(began.dt, datetime)
    _check_zone(began)
    if not isinstance(start, date):
        raise _Unusable(Fault.UNREADABLE, "Its DTSTART is no date.", _CORRECT)
    end = _end(event, start)
    if isinstance(end, datetime) is whole_days:
        message = "One of its start and end is a whole day, the other a time."
        raise _Unusable(Fault.UNREADABLE, message, "Give both a time, or both a date.")
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        midnights = datetime.combine(start, time.min), datetime.combine(end, time.min)
        said = f"It is taken from midnight to midnight in {rota_zone.key}."
        return *midnights, [_Note(Fault.ALL_DAY, said, "If the turn hands over at another hour, give it times.")]
    if start.tzinfo is None:
        said = f"Its times carry no zone and are taken in {rota_zone.key}."
        note = _Note(Fault.FLOATING_TIME, said, "If they are another zone's, export them with it.")
        return start, end.replace(tzinfo=None), [note]
    return start, _wall(end, start.tzinfo), []


def _end(event: Mapping[str, Any], start: date | datetime) -> date | datetime:
    """DTEND; or DTSTART and DURATION; or as RFC 5545 §3.6.1 says, one day for a date and no time for a time."""
    ended, lasting = event.get("DTEND"), event.get("DURATION")
    if ended is not None:
        _check_zone(ended)
        end = ended.dt
    elif lasting is not None:
        end = start + lasting.dt
    else:
        end = start if isinstance(start, datetime) else start + timedelta(days=1)
    if not isinstance(end, date):
        raise _Unusable(Fault.UNREADABLE, "Its DTEND is no date.", _CORRECT)
    return end


def _check_zone(value: Any) -> None:
    """A zone that is named and not known must not pass for a time without one."""
    named = str(value.params.get("TZID", ""))[:_LONGEST_NAME]
    if named and isinstance(value.dt, datetime) and value.dt.tzinfo is None:
        remedy = "Use an IANA name such as Europe/London, or include its VTIMEZONE."
        raise _Unusable(Fault.UNKNOWN_ZONE, f"The time zone {named!r} is not known.", remedy)


def _exceptions(event: Mapping[str, Any]) -> Iterator[date | datetime]:
    given: Any = event.get("EXDATE", [])
    for group in given if isinstance(given, list) else [given]:
        for value in group.dts:
            yield value.dt


def _occurrence(value: date | datetime, zone: tzinfo) -> date | datetime:
    return _wall(value, zone) if isinstance(value, datetime) else value


def _wall(value: datetime, zone: tzinfo) -> datetime:
    return value if value.tzinfo is None else value.astimezone(zone).replace(tzinfo=None)


def _names(event: Mapping[str, Any]) -> tuple[str, ...]:
    """Attendees' addresses, then the summary: whatever may name the person."""
    attendees: Any = event.get("ATTENDEE", [])
    names = [normal(str(attendee)) for attendee in (attendees if isinstance(attendees, list) else [attendees])]
    return tuple(name for name in [*names, normal(str(event.get("SUMMARY", "")))] if name)


def normal(name: str) -> str:
    """A name or address as it is compared: without ``mailto:``, case or doubled spaces."""
    return " ".join(name.split()).casefold().removeprefix("mailto:")


def _plain(value: object) -> str:
    """A text of the calendar as it may be shown: short and printable."""
    return "".join(character for character in str(value or "") if character.isprintable())[:_LONGEST_NAME]
