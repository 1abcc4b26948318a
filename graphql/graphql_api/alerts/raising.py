"""Raise an alert by hand, and close one."""

from typing import Annotated
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.identity.policies import Permission
from backend.kit.problems import FieldError, Forbidden, Invalid, NotFound
from backend.kit.session import TenantSession
from graphql_api.alerts.mutations import checked_reason
from graphql_api.alerts.sight import require_alert
from graphql_api.alerts.types import Alert, AlertEnding
from graphql_api.context import Info
from graphql_api.ids import decode_as
from graphql_api.problems import ONCE, AnyProblem, mutate
from notifications.alerts import closing, drills
from notifications.alerts import repository as alerts
from notifications.alerts.models import Alert as AlertRow
from notifications.alerts.models import Ending
from notifications.alerts.service import raise_alert
from notifications.ladders import repository as policies
from tenants.partnerships import repository as partnerships

NO_AREA = "There is no such area in this partnership."


@strawberry.input(description="Call people, by the partnership's policy for a type of alert.")
class RaiseAlertInput:
    type: str = strawberry.field(description="A type whose policy lets practitioners raise it; see alertPolicies.")
    area_ids: list[strawberry.ID] = strawberry.field(
        description="Areas concerned, such as the authority where the child lives; they choose desks and rotas."
    )
    case_id: strawberry.ID | None = strawberry.field(default=None, description="The case it is about, if there is one.")
    drill: bool = strawberry.field(default=False, description="A test: the words say so, and no figure counts it.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.input(description="End an alert. Everybody who was called is told so, once.")
class CloseAlertInput:
    alert_id: strawberry.ID = strawberry.field(description="An alert that was not closed before.")
    ending: AlertEnding = strawberry.field(description="Raised in error, or no longer needed.")  # type: ignore[valid-type]
    reason: str = strawberry.field(description="For the record, up to 500 characters. No child's details.")
    idempotency_key: str = strawberry.field(description=ONCE)


@strawberry.type(description="The alert as it is now.")
class AlertPayload:
    alert: Alert


AlertResult = Annotated[
    AlertPayload | AnyProblem,
    strawberry.union("AlertResult", description="The alert as it is now, or why it was refused."),
]


async def known_areas(session: TenantSession, ids: list[strawberry.ID]) -> list[UUID]:
    """The areas' keys. Raises ``NotFound`` for one that is not of this partnership."""
    wanted = [decode_as("Area", one) for one in ids]
    found = await partnerships.areas_by_id(session, [key for key in wanted if key is not None])
    if any(key not in found for key in wanted):
        raise NotFound(NO_AREA)
    return [key for key in wanted if key is not None]


async def _raise(session: TenantSession, info: Info, input: RaiseAlertInput, alert_id: UUID) -> AlertRow:
    caller = info.context.caller
    areas = await known_areas(session, input.area_ids)
    policy = await policies.in_force(session, input.type) if "\0" not in input.type else None
    if policy is None:
        raise Invalid([FieldError("type", "has no policy in force here; choose one of alertPolicies")])
    made: AlertRow | None
    if input.drill:
        if input.case_id is not None:
            raise Invalid([FieldError("caseId", "must be left out: a drill is about no case")])
        made = await drills.raise_drill(
            session, input.type, by=caller.person_id, alert_id=alert_id, area_ids=tuple(areas)
        )
    else:
        if not policy.manual:
            raise Forbidden("This type is raised by a workflow alone. Choose a type that practitioners may raise.")
        kind, subject = await _subject(session, info, input.case_id) or ("alert", alert_id)
        made = await raise_alert(
            session, input.type, subject_kind=kind, subject_id=subject, area_ids=areas,
            raised_by=caller.person_id, alert_id=alert_id,
        )  # fmt: skip
    if made is None:
        raise Invalid([FieldError("type", "has no policy in force any more; choose one of alertPolicies")])
    return made


async def _subject(session: TenantSession, info: Info, case_id: strawberry.ID | None) -> tuple[str, UUID] | None:
    if case_id is None:
        return None
    info.context.caller.require(Permission.VIEW_CASES)
    key = decode_as("Case", case_id)
    if key is None:
        raise NotFound("There is no such case in this partnership.")
    return "case", (await cases.seen(session, info.context.caller, key)).id


def _payload(row: AlertRow) -> AlertPayload:
    return AlertPayload(alert=Alert.of(row))


@strawberry.type
class AlertRaisingMutations:
    @strawberry.mutation(description="Raise an alert. Once answered, it and its calls are safe.")
    async def raise_alert(self, info: Info, input: RaiseAlertInput) -> AlertResult:
        return await mutate(
            info, input, lambda session, alert_id: _raise(session, info, input, alert_id), again=alerts.alert,
            answer=_payload, needs=Permission.RUN_DRILLS if input.drill else Permission.RAISE_ALERTS,
        )  # fmt: skip

    @strawberry.mutation(description="Cancel an alert that was raised in error, or stand everybody down.")
    async def close_alert(self, info: Info, input: CloseAlertInput) -> AlertResult:
        async def work(session: TenantSession, alert_id: UUID) -> AlertRow:
            await require_alert(session, info.context.caller, alert_id)
            ending, reason = Ending(input.ending), checked_reason(input.reason)
            return await closing.close(session, alert_id, info.context.caller.person_id, ending, reason)

        return await mutate(
            info, input, work, again=alerts.alert, answer=_payload, needs=Permission.CLOSE_ALERTS,
            about=("Alert", input.alert_id),
        )  # fmt: skip
