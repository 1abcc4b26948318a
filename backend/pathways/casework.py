"""Move a run on, complete forms, give notifications, sign off, open gates, close: what people do in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.problems import FieldError, Invalid
from backend.kit.session import TenantSession
from backend.kit.texts import text_fault, text_faults
from backend.pathways import duties, repository
from backend.pathways.casework_models import PathwayNotice, PathwaySignOff
from backend.pathways.clock_gates import refuse_events, refuse_unless_shut
from backend.pathways.definitions.faults import choose
from backend.pathways.definitions.records import Form
from backend.pathways.departing import DepartureTold, depart
from backend.pathways.following import outgoing, recorded_alone
from backend.pathways.forms import FormTold, answer_faults, filled, moment_faults, moments_told
from backend.pathways.gates import gate_of
from backend.pathways.judging import Act
from backend.pathways.models import ActionKind, PathwayAction, PathwayEvent, PathwayForm, PathwayRun, Source
from backend.pathways.moments import MomentTold, to_come
from backend.pathways.noting import note, note_fact
from backend.pathways.standing import Standing, entered
from backend.pathways.taking import finish, send, take


@dataclass(frozen=True, slots=True)
class Known:
    """What a client knew of the run when it asked, and its own name for the action."""

    version: int | None
    transaction_id: str


@dataclass(frozen=True, slots=True)
class NoticeTold:
    """Who was told, when, and whether they said that they had it."""

    code: str
    given_to: str
    given_at: datetime | None = None
    acknowledged: bool = False
    note: str | None = None


async def move(
    session: TenantSession, caller: Caller, run_id: UUID, stage: str, moment: MomentTold, reason: str | None,
    known: Known,
) -> PathwayRun:  # fmt: skip
    """Take the run to a stage that the present one leads to. Raises as ``entered`` and ``take`` do."""
    at = await entered(session, caller, run_id, version=known.version)
    _refuse(text_faults(reason=(reason, 2_000)))
    act = Act(ActionKind.MOVED, stage)
    await take(session, at, act, known.transaction_id, reason=reason, moment=moment)
    await finish(session, at)
    return at.run


async def complete_form(
    session: TenantSession, caller: Caller, run_id: UUID, told: FormTold, form_id: UUID, known: Known
) -> PathwayForm:
    """Record a form. It settles the duties it shows to be done, and records the events that it tells of.

    An event happened when the form says it did (``forms.moments_told``); one that it alone records and says nothing
    of, when the form was made, or not at all if it may lie ahead. Raises as ``entered`` and ``take`` do, and
    ``Invalid`` with every item that is missing or does not fit.
    """
    at = await entered(session, caller, run_id, version=known.version)
    form = next((one for one in at.definition.forms if one.id == told.code), None)
    if form is None:
        raise Invalid(
            [FieldError("form", f"is no form here; {choose(told.code, [f.id for f in at.definition.forms])}")]
        )
    _refuse(answer_faults(at.definition, form, told.answers) + moment_faults(at.definition, told, at.now))
    row = await complete(session, at, form, told, form_id, known.transaction_id)
    await finish(session, at)
    return row


async def complete(
    session: TenantSession, at: Standing, form: Form, told: FormTold, form_id: UUID, transaction_id: str
) -> PathwayForm:
    """A form whose answers are known to be right; ``finish`` is still to be called. Raises as ``take`` does."""
    given = filled(told.answers)
    row = PathwayForm(
        tenant_id=session.tenant_id, id=form_id, run_id=at.run.id, code=told.code, answers=given,
        role=next((role for role in form.roles if role in at.roles), None), completed_by=at.by, completed_at=at.now,
    )  # fmt: skip
    session.insert(row)
    for code, value in given.items():
        note_fact(session, at, code, value, form_id=form_id)
    act = Act(ActionKind.FORM_COMPLETED, told.code, tuple(given))
    moments, recorded = moments_told(at.definition, told), recorded_alone(at.definition, told.code)
    alone = moments.get(recorded) if recorded is not None else None
    if recorded is None:  # ``take`` knows only of one that a form alone records
        await refuse_events(session, at, moments)
    action = await take(session, at, act, transaction_id, moment=alone or told.moment, ahead=alone is not None)
    if recorded is None:
        await _note_each(session, at, moments, action, form)
        await send(session, at, outgoing(at.definition, None, moments), f"form:{form_id}")
    return row


async def _note_each(
    session: TenantSession, at: Standing, moments: Mapping[str, MomentTold], action: PathwayAction, form: Form
) -> None:
    """Record the events of a form. A day that is named anew while it lies ahead is put off, and is no second one."""
    planned = {event.id for event in at.definition.events if event.ahead}
    known = to_come(await repository.of_run(session, PathwayEvent, at.run.id), at.now)
    for code, moment in moments.items():
        before = known.get(code) if code in planned else None
        if before is None:
            await note(session, at, code, moment, Source.FORM, source_id=action.id)
        elif (before.occurred_at, before.occurred_on) != (moment.at, moment.on):
            await note(session, at, code, moment, Source.FORM, source_id=action.id, corrects=before, reason=form.title)


async def give_notice(
    session: TenantSession, caller: Caller, run_id: UUID, told: NoticeTold, notice_id: UUID, known: Known
) -> PathwayNotice:
    """Record that somebody was told, by a call, a letter or papers: to whom, when, and whether they have it.

    Raises as ``entered`` and ``take`` do, and ``Invalid``.
    """
    at = await entered(session, caller, run_id, version=known.version)
    one = next((item for item in at.definition.notifications if item.id == told.code), None)
    faults = text_faults(note=(told.note, 2_000))
    if fault := text_fault("givenTo", told.given_to, 300):
        faults.append(fault)
    if one is None:
        codes = [item.id for item in at.definition.notifications]
        faults.append(FieldError("notification", f"is no notification here; {choose(told.code, codes)}"))
    given_at = told.given_at or at.now
    if given_at > at.now or given_at < at.run.opened_at.replace(year=at.run.opened_at.year - 1):
        faults.append(FieldError("givenAt", "must not lie in the future, nor long before the run began"))
    if faults or one is None:
        raise Invalid(faults)
    row = PathwayNotice(
        tenant_id=session.tenant_id, id=notice_id, run_id=run_id, code=told.code, channel=one.by.value,
        given_to=told.given_to, acknowledged=told.acknowledged, note=told.note, given_by=caller.person_id,
        given_at=given_at, recorded_at=at.now,
    )  # fmt: skip
    session.insert(row)
    act = Act(ActionKind.NOTIFIED, told.code)
    await take(session, at, act, known.transaction_id, moment=MomentTold(given_at))
    await duties.settle_notification(session, at, told.code, "recorded as given")
    await finish(session, at)
    return row


async def hold_meeting(
    session: TenantSession, caller: Caller, run_id: UUID, code: str, held_at: datetime, known: Known
) -> PathwayRun:
    """Record that a meeting of the definition was held. Raises as ``entered`` and ``take`` do."""
    at = await entered(session, caller, run_id, version=known.version)
    await take(session, at, Act(ActionKind.MEETING_HELD, code), known.transaction_id, moment=MomentTold(held_at))
    await finish(session, at)
    return at.run


async def sign_off(
    session: TenantSession, caller: Caller, run_id: UUID, code: str, note_: str | None, sign_off_id: UUID, known: Known
) -> PathwaySignOff:
    """Approve by name, in a role that may. Nobody signs off their own work, unless the definition says so.

    Raises as ``entered`` and ``take`` do.
    """
    at = await entered(session, caller, run_id, version=known.version)
    _refuse(text_faults(note=(note_, 2_000)))
    action = await take(session, at, Act(ActionKind.SIGNED_OFF, code), known.transaction_id, reason=note_)
    row = PathwaySignOff(
        tenant_id=session.tenant_id, id=sign_off_id, run_id=run_id, code=code, role=str(action.role), note=note_,
        signed_by=caller.person_id, signed_at=at.now,
    )  # fmt: skip
    session.insert(row)
    await finish(session, at)
    return row


async def open_gate(
    session: TenantSession, caller: Caller, run_id: UUID, code: str, reason: str, known: Known
) -> PathwayAction:
    """Let the run go on without what a gate asks for, on the authority that the gate names, with reasons.

    A gate of the clocks is gone through as a departure, which waits for authority beside it. Raises as ``entered`` and
    ``take`` do, ``Invalid`` without a reason.
    """
    at = await entered(session, caller, run_id, version=known.version)
    _refuse([fault] if (fault := text_fault("reason", reason, 2_000)) else [])
    gate = gate_of(at.definition, code)
    if gate is not None:
        await refuse_unless_shut(session, at, gate)
    action = await take(session, at, Act(ActionKind.GATE_OPENED, code), known.transaction_id, reason=reason)
    if gate is not None:
        told = DepartureTold("clock", gate.id, f"It was gone on without this: {gate.action}"[:2_000], reason)
        await depart(session, at, caller, told, uuid7())
    await finish(session, at)
    return action


async def close(session: TenantSession, caller: Caller, run_id: UUID, reason: str, known: Known) -> PathwayRun:
    """Close the run in a stage where a case may end. Open tasks lapse; what must be done is settled before.

    Raises as ``entered`` and ``take`` do, ``Invalid`` without a reason.
    """
    at = await entered(session, caller, run_id, version=known.version)
    _refuse([fault] if (fault := text_fault("reason", reason, 2_000)) else [])
    await take(session, at, Act(ActionKind.CLOSED), known.transaction_id, reason=reason)
    await finish(session, at)
    return at.run


def _refuse(faults: list[FieldError]) -> None:
    if faults:
        raise Invalid(faults)
