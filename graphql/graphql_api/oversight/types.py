"""Types of what an operator watches: messages, what is owed, what the auditor found."""

from enum import Enum

import strawberry

from graphql_api.alerts.types import Channel, Delivery, DeliveryState
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import load_person
from graphql_api.partnerships.types import Person
from graphql_api.scalars import Instant
from notifications.deliveries.models import Delivery as DeliveryRow
from notifications.watch.models import FindingKind as FindingKindValue
from notifications.watch.models import WatchFinding
from notifications.watch.overview import Wanted

FindingKind: type[Enum] = strawberry.enum(
    FindingKindValue, name="FindingKind", description="What should have happened and has not."
)


@strawberry.input(description="Which messages to list. What is left out does not narrow.")
class MessageFilterInput:
    state: DeliveryState | None = strawberry.field(default=None, description="Only in this state.")  # type: ignore[valid-type]
    channel: Channel | None = strawberry.field(default=None, description="Only by this channel.")  # type: ignore[valid-type]
    since: Instant | None = strawberry.field(default=None, description="Only those made at or after this moment.")
    stuck: bool = strawberry.field(default=False, description="Only those that have waited too long to leave.")

    def wanted(self) -> Wanted:
        state = str(self.state) if self.state is not None else None
        return Wanted(state, str(self.channel) if self.channel is not None else None, self.since, self.stuck)


@strawberry.type(description="One message as its operator sees it: its life, never its address.")
class MessageRecord:
    id: strawberry.ID = strawberry.field(description="The id of the delivery.")
    created_at: Instant
    alert_id: strawberry.ID | None = strawberry.field(description="Null for a notice to one person.")
    reference: str = strawberry.field(description="What the message quotes.")
    template: str = strawberry.field(description="Name of its fixed wording.")
    first_page: bool = strawberry.field(description="Whether it belongs to the lowest rung of a call that waits.")
    wanted: bool = strawberry.field(description="False once its slot is answered: what has not left never does.")
    failure: str | None = strawberry.field(description="Why the last attempt came to nothing.")
    delivery: Delivery = strawberry.field(description="Its channel, state, attempts and history.")
    row: strawberry.Private[DeliveryRow]

    @strawberry.field(description="Who is called or told; null for a desk of the directory.")
    async def person(self, info: Info) -> Person | None:
        person_id = self.row.person_id
        if self.row.slot_id is not None:
            pages = await info.context.loaders.pages_of_slot.load(self.row.slot_id)
            person_id = next((page.person_id for page in pages if page.id == self.row.page_id), None)
        return await load_person(info, person_id)

    @classmethod
    def of(cls, row: DeliveryRow) -> "MessageRecord":
        return cls(
            id=strawberry.ID(encode("Delivery", row.id)), created_at=Instant(row.created_at),
            alert_id=strawberry.ID(encode("Alert", row.alert_id)) if row.alert_id else None,
            reference=row.reference, template=row.template,
            first_page=row.first_page, wanted=row.wanted, failure=row.failure, delivery=Delivery.of(row), row=row,
        )  # fmt: skip


@strawberry.type(description="What waits in one queue of your partnership.")
class QueueState:
    queue: str = strawberry.field(description="pages or notices.")
    owed: int = strawberry.field(description="Tasks that are due and not done.")
    oldest_due_at: Instant


@strawberry.type(description="A task that is later than it should ever be.")
class OverdueTask:
    queue: str
    task: str = strawberry.field(description="What is to be done, such as deliver_pages.")
    due_at: Instant
    attempts: int = strawberry.field(description="How often a worker was woken for it.")


@strawberry.type(description="A fault that the auditor sees in your partnership.")
class Finding:
    kind: FindingKind  # type: ignore[valid-type]
    found_at: Instant
    repaired: bool = strawberry.field(description="Whether what was missing was put back; it clears once that helped.")

    @classmethod
    def of(cls, row: WatchFinding) -> "Finding":
        return cls(kind=FindingKindValue(row.kind), found_at=Instant(row.found_at), repaired=row.repaired)


@strawberry.type(description="Whether everything that is owed to your partnership is being done.")
class Oversight:
    queues: list[QueueState] = strawberry.field(description="Only queues in which something is due.")
    overdue: list[OverdueTask] = strawberry.field(description="The longest overdue first, at most 1000.")
    findings: list[Finding] = strawberry.field(description="Oldest first; empty when all is well.")
    audited_at: Instant | None = strawberry.field(description="When every partnership was last audited to the end.")
