"""The joint agency response as a run of its pathway: begun with the report, or as soon after it as it can be."""

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from backend.cases import repository as cases
from backend.cases.models import CaseState
from backend.child_deaths import repository
from backend.child_deaths.models import ChildDeath, Setting, Suspicion
from backend.child_deaths.rules import local_date
from backend.identity.policies import Caller
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe
from backend.pathways import reported
from backend.pathways import repository as runs
from backend.pathways.models import PathwayRun
from backend.pathways.reported import ReportTold
from notifications.alerts import repository as alerts
from notifications.alerts.models import AlarmKind
from notifications.alerts.paging import Trouble
from notifications.alerts.raising import alarm
from tenants.partnerships import repository as partnerships

log = structlog.get_logger(__name__)

JOINT_AGENCY_RESPONSE: Final = "child-death-joint-agency-response"
JOINT_RESPONSE_ALERT: Final = "child-death-joint-response"
BEGIN_RESPONSE: Final = Actor("begin_joint_agency_response", NOTICES)
LATER: Final = timedelta(hours=1)
"""How long until it is tried again where no edition is in force: somebody has been told and has to approve one."""
_VARIANTS: Final = {
    Setting.EMERGENCY_DEPARTMENT: "hospital", Setting.WARD: "ward", Setting.HOME: "community",
    Setting.COMMUNITY: "community", Setting.CUSTODY: "custody", Setting.ABROAD: "away-from-home",
}  # fmt: skip


async def begin(
    session: TenantSession, caller: Caller, death: ChildDeath, alert_id: UUID | None, *, zone: str
) -> None:  # fmt: skip
    """Start the run, and with it the clocks, in the transaction of the report.

    The report stands whatever is wrong with the pathway: without an edition in force, or with one that cannot be
    run, nothing of a run is kept, the partnership's configuration owner is told, and the run begins as soon as it
    can. ``alert_id`` is the joint response alert, None where there is no policy for it.
    """
    run: PathwayRun | None = None
    now = await session.now()
    try:
        with session.tentatively():
            told = _told(death, alert_id, local_date(now, zone))
            run = await reported.start(session, caller, death.case_id, told, f"report:{death.id}")
    except Exception:  # a child's death is accepted and answered even by a system that is out of order
        log.exception("joint_response_not_begun", case_id=str(death.case_id))
    if run is None:
        trouble = Trouble(AlarmKind.NO_PATHWAY, JOINT_AGENCY_RESPONSE)
        await alarm(session, trouble, death.case_id, now, about=JOINT_RESPONSE_ALERT, drill=False)
        await owe(session, BEGIN_RESPONSE, death.id, due_at=now + LATER)


async def begin_late(session: TenantSession, death_id: UUID) -> None:
    """Start the run that the report could not; its clocks count from the reported instants all the same.

    Nothing is done once the response runs, or its case is closed. Until an edition is in force it is tried again
    each hour; nobody is told a second time.
    """
    death = await repository.child_death(session, death_id)
    case = await cases.locked(session, death.case_id)
    there = (await runs.runs_of_cases(session, [case.id])).get(case.id, [])
    if case.state is not CaseState.OPEN or any(run.pathway == JOINT_AGENCY_RESPONSE for run in there):
        return
    partnership, now = await partnerships.own(session), await session.now()
    caller = Caller(session.tenant_id, partnership.slug, death.reported_by, ())
    about = (await alerts.by_subject(session, [case.id])).get(case.id, [])
    alert_id = next((alert.id for alert in about if alert.type == JOINT_RESPONSE_ALERT), None)
    told = _told(death, alert_id, local_date(now, partnership.zone))
    if await reported.start(session, caller, case.id, told, f"report:{death.id}") is None:
        await owe(session, BEGIN_RESPONSE, death.id, due_at=now + LATER)


def _told(death: ChildDeath, alert_id: UUID | None, day: date) -> ReportTold:
    criteria = ["child", "any-home-address"]
    criteria += [] if death.anticipated_24h_before else ["not-anticipated"]
    criteria += ["unexpected-collapse"] if death.unexpected_collapse else []
    facts: dict[str, Any] = {
        "died-on-ward": death.setting is Setting.WARD,
        "anticipated-24-hours-before": death.anticipated_24h_before,
    }
    events = {"death": death.died_at, "death-confirmed": death.confirmed_at}
    if death.home_area_id is None:
        events["home-elsewhere"] = death.reported_at
    if death.suspicion is Suspicion.CRIME:
        events["crime-suspected"] = death.reported_at
    return ReportTold(
        JOINT_AGENCY_RESPONSE, day, tuple(criteria), _VARIANTS[death.setting], events, facts,
        {JOINT_RESPONSE_ALERT: alert_id},
    )  # fmt: skip
