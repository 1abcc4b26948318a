"""A calendar file made into turns of a rota. Pure: text in, turns and diagnostics out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from notifications.rota_imports import diagnostics as say
from notifications.rota_imports.diagnostics import MOST, Diagnostic, Fault, Severity
from notifications.rota_imports.events import Entry, normal, read_events
from notifications.rota_imports.recurrence import LONGEST_AGO, starts
from notifications.rotas.expansion import Turn
from notifications.rotas.walltime import occurrences, wall

MOST_TURNS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What a calendar comes to: turns in order, none overlapping another, and what there is to say.

    With an error among the diagnostics the turns are only what could be understood, not to be applied.
    """

    turns: list[Turn]
    diagnostics: list[Diagnostic]

    @property
    def faulty(self) -> bool:
        return any(said.severity is Severity.ERROR for said in self.diagnostics)


@dataclass(frozen=True, slots=True)
class _Occurrence:
    entry: Entry
    person: UUID
    begins: datetime
    ends: tuple[datetime, datetime]  # where the wall time of the end comes twice, its first and its last instant


def read(
    text: str, people: Mapping[str, UUID], zone: ZoneInfo, begins: datetime, until: datetime, *, clip_end: bool = True
) -> Reading:
    """The turns of [begins, until) that ``text`` describes, an iCalendar calendar of at most a few megabytes.

    ``people`` maps an attendee's address or an event's summary, in any case, to a person. Turns that reach over
    ``begins`` are cut to it, and over ``until`` too unless ``clip_end`` is false. As everywhere in a rota, a
    turn starts at the first occurrence of its wall time and ends at the last.
    """
    entries, said = read_events(text, zone)
    known = {normal(name): person for name, person in people.items()}
    found: list[_Occurrence] = []
    for entry in _replaced(entries, said):
        if entry.cancelled:
            remedy = "Nothing; take it out of the mapping too if the person has left."
            said.append(say.warning(Fault.CANCELLED, "It is cancelled and makes no turn.", remedy, *_place(entry)))
            continue
        if (person := _person(entry, known, said)) is not None:
            found += _occurrences(entry, person, begins, until, said)
    if len(found) > MOST_TURNS:
        remedy = "Export only this rota, and only the next three months."
        return Reading([], [say.error(Fault.TOO_MANY, f"It comes to more than {MOST_TURNS:,} turns.", remedy)])
    turns = _turns(found, begins, until if clip_end else None, said)
    if not turns and not any(one.severity is Severity.ERROR for one in said):
        message = "No event of the calendar makes a turn in the time to come."
        said.append(say.error(Fault.NOTHING_LEFT, message, "Check the dates of the export."))
    return Reading(turns, bounded(said))


def _place(entry: Entry) -> tuple[str, int | None]:
    return entry.uid, entry.line


def _replaced(entries: Sequence[Entry], said: list[Diagnostic]) -> Iterator[Entry]:
    """Single events, and series without the occurrences that an event of the same UID stands for."""
    stands_in: dict[str, set[date | datetime]] = {}
    for entry in entries:
        if entry.replaces is not None:
            stands_in.setdefault(entry.uid, set()).add(entry.replaces)
    times = Counter(entry.uid for entry in entries if entry.replaces is None)
    for entry in entries:
        if entry.replaces is None and times[entry.uid] > 1:
            message = "Another event has the same UID."
            said.append(say.warning(Fault.REPEATED_EVENT, message, "Each is taken as it stands.", *_place(entry)))
        if entry.replaces is not None:
            yield entry
        else:
            yield replace(entry, left_out=entry.left_out | stands_in.get(entry.uid, set()))


def _person(entry: Entry, known: Mapping[str, UUID], said: list[Diagnostic]) -> UUID | None:
    found = {known[name] for name in entry.names if name in known}
    if len(found) == 1:
        return found.pop()
    if found:
        message, remedy = "Its attendees and summary name several people.", "Leave one of them on the event."
        said.append(say.error(Fault.SEVERAL_PEOPLE, message, remedy, *_place(entry)))
    else:
        named = ", ".join(repr(name[:60]) for name in entry.names[:3]) or "nobody"
        remedy = "Map one of these to a person."
        said.append(say.error(Fault.UNKNOWN_PERSON, f"It names {named}, whom nobody knows.", remedy, *_place(entry)))
    return None


def _occurrences(
    entry: Entry, person: UUID, begins: datetime, until: datetime, said: list[Diagnostic]
) -> Iterator[_Occurrence]:
    zone = cast("ZoneInfo", entry.zone)  # a calendar's own VTIMEZONE does as well
    after = wall(until, zone)
    walls = [entry.start]
    if entry.repetition is not None:
        if entry.start < wall(begins, zone) - LONGEST_AGO:
            remedy = "Let the series begin within the last five years."
            said.append(say.error(Fault.RECURRENCE, "It has been repeating for too long.", remedy, *_place(entry)))
            return
        walls = [start for start in starts(entry.repetition, entry.start, zone, after) if entry.takes_place(start)]
    outside = 0
    for start in walls:
        first, ends = occurrences(start, zone)[0], occurrences(start + entry.length, zone)
        if first < until and ends[1] > begins:
            yield _Occurrence(entry, person, first, ends)
        else:
            outside += 1
    if outside == len(walls):
        message = "It lies wholly outside the time that is imported."
        said.append(say.note(Fault.OUTSIDE, message, "Nothing, unless its dates are wrong.", *_place(entry)))


def _turns(found: list[_Occurrence], begins: datetime, until: datetime | None, said: list[Diagnostic]) -> list[Turn]:
    """Turns in order. Whoever overlaps the turn before is said to; the same person's time is one turn."""
    turns: list[Turn] = []
    before: _Occurrence | None = None
    for one in sorted(found, key=lambda each: (each.begins, each.ends)):
        starts_at, ends_at = max(one.begins, begins), one.ends[1] if until is None else min(one.ends[1], until)
        if (starts_at, ends_at) != (one.begins, one.ends[1]):
            message = "It reaches over the time that is imported and is cut to it."
            said.append(say.note(Fault.CLIPPED, message, "Nothing, unless its dates are wrong.", *_place(one.entry)))
        if before is not None and one.begins < before.ends[0]:
            if one.person != before.person:
                message = f"It overlaps the event {before.entry.uid}, which is somebody else's."
                remedy = "Let one end where the other begins."
                said.append(say.error(Fault.OVERLAP, message, remedy, *_place(one.entry)))
                continue
            message = f"It overlaps the event {before.entry.uid} of the same person; they are one turn."
            said.append(say.warning(Fault.OVERLAP, message, "Nothing.", *_place(one.entry)))
            if one.ends > before.ends:
                turns[-1], before = replace(turns[-1], ends_at=ends_at), one
            continue
        handed_over_at = max(starts_at, turns[-1].ends_at) if turns else starts_at
        if handed_over_at < ends_at:
            turns.append(Turn(one.person, starts_at, handed_over_at, ends_at))
            before = one
    return turns


def bounded(said: list[Diagnostic]) -> list[Diagnostic]:
    """Errors first, by place; at most ``MOST``, and then how many more there are."""
    order = list(Severity)
    ranked = sorted(said, key=lambda one: (order.index(one.severity), one.line or 0))
    if len(ranked) <= MOST:
        return ranked
    message = f"{len(ranked) - MOST} more are not listed."
    last = say.Diagnostic(ranked[MOST].severity, Fault.TOO_MANY, message, "Mend these first.")
    return [*ranked[:MOST], last]
