"""Types of alerts: slots, calls, deliveries and their history."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_api.alerts.answers import AnswerMeans, SlotAnswer
from graphql_api.context import Info
from graphql_api.execution import later
from graphql_api.ids import encode
from graphql_api.nodes import Node
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant
from notifications.alerts.models import Alert as AlertRow
from notifications.alerts.models import AlertSlot as SlotRow
from notifications.alerts.models import AlertState as AlertStateValue
from notifications.alerts.models import Answer as AnswerValue
from notifications.alerts.models import Ending as EndingValue
from notifications.alerts.models import Given, SlotState, Via
from notifications.alerts.models import OfferState as OfferStateValue
from notifications.alerts.models import Page as PageRow
from notifications.alerts.models import Purpose as PurposeValue
from notifications.alerts.models import SlotOffer as OfferRow
from notifications.deliveries.models import Delivery as DeliveryRow
from notifications.deliveries.models import DeliveryEvent as DeliveryEventRow
from notifications.deliveries.models import DeliveryState as DeliveryStateValue
from tenants.contacts.models import Channel as ChannelValue

if TYPE_CHECKING:
    from graphql_api.cases.types import Case

AlertState: type[Enum] = strawberry.enum(AlertStateValue, description="Whether an alert still wants answers.")
Answer: type[Enum] = strawberry.enum(AnswerValue, description="What came of a call.")
AlertEnding: type[Enum] = strawberry.enum(
    EndingValue, name="AlertEnding", description="Why an alert was closed: raised in error, or no longer needed."
)
CallPurpose: type[Enum] = strawberry.enum(
    PurposeValue, name="CallPurpose", description="To call by the ladder, to offer a slot, or to tell of the end."
)
SlotOfferState: type[Enum] = strawberry.enum(
    OfferStateValue, name="SlotOfferState", description="What came of an offer to take over a slot."
)
Channel: type[Enum] = strawberry.enum(ChannelValue, description="How a message travels.")
DeliveryState: type[Enum] = strawberry.enum(DeliveryStateValue, description="Where a message has got to.")


@strawberry.enum(description="Whether a slot still wants an answer.")
class AlertSlotState(Enum):
    PAGING = "paging"
    ACKNOWLEDGED = "acknowledged"
    INFORMING = "informing"
    INFORMED = "informed"
    EXHAUSTED = "exhausted"
    CANCELLED = "cancelled"


@strawberry.type(description="A state that a message entered.")
class DeliveryEvent:
    state: DeliveryState  # type: ignore[valid-type]
    at: Instant
    reason: str | None

    @classmethod
    def of(cls, row: DeliveryEventRow) -> "DeliveryEvent":
        return cls(state=DeliveryStateValue(row.state), at=Instant(row.at), reason=row.detail.get("reason"))


@strawberry.type(description="One message to one address.")
class Delivery:
    id: strawberry.ID
    channel: Channel  # type: ignore[valid-type]
    state: DeliveryState  # type: ignore[valid-type]
    attempts: int
    handed_over_at: Instant | None = strawberry.field(description="When the provider took it.")
    row: strawberry.Private[DeliveryRow]

    @strawberry.field(description="Every state it has been in, first to last.")
    async def history(self, info: Info) -> list[DeliveryEvent]:
        return [DeliveryEvent.of(event) for event in await info.context.loaders.history_of_delivery.load(self.row.id)]

    @classmethod
    def of(cls, row: DeliveryRow) -> "Delivery":
        return cls(
            id=strawberry.ID(encode("Delivery", row.id)), channel=ChannelValue(row.channel),
            state=DeliveryStateValue(row.state), attempts=row.attempts,
            handed_over_at=Instant(row.handed_over_at) if row.handed_over_at else None, row=row,
        )  # fmt: skip


@strawberry.type(description="One try to reach somebody for a slot.")
class AlertCall:
    step: int = strawberry.field(description="Rung of the ladder, from 0, counted on when it is climbed anew.")
    purpose: CallPurpose  # type: ignore[valid-type]
    found_by: str = strawberry.field(description="The rota or directory role that gave this responder.")
    called_at: Instant
    answer_by: Instant | None = strawberry.field(description="After this the next rung is called.")
    opened_at: Instant | None = strawberry.field(description="When the responder opened the alert; not an answer.")
    answer: Answer | None  # type: ignore[valid-type]
    answered_at: Instant | None
    row: strawberry.Private[PageRow]

    @strawberry.field(description="The person called; null for a desk of the directory.")
    def person(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.person_id)

    @strawberry.field(description="The messages of this call.")
    async def deliveries(self, info: Info) -> list[Delivery]:
        rows = await info.context.loaders.deliveries_of_slot.load(self.row.slot_id)
        return [Delivery.of(row) for row in rows if row.page_id == self.row.id]

    @classmethod
    def of(cls, row: PageRow) -> "AlertCall":
        return cls(
            step=row.step, purpose=PurposeValue(row.purpose), found_by=row.found_by, called_at=Instant(row.paged_at),
            answer_by=Instant(row.expires_at) if row.expires_at else None,
            opened_at=Instant(row.opened_at) if row.opened_at else None,
            answer=AnswerValue(row.answer) if row.answer else None,
            answered_at=Instant(row.answered_at) if row.answered_at else None, row=row,
        )  # fmt: skip


@strawberry.type(
    description="A slot offered by who holds it to somebody else. The giver holds it until it is accepted."
)
class SlotOffer:
    id: strawberry.ID
    state: SlotOfferState  # type: ignore[valid-type]
    offered_at: Instant
    expires_at: Instant
    answered_at: Instant | None
    row: strawberry.Private[OfferRow]

    @strawberry.field(description="Who offers it.")
    def giver(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.giver_id)

    @strawberry.field(description="Who is asked to take over.")
    def receiver(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.receiver_id)

    @classmethod
    def of(cls, row: OfferRow) -> "SlotOffer":
        return cls(
            id=strawberry.ID(encode("SlotOffer", row.id)), state=OfferStateValue(row.state),
            offered_at=Instant(row.offered_at), expires_at=Instant(row.expires_at),
            answered_at=Instant(row.answered_at) if row.answered_at else None, row=row,
        )  # fmt: skip


@strawberry.type(description="A role that must answer an alert. One slot's answer stops that slot alone.")
class AlertSlot:
    id: strawberry.ID
    role: str
    required: bool
    step: int = strawberry.field(description="Rung of the ladder that is being called, from 0.")
    acknowledged_at: Instant | None
    confirm_by: Instant | None = strawberry.field(
        description="Until when the holder must confirm attendance, or the slot is called anew; null: need not."
    )
    confirmed_at: Instant | None = strawberry.field(description="When the holder confirmed attendance.")
    override_reason: str | None = strawberry.field(description="Why somebody else answered for the holder.")
    row: strawberry.Private[SlotRow]

    @strawberry.field(description="Slots that only inform go from INFORMING to INFORMED once a message has left.")
    def state(self, info: Info) -> AlertSlotState:
        if self.row.state != SlotState.PAGING or self.row.ladder["needs_answer"]:
            return AlertSlotState(str(self.row.state))
        return later(self._informing(info))

    async def _informing(self, info: Info) -> AlertSlotState:
        rows = await info.context.loaders.deliveries_of_slot.load(self.row.id)
        informed = any(row.handed_over_at is not None for row in rows)
        return AlertSlotState.INFORMED if informed else AlertSlotState.INFORMING

    @strawberry.field(description="Who took the slot.")
    def acknowledged_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.acknowledged_by)

    @strawberry.field(description="The duty manager who answered for the holder, if one did.")
    def answered_for_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.answered_for_by)

    @strawberry.field(description="Answers as they were given, first to last, and how each came.")
    async def answers(self, info: Info) -> list[SlotAnswer]:
        return [SlotAnswer.of(row) for row in await info.context.loaders.answers_of_slot.load(self.row.id)]

    @strawberry.field(description="How the holder's answer came; null while nobody holds the slot.")
    async def acknowledged_via(self, info: Info) -> AnswerMeans | None:  # type: ignore[valid-type]
        rows = await info.context.loaders.answers_of_slot.load(self.row.id)
        ways = [row.via for row in rows if row.given == Given.ACCEPTED and row.person_id == self.row.acknowledged_by]
        return Via(ways[-1]) if ways else None

    @strawberry.field(description="Offers of the slot to somebody else, first to last.")
    async def offers(self, info: Info) -> list[SlotOffer]:
        return [SlotOffer.of(row) for row in await info.context.loaders.offers_of_slot.load(self.row.id)]

    @strawberry.field(description="Everybody called for this slot, first to last.")
    async def calls(self, info: Info) -> list[AlertCall]:
        return [AlertCall.of(row) for row in await info.context.loaders.pages_of_slot.load(self.row.id)]

    @classmethod
    def of(cls, row: SlotRow) -> "AlertSlot":
        return cls(
            id=strawberry.ID(encode("AlertSlot", row.id)), role=row.role, required=row.required, step=row.step,
            acknowledged_at=Instant(row.acknowledged_at) if row.acknowledged_at else None,
            confirm_by=Instant(row.confirm_by) if row.confirm_by else None,
            confirmed_at=Instant(row.confirmed_at) if row.confirmed_at else None,
            override_reason=row.override_reason, row=row,
        )  # fmt: skip


@strawberry.type(description="A call for people about a case. Met only when every required slot has answered.")
class Alert(Node):
    id: strawberry.ID
    type: str
    reference: str = strawberry.field(description="What the messages quote. It tells nothing about the case.")
    state: AlertState  # type: ignore[valid-type]
    policy_version: int = strawberry.field(description="Version of the partnership's policy frozen into this alert.")
    accepted_at: Instant
    met_at: Instant | None
    drill: bool = strawberry.field(description="A test: it is called like any other and counted in no figure.")
    closed_at: Instant | None
    closed_as: AlertEnding | None  # type: ignore[valid-type]
    closing_reason: str | None
    row: strawberry.Private[AlertRow]

    @strawberry.field(description="Who raised it; null for a workflow or a schedule.")
    def raised_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.raised_by)

    @strawberry.field(description="Who closed it.")
    def closed_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.closed_by)

    @strawberry.field(description="The roles that must answer or be told.")
    async def slots(self, info: Info) -> list[AlertSlot]:
        return [AlertSlot.of(row) for row in await info.context.loaders.slots_of_alert.load(self.row.id)]

    @strawberry.field(description="The case this is about; null for a fault of set-up.")
    async def case(self, info: Info) -> Annotated["Case", strawberry.lazy("graphql_api.cases.types")] | None:
        from graphql_api.cases.types import case_by_id  # noqa: PLC0415  # a case has alerts, an alert a case

        return await case_by_id(info, self.row.subject_id) if self.row.subject_kind == "case" else None

    @classmethod
    def of(cls, row: AlertRow) -> "Alert":
        return cls(
            id=strawberry.ID(encode("Alert", row.id)), type=row.type, reference=row.reference,
            state=AlertStateValue(row.state), policy_version=row.policy_version,
            accepted_at=Instant(row.accepted_at), met_at=Instant(row.met_at) if row.met_at else None,
            drill=row.drill, closed_at=Instant(row.closed_at) if row.closed_at else None,
            closed_as=EndingValue(row.closed_as) if row.closed_as else None, closing_reason=row.closing_reason, row=row,
        )  # fmt: skip
