"""Queries on manuals. Every member reads what is or was in force; drafts are for those who write or approve."""

from datetime import date
from typing import Annotated, TypeGuard
from uuid import UUID

import strawberry
from sqlmodel import col

from backend.identity.policies import Caller, Permission
from backend.kit.problems import FieldError, Invalid
from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed, plain
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.limits import page_size
from graphql_api.procedures.imports import ProcedureImport
from graphql_api.procedures.parts import ProcedureBundle, ProcedureDifference, ProcedureHit
from graphql_api.procedures.types import EditionState, ProcedureEdition, ProcedureProvision
from tenants.procedures import bundling, repository, search, subjects
from tenants.procedures import models as rows
from tenants.procedures.difference import differences
from tenants.procedures.working_models import ProcedureImport as ImportRow

Manual = Annotated[str | None, strawberry.argument(description="Only of the manual with this code.")]
OnDay = Annotated[date | None, strawberry.argument(description="The day; default today in the partnership's zone.")]


@strawberry.type(description="An entry of the alphabetical index of a text.")
class ProcedureIndexEntry:
    subject: str
    addresses: list[str] = strawberry.field(description="Provisions about it, in order.")


def sees_drafts(caller: Caller) -> bool:
    return caller.may(Permission.WRITE_PROCEDURES) or caller.may(Permission.APPROVE_PROCEDURES)


async def visible(info: Info, id: str) -> rows.ProcedureEdition | None:
    """An edition that is there for the caller."""
    key = decode_as("ProcedureEdition", id)
    found = await info.context.loaders.procedure_edition.load(key) if key is not None else None
    return found if shown(found, info.context.caller) else None


def shown(found: rows.ProcedureEdition | None, caller: Caller) -> TypeGuard[rows.ProcedureEdition]:
    """Whether an edition is there for somebody."""
    return found is not None and (found.in_force_from is not None or sees_drafts(caller))


@strawberry.type
class ProcedureQueries:
    @strawberry.field(description="Editions of the partnership's manuals, the newest first, withdrawn ones among them.")
    async def procedure_editions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        manual: Manual = None,
        state: Annotated[EditionState | None, strawberry.argument(description="Only in this state.")] = None,  # type: ignore[valid-type]
    ) -> Connection[ProcedureEdition]:  # fmt: skip
        caller = info.context.caller
        named = plain("manual", manual) if manual is not None else None
        query = repository.editions(caller.tenant_id, named, drafts=sees_drafts(caller))
        if state is not None:
            query = query.where(col(rows.ProcedureEdition.state) == state)
        order = Order(col(rows.ProcedureEdition.made_at), col(rows.ProcedureEdition.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), ProcedureEdition.of)

    @strawberry.field(description="One edition.")
    async def procedure_edition(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="An edition's id.")]
    ) -> ProcedureEdition | None:
        found = await visible(info, id)
        return ProcedureEdition.of(found) if found else None

    @strawberry.field(description="The texts that are in force on a day, one of each manual.")
    async def procedures_in_force(self, info: Info, on: OnDay = None) -> list[ProcedureEdition]:
        async with info.context.db() as session:
            found = await repository.in_force(session, on or await repository.today(session))
        return [ProcedureEdition.of(row) for row in found]

    @strawberry.field(description="A provision as it is in force on a day; null where there is none.")
    async def procedure_provision(
        self, info: Info, manual: Annotated[str, strawberry.argument(description="Code of the manual.")],
        address: Annotated[str, strawberry.argument(description="Such as 1.4.2; one that was renumbered leads on.")],
        on: OnDay = None,
    ) -> ProcedureProvision | None:  # fmt: skip
        async with info.context.db() as session:
            day = on or await repository.today(session)
            for edition in await repository.in_force(session, day, plain("manual", manual)):
                if found := await repository.standing(session, edition.id, plain("address", address)):
                    return ProcedureProvision.of(found)
        return None

    @strawberry.field(
        description='Provisions that answer best: words, "a phrase", a number, a name of a term; null without the text.'
    )
    async def search_procedures(
        self, info: Info, text: Annotated[str, strawberry.argument(description="1 to 200 characters.")],
        first: Annotated[int, strawberry.argument(description="How many, 1 to 50.")],
        manual: Manual = None, on: OnDay = None,
        edition_id: Annotated[strawberry.ID | None, strawberry.argument(
            description="Only in this text, in force or not.")] = None,
    ) -> list[ProcedureHit] | None:  # fmt: skip
        size = page_size(first, None)
        edition = await visible(info, edition_id) if edition_id is not None else None
        if edition_id is not None and edition is None:
            return None
        async with info.context.db() as session:
            day = on or await repository.today(session)
            named = plain("manual", manual) if manual is not None else None
            ids = [edition.id] if edition else [one.id for one in await repository.in_force(session, day, named)]
            return [ProcedureHit.of(one) for one in await search.search(session, text, ids, day, size)]

    @strawberry.field(description="The alphabetical index of a text: its terms and headings; null where it is not.")
    async def procedure_index(
        self, info: Info,
        edition_id: Annotated[strawberry.ID, strawberry.argument(description="An edition's id.")],
        letter: Annotated[str | None, strawberry.argument(description="Only subjects that begin with it.")] = None,
    ) -> list[ProcedureIndexEntry] | None:  # fmt: skip
        edition = await visible(info, edition_id)
        if edition is None:
            return None
        if letter is not None and len(letter) != 1:
            raise Invalid([FieldError("letter", "must be one letter")])
        async with info.context.db() as session:
            found = await subjects.index(session, edition.id)
        return [
            ProcedureIndexEntry(subject=one.subject, addresses=list(one.addresses))
            for one in found
            if letter is None or one.subject[:1].lower() == letter.lower()
        ]

    @strawberry.field(description="What differs between two texts, by provision; null where one of them is not there.")
    async def procedure_differences(
        self, info: Info, earlier_id: Annotated[strawberry.ID, strawberry.argument(description="The earlier one.")],
        later_id: Annotated[strawberry.ID, strawberry.argument(description="The later one.")],
    ) -> list[ProcedureDifference] | None:  # fmt: skip
        earlier, later = await visible(info, earlier_id), await visible(info, later_id)
        if earlier is None or later is None:
            return None
        async with info.context.db() as session:
            before = await repository.parts(session, rows.ProcedureProvision, earlier.id)
            now = await repository.parts(session, rows.ProcedureProvision, later.id)
            redirects = await repository.parts(session, rows.ProcedureRedirect, later.id)
        led_on = {one.old_address: one.new_address for one in redirects}
        return [ProcedureDifference.of(one) for one in differences(before, now, led_on)]

    @strawberry.field(description="The handbook of the text in force, to be carried; null where there is none.")
    async def procedure_bundle(
        self, info: Info, manual: Annotated[str, strawberry.argument(description="Code of the manual.")],
        have: Annotated[list[str] | None, strawberry.argument(
            description="Hashes of the items that you have: they are not sent again.")] = None,
        on: OnDay = None,
    ) -> ProcedureBundle | None:  # fmt: skip
        async with info.context.db() as session:
            found = await repository.in_force(session, on or await repository.today(session), plain("manual", manual))
            if not found:
                return None
            return ProcedureBundle.of(await bundling.handbook(session, found[0].id, have or ()), bundling.public_key())

    @strawberry.field(description="Files that were read into drafts, the newest first.")
    async def procedure_imports(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ProcedureImport]:
        info.context.caller.require(Permission.WRITE_PROCEDURES)
        order = Order(col(ImportRow.started_at), col(ImportRow.id), newest_first=True)
        query = repository.imports(info.context.caller.tenant_id)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), ProcedureImport.of)

    @strawberry.field(description="One import, with how far it has come.")
    async def procedure_import(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="An import's id.")]
    ) -> ProcedureImport | None:
        info.context.caller.require(Permission.WRITE_PROCEDURES)
        key = decode_as("ProcedureImport", id)
        async with info.context.db() as session:
            row = await session.get(ImportRow, (session.tenant_id, key or UUID(int=0)))
        return ProcedureImport.of(row) if row else None
