"""The query of a statistic."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from backend.kit.problems import FieldError, Invalid
from backend.statistics import service
from backend.statistics.asked import Asked
from backend.statistics.definitions import Code
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.statistics.types import AgeBand, Statistic, StatisticCode


@strawberry.type
class StatisticQueries:
    @strawberry.field(description="A statistic over a period, of one area or all, of one age band or all.")
    async def statistic(
        self, info: Info,
        code: Annotated[StatisticCode, strawberry.argument(description="Which one.")],
        from_on: Annotated[date, strawberry.argument(description="The first day.")],
        until_on: Annotated[date, strawberry.argument(description="The day after the last, at most three years on.")],
        area_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only of this area.")] = None,
        ages: Annotated[
            AgeBand | None,  # type: ignore[valid-type]
            strawberry.argument(description="Only about children of these ages; the definition says at which moment."),
        ] = None,
    ) -> Statistic:  # fmt: skip
        asked = Asked(from_on, until_on, _area(area_id), ages)
        async with info.context.db() as session:
            return Statistic.of(await service.table(session, info.context.caller, Code(code.value), asked))


def _area(area_id: strawberry.ID | None) -> UUID | None:
    key = decode_as("Area", area_id) if area_id is not None else None
    if area_id is not None and key is None:
        raise Invalid([FieldError("areaId", service.NO_AREA)])
    return key
