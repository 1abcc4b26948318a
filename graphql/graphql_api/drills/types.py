"""Types of drills: their schedules and what came of each."""

from enum import Enum

import strawberry

from graphql_api.alerts.types import Alert
from graphql_api.context import Info
from graphql_api.ids import encode
from graphql_api.policies.types import Hours
from graphql_api.scalars import Instant
from notifications.alerts.models import Alert as AlertRow
from notifications.alerts.models import Purpose
from notifications.ladders.drills import DrillRule
from notifications.ladders.models import DrillPattern as DrillPatternValue
from notifications.ladders.models import DrillSchedule as ScheduleRow

DrillPattern: type[Enum] = strawberry.enum(
    DrillPatternValue, name="DrillPattern", description="At one hour of the week, or at a time nobody can foresee."
)


@strawberry.type(description="Drills of one type of alert, held until the schedule is ended.")
class DrillSchedule:
    id: strawberry.ID
    type: str
    pattern: DrillPattern  # type: ignore[valid-type]
    weekday: int | None = strawberry.field(description="Of a weekly drill; 0 is Monday.")
    at: str | None = strawberry.field(description="Of a weekly drill: local time.")
    every_days: int = strawberry.field(description="Of a random drill: one in so many days.")
    between: list[Hours] = strawberry.field(description="Of a random drill: hours within which it may fall.")
    created_at: Instant
    ended_at: Instant | None
    held_at: Instant | None = strawberry.field(description="When the latest was held.")
    skipped_at: Instant | None = strawberry.field(description="When the latest was left out.")
    skipped_because: str | None

    @classmethod
    def of(cls, row: ScheduleRow) -> "DrillSchedule":
        rule = DrillRule.model_validate(row.rule)
        return cls(
            id=strawberry.ID(encode("DrillSchedule", row.id)), type=row.alert_type, pattern=rule.pattern,
            weekday=rule.weekday, at=f"{rule.at:%H:%M}" if rule.at else None, every_days=rule.every_days,
            between=[Hours.of(hours) for hours in rule.between], created_at=Instant(row.created_at),
            ended_at=Instant(row.ended_at) if row.ended_at else None,
            held_at=Instant(row.held_at) if row.held_at else None,
            skipped_at=Instant(row.skipped_at) if row.skipped_at else None, skipped_because=row.skipped_because,
        )  # fmt: skip


@strawberry.type(description="How one role did in a drill.")
class DrillResult:
    role: str
    answered: bool
    seconds_to_first_message: float | None = strawberry.field(description="Until a provider had the first message.")
    seconds_to_answer: float | None
    people_called: int


@strawberry.type(description="A drill that was held.")
class Drill:
    id: strawberry.ID = strawberry.field(description="Its alert's.")
    alert: Alert
    row: strawberry.Private[AlertRow]

    @classmethod
    def of(cls, row: AlertRow) -> "Drill":
        return cls(id=strawberry.ID(encode("Alert", row.id)), alert=Alert.of(row), row=row)

    @strawberry.field(description="How each role did that had to answer.")
    async def results(self, info: Info) -> list[DrillResult]:
        found = []
        for slot in await info.context.loaders.slots_of_alert.load(self.row.id):
            if not slot.ladder["needs_answer"]:
                continue
            pages = await info.context.loaders.pages_of_slot.load(slot.id)
            sent = await info.context.loaders.deliveries_of_slot.load(slot.id)
            left = [delivery.handed_over_at for delivery in sent if delivery.handed_over_at is not None]
            begun, answered = self.row.accepted_at, slot.acknowledged_at
            called = {page.person_id or page.entry_id for page in pages if page.purpose == Purpose.CALL}
            found.append(
                DrillResult(
                    role=slot.role, answered=answered is not None, people_called=len(called),
                    seconds_to_first_message=(min(left) - begun).total_seconds() if left else None,
                    seconds_to_answer=(answered - begun).total_seconds() if answered else None,
                )
            )  # fmt: skip
        return found
