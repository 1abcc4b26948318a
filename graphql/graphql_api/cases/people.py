"""The people of a case: parties, household, relationships, practitioners."""

from datetime import date
from enum import Enum
from typing import Annotated, TypeAlias
from uuid import UUID

import strawberry

from backend.cases.people.models import INVERSE
from backend.cases.people.models import CasePractitioner as PractitionerRow
from backend.cases.people.models import HouseholdMember as MemberRow
from backend.cases.people.models import Party as PartyRow
from backend.cases.people.models import Relationship as RelationshipRow
from backend.cases.people.models import RelationshipKind as RelationshipKindValue
from backend.cases.policies import PartyRole as PartyRoleValue
from backend.cases.policies import address_mask, identity_mask
from graphql_api.cases.children import Child
from graphql_api.cases.masks import AddressShown, Withheld, address
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant

PartyRole: type[Enum] = strawberry.enum(PartyRoleValue, name="PartyRole", description="What somebody is to a case.")
RelationshipKind: type[Enum] = strawberry.enum(
    RelationshipKindValue, name="RelationshipKind", description="What the first person is to the second."
)


@strawberry.type(description="What is known of who a party is.")
class PartyIdentity:
    name: str | None = strawberry.field(description="Null for somebody who would not give it, or is not known yet.")
    date_of_birth: date | None
    organisation: str | None
    telephone: str | None
    note: str | None


PartyIdentityShown = Annotated[
    PartyIdentity | Withheld,
    strawberry.union("PartyIdentityShown", description="Who somebody is, or that it is withheld."),
]


@strawberry.type(description="Somebody a case concerns who is neither its subject nor works on it.")
class Party:
    id: strawberry.ID
    roles: list[PartyRole]  # type: ignore[valid-type]
    anonymous: bool = strawberry.field(description="They would not give their name.")
    recorded_at: Instant
    row: strawberry.Private[PartyRow]

    @strawberry.field(description="Who they are. Public referrers, accusers and whistle-blowers are named to few.")
    def identity(self, info: Info) -> PartyIdentityShown:
        mask = identity_mask(_roles(self.row), info.context.caller)
        if mask is not None:
            return Withheld.because(mask)
        row = self.row
        return PartyIdentity(
            name=row.name, date_of_birth=row.date_of_birth, organisation=row.organisation, telephone=row.telephone,
            note=row.note,
        )  # fmt: skip

    @strawberry.field(description="Where they live; null where it is not recorded.")
    def address(self, info: Info) -> AddressShown | None:
        caller, row = info.context.caller, self.row
        mask = identity_mask(_roles(row), caller) or address_mask(hidden=row.address_hidden, caller=caller)
        # A protected person's address is withheld whether there is one or not: that there is none tells something.
        return address(row.address or "", mask) if mask is not None or row.address is not None else None

    @classmethod
    def of(cls, row: PartyRow) -> "Party":
        return cls(
            id=strawberry.ID(encode("Party", row.id)), roles=_roles(row), anonymous=row.anonymous,
            recorded_at=Instant(row.recorded_at), row=row,
        )  # fmt: skip


def _roles(row: PartyRow) -> list[PartyRoleValue]:
    return [PartyRoleValue(role) for role in row.roles]


CasePerson: TypeAlias = Annotated[
    Child | Party, strawberry.union("CasePerson", description="A child, or a party of the case.")
]


async def case_person(info: Info, child_id: UUID | None, party_id: UUID | None) -> Child | Party | None:
    """A person of a case; None for a child who is not there for the caller."""
    if child_id is not None:
        child = await info.context.loaders.child.load(child_id)
        return Child.of(child) if child else None
    party = await info.context.loaders.party.load(party_id) if party_id is not None else None
    return Party.of(party) if party else None


@strawberry.type(description="Somebody who lives, or lived, in the household of a case.")
class HouseholdMember:
    id: strawberry.ID
    person: CasePerson
    from_on: date | None = strawberry.field(description="The first day, where it is known.")
    to_on: date | None = strawberry.field(description="The last day, where it is known.")
    ended: bool = strawberry.field(description="They live there no more.")
    recorded_at: Instant

    @classmethod
    async def shown(cls, info: Info, row: MemberRow) -> "HouseholdMember | None":
        who = await case_person(info, row.child_id, row.party_id)
        if who is None:
            return None
        return cls(
            id=strawberry.ID(encode("HouseholdMember", row.id)), person=who, from_on=row.from_on, to_on=row.to_on,
            ended=row.ended_at is not None or row.to_on is not None, recorded_at=Instant(row.recorded_at),
        )  # fmt: skip


@strawberry.type(description="What two people are to each other, readable from either side.")
class Relationship:
    id: strawberry.ID
    kind: RelationshipKind = strawberry.field(  # type: ignore[valid-type]
        description="What the one is to the other."
    )
    inverse_kind: RelationshipKind = strawberry.field(  # type: ignore[valid-type]
        description="What the other is to the one."
    )
    from_person: CasePerson
    to_person: CasePerson
    from_on: date | None = strawberry.field(description="The first day, where it is known.")
    to_on: date | None = strawberry.field(description="The last day, where it is known.")
    ended: bool = strawberry.field(description="It is so no more.")
    recorded_at: Instant

    @classmethod
    async def shown(cls, info: Info, row: RelationshipRow) -> "Relationship | None":
        one = await case_person(info, row.from_child_id, row.from_party_id)
        other = await case_person(info, row.to_child_id, row.to_party_id)
        if one is None or other is None:
            return None
        kind = RelationshipKindValue(row.kind)
        return cls(
            id=strawberry.ID(encode("Relationship", row.id)), kind=kind, inverse_kind=INVERSE[kind], from_person=one,
            to_person=other, from_on=row.from_on, to_on=row.to_on,
            ended=row.ended_at is not None or row.to_on is not None, recorded_at=Instant(row.recorded_at),
        )  # fmt: skip


@strawberry.type(description="Somebody who works, or worked, on a case.")
class CasePractitioner:
    id: strawberry.ID
    role: str = strawberry.field(description="Code of what they do on the case, such as lead-social-worker.")
    outside_name: str | None = strawberry.field(description="Name of somebody from outside the partnership.")
    from_at: Instant
    to_at: Instant | None = strawberry.field(description="Null while they work on the case.")
    end_reason: str | None
    row: strawberry.Private[PractitionerRow]

    @strawberry.field(description="The person; null for somebody from outside. Inactive: has left the partnership.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.person_id)

    @strawberry.field(description="Name of the agency they worked for when they were put on the case.")
    async def agency(self, info: Info) -> str | None:
        found = await info.context.loaders.agency.load(self.row.agency_id) if self.row.agency_id else None
        return found.name if found else self.row.outside_agency

    @classmethod
    def of(cls, row: PractitionerRow) -> "CasePractitioner":
        return cls(
            id=strawberry.ID(encode("CasePractitioner", row.id)), role=row.role, outside_name=row.outside_name,
            from_at=Instant(row.from_at), to_at=Instant(row.to_at) if row.to_at else None, end_reason=row.end_reason,
            row=row,
        )  # fmt: skip
