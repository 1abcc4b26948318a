"""Queries on warnings and fairness."""

from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

import strawberry
from sqlmodel import col

from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid, NotFound
from graphql_api.connections import (
    After,
    Before,
    Connection,
    First,
    Last,
    Order,
    Window,
    listed,
)
from graphql_api.context import Info
from graphql_api.coverage.types import RotaFairness, RotaWarning, RotaWarningKind
from graphql_api.ids import decode_as
from graphql_api.scalars import Instant
from notifications.coverage import repository, service
from notifications.coverage.models import RotaWarning as WarningRow
from notifications.rotas import repository as rotas

_LONGEST: Final = timedelta(days=2 * 366)
_NONE: Final = UUID(int=0)


@strawberry.type
class CoverageQueries:
    @strawberry.field(description="What is wrong with rotas in the 90 days to come, newest first.")
    async def rota_warnings(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        rota: Annotated[strawberry.ID | None, strawberry.argument(description="Only of this rota.")] = None,
        kind: Annotated[RotaWarningKind | None, strawberry.argument(description="Only of this kind.")] = None,  # type: ignore[valid-type]
        open: Annotated[
            bool | None, strawberry.argument(description="Only those still open (true) or ended (false).")
        ] = None,
    ) -> Connection[RotaWarning]:
        info.context.caller.require(Permission.VIEW_ROTAS)
        # An id of something else is no rota's, and no rota's has no warnings.
        rota_id = None if rota is None else decode_as("Rota", rota) or _NONE
        query = repository.warnings(info.context.caller.tenant_id, rota_id=rota_id, kind=kind, is_open=open)
        order = Order(col(WarningRow.first_seen_at), col(WarningRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), RotaWarning.of)

    @strawberry.field(description="How a rota's load is shared between its people.")
    async def rota_fairness(
        self,
        info: Info,
        rota: Annotated[strawberry.ID, strawberry.argument(description="The rota whose load it is.")],
        from_: Annotated[Instant, strawberry.argument(name="from", description="What is before this does not count.")],
        until: Annotated[Instant, strawberry.argument(description="At most two years after from.")],
    ) -> RotaFairness | None:
        info.context.caller.require(Permission.VIEW_ROTAS)
        _check(from_, until)
        rota_id = decode_as("Rota", rota)
        async with info.context.db() as session:
            try:
                row = await rotas.rota(session, rota_id) if rota_id is not None else None
            except NotFound:
                row = None
            return None if row is None else RotaFairness.of(row, await service.shares(session, row, from_, until))


def _check(begins: datetime, until: datetime) -> None:
    if not timedelta() < until - begins <= _LONGEST:
        raise Invalid([FieldError("until", "must be after from, and at most two years later")])
    if not 1970 <= begins.year <= 2100:
        raise Invalid([FieldError("from", "must be a time of this century")])
