"""A pathway and a meeting of it in which everything happens that may."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from backend.cases.people import practitioners
from backend.clocks.models import Change, Clock, ClockChange, ClockNotice, Step, Why
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.meetings import (
    acting,
    answering,
    calling,
    calling_off,
    circulating,
    correcting,
    holding,
    minutes,
    recalling,
)
from backend.meetings import repository as meetings
from backend.meetings.acting import ActionTold
from backend.meetings.agenda import OutcomeTold
from backend.meetings.answering import AnswerTold
from backend.meetings.calling import CallTold, PlanTold
from backend.meetings.circulating import CopyTold
from backend.meetings.holding import AttendanceTold, HeldTold
from backend.meetings.inviting import InviteeTold
from backend.meetings.minutes import MinutesTold
from backend.meetings.models import ItemState, MeetingInvitation, MeetingItem
from backend.meetings.record_models import Answer, Attendance
from backend.pathways import casework, deciding, departing, disagreeing, opening, overlaying, recording
from backend.pathways.casework_models import DecisionState, PathwayDecision, PathwayOverlay, PathwayTask
from backend.pathways.forms import FormTold
from backend.pathways.models import PathwayAction, PathwayEdition, PathwayRun, RunState
from backend.pathways.moments import MomentTold
from backend.registers.plans.repository import REVIEWS
from notifications.deliveries.models import Delivery
from support.casework import put_in_force
from support.meetings import CODE, PATHWAY, arrived

WHOLE = "whole-enquiry"
_MANAGER = "social-care-manager"
_SAID: dict[str, Any] = {"force": "must", "citation": PATHWAY["citation"]}
_MEETING: dict[str, Any] = PATHWAY["meetings"][0]
PATHWAY_IN_FULL: dict[str, Any] = {
    **PATHWAY, "id": WHOLE,
    "entry": {**PATHWAY["entry"], "variants": [
        {"id": "urgent", "title": "Urgent", "text": "Tonight.", "citation": PATHWAY["citation"]},
    ]},
    "events": [*PATHWAY["events"], {"id": "child-away", "title": "Away", "recorded_by": [{"by_hand": _MANAGER}]},
               {"id": "child-back", "title": "Back", "recorded_by": [{"by_hand": _MANAGER}]}],
    "clocks": [
        {**PATHWAY["clocks"][0], "authority": "Board minute 1", "pauses": [
            {"reason": "child-away", "begins": "child-away", "ends": "child-back", "citation": PATHWAY["citation"]},
        ]},
        PATHWAY["clocks"][1],
        {**PATHWAY["clocks"][0], "id": REVIEWS[0], "met_by": "child-back"},
    ],
    "information": [{"id": "seen", "label": "Seen", "from_meeting": {"tells": ["attended"]}},
                    {"id": "heard", "label": "Heard", "force": "must"},
                    {"id": "said", "label": "Said", "force": "must"}],
    "forms": [
        {"id": code, "title": "Record", "roles": [_MANAGER], "information": asked, "citation": PATHWAY["citation"]}
        for code, asked in (("record", ["seen", "heard"]), ("minutes", ["seen", "said"]))
    ],
    "sign_offs": [{"id": "agreed", "text": "Agreed.", "roles": [_MANAGER], "own_work": True, **_SAID}],
    "notifications": [{"id": "tell", "title": "Tell", "to": ["sio"], "by": "call", "when": "At once", **_SAID}],
    "gates": [{"id": "heard", "text": "Hear the child.", "before": "Leave", "forms": ["minutes"],
               "unless": "In danger", "authority": _MANAGER, **_SAID}],
    "prohibitions": [
        {"id": "mediation", "permission": "restricted", "text": "Ask.", "authority": "sio", **_SAID},
        {"id": "visits", "permission": "restricted", "text": "Two go.", "roles": ["sio"], "only_if": "Two go",
         "authority": "sio", **_SAID},
    ],
    "decisions": [
        {**PATHWAY["decisions"][0], "authority": "sio"},
        {**PATHWAY["decisions"][0], "id": "leave", "authority": "sio", "options": [
            {"id": "leave", "text": "Leave.", "authority": "sio", "goes_to": "strategy"},
            {"id": "stay", "text": "Stay.", "stays": True, "when": "Safe", "opens": ["forced-marriage"]},
        ]},
        {**PATHWAY["decisions"][0], "id": "meet", "repeats": True},
    ],
    "meetings": [{
        **_MEETING, "aliases": ["Strategy meeting"], "invited_if": "Known", "mode_rule": "Never by telephone.",
        "skipped_if": "In danger", "clocks": [],
        "agenda": [{"text": "What is known", "citation": PATHWAY["citation"]}, *_MEETING["agenda"][1:]],
        "minutes": {"by": _MANAGER, "form": "minutes", "rules": ["Say who."], "citation": PATHWAY["citation"]},
        "circulation": [*_MEETING["circulation"], {"what": "A summary", "to": ["paediatrician"], "withheld": "Names",
                                                   "citation": PATHWAY["citation"]}],
    }],
}  # fmt: skip


async def seed_whole_course(session: TenantSession, caller: Caller, other: Caller, case_id: UUID) -> None:
    """The newest three runs: one with all that a run has, one that settled a disagreement, and an overlay's."""
    caller = replace(caller, roles=("duty_manager",))  # who has every role needs no authority
    await put_in_force(session, PATHWAY_IN_FULL)
    for role, person in ((_MANAGER, caller), ("sio", other)):
        told = practitioners.AssignmentTold(role, person_id=person.person_id)
        await practitioners.assign(session, caller, case_id, told, uuid7())
    entry = opening.EntryTold(WHOLE, ("harm",), "urgent", "Two calls")
    run_id = uuid7()
    run = await opening.start(session, caller, case_id, entry, run_id, "whole")
    edition_id = run.edition_id
    await _recorded(session, caller, run_id)
    await _decided(session, caller, other, run_id)
    await seed_whole_meeting(session, caller, other, run_id, case_id)
    await _overlaid(session, caller, run_id)
    edition = await session.get_one(PathwayEdition, (session.tenant_id, edition_id))
    edition.made_by = edition.checked_by = edition.approved_by = caller.person_id
    edition.withdrawn_at, edition.withdrawal_reason = await session.now(), "Replaced"
    await _clock(session, caller, case_id)


async def _recorded(session: TenantSession, caller: Caller, run_id: UUID) -> None:
    """An event put right, a form, a sign-off, a notice, and tasks with a deputy or without need."""
    day = MomentTold(on="2026-01-01")
    event = await recording.record_event(session, caller, run_id, "child-away", day, None, uuid7())
    await session.flush()
    await recording.correct_event(session, caller, event.id, day, "Misheard", uuid7())
    departure = departing.DepartureTold("obligation", "discuss-strategy", "Nothing.", "They rang.")
    await departing.acknowledge(session, caller, run_id, departure, uuid7())
    tasks = await session.scalars(select(PathwayTask).where(col(PathwayTask.run_id) == run_id))
    first = next(iter(tasks))
    first.deputy_id, first.reason = caller.person_id, "Not yet."
    form = FormTold("record", {"heard": "She was."})
    await casework.complete_form(session, caller, run_id, form, uuid7(), casework.Known(None, "form"))
    notice = casework.NoticeTold("tell", "The sergeant", note="At the desk")
    await casework.give_notice(session, caller, run_id, notice, uuid7(), casework.Known(None, "notice"))
    await casework.sign_off(session, caller, run_id, "agreed", "As read", uuid7(), casework.Known(None, "sign"))
    await session.flush()


async def _decided(session: TenantSession, caller: Caller, other: Caller, run_id: UUID) -> None:
    """A decision and a departure that were authorised, and a disagreement that was settled."""
    told = deciding.DecisionTold("enquire", ("enquiry",), "Harm.")
    decided = await deciding.decide(session, caller, run_id, told, uuid7(), version=None, transaction_id="enquire")
    await session.flush()
    await deciding.answer(session, other, decided.id, "Agreed.", agree=True, version=None, transaction_id="agree")
    departure = departing.DepartureTold("obligation", "discuss-strategy", "Nothing.", "They rang.")
    made = await departing.acknowledge(session, caller, run_id, departure, uuid7())
    await session.flush()
    await departing.answer(session, other, made.id, "Seen.", agree=True)
    await _settled(session, caller, decided.id)


async def _settled(session: TenantSession, caller: Caller, decision_id: UUID) -> None:
    """A disagreement whose run was closed with a decision, while another still waited for authority."""
    dispute = disagreeing.DisagreementTold("No harm is likely.", "No enquiry.")
    row = await disagreeing.disagree(session, caller, decision_id, dispute, uuid7(), "disagree in full")
    await session.flush()
    run = await session.get_one(PathwayRun, (session.tenant_id, row.run_id))
    now = await session.now()
    action = next(iter(await session.scalars(select(PathwayAction).where(col(PathwayAction.run_id) == run.id))))
    for state in (DecisionState.TAKEN, DecisionState.PENDING):
        session.append(
            PathwayDecision, run_id=run.id, action_id=action.id, code="settle", options=["upheld"], reasons="x",
            state=state, role="x", decided_by=caller.person_id, decided_at=now,
        )  # fmt: skip
    run.pending_id, run.state, run.closed_at = action.id, RunState.CLOSED, now
    await session.flush()


async def _overlaid(session: TenantSession, caller: Caller, run_id: UUID) -> None:
    """An overlay, and one that was taken off."""
    await overlaying.attach_by_hand(
        session, caller, run_id, "forced-marriage", "Feared.", uuid7(), version=None, transaction_id="lay"
    )
    await session.flush()
    now = await session.now()
    settling: UUID = await session.scalar(text("SELECT run_id FROM pathway_disagreement ORDER BY id DESC LIMIT 1"))
    session.append(PathwayOverlay, run_id=run_id, overlay_run_id=settling, pathway="forced-marriage",
                   reason="Feared.", attached_at=now, detached_at=now, detach_reason="Not feared.")  # fmt: skip


async def _clock(session: TenantSession, caller: Caller, case_id: UUID) -> None:
    """What becomes of clocks over weeks."""
    now = await session.now()
    query = select(Clock).where(col(Clock.case_id) == case_id, col(Clock.definition).not_in(REVIEWS))
    for row in await session.scalars(query):
        row.first_started_at, row.breached_at, row.missed_at, row.ended_at, row.met_at = now, now, now, now, now
        row.yields_to, row.why, row.met_by, row.owner_id = "another", Why.CLOSED, caller.person_id, caller.person_id
        row.reason, row.reason_by = "Nobody was there.", caller.person_id
        session.append(
            ClockChange, clock_id=row.id, at=now, kind=Change.EXTENDED, cause="extension", actor_id=caller.person_id,
            reason="Snow", authority="The chair", started_at=now, due_at=now, state=row.state,
        )  # fmt: skip
        session.append(ClockNotice, clock_id=row.id, step=Step.WARNING, at=now, due_at=now, told_at=now)
    await session.flush()


async def seed_whole_meeting(
    session: TenantSession, caller: Caller, other: Caller, run_id: UUID, case_id: UUID
) -> None:
    """A meeting that was put off, and held without a quorum by a deputy, with minutes that one person has read."""
    now = await session.now()
    invitees = (
        InviteeTold(_MANAGER, person_id=caller.person_id), InviteeTold("sio", person_id=other.person_id),
        InviteeTold("social-worker", outside_name="Mx Outside", outside_email="outside@example.org"),
    )  # fmt: skip
    told = CallTold(CODE, PlanTold(now + timedelta(hours=1), joining="By telephone"), invitees=invitees)
    row = await calling.call(session, caller, run_id, told, uuid7())
    await session.flush()
    later = PlanTold(now + timedelta(hours=2), joining="By telephone")
    await calling_off.adjourn(session, caller, row.id, "Snow", later, version=row.version)
    for notice in await session.scalars(select(Delivery).where(col(Delivery.subject_id).is_not(None))):
        notice.handed_over_at = now
    asked = {one.role: one for one in await meetings.of_meeting(session, MeetingInvitation, row.id)}
    await recalling.remove(session, caller, asked["social-worker"].id, "Not theirs", version=row.version)
    own = asked[_MANAGER]
    sends = AnswerTold(Answer.SENDS_DEPUTY, "Mx Deputy", "On leave")
    await answering.answer(session, caller, own.id, sends, uuid7())
    await session.flush()
    agenda = await meetings.of_meeting(session, MeetingItem, row.id)
    came = (AttendanceTold(own.id, Attendance.DEPUTY, "Mx Deputy"), AttendanceTold(asked["sio"].id, Attendance.ABSENT))
    found = tuple(OutcomeTold(one.id, ItemState.NOTHING_FOUND, "Nothing.") for one in agenda)
    held = HeldTold(now, came, found, exception_reason="In danger at once")
    await holding.hold(session, caller, row.id, held, version=row.version, transaction_id="whole hold")
    await session.flush()
    misread = AttendanceTold(own.id, Attendance.DEPUTY, "Mx Depute")
    await correcting.correct_attendance(
        session, caller, row.id, (misread,), "Misread", version=row.version, exception_reason="In danger at once"
    )
    action = ActionTold("Ring the school", "sio", other.person_id, now + timedelta(days=1))
    await acting.add_action(session, caller, row.id, action, uuid7())
    version = (await session.get_one(PathwayRun, (session.tenant_id, run_id))).version
    decision = deciding.DecisionTold("meet", ("enquiry",), "Harm.")
    await acting.decide(session, caller, row.id, decision, uuid7(), version=version, transaction_id="meet")
    document = await arrived(session, case_id, caller, "Record in full")
    written = await minutes.record(session, caller, row.id, MinutesTold(document), uuid7(), version=row.version)
    await minutes.approve(session, caller, written.id, uuid7())
    (copy,) = await circulating.circulate(session, caller, written.id, [CopyTold(own.id)])
    await session.flush()
    await circulating.confirm_read(session, caller, copy.id, uuid7())
    await session.flush()
