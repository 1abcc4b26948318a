"""Taking an enquiry about a child: who asks, how they were checked, the search, the answer, and what follows."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry

from backend.cases.service import log_access
from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.registers.enquiries import repository, service
from backend.registers.enquiries.finding import Found, find
from backend.registers.enquiries.models import CheckMethod as MethodValue
from backend.registers.enquiries.models import Disclosed as DisclosedValue
from backend.registers.enquiries.models import DutyOutcome as OutcomeValue
from backend.registers.enquiries.models import Result as ResultValue
from backend.registers.enquiries.refusals import EnquirerNotChecked
from backend.registers.enquiries.told import About, AnswerTold, CheckTold, EnquiryTold
from graphql_api.cases.types import log_look
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import ONCE, AnyProblem, ConflictProblem, Given, Problem, mutate
from graphql_api.registers.enquiries import (
    CheckMethod,
    ChildEnquiry,
    Disclosed,
    DutyOutcome,
    EnquiryDuty,
    EnquiryFindings,
    EnquiryResult,
    duties_shown,
    shown,
)
from graphql_api.registers.plans import log_entries

T = TypeVar("T")
RowT = TypeVar("RowT")
_T = Permission.TAKE_ENQUIRIES
ENQUIRY = "An enquiry that has not been answered."


@strawberry.type(
    description="Nothing is looked up for somebody, or told to them, until they have been checked. Record that first."
)
class EnquirerNotCheckedProblem(Problem):
    pass


@strawberry.input(description="The child who is asked about, as far as the enquirer knows: a name or an address.")
class EnquiredChildInput:
    name: str | None = strawberry.field(default=None, description="As it was said, up to 200 characters.")
    other_names: list[str] = strawberry.field(default_factory=list, description="Other names and spellings, up to 10.")
    date_of_birth: date | None = strawberry.field(default=None, description="As it was said; it need not be exact.")
    address: str | None = strawberry.field(default=None, description="Up to 500 characters.")


@strawberry.input(description="Note who asks about which child, before anything else.")
class RecordChildEnquiryInput:
    enquirer_name: str = strawberry.field(description="Up to 200 characters.")
    enquirer_agency: str = strawberry.field(description="Where they say they work, up to 200 characters.")
    call_back_number: str = strawberry.field(description="As they give it.")
    concern: str = strawberry.field(description="Why they ask, up to 10,000 characters.")
    about: EnquiredChildInput = strawberry.field(description="Whom they ask about.")
    idempotency_key: str = strawberry.field(description=ONCE)
    enquirer_post: str | None = strawberry.field(default=None, description="What they do there.")


@strawberry.input(description="Note how the enquirer was checked, or that they could not be.")
class CheckEnquirerInput:
    enquiry_id: strawberry.ID = strawberry.field(description=ENQUIRY)
    method: CheckMethod = strawberry.field(description="How.")  # type: ignore[valid-type]
    note: str = strawberry.field(description="What was done, up to 1,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)
    number: str | None = strawberry.field(
        default=None, description="With CALLED_BACK the number that was called, which has to be in the directory."
    )


@strawberry.input(description="Look for the child. Once the enquirer is checked, as often as it takes.")
class SearchForEnquiryInput:
    enquiry_id: strawberry.ID = strawberry.field(description=ENQUIRY)
    idempotency_key: str = strawberry.field(description=ONCE)
    about: EnquiredChildInput | None = strawberry.field(
        default=None, description="By another spelling; without it, as the enquiry has it."
    )


@strawberry.input(description="Note what the enquirer is told. An enquiry is answered once.")
class AnswerChildEnquiryInput:
    enquiry_id: strawberry.ID = strawberry.field(description=ENQUIRY)
    result: EnquiryResult = strawberry.field(description="The answer.")  # type: ignore[valid-type]
    advice: str = strawberry.field(description="The advice given with it, up to 10,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)
    child_id: strawberry.ID | None = strawberry.field(
        default=None, description="With KNOWN and ON_A_PLAN the child, whom a search has shown."
    )
    disclosed: list[Disclosed] = strawberry.field(default_factory=list, description="What they are told.")  # type: ignore[valid-type]
    somebody_else: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="With NOT_KNOWN: likely children who were shown and are not the one."
    )


@strawberry.input(description="Say what was decided about something that an enquiry left to you.")
class DecideEnquiryDutyInput:
    duty_id: strawberry.ID = strawberry.field(description="A duty that is open.")
    outcome: DutyOutcome = strawberry.field(description="What was decided.")  # type: ignore[valid-type]
    reasons: str = strawberry.field(description="Up to 10,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The enquiry as it stands.")
class ChildEnquiryPayload:
    enquiry: ChildEnquiry


@strawberry.type(description="The enquiry, and what was found.")
class EnquirySearchPayload:
    enquiry: ChildEnquiry
    findings: EnquiryFindings


@strawberry.type(description="The duty as it was decided.")
class EnquiryDutyPayload:
    duty: EnquiryDuty


ChildEnquiryResult = Annotated[
    ChildEnquiryPayload | EnquirerNotCheckedProblem | AnyProblem,
    strawberry.union("ChildEnquiryResult", description="The enquiry, or why it cannot go on so."),
]
EnquirySearchResult = Annotated[
    EnquirySearchPayload | EnquirerNotCheckedProblem | AnyProblem,
    strawberry.union("EnquirySearchResult", description="What was found, or why nothing was looked up."),
]
EnquiryDutyResult = Annotated[
    EnquiryDutyPayload | AnyProblem,
    strawberry.union("EnquiryDutyResult", description="The duty, or why the decision was refused."),
]


def _about(given: EnquiredChildInput) -> About:
    return About(given.name, tuple(given.other_names), given.date_of_birth, given.address)


@strawberry.type
class EnquiryMutations:
    @strawberry.mutation(description="Note who asks about which child.")
    async def record_child_enquiry(self, info: Info, input: RecordChildEnquiryInput) -> ChildEnquiryResult:
        async def work(session: TenantSession, enquiry_id: UUID) -> ChildEnquiry:
            told = EnquiryTold(
                input.enquirer_name, input.enquirer_agency, input.enquirer_post, input.call_back_number,
                input.concern, _about(input.about),
            )  # fmt: skip
            return (await shown(session, [await service.record(session, info.context.caller, told, enquiry_id)]))[0]

        return await mutate(info, input, work, again=_stored(info), answer=_payload, needs=_T)

    @strawberry.mutation(description="Note how the enquirer was checked. The latest check holds.")
    async def check_enquirer(self, info: Info, input: CheckEnquirerInput) -> ChildEnquiryResult:
        async def work(session: TenantSession, enquiry_id: UUID) -> ChildEnquiry:
            told = CheckTold(MethodValue(input.method), input.note, input.number)
            await service.check(session, info.context.caller, enquiry_id, told)
            return await _stored(info)(session, enquiry_id)

        about = ("ChildEnquiry", input.enquiry_id)
        return await mutate(info, input, work, again=_stored(info), answer=_payload, needs=_T, about=about)

    @strawberry.mutation(description="Look for the child an enquiry is about. What is shown is logged.")
    async def search_for_enquiry(self, info: Info, input: SearchForEnquiryInput) -> EnquirySearchResult:
        caller, other = info.context.caller, _about(input.about) if input.about is not None else None

        async def work(session: TenantSession, enquiry_id: UUID) -> EnquirySearchPayload:
            found = await service.search(session, caller, enquiry_id, other)
            return await _findings(info, session, enquiry_id, found)

        async def again(session: TenantSession, enquiry_id: UUID) -> EnquirySearchPayload:
            row = await repository.enquiry(session, caller, enquiry_id)
            about = other or service.about_of(row)
            return await _findings(info, session, enquiry_id, await find(session, caller, row, about.terms))

        about = ("ChildEnquiry", input.enquiry_id)
        return await _checked(info, input, work, again=again, answer=_same, about=about)

    @strawberry.mutation(description="Note what the enquirer is told.")
    async def answer_child_enquiry(self, info: Info, input: AnswerChildEnquiryInput) -> ChildEnquiryResult:
        async def work(session: TenantSession, enquiry_id: UUID) -> ChildEnquiry:
            told = AnswerTold(
                ResultValue(input.result), input.advice,
                key_of("Child", input.child_id) if input.child_id is not None else None,
                tuple(DisclosedValue(one) for one in input.disclosed),
                tuple(key_of("Child", one) for one in input.somebody_else),
            )  # fmt: skip
            await service.answer(session, info.context.caller, enquiry_id, told)
            return await _stored(info)(session, enquiry_id)

        about = ("ChildEnquiry", input.enquiry_id)
        return await _checked(info, input, work, again=_stored(info), answer=_payload, about=about)

    @strawberry.mutation(description="Decide, with reasons, about something that an enquiry left to you.")
    async def decide_enquiry_duty(self, info: Info, input: DecideEnquiryDutyInput) -> EnquiryDutyResult:
        caller = info.context.caller

        async def work(session: TenantSession, duty_id: UUID) -> EnquiryDuty:
            row = await service.decide(session, caller, duty_id, OutcomeValue(input.outcome), input.reasons)
            return (await duties_shown(session, [row]))[0]

        async def again(session: TenantSession, duty_id: UUID) -> EnquiryDuty:
            return (await duties_shown(session, [await repository.duty(session, caller, duty_id)]))[0]

        return await mutate(
            info, input, work, again=again, answer=lambda duty: EnquiryDutyPayload(duty=duty),
            needs=Permission.VIEW_CASES, about=("EnquiryDuty", input.duty_id),
        )  # fmt: skip


async def _checked(
    info: Info, given: Given, work: Callable[[TenantSession, UUID], Awaitable[RowT]], *,
    again: Callable[[TenantSession, UUID], Awaitable[RowT]], answer: Callable[[RowT], T], about: tuple[str, str],
) -> T | AnyProblem | EnquirerNotCheckedProblem:  # fmt: skip
    """As ``mutate``; that the enquirer was not checked is a problem of its own."""
    refused: list[EnquirerNotChecked] = []

    async def guarded(session: TenantSession, result_id: UUID) -> RowT:
        try:
            return await work(session, result_id)
        except EnquirerNotChecked as refusal:
            refused.append(refusal)
            raise

    done = await mutate(info, given, guarded, again=again, answer=answer, needs=_T, about=about)
    if isinstance(done, ConflictProblem) and refused:
        return EnquirerNotCheckedProblem(message=refused[0].message)
    return done


def _same(made: T) -> T:
    return made


def _payload(enquiry: ChildEnquiry) -> ChildEnquiryPayload:
    return ChildEnquiryPayload(enquiry=enquiry)


def _stored(info: Info) -> Callable[[TenantSession, UUID], Awaitable[ChildEnquiry]]:
    async def stored(session: TenantSession, enquiry_id: UUID) -> ChildEnquiry:
        return (await shown(session, [await repository.enquiry(session, info.context.caller, enquiry_id)]))[0]

    return stored


async def _findings(info: Info, session: TenantSession, enquiry_id: UUID, found: Found) -> EnquirySearchPayload:
    """What was found, each child and case of it noted as looked at."""
    await log_entries(info, session, [*found.at_address, *(one.plan for one in found.matches if one.plan)], "enquiry")
    for match in found.matches:
        if match.open_case is not None:
            await log_look(info, session, match.open_case.id, action="enquiry")
        if match.plan is None:
            await log_access(session, info.context.caller.person_id, "child", match.child.id, "enquiry",
                             case_id=match.cases[0].id if match.cases else None)  # fmt: skip
    return EnquirySearchPayload(enquiry=await _stored(info)(session, enquiry_id), findings=EnquiryFindings.of(found))
