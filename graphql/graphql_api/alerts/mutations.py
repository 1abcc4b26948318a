"""Answers to an alert."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import strawberry

from backend.child_deaths.report import text_fault
from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from graphql_api.alerts.types import Alert, AlertSlot
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.problems import (
    ONCE,
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    ValidationProblem,
    as_problem,
    perform,
)
from notifications.alerts import repository as alerts
from notifications.alerts import service
from notifications.alerts.models import AlertSlot as SlotRow


@strawberry.input(description="Take a slot that you were called for.")
class AcknowledgeAlertInput:
    slot_id: strawberry.ID = strawberry.field(description="One of the alert's slots.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say that you cannot come; the next rung is called at once.")
class DeclineAlertInput:
    slot_id: strawberry.ID = strawberry.field(description="One of the alert's slots.")
    reason: str = strawberry.field(description="For the record, up to 500 characters. No child's details.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The slot as it is now.")
class AlertAnswerPayload:
    slot: AlertSlot
    alert: Alert


AlertAnswerResult = Annotated[
    AlertAnswerPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("AlertAnswerResult", description="The slot as it is now, or why it was refused."),
]

_Work = Callable[[TenantSession, UUID], Awaitable[SlotRow]]


async def _answer(
    info: Info, operation: str, slot_id: str, key: str, request: object, work: _Work
) -> AlertAnswerResult:
    wanted = decode_as("AlertSlot", slot_id)
    if wanted is None:
        return as_problem(NotFound("There is no such alert slot in this partnership."))

    async def payload(session: TenantSession, found: SlotRow) -> AlertAnswerPayload:
        alert = await alerts.alert(session, found.alert_id)
        return AlertAnswerPayload(slot=AlertSlot.of(found), alert=Alert.of(alert))

    async def first(session: TenantSession, found: UUID) -> AlertAnswerPayload:
        info.context.caller.require(Permission.ANSWER_ALERTS)
        return await payload(session, await work(session, found))

    async def again(session: TenantSession, found: UUID) -> AlertAnswerPayload:
        info.context.caller.require(Permission.ANSWER_ALERTS)
        return await payload(session, await alerts.locked_slot(session, found))

    return await perform(info, operation=operation, key=key, request=request, result_id=wanted, work=first, again=again)


@strawberry.type
class AlertMutations:
    @strawberry.mutation(description="Take your slot of an alert. Calls for that slot stop; other slots go on.")
    async def acknowledge_alert(self, info: Info, input: AcknowledgeAlertInput) -> AlertAnswerResult:
        person = info.context.caller.person_id

        async def work(session: TenantSession, slot_id: UUID) -> SlotRow:
            return await service.acknowledge(session, slot_id, person)

        return await _answer(info, "acknowledgeAlert", input.slot_id, input.idempotency_key, input.slot_id, work)

    @strawberry.mutation(description="Decline your slot of an alert. The next rung is called at once.")
    async def decline_alert(self, info: Info, input: DeclineAlertInput) -> AlertAnswerResult:
        person = info.context.caller.person_id

        async def work(session: TenantSession, slot_id: UUID) -> SlotRow:
            fault: FieldError | None = text_fault("reason", input.reason, 500)
            if fault is not None:
                raise Invalid([fault])
            return await service.decline(session, slot_id, person, input.reason)

        request = [input.slot_id, input.reason]
        return await _answer(info, "declineAlert", input.slot_id, input.idempotency_key, request, work)
