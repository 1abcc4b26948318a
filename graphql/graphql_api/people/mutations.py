"""Keeping people: who is here, what they may do, what they are qualified for and where they work."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity import people as identity
from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.people.inputs import (
    AddPersonInput,
    AddPersonToAreaInput,
    ChangePersonInput,
    GrantQualificationInput,
    MarkPersonBackInput,
    MarkPersonLeftInput,
    RemovePersonFromAreaInput,
    SetMembershipInput,
    WithdrawQualificationInput,
    check_person,
    checked_qualification,
    checked_reason,
)
from graphql_api.people.types import PersonRecord
from graphql_api.problems import AnyProblem, Given, mutate
from tenants.contacts import people
from tenants.contacts import people_repository as stored
from tenants.contacts.models import Person as PersonRow
from tenants.qualifications import service as qualifications


@strawberry.type(description="The person as they are now.")
class PersonRecordPayload:
    record: PersonRecord

    @classmethod
    def of(cls, row: PersonRow) -> "PersonRecordPayload":
        return cls(record=PersonRecord.of(row))


PersonRecordResult = Annotated[
    PersonRecordPayload | AnyProblem,
    strawberry.union("PersonRecordResult", description="The person as they are now, or why it was refused."),
]

_Work = Callable[[TenantSession, UUID], Awaitable[PersonRow]]


async def _run(
    info: Info, given: Given, work: _Work, needs: Permission, person_id: str | None = None
) -> PersonRecordResult:
    return await mutate(
        info, given, work, again=stored.locked_person, answer=PersonRecordPayload.of, needs=needs,
        about=("Person", person_id) if person_id is not None else None,
    )  # fmt: skip


@strawberry.type
class PeopleMutations:
    @strawberry.mutation(description="Enter somebody new.")
    async def add_person(self, info: Info, input: AddPersonInput) -> PersonRecordResult:
        async def work(session: TenantSession, person_id: UUID) -> PersonRow:
            check_person(input)
            return await people.add(
                session, person_id, input.code, name=input.name, post=input.post, agency=input.agency,
                by=info.context.caller.person_id,
            )  # fmt: skip

        return await _run(info, input, work, Permission.MANAGE_PEOPLE)

    @strawberry.mutation(description="Correct somebody's name, post or agency.")
    async def change_person(self, info: Info, input: ChangePersonInput) -> PersonRecordResult:
        async def work(session: TenantSession, person_id: UUID) -> PersonRow:
            check_person(input)
            return await people.change(
                session, person_id, name=input.name, post=input.post, agency=input.agency,
                by=info.context.caller.person_id,
            )  # fmt: skip

        return await _run(info, input, work, Permission.MANAGE_PEOPLE, input.person_id)

    @strawberry.mutation(description="Give somebody else an identity to sign in by, and roles; or keep them out.")
    async def set_membership(self, info: Info, input: SetMembershipInput) -> PersonRecordResult:
        async def work(session: TenantSession, person_id: UUID) -> PersonRow:
            await identity.set_membership(
                session, person_id, subject=input.subject, roles=input.roles, active=input.active,
                by=info.context.caller,
            )  # fmt: skip
            return await stored.locked_person(session, person_id)

        return await _run(info, input, work, Permission.MANAGE_PEOPLE, input.person_id)

    @strawberry.mutation(
        description="Mark somebody as having left, from this moment on. Their turns fall to whoever the rotas name"
        " next or become warnings, and alerts that wait for them call the next rung."
    )
    async def mark_person_left(self, info: Info, input: MarkPersonLeftInput) -> PersonRecordResult:
        async def work(session: TenantSession, person_id: UUID) -> PersonRow:
            return await identity.leave(session, person_id, checked_reason(input.reason), by=info.context.caller)

        return await _run(info, input, work, Permission.MANAGE_PEOPLE, input.person_id)

    @strawberry.mutation(description="Mark somebody who had left as back. Give them roles next, to let them sign in.")
    async def mark_person_back(self, info: Info, input: MarkPersonBackInput) -> PersonRecordResult:
        async def work(session: TenantSession, person_id: UUID) -> PersonRow:
            return await identity.come_back(session, person_id, by=info.context.caller)

        return await _run(info, input, work, Permission.MANAGE_PEOPLE, input.person_id)

    @strawberry.mutation(description="Record a qualification, or a new end of one.")
    async def grant_qualification(self, info: Info, input: GrantQualificationInput) -> PersonRecordResult:
        async def work(session: TenantSession, person_id: UUID) -> PersonRow:
            code = checked_qualification(input.code)
            by = info.context.caller.person_id
            return await qualifications.grant(session, person_id, code, input.valid_until, by=by)

        return await _run(info, input, work, Permission.MANAGE_QUALIFICATIONS, input.person_id)

    @strawberry.mutation(description="End a qualification. Shifts ahead that ask for it are warned of.")
    async def withdraw_qualification(self, info: Info, input: WithdrawQualificationInput) -> PersonRecordResult:
        async def work(session: TenantSession, person_id: UUID) -> PersonRow:
            code = checked_qualification(input.code)
            return await qualifications.withdraw(session, person_id, code, by=info.context.caller.person_id)

        return await _run(info, input, work, Permission.MANAGE_QUALIFICATIONS, input.person_id)

    @strawberry.mutation(description="Let somebody work in an area.")
    async def add_person_to_area(self, info: Info, input: AddPersonToAreaInput) -> PersonRecordResult:
        async def work(session: TenantSession, person_id: UUID) -> PersonRow:
            area_id, by = key_of("Area", input.area_id), info.context.caller.person_id
            return await qualifications.add_area(session, person_id, area_id, by=by)

        return await _run(info, input, work, Permission.MANAGE_QUALIFICATIONS, input.person_id)

    @strawberry.mutation(description="Let somebody work in an area no more. Shifts ahead there are warned of.")
    async def remove_person_from_area(self, info: Info, input: RemovePersonFromAreaInput) -> PersonRecordResult:
        async def work(session: TenantSession, person_id: UUID) -> PersonRow:
            area_id, by = key_of("Area", input.area_id), info.context.caller.person_id
            return await qualifications.remove_area(session, person_id, area_id, by=by)

        return await _run(info, input, work, Permission.MANAGE_QUALIFICATIONS, input.person_id)
