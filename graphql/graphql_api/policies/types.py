"""Types of alert policies: versions, slots, steps and whom they try."""

from enum import Enum
from typing import Any

import strawberry

from backend.kit.problems import FieldError
from graphql_api.alerts.types import Channel
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.partnerships.people import person_by_id
from graphql_api.partnerships.types import Person
from graphql_api.problems import FieldProblem
from graphql_api.scalars import Instant
from notifications.ladders.hours import Hours as HoursValue
from notifications.ladders.models import AlertPolicy as PolicyRow
from notifications.ladders.models import PolicyState
from notifications.ladders.policy import RotaTarget, SlotPolicy, Step, TeamTarget
from notifications.rotas.rules import BankHolidays
from tenants.contacts.models import Channel as ChannelValue

AlertPolicyState: type[Enum] = strawberry.enum(
    PolicyState, name="AlertPolicyState", description="The life of a version. Alerts follow the one in force."
)
BankHolidayRule: type[Enum] = strawberry.enum(
    BankHolidays, name="BankHolidayRule", description="Whether hours hold on bank holidays, except on them, or only."
)


@strawberry.enum(description="Whom a step tries.")
class TargetKind(Enum):
    ROTA = "rota"
    PERSON = "person"
    TEAM = "team"
    DIRECTORY = "directory"
    CONTACT = "contact"
    WEBHOOK = "webhook"


NAMED = {
    TargetKind.ROTA: "role", TargetKind.PERSON: "person", TargetKind.TEAM: "team", TargetKind.DIRECTORY: "role",
    TargetKind.CONTACT: "contact", TargetKind.WEBHOOK: "endpoint",
}  # fmt: skip
"""What a policy calls that which the API calls a target's name."""


def as_entered(fault: FieldError) -> FieldError:
    """A policy's fault, at the path that the API has for it."""
    step, _, part = fault.field.partition(".target.")
    return FieldError(f"{step}.target.name", fault.message) if part in NAMED.values() else fault


@strawberry.type(description="Hours of the week by the partnership's clocks. An end at or before the start: next day.")
class Hours:
    weekdays: list[int] = strawberry.field(description="0 is Monday.")
    start: str
    end: str
    bank_holidays: BankHolidayRule  # type: ignore[valid-type]

    @classmethod
    def of(cls, value: HoursValue) -> "Hours":
        return cls(
            weekdays=sorted(value.weekdays), start=f"{value.start:%H:%M}", end=f"{value.end:%H:%M}",
            bank_holidays=value.bank_holidays,
        )  # fmt: skip


@strawberry.type(description="Whom a step tries.")
class StepTarget:
    kind: TargetKind
    name: str = strawberry.field(
        description="The rota's or desk's role, the person's or contact's code, the team, or the endpoint."
    )
    position: int | None = strawberry.field(description="Of a rota: 1 is first on call, 2 second.")
    members: list[str] | None = strawberry.field(description="Of a team: the persons' codes, in turn.")


@strawberry.type(description="One rung of a ladder.")
class PolicyStep:
    target: StepTarget
    channels: list[Channel]  # type: ignore[valid-type]
    acknowledge_within: int | None = strawberry.field(description="Seconds until the next rung; set by you alone.")
    page_again_every: int | None = strawberry.field(description="Seconds between repeats within the rung.")
    only_between: list[Hours] = strawberry.field(description="Outside these it is passed over at once; none: always.")

    @classmethod
    def of(cls, step: Step) -> "PolicyStep":
        target = step.target
        return cls(
            target=StepTarget(
                kind=TargetKind(target.kind), name=target.name,
                position=target.position if isinstance(target, RotaTarget) else None,
                members=list(target.members) if isinstance(target, TeamTarget) else None,
            ),
            channels=[ChannelValue(channel) for channel in step.channels],
            acknowledge_within=step.acknowledge_within, page_again_every=step.page_again_every,
            only_between=[Hours.of(hours) for hours in step.only_between],
        )  # fmt: skip


@strawberry.type(description="A role that must be reached, and its ladder.")
class PolicySlot:
    role: str
    template: str = strawberry.field(description="The wording of its messages.")
    required: bool
    needs_answer: bool = strawberry.field(description="False for a notice: handed over is enough.")
    repeat: int = strawberry.field(description="How often the whole ladder is climbed again.")
    confirm_within: int | None = strawberry.field(
        description="Seconds in which who has answered must confirm attendance; null: need not."
    )
    steps: list[PolicyStep]

    @classmethod
    def of(cls, slot: SlotPolicy) -> "PolicySlot":
        return cls(
            role=slot.role, template=slot.template, required=slot.required, needs_answer=slot.needs_answer,
            repeat=slot.repeat, confirm_within=slot.confirm_within, steps=[PolicyStep.of(step) for step in slot.steps],
        )  # fmt: skip


@strawberry.type(description="A version of the policy for one type of alert.")
class AlertPolicy:
    id: strawberry.ID
    type: str
    version: int
    title: str
    citation: str = strawberry.field(description="Source of the duty to tell; the times are the partnership's own.")
    manual: bool = strawberry.field(description="Whether practitioners may raise the type.")
    state: AlertPolicyState  # type: ignore[valid-type]
    slots: list[PolicySlot]
    created_at: Instant
    validated_at: Instant | None
    switched_on_at: Instant | None
    superseded_at: Instant | None
    row: strawberry.Private[PolicyRow]

    @strawberry.field(description="Who drafted it; null for a version loaded from a file.")
    def created_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.created_by)

    @strawberry.field(description="Who found it without a fault.")
    def validated_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.validated_by)

    @strawberry.field(description="Who put it in force.")
    def switched_on_by(self, info: Info) -> Person | None:
        return person_by_id(info, self.row.switched_on_by)

    @strawberry.field(description="What would keep it from being put in force now; empty when nothing would.")
    async def faults(self, info: Info) -> list[FieldProblem]:
        found = await info.context.loaders.faults_of_policy.load(self.row.id)
        return [FieldProblem(field=fault.field, message=fault.message) for fault in map(as_entered, found)]

    @classmethod
    def of(cls, row: PolicyRow) -> "AlertPolicy":
        def instant(value: Any) -> Instant | None:  # a datetime or nothing
            return Instant(value) if value else None

        return cls(
            id=strawberry.ID(encode("AlertPolicy", row.id)), type=row.alert_type, version=row.version,
            title=row.title, citation=row.citation, manual=row.manual, state=PolicyState(row.state),
            slots=[PolicySlot.of(SlotPolicy.model_validate(slot)) for slot in row.slots],
            created_at=Instant(row.created_at), validated_at=instant(row.validated_at),
            switched_on_at=instant(row.switched_on_at), superseded_at=instant(row.superseded_at), row=row,
        )  # fmt: skip
