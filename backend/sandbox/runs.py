"""Carry out a plan's deeds in a run, by the services that people's own work goes through, each at its own instant.

A case and its runs are made in one transaction, so that nothing is asked of the database between two deeds. What an
edition does not know, or does not allow yet, is left undone, as it would be by people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Final
from uuid import UUID

from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.pathways import duties, repository
from backend.pathways.casework_models import DecisionState, PathwayDecision, PathwayNotice, PathwayTask, TaskState
from backend.pathways.course import course_of, duty_keys
from backend.pathways.definitions.records import Information, Kind
from backend.pathways.following import opened, outgoing, told_by_form
from backend.pathways.judging import Act
from backend.pathways.models import ActionKind, PathwayAction, PathwayForm, PathwayRun, RunState, Source
from backend.pathways.moments import MomentTold
from backend.pathways.noting import note, note_fact, take_over
from backend.pathways.opening import Opened, first_stage
from backend.pathways.refusals import Refused, Why
from backend.pathways.standing import Standing, step_of, working
from backend.pathways.taking import send, take
from backend.sandbox.ground import Ground, Staff
from backend.sandbox.plans import Deed, Do, Leg
from backend.sandbox.ways import way

WORDS: Final = "Made up for a sandbox."
_TRIES: Final = 4


@dataclass
class Desk:
    """A generated case while it is worked on: whose it is, and the runs begun so far, by pathway."""

    session: TenantSession
    ground: Ground
    case_id: UUID
    worker: Staff
    lead: Staff
    chance: Random
    runs: dict[str, Standing] = field(default_factory=dict)


async def begin(
    desk: Desk, pathway: str, criteria: tuple[str, ...], at: datetime, *, variant: str | None = None,
    opened_from: tuple[UUID, UUID] | None = None,
) -> Standing | None:  # fmt: skip
    """A run in its first stage, or None where no edition of the pathway is in force."""
    session, edition = desk.session, desk.ground.editions.get(pathway)
    if edition is None:
        return None
    one, now = desk.ground.effective[pathway], session.know_now(at)
    met = [item.id for item in one.definition.entry.criteria if item.id in criteria]
    variant = variant if variant in {item.id for item in one.definition.entry.variants} else None
    run = PathwayRun(
        tenant_id=session.tenant_id, id=uuid7(), case_id=desk.case_id, edition_id=edition.id, pathway=pathway,
        kind=edition.kind, variant=variant, entry={"criteria": met, "reason": WORDS}, opened_at=now,
        opened_from_run_id=opened_from[0] if opened_from else None,
        opened_from_decision_id=opened_from[1] if opened_from else None, opened_by=desk.worker.person_id,
    )  # fmt: skip
    session.insert(run)
    practitioners = await working(session, desk.case_id)
    at_ = Standing(_caller(desk, one.definition, lead=False), run, edition, one, course_of(()), practitioners, now)
    desk.runs[pathway] = at_
    stage = first_stage(one.definition, met, variant)
    await take(session, at_, Act(ActionKind.STARTED, stage), _name(), reason=WORDS, moment=MomentTold(now))
    await take_over(session, at_)
    return at_


async def carry_out(desk: Desk, leg: Leg, deed: Deed | None) -> None:
    """Begin a leg's run, for None, or do one deed of it. A run that is closed, or never began, is left alone."""
    if deed is None:
        if leg.pathway not in desk.runs:
            await begin(desk, leg.pathway, leg.criteria, leg.begins, variant=leg.variant)
        return
    at = desk.runs.get(leg.pathway)
    if at is not None and at.run.state is RunState.OPEN:
        at.now = desk.session.know_now(deed.at)
        await _DOES[deed.do](desk, at, deed)


async def _event(desk: Desk, at: Standing, deed: Deed) -> None:
    if deed.code in {event.id for event in at.definition.events}:
        at.caller = _caller(desk, at.definition, lead=False)
        await note(desk.session, at, deed.code, MomentTold(deed.happened or deed.at), Source.HAND)
        await send(desk.session, at, outgoing(at.definition, None, [deed.code]), _name())


async def _go(desk: Desk, at: Standing, deed: Deed) -> None:
    await _along(desk, at, deed.code)


async def _close(desk: Desk, at: Standing, _deed: Deed) -> None:
    await _along(desk, at, None)


async def _along(desk: Desk, at: Standing, goal: str | None) -> None:
    for step in way(at.definition, at.course.stage, goal) or ():
        if step.decision is not None and step.option is not None:
            done = await _answered(desk, at, step.decision, (step.option,))
        else:
            act = Act(ActionKind.MOVED, step.to) if step.to else Act(ActionKind.CLOSED)
            done = await _taken(desk, at, act, lead=True) is not None
        if not done:
            return


async def _form(desk: Desk, at: Standing, deed: Deed) -> None:
    await _completed(desk, at, deed.code, deed.answers)


async def _completed(desk: Desk, at: Standing, code: str, answers: Mapping[str, Any]) -> bool:
    form = next((one for one in at.definition.forms if one.id == code), None)
    if form is None:
        return False
    items = {one.id: one for one in at.definition.information if one.id in form.information}
    wanted = {code for gate in at.definition.gates for code in gate.information}
    given = {code: value for code, value in answers.items() if code in items}
    given |= {
        code: _answer(item, at.now)
        for code, item in items.items()
        if code not in given and (item.never_empty or item.force == "must" or code in wanted)
    }
    action = await _taken(desk, at, Act(ActionKind.FORM_COMPLETED, code, tuple(given)), lead=False)
    if action is None:
        return False
    row = PathwayForm(
        tenant_id=desk.session.tenant_id, id=uuid7(), run_id=at.run.id, code=code, role=action.role, answers=given,
        completed_by=desk.worker.person_id, completed_at=at.now,
    )  # fmt: skip
    desk.session.insert(row)
    for item, value in given.items():
        note_fact(desk.session, at, item, value, form_id=row.id)
    happened = [event for event in told_by_form(at.definition, code) if not event.endswith("-due")]
    if len(told_by_form(at.definition, code)) > 1 and "telephoned" not in happened[0]:
        await note(desk.session, at, happened[0], MomentTold(at.now), Source.FORM, source_id=action.id)
    return True


def _answer(item: Information, now: datetime) -> Any:  # JSON, as the item's kind has it
    fits: dict[Kind, Any] = {
        Kind.YES_NO: False, Kind.CHOICE: item.choices[:1], Kind.CHOICES: list(item.choices[:1]), Kind.NUMBER: 1,
        Kind.DATE: now.date().isoformat(), Kind.INSTANT: now.isoformat(),
    }  # fmt: skip
    value = fits.get(item.kind, WORDS)
    return value[0] if item.kind is Kind.CHOICE else value


async def _notice(desk: Desk, at: Standing, deed: Deed) -> None:
    one = next((item for item in at.definition.notifications if item.id == deed.code), None)
    if one is None or await _taken(desk, at, Act(ActionKind.NOTIFIED, deed.code), lead=False) is None:
        return
    row = PathwayNotice(
        tenant_id=desk.session.tenant_id, id=uuid7(), run_id=at.run.id, code=one.id, channel=one.by.value,
        given_to="Whoever it is for", given_by=desk.worker.person_id, given_at=at.now, recorded_at=at.now,
    )  # fmt: skip
    desk.session.insert(row)
    await duties.settle_notification(desk.session, at, one.id, "recorded as given")


async def _meeting(desk: Desk, at: Standing, deed: Deed) -> None:
    await _taken(desk, at, Act(ActionKind.MEETING_HELD, deed.code), lead=True)


async def _decide(desk: Desk, at: Standing, deed: Deed) -> None:
    await _answered(desk, at, deed.code, deed.options)


async def _answered(desk: Desk, at: Standing, code: str, options: tuple[str, ...]) -> bool:
    action = await _taken(desk, at, Act(ActionKind.DECIDED, code, options), lead=True)
    if action is None:
        return False
    step = step_of(action)
    row = PathwayDecision(
        tenant_id=desk.session.tenant_id, id=uuid7(), run_id=at.run.id, action_id=action.id, code=code,
        options=list(options), reasons=WORDS, state=DecisionState.TAKEN, role=str(action.role),
        decided_by=desk.lead.person_id, decided_at=at.now,
    )  # fmt: skip
    desk.session.insert(row)
    came = Opened()
    for pathway in opened(at.definition, step):
        await _open(desk, at, pathway, row.id, came)
    row.follows = {"enters": step.enters, "closes": step.closes, **came.kept()}
    return True


async def _open(desk: Desk, at: Standing, pathway: str, decision_id: UUID, came: Opened) -> None:
    running = desk.runs.get(pathway)
    edition = desk.ground.editions.get(pathway)
    if running is not None and running.run.state is RunState.OPEN:
        came.running[pathway] = str(running.run.id)
    elif edition is not None and pathway not in desk.runs and desk.ground.effective[pathway].definition.runs_on_cases:
        begun = await begin(desk, pathway, (), at.now, opened_from=(at.run.id, decision_id))
        came.started[pathway] = str(begun.run.id) if begun else ""
    else:
        came.not_in_force.append(pathway)


async def _taken(desk: Desk, at: Standing, act: Act, *, lead: bool) -> PathwayAction | None:
    """The step, with whatever gates ask for supplied first; None where it is refused all the same."""
    at.caller = _caller(desk, at.definition, lead=lead)
    for _ in range(_TRIES):
        try:
            return await take(desk.session, at, act, _name(), reason=WORDS, moment=MomentTold(at.now))
        except Refused as refusal:
            if not await _made_up_for(desk, at, refusal):
                return None
            at.caller = _caller(desk, at.definition, lead=lead)
    return None


async def _made_up_for(desk: Desk, at: Standing, refusal: Refused) -> bool:
    """Supply what a gate, or the end of a run, waits for."""
    if refusal.why not in {Why.GATE, Why.DUTIES} or not refusal.missing:
        return False
    for missing in refusal.missing:
        kind, _, code = missing.partition(" ")
        if not await (_happened(desk, code) if kind == "event" else _supplied(desk, at, kind, code)):
            return False
    return True


async def _supplied(desk: Desk, at: Standing, kind: str, code: str) -> bool:
    match kind:
        case "form":
            return await _completed(desk, at, code, {})
        case "information":
            form = next((one.id for one in at.definition.forms if code in one.information), None)
            return form is not None and await _completed(desk, at, form, {})
        case "notification":
            await _notice(desk, at, Deed(Do.NOTICE, code, at.now))
        case "meeting":
            await _meeting(desk, at, Deed(Do.MEETING, code, at.now))
        case "sign-off":
            return await _taken(desk, at, Act(ActionKind.SIGNED_OFF, code), lead=True) is not None
        case "obligation":
            return await _settled(desk, at, code)
        case _:
            return False
    return True


async def _happened(desk: Desk, code: str) -> bool:
    """Record by hand what a gate of a clock waits for, in whichever run of the case asks for it."""
    for other in desk.runs.values():
        if other.run.state is RunState.OPEN and any(one.id == code for one in other.definition.events):
            await note(desk.session, other, code, MomentTold(await desk.session.now()), Source.HAND)
            return True
    return False


async def _settled(desk: Desk, at: Standing, code: str) -> bool:
    duty = next(one for one in at.definition.obligations if one.id == code)
    for key in [key for key in duty_keys(duty) if key not in at.course.duties]:
        act = Act(ActionKind.DUTY_SETTLED, key, (TaskState.DONE.value,))
        if await _taken(desk, at, act, lead=False) is None:
            return False
    for task in await repository.of_run(desk.session, PathwayTask, at.run.id):
        if task.code == code and task.state is TaskState.OPEN:
            duties.close(task, at, TaskState.DONE, evidence=WORDS)
    return True


def _caller(desk: Desk, definition: Any, *, lead: bool) -> Caller:
    return desk.ground.caller(desk.lead if lead else desk.worker, desk.ground.roles[definition.id])


def _name() -> str:
    """What a client would call its action."""
    return f"sandbox:{uuid7()}"


_DOES: Final = {
    Do.EVENT: _event, Do.GO: _go, Do.FORM: _form, Do.NOTICE: _notice, Do.MEETING: _meeting, Do.DECIDE: _decide,
    Do.CLOSE: _close,
}  # fmt: skip
