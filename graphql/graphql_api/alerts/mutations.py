"""Answers to an alert."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import strawberry

from backend.identity.policies import Caller, Permission
from backend.kit.problems import Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault
from graphql_api.alerts.sight import require_slot
from graphql_api.alerts.types import Alert, AlertSlot
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.problems import (
    ONCE,
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    ValidationProblem,
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
Sight = Callable[[TenantSession, Caller, UUID], Awaitable[None]]


async def answer(
    info: Info, operation: str, key: str, request: object, work: _Work, *,
    result_id: UUID, slot_again: _Work = alerts.locked_slot, permission: Permission = Permission.ANSWER_ALERTS,
    sight: Sight = require_slot,
) -> AlertAnswerResult:  # fmt: skip
    """Do ``work`` once, which gives the slot; ``slot_again`` finds it by ``result_id`` for the same key.

    ``sight`` refuses what ``result_id`` names where that is not there for the caller.
    """

    async def payload(session: TenantSession, found: SlotRow) -> AlertAnswerPayload:
        alert = await alerts.alert(session, found.alert_id)
        return AlertAnswerPayload(slot=AlertSlot.of(found), alert=Alert.of(alert))

    async def first(session: TenantSession, found: UUID) -> AlertAnswerPayload:
        info.context.caller.require(permission)
        await sight(session, info.context.caller, found)
        return await payload(session, await work(session, found))

    async def again(session: TenantSession, found: UUID) -> AlertAnswerPayload:
        info.context.caller.require(permission)
        return await payload(session, await slot_again(session, found))

    return await perform(
        info, operation=operation, key=key, request=request, result_id=result_id, work=first, again=again
    )


def no_slot() -> NotFoundProblem:
    """What an id that is no slot's is told."""
    return NotFoundProblem(message="There is no such alert slot in this partnership.")


def checked_reason(reason: str) -> str:
    """A reason for the record. Raises ``Invalid``."""
    fault = text_fault("reason", reason, 500)
    if fault is not None:
        raise Invalid([fault])
    return reason


@strawberry.type
class AlertMutations:
    @strawberry.mutation(description="Take your slot of an alert. Calls for that slot stop; other slots go on.")
    async def acknowledge_alert(self, info: Info, input: AcknowledgeAlertInput) -> AlertAnswerResult:
        person, slot_id = info.context.caller.person_id, decode_as("AlertSlot", input.slot_id)
        if slot_id is None:
            return no_slot()

        async def work(session: TenantSession, slot_id: UUID) -> SlotRow:
            return await service.acknowledge(session, slot_id, person)

        return await answer(info, "acknowledgeAlert", input.idempotency_key, input.slot_id, work, result_id=slot_id)

    @strawberry.mutation(description="Decline your slot of an alert. The next rung is called at once.")
    async def decline_alert(self, info: Info, input: DeclineAlertInput) -> AlertAnswerResult:
        person, slot_id = info.context.caller.person_id, decode_as("AlertSlot", input.slot_id)
        if slot_id is None:
            return no_slot()

        async def work(session: TenantSession, slot_id: UUID) -> SlotRow:
            return await service.decline(session, slot_id, person, checked_reason(input.reason))

        request = [input.slot_id, input.reason]
        return await answer(info, "declineAlert", input.idempotency_key, request, work, result_id=slot_id)
