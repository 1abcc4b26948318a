"""Editions of manuals and what they hold."""

from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Annotated, Final

import strawberry
from sqlalchemy import func
from sqlmodel import col

from graphql_api.connections import (
    After,
    Before,
    Connection,
    First,
    Last,
    Order,
    Window,
    connection,
    cursor,
    fetch,
    plain,
)
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.nodes import Node
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.procedures.parts import (
    ProcedureAdoption,
    ProcedureDoubt,
    ProcedureFinding,
    ProcedureHandbookEntry,
    ProcedureLink,
    ProcedureReference,
    ProcedureReplacement,
    ProcedureTerm,
)
from graphql_api.scalars import Instant
from tenants.procedures import changes, drafting, repository, vocabulary
from tenants.procedures import models as rows
from tenants.procedures.link_models import ProcedureLink as LinkRow
from tenants.procedures.working_models import ProcedureDoubt as DoubtRow

EditionState: type[Enum] = strawberry.enum(
    vocabulary.EditionState, name="ProcedureEditionState",
    description="How far a text has come. An approved one is in force from its day on; a withdrawn one stays readable.",
)  # fmt: skip
Level: type[Enum] = strawberry.enum(vocabulary.Level, name="ProcedureLevel", description="Whose text a manual is.")
Kind: type[Enum] = strawberry.enum(
    vocabulary.Kind, name="ProcedureKind", description="What a provision is. Guidance does not bind."
)
Force: type[Enum] = strawberry.enum(
    vocabulary.Force, name="ProcedureForce",
    description="MUST is an obligation, SHOULD an expectation, MAY a permission. The others stand as worded, unranked.",
)  # fmt: skip
Form: type[Enum] = strawberry.enum(vocabulary.Form, name="ProcedureForm", description="How a provision is set.")
Basis: type[Enum] = strawberry.enum(
    vocabulary.Basis, name="ProcedureBasis", description="Where a local edition has a provision from."
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)


@strawberry.type(description="A provision of a manual. It is cited by its edition and address.")
class ProcedureProvision:
    address: str = strawberry.field(description="Names it in its edition; its number, where it has one.")
    number: str | None = strawberry.field(description="As printed.")
    marker: str = strawberry.field(description="All that is printed before it: a number, a bullet, (a).")
    form: Form  # type: ignore[valid-type]
    depth: int = strawberry.field(description="How deep it stands; 1 is the top.")
    parent: str | None = strawberry.field(description="Address of what it belongs to.")
    heading: str | None
    text: str
    cells: list[list[str]] | None = strawberry.field(description="A table's cells, by row.")
    kind: Kind  # type: ignore[valid-type]
    force: Force | None = strawberry.field(description="Null where it states nothing to do.")  # type: ignore[valid-type]
    unranked: list[str] = strawberry.field(description="Its verbs without a rank, as worded: will, is to, shall.")
    audience: list[str] = strawberry.field(description="For whom it is; empty for everybody.")
    area: str | None = strawberry.field(description="Where it holds; null for the whole partnership.")
    basis: Basis  # type: ignore[valid-type]
    origin: str | None = strawberry.field(description="The text that it was taken over from, or that it replaces.")
    source: str | None = strawberry.field(description="The lines of the file that it was read from.")
    row: strawberry.Private[rows.ProcedureProvision]

    @strawberry.field(description="The edition that it is of.")
    async def edition(self, info: Info) -> "ProcedureEdition | None":
        found = await info.context.loaders.procedure_edition.load(self.row.edition_id)
        return ProcedureEdition.of(found) if found else None

    @strawberry.field(description="Where it refers to, as worded.")
    async def references(self, info: Info) -> list[ProcedureReference]:
        found = await info.context.loaders.procedure_references.load(self.row.edition_id)
        return [ProcedureReference.of(one) for one in found if one.address == self.row.address]

    @classmethod
    def of(cls, row: rows.ProcedureProvision) -> "ProcedureProvision":
        return cls(
            address=row.address, number=row.number, marker=row.marker, form=row.form, depth=row.depth,
            parent=row.parent, heading=row.heading, text=row.text, cells=row.cells, kind=row.kind, force=row.force,
            unranked=list(row.force_words), audience=list(row.audience), area=row.area, basis=row.basis,
            origin=row.origin, source=row.source, row=row,
        )  # fmt: skip


@strawberry.type(description="An edition of a manual, at one of its amendment levels. Once approved it never changes.")
class ProcedureEdition(Node):
    id: strawberry.ID
    manual: str = strawberry.field(description="Code of the manual.")
    level: Level  # type: ignore[valid-type]
    title: str
    number: int
    amendment: int = strawberry.field(description="0 as it was issued; each urgent amendment makes the next.")
    state: EditionState  # type: ignore[valid-type]
    law_as_at: date | None = strawberry.field(description="The day as at which the law is stated.")
    next_review: str | None = strawberry.field(description="A year, month, day or season, such as 2028-autumn.")
    summary: str | None = strawberry.field(description="What it changes, in short.")
    in_force_from: date | None
    approved_role: str | None
    authority: str | None = strawberry.field(description="Where its approval is minuted.")
    digest: str | None = strawberry.field(description="SHA-256 of the approved text.")
    made_at: Instant
    approved_at: Instant | None
    withdrawn_at: Instant | None
    withdrawal_reason: str | None
    row: strawberry.Private[rows.ProcedureEdition]

    @strawberry.field(description="Who wrote it; null for an operator.")
    def made_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.made_by)

    @strawberry.field(description="Who approved it; null for an operator.")
    def approved_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.approved_by)

    @strawberry.field(description="Its provisions in order.")
    async def provisions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        under: Annotated[str | None, strawberry.argument(description="Only what belongs directly to this address.")]
        = None,
        form: Annotated[Form | None, strawberry.argument(description="Only of this form, such as HEADING.")] = None,  # type: ignore[valid-type]
        kind: Annotated[Kind | None, strawberry.argument(description="Only of this kind.")] = None,  # type: ignore[valid-type]
    ) -> Connection[ProcedureProvision]:  # fmt: skip
        query = repository.provisions(info.context.caller.tenant_id, self.row.id)
        if under is not None:
            query = query.where(col(rows.ProcedureProvision.parent) == plain("under", under))
        if form is not None:
            query = query.where(col(rows.ProcedureProvision.form) == form)
        if kind is not None:
            query = query.where(col(rows.ProcedureProvision.kind) == kind)
        # Pages are kept by instants: positions are told as seconds.
        order = Order(func.to_timestamp(col(rows.ProcedureProvision.position)), col(rows.ProcedureProvision.id))
        async with info.context.db() as session:
            page = await fetch(session, query, order, Window(first, after, last, before))
        nodes = [(cursor(_EPOCH + row.position * _SECOND, row.id), ProcedureProvision.of(row)) for (row,) in page.rows]
        return connection(nodes, page)

    @strawberry.field(description="One provision; where it was renumbered, its old address leads to it too.")
    async def provision(
        self, info: Info, address: Annotated[str, strawberry.argument(description="Such as 1.4.2.")]
    ) -> ProcedureProvision | None:
        async with info.context.db() as session:
            found = await repository.standing(session, self.row.id, plain("address", address))
        return ProcedureProvision.of(found) if found else None

    @strawberry.field(description="The texts that it replaces.")
    async def replaces(self, info: Info) -> list[ProcedureReplacement]:
        async with info.context.db() as session:
            found = await repository.parts(session, rows.ProcedureReplacement, self.row.id)
        return [ProcedureReplacement.of(one) for one in found]

    @strawberry.field(description="Its glossary, by term.")
    async def terms(self, info: Info) -> list[ProcedureTerm]:
        async with info.context.db() as session:
            found = await repository.parts(session, rows.ProcedureTerm, self.row.id)
        return [ProcedureTerm.of(one) for one in sorted(found, key=lambda one: one.term.lower())]

    @strawberry.field(description="What the reading of its file left to be looked at.")
    async def doubts(self, info: Info) -> list[ProcedureDoubt]:
        async with info.context.db() as session:
            found = await repository.parts(session, DoubtRow, self.row.id)
        return [ProcedureDoubt.of(one) for one in found]

    @strawberry.field(
        description="What keeps a draft from approval, then what its author should look at; else nothing."
    )
    async def findings(self, info: Info) -> list[ProcedureFinding]:
        if self.row.state is not vocabulary.EditionState.DRAFT:
            return []
        async with info.context.db() as session:
            found = await drafting.found(session, self.row)
        return [ProcedureFinding.of(one) for one in found]

    @strawberry.field(description="How each agency or other body holds to it, by the newest record.")
    async def adoptions(self, info: Info) -> list[ProcedureAdoption]:
        async with info.context.db() as session:
            found = await changes.adoptions(session, self.row.id)
        return [ProcedureAdoption.of(one) for one in found]

    @strawberry.field(description="Which of its provisions bind which parts of pathways.")
    async def links(self, info: Info) -> list[ProcedureLink]:
        async with info.context.db() as session:
            found = await repository.parts(session, LinkRow, self.row.id)
        return [ProcedureLink.of(one) for one in found]

    @strawberry.field(description="The practitioners' handbook that is issued with it.")
    async def handbook(self, info: Info) -> list[ProcedureHandbookEntry]:
        async with info.context.db() as session:
            found = await repository.parts(session, rows.ProcedureHandbookEntry, self.row.id)
        return [ProcedureHandbookEntry.of(one) for one in found]

    @classmethod
    def of(cls, row: rows.ProcedureEdition) -> "ProcedureEdition":
        return cls(
            id=strawberry.ID(encode("ProcedureEdition", row.id)), manual=row.manual, level=row.level, title=row.title,
            number=row.number, amendment=row.amendment, state=row.state, law_as_at=row.law_as_at,
            next_review=row.next_review, summary=row.summary, in_force_from=row.in_force_from,
            approved_role=row.approved_role, authority=row.authority, digest=row.digest,
            made_at=Instant(row.made_at), approved_at=Instant(row.approved_at) if row.approved_at else None,
            withdrawn_at=Instant(row.withdrawn_at) if row.withdrawn_at else None,
            withdrawal_reason=row.withdrawal_reason, row=row,
        )  # fmt: skip
