"""What a letter says of a meeting: what is recorded of it, without what a reader of the copy may not read."""

from uuid import UUID

from backend.kit.session import TenantSession
from backend.letters.sight import Sight
from backend.letters.sources import SOURCES
from backend.letters.values import EMPTY, Value, answered, coded, moment, said, spaced, table
from backend.meetings import repository
from backend.meetings.agenda import standing
from backend.meetings.models import Meeting, MeetingInvitation, MeetingOutcome, Part
from backend.meetings.record_models import MeetingAction, MeetingAttendance, MeetingDecision
from backend.meetings.standing import attendances, invitations, items
from backend.meetings.withholding import readable
from backend.pathways import repository as pathways
from backend.pathways.casework_models import PathwayDecision, PathwayTask
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.steps import Decision
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.models import PathwayForm
from tenants.contacts import repository as contacts

_ASKED = {Part.REQUIRED: "come", Part.OPTIONAL: "come if they can", Part.RECIPIENT: "read the papers"}


async def meeting_values(session: TenantSession, row: Meeting, sight: Sight, zone: str) -> dict[str, Value]:
    """The source ``meeting``."""
    asked = list((await invitations(session, row)).values())
    came = {one.invitation_id: one for one in await attendances(session, row)}
    people = [row.chair_id, *(one.person_id for one in asked), *(one.recorded_by for one in came.values())]
    names = await _names(session, people)
    definition = effective_of(await editions.edition(session, row.edition_id)).definition
    return {
        "meeting.title": said(row.title), "meeting.planned": moment(row.planned_at, zone),
        "meeting.held": moment(row.held_at, zone), "meeting.place": said(row.place),
        "meeting.joining": said(row.joining),
        "meeting.chair": said(names.get(row.chair_id)) if row.chair_id else EMPTY,
        "meeting.quorum": _quorum(row),
        "meeting.invitees": table(SOURCES["meeting.invitees"].columns, [
            (_name(one, names), spaced(one.role), spaced(one.agency), _ASKED[one.part]) for one in asked
        ]),
        "meeting.attendance": table(SOURCES["meeting.attendance"].columns, [
            (_name(one, names), spaced(one.role), spaced(one.agency), _came(came[one.id])) for one in asked
            if one.id in came
        ]),
        **await _agenda(session, row, sight), **await _results(session, row, definition, zone),
        "meeting.reports": await _reports(session, row, definition, sight, zone),
    }  # fmt: skip


def _quorum(row: Meeting) -> Value:
    if row.quorate is None:
        return EMPTY
    return said("There was a quorum." if row.quorate else f"There was no quorum. {row.exception_reason}")


async def _agenda(session: TenantSession, row: Meeting, sight: Sight) -> dict[str, Value]:
    """The agenda, and what is minuted of it. What is withheld from a reader is as if it never was."""
    every = list((await items(session, row)).values())
    shown = sorted(readable(every, set(sight.kept_items)), key=lambda one: one.number)
    outcomes = standing(await repository.of_meeting(session, MeetingOutcome, row.id))
    minuted = [(str(one.number), one.text, _minuted(outcomes[one.id])) for one in shown if one.id in outcomes]
    left = len(shown) < len(every)
    return {
        "meeting.agenda": table(SOURCES["meeting.agenda"].columns, [(str(one.number), one.text) for one in shown],
                                left_out=left),
        "meeting.outcomes": table(SOURCES["meeting.outcomes"].columns, minuted, left_out=left),
    }  # fmt: skip


def _minuted(row: MeetingOutcome) -> str:
    state = "" if row.state.value == "discussed" else f"{spaced(row.state.value)}. "
    return f"{state}{row.text or ''}".strip()


async def _results(session: TenantSession, row: Meeting, definition: Definition, zone: str) -> dict[str, Value]:
    taken = {one.decision_id for one in await repository.of_meeting(session, MeetingDecision, row.id)}
    given = {one.task_id for one in await repository.of_meeting(session, MeetingAction, row.id)}
    decisions = [one for one in await pathways.of_run(session, PathwayDecision, row.run_id) if one.id in taken]
    tasks = [one for one in await pathways.of_run(session, PathwayTask, row.run_id) if one.id in given]
    names = await _names(session, [one.owner_id for one in tasks])
    asked = {one.id: one for one in definition.decisions}
    return {
        "meeting.decisions": table(SOURCES["meeting.decisions"].columns, [
            (asked[one.code].question if one.code in asked else spaced(one.code), _options(asked.get(one.code), one),
             one.reasons)
            for one in decisions
        ]),
        "meeting.actions": table(SOURCES["meeting.actions"].columns, [
            (one.text, names.get(one.owner_id, spaced(one.role)) if one.owner_id else spaced(one.role),
             moment(one.due_at, zone).text)
            for one in tasks
        ]),
    }  # fmt: skip


def _options(question: Decision | None, row: PathwayDecision) -> str:
    known = {one.id: one.text for one in question.options} if question else {}
    return "; ".join(known.get(code, spaced(code)) for code in row.options)


async def _reports(session: TenantSession, row: Meeting, definition: Definition, sight: Sight, zone: str) -> Value:
    """Answers to the forms of the meeting's run, but for those that a mask keeps from a reader."""
    forms = {one.id: one for one in definition.forms}
    labels = {one.id: one.label for one in definition.information}
    minutes = next((one.minutes.form for one in definition.meetings if one.id == row.code and one.minutes), None)
    done = [one for one in await pathways.of_run(session, PathwayForm, row.run_id)
            if one.code in forms and one.code != minutes]  # fmt: skip
    names = await _names(session, [one.completed_by for one in done])
    rows, left = [], False
    for one in done:
        for code, value in one.answers.items():
            if not sight.item(definition, code):
                left = True
                continue
            rows.append((forms[one.code].title, _named(names, one.completed_by), labels.get(code, spaced(code)),
                         answered(value, zone).text))  # fmt: skip
    return table(SOURCES["meeting.reports"].columns, rows, left_out=left)


def _named(names: dict[UUID, str], person_id: UUID | None) -> str:
    return names.get(person_id, "") if person_id is not None else ""


async def _names(session: TenantSession, person_ids: list[UUID | None]) -> dict[UUID, str]:
    found = await contacts.people(session, [one for one in person_ids if one is not None])
    return {one.id: one.name for one in found.values()}


def _name(one: MeetingInvitation, names: dict[UUID, str]) -> str:
    return (names.get(one.person_id) if one.person_id else one.outside_name) or ""


def _came(one: MeetingAttendance) -> str:
    said_of = coded(one.attendance.value).text
    return f"{said_of}: {one.deputy_name}" if one.deputy_name else said_of
