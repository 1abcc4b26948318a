"""From rows of the log to what one person is told: each thing once, and what they have lost. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from backend.changes.cursors import Place
from backend.changes.models import ChangeKind


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that changed, or with ``gone`` one of which the person must keep nothing.

    A case that is gone takes with it all that names it as ``case_id``. ``place`` is that of the first row that names
    it: whoever resumes there meets again what was told of it later, and misses nothing. ``named`` says that one of
    the rows names the person.
    """

    kind: ChangeKind
    subject_id: UUID
    case_id: UUID | None
    gone: bool
    place: Place
    named: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """What is there for a person now, of the things that rows of the log name.

    ``cases_there`` are the cases of which anything at all is told to them, ``tied`` those of which they may hold a
    copy although they are not there any more.
    """

    person_id: UUID
    things: Collection[tuple[ChangeKind, UUID]]
    cases_there: Collection[UUID]
    tied: Collection[UUID]


def fold(rows: Sequence[Any], sight: Sight, *, most: int) -> tuple[list[Entry], Place | None]:
    """At most so many entries, in the order in which each thing is first named, and the place they reach to.

    The place is that of the last row that is told by them, None when that is all of the rows. Whoever never could
    see a thing is not told that there is one: a loss is told to those who are tied to the case or whom the row names.
    """
    told: dict[tuple[ChangeKind, UUID], Entry] = {}
    reached: Place | None = None
    for row in rows:
        place = Place(row.transaction, row.number)
        entry = _told(row, sight, place)
        if entry is not None:
            key = (entry.kind, entry.subject_id)
            if key not in told and len(told) == most:
                return list(told.values()), reached
            known = told.setdefault(key, entry)
            if row.person_id == sight.person_id and not known.named:
                told[key] = replace(known, named=True)
        reached = place
    return list(told.values()), None


def _told(row: Any, sight: Sight, place: Place) -> Entry | None:
    kind = ChangeKind(row.kind)
    if (kind, row.subject_id) in sight.things:
        return Entry(kind, row.subject_id, row.case_id, gone=False, place=place)
    named = row.person_id == sight.person_id
    if row.case_id is not None and row.case_id not in sight.cases_there:
        lost = named or row.case_id in sight.tied
        return Entry(ChangeKind.CASE, row.case_id, row.case_id, gone=True, place=place) if lost else None
    if named and kind is not ChangeKind.CASE:
        return Entry(kind, row.subject_id, row.case_id, gone=True, place=place)
    return None
