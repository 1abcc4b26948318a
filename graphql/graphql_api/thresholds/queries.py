"""Queries on threshold documents and on cases' levels of need."""

from datetime import date
from typing import Annotated

import strawberry
from sqlmodel import col

from backend.cases import service as cases
from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid
from backend.thresholds import dry_run as trying
from backend.thresholds import observing, repository
from graphql_api.cases.types import log_look
from graphql_api.connections import After, Before, Connection, First, Last, Order, Window, listed, plain
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.thresholds.documents import ThresholdEdition, ThresholdState
from graphql_api.thresholds.types import (
    CaseThreshold,
    LevelSuggestion,
    RecordedIndicator,
    ThresholdDecision,
    ThresholdDryRun,
    ThresholdFigure,
    ThresholdStanding,
)
from tenants.partnerships import repository as partnerships
from tenants.thresholds import repository as editions
from tenants.thresholds.continuum import PARTNERSHIP
from tenants.thresholds.models import ThresholdEdition as EditionRow

MOST_DAYS = 3 * 366
Scheme = Annotated[str, strawberry.argument(description="The partnership's own document, or an agency's by its code.")]


@strawberry.type
class ThresholdQueries:
    @strawberry.field(description="The threshold document in force today; null where there is none.")
    async def thresholds(self, info: Info, scheme: Scheme = PARTNERSHIP) -> ThresholdEdition | None:
        info.context.caller.require(Permission.VIEW_THRESHOLDS)
        async with info.context.db() as session:
            found = await editions.in_force(session, plain("scheme", scheme), await observing.today(session))
            return ThresholdEdition.of(await editions.edition(session, found.edition_id)) if found else None

    @strawberry.field(description="All editions, the newest first, withdrawn ones among them.")
    async def threshold_editions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None,
        scheme: Annotated[str | None, strawberry.argument(description="Only of this document.")] = None,
        state: Annotated[ThresholdState | None, strawberry.argument(description="Only in this state.")] = None,  # type: ignore[valid-type]
    ) -> Connection[ThresholdEdition]:  # fmt: skip
        info.context.caller.require(Permission.VIEW_THRESHOLDS)
        query = editions.editions(info.context.caller.tenant_id)
        if scheme is not None:
            query = query.where(col(EditionRow.scheme) == plain("scheme", scheme))
        if state is not None:
            query = query.where(col(EditionRow.state) == state)
        order = Order(col(EditionRow.made_at), col(EditionRow.id), newest_first=True)
        async with info.context.db() as session:
            return await listed(session, query, order, Window(first, after, last, before), ThresholdEdition.of)

    @strawberry.field(description="One edition.")
    async def threshold_edition(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="An edition's id.")]
    ) -> ThresholdEdition | None:
        info.context.caller.require(Permission.VIEW_THRESHOLDS)
        key = decode_as("ThresholdEdition", id)
        found = await info.context.loaders.threshold_edition.load(key) if key is not None else None
        return ThresholdEdition.of(found) if found else None

    @strawberry.field(
        description="A case's level of need: what was recorded, what that suggests and why, what was decided. Looking"
        " at the case is logged. Null for a case that is not there for you, or where no document is in force."
    )
    async def case_threshold(
        self, info: Info, case_id: Annotated[strawberry.ID, strawberry.argument(description="A case's id.")],
        scheme: Scheme = PARTNERSHIP,
    ) -> CaseThreshold | None:  # fmt: skip
        info.context.caller.require(Permission.VIEW_CASES)
        key = decode_as("Case", case_id)
        seen = await info.context.loaders.case.load(key) if key is not None else None
        if key is None or seen is None:
            return None
        async with info.context.db() as session:
            await log_look(info, session, key, action=cases.action_of(seen.ties))
            today = await observing.today(session)
            at = await editions.in_force(session, plain("scheme", scheme), today)
            if at is None:
                return None
            found = await observing.suggestion(session, key, at)
            recorded = (await repository.indicators(session, [key], scheme)).get(key, [])
            decided = (await repository.decisions(session, [key], scheme)).get(key, [])
            row = await editions.edition(session, at.edition_id)
        return CaseThreshold(
            edition=ThresholdEdition.of(row), suggestion=LevelSuggestion.of(found),
            decisions=[ThresholdDecision.of(one) for one in decided],
            indicators=[RecordedIndicator.of(one) for one in recorded],
        )  # fmt: skip

    @strawberry.field(description="How often each level was decided on, by area and direction.")
    async def threshold_figures(
        self, info: Info,
        from_on: Annotated[date, strawberry.argument(description="The first day.")],
        until_on: Annotated[date, strawberry.argument(description="The day after the last, at most three years on.")],
        scheme: Scheme = PARTNERSHIP,
    ) -> list[ThresholdFigure]:  # fmt: skip
        info.context.caller.require(Permission.VIEW_THRESHOLD_FIGURES)
        if not 0 < (until_on - from_on).days <= MOST_DAYS:
            raise Invalid([FieldError("untilOn", f"must be 1 to {MOST_DAYS:,} days after fromOn")])
        async with info.context.db() as session:
            zone = (await partnerships.own(session)).zone
            found = await repository.figures(session, plain("scheme", scheme), from_on, until_on, zone)
        return [ThresholdFigure.of(one) for one in found]

    @strawberry.field(description="How many open cases stand at each level now, by area.")
    async def threshold_standing(self, info: Info, scheme: Scheme = PARTNERSHIP) -> list[ThresholdStanding]:
        info.context.caller.require(Permission.VIEW_THRESHOLD_FIGURES)
        async with info.context.db() as session:
            found = await repository.standing(session, plain("scheme", scheme))
        return [ThresholdStanding(area=one.area, level=one.level, cases=one.cases) for one in found]

    @strawberry.field(
        description="What would change if this edition were in force, tried on the last year's cases; null for one"
        " that is not there."
    )
    async def threshold_dry_run(
        self, info: Info, edition_id: Annotated[strawberry.ID, strawberry.argument(description="The edition to try.")]
    ) -> ThresholdDryRun | None:
        info.context.caller.require(Permission.VIEW_THRESHOLD_FIGURES)
        key = decode_as("ThresholdEdition", edition_id)
        if key is None or await info.context.loaders.threshold_edition.load(key) is None:
            return None
        async with info.context.db() as session:
            return ThresholdDryRun.of(await trying.dry_run(session, info.context.caller, key))
