"""The form of a meeting's minutes, filled from what is recorded of the meeting: nobody types it twice.

What is filled is a proposal. Whoever minutes completes it, and it is checked as any form is.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from backend.kit.session import TenantSession
from backend.meetings import repository
from backend.meetings.agenda import standing
from backend.meetings.circulation import CAME
from backend.meetings.models import Meeting, MeetingInvitation, MeetingItem, MeetingOutcome, Part
from backend.meetings.record_models import Attendance, MeetingAction, MeetingAttendance, MeetingDecision
from backend.meetings.standing import attendances, definition_of, invitations, items
from backend.meetings.withholding import readable
from backend.pathways import repository as pathways
from backend.pathways.casework_models import PathwayDecision, PathwayTask
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.minuting import FromMeeting, MeetingFact
from backend.pathways.definitions.records import Form, Information, Kind
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.forms import is_empty
from backend.pathways.models import PathwayFact
from tenants.contacts import repository as contacts
from tenants.partnerships import repository as partnerships


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form with answers by code; ``lacking`` are items that nothing is recorded of yet."""

    form: Form
    definition: Definition
    answers: dict[str, Any]
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What is recorded of a meeting, in names and words."""

    meeting: Meeting
    names: Mapping[UUID, str]
    asked: tuple[MeetingInvitation, ...]
    came: Mapping[UUID, MeetingAttendance]
    minuted: Mapping[str, str]
    decisions: tuple[tuple[tuple[str, ...], str], ...]
    """The answers that were chosen, with the reasons."""
    actions: tuple[str, ...]
    facts: Mapping[str, Any]


async def filled_form(session: TenantSession, row: Meeting, hidden: set[UUID]) -> FilledForm | None:
    """The form that the meeting's minutes are written in; None where the definition names none.

    ``hidden`` are items of the agenda that whoever asks may not read.
    """
    meeting = await definition_of(session, row)
    definition = effective_of(await editions.edition(session, row.edition_id)).definition
    code = meeting.minutes.form if meeting.minutes else None
    form = next((one for one in definition.forms if one.id == code), None)
    if form is None:
        return None
    record = await _record(session, row, definition, hidden)
    wanted = [one for one in definition.information if one.id in form.information]
    answers = {one.id: value for one in wanted if not is_empty(value := answer(one, record))}
    return FilledForm(form, definition, answers, tuple(one.id for one in wanted if one.id not in answers))


def answer(item: Information, record: Record) -> Any:  # JSON
    """What the meeting says of an item of its minutes, as the definition has it filled; None where it says nothing.

    What was recorded of the run before is proposed only where the meeting itself says nothing. Pure.
    """
    found = _shaped(item, _lines(item.from_meeting, record)) if item.from_meeting is not None else None
    return record.facts.get(item.id) if is_empty(found) else found


def _lines(wanted: FromMeeting, record: Record) -> list[str]:
    said = [line for one in wanted.tells for line in _TELLS[one](wanted, record)]
    minuted = (record.minuted.get(text.casefold()) for text in wanted.agenda)
    return [*said, *(text for text in minuted if text)]


def _shaped(item: Information, lines: Sequence[str]) -> Any:  # JSON
    """Lines as the item's kind has them; of a choice only what is one of its answers."""
    chosen = [line for line in lines if line in item.choices]
    match item.kind:
        case Kind.PEOPLE:
            return list(dict.fromkeys(lines))
        case Kind.CHOICES:
            return list(dict.fromkeys(chosen))
        case Kind.CHOICE:
            return chosen[0] if len(chosen) == 1 else None
        case Kind.PERSON | Kind.INSTANT:
            return lines[0] if lines else None
        case _:
            return "\n".join(lines)


def _of_people(wanted: FromMeeting, record: Record) -> list[MeetingInvitation]:
    """Those who were asked, of the agencies and in the roles that are wanted."""
    return [
        one
        for one in record.asked
        if (not wanted.agencies or one.agency in wanted.agencies) and (not wanted.roles or one.role in wanted.roles)
    ]


def _with(wanted: FromMeeting, record: Record, ways: Collection[Attendance]) -> list[str]:
    return [
        _came(one, record.came[one.id], record)
        for one in _of_people(wanted, record)
        if one.id in record.came and record.came[one.id].attendance in ways
    ]


_TELLS: Final[Mapping[MeetingFact, Callable[[FromMeeting, Record], list[str]]]] = {
    MeetingFact.HELD: lambda _, record: [record.meeting.held_at.isoformat()] if record.meeting.held_at else [],
    MeetingFact.CALLED_BY: lambda _, record: [name] if (name := record.names.get(record.meeting.called_by)) else [],
    MeetingFact.INVITED: lambda wanted, record: [_name(one, record) for one in _of_people(wanted, record)],
    MeetingFact.ATTENDED: lambda wanted, record: _with(wanted, record, CAME),
    MeetingFact.REPORTED: lambda wanted, record: _with(wanted, record, {Attendance.REPORT_ONLY}),
    MeetingFact.DECISIONS: lambda _, record: [text for texts, _reasons in record.decisions for text in texts],
    MeetingFact.DECISIONS_WITH_REASONS: lambda _, record: [
        f"{'; '.join(texts).rstrip('.')}: {reasons}" for texts, reasons in record.decisions
    ],
    MeetingFact.ACTIONS: lambda _, record: list(record.actions),
}


def _came(one: MeetingInvitation, came: MeetingAttendance, record: Record) -> str:
    name = f"{_name(one, record)} ({one.role.replace('-', ' ')})"
    return f"{came.deputy_name} for {name}" if came.deputy_name else name


def _name(one: MeetingInvitation, record: Record) -> str:
    return (record.names.get(one.person_id) if one.person_id else one.outside_name) or ""


async def _record(session: TenantSession, row: Meeting, definition: Definition, hidden: set[UUID]) -> Record:
    asked = [one for one in (await invitations(session, row)).values() if one.part is not Part.RECIPIENT]
    came = {one.invitation_id: one for one in await attendances(session, row)}
    agenda = readable((await items(session, row)).values(), hidden)
    outcomes = standing(await repository.of_meeting(session, MeetingOutcome, row.id))
    taken = {one.decision_id for one in await repository.of_meeting(session, MeetingDecision, row.id)}
    given = {one.task_id for one in await repository.of_meeting(session, MeetingAction, row.id)}
    decisions = [one for one in await pathways.of_run(session, PathwayDecision, row.run_id) if one.id in taken]
    tasks = [one for one in await pathways.of_run(session, PathwayTask, row.run_id) if one.id in given]
    people = [row.called_by, *(one.person_id for one in asked), *(one.owner_id for one in tasks)]
    found = await contacts.people(session, [one for one in people if one is not None])
    names = {one.id: one.name for one in found.values()}
    facts = await pathways.of_run(session, PathwayFact, row.run_id)
    zone = ZoneInfo((await partnerships.own(session)).zone)
    return Record(
        row, names, tuple(asked), came, _minuted(agenda, outcomes),
        tuple((_decided(one, definition), one.reasons) for one in decisions),
        tuple(_action(one, names, zone) for one in tasks), {one.code: one.value for one in facts},
    )  # fmt: skip


def _minuted(agenda: Iterable[MeetingItem], outcomes: Mapping[UUID, MeetingOutcome]) -> dict[str, str]:
    """What is minuted of each item, by its words."""
    return {one.text.casefold(): text for one in agenda if one.id in outcomes and (text := outcomes[one.id].text)}


def _decided(row: PathwayDecision, definition: Definition) -> tuple[str, ...]:
    asked = next((one for one in definition.decisions if one.id == row.code), None)
    known = {one.id: one.text for one in asked.options} if asked else {}
    return tuple(known.get(code, code) for code in row.options)


def _action(row: PathwayTask, names: Mapping[UUID, str], zone: ZoneInfo) -> str:
    who = names.get(row.owner_id, row.role) if row.owner_id else row.role
    return f"{row.text} ({who}{f', by {row.due_at.astimezone(zone):%d/%m/%Y}' if row.due_at else ''})"
