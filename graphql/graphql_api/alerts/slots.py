"""What becomes of a slot that somebody has taken: attendance, hand-over, and a duty manager's word."""

from uuid import UUID

import strawberry

from backend.identity.policies import Caller, Permission
from backend.kit.session import TenantSession
from graphql_api.alerts.mutations import AlertAnswerResult, answer, checked_reason
from graphql_api.alerts.sight import require_offer, require_slot
from graphql_api.context import Info
from graphql_api.ids import key_of
from graphql_api.problems import ONCE
from notifications.alerts import attendance, handover, offers, repository, service
from notifications.alerts.models import Alert as AlertRow
from notifications.alerts.models import AlertSlot as SlotRow

_SLOT = "One of the alert's slots."


@strawberry.input(description="Say that you are there, or on your way.")
class ConfirmAttendanceInput:
    slot_id: strawberry.ID = strawberry.field(description="A slot that you have taken.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Answer for somebody who has told you by other means that they are coming.")
class AnswerForSomebodyInput:
    slot_id: strawberry.ID = strawberry.field(description=_SLOT)
    person_id: strawberry.ID = strawberry.field(description="Who is coming.")
    reason: str = strawberry.field(description="For the record, up to 500 characters. No child's details.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Offer your slot to somebody. You hold it until they accept.")
class OfferSlotInput:
    slot_id: strawberry.ID = strawberry.field(description="A slot that you have taken.")
    to_person_id: strawberry.ID = strawberry.field(description="Who is asked to take over.")
    answer_within: int = strawberry.field(description="Seconds they have to answer, 60 to 3,600.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Accept or decline a slot that you are offered.")
class AnswerSlotOfferInput:
    offer_id: strawberry.ID = strawberry.field(description="An offer made to you.")
    accept: bool = strawberry.field(description="True to take the slot over, false to leave it with its giver.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="Keep a slot that you have offered.")
class WithdrawSlotOfferInput:
    offer_id: strawberry.ID = strawberry.field(description="An offer that you made.")
    idempotency_key: str = strawberry.field(description=ONCE)


async def _slot_of_offer(session: TenantSession, offer_id: UUID) -> SlotRow:
    return await repository.slot(session, (await repository.offer(session, offer_id)).slot_id)


@strawberry.type
class SlotMutations:
    @strawberry.mutation(description="Confirm your attendance, so that your slot is not called anew.")
    async def confirm_attendance(self, info: Info, input: ConfirmAttendanceInput) -> AlertAnswerResult:
        person = info.context.caller.person_id
        return await answer(
            info, input, lambda session, slot_id: attendance.confirm(session, slot_id, person),
            about=("AlertSlot", input.slot_id),
        )  # fmt: skip

    @strawberry.mutation(description="As a duty manager, answer for somebody. That it was you, and why, is recorded.")
    async def answer_for_somebody(self, info: Info, input: AnswerForSomebodyInput) -> AlertAnswerResult:
        async def work(session: TenantSession, slot_id: UUID) -> SlotRow:
            person, reason = key_of("Person", input.person_id), checked_reason(input.reason)
            return await service.override(session, slot_id, person, info.context.caller.person_id, reason)

        return await answer(info, input, work, about=("AlertSlot", input.slot_id), needs=Permission.OVERRIDE_ALERTS)

    @strawberry.mutation(description="Ask somebody to take your slot over. They are called at once.")
    async def offer_slot(self, info: Info, input: OfferSlotInput) -> AlertAnswerResult:
        async def slot_in_sight(session: TenantSession, caller: Caller, _: UUID) -> tuple[AlertRow, SlotRow]:
            return await require_slot(session, caller, key_of("AlertSlot", input.slot_id))

        async def work(session: TenantSession, offer_id: UUID) -> SlotRow:
            slot_id, receiver = key_of("AlertSlot", input.slot_id), key_of("Person", input.to_person_id)
            await offers.offer(
                session, slot_id, info.context.caller.person_id, receiver, within=input.answer_within,
                offer_id=offer_id,
            )  # fmt: skip
            return await repository.locked_slot(session, slot_id)

        return await answer(info, input, work, about=None, again=_slot_of_offer, sight=slot_in_sight)

    @strawberry.mutation(description="Accept or decline to take a slot over. Accepted, it is yours from now on.")
    async def answer_slot_offer(self, info: Info, input: AnswerSlotOfferInput) -> AlertAnswerResult:
        act, person = handover.accept if input.accept else handover.decline, info.context.caller.person_id
        return await answer(
            info, input, lambda session, offer_id: act(session, offer_id, person),
            about=("SlotOffer", input.offer_id), again=_slot_of_offer, sight=require_offer,
        )  # fmt: skip

    @strawberry.mutation(description="Withdraw your offer and keep the slot.")
    async def withdraw_slot_offer(self, info: Info, input: WithdrawSlotOfferInput) -> AlertAnswerResult:
        person = info.context.caller.person_id
        return await answer(
            info, input, lambda session, offer_id: handover.withdraw(session, offer_id, person),
            about=("SlotOffer", input.offer_id), again=_slot_of_offer, sight=require_offer,
        )  # fmt: skip
