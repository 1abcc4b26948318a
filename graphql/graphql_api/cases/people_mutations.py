"""Recording the people of a case, and who works on it."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.cases.people import practitioners, repository, service
from backend.cases.people.models import CasePractitioner as PractitionerRow
from backend.cases.people.models import HouseholdMember as MemberRow
from backend.cases.people.models import Party as PartyRow
from backend.cases.people.models import Relationship as RelationshipRow
from backend.cases.people.models import RelationshipKind as RelationshipKindValue
from backend.cases.people.repository import RowT, no_such
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from graphql_api.cases.opening import CasePayload
from graphql_api.cases.people import CasePractitioner, HouseholdMember, Party, Relationship
from graphql_api.cases.people_inputs import (
    AddHouseholdMemberInput,
    AddPartyInput,
    AssignPractitionerInput,
    EndAssignmentInput,
    EndHouseholdMemberInput,
    EndRelationshipInput,
    RecordRelationshipInput,
    assignment_told,
    party_told,
    span,
    who,
    who_in_household,
)
from graphql_api.cases.running import key_of, run, within
from graphql_api.context import Info
from graphql_api.problems import ConflictProblem, ForbiddenProblem, NotFoundProblem, ValidationProblem


@strawberry.type(description="The party and the case.")
class PartyPayload(CasePayload):
    party: Party


@strawberry.type(description="The member of the household and the case.")
class HouseholdMemberPayload(CasePayload):
    row: strawberry.Private[MemberRow]

    @strawberry.field(description="As it is now; null for a child who is not there for you any more.")
    async def household_member(self, info: Info) -> HouseholdMember | None:
        return await HouseholdMember.shown(info, self.row)


@strawberry.type(description="The relationship and the case.")
class RelationshipPayload(CasePayload):
    row: strawberry.Private[RelationshipRow]

    @strawberry.field(description="As it is now; null for a child who is not there for you any more.")
    async def relationship(self, info: Info) -> Relationship | None:
        return await Relationship.shown(info, self.row)


@strawberry.type(description="The practitioner and the case.")
class PractitionerPayload(CasePayload):
    practitioner: CasePractitioner


PartyResult = Annotated[
    PartyPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("PartyResult", description="The party, or why it was refused."),
]
HouseholdMemberResult = Annotated[
    HouseholdMemberPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("HouseholdMemberResult", description="The member of the household, or why it was refused."),
]
RelationshipResult = Annotated[
    RelationshipPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("RelationshipResult", description="The relationship, or why it was refused."),
]
PractitionerResult = Annotated[
    PractitionerPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("PractitionerResult", description="The practitioner, or why it was refused."),
]


def _party(row: PartyRow) -> PartyPayload:
    return PartyPayload(key=row.case_id, party=Party.of(row))


def _member(row: MemberRow) -> HouseholdMemberPayload:
    return HouseholdMemberPayload(key=row.case_id, row=row)


def _relationship(row: RelationshipRow) -> RelationshipPayload:
    return RelationshipPayload(key=row.case_id, row=row)


def _practitioner(row: PractitionerRow) -> PractitionerPayload:
    return PractitionerPayload(key=row.case_id, practitioner=CasePractitioner.of(row))


def _stored(info: Info, model: type[RowT]) -> Callable[[TenantSession, UUID], Awaitable[RowT]]:
    """Finds a row again for a caller who may still see its case."""

    async def find(session: TenantSession, row_id: UUID) -> RowT:
        row = await repository.row(session, model, row_id)
        await cases.seen(session, info.context.caller, row.case_id, otherwise=no_such(model))
        return row

    return find


@strawberry.type
class CasePeopleMutations:
    @strawberry.mutation(description="Record somebody a case concerns: a parent, a referrer, an alleged person.")
    async def add_party(self, info: Info, input: AddPartyInput) -> PartyResult:
        async def work(session: TenantSession, party_id: UUID) -> PartyPayload:
            case_id, told = key_of("Case", input.case_id), party_told(input.party)
            with within("party"):
                return _party(await service.add_party(session, info.context.caller, case_id, told, party_id))

        async def again(session: TenantSession, party_id: UUID) -> PartyPayload:
            return _party(await _stored(info, PartyRow)(session, party_id))

        return await run(info, "addParty", input, uuid7(), work, again)

    @strawberry.mutation(description="Record that somebody lives, or lived, in the household of a case.")
    async def add_household_member(self, info: Info, input: AddHouseholdMemberInput) -> HouseholdMemberResult:
        async def work(session: TenantSession, member_id: UUID) -> HouseholdMemberPayload:
            caller, days, case_id = info.context.caller, span(input), key_of("Case", input.case_id)
            someone = await who_in_household(session, caller, case_id, input)
            with within("party", "fromOn", "toOn"):
                return _member(await service.add_household_member(session, caller, case_id, someone, days, member_id))

        async def again(session: TenantSession, member_id: UUID) -> HouseholdMemberPayload:
            return _member(await _stored(info, MemberRow)(session, member_id))

        return await run(info, "addHouseholdMember", input, uuid7(), work, again)

    @strawberry.mutation(description="Record that somebody has left the household.")
    async def end_household_member(self, info: Info, input: EndHouseholdMemberInput) -> HouseholdMemberResult:
        async def work(session: TenantSession, member_id: UUID) -> HouseholdMemberPayload:
            return _member(await service.end_household_member(session, info.context.caller, member_id, input.to_on))

        async def again(session: TenantSession, member_id: UUID) -> HouseholdMemberPayload:
            return _member(await _stored(info, MemberRow)(session, member_id))

        wanted = input.household_member_id
        return await run(info, "endHouseholdMember", input, lambda: key_of("HouseholdMember", wanted), work, again)

    @strawberry.mutation(description="Record what one person of a case is to another.")
    async def record_relationship(self, info: Info, input: RecordRelationshipInput) -> RelationshipResult:
        async def work(session: TenantSession, relationship_id: UUID) -> RelationshipPayload:
            caller, case_id = info.context.caller, key_of("Case", input.case_id)
            one, other = await who(session, caller, case_id, fromPerson=input.from_person, toPerson=input.to_person)
            kind = RelationshipKindValue(input.kind)
            return _relationship(
                await service.record_relationship(
                    session, caller, case_id, one, kind, other, span(input), relationship_id
                )
            )

        async def again(session: TenantSession, relationship_id: UUID) -> RelationshipPayload:
            return _relationship(await _stored(info, RelationshipRow)(session, relationship_id))

        return await run(info, "recordRelationship", input, uuid7(), work, again)

    @strawberry.mutation(description="Record that a relationship has ended.")
    async def end_relationship(self, info: Info, input: EndRelationshipInput) -> RelationshipResult:
        async def work(session: TenantSession, relationship_id: UUID) -> RelationshipPayload:
            caller = info.context.caller
            return _relationship(await service.end_relationship(session, caller, relationship_id, input.to_on))

        async def again(session: TenantSession, relationship_id: UUID) -> RelationshipPayload:
            return _relationship(await _stored(info, RelationshipRow)(session, relationship_id))

        wanted = input.relationship_id
        return await run(info, "endRelationship", input, lambda: key_of("Relationship", wanted), work, again)

    @strawberry.mutation(description="Put somebody on a case, which lets them see it unless it is restricted.")
    async def assign_practitioner(self, info: Info, input: AssignPractitionerInput) -> PractitionerResult:
        async def work(session: TenantSession, practitioner_id: UUID) -> PractitionerPayload:
            case_id, told = key_of("Case", input.case_id), assignment_told(input)
            caller = info.context.caller
            return _practitioner(await practitioners.assign(session, caller, case_id, told, practitioner_id))

        async def again(session: TenantSession, practitioner_id: UUID) -> PractitionerPayload:
            return _practitioner(await _stored(info, PractitionerRow)(session, practitioner_id))

        return await run(info, "assignPractitioner", input, uuid7(), work, again)

    @strawberry.mutation(description="Take somebody off a case, also somebody who has left the partnership.")
    async def end_assignment(self, info: Info, input: EndAssignmentInput) -> PractitionerResult:
        async def work(session: TenantSession, practitioner_id: UUID) -> PractitionerPayload:
            return _practitioner(await practitioners.end(session, info.context.caller, practitioner_id, input.reason))

        async def again(session: TenantSession, practitioner_id: UUID) -> PractitionerPayload:
            return _practitioner(await _stored(info, PractitionerRow)(session, practitioner_id))

        wanted = input.practitioner_id
        return await run(info, "endAssignment", input, lambda: key_of("CasePractitioner", wanted), work, again)
