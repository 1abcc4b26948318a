"""Begin drafts, correct them, approve and withdraw editions, record who holds to them."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.procedures import linking, publishing
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import AnyProblem, Given, mutate
from graphql_api.procedures import inputs
from graphql_api.procedures.types import ProcedureEdition
from tenants.procedures import approving, changes, corrections, drafting, handbook, repository, vocabulary
from tenants.procedures.changes import AdoptionTold
from tenants.procedures.drafting import DraftTold
from tenants.procedures.links import LinkTold
from tenants.procedures.models import ProcedureEdition as EditionRow
from tenants.procedures.working_models import ProcedureDoubt as DoubtRow

Work: TypeAlias = Callable[[TenantSession, UUID], Awaitable[EditionRow]]


@strawberry.type(description="The edition as it is now.")
class ProcedureEditionPayload:
    edition: ProcedureEdition


ProcedureEditionResult = Annotated[
    ProcedureEditionPayload | AnyProblem,
    strawberry.union("ProcedureEditionResult", description="The edition, or why it was refused."),
]


async def _of_doubt(session: TenantSession, doubt_id: UUID) -> EditionRow:
    doubt = await repository.row(session, DoubtRow, doubt_id, "There is no such doubt in this partnership.")
    return await repository.edition(session, doubt.edition_id)


async def _change(
    info: Info, given: Given, work: Work, edition_id: str | None, needs: Permission = Permission.WRITE_PROCEDURES
) -> ProcedureEditionResult:
    return await mutate(
        info, given, work, again=repository.edition, needs=needs,
        answer=lambda row: ProcedureEditionPayload(edition=ProcedureEdition.of(row)),
        about=("ProcedureEdition", edition_id) if edition_id is not None else None,
    )  # fmt: skip


def _draft_told(given: inputs.DraftProcedureEditionInput) -> DraftTold:
    replaces = tuple(
        (key_of("ProcedureEdition", one.edition_id) if one.edition_id else None, one.title)
        for one in given.replaces or ()
    )
    based_on = key_of("ProcedureEdition", given.based_on_id) if given.based_on_id else None
    return DraftTold(given.manual, given.title, given.level, given.law_as_at, given.next_review, given.summary,
                     based_on, given.over, replaces)  # fmt: skip


@strawberry.type
class ProcedureEditingMutations:
    @strawberry.mutation(description="Begin a draft of a manual's next edition.")
    async def draft_procedure_edition(
        self, info: Info, input: inputs.DraftProcedureEditionInput
    ) -> ProcedureEditionResult:
        by = info.context.caller.person_id

        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await drafting.draft(session, _draft_told(input), by, edition_id)

        return await _change(info, input, work, None)

    @strawberry.mutation(description="Change what a draft says of itself.")
    async def change_procedure_edition(
        self, info: Info, input: inputs.ChangeProcedureEditionInput
    ) -> ProcedureEditionResult:
        told = {
            name: value
            for name in ("title", "law_as_at", "next_review", "summary")
            if (value := getattr(input, name)) is not None
        }
        by = info.context.caller.person_id

        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await drafting.set_heading(session, edition_id, told, by)

        return await _change(info, input, work, input.edition_id)

    @strawberry.mutation(description="Correct provisions of a draft. Reading its file anew keeps the correction.")
    async def correct_procedure_provisions(
        self, info: Info, input: inputs.CorrectProcedureProvisionsInput
    ) -> ProcedureEditionResult:
        by = info.context.caller.person_id

        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await corrections.set_fields(session, edition_id, input.addresses, input.given(), by)

        return await _change(info, input, work, input.edition_id)

    @strawberry.mutation(description="Let one provision of a draft have the words of several.")
    async def merge_procedure_provisions(
        self, info: Info, input: inputs.MergeProcedureProvisionsInput
    ) -> ProcedureEditionResult:
        by = info.context.caller.person_id

        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await corrections.merge(session, edition_id, input.addresses, by)

        return await _change(info, input, work, input.edition_id)

    @strawberry.mutation(description="Make two provisions of one in a draft.")
    async def split_procedure_provision(
        self, info: Info, input: inputs.SplitProcedureProvisionInput
    ) -> ProcedureEditionResult:
        by = info.context.caller.person_id

        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await corrections.split(session, edition_id, input.address, input.begins_with, input.new_address,
                                           input.number, by)  # fmt: skip

        return await _change(info, input, work, input.edition_id)

    @strawberry.mutation(description="Add a provision to a draft.")
    async def add_procedure_provision(
        self, info: Info, input: inputs.AddProcedureProvisionInput
    ) -> ProcedureEditionResult:
        by = info.context.caller.person_id
        fields = {
            "address": input.address, "parent": input.parent, "number": input.number, "heading": input.heading,
            "text": input.text, "kind": vocabulary.Kind(input.kind).value,
            "force": vocabulary.Force(input.force).value if input.force else None,
        }  # fmt: skip

        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await corrections.add(session, edition_id, fields, input.follows, by)

        return await _change(info, input, work, input.edition_id)

    @strawberry.mutation(description="Take a provision out of a draft.")
    async def remove_procedure_provision(
        self, info: Info, input: inputs.RemoveProcedureProvisionInput
    ) -> ProcedureEditionResult:
        by = info.context.caller.person_id

        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await corrections.remove(session, edition_id, input.address, by)

        return await _change(info, input, work, input.edition_id)

    @strawberry.mutation(description="Say where a cross-reference of a draft leads.")
    async def set_procedure_reference(
        self, info: Info, input: inputs.SetProcedureReferenceInput
    ) -> ProcedureEditionResult:
        by = info.context.caller.person_id

        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await corrections.set_reference(session, edition_id, input.address, input.wording, input.kind,
                                                   input.targets, by)  # fmt: skip

        return await _change(info, input, work, input.edition_id)

    @strawberry.mutation(description="Put a term in a draft's glossary, or take it out.")
    async def set_procedure_term(self, info: Info, input: inputs.SetProcedureTermInput) -> ProcedureEditionResult:
        by = info.context.caller.person_id
        told = corrections.TermTold(input.term, input.definition, tuple(input.aliases or ()), input.effective_from,
                                 input.effective_to)  # fmt: skip

        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await corrections.set_term(session, edition_id, told, by)

        return await _change(info, input, work, input.edition_id)

    @strawberry.mutation(description="Write the practitioners' handbook that is issued with a draft.")
    async def set_procedure_handbook(
        self, info: Info, input: inputs.SetProcedureHandbookInput
    ) -> ProcedureEditionResult:
        by = info.context.caller.person_id
        entries = [handbook.EntryTold(one.heading, one.text, tuple(one.addresses)) for one in input.entries]

        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await handbook.write(session, edition_id, entries, by)

        return await _change(info, input, work, input.edition_id)

    @strawberry.mutation(description="Say which provisions of a draft bind which parts of pathways.")
    async def set_procedure_links(self, info: Info, input: inputs.SetProcedureLinksInput) -> ProcedureEditionResult:
        by = info.context.caller.person_id
        told = [LinkTold(one.address, one.pathway, one.kind, one.code, one.source, one.place) for one in input.links]

        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await linking.write(session, edition_id, told, by)

        return await _change(info, input, work, input.edition_id)

    @strawberry.mutation(description="Say what has become of a doubt of a draft.")
    async def resolve_procedure_doubt(
        self, info: Info, input: inputs.ResolveProcedureDoubtInput
    ) -> ProcedureEditionResult:
        by = info.context.caller.person_id

        async def work(session: TenantSession, doubt_id: UUID) -> EditionRow:
            return await corrections.resolve(session, doubt_id, input.resolution, by, of_its_kind=input.of_its_kind)

        return await mutate(
            info, input, work, again=_of_doubt, needs=Permission.WRITE_PROCEDURES,
            answer=lambda row: ProcedureEditionPayload(edition=ProcedureEdition.of(row)),
            about=("ProcedureDoubt", input.doubt_id),
        )  # fmt: skip

    @strawberry.mutation(description="Approve a draft that somebody else wrote, in force from a day on.")
    async def approve_procedure_edition(
        self, info: Info, input: inputs.ApproveProcedureEditionInput
    ) -> ProcedureEditionResult:
        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await publishing.approve(session, info.context.caller, edition_id, input.role, input.in_force_from,
                                            input.authority)  # fmt: skip

        return await _change(info, input, work, input.edition_id, Permission.APPROVE_PROCEDURES)

    @strawberry.mutation(description="Take an edition out of force, or give a draft up. It stays readable.")
    async def withdraw_procedure_edition(
        self, info: Info, input: inputs.WithdrawProcedureEditionInput
    ) -> ProcedureEditionResult:
        by = info.context.caller.person_id

        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            return await approving.withdraw(session, edition_id, by, input.reason)

        return await _change(info, input, work, input.edition_id, Permission.APPROVE_PROCEDURES)

    @strawberry.mutation(description="Record how an agency, or a body outside, holds to an edition.")
    async def record_procedure_adoption(
        self, info: Info, input: inputs.RecordProcedureAdoptionInput
    ) -> ProcedureEditionResult:
        by = info.context.caller.person_id
        told = AdoptionTold(input.adoption, input.adopted_on, input.agency, input.body, input.scope,
                            input.clause_sought_on, input.clause_obtained, input.reason)  # fmt: skip

        async def work(session: TenantSession, edition_id: UUID) -> EditionRow:
            await changes.adopt(session, edition_id, told, by, uuid7())
            return await repository.edition(session, edition_id)

        return await _change(info, input, work, input.edition_id, Permission.APPROVE_PROCEDURES)
