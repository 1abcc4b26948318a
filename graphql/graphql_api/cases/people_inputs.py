"""What is told of the people of a case."""

from datetime import date
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.cases.people import service
from backend.cases.people.practitioners import AssignmentTold
from backend.cases.people.service import PartyTold, Span, Who
from backend.cases.policies import PartyRole as PartyRoleValue
from backend.identity.policies import Caller
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from graphql_api.cases.inputs import CASE, WHY
from graphql_api.cases.people import PartyRole, RelationshipKind
from graphql_api.cases.running import key_or_none
from graphql_api.problems import ONCE
from graphql_api.scalars import Instant


@strawberry.input(description="What is known of somebody a case concerns.")
class PartyInput:
    roles: list[PartyRole] = strawberry.field(description="What they are to the case; at least one.")  # type: ignore[valid-type]
    name: str | None = strawberry.field(default=None, description="Full name; leave out if not known.")
    anonymous: bool = strawberry.field(
        default=False, description="They would not give their name: a member of the public or a whistle-blower alone."
    )
    date_of_birth: date | None = strawberry.field(default=None, description="If known.")
    organisation: str | None = strawberry.field(default=None, description="Whom they work or speak for.")
    telephone: str | None = strawberry.field(default=None, description="At least five digits.")
    address: str | None = strawberry.field(default=None, description="Up to 500 characters.")
    address_hidden: bool = strawberry.field(
        default=False, description="To be shown only to those who see hidden addresses; a victim's always is so."
    )
    note: str | None = strawberry.field(default=None, description="Up to 2,000 characters.")


@strawberry.input(description="Record somebody a case concerns.")
class AddPartyInput:
    case_id: strawberry.ID = strawberry.field(description=CASE)
    party: PartyInput = strawberry.field(description="What is known of them.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="One person of a case: give childId or partyId.")
class CasePersonInput:
    child_id: strawberry.ID | None = strawberry.field(default=None, description="A child you may see.")
    party_id: strawberry.ID | None = strawberry.field(default=None, description="A party of this case.")


@strawberry.input(description="Record that somebody lives, or lived, in the household. Give one of the three persons.")
class AddHouseholdMemberInput:
    case_id: strawberry.ID = strawberry.field(description=CASE)
    child_id: strawberry.ID | None = strawberry.field(default=None, description="A child you may see.")
    party_id: strawberry.ID | None = strawberry.field(default=None, description="A party of this case.")
    party: PartyInput | None = strawberry.field(default=None, description="Somebody not recorded yet.")
    from_on: date | None = strawberry.field(default=None, description="The first day, if known.")
    to_on: date | None = strawberry.field(default=None, description="The last day, for somebody who has left.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Record that somebody has left the household.")
class EndHouseholdMemberInput:
    household_member_id: strawberry.ID = strawberry.field(description="Who has left.")
    to_on: date | None = strawberry.field(default=None, description="The last day, if known.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Record what one person of a case is to another.")
class RecordRelationshipInput:
    case_id: strawberry.ID = strawberry.field(description=CASE)
    from_person: CasePersonInput = strawberry.field(description="Who is something to the other.")
    kind: RelationshipKind = strawberry.field(description="What the one is to the other.")  # type: ignore[valid-type]
    to_person: CasePersonInput = strawberry.field(description="To whom.")
    from_on: date | None = strawberry.field(default=None, description="The first day, if known.")
    to_on: date | None = strawberry.field(default=None, description="The last day, if it is over.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Record that a relationship has ended.")
class EndRelationshipInput:
    relationship_id: strawberry.ID = strawberry.field(description="Which.")
    to_on: date | None = strawberry.field(default=None, description="The last day, if known.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Put somebody on a case: personId, or outsideName for somebody from elsewhere.")
class AssignPractitionerInput:
    case_id: strawberry.ID = strawberry.field(description=CASE)
    role: str = strawberry.field(description="Code of what they do on the case, such as lead-social-worker.")
    person_id: strawberry.ID | None = strawberry.field(default=None, description="Somebody of the partnership.")
    outside_name: str | None = strawberry.field(default=None, description="Name of somebody from outside it.")
    outside_agency: str | None = strawberry.field(default=None, description="Whom somebody from outside works for.")
    from_at: Instant | None = strawberry.field(default=None, description="Since when; default now, never later.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Take somebody off a case.")
class EndAssignmentInput:
    practitioner_id: strawberry.ID = strawberry.field(description="A practitioner on a case.")
    reason: str | None = strawberry.field(default=None, description=WHY)
    idempotency_key: str = strawberry.field(description=ONCE)


def party_told(given: PartyInput) -> PartyTold:
    return PartyTold(
        roles=tuple(PartyRoleValue(role) for role in given.roles), name=given.name, anonymous=given.anonymous,
        date_of_birth=given.date_of_birth, organisation=given.organisation, telephone=given.telephone,
        address=given.address, address_hidden=given.address_hidden, note=given.note,
    )  # fmt: skip


async def who(
    session: TenantSession, caller: Caller, case_id: UUID,
    **given: CasePersonInput | AddHouseholdMemberInput,
) -> list[Who]:  # fmt: skip
    """People of one case in the caller's sight, each given by its field in the input.

    Raises ``NotFound`` for whoever is not there, then ``Invalid`` that names each field with both or neither.
    """
    await cases.seen(session, caller, case_id)
    found = {
        field: Who(key_or_none("Child", one.child_id), key_or_none("Party", one.party_id))
        for field, one in given.items()
    }
    for one in found.values():
        await service.require_known(session, caller, case_id, one)
    unclear = [field for field, one in found.items() if (one.child_id is None) == (one.party_id is None)]
    if unclear:
        raise Invalid([FieldError(field, "give either childId or partyId") for field in unclear])
    return list(found.values())


async def who_in_household(
    session: TenantSession, caller: Caller, case_id: UUID, given: AddHouseholdMemberInput
) -> Who | PartyTold:
    """As ``who``; somebody who is not recorded yet may be given instead."""
    if given.party is None:
        return (await who(session, caller, case_id, childId=given))[0]
    if given.child_id is not None or given.party_id is not None:
        raise Invalid([FieldError("childId", "give one of childId, partyId and party")])
    return party_told(given.party)


def span(given: AddHouseholdMemberInput | RecordRelationshipInput) -> Span:
    return Span(given.from_on, given.to_on)


def assignment_told(given: AssignPractitionerInput) -> AssignmentTold:
    return AssignmentTold(
        given.role, key_or_none("Person", given.person_id), given.outside_name, given.outside_agency, given.from_at
    )
