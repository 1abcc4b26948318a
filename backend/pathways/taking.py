"""Take a step in a run: judged, kept, and followed through, all in the caller's transaction."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from backend.cases import naming
from backend.cases import repository as case_files
from backend.cases import service as cases
from backend.cases.models import CaseFile
from backend.clocks.recording import EVENT, Cause
from backend.kit.ids import uuid7
from backend.kit.problems import Conflict, FieldError, Invalid
from backend.kit.session import TenantSession
from backend.pathways import clockwork, duties, repository
from backend.pathways.casework_models import PathwayNotice
from backend.pathways.clock_gates import refuse_early
from backend.pathways.concluding import Ended, conclude
from backend.pathways.course import Step, advanced
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.effective import Effective
from backend.pathways.definitions.records import Channel, Notification
from backend.pathways.editions import repository as editions
from backend.pathways.editions.stored import effective_of
from backend.pathways.following import begun, events_of, outgoing, owed_again
from backend.pathways.judging import Act, judged
from backend.pathways.models import ActionKind, PathwayAction, PathwayRun, RunState
from backend.pathways.moments import NOW, MomentTold, moment_fault
from backend.pathways.noting import note
from backend.pathways.refusals import Refused, Why
from backend.pathways.standing import Standing, standing_of
from notifications.alerts.service import raise_alert

MOST_WHY: Final = 2_000


def confines(definition: Definition) -> bool:
    """Whether cases on the pathway are there for named people alone."""
    return any(limit.named_people for limit in definition.access)


async def take(
    session: TenantSession, at: Standing, act: Act, transaction_id: str, *, reason: str | None = None,
    moment: MomentTold = NOW, ahead: bool = False, answers_id: UUID | None = None, **detail: Any,
) -> PathwayAction:  # fmt: skip
    """Take the step that ``act`` is, once for the client's ``transaction_id``.

    Everything that the definition hangs on it follows: the stage, events at ``moment``, tasks, notifications. Only
    where it tells of an event that is to come may that lie ``ahead``.
    ``detail`` is kept with the action. Raises ``Refused``, ``Conflict`` for a transaction that was used in this run,
    ``Invalid`` for the moment.
    """
    if transaction_id in at.transactions:
        raise Conflict("This transaction has taken effect in this run before. Use a new one for a new action.")
    if fault := moment_fault(moment, "moment", at.now, ahead=ahead):
        raise Invalid([FieldError(fault.field.removeprefix("moment."), fault.message)])
    act = Act(act.kind, act.code, act.more, at.roles, str(at.by) if at.by else None)
    await _refuse_while_suspended(session, at, act)
    step = judged(at.definition, at.course, act)
    await refuse_early(session, at, step)
    action = _kept(session, at, step, transaction_id, reason, answers_id, detail)
    await _follow_through(session, at, step, action, moment)
    return action


async def _refuse_while_suspended(session: TenantSession, at: Standing, act: Act) -> None:
    """Nothing is built upon a decision that its definition suspends while somebody disagrees with it."""
    if act.kind in {ActionKind.DECIDED, ActionKind.MOVED, ActionKind.CLOSED, ActionKind.AUTHORISED}:
        disputed = await repository.suspended(session, at.run.id)
        if disputed is not None and disputed not in at.course.reopened:
            raise Refused(
                Why.DISPUTED, f"Somebody disagrees with the decision on {disputed}, which waits until that is settled.",
                disputed, ["run professional-differences"],
            )  # fmt: skip


def _kept(
    session: TenantSession, at: Standing, step: Step, transaction_id: str, reason: str | None,
    answers_id: UUID | None, detail: dict[str, Any],
) -> PathwayAction:  # fmt: skip
    kept = {name: value for name, value in step.kept().items() if name not in {"role", "person"}}
    action = PathwayAction(
        tenant_id=session.tenant_id, id=uuid7(), run_id=at.run.id, version=at.course.version + 1,
        transaction_id=transaction_id, kind=step.kind, role=step.role, detail={**detail, **kept}, reason=reason,
        answers_id=answers_id, acted_by=at.by, acted_at=at.now,
    )  # fmt: skip
    session.insert(action)
    at.transactions.add(transaction_id)
    return action


async def _follow_through(
    session: TenantSession, at: Standing, step: Step, action: PathwayAction, moment: MomentTold
) -> None:
    before, at.course = at.course, advanced(at.course, step)
    run, run_state = at.run, at.course
    run.version, run.stage = run_state.version, run_state.stage
    run.pending_id = None if run_state.pending is None else (run.pending_id or action.id)
    await duties.begin(session, at, begun(at.definition, before, at.course))
    if step.settles:
        await duties.settle_shown(session, at, step.settles, f"{step.kind.value} {step.code or ''}".strip())
    if step.owes:
        await duties.begin(session, at, owed_again(at.definition, step))
    events = events_of(at.definition, step)
    for code, source in events:
        await note(session, at, code, moment, source, source_id=action.id)
    await cases.record(session, run.case_id, f"pathway.{step.kind.value}", at.caller, run=run.id, pathway=run.pathway,
                       version=run.version, subject=step.code, stage=run.stage)  # fmt: skip
    await send(session, at, outgoing(at.definition, step, [code for code, _ in events]), action.transaction_id)
    if step.closes:
        run.state, run.closed_at, run.closed_by = RunState.CLOSED, at.now, at.by
        await duties.lapse(session, at, "The run was closed.")


async def send(
    session: TenantSession, at: Standing, wanted: Iterable[Notification], transaction_id: str, *,
    raised: Mapping[str, UUID | None] | None = None,
) -> None:  # fmt: skip
    """Give notifications their way: an alert is raised, a task made, and for a call or a letter a task to give it.

    ``raised`` holds, by type, alerts that went out before: they are what gave the notification, not another one.
    None for a type says that nobody could be told by it.
    """
    for one in wanted:
        if f"{transaction_id}:{one.id}" in at.transactions:
            continue
        if one.by is not Channel.ALERT:
            await duties.begin_notification(session, at, one)
        if one.by in {Channel.ALERT, Channel.TASK} and not at.course.closed:
            await _given(session, at, one, f"{transaction_id}:{one.id}", raised or {})


async def _given(
    session: TenantSession, at: Standing, one: Notification, transaction_id: str, raised: Mapping[str, UUID | None]
) -> None:
    """A notification that needs nobody to give it."""
    alert_id = None
    if one.by is Channel.ALERT:
        policy = str(one.policy)
        alert_id = raised[policy] if policy in raised else await _raised(session, at, one)
        if alert_id is None:
            return  # the configuration alarm has said so; nobody was told
    row = PathwayNotice(
        tenant_id=session.tenant_id, id=uuid7(), run_id=at.run.id, code=one.id, channel=one.by.value, given_to=None,
        alert_id=alert_id, given_by=at.by, given_at=at.now, recorded_at=at.now,
    )  # fmt: skip
    session.insert(row)
    await take(session, at, Act(ActionKind.NOTIFIED, one.id), transaction_id)


async def _raised(session: TenantSession, at: Standing, one: Notification) -> UUID | None:
    new = (row for row in session.inserted(CaseFile) if row.id == at.run.case_id)
    case = next(new, None) or await case_files.case(session, at.run.case_id)
    alert = await raise_alert(
        session, str(one.policy), subject_kind="case", subject_id=case.id, raised_by=at.by,
        **await naming.of_roles(session, case, one.to, confined=confines(at.definition)),
    )  # fmt: skip
    return alert.id if alert else None


async def abandon(session: TenantSession, at: Standing, transaction_id: str, reason: str) -> None:
    """Close a run wherever it stands, because what it was begun for did not come: no duty of it is owed any more.

    Its tasks lapse and its clocks are cancelled. Nothing happens in a run that is closed.
    """
    if at.course.closed:
        return
    step = Step(ActionKind.CLOSED, person=str(at.by) if at.by else None, closes=True, abandoned=True)
    action = _kept(session, at, step, transaction_id, reason, None, {})
    await _follow_through(session, at, step, action, NOW)
    await finish(session, at)


async def finish(session: TenantSession, at: Standing, cause: Cause = EVENT, *, why: str | None = None) -> None:
    """Bring tasks and clocks up to date with all that was done; the last act of each service on a run.

    What other packages keep for a run that has ended ends with it; ``why`` is said of one that no action closed.
    """
    await duties.give_unowned(session, at)
    await clockwork.wind(session, at.run, at.one, cause)
    await clockwork.wind_each(session, at.touched, cause)
    for run in (at.run, *at.ended.values()):
        one = at.one if run is at.run else effective_of(await editions.edition(session, run.edition_id))
        event = await clockwork.ended(session, run, one)
        if event is not None:
            await _close_if_over(session, at, run, one, event, cause)
        if event is not None or run.state is RunState.CLOSED:
            reason = why or await _why(session, run, one.definition, event)
            await conclude(session, Ended(run, at.caller, at.now, reason))


async def _close_if_over(
    session: TenantSession, at: Standing, run: PathwayRun, one: Effective, event: str, cause: Cause
) -> None:
    """Close a run that has ended with an event, in the name of whoever recorded that.

    It stays open while a clock outlasts it, or something in it has to be settled first; what settles that closes it.
    """
    if await clockwork.is_outlasted(session, run, one):
        return
    there = at if run is at.run else await standing_of(session, at.caller, run)
    try:
        await take(session, there, Act(ActionKind.CLOSED, event), f"ended:{run.id}")
    except Refused:
        return
    await clockwork.wind(session, run, one, cause)


async def _why(session: TenantSession, run: PathwayRun, definition: Definition, event: str | None) -> str:
    """Why a run has ended, in a sentence: by the event that ended it, or by what was said when it was closed."""
    if event is not None:
        named = next((one.title for one in definition.events if one.id == event), event)
        return f"{definition.title} has ended: {named}."
    said = (await repository.actions(session, run.id))[-1].reason
    return f"{definition.title} was closed: {said}"[:MOST_WHY] if said else f"{definition.title} was closed."
