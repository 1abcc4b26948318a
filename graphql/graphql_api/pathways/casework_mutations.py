"""Decisions, events, overlays, departures and tasks of a run."""

from uuid import UUID

import strawberry

from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.problems import NotFound
from backend.kit.session import TenantSession
from backend.pathways import deciding, departing, overlaying, recording, settling
from backend.pathways.casework_models import PathwayDecision as DecisionRow
from backend.pathways.casework_models import PathwayDeparture as DepartureRow
from backend.pathways.casework_models import PathwayDisagreement as DisagreementRow
from backend.pathways.casework_models import PathwayOverlay as OverlayRow
from backend.pathways.casework_models import PathwayTask as TaskRow
from backend.pathways.casework_models import TaskState
from backend.pathways.deciding import DecisionTold
from backend.pathways.departing import DepartureTold
from backend.pathways.models import PathwayEvent as EventRow
from backend.pathways.settling import SettlingTold
from backend.pathways.standing import seen_run
from graphql_api.cases.running import key_of, key_or_none
from graphql_api.context import Info
from graphql_api.pathways.disagreements import (
    PathwayDisagreement,
    RaiseDisagreementInput,
    raised,
    raised_before,
)
from graphql_api.pathways.inputs import (
    AcknowledgeDepartureInput,
    AnswerDepartureInput,
    AnswerPathwayDecisionInput,
    AssignPathwayTaskInput,
    AttachPathwayOverlayInput,
    CorrectPathwayEventInput,
    DecidePathwayInput,
    DetachPathwayOverlayInput,
    RecordPathwayEventInput,
    SettlePathwayTaskInput,
)
from graphql_api.pathways.records import PathwayDecision, PathwayDeparture, PathwayEvent, PathwayOverlay
from graphql_api.pathways.running import (
    PathwayDecisionPayload,
    PathwayDecisionResult,
    PathwayDeparturePayload,
    PathwayDepartureResult,
    PathwayDisagreementPayload,
    PathwayDisagreementResult,
    PathwayEventPayload,
    PathwayEventResult,
    PathwayOverlayPayload,
    PathwayOverlayResult,
    PathwayTaskPayload,
    PathwayTaskResult,
    change,
    moment,
    stored,
)
from graphql_api.pathways.tasks import PathwayTask


def _decision(row: DecisionRow) -> PathwayDecisionPayload:
    return PathwayDecisionPayload(key=row.run_id, decision=PathwayDecision.of(row))


def _disagreement(row: DisagreementRow) -> PathwayDisagreementPayload:
    return PathwayDisagreementPayload(key=row.run_id, disagreement=PathwayDisagreement.of(row))


def _event(row: EventRow) -> PathwayEventPayload:
    return PathwayEventPayload(key=row.run_id, event=PathwayEvent.of(row))


def _task(row: TaskRow) -> PathwayTaskPayload:
    return PathwayTaskPayload(key=row.run_id, task=PathwayTask.of(row))


def _departure(row: DepartureRow) -> PathwayDeparturePayload:
    return PathwayDeparturePayload(key=row.run_id, departure=PathwayDeparture.of(row))


def _overlay(row: OverlayRow) -> PathwayOverlayPayload:
    return PathwayOverlayPayload(key=row.run_id, overlay=PathwayOverlay.of(row))


async def _stored_overlay(info: Info, session: TenantSession, overlay_id: UUID) -> PathwayOverlayPayload:
    row = await session.get(OverlayRow, (session.tenant_id, overlay_id))
    if row is None:
        raise NotFound(overlaying.NO_OVERLAY)
    await seen_run(session, info.context.caller, row.run_id)
    return _overlay(row)


@strawberry.type
class PathwayCaseworkMutations:
    @strawberry.mutation(description="Decide a question. Where an authority has to agree it waits, without effect.")
    async def decide_pathway(self, info: Info, input: DecidePathwayInput) -> PathwayDecisionResult:
        async def work(session: TenantSession, decision_id: UUID) -> PathwayDecisionPayload:
            told = DecisionTold(input.decision, tuple(input.options), input.reasons, moment(input.occurred_at))
            return _decision(await deciding.decide(
                session, info.context.caller, key_of("PathwayRun", input.run_id), told, decision_id,
                version=input.version, transaction_id=input.idempotency_key,
            ))  # fmt: skip

        async def again(session: TenantSession, decision_id: UUID) -> PathwayDecisionPayload:
            return _decision(await stored(info, session, DecisionRow, decision_id))

        return await change(info, "decidePathway", input, uuid7(), work, again)

    @strawberry.mutation(
        description="Authorise or decline a decision that waits. Whoever decided may not authorise it."
    )
    async def answer_pathway_decision(self, info: Info, input: AnswerPathwayDecisionInput) -> PathwayDecisionResult:
        async def work(session: TenantSession, decision_id: UUID) -> PathwayDecisionPayload:
            return _decision(await deciding.answer(
                session, info.context.caller, decision_id, input.reasons, agree=input.authorise,
                version=input.version, transaction_id=input.idempotency_key,
            ))  # fmt: skip

        async def again(session: TenantSession, decision_id: UUID) -> PathwayDecisionPayload:
            return _decision(await stored(info, session, DecisionRow, decision_id))

        wanted = input.decision_id
        return await change(
            info, "answerPathwayDecision", input, lambda: key_of("PathwayDecision", wanted), work, again
        )

    @strawberry.mutation(description="Disagree with a decision: a run of professional-differences begins on its case.")
    async def raise_disagreement(self, info: Info, input: RaiseDisagreementInput) -> PathwayDisagreementResult:
        async def work(session: TenantSession, disagreement_id: UUID) -> PathwayDisagreementPayload:
            return _disagreement(await raised(info, session, input, disagreement_id))

        async def again(session: TenantSession, disagreement_id: UUID) -> PathwayDisagreementPayload:
            return _disagreement(await raised_before(info, session, disagreement_id))

        return await change(info, "raiseDisagreement", input, uuid7(), work, again, needs=Permission.VIEW_CASES)

    @strawberry.mutation(description="Record an event by hand, also one that is still to come.")
    async def record_pathway_event(self, info: Info, input: RecordPathwayEventInput) -> PathwayEventResult:
        async def work(session: TenantSession, event_id: UUID) -> PathwayEventPayload:
            return _event(await recording.record_event(
                session, info.context.caller, key_of("PathwayRun", input.run_id), input.code,
                moment(input.occurred_at, input.occurred_on), input.reason, event_id,
            ))  # fmt: skip

        async def again(session: TenantSession, event_id: UUID) -> PathwayEventPayload:
            return _event(await stored(info, session, EventRow, event_id))

        return await change(info, "recordPathwayEvent", input, uuid7(), work, again)

    @strawberry.mutation(description="Correct an event, or say that it did not happen.")
    async def correct_pathway_event(self, info: Info, input: CorrectPathwayEventInput) -> PathwayEventResult:
        async def work(session: TenantSession, correction_id: UUID) -> PathwayEventPayload:
            told = moment(input.occurred_at, input.occurred_on) if input.happened else None
            return _event(await recording.correct_event(
                session, info.context.caller, key_of("PathwayEvent", input.event_id), told, input.reason,
                correction_id,
            ))  # fmt: skip

        async def again(session: TenantSession, correction_id: UUID) -> PathwayEventPayload:
            return _event(await stored(info, session, EventRow, correction_id))

        return await change(info, "correctPathwayEvent", input, uuid7(), work, again)

    @strawberry.mutation(description="Lay an overlay over a run: its duties, clocks and prohibitions join in.")
    async def attach_pathway_overlay(self, info: Info, input: AttachPathwayOverlayInput) -> PathwayOverlayResult:
        async def work(session: TenantSession, overlay_id: UUID) -> PathwayOverlayPayload:
            return _overlay(await overlaying.attach_by_hand(
                session, info.context.caller, key_of("PathwayRun", input.run_id), input.overlay, input.reason,
                overlay_id, version=input.version, transaction_id=input.idempotency_key,
            ))  # fmt: skip

        async def again(session: TenantSession, overlay_id: UUID) -> PathwayOverlayPayload:
            return await _stored_overlay(info, session, overlay_id)

        return await change(info, "attachPathwayOverlay", input, uuid7(), work, again)

    @strawberry.mutation(description="Take an overlay off its run, with the reason. Its open tasks lapse.")
    async def detach_pathway_overlay(self, info: Info, input: DetachPathwayOverlayInput) -> PathwayOverlayResult:
        async def work(session: TenantSession, overlay_id: UUID) -> PathwayOverlayPayload:
            return _overlay(await overlaying.detach(
                session, info.context.caller, overlay_id, input.reason, version=input.version,
                transaction_id=input.idempotency_key,
            ))  # fmt: skip

        async def again(session: TenantSession, overlay_id: UUID) -> PathwayOverlayPayload:
            return await _stored_overlay(info, session, overlay_id)

        wanted = input.overlay_id
        return await change(info, "detachPathwayOverlay", input, lambda: key_of("PathwayOverlay", wanted), work, again)

    @strawberry.mutation(description="Acknowledge a departure from the procedure, with reasons.")
    async def acknowledge_departure(self, info: Info, input: AcknowledgeDepartureInput) -> PathwayDepartureResult:
        async def work(session: TenantSession, departure_id: UUID) -> PathwayDeparturePayload:
            told = DepartureTold(input.subject_kind, input.subject_code, input.instead, input.reasons, input.provision)
            run_id = key_of("PathwayRun", input.run_id)
            return _departure(await departing.acknowledge(session, info.context.caller, run_id, told, departure_id))

        async def again(session: TenantSession, departure_id: UUID) -> PathwayDeparturePayload:
            return _departure(await stored(info, session, DepartureRow, departure_id))

        return await change(info, "acknowledgeDeparture", input, uuid7(), work, again)

    @strawberry.mutation(description="Authorise or refuse a departure. Whoever acknowledged it may not.")
    async def answer_departure(self, info: Info, input: AnswerDepartureInput) -> PathwayDepartureResult:
        async def work(session: TenantSession, departure_id: UUID) -> PathwayDeparturePayload:
            return _departure(await departing.answer(
                session, info.context.caller, departure_id, input.reasons, agree=input.authorise
            ))  # fmt: skip

        async def again(session: TenantSession, departure_id: UUID) -> PathwayDeparturePayload:
            return _departure(await stored(info, session, DepartureRow, departure_id))

        wanted = input.departure_id
        return await change(info, "answerDeparture", input, lambda: key_of("PathwayDeparture", wanted), work, again)

    @strawberry.mutation(description="End a task: done with its evidence, not applicable or not done with the reason.")
    async def settle_pathway_task(self, info: Info, input: SettlePathwayTaskInput) -> PathwayTaskResult:
        async def work(session: TenantSession, task_id: UUID) -> PathwayTaskPayload:
            told = SettlingTold(TaskState(input.state), input.evidence, input.reason)
            return _task(await settling.settle(
                session, info.context.caller, task_id, told, version=input.version,
                transaction_id=input.idempotency_key,
            ))  # fmt: skip

        async def again(session: TenantSession, task_id: UUID) -> PathwayTaskPayload:
            return _task(await stored(info, session, TaskRow, task_id))

        return await change(info, "settlePathwayTask", input, lambda: key_of("PathwayTask", input.task_id), work, again)

    @strawberry.mutation(description="Give a task to somebody who works on the case, or back to the stage's lead.")
    async def assign_pathway_task(self, info: Info, input: AssignPathwayTaskInput) -> PathwayTaskResult:
        async def work(session: TenantSession, task_id: UUID) -> PathwayTaskPayload:
            owner, deputy = key_or_none("Person", input.owner_id), key_or_none("Person", input.deputy_id)
            return _task(await settling.assign(
                session, info.context.caller, task_id, owner, deputy, version=input.version
            ))  # fmt: skip

        async def again(session: TenantSession, task_id: UUID) -> PathwayTaskPayload:
            return _task(await stored(info, session, TaskRow, task_id))

        return await change(info, "assignPathwayTask", input, lambda: key_of("PathwayTask", input.task_id), work, again)
