"""Amendments of manuals, and how far each has come in every agency."""

from datetime import date
from enum import Enum
from typing import Annotated

import strawberry
from sqlmodel import col

from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.procedures.types import ProcedureEdition
from graphql_api.scalars import Instant
from tenants.procedures import change_models as rows
from tenants.procedures import changes, vocabulary

AmendmentState: type[Enum] = strawberry.enum(
    vocabulary.AmendmentState, name="ProcedureAmendmentState",
    description="How far a proposal has come. An urgent one is CIRCULATED; any other INCORPORATED in an edition.",
)  # fmt: skip


@strawberry.type(description="An amendment on its way to one agency.")
class ProcedureCirculation:
    id: strawberry.ID
    amendment_id: strawberry.ID
    notices: int = strawberry.field(description="How many messages its nominated manager was sent.")
    sent_at: Instant
    acknowledged_at: Instant | None = strawberry.field(description="When the manager confirmed that it has come.")
    device_at: Instant | None = strawberry.field(
        description="When the manager's phone says that it was confirmed; null unless it was confirmed offline."
    )
    forwarded_at: Instant | None = strawberry.field(description="When everybody on the agency's list had it.")
    copies: int | None = strawberry.field(description="How many hard copies were replaced.")
    row: strawberry.Private[rows.ProcedureCirculation]

    @strawberry.field(description="Name of the agency.")
    async def agency(self, info: Info) -> str | None:
        found = await info.context.loaders.agency.load(self.row.agency_id)
        return found.name if found else None

    @strawberry.field(description="Its nominated manager when it was sent.")
    def manager(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.person_id)

    @classmethod
    def of(cls, row: rows.ProcedureCirculation) -> "ProcedureCirculation":
        return cls(
            id=strawberry.ID(encode("ProcedureCirculation", row.id)),
            amendment_id=strawberry.ID(encode("ProcedureAmendment", row.amendment_id)), notices=row.notices,
            sent_at=Instant(row.sent_at),
            acknowledged_at=Instant(row.acknowledged_at) if row.acknowledged_at else None,
            device_at=Instant(row.device_at) if row.device_at else None,
            forwarded_at=Instant(row.forwarded_at) if row.forwarded_at else None, copies=row.copies, row=row,
        )  # fmt: skip


@strawberry.type(description="A change to a manual that somebody proposes, and what became of it.")
class ProcedureAmendment:
    id: strawberry.ID
    address: str = strawberry.field(description="Of the provision.")
    change: str
    reason: str
    urgent: bool
    why_urgent: str | None = strawberry.field(description="Why it cannot wait for the next edition.")
    state: AmendmentState  # type: ignore[valid-type]
    new_text: str | None = strawberry.field(description="As it was agreed.")
    effective_from: date | None
    minute: str | None = strawberry.field(description="Where the sub-group's agreement is minuted.")
    reasons: str | None = strawberry.field(description="Why it was refused.")
    proposed_at: Instant
    agreed_at: Instant | None
    circulated_at: Instant | None
    row: strawberry.Private[rows.ProcedureAmendment]

    @strawberry.field(description="Who proposed it.")
    def proposed_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.proposed_by)

    @strawberry.field(description="The edition that it is about.")
    async def edition(self, info: Info) -> ProcedureEdition | None:
        found = await info.context.loaders.procedure_edition.load(self.row.edition_id)
        return ProcedureEdition.of(found) if found else None

    @strawberry.field(description="The text that has it.")
    async def made_in(self, info: Info) -> ProcedureEdition | None:
        key = self.row.text_id
        found = await info.context.loaders.procedure_edition.load(key) if key is not None else None
        return ProcedureEdition.of(found) if found else None

    @strawberry.field(description="To whom it went and how far it has come there, by agency.")
    async def circulations(self, info: Info) -> list[ProcedureCirculation]:
        async with info.context.db() as session:
            found = await changes.circulations(session, self.row.id)
        return [ProcedureCirculation.of(row) for row, _ in found]

    @classmethod
    def of(cls, row: rows.ProcedureAmendment) -> "ProcedureAmendment":
        return cls(
            id=strawberry.ID(encode("ProcedureAmendment", row.id)), address=row.address, change=row.change,
            reason=row.reason, urgent=row.urgent, why_urgent=row.why_urgent, state=row.state, new_text=row.new_text,
            effective_from=row.effective_from, minute=row.minute, reasons=row.reasons,
            proposed_at=Instant(row.proposed_at), agreed_at=Instant(row.agreed_at) if row.agreed_at else None,
            circulated_at=Instant(row.circulated_at) if row.circulated_at else None, row=row,
        )  # fmt: skip


@strawberry.type
class ProcedureAmendmentQueries:
    @strawberry.field(description="Amendments of the partnership's manuals, the newest first.")
    async def procedure_amendments(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        state: Annotated[AmendmentState | None, strawberry.argument(description="Only in this state.")] = None,  # type: ignore[valid-type]
    ) -> Connection[ProcedureAmendment]:  # fmt: skip
        query = changes.amendments(info.context.caller.tenant_id)
        if state is not None:
            query = query.where(col(rows.ProcedureAmendment.state) == state)
        order = Order(col(rows.ProcedureAmendment.proposed_at), col(rows.ProcedureAmendment.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), ProcedureAmendment.of)

    @strawberry.field(description="Amendments that went to you as an agency's nominated manager, the newest first.")
    async def my_procedure_circulations(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ProcedureCirculation]:
        caller = info.context.caller
        query = changes.circulations_to(caller.tenant_id, caller.person_id)
        order = Order(col(rows.ProcedureCirculation.sent_at), col(rows.ProcedureCirculation.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), ProcedureCirculation.of)
