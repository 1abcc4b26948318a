"""Keep the registers beside a manual: enter, change, check, retire."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.procedures import keeping
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import ONCE, AnyProblem, Given, mutate
from graphql_api.procedures.parts import AdoptionClass
from graphql_api.procedures.registers import CheckOutcome, ProcedureRegisterEntry, RegisterBasis, RegisterKind
from tenants.procedures import register_models as rows
from tenants.procedures import registering
from tenants.procedures.registers import EntryTold

_ENTRY = "An entry in use."
_REVIEW = "After today: a document within a year, others within two."


@strawberry.input(description="What an entry says. Each kind needs its own of these; what does not belong is refused.")
class ProcedureRegisterInput:
    kind: RegisterKind = strawberry.field(description="What is entered.")  # type: ignore[valid-type]
    manual: str = strawberry.field(description="Code of a manual that is or was in force.")
    title: str = strawberry.field(description="Up to 300 characters.")
    owner_id: strawberry.ID = strawberry.field(description="Who is reminded.")
    review_on: date = strawberry.field(description=_REVIEW)
    agency: str | None = strawberry.field(default=None, description="Of a document: the code of whose it is.")
    body: str | None = strawberry.field(default=None, description="Of a clause: the provider.")
    parties: list[str] | None = strawberry.field(default=None, description="Of a protocol: two or more.")
    subject: str | None = strawberry.field(default=None, description="What it is about; up to 1,000 characters.")
    basis: RegisterBasis | None = strawberry.field(default=None, description="Of a document: why there is one.")  # type: ignore[valid-type]
    provisions: list[str] | None = strawberry.field(default=None, description="Addresses in the manual.")
    adoption: AdoptionClass | None = strawberry.field(  # type: ignore[valid-type]
        default=None, description="Of a clause: how the body holds to it."
    )
    clause_sought_on: date | None = strawberry.field(default=None, description="When the clause was asked for.")
    clause_obtained: bool | None = strawberry.field(default=None, description="Leave out while it is not answered.")
    reason: str | None = strawberry.field(default=None, description="Why it was not obtained.")
    kept_at: str | None = strawberry.field(default=None, description="Where the document is; up to 300 characters.")
    agreed_on: date | None = strawberry.field(default=None, description="When it was signed or agreed.")

    def told(self) -> EntryTold:
        return EntryTold(
            self.kind, self.manual, self.title, self.review_on, key_of("Person", self.owner_id), self.agency,
            self.body, tuple(self.parties or ()), self.subject, self.basis, tuple(self.provisions or ()),
            self.adoption, self.clause_sought_on, self.clause_obtained, self.reason, self.kept_at, self.agreed_on,
        )  # fmt: skip


@strawberry.input(description="Enter a document, a protocol or a clause.")
class EnterInProcedureRegisterInput:
    entry: ProcedureRegisterInput = strawberry.field(description="What it says.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Change what an entry says. Its kind and manual stay.")
class ChangeProcedureRegisterEntryInput:
    entry_id: strawberry.ID = strawberry.field(description=_ENTRY)
    entry: ProcedureRegisterInput = strawberry.field(description="All of what it says.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Record that you held an entry against the manual in force, or reviewed it.")
class CheckProcedureRegisterEntryInput:
    entry_id: strawberry.ID = strawberry.field(description=_ENTRY)
    outcome: CheckOutcome = strawberry.field(  # type: ignore[valid-type]
        description="Of a document CONSISTENT, STRICTER or LAXER; of others REVIEWED or LAPSED."
    )
    review_on: date = strawberry.field(description=_REVIEW)
    note: str | None = strawberry.field(default=None, description="Of LAXER: what is to be mended.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Take an entry out of use. It stays readable.")
class RetireProcedureRegisterEntryInput:
    entry_id: strawberry.ID = strawberry.field(description=_ENTRY)
    reason: str = strawberry.field(description="Up to 1,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The entry as it is now.")
class ProcedureRegisterEntryPayload:
    entry: ProcedureRegisterEntry


ProcedureRegisterEntryResult = Annotated[
    ProcedureRegisterEntryPayload | AnyProblem,
    strawberry.union("ProcedureRegisterEntryResult", description="The entry, or why it was refused."),
]


async def _keep(
    info: Info, given: Given, work: Callable[[TenantSession, UUID], Awaitable[rows.ProcedureRegisterEntry]],
    entry_id: str | None,
) -> ProcedureRegisterEntryResult:  # fmt: skip
    return await mutate(
        info, given, work, again=registering.entry, needs=Permission.WRITE_PROCEDURES,
        answer=lambda row: ProcedureRegisterEntryPayload(entry=ProcedureRegisterEntry.of(row)),
        about=("ProcedureRegisterEntry", entry_id) if entry_id is not None else None,
    )  # fmt: skip


@strawberry.type
class ProcedureRegisterMutations:
    @strawberry.mutation(description="Enter what is kept beside a manual. Its owner is reminded of reviews.")
    async def enter_in_procedure_register(
        self, info: Info, input: EnterInProcedureRegisterInput
    ) -> ProcedureRegisterEntryResult:
        async def work(session: TenantSession, entry_id: UUID) -> rows.ProcedureRegisterEntry:
            return await keeping.enter(session, input.entry.told(), info.context.caller.person_id, entry_id)

        return await _keep(info, input, work, None)

    @strawberry.mutation(description="Change an entry of the registers.")
    async def change_procedure_register_entry(
        self, info: Info, input: ChangeProcedureRegisterEntryInput
    ) -> ProcedureRegisterEntryResult:
        async def work(session: TenantSession, entry_id: UUID) -> rows.ProcedureRegisterEntry:
            return await keeping.change(session, entry_id, input.entry.told(), info.context.caller.person_id)

        return await _keep(info, input, work, input.entry_id)

    @strawberry.mutation(description="Record a check or a review of an entry.")
    async def check_procedure_register_entry(
        self, info: Info, input: CheckProcedureRegisterEntryInput
    ) -> ProcedureRegisterEntryResult:
        by = info.context.caller.person_id

        async def work(session: TenantSession, entry_id: UUID) -> rows.ProcedureRegisterEntry:
            return await keeping.check(session, entry_id, input.outcome, input.review_on, input.note, by)

        return await _keep(info, input, work, input.entry_id)

    @strawberry.mutation(description="Take an entry out of use.")
    async def retire_procedure_register_entry(
        self, info: Info, input: RetireProcedureRegisterEntryInput
    ) -> ProcedureRegisterEntryResult:
        async def work(session: TenantSession, entry_id: UUID) -> rows.ProcedureRegisterEntry:
            return await registering.retire(session, entry_id, input.reason, info.context.caller.person_id)

        return await _keep(info, input, work, input.entry_id)
