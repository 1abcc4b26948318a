"""Opening a case, and the children it is about."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeAlias
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.cases.children import repository as stored
from backend.cases.children import service as children
from backend.cases.children.checks import ChildTold
from backend.cases.children.models import CaseSubject as SubjectRow
from backend.cases.children.models import Child as ChildRow
from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.pathways.opening import confined_from_the_start
from graphql_api.cases.children import CaseSubject, Child
from graphql_api.cases.inputs import (
    AddChildAddressInput,
    AddSubjectInput,
    CorrectChildInput,
    CorrectExpectedDateInput,
    OpenCaseInput,
    RecordBirthInput,
    address_told,
    child_told,
)
from graphql_api.cases.running import key_of, key_or_none, run, within
from graphql_api.cases.types import Case, case_by_id
from graphql_api.context import Info
from graphql_api.problems import ConflictProblem, ForbiddenProblem, NotFoundProblem, ValidationProblem


@strawberry.type(description="The case as it is now.")
class CasePayload:
    key: strawberry.Private[UUID]

    @strawberry.field(description="The case; null where it is not there for you any more. Looking is logged.")
    async def case(self, info: Info) -> Case | None:
        return await case_by_id(info, self.key)


@strawberry.type(description="The new subject and the case.")
class SubjectPayload(CasePayload):
    subject: CaseSubject


@strawberry.type(description="The child as it is now.")
class ChildPayload:
    child: Child


CaseResult = Annotated[
    CasePayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("CaseResult", description="The case as it is now, or why it was refused."),
]
SubjectResult = Annotated[
    SubjectPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("SubjectResult", description="The new subject, or why it was refused."),
]
ChildResult = Annotated[
    ChildPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("ChildResult", description="The child as it is now, or why it was refused."),
]


ChildWork: TypeAlias = Callable[[TenantSession, UUID], Awaitable[ChildPayload]]


async def case_again(info: Info, session: TenantSession, case_id: UUID) -> CasePayload:
    """What a repeated mutation is answered, to a caller who may still see the case."""
    return CasePayload(key=(await cases.seen(session, info.context.caller, case_id)).id)


def _subject(row: SubjectRow, child: ChildRow) -> SubjectPayload:
    return SubjectPayload(key=row.case_id, subject=CaseSubject.of(row, child))


@strawberry.type
class CaseOpeningMutations:
    @strawberry.mutation(
        description="Open a case by hand. Its owner's agency holds it. On a pathway whose cases are there for named"
        " people alone it is restricted from the start."
    )
    async def open_case(self, info: Info, input: OpenCaseInput) -> CaseResult:
        async def work(session: TenantSession, case_id: UUID) -> CasePayload:
            told = cases.Opening(
                input.pathway, key_or_none("Area", input.area_id), key_or_none("Person", input.owner_id),
                key_or_none("Team", input.team_id),
            )  # fmt: skip
            caller = info.context.caller
            case = await cases.open_by_hand(session, caller, told, case_id)
            await confined_from_the_start(session, caller, case.id, case.pathway)
            return CasePayload(key=case.id)

        async def again(session: TenantSession, case_id: UUID) -> CasePayload:
            return await case_again(info, session, case_id)

        return await run(info, "openCase", input, uuid7(), work, again, needs=Permission.OPEN_CASES)

    @strawberry.mutation(description="Make a child, born or not, known or new, a subject of a case.")
    async def add_subject(self, info: Info, input: AddSubjectInput) -> SubjectResult:
        caller = info.context.caller

        async def work(session: TenantSession, subject_id: UUID) -> SubjectPayload:
            case_id, child_id = key_of("Case", input.case_id), key_or_none("Child", input.child_id)
            await cases.seen(session, caller, case_id)
            if (child_id is None) == (input.child is None):
                raise Invalid([FieldError("childId", "give either childId or, for a child not recorded yet, child")])
            if child_id is not None:
                row = await children.add_known_subject(session, caller, case_id, child_id, subject_id)
            else:
                told = child_told(input.child)
                with within("child"):
                    row = await children.add_new_subject(session, caller, case_id, told, subject_id)
            await session.flush()
            return _subject(row, await stored.child(session, row.child_id))

        async def again(session: TenantSession, subject_id: UUID) -> SubjectPayload:
            row = await stored.subject_by_id(session, subject_id)
            await cases.seen(session, caller, row.case_id)
            return _subject(row, await stored.child(session, row.child_id))

        return await run(info, "addSubject", input, uuid7(), work, again)

    @strawberry.mutation(description="An unborn child is born. The subject stays; clocks that counted back end.")
    async def record_birth(self, info: Info, input: RecordBirthInput) -> ChildResult:
        async def work(session: TenantSession, child_id: UUID) -> ChildPayload:
            told = ChildTold(name=input.name, nhs_number=input.nhs_number, sex=input.sex)
            row = await children.record_birth(session, info.context.caller, child_id, input.date_of_birth, told)
            return ChildPayload(child=Child.of(row))

        return await _on_child(info, "recordBirth", input, work)

    @strawberry.mutation(description="Correct an unborn child's expected date. What was thought before stays readable.")
    async def correct_expected_date(self, info: Info, input: CorrectExpectedDateInput) -> ChildResult:
        async def work(session: TenantSession, child_id: UUID) -> ChildPayload:
            row = await children.correct_expected_date(
                session, info.context.caller, child_id, input.expected_on, input.reason
            )
            return ChildPayload(child=Child.of(row))

        return await _on_child(info, "correctExpectedDate", input, work)

    @strawberry.mutation(description="Correct what is known of a child. What is left out stays as it is.")
    async def correct_child(self, info: Info, input: CorrectChildInput) -> ChildResult:
        async def work(session: TenantSession, child_id: UUID) -> ChildPayload:
            told = child_told(input.details)
            with within("details", "reason"):
                row = await children.correct_details(session, info.context.caller, child_id, told, input.reason)
            return ChildPayload(child=Child.of(row))

        return await _on_child(info, "correctChild", input, work)

    @strawberry.mutation(description="Add an address to a child's record; hidden ones are shown to few.")
    async def add_child_address(self, info: Info, input: AddChildAddressInput) -> ChildResult:
        async def work(session: TenantSession, child_id: UUID) -> ChildPayload:
            row = await children.add_address(session, info.context.caller, child_id, address_told(input))
            return ChildPayload(child=Child.of(row))

        return await _on_child(info, "addChildAddress", input, work)


async def _on_child(info: Info, operation: str, given: Any, work: ChildWork) -> ChildResult:
    async def again(session: TenantSession, child_id: UUID) -> ChildPayload:
        return ChildPayload(child=Child.of(await children.seen(session, info.context.caller, child_id)))

    return await run(info, operation, given, lambda: key_of("Child", given.child_id), work, again)
