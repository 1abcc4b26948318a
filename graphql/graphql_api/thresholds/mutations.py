"""Record indicators on a case, decide its level of need, and say what an agency thinks of that."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.identity.policies import Permission
from backend.kit.session import TenantSession
from backend.thresholds import deciding, observing, repository, viewing
from backend.thresholds.deciding import DecisionTold
from backend.thresholds.models import ThresholdDecision as DecisionRow
from backend.thresholds.models import ThresholdIndicator as IndicatorRow
from backend.thresholds.models import ThresholdView as ViewRow
from backend.thresholds.observing import IndicatorTold
from backend.thresholds.viewing import ViewTold
from graphql_api.cases.running import key_of, key_or_none
from graphql_api.connections import plain
from graphql_api.context import Info
from graphql_api.problems import ONCE, AnyProblem, mutate
from graphql_api.thresholds.types import RecordedIndicator, ThresholdDecision, ThresholdView
from tenants.thresholds.continuum import PARTNERSHIP

_SCHEME = "Of the partnership's own document, or an agency's by its code."


@strawberry.input(description="Record an indicator of the threshold document on a case.")
class RecordIndicatorInput:
    case_id: strawberry.ID = strawberry.field(description="A case that you may change.")
    indicator: str = strawberry.field(description="Its code in the document in force.")
    scheme: str = strawberry.field(default=PARTNERSHIP, description=_SCHEME)
    child_id: strawberry.ID | None = strawberry.field(default=None, description="Of which child of the case.")
    party_id: strawberry.ID | None = strawberry.field(default=None, description="Of which adult of the case.")
    observed_on: date | None = strawberry.field(default=None, description="Left out, today.")
    note: str | None = strawberry.field(default=None, description="Up to 2,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say that a state has ended, or that what was recorded was a mistake.")
class EndIndicatorInput:
    indicator_id: strawberry.ID = strawberry.field(description="A recorded indicator of a case that you may change.")
    withdrawn: bool = strawberry.field(default=False, description="It was a mistake; the note says why.")
    ended_on: date | None = strawberry.field(default=None, description="The first day without it. Left out, today.")
    note: str | None = strawberry.field(default=None, description="Up to 2,000 characters.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Decide a case's level of need.")
class DecideThresholdInput:
    case_id: strawberry.ID = strawberry.field(description="A case that you may change.")
    level: str = strawberry.field(description="A level's code in the document in force.")
    reasons: str = strawberry.field(description="Why, up to 10,000 characters.")
    scheme: str = strawberry.field(default=PARTNERSHIP, description=_SCHEME)
    previous_id: strawberry.ID | None = strawberry.field(
        default=None, description="The decision that you know as the last one; left out where there is none."
    )
    earlier_help: str | None = strawberry.field(
        default=None, description="What help was given before, where a step up asks for it; up to 10,000 characters."
    )
    open: list[str] | None = strawberry.field(
        default=None, description="Codes of the pathways to start, of those that the criteria met open."
    )
    run_id: strawberry.ID | None = strawberry.field(default=None, description="The case's run in which it is taken.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say whether an agency agrees with the last decision on a level of need.")
class GiveThresholdViewInput:
    decision_id: strawberry.ID = strawberry.field(description="The last decision on a case that you may change.")
    agrees: bool = strawberry.field(description="False starts the run in which the difference is settled.")
    reasons: str | None = strawberry.field(default=None, description="Needed where it does not agree.")
    wanted: str | None = strawberry.field(default=None, description="The level that it should be instead.")
    agency: str | None = strawberry.field(default=None, description="An agency's code. Left out, your own.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="What was recorded.")
class RecordedIndicatorPayload:
    indicator: RecordedIndicator


@strawberry.type(description="The decision.")
class ThresholdDecisionPayload:
    decision: ThresholdDecision


@strawberry.type(description="The view.")
class ThresholdViewPayload:
    view: ThresholdView


RecordedIndicatorResult = Annotated[
    RecordedIndicatorPayload | AnyProblem,
    strawberry.union("RecordedIndicatorResult", description="What was recorded, or why it was refused."),
]
ThresholdDecisionResult = Annotated[
    ThresholdDecisionPayload | AnyProblem,
    strawberry.union("ThresholdDecisionResult", description="The decision, or why it was refused."),
]
ThresholdViewResult = Annotated[
    ThresholdViewPayload | AnyProblem,
    strawberry.union("ThresholdViewResult", description="The view, or why it was refused."),
]


def _indicator(row: IndicatorRow) -> RecordedIndicatorPayload:
    return RecordedIndicatorPayload(indicator=RecordedIndicator.of(row))


def _decision(row: DecisionRow) -> ThresholdDecisionPayload:
    return ThresholdDecisionPayload(decision=ThresholdDecision.of(row))


def _view(row: ViewRow) -> ThresholdViewPayload:
    return ThresholdViewPayload(view=ThresholdView.of(row))


async def _recorded(info: Info, session: TenantSession, key: UUID) -> IndicatorRow:
    row = await repository.indicator(session, key)
    await cases.seen(session, info.context.caller, row.case_id, otherwise=repository.NO_INDICATOR)
    return row


@strawberry.type
class ThresholdMutations:
    @strawberry.mutation(description="Record an indicator on a case.")
    async def record_indicator(self, info: Info, input: RecordIndicatorInput) -> RecordedIndicatorResult:
        async def work(session: TenantSession, key: UUID) -> IndicatorRow:
            told = IndicatorTold(
                input.indicator, plain("scheme", input.scheme), key_or_none("Child", input.child_id),
                key_or_none("Party", input.party_id), input.observed_on, input.note,
            )  # fmt: skip
            return await observing.record(session, info.context.caller, key_of("Case", input.case_id), told, key)

        async def again(session: TenantSession, key: UUID) -> IndicatorRow:
            return await _recorded(info, session, key)

        return await mutate(info, input, work, again=again, answer=_indicator, needs=Permission.EDIT_CASES)

    @strawberry.mutation(description="End a state, or withdraw what was recorded by mistake.")
    async def end_indicator(self, info: Info, input: EndIndicatorInput) -> RecordedIndicatorResult:
        async def work(session: TenantSession, key: UUID) -> IndicatorRow:
            return await observing.end(
                session, info.context.caller, key_of("RecordedIndicator", input.indicator_id), input.ended_on,
                input.note, key, withdrawn=input.withdrawn,
            )  # fmt: skip

        async def again(session: TenantSession, key: UUID) -> IndicatorRow:
            return await _recorded(info, session, key)

        return await mutate(info, input, work, again=again, answer=_indicator, needs=Permission.EDIT_CASES)

    @strawberry.mutation(
        description="Decide a case's level of need. What the criteria suggest at that moment is kept with it."
    )
    async def decide_threshold(self, info: Info, input: DecideThresholdInput) -> ThresholdDecisionResult:
        async def work(session: TenantSession, key: UUID) -> DecisionRow:
            told = DecisionTold(
                input.level, input.reasons, plain("scheme", input.scheme), input.earlier_help,
                key_or_none("ThresholdDecision", input.previous_id), tuple(input.open or ()),
                key_or_none("PathwayRun", input.run_id),
            )  # fmt: skip
            case_id = key_of("Case", input.case_id)
            return await deciding.decide(session, info.context.caller, case_id, told, key, input.idempotency_key)

        async def again(session: TenantSession, key: UUID) -> DecisionRow:
            row = await repository.decision(session, key)
            await cases.seen(session, info.context.caller, row.case_id, otherwise=repository.NO_DECISION)
            return row

        return await mutate(info, input, work, again=again, answer=_decision, needs=Permission.EDIT_CASES)

    @strawberry.mutation(description="Say whether an agency agrees. A disagreement is settled in a run of its own.")
    async def give_threshold_view(self, info: Info, input: GiveThresholdViewInput) -> ThresholdViewResult:
        async def work(session: TenantSession, key: UUID) -> ViewRow:
            agency = plain("agency", input.agency) if input.agency is not None else None
            told = ViewTold(input.agrees, input.reasons, input.wanted, agency)
            decision_id = key_of("ThresholdDecision", input.decision_id)
            return await viewing.give(session, info.context.caller, decision_id, told, key, input.idempotency_key)

        async def again(session: TenantSession, key: UUID) -> ViewRow:
            row = await repository.view(session, key)
            decision = await repository.decision(session, row.decision_id)
            await cases.seen(session, info.context.caller, decision.case_id, otherwise=repository.NO_DECISION)
            return row

        return await mutate(info, input, work, again=again, answer=_view, needs=Permission.EDIT_CASES)
