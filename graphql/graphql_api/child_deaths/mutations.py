"""Reporting the death of a child."""

from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from backend.cases import service as cases
from backend.cases.access.repository import Seen
from backend.cases.models import CaseFile
from backend.cases.policies import OPENED_JUST_NOW
from backend.cases.service import log_access
from backend.child_deaths import repository as child_deaths
from backend.child_deaths import response, service
from backend.child_deaths.models import ChildDeath as ChildDeathRow
from backend.child_deaths.report import Report, Reporter
from backend.identity.policies import Permission
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.kit.tables import grouped
from graphql_api.alerts.types import Alert
from graphql_api.cases.children import Sex
from graphql_api.cases.types import log_look
from graphql_api.child_deaths.types import ChildDeath, Setting, Suspicion
from graphql_api.context import Info
from graphql_api.problems import (
    ONCE,
    ConflictProblem,
    ForbiddenProblem,
    NotFoundProblem,
    ValidationProblem,
    perform,
)
from graphql_api.scalars import Instant
from notifications.alerts.models import Alert as AlertRow
from notifications.alerts.models import AlertSlot as SlotRow


@strawberry.input(description="Who tells of the death, to be called back.")
class ReporterInput:
    name: str = strawberry.field(description="Full name.")
    role: str = strawberry.field(description="Such as emergency department consultant.")
    telephone: str = strawberry.field(
        description="At least five digits; spaces, brackets, hyphens and a leading + are fine."
    )


@strawberry.input(description="What is known of the death. Report at once; what is not known yet can follow.")
class ReportChildDeathInput:
    idempotency_key: str = strawberry.field(description=ONCE)
    child_name: str = strawberry.field(description="Full name, or how the child is known.")
    date_of_birth: date = strawberry.field(
        description="Not after the death; this is for deaths before the 18th birthday."
    )
    sex: Sex = strawberry.field(description="As recorded.")  # type: ignore[valid-type]
    usual_home_address: str = strawberry.field(description="Where the child usually lived.")
    setting: Setting = strawberry.field(description="Where the child died or was found.")  # type: ignore[valid-type]
    place_of_death: str = strawberry.field(description="Place in words, such as a hospital department.")
    area_of_death: str = strawberry.field(description="Code of the local authority where the child died.")
    died_at: Instant = strawberry.field(description="When the child died; not in the future.")
    confirmed_at: Instant = strawberry.field(description="When death was confirmed; clocks run from here.")
    confirmed_by: str = strawberry.field(description="Who confirmed the death.")
    anticipated_24h_before: bool = strawberry.field(
        description="Was death a significant possibility 24 hours before it?", name="anticipated24hBefore"
    )
    unexpected_collapse: bool = strawberry.field(description="Did a collapse that nobody expected lead to it?")
    circumstances: str = strawberry.field(description="What happened, up to 10,000 characters.")
    suspicion: Suspicion = strawberry.field(description="Whether harm by others is suspected.")  # type: ignore[valid-type]
    reporter: ReporterInput = strawberry.field(description="Who tells of the death.")
    home_area: str | None = strawberry.field(
        default=None, description="Code of the usual home's local authority, if one of ours."
    )
    home_area_outside: str | None = strawberry.field(
        default=None, description="The usual home's area in words, if elsewhere."
    )
    coroner_area: str | None = strawberry.field(
        default=None, description="Code; may be left out where there is only one."
    )
    nhs_number: str | None = strawberry.field(default=None, description="Ten digits without spaces, if known.")
    other_children_in_household: bool | None = strawberry.field(
        default=None, description="Whether other children live there; leave out if not known."
    )


@strawberry.type(description="The recorded death and what it set off.")
class ReportChildDeathPayload:
    child_death: ChildDeath
    row: strawberry.Private[ChildDeathRow]

    @strawberry.field(
        description="The joint response alert; null for an expected death or where no policy is in force."
    )
    async def alert(self, info: Info) -> Alert | None:
        found = await info.context.loaders.alerts_about.load(self.row.case_id)
        return next((Alert.of(row) for row in found if row.type == response.JOINT_RESPONSE_ALERT), None)


ReportChildDeathResult = Annotated[
    ReportChildDeathPayload | ValidationProblem | NotFoundProblem | ForbiddenProblem | ConflictProblem,
    strawberry.union("ReportChildDeathResult", description="What was recorded, or why it was refused."),
]


@strawberry.type
class ChildDeathMutations:
    @strawberry.mutation(description="Report the death of a child. Once answered, the report and its calls are safe.")
    async def report_child_death(self, info: Info, input: ReportChildDeathInput) -> ReportChildDeathResult:
        context = info.context
        told = _report(input)

        def payload(row: ChildDeathRow) -> ReportChildDeathPayload:
            return ReportChildDeathPayload(child_death=ChildDeath.of(row, context.partnership.zone), row=row)

        async def work(session: TenantSession, death_id: UUID) -> ReportChildDeathPayload:
            zone = context.partnership.zone
            row = await service.report(session, context.caller, told, zone=zone, death_id=death_id)
            if context.caller.may(Permission.VIEW_CASES):
                await log_look(info, session, row.case_id)
            # What has just been written is not asked for again: all is answered by the one transaction.
            for case in session.inserted(CaseFile):
                context.loaders.case.prime(case.id, Seen(case, OPENED_JUST_NOW))
            for case_id, raised in grouped(session.inserted(AlertRow), lambda alert: alert.subject_id).items():
                context.loaders.alerts_about.prime(case_id, raised)
            for alert_id, slots in grouped(session.inserted(SlotRow), lambda slot: slot.alert_id).items():
                context.loaders.slots_of_alert.prime(alert_id, slots)
            context.loaders.duplicates_of_death.clear_all()  # an attempt that clashed may have found none yet
            if not row.possible_duplicates:
                context.loaders.duplicates_of_death.prime(row.id, [])
            return payload(row)

        async def again(session: TenantSession, death_id: UUID) -> ReportChildDeathPayload:
            # The record as it is now is a look at it, for somebody whose roles may have changed since.
            context.caller.require(Permission.VIEW_CHILD_DEATHS)
            row = await child_deaths.child_death(session, death_id)
            await cases.seen(session, context.caller, row.case_id, otherwise=child_deaths.NO_DEATH)
            person_id = context.caller.person_id
            await log_access(session, person_id, "child_death", death_id, "view", case_id=row.case_id)
            return payload(row)

        return await perform(
            info, operation="reportChildDeath", key=input.idempotency_key, request=asdict(told),
            result_id=uuid7(), work=work, again=again,
        )  # fmt: skip


def _report(given: ReportChildDeathInput) -> Report:
    facts = {name: getattr(given, name) for name in Report.__dataclass_fields__ if name != "reporter"}
    reporter = Reporter(given.reporter.name, given.reporter.role, given.reporter.telephone)
    return Report(**facts, reporter=reporter)
