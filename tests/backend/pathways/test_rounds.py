"""Work that is done again: nothing of one round shows anything in the next, and what is owed comes again."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cases import service as cases
from backend.cases.people import practitioners
from backend.cases.people.practitioners import AssignmentTold
from backend.clocks import repository as clocks
from backend.clocks.models import ClockState
from backend.identity.policies import Caller
from backend.kit.ids import uuid7
from backend.kit.session import TenantSession
from backend.pathways import casework, deciding, opening, recording
from backend.pathways.casework import Known, NoticeTold
from backend.pathways.course import Course, advanced, duty_keys
from backend.pathways.deciding import DecisionTold
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.library import shipped
from backend.pathways.forms import FormTold
from backend.pathways.gates import missing_of_gate
from backend.pathways.judging import Act, judged
from backend.pathways.models import ActionKind as Kind
from backend.pathways.models import PathwayRun
from backend.pathways.moments import NOW
from backend.pathways.opening import EntryTold
from backend.pathways.refusals import Refused, Why
from backend.pathways.rounds import ended_by, outlasting
from infra.dev.clock import Clock
from support.clock_rules import situation
from support.partnership import Partnership

REVIEW = shipped().entry("child-protection-review-conference").definition
GROUP = shipped().entry("core-group").definition
PANEL, REPORT = "child-death-overview-panel", "child-death-panel-annual-report"
AGAIN = [entry.definition for entry in shipped().entries.values() if entry.definition.anew]
CHAIR, KEY_WORKER = frozenset({"conference-chair"}), frozenset({"key-worker"})
PREPARED = Act(Kind.FORM_COMPLETED, "core-group-report", ("planned-and-actual-outcomes", "core-group-view"))
TO_REVIEW = Act(Kind.MOVED, "review", roles=KEY_WORKER)
HELD = Act(Kind.MEETING_HELD, "review-conference")
DECISION = Act(Kind.FORM_COMPLETED, "review-decision", ("quorum-result", "continuing-risk"))
CONTINUES = Act(Kind.DECIDED, "continuing-risk", ("continues",), CHAIR)
NEXT = Act(Kind.DECIDED, "ended", ("runs",), CHAIR)
ONE_REVIEW = (Act(Kind.STARTED, "preparing"), PREPARED, TO_REVIEW, HELD, DECISION, CONTINUES)


def after(definition: Definition, *acts: Act) -> Course:
    course = Course()
    for act in acts:
        course = advanced(course, judged(definition, course, act))
    return course


def test_what_was_recorded_for_one_review_opens_no_gate_of_the_next() -> None:
    (gate,) = REVIEW.gates
    assert missing_of_gate(gate, REVIEW, after(REVIEW, *ONE_REVIEW)) == ()
    course = after(REVIEW, *ONE_REVIEW, NEXT)
    assert (course.round, course.stage) == (2, "preparing")
    assert missing_of_gate(gate, REVIEW, course) == ("information quorum-result",)
    with pytest.raises(Refused) as shut:
        after(REVIEW, *ONE_REVIEW, NEXT, TO_REVIEW, CONTINUES)
    assert (shut.value.why, shut.value.subject) == (Why.GATE, "review-quorum")
    assert after(REVIEW, *ONE_REVIEW, NEXT, TO_REVIEW, DECISION, CONTINUES).stage == "after"


def test_a_stage_owes_its_duties_again_unless_they_were_shown_done_in_this_round() -> None:
    course = after(REVIEW, *ONE_REVIEW)
    assert {"review-in-time", "prepare-as-initial", "consider-risk-explicitly"} <= course.duties.keys()
    again = judged(REVIEW, course, NEXT)
    assert again.anew
    assert {"review-in-time", "prepare-as-initial"} <= set(again.owes)
    course = advanced(course, again)
    assert not {"review-in-time", "prepare-as-initial"} & course.duties.keys()
    entering = judged(REVIEW, course, TO_REVIEW)
    assert (entering.anew, entering.owes, entering.settles) == (False, ("consider-risk-explicitly",), ())
    early = judged(REVIEW, advanced(course, judged(REVIEW, course, DECISION)), TO_REVIEW)
    assert early.settles == ("consider-risk-explicitly",), "it was recorded before the stage was entered"


def test_a_core_group_shows_that_it_met_and_owes_the_next_meeting() -> None:
    met = Act(Kind.MEETING_HELD, "core-group-meeting")
    course = after(GROUP, Act(Kind.STARTED, "first-meeting"), Act(Kind.MEETING_HELD, "first-core-group"))
    assert (course.round, course.duties) == (1, {"meet-first": "done"})
    course = advanced(course, judged(GROUP, course, Act(Kind.MOVED, "further-meetings", roles=KEY_WORKER)))
    step = judged(GROUP, course, met)
    assert (step.settles, step.anew) == (("meet-regularly",), True)
    assert {"meet-regularly", "written-note", "carry-plan-out/parent"} <= set(step.owes)
    course = advanced(course, step)
    assert (course.round, course.duties) == (2, {"meet-first": "done"}), "the first meeting is not held again"
    noted = judged(GROUP, course, Act(Kind.FORM_COMPLETED, "core-group-note", roles=KEY_WORKER))
    assert "written-note" in noted.settles


@given(st.data())
def test_no_record_of_an_earlier_round_is_left_in_any_definition(data: st.DataObject) -> None:
    """Whatever was recorded in whatever order, what begins a round finds the next as bare as the first."""
    definition = data.draw(st.sampled_from(AGAIN))
    stages = [one.id for one in definition.stages]
    course = after(definition, Act(Kind.STARTED, stages[0]))
    records = [Act(Kind.FORM_COMPLETED, one.id, one.information) for one in definition.forms]
    records += [Act(Kind.NOTIFIED, one.id) for one in definition.notifications]
    records += [Act(Kind.MEETING_HELD, one.id) for one in definition.meetings]
    roles = frozenset(role for one in definition.stages for role in (one.lead, *one.actors))
    records += [Act(Kind.MOVED, stage, roles=roles) for stage in stages]
    for act in data.draw(st.lists(st.sampled_from(records), max_size=30)):
        try:
            step = judged(definition, course, act)
        except Refused:
            continue
        before, course = course, advanced(course, step)
        assert course.round == before.round + step.anew
        if step.anew:
            assert not (course.forms | course.information | course.notifications | course.meetings | course.gates)
            assert set(step.owes).isdisjoint(course.duties)
        known = {key for one in definition.obligations if one.stage in course.visited for key in duty_keys(one)}
        assert course.duties.keys() <= known


def test_a_run_ends_with_its_event_alone_and_only_once_that_has_happened() -> None:
    course = after(GROUP, Act(Kind.STARTED, "first-meeting"))
    assert judged(GROUP, course, Act(Kind.CLOSED, "plan-ended")).closes
    for definition, event in ((GROUP, "conference-held"), (shipped().entry("strategy-discussion").definition, "x")):
        with pytest.raises(Refused, match="does not end with"):
            judged(definition, after(definition, Act(Kind.STARTED, definition.stages[0].id)), Act(Kind.CLOSED, event))
    assert ended_by(GROUP, situation("2027-09-30T12:00", conference_held="2026-12-31T14:00")) is None
    assert ended_by(GROUP, situation("2027-09-30T12:00", plan_ended="2027-10-01T00:00")) is None, "it is to come"
    assert ended_by(GROUP, situation("2027-09-30T12:00", plan_ended="2027-09-30T12:00")) == "plan-ended"
    assert ([one.id for one in outlasting(REVIEW)], list(outlasting(GROUP))) == (["review-record-sent"], [])


async def test_a_panel_runs_on_a_case_without_a_child_and_asks_anew_at_each_meeting(
    cambs: Partnership, clock: Clock
) -> None:
    """Its report is due a year after the last; what was asked of the prosecutor before one meeting is asked again."""
    await clock.freeze(datetime(2027, 1, 4, 12, tzinfo=UTC))
    manager = await cambs.member("cdop_manager")
    live = DecisionTold("live-proceedings", ("live",), "A trial is to come.")

    def known() -> Known:
        return Known(None, str(uuid7()))

    async with cambs.session() as session:
        case = await cases.open_by_hand(session, manager, cases.Opening(PANEL), uuid7())
        await session.flush()
        for role in ("cdop-chair", "cdop-manager"):
            told = AssignmentTold(role, person_id=manager.person_id)
            await practitioners.assign(session, manager, case.id, told, uuid7())
        run = await opening.start(session, manager, case.id, EntryTold(PANEL, ("every-death",)), uuid7(), "begin-panel")
        await recording.record_event(session, manager, run.id, "panel-year-began", NOW, None, uuid7())
        await casework.move(session, manager, run.id, "review", NOW, None, known())
        consulted = NoticeTold("prosecutor-consulted", "The prosecutor")
        for _ in range(2):
            with pytest.raises(Refused, match="prosecutor-before-review"):
                await decided(session, manager, run.id, live)
            await casework.give_notice(session, manager, run.id, consulted, uuid7(), known())
            await decided(session, manager, run.id, live)
            await casework.hold_meeting(session, manager, run.id, "panel-meeting", await session.now(), known())
        await session.commit()
    assert await report_due(cambs, run) == datetime(2028, 1, 5, tzinfo=UTC)
    await clock.freeze(datetime(2027, 10, 1, 12, tzinfo=UTC))
    async with cambs.session() as session:
        report = FormTold("annual-report", {"year-summary": "Few deaths."})
        await casework.complete_form(session, manager, run.id, report, uuid7(), known())
        await session.commit()
    assert await report_due(cambs, run) == datetime(2028, 10, 1, 23, tzinfo=UTC), "from the last, not from the last due"


async def decided(session: TenantSession, manager: Caller, run_id: UUID, told: DecisionTold) -> None:
    await deciding.decide(session, manager, run_id, told, uuid7(), version=None, transaction_id=str(uuid7()))


async def report_due(partnership: Partnership, run: PathwayRun) -> datetime:
    """When the report that is owed now is due."""
    async with partnership.session() as session:
        rows = (await clocks.of_cases(session, [run.case_id]))[run.case_id]
    return next(row.due_at for row in rows if row.definition == REPORT and row.state is ClockState.RUNNING)
