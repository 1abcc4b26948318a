"""Propose amendments, agree to them, send them round; nominate managers, subscribe to manuals."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.procedures import amending
from backend.procedures.amending import AgreementTold, ProposalTold
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import ONCE, AnyProblem, Given, mutate
from graphql_api.procedures.amendments import ProcedureAmendment, ProcedureCirculation
from graphql_api.scalars import DEVICE_AT, Instant
from tenants.procedures import change_models as rows
from tenants.procedures import changes


@strawberry.input(description="Propose a change to a provision. Any member may.")
class ProposeProcedureAmendmentInput:
    edition_id: strawberry.ID = strawberry.field(description="An edition that is or was in force.")
    address: str = strawberry.field(description="Of one of its provisions.")
    change: str = strawberry.field(description="Up to 10,000 characters.")
    reason: str = strawberry.field(description="Up to 10,000 characters.")
    why_urgent: str | None = strawberry.field(
        default=None, description="Why it cannot wait for the next edition, and only then."
    )
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Take a proposal up among those that the sub-group sees.")
class CollateProcedureAmendmentInput:
    amendment_id: strawberry.ID = strawberry.field(description="A proposal.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Refuse a proposal.")
class RefuseProcedureAmendmentInput:
    amendment_id: strawberry.ID = strawberry.field(description="A proposal that was not answered.")
    reasons: str = strawberry.field(description="Up to 5,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Record the sub-group's formal agreement. An urgent one is in force from its day on.")
class AgreeProcedureAmendmentInput:
    amendment_id: strawberry.ID = strawberry.field(description="A proposal that was not answered.")
    new_text: str = strawberry.field(description="The whole of the provision's text as agreed.")
    minute: str = strawberry.field(description="Where it is minuted; up to 300 characters.")
    role: str = strawberry.field(description="The role of yours in which you record it.")
    effective_from: date | None = strawberry.field(default=None, description="Of an urgent one: today or later.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Send an agreed urgent amendment to every agency's nominated manager.")
class CirculateProcedureAmendmentInput:
    amendment_id: strawberry.ID = strawberry.field(description="An urgent amendment that is agreed.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Confirm that an amendment has come to you.")
class AcknowledgeProcedureCirculationInput:
    circulation_id: strawberry.ID = strawberry.field(description="One that went to you.")
    device_at: Instant | None = strawberry.field(default=None, description=DEVICE_AT)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say that everybody on your agency's list has an amendment.")
class ForwardProcedureCirculationInput:
    circulation_id: strawberry.ID = strawberry.field(description="One that you have confirmed.")
    copies: int = strawberry.field(description="Hard copies replaced.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Make somebody an agency's nominated manager for procedures.")
class NominateProcedureManagerInput:
    agency: str = strawberry.field(description="Code of an agency.")
    person_id: strawberry.ID = strawberry.field(description="Somebody who is here.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Be told of every new text of a manual, or no longer.")
class SubscribeToProceduresInput:
    manual: str = strawberry.field(description="Code of a manual that is or was in force.")
    subscribed: bool = strawberry.field(description="False to be told no longer.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The amendment as it is now.")
class ProcedureAmendmentPayload:
    amendment: ProcedureAmendment


@strawberry.type(description="The circulation as it is now.")
class ProcedureCirculationPayload:
    circulation: ProcedureCirculation


@strawberry.type(description="It is done.")
class ProcedureDonePayload:
    done: bool


ProcedureAmendmentResult = Annotated[
    ProcedureAmendmentPayload | AnyProblem,
    strawberry.union("ProcedureAmendmentResult", description="The amendment, or why it was refused."),
]
ProcedureCirculationResult = Annotated[
    ProcedureCirculationPayload | AnyProblem,
    strawberry.union("ProcedureCirculationResult", description="The circulation, or why it was refused."),
]
ProcedureDoneResult = Annotated[
    ProcedureDonePayload | AnyProblem,
    strawberry.union("ProcedureDoneResult", description="That it is done, or why it was refused."),
]


async def _amend(
    info: Info, given: Given, work: Callable[[TenantSession, UUID], Awaitable[rows.ProcedureAmendment]],
    amendment_id: str | None, needs: Permission | None,
) -> ProcedureAmendmentResult:  # fmt: skip
    return await mutate(
        info, given, work, again=changes.amendment, needs=needs,
        answer=lambda row: ProcedureAmendmentPayload(amendment=ProcedureAmendment.of(row)),
        about=("ProcedureAmendment", amendment_id) if amendment_id is not None else None,
    )  # fmt: skip


async def _circulated(
    info: Info, given: Given, work: Callable[[TenantSession, UUID], Awaitable[rows.ProcedureCirculation]],
    circulation_id: str,
) -> ProcedureCirculationResult:  # fmt: skip
    return await mutate(
        info, given, work, again=changes.circulation, about=("ProcedureCirculation", circulation_id),
        answer=lambda row: ProcedureCirculationPayload(circulation=ProcedureCirculation.of(row)),
    )  # fmt: skip


@strawberry.type
class ProcedureAmendmentMutations:
    @strawberry.mutation(description="Propose a change to a provision. Any member may.")
    async def propose_procedure_amendment(
        self, info: Info, input: ProposeProcedureAmendmentInput
    ) -> ProcedureAmendmentResult:
        async def work(session: TenantSession, amendment_id: UUID) -> rows.ProcedureAmendment:
            told = ProposalTold(key_of("ProcedureEdition", input.edition_id), input.address, input.change,
                                input.reason, input.why_urgent)  # fmt: skip
            return await amending.propose(session, info.context.caller, told, amendment_id)

        return await _amend(info, input, work, None, None)

    @strawberry.mutation(description="Take a proposal up among those that the sub-group sees.")
    async def collate_procedure_amendment(
        self, info: Info, input: CollateProcedureAmendmentInput
    ) -> ProcedureAmendmentResult:
        async def work(session: TenantSession, amendment_id: UUID) -> rows.ProcedureAmendment:
            return await amending.collate(session, info.context.caller, amendment_id)

        return await _amend(info, input, work, input.amendment_id, Permission.WRITE_PROCEDURES)

    @strawberry.mutation(description="Refuse a proposal, with reasons.")
    async def refuse_procedure_amendment(
        self, info: Info, input: RefuseProcedureAmendmentInput
    ) -> ProcedureAmendmentResult:
        async def work(session: TenantSession, amendment_id: UUID) -> rows.ProcedureAmendment:
            return await amending.refuse(session, info.context.caller, amendment_id, input.reasons)

        return await _amend(info, input, work, input.amendment_id, Permission.APPROVE_PROCEDURES)

    @strawberry.mutation(description="Record the sub-group's formal agreement to a proposal.")
    async def agree_procedure_amendment(
        self, info: Info, input: AgreeProcedureAmendmentInput
    ) -> ProcedureAmendmentResult:
        async def work(session: TenantSession, amendment_id: UUID) -> rows.ProcedureAmendment:
            told = AgreementTold(input.new_text, input.minute, input.effective_from)
            return await amending.agree(session, info.context.caller, amendment_id, told, input.role)

        return await _amend(info, input, work, input.amendment_id, Permission.APPROVE_PROCEDURES)

    @strawberry.mutation(description="Send an agreed urgent amendment to every agency's nominated manager.")
    async def circulate_procedure_amendment(
        self, info: Info, input: CirculateProcedureAmendmentInput
    ) -> ProcedureAmendmentResult:
        async def work(session: TenantSession, amendment_id: UUID) -> rows.ProcedureAmendment:
            return await amending.circulate(session, info.context.caller, amendment_id)

        return await _amend(info, input, work, input.amendment_id, Permission.APPROVE_PROCEDURES)

    @strawberry.mutation(description="Confirm, as the nominated manager, that an amendment has come.")
    async def acknowledge_procedure_circulation(
        self, info: Info, input: AcknowledgeProcedureCirculationInput
    ) -> ProcedureCirculationResult:
        async def work(session: TenantSession, circulation_id: UUID) -> rows.ProcedureCirculation:
            return await amending.acknowledge(session, info.context.caller, circulation_id, input.device_at)

        return await _circulated(info, input, work, input.circulation_id)

    @strawberry.mutation(description="Say, as the nominated manager, that everybody on the list has an amendment.")
    async def forward_procedure_circulation(
        self, info: Info, input: ForwardProcedureCirculationInput
    ) -> ProcedureCirculationResult:
        async def work(session: TenantSession, circulation_id: UUID) -> rows.ProcedureCirculation:
            return await amending.forward(session, info.context.caller, circulation_id, input.copies)

        return await _circulated(info, input, work, input.circulation_id)

    @strawberry.mutation(description="Make somebody an agency's nominated manager, in place of whoever was.")
    async def nominate_procedure_manager(self, info: Info, input: NominateProcedureManagerInput) -> ProcedureDoneResult:
        async def work(session: TenantSession, person_id: UUID) -> bool:
            await amending.nominate(session, info.context.caller, input.agency, person_id)
            return True

        return await mutate(
            info, input, work, again=_done, needs=Permission.APPROVE_PROCEDURES, about=("Person", input.person_id),
            answer=lambda done: ProcedureDonePayload(done=done),
        )  # fmt: skip

    @strawberry.mutation(description="Be told of every new text of a manual, or no longer.")
    async def subscribe_to_procedures(self, info: Info, input: SubscribeToProceduresInput) -> ProcedureDoneResult:
        by = info.context.caller.person_id

        async def work(session: TenantSession, _: UUID) -> bool:
            await (changes.subscribe if input.subscribed else changes.unsubscribe)(session, input.manual, by)
            return True

        return await mutate(info, input, work, again=_done, answer=lambda done: ProcedureDonePayload(done=done))


async def _done(_session: TenantSession, _subject_id: UUID) -> bool:
    return True
