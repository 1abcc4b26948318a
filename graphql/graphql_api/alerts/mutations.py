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
from graphql_api.problems import ONCE, AnyProblem, Given, mutate
from graphql_api.scalars import DEVICE_AT, Instant
from notifications.alerts import repository as alerts
from notifications.alerts import service
from notifications.alerts.means import signed_in
from notifications.alerts.models import Alert as AlertRow
from notifications.alerts.models import AlertSlot as SlotRow


@strawberry.input(description="Take a slot that you were called for.")
class AcknowledgeAlertInput:
    slot_id: strawberry.ID = strawberry.field(description="One of the alert's slots.")
    device_at: Instant | None = strawberry.field(default=None, description=DEVICE_AT)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Say that you cannot come; the next rung is called at once.")
class DeclineAlertInput:
    slot_id: strawberry.ID = strawberry.field(description="One of the alert's slots.")
    reason: str = strawberry.field(description="For the record, up to 500 characters. No child's details.")
    device_at: Instant | None = strawberry.field(default=None, description=DEVICE_AT)
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The slot as it is now.")
class AlertAnswerPayload:
    slot: AlertSlot
    alert: Alert


AlertAnswerResult = Annotated[
    AlertAnswerPayload | AnyProblem,
    strawberry.union("AlertAnswerResult", description="The slot as it is now, or why it was refused."),
]

_Work = Callable[[TenantSession, UUID], Awaitable[SlotRow]]
Sight = Callable[[TenantSession, Caller, UUID], Awaitable[tuple[AlertRow, SlotRow]]]


async def answer(
    info: Info, given: Given, work: _Work, *, about: tuple[str, str] | None, again: _Work = alerts.slot,
    needs: Permission = Permission.ANSWER_ALERTS, sight: Sight = require_slot,
) -> AlertAnswerResult:  # fmt: skip
    """Do ``work`` once, which gives the slot; ``again`` finds it for the same key.

    ``sight`` gives alert and slot, and refuses what the mutation is about where that is not there for the caller.
    """

    async def first(session: TenantSession, found: UUID) -> tuple[SlotRow, AlertRow]:
        seen = await sight(
            session, info.context.caller, found
        )  # rows that somebody holds, the session need not ask for
        return await work(session, found), seen[0]

    async def repeated(session: TenantSession, found: UUID) -> tuple[SlotRow, AlertRow]:
        slot = await again(session, found)
        return slot, await alerts.alert(session, slot.alert_id)

    return await mutate(
        info, given, first, again=repeated, needs=needs, about=about,
        answer=lambda both: AlertAnswerPayload(slot=AlertSlot.of(both[0]), alert=Alert.of(both[1])),
    )  # fmt: skip


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
        person = info.context.caller.person_id
        return await answer(
            info, input,
            lambda session, slot_id: service.acknowledge(session, slot_id, person, signed_in(input.device_at)),
            about=("AlertSlot", input.slot_id),
        )  # fmt: skip

    @strawberry.mutation(description="Decline your slot of an alert. The next rung is called at once.")
    async def decline_alert(self, info: Info, input: DeclineAlertInput) -> AlertAnswerResult:
        async def work(session: TenantSession, slot_id: UUID) -> SlotRow:
            reason = checked_reason(input.reason)
            means = signed_in(input.device_at)
            return await service.decline(session, slot_id, info.context.caller.person_id, reason, means)

        return await answer(info, input, work, about=("AlertSlot", input.slot_id))
