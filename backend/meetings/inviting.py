"""Who is asked to a meeting, in which role and for which agency, and how they are told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from backend.cases import repository as files
from backend.cases import service as cases
from backend.cases.access import repository as access
from backend.kit.ids import uuid7
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from backend.meetings.models import MeetingInvitation, Part
from backend.meetings.standing import Sitting, invitations
from backend.pathways.definitions.faults import choose
from backend.pathways.definitions.library import shipped
from notifications.deliveries import notices
from notifications.deliveries.wording import MEETING_INVITATION, MEETING_INVITATION_OUTSIDE
from tenants.contacts import repository as contacts
from tenants.contacts.addresses import is_email
from tenants.contacts.models import Person

MOST_INVITEES: Final = 100
UNKNOWN_AGENCY: Final = "any"


@dataclass(frozen=True, slots=True)
class InviteeTold:
    """A practitioner of the case or, by name, somebody from outside the partnership.

    ``role`` is a role's code; ``agency`` need be said only where the role is of any agency. An outsider is told by
    ``outside_email``, where that is given; ``told_how`` says how else.
    """

    role: str
    person_id: UUID | None = None
    outside_name: str | None = None
    agency: str | None = None
    told_how: str | None = None
    papers_only: bool = False
    outside_email: str | None = None

    @property
    def comes(self) -> bool:
        return not self.papers_only


async def ask(session: TenantSession, sitting: Sitting, told: Sequence[InviteeTold]) -> list[MeetingInvitation]:
    """Record invitations and send word of each to its person; once the hour has come nobody is sent anything.

    Raises ``NotFound`` for people of nowhere here, ``Invalid`` for who does not work on the case, is not on the
    list of a restricted one, was asked before, or is named by halves.
    """
    if not told:
        return []
    people = await known_people(session, told)
    faults = [fault for number, one in enumerate(told) for fault in _faults(one, f"invitees.{number}")]
    if len(told) > MOST_INVITEES:
        faults.append(FieldError("invitees", f"must be at most {MOST_INVITEES} at once"))
    faults += await _person_faults(session, sitting, told)
    if faults:
        raise Invalid(faults)
    agencies = await contacts.agencies(session, {person.agency_id for person in people.values()})
    kinds = {row.id: row.kind.value.replace("_", "-") for row in agencies.values()}
    made = []
    for one in told:
        person = people.get(one.person_id) if one.person_id else None
        made.append(await _asked(session, sitting, one, _agency(one, person, kinds)))
    await cases.record(session, sitting.row.case_id, "meeting.invited", sitting.caller, meeting=sitting.row.id,
                       invitations=[str(row.id) for row in made])  # fmt: skip
    return made


async def known_people(session: TenantSession, told: Iterable[InviteeTold]) -> dict[UUID, Person]:
    """People of the partnership who are named. Raises ``NotFound``, or ``Invalid`` for somebody who has left."""
    named = [one.person_id for one in told if one.person_id is not None]
    return {person.id: person for person in await cases.here(session, "invitees", named)}


async def _asked(session: TenantSession, sitting: Sitting, one: InviteeTold, agency: str) -> MeetingInvitation:
    meeting, invitation_id, sent = sitting.row, uuid7(), 0
    to_come = one.comes and meeting.planned_at > sitting.at.now
    if one.person_id is not None and to_come:
        sent = await notices.tell(session, [one.person_id], template=MEETING_INVITATION, subject_id=invitation_id,
                                  until=meeting.planned_at)  # fmt: skip
    elif one.outside_email is not None and to_come:
        sent = await notices.write_outside(session, one.outside_email, template=MEETING_INVITATION_OUTSIDE,
                                           subject_id=invitation_id, until=meeting.planned_at)  # fmt: skip
    row = MeetingInvitation(
        tenant_id=session.tenant_id, id=invitation_id, meeting_id=meeting.id, part=_part(sitting, one),
        person_id=one.person_id, outside_name=one.outside_name, outside_email=one.outside_email,
        role=one.role, agency=agency, told_how=one.told_how, notices=sent,
        invited_by=sitting.caller.person_id, invited_at=sitting.at.now,
    )  # fmt: skip
    session.insert(row)
    return row


def _part(sitting: Sitting, one: InviteeTold) -> Part:
    if one.papers_only:
        return Part.RECIPIENT
    always = {*sitting.definition.attend, sitting.row.chair_role}
    return Part.REQUIRED if one.role in always else Part.OPTIONAL


def _faults(one: InviteeTold, at: str) -> list[FieldError]:
    known = shipped()
    faults = text_faults(**{f"{at}.toldHow": (one.told_how, 300)})
    if (one.person_id is None) == (one.outside_name is None):
        faults.append(FieldError(at, "name a person of the partnership, or somebody outside it by name"))
    if one.outside_name is not None and (fault := text_fault(f"{at}.outsideName", one.outside_name, 200)):
        faults.append(fault)
    if one.outside_email is not None and one.outside_name is None:
        faults.append(FieldError(f"{at}.outsideEmail", "is for somebody outside; people here are told by their own"))
    elif one.outside_email is not None and not is_email(one.outside_email):
        faults.append(FieldError(f"{at}.outsideEmail", "must be an email address, such as wren.saltmarsh@example.org"))
    if one.role not in known.roles:
        faults.append(FieldError(f"{at}.role", f"is no role; {choose(one.role, known.roles)}"))
    if one.agency is not None and one.agency not in known.agencies:
        faults.append(FieldError(f"{at}.agencyKind", f"is no agency; {choose(one.agency, known.agencies)}"))
    return faults


async def _person_faults(session: TenantSession, sitting: Sitting, told: Iterable[InviteeTold]) -> list[FieldError]:
    case = await files.case(session, sitting.row.case_id)
    grants = (await access.lists(session, [case.id])).get(case.id, []) if case.restricted else []
    listed = {grant.person_id for grant in grants}
    working = {row.person_id for row in sitting.at.practitioners} | {case.owner_id}
    asked = {_who(row) for row in (await invitations(session, sitting.row)).values()}
    faults = []
    for number, one in enumerate(told):
        outside = one.person_id is None
        at = f"invitees.{number}.{'outsideName' if outside else 'personId'}"
        if _who(one) in asked:
            faults.append(FieldError(at, "was asked to this meeting before"))
        elif case.restricted and not outside and one.person_id not in listed:
            faults.append(FieldError(at, "is not on this restricted case's list; put them on it first"))
        elif not outside and one.person_id not in working:
            faults.append(FieldError(at, "must work on the case; put them on it first"))
        asked.add(_who(one))
    return faults


def _who(one: InviteeTold | MeetingInvitation) -> tuple[object, ...]:
    """The same for the same person: two from outside may share an address, as those of a school do."""
    if one.person_id is not None:
        return (one.person_id,)
    return ((one.outside_name or "").casefold(), (one.outside_email or "").casefold())


def _agency(one: InviteeTold, person: Person | None, kinds: dict[UUID, str]) -> str:
    """The agency that somebody speaks for: that of the role, else what is said, else that of the person."""
    of_role = shipped().roles[one.role].agency
    if of_role != UNKNOWN_AGENCY:
        return of_role
    if one.agency is not None:
        return one.agency
    kind = kinds[person.agency_id] if person else UNKNOWN_AGENCY
    return kind if kind in shipped().agencies else UNKNOWN_AGENCY
