"""Report a child's death: the fact, its case, its alerts, its pathway and clocks, in one transaction."""

from dataclasses import fields
from typing import Final
from uuid import UUID

from backend.cases import service as cases
from backend.cases.children import service as children
from backend.cases.children.checks import AddressTold, ChildTold
from backend.child_deaths import repository, response
from backend.child_deaths.models import ChildDeath
from backend.child_deaths.report import Areas, Report, check
from backend.child_deaths.response import JOINT_AGENCY_RESPONSE, JOINT_RESPONSE_ALERT
from backend.child_deaths.rules import is_unexpected, local_date, same_child
from backend.identity.policies import Caller, Permission
from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe
from notifications.alerts.service import raise_alert
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import AreaKind

FAN_OUT: Final = "child-death-notification-fan-out"
PANEL_NOTICE: Final = "cdop-notification"
# Of a report, what the death's row holds under other names.
_ELSEWHERE: Final = {"home_area", "area_of_death", "coroner_area", "reporter"}
NOTIFY_AGENCIES: Final = Actor("notify_agencies", NOTICES)
TELL_HOME_PANEL: Final = Actor("tell_home_panel", NOTICES)
"""Owed on a death of a child whose home is elsewhere; the package that speaks with other partnerships does it."""


async def report(session: TenantSession, caller: Caller, told: Report, *, zone: str, death_id: UUID) -> ChildDeath:
    """Record a death and set off the response.

    An unexpected death opens the joint agency response: the on-call paediatrician and senior
    investigating officer are paged, a run of the pathway and its clocks start, the coroner, police, social care
    and review panel are told (Working Together 2005 ¶5.32). An expected one is notified to the
    review panel alone (¶5.48). Of a child whose home is elsewhere the panel of the home is told as well (¶5.49). A
    likely duplicate is flagged and never blocked: two notices are wanted rather than none.

    Raises ``Forbidden`` and ``Invalid``.
    """
    caller.require(Permission.REPORT_CHILD_DEATH)
    found = await partnerships.areas(session)
    areas = check(
        told, now=await session.now(), zone=zone,
        authorities={area.code: area.id for area in found if area.kind == AreaKind.LOCAL_AUTHORITY},
        coroners={area.code: area.id for area in found if area.kind == AreaKind.CORONER},
    )  # fmt: skip
    death = await _record(session, caller, told, areas, zone, death_id)
    await _respond(session, caller, death, zone)
    return death


async def _record(
    session: TenantSession, caller: Caller, told: Report, areas: Areas, zone: str, death_id: UUID
) -> ChildDeath:
    case = await cases.open_case(session, JOINT_AGENCY_RESPONSE, areas.death, uuid7(), opened_by=caller.person_id)
    twins = [
        str(other.id)
        for other in await repository.may_be_same(session, told.date_of_birth, told.nhs_number)
        if same_child(told.child_name, told.nhs_number, other.child_name, other.nhs_number)
    ]
    facts = {field.name: getattr(told, field.name) for field in fields(told) if field.name not in _ELSEWHERE}
    unexpected = is_unexpected(
        anticipated_24h_before=told.anticipated_24h_before, unexpected_collapse=told.unexpected_collapse
    )
    death = ChildDeath(
        **facts, tenant_id=session.tenant_id, id=death_id, case_id=case.id, unexpected=unexpected,
        home_area_id=areas.home, area_of_death_id=areas.death, coroner_area_id=areas.coroner,
        reporter_name=told.reporter.name, reporter_role=told.reporter.role,
        reporter_telephone=told.reporter.telephone, reported_by=caller.person_id,
        reported_at=await session.now(), possible_duplicates=twins,
    )  # fmt: skip
    session.insert(death)
    await children.enter_subject(session, case.id, _child(told, zone), recorded_by=caller.person_id)
    detail = {"unexpected": unexpected, "suspicion": told.suspicion.value, "possible_duplicates": len(twins)}
    await cases.add_event(session, case.id, "child_death.reported", caller.person_id,
                          occurred_at=told.confirmed_at, detail=detail)  # fmt: skip
    session.audit_entries.append(Entry("child_death.reported", "child_death", death.id, caller.person_id, detail))
    return death


def _child(told: Report, zone: str) -> ChildTold:
    """The subject of the case. The notification keeps what was told; this is what becomes known."""
    return ChildTold(
        name=told.child_name, date_of_birth=told.date_of_birth, nhs_number=told.nhs_number, sex=told.sex,
        died_on=local_date(told.died_at, zone), addresses=(AddressTold(told.usual_home_address),),
    )  # fmt: skip


async def _respond(session: TenantSession, caller: Caller, death: ChildDeath, zone: str) -> None:
    if death.unexpected:
        raised = await raise_alert(
            session, JOINT_RESPONSE_ALERT, subject_kind="case", subject_id=death.case_id,
            area_ids=_areas(death),
        )  # fmt: skip
        await response.begin(session, caller, death, raised.id if raised else None, zone=zone)
    # A task of its own: what goes to desks must not hold up what wakes people.
    await owe(session, NOTIFY_AGENCIES, death.id)
    if death.home_area_id is None:
        await owe(session, TELL_HOME_PANEL, death.id)


async def notify_agencies(session: TenantSession, death_id: UUID) -> None:
    """Tell the desks of the agencies (Working Together 2005 ¶5.32), or the review panel alone (¶5.48)."""
    death = await repository.child_death(session, death_id)
    await raise_alert(
        session, FAN_OUT if death.unexpected else PANEL_NOTICE, subject_kind="case", subject_id=death.case_id,
        area_ids=_areas(death),
    )  # fmt: skip


def _areas(death: ChildDeath) -> list[UUID]:
    """Whose rotas and desks answer: the response is that of the area of death, whatever the home address."""
    return [death.area_of_death_id, death.coroner_area_id]
