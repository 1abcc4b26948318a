"""A referral that needs urgent action calls social care at once, day and night, and gives the numbers to telephone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from backend.cases import repository as cases
from backend.cases.models import CaseState
from backend.kit.problems import Invalid
from backend.kit.session import TenantSession
from backend.kit.tasks import PAGES, Actor, owe
from backend.pathways import repository as runs
from backend.pathways.models import PathwayEvent, RunState
from backend.pathways.moments import standing
from backend.referrals.models import Referral
from backend.referrals.told import PATHWAY, ReferralState, is_urgent, state_of
from notifications.alerts import repository as alerts
from notifications.alerts.models import AlarmKind, Alert
from notifications.alerts.paging import Trouble
from notifications.alerts.raising import alarm, raise_alert
from notifications.ladders import repository as ladders
from notifications.who_to_call import service as directory
from notifications.who_to_call.resolver import Call
from notifications.who_to_call.service import Question
from tenants.contacts.service_models import PointKind, Visibility

log = structlog.get_logger(__name__)

URGENT_REFERRAL: Final = "urgent-referral"
"""The type of alert, by whose policy the partnership says who is called in hours and out of them."""
CALL_TO_REFERRAL: Final = Actor("call_to_urgent_referral", PAGES)
LATER: Final = timedelta(minutes=10)
"""How long until it is tried again where nobody could be called: somebody has been told and has to set up who is."""
ABOUT: Final = "safeguarding-referral"
"""What a service of the directory answers about that takes referrals."""


@dataclass(frozen=True, slots=True)
class UrgentTold:
    """What whoever referred is told: since when social care is being called, None where nobody is, and the numbers."""

    called_at: datetime | None
    telephone: tuple[Call, ...]


async def call(session: TenantSession, row: Referral, area_id: UUID) -> None:
    """Call whom the partnership's policy names for the area, with the receipt (Working Together 2005 ¶4.17, 4.36).

    The referral stands whatever is wrong with the set-up: where nobody can be called, the partnership's
    configuration owner is told, and it is tried again until somebody is called or has taken the referral up.
    """
    raised: Alert | None = None
    try:
        with session.tentatively():
            raised = await _raised(session, row, area_id)
    except Exception:  # a child is referred even to a system that is out of order
        log.exception("urgent_referral_not_called", case_id=str(row.case_id))
        trouble = Trouble(AlarmKind.POLICY_FAULT, URGENT_REFERRAL)
        await alarm(session, trouble, row.case_id, row.received_at, about=URGENT_REFERRAL, drill=False)
    if raised is None:
        await owe(session, CALL_TO_REFERRAL, row.id, due_at=row.received_at + LATER)


async def call_late(session: TenantSession, referral_id: UUID) -> None:
    """Make the call that the receipt could not.

    Nothing is done once it was made, somebody has answered the referrer or decided, or the case is closed. Until a
    policy is in force it is tried again; nobody is told a second time that there is none.
    """
    row = await session.get_one(Referral, (session.tenant_id, referral_id))
    case = await cases.locked(session, row.case_id)
    if case.state is not CaseState.OPEN or await _called(session, row) or await _taken_up(session, row):
        return
    area_id = case.area_id
    in_force = await ladders.plans_in_force(session, URGENT_REFERRAL)
    if in_force is None or area_id is None or await _raised(session, row, area_id) is None:
        await owe(session, CALL_TO_REFERRAL, row.id, due_at=await session.now() + LATER)


async def told(session: TenantSession, row: Referral) -> UrgentTold | None:
    """What the referrer is told of the call, and the numbers that are answered now; None for one without urgency.

    The numbers are those that everybody may see, of the services in the area that take referrals, in the order in
    which to try them.
    """
    if not is_urgent(row.told):
        return None
    found = await _called(session, row)
    case = await cases.case(session, row.case_id)
    try:
        answer = await directory.ask(session, Question(ABOUT, case.area_id), [Visibility.PUBLIC])
    except Invalid:  # the partnership has entered nobody who takes referrals
        return UrgentTold(found.accepted_at if found else None, ())
    numbers = tuple(one for one in answer.calls if one.point.kind is PointKind.PHONE)
    return UrgentTold(found.accepted_at if found else None, numbers)


async def _raised(session: TenantSession, row: Referral, area_id: UUID) -> Alert | None:
    return await raise_alert(
        session, URGENT_REFERRAL, subject_kind="case", subject_id=row.case_id, area_ids=[area_id],
        raised_by=row.person_id,
    )  # fmt: skip


async def _called(session: TenantSession, row: Referral) -> Alert | None:
    """The alert that was raised for the referral, if one was."""
    about = (await alerts.by_subject(session, [row.case_id])).get(row.case_id, [])
    return next((one for one in about if one.type == URGENT_REFERRAL), None)


async def _taken_up(session: TenantSession, row: Referral) -> bool:
    """Whether somebody of social care has answered the referrer, decided, or closed the run."""
    there = (await runs.runs_of_cases(session, [row.case_id])).get(row.case_id, [])
    run = next((one for one in there if one.pathway == PATHWAY), None)
    if run is None:
        return False
    events = [one.code for one in standing(await runs.of_run(session, PathwayEvent, run.id))]
    return state_of(closed=run.state is RunState.CLOSED, events=events) is not ReferralState.RECEIVED
