"""What is kept beside a manual: agencies' documents, protocols, contracts' clauses."""

from datetime import date
from enum import Enum
from typing import Annotated

import strawberry
from sqlmodel import col

from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed, plain
from graphql_api.context import Info
from graphql_api.ids import decode_as, encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.procedures.parts import AdoptionClass
from graphql_api.procedures.types import ProcedureEdition
from graphql_api.scalars import Instant
from tenants.procedures import register_models as rows
from tenants.procedures import registering, registers, repository

RegisterKind: type[Enum] = strawberry.enum(
    rows.RegisterKind, name="ProcedureRegisterKind", description="What an entry beside a manual is."
)
RegisterBasis: type[Enum] = strawberry.enum(
    rows.RegisterBasis, name="ProcedureRegisterBasis", description="Why an agency has a document of its own."
)
CheckOutcome: type[Enum] = strawberry.enum(
    rows.CheckOutcome, name="ProcedureCheckOutcome",
    description="STRICTER text holds beside the manual; LAXER text is to be mended; LAPSED holds no longer.",
)  # fmt: skip
Owed: type[Enum] = strawberry.enum(
    registers.Owed, name="ProcedureRegisterOwed",
    description="REVIEW: its day has come. RECHECK: it was not held against the text in force. MEND: it is laxer.",
)  # fmt: skip


@strawberry.type(description="Somebody held an entry against the manual, or reviewed it.")
class ProcedureRegisterCheck:
    outcome: CheckOutcome  # type: ignore[valid-type]
    note: str | None
    review_on: date = strawberry.field(description="When the next review was then due.")
    checked_at: Instant
    row: strawberry.Private[rows.ProcedureRegisterCheck]

    @strawberry.field(description="The manual's text that it was held against.")
    async def edition(self, info: Info) -> ProcedureEdition | None:
        key = self.row.edition_id
        found = await info.context.loaders.procedure_edition.load(key) if key is not None else None
        return ProcedureEdition.of(found) if found else None

    @strawberry.field(description="Who did.")
    def checked_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.checked_by)

    @classmethod
    def of(cls, row: rows.ProcedureRegisterCheck) -> "ProcedureRegisterCheck":
        return cls(outcome=row.outcome, note=row.note, review_on=row.review_on, checked_at=Instant(row.checked_at),
                   row=row)  # fmt: skip


@strawberry.type(description="An entry beside a manual: an agency's document, a protocol, a contract's clause.")
class ProcedureRegisterEntry:
    id: strawberry.ID
    kind: RegisterKind  # type: ignore[valid-type]
    manual: str = strawberry.field(description="Code of the manual that it is kept beside.")
    title: str
    body: str | None = strawberry.field(description="The provider or other body outside.")
    parties: list[str] = strawberry.field(description="Agencies by code and others by name.")
    subject: str | None = strawberry.field(description="The issue, event or circumstance that it is about.")
    basis: RegisterBasis | None  # type: ignore[valid-type]
    provisions: list[str] = strawberry.field(description="Addresses that it supplements, or where it was taken up.")
    adoption: AdoptionClass | None  # type: ignore[valid-type]
    clause_sought_on: date | None
    clause_obtained: bool | None
    reason: str | None = strawberry.field(description="Why the clause was not obtained; that is no breach.")
    kept_at: str | None = strawberry.field(description="Where the document is to be found.")
    agreed_on: date | None
    review_on: date
    made_at: Instant
    retired_at: Instant | None
    retired_reason: str | None
    row: strawberry.Private[rows.ProcedureRegisterEntry]

    @strawberry.field(description="Name of the agency whose it is.")
    async def agency(self, info: Info) -> str | None:
        key = self.row.agency_id
        found = await info.context.loaders.agency.load(key) if key is not None else None
        return found.name if found else None

    @strawberry.field(description="Who is reminded.")
    def owner(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.owner_id)

    @strawberry.field(description="First to last.")
    async def checks(self, info: Info) -> list[ProcedureRegisterCheck]:
        return [ProcedureRegisterCheck.of(one) for one in await info.context.loaders.register_checks.load(self.row.id)]

    @strawberry.field(description="What is owed on it today.")
    async def owed(self, info: Info) -> list[Owed]:  # type: ignore[valid-type]
        made = await info.context.loaders.register_checks.load(self.row.id)
        async with info.context.db() as session:
            today = await repository.today(session)
            texts = [one.id for one in await repository.in_force(session, today, self.row.manual)]
        return registers.owed(self.row, made[-1] if made else None, texts, today)

    @classmethod
    def of(cls, row: rows.ProcedureRegisterEntry) -> "ProcedureRegisterEntry":
        return cls(
            id=strawberry.ID(encode("ProcedureRegisterEntry", row.id)), kind=row.kind, manual=row.manual,
            title=row.title, body=row.body, parties=list(row.parties), subject=row.subject, basis=row.basis,
            provisions=list(row.provisions), adoption=row.adoption, clause_sought_on=row.clause_sought_on,
            clause_obtained=row.clause_obtained, reason=row.reason, kept_at=row.kept_at, agreed_on=row.agreed_on,
            review_on=row.review_on, made_at=Instant(row.made_at),
            retired_at=Instant(row.retired_at) if row.retired_at else None, retired_reason=row.retired_reason, row=row,
        )  # fmt: skip


@strawberry.type
class ProcedureRegisterQueries:
    @strawberry.field(description="What is kept beside the manuals, the newest first.")
    async def procedure_register(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        kind: Annotated[RegisterKind | None, strawberry.argument(description="Only of this kind.")] = None,  # type: ignore[valid-type]
        manual: Annotated[str | None, strawberry.argument(description="Only beside this manual.")] = None,
        owing: Annotated[bool, strawberry.argument(description="Only those on which something is owed.")] = False,  # noqa: FBT002
    ) -> Connection[ProcedureRegisterEntry]:  # fmt: skip
        entry = rows.ProcedureRegisterEntry
        query = registering.entries(info.context.caller.tenant_id)
        if kind is not None:
            query = query.where(col(entry.kind) == kind)
        if manual is not None:
            query = query.where(col(entry.manual) == plain("manual", manual))
        order = Order(col(entry.made_at), col(entry.id), newest_first=True)
        async with info.context.db() as session:
            if owing:
                today = await repository.today(session)
                texts = [one.id for one in await repository.in_force(session, today)]
                query = query.where(registering.owing(texts, today))
            return await listed(session, query, order, Window(first, after, last, before), ProcedureRegisterEntry.of)

    @strawberry.field(description="One entry; null where it is not.")
    async def procedure_register_entry(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="An entry's id.")]
    ) -> ProcedureRegisterEntry | None:
        key = decode_as("ProcedureRegisterEntry", id)
        async with info.context.db() as session:
            found = await session.get(rows.ProcedureRegisterEntry, (session.tenant_id, key)) if key else None
        return ProcedureRegisterEntry.of(found) if found else None
