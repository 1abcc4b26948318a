"""What a copy may hold: that which everybody may see who gets it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from backend.cases.access import repository as access
from backend.cases.models import CaseFile
from backend.cases.people.models import CasePractitioner
from backend.cases.policies import PartyRole, address_mask, identity_mask, may_see
from backend.identity import repository as identity
from backend.identity.models import MembershipState
from backend.identity.policies import Caller, Permission
from backend.kit.problems import FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.letters.models import Audience
from backend.meetings import repository as meetings
from backend.meetings.models import Meeting, MeetingInvitation
from backend.meetings.record_models import MeetingWithholding
from backend.meetings.repository import NO_INVITATION
from backend.meetings.standing import invitations
from backend.meetings.withholding import kept_from
from backend.pathways.definitions.definition import Definition
from backend.pathways.standing import roles_of
from tenants.contacts import repository as contacts
from tenants.contacts.models import Person


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who gets a copy: with an account here, and the roles they hold in the case."""

    caller: Caller
    roles: frozenset[str]


ANYBODY: Final = None
"""A reader of whom nothing is known: whoever else is on the case, or somebody outside."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a copy is addressed. ``person`` is None for somebody outside."""

    name: str
    person: Person | None = None
    invitation: MeetingInvitation | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """What all ``readers`` together may see. ``kept_items`` are items of the agenda that one of them may not read."""

    readers: tuple[Reader | None, ...]
    kept_items: frozenset[UUID] = frozenset()

    def address(self, *, hidden: bool) -> bool:
        return not hidden or all(one and address_mask(hidden=True, caller=one.caller) is None for one in self.readers)

    def identity(self, roles: Iterable[str]) -> bool:
        """Whether they may know who a party with these roles is."""
        held = [PartyRole(one) for one in roles]
        nobody = Caller(UUID(int=0), "", UUID(int=0), ())
        return all(identity_mask(held, one.caller if one else nobody) is None for one in self.readers)

    def item(self, definition: Definition, code: str) -> bool:
        """Whether the definition's masks let them see an item of information."""
        mask = next((one.mask for one in definition.information if one.id == code), None)
        shown = next((set(one.shown_to) for one in definition.masks if one.id == mask), None)
        return shown is None or all(
            one is not None and (one.caller.may(Permission.SEE_PROTECTED_IDENTITIES) or bool(shown & one.roles))
            for one in self.readers
        )


async def recipient_of(
    session: TenantSession, meeting: Meeting | None, *, person_id: UUID | None, invitation_id: UUID | None,
    name: str | None,
) -> Recipient | None:  # fmt: skip
    """To whom a copy goes: a person, somebody who was asked to the meeting, or a name. Raises ``NotFound``."""
    invitation = None
    if invitation_id is not None:
        asked = await invitations(session, meeting) if meeting is not None else {}
        if invitation_id not in asked:
            raise NotFound(NO_INVITATION)
        invitation = asked[invitation_id]
        person_id, name = invitation.person_id, invitation.outside_name
    if person_id is None:
        role = invitation.role if invitation else None
        return Recipient(name, None, invitation, role) if name is not None else None
    person = (await contacts.people(session, [person_id])).get(person_id)
    if person is None:
        raise NotFound("There is no such person in this partnership.")
    if invitation is None and meeting is not None:
        asked = await invitations(session, meeting)
        invitation = next((one for one in asked.values() if one.person_id == person_id), None)
    return Recipient(person.name, person, invitation, invitation.role if invitation else None)


async def sight_of(
    session: TenantSession, caller: Caller, case: CaseFile, meeting: Meeting | None, recipient: Recipient | None,
    audience: Audience, working: list[CasePractitioner],
) -> Sight:  # fmt: skip
    """What a copy may hold. Raises ``Invalid`` for a recipient with an account who may not see the case."""
    readers: list[Reader | None] = [Reader(caller, roles_of(caller, working))]
    if recipient is not None and recipient.person is not None:
        readers.append(await _reader(session, caller, case, recipient.person, working))
    elif recipient is not None:
        readers.append(ANYBODY)
    if audience is Audience.CASE:
        readers.append(ANYBODY)
    return Sight(tuple(readers), await _kept_items(session, meeting, readers, recipient))


async def _reader(
    session: TenantSession, caller: Caller, case: CaseFile, person: Person, working: list[CasePractitioner]
) -> Reader:
    member = await identity.membership(session, person.id)
    roles = tuple(member.roles) if member is not None and member.state is MembershipState.ACTIVE else ()
    theirs = Caller(caller.tenant_id, caller.partnership, person.id, roles)
    found = (await access.seen(session, theirs, [case.id])).get(case.id)
    if not person.active or found is None or not may_see(found.ties, theirs):
        raise Invalid([FieldError("recipientId", "may not see this case; put them on it first, or name somebody else")])
    return Reader(theirs, roles_of(theirs, working))


async def _kept_items(
    session: TenantSession, meeting: Meeting | None, readers: list[Reader | None], recipient: Recipient | None
) -> frozenset[UUID]:
    """Items that one of the readers may not read; of whom nothing is known may read none that is kept from anybody.

    Somebody outside who was asked to the meeting is known by the invitation.
    """
    if meeting is None:
        return frozenset()
    asked = list((await invitations(session, meeting)).values())
    kept = await meetings.of_meeting(session, MeetingWithholding, meeting.id)
    found: set[UUID] = set()
    own = recipient.invitation.id if recipient and recipient.invitation and recipient.person is None else None
    for number, one in enumerate(readers):
        if one is not None:
            found |= kept_from(one.caller.person_id, asked, kept)
        elif own is not None and number == 1:
            found |= {row.item_id for row in kept if row.invitation_id == own}
        else:
            found |= {row.item_id for row in kept}
    return frozenset(found)
