"""Queries on transfers between partnerships."""

from contextlib import suppress
from typing import Annotated

import strawberry
from sqlmodel import col

from backend.cases import service as cases
from backend.identity.policies import Permission
from backend.kit.problems import NotFound
from backend.sharing import repository
from backend.sharing.models import PartnershipTransfer as Row
from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.sharing.types import (
    TRANSFER_FORMS,
    Transfer,
    TransferForm,
    TransferKind,
    TransferPartner,
    TransferSide,
    TransferState,
)
from tenants.partnerships import repository as partnerships


@strawberry.type
class TransferQueries:
    @strawberry.field(description="The partnerships to which a transfer can be offered, by name; your own is not one.")
    async def transfer_partners(self, info: Info) -> list[TransferPartner]:
        info.context.caller.require(Permission.VIEW_TRANSFERS)
        async with info.context.db() as session:
            found = [one for one in await partnerships.addressable(session) if one.id != session.tenant_id]
            areas = await partnerships.areas_of(session, [one.id for one in found])
        return [TransferPartner.of(one, [area for area in areas if area.partnership_id == one.id]) for one in found]

    @strawberry.field(description="What each kind of transfer asks for.")
    async def transfer_forms(self, info: Info) -> list[TransferForm]:
        info.context.caller.require(Permission.VIEW_TRANSFERS)
        return TRANSFER_FORMS

    @strawberry.field(description="A transfer, your side's own copy. Null for one that is not there for you.")
    async def transfer(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="A transfer's id.")]
    ) -> Transfer | None:
        info.context.caller.require(Permission.VIEW_TRANSFERS)
        with suppress(NotFound):
            async with info.context.db() as session:
                row = await repository.transfer(session, key_of("Transfer", id))
                await cases.seen(session, info.context.caller, row.case_id)
                return Transfer.of(row)
        return None

    @strawberry.field(description="Transfers offered by your partnership and to it, the newest first.")
    async def transfers(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        side: Annotated[TransferSide | None, strawberry.argument(description="Only those.")] = None,  # type: ignore[valid-type]
        state: Annotated[TransferState | None, strawberry.argument(description="Only in this state.")] = None,  # type: ignore[valid-type]
        kind: Annotated[TransferKind | None, strawberry.argument(description="Only of this kind.")] = None,  # type: ignore[valid-type]
    ) -> Connection[Transfer]:  # fmt: skip
        info.context.caller.require(Permission.VIEW_TRANSFERS)
        query = repository.in_sight(info.context.caller)
        for column, wanted in ((Row.side, side), (Row.state, state), (Row.kind, kind)):
            if wanted is not None:
                query = query.where(col(column) == wanted)
        order = Order(col(Row.offered_at), col(Row.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), Transfer.of)
