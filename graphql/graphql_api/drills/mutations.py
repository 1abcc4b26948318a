"""Schedule drills and end a schedule. One drill at once is raised as any alert is."""

from typing import Annotated
from uuid import UUID

import strawberry
from pydantic import ValidationError

from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from graphql_api.connections import plain
from graphql_api.context import Info
from graphql_api.drills.types import DrillPattern, DrillSchedule
from graphql_api.policies.inputs import HoursInput
from graphql_api.problems import ONCE, AnyProblem, mutate
from graphql_api.wording import in_words
from notifications.alerts import drills
from notifications.ladders import drill_repository as schedules
from notifications.ladders.drills import DrillRule
from notifications.ladders.models import DrillPattern as DrillPatternValue
from notifications.ladders.models import DrillSchedule as ScheduleRow


@strawberry.input(description="Have drills of a type held again and again.")
class ScheduleDrillsInput:
    type: str = strawberry.field(description="A type with a policy in force and no schedule yet.")
    pattern: DrillPattern = strawberry.field(description="Weekly, or at a random time.")  # type: ignore[valid-type]
    weekday: int | None = strawberry.field(default=None, description="Of a weekly drill; 0 is Monday.")
    at: str | None = strawberry.field(default=None, description="Of a weekly drill: local time, such as 14:00.")
    every_days: int = strawberry.field(default=7, description="Of a random drill: one in 1 to 92 days.")
    between: list[HoursInput] | None = strawberry.field(
        default=None, description="Of a random drill: hours within which it may fall."
    )
    idempotency_key: str = strawberry.field(description=ONCE)

    def rule(self) -> DrillRule:
        """The rule. Raises ``Invalid``."""
        try:
            return DrillRule.model_validate({
                "pattern": DrillPatternValue(self.pattern), "weekday": self.weekday, "at": self.at,
                "every_days": self.every_days, "between": [hours.plain() for hours in self.between or ()],
            })  # fmt: skip
        except ValidationError as error:
            raise Invalid([FieldError(_path(fault["loc"]), in_words(fault)) for fault in error.errors()]) from error


@strawberry.input(description="Hold no more drills by a schedule.")
class EndDrillScheduleInput:
    schedule_id: strawberry.ID = strawberry.field(description="A schedule of drills.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The schedule as it is now.")
class DrillSchedulePayload:
    schedule: DrillSchedule


DrillScheduleResult = Annotated[
    DrillSchedulePayload | AnyProblem,
    strawberry.union("DrillScheduleResult", description="The schedule as it is now, or why it was refused."),
]


def _path(place: tuple[int | str, ...]) -> str:
    parts = [str(part) for part in place] or ["pattern"]
    return ".".join("everyDays" if part == "every_days" else part for part in parts)


def _payload(row: ScheduleRow) -> DrillSchedulePayload:
    return DrillSchedulePayload(schedule=DrillSchedule.of(row))


@strawberry.type
class DrillMutations:
    @strawberry.mutation(description="Have drills held from now on, until the schedule is ended.")
    async def schedule_drills(self, info: Info, input: ScheduleDrillsInput) -> DrillScheduleResult:
        async def work(session: TenantSession, schedule_id: UUID) -> ScheduleRow:
            alert_type, by = plain("type", input.type), info.context.caller.person_id
            return await drills.schedule(session, alert_type, input.rule(), by=by, schedule_id=schedule_id)

        return await mutate(info, input, work, again=schedules.schedule, answer=_payload, needs=Permission.RUN_DRILLS)

    @strawberry.mutation(description="End a schedule of drills. Ending it again is no error.")
    async def end_drill_schedule(self, info: Info, input: EndDrillScheduleInput) -> DrillScheduleResult:
        by = info.context.caller.person_id
        return await mutate(
            info, input, lambda session, schedule_id: drills.end(session, schedule_id, by),
            again=schedules.schedule, answer=_payload, needs=Permission.RUN_DRILLS,
            about=("DrillSchedule", input.schedule_id),
        )  # fmt: skip
