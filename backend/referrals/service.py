"""Take a referral in: its case, the children, who refers, and the pathway as received, in one transaction."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import structlog

from backend.cases import repository as case_files
from backend.cases import service as cases
from backend.cases.children import service as children
from backend.cases.models import CaseState
from backend.cases.people import service as people
from backend.identity.policies import Caller, Permission
from backend.kit.audit import Entry
from backend.kit.ids import uuid7
from backend.kit.problems import FieldError, Invalid, NotFound
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe
from backend.pathways import reported
from backend.pathways import repository as runs
from backend.pathways.models import PathwayRun
from backend.referrals import urgent
from backend.referrals.models import Referral
from backend.referrals.told import PATHWAY, ReferralTold, faults, is_urgent, kept, party_of, report_of, sent_by
from notifications.alerts.models import AlarmKind
from notifications.alerts.paging import Trouble
from notifications.alerts.raising import alarm
from tenants.applications import repository as applications
from tenants.partnerships import repository as partnerships
from tenants.partnerships.models import AreaKind

log = structlog.get_logger(__name__)

BEGIN_REFERRAL: Final = Actor("begin_referral", NOTICES)
LATER: Final = timedelta(hours=1)
"""How long until it is tried again where no edition is in force: somebody has been told and has to approve one."""


async def make(session: TenantSession, caller: Caller, told: ReferralTold, referral_id: UUID) -> Referral:
    """Take a written referral in. Its case is nobody's yet, and its clocks count from now. An urgent one calls people.

    What an application sends in, nobody here has recorded: the audit log and the referral name the application, the
    referrer is of the application's organisation unless told otherwise, and none of it is the application's to see.
    Raises ``Forbidden``, ``NotFound`` for an area of nowhere here, ``Invalid`` with every fault.
    """
    caller.require(Permission.MAKE_REFERRALS)
    area = (await partnerships.areas_by_id(session, [told.area_id])).get(told.area_id)
    if area is None:
        raise NotFound("There is no such area in this partnership.")
    note, day = None, await children.today(session)
    if caller.is_application:
        sender = await applications.application(session, caller.person_id)
        note = f"Sent in by {sender.name}, {sender.organisation}."
        told = replace(told, referrer=sent_by(told.referrer, sender.organisation))
    found = faults(told, day)
    if area.kind != AreaKind.LOCAL_AUTHORITY:
        found.append(FieldError("areaId", "must be the area of a local authority, whose social care answers for it"))
    if found:
        raise Invalid(found)
    by = None if caller.is_application else caller
    person_id = by.person_id if by is not None else None
    case = await cases.open_case(session, PATHWAY, area.id, uuid7(), opened_by=person_id)
    for child in told.children:
        await children.enter_subject(session, case.id, child, recorded_by=person_id)
    await people.enter_party(session, case.id, party_of(told.referrer, note), uuid7(), recorded_by=person_id)
    row = Referral(
        tenant_id=session.tenant_id, id=referral_id, case_id=case.id, person_id=person_id,
        application_id=None if by is not None else caller.person_id, their_reference=told.their_reference,
        told=kept(told), received_at=await session.now(),
    )  # fmt: skip
    session.insert(row)
    await _trace(session, caller, row)
    if is_urgent(row.told):
        await urgent.call(session, row, area.id)
    await _begin(session, by, row, day)
    return row


async def _trace(session: TenantSession, caller: Caller, row: Referral) -> None:
    """On the timeline, which names people, and on the audit log, which names applications too."""
    detail = {"referral": str(row.id), "application": str(row.application_id) if row.application_id else None}
    await cases.add_event(session, row.case_id, "referral.received", row.person_id, detail=detail)
    session.audit_entries.append(Entry("referral.received", "case", row.case_id, caller.person_id, detail))


async def _begin(session: TenantSession, by: Caller | None, row: Referral, day: date) -> None:
    """Start the run. The referral stands whatever is wrong with the pathway: then somebody is told, and it waits."""
    run: PathwayRun | None = None
    try:
        with session.tentatively():
            run = await _start(session, by, row, day)
    except Exception:  # a child is referred even to a system that is out of order
        log.exception("referral_not_begun", case_id=str(row.case_id))
    if run is None:
        trouble = Trouble(AlarmKind.NO_PATHWAY, PATHWAY)
        await alarm(session, trouble, row.case_id, row.received_at, about=PATHWAY, drill=False)
        await owe(session, BEGIN_REFERRAL, row.id, due_at=row.received_at + LATER)


async def begin_late(session: TenantSession, referral_id: UUID) -> None:
    """Start the run that the receipt could not; its clocks count from the receipt all the same.

    Nothing is done once it runs, or its case is closed. Until an edition is in force it is tried again each hour;
    nobody is told a second time.
    """
    row = await session.get_one(Referral, (session.tenant_id, referral_id))
    case = await case_files.locked(session, row.case_id)
    there = (await runs.runs_of_cases(session, [case.id])).get(case.id, [])
    if case.state is not CaseState.OPEN or any(run.pathway == PATHWAY for run in there):
        return
    if await _start(session, None, row, await children.today(session)) is None:
        await owe(session, BEGIN_REFERRAL, row.id, due_at=await session.now() + LATER)


async def _start(session: TenantSession, by: Caller | None, row: Referral, day: date) -> PathwayRun | None:
    return await reported.start(
        session, by, row.case_id, report_of(row.told, day, row.received_at), f"referral:{row.id}"
    )
