"""A transfer in the run of each side: its start, its events and its facts, through the engine that people use."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from backend.cases import service as cases
from backend.clocks.recording import EVENT, Cause
from backend.identity.policies import Caller
from backend.kit.session import TenantSession
from backend.kit.tasks import NOTICES, Actor, owe
from backend.pathways import duties, reported, repository
from backend.pathways.following import outgoing
from backend.pathways.judging import Act
from backend.pathways.models import ActionKind, PathwayEvent, PathwayRun, RunState, Source
from backend.pathways.moments import MomentTold, standing
from backend.pathways.noting import note, note_fact
from backend.pathways.reported import ReportTold
from backend.pathways.standing import Standing, standing_of
from backend.pathways.taking import finish, send, take
from backend.sharing import repository as transfers
from backend.sharing.kinds import FORMS, Course
from backend.sharing.models import PartnershipTransfer
from backend.sharing.states import State
from notifications.alerts.models import AlarmKind
from notifications.alerts.paging import Trouble
from notifications.alerts.raising import alarm
from tenants.partnerships import repository as partnerships

log = structlog.get_logger(__name__)

BEGIN_TRANSFER: Final = Actor("begin_transfer", NOTICES)
LATER: Final = timedelta(hours=1)
"""How long until it is tried again where no edition is in force: somebody has been told and has to approve one."""
NOTIFIED_BY: Final = "transfer between partnerships"


async def begin_at_sender(session: TenantSession, caller: Caller, row: PartnershipTransfer) -> UUID | None:
    """Record the move in the case's open run of the pathway, or in one that is started for it. Returns the run.

    None where the kind has no run, or the partnership no edition of the pathway in force: the notice goes all the
    same, and nobody is kept waiting for a definition.
    """
    form = FORMS[row.kind]
    if form.sender is None:
        return None
    moments: dict[str, datetime | date] = {}
    if form.sender.known is not None:
        moments[form.sender.known] = row.move_known_at or row.offered_at
    if form.sender.moves is not None and row.move_on is not None:
        moments[form.sender.moves] = row.move_on
    open_run = next(
        (run for run in await repository.open_runs(session, row.case_id) if run.pathway == form.pathway), None
    )
    if open_run is None:
        told = ReportTold(form.pathway, await _today(session), form.sender.criteria)
        started = await reported.start(session, caller, row.case_id, told, f"transfer:{row.id}")
        if started is None:
            return None
        await session.flush()
        open_run = started
    await _record(session, open_run.id, moments, f"transfer:{row.id}:offered", caller=caller)
    return open_run.id


async def begin_at_receiver(session: TenantSession, row: PartnershipTransfer, received_at: datetime) -> UUID | None:
    """Start the receiver's own run, whose clocks count from the receipt. Returns the run.

    The notice stands whatever is wrong with the pathway: without an edition in force, or with one that cannot be
    run, nothing of a run is kept, the partnership's configuration owner is told, and the run begins as soon as it
    can.
    """
    form = FORMS[row.kind]
    if form.receiver is None:
        return None
    run = None
    try:
        with session.tentatively():
            run = await _begin(session, row, form.pathway, form.receiver, received_at)
    except Exception:  # a child's move is accepted even by a system that is out of order
        log.exception("transfer_not_begun", transfer_id=str(row.id))
    if run is None:
        trouble = Trouble(AlarmKind.NO_PATHWAY, form.pathway)
        await alarm(session, trouble, row.case_id, received_at, about=form.alert, drill=False)
        await owe(session, BEGIN_TRANSFER, row.id, due_at=received_at + LATER)
        return None
    await _say_when(session, row, run.id, form.receiver)
    return run.id


async def begin_late(session: TenantSession, transfer_id: UUID) -> None:
    """Start the run that the receipt could not; its clocks count from the receipt all the same.

    Nothing is done once it runs or the transfer has ended. Until an edition is in force it is tried again each
    hour; nobody is told a second time.
    """
    row = await transfers.transfer(session, transfer_id, lock=True)
    form = FORMS[row.kind]
    if row.run_id is not None or form.receiver is None or row.state in {State.REFUSED, State.WITHDRAWN}:
        return
    run = await _begin(session, row, form.pathway, form.receiver, row.received_at or row.offered_at)
    if run is None:
        await owe(session, BEGIN_TRANSFER, row.id, due_at=await session.now() + LATER)
        return
    row.run_id = run.id
    await _say_when(session, row, run.id, form.receiver)


async def _begin(
    session: TenantSession, row: PartnershipTransfer, pathway: str, course: Course, at: datetime
) -> PathwayRun | None:
    events = {code: at for code in (course.received, course.known) if code is not None}
    told = ReportTold(pathway, await _today(session), course.criteria, course.variant, events)
    return await reported.start(session, None, row.case_id, told, f"transfer:{row.id}")


async def _say_when(session: TenantSession, row: PartnershipTransfer, run_id: UUID, course: Course) -> None:
    """The day of the move, which a new run is told only once it is stored."""
    await session.flush()
    if course.moves is not None and row.move_on is not None:
        await _record(session, run_id, {course.moves: row.move_on}, f"transfer:{row.id}:moves")


async def received(session: TenantSession, row: PartnershipTransfer, at: datetime) -> None:
    """Record in the sender's run that the other side has the notification, by which its duty to notify is done."""
    facts = {"notification-receipt": at.isoformat(), "notification-time": row.offered_at.isoformat()}
    await tell(session, row, "received", {}, facts, notice=FORMS[row.kind].notice, at=at)


async def tell(
    session: TenantSession, row: PartnershipTransfer, name: str, events: Mapping[str, datetime | date],
    facts: Mapping[str, Any] | None = None, *, notice: str | None = None, meeting: str | None = None,
    at: datetime | None = None,
) -> None:  # fmt: skip
    """Record events and facts in this side's run, those that its edition knows; a closed run is left as it is.

    ``name`` names the telling: once it took effect, it does so no more. ``notice`` and ``meeting`` were given and
    held ``at`` an instant.
    """
    if row.run_id is not None:
        await _record(
            session, row.run_id, events, f"transfer:{row.id}:{name}", facts=facts or {}, notice=notice,
            meeting=meeting, at=at,
        )  # fmt: skip


async def withdraw_receipt(session: TenantSession, row: PartnershipTransfer, reason: str) -> None:
    """Take back in the receiver's run what the clocks count from: nothing is owed on what is not coming."""
    course = FORMS[row.kind].receiver
    if row.run_id is None or course is None:
        return
    wanted = {code for code in (course.received, course.known, course.moves) if code is not None}
    run = await repository.locked(session, row.run_id)
    if run.state is not RunState.OPEN:
        return
    at = await standing_of(session, None, run)
    for event in standing(await repository.of_run(session, PathwayEvent, run.id)):
        if event.code in wanted:
            await note(
                session, at, event.code, MomentTold(), Source.ELSEWHERE, corrects=event, withdrawn=True, reason=reason
            )
    await finish(session, at, Cause("correction", None, reason))


async def moment_of(session: TenantSession, row: PartnershipTransfer, code: str) -> datetime | None:
    """When an event happened by this side's run; None where it is not recorded, or only to come."""
    if row.run_id is None:
        return None
    found = [
        event.occurred_at
        for event in standing(await repository.of_run(session, PathwayEvent, row.run_id))
        if event.code == code and event.occurred_at is not None and not event.anticipated
    ]
    return max(found, default=None)


async def _record(
    session: TenantSession, run_id: UUID, events: Mapping[str, datetime | date], transaction_id: str, *,
    caller: Caller | None = None, facts: Mapping[str, Any] | None = None, notice: str | None = None,
    meeting: str | None = None, at: datetime | None = None,
) -> None:  # fmt: skip
    run = await repository.locked(session, run_id)
    if run.state is not RunState.OPEN:
        return
    stands = await standing_of(session, caller, run)
    moment = MomentTold(at=at)
    if notice is not None and any(one.id == notice for one in stands.definition.notifications):
        await _take(session, stands, Act(ActionKind.NOTIFIED, notice), f"{transaction_id}:notice", moment)
        await duties.settle_notification(session, stands, notice, NOTIFIED_BY)
    if meeting is not None and any(one.id == meeting for one in stands.definition.meetings):
        await _take(session, stands, Act(ActionKind.MEETING_HELD, meeting), f"{transaction_id}:meeting", moment)
    known = {one.id for one in stands.definition.events}
    there = {event.code for event in standing(await repository.of_run(session, PathwayEvent, run_id))}
    new = [code for code in events if code in known and code not in there]
    for code in new:
        await note(session, stands, code, _moment(events[code]), Source.ELSEWHERE)
    items = {one.id for one in stands.definition.information}
    for code, value in (facts or {}).items():
        if code in items:
            note_fact(session, stands, code, value)
    await send(session, stands, outgoing(stands.definition, None, new), transaction_id)
    await finish(session, stands, EVENT)


async def _take(session: TenantSession, at: Standing, act: Act, transaction_id: str, moment: MomentTold) -> None:
    if transaction_id not in at.transactions:
        await take(session, at, act, transaction_id, moment=moment)


def _moment(told: datetime | date) -> MomentTold:
    return MomentTold(at=told) if isinstance(told, datetime) else MomentTold(on=told.isoformat())


async def local_day(session: TenantSession, at: datetime) -> date:
    """The day an instant falls on in this side's zone."""
    return cases.local_day(at, (await partnerships.own(session)).zone)


async def _today(session: TenantSession) -> date:
    return await local_day(session, await session.now())
