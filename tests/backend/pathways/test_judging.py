"""Steps of a run: what is refused, what follows, and that no sequence of acts leaves a run in an impossible state."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.clocks.limits import Force
from backend.pathways.course import Course, Step, advanced, course_of, duty_keys
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.library import shipped
from backend.pathways.definitions.steps import Gate
from backend.pathways.judging import Act, judged
from backend.pathways.models import ActionKind as Kind
from backend.pathways.refusals import Refused, Why

REFERRAL = shipped().entry("referral-to-childrens-social-care").definition
SHIPPED = [entry.definition for entry in shipped().entries.values()]
INTAKE, MANAGER = frozenset({"social-care-intake"}), frozenset({"social-care-manager"})


def begun(stage: str = "intake") -> Course:
    return advanced(Course(), judged(REFERRAL, Course(), Act(Kind.STARTED, stage, person="a")))


def gated() -> Definition:
    """The referral with a gate before its decision stage, which the manager may open."""
    gate = Gate(
        id="recorded", text="The referral is recorded.", before="It is considered.", forms=("referral-record",),
        authority="head-of-service", force=Force.SHOULD, citation="Working Together 2005 ¶4.19",
    )  # fmt: skip
    stages = tuple(
        one.model_copy(update={"requires": ("recorded",)}) if one.id == "consideration" else one
        for one in REFERRAL.stages
    )
    return REFERRAL.model_copy(update={"gates": (*REFERRAL.gates, gate), "stages": stages})


def with_authority() -> Definition:
    """The referral whose next step the head of service has to approve."""
    decisions = tuple(
        one.model_copy(update={"authority": "head-of-service"}) if one.id == "next-step" else one
        for one in REFERRAL.decisions
    )
    return REFERRAL.model_copy(update={"decisions": decisions})


def test_a_gate_names_what_it_waits_for_and_who_may_open_it() -> None:
    definition, course = gated(), begun()
    move = Act(Kind.MOVED, "consideration", roles=INTAKE, person="a")
    with pytest.raises(Refused) as refused:
        judged(definition, course, move)
    assert (refused.value.why, refused.value.subject, refused.value.missing) == (
        Why.GATE, "recorded", ("form referral-record",),
    )  # fmt: skip
    with pytest.raises(Refused, match="head-of-service"):
        judged(definition, course, Act(Kind.GATE_OPENED, "recorded", roles=INTAKE))
    opened = Act(Kind.GATE_OPENED, "recorded", roles=frozenset({"head-of-service"}))
    assert judged(definition, advanced(course, judged(definition, course, opened)), move).enters == "consideration"
    done = advanced(course, judged(definition, course, Act(Kind.FORM_COMPLETED, "referral-record")))
    assert judged(definition, done, move).enters == "consideration"


def test_nothing_moves_while_a_decision_waits_and_nobody_authorises_their_own() -> None:
    definition = with_authority()
    course = replace(begun(), stage="consideration", visited=frozenset({"consideration"}))
    decide = Act(Kind.DECIDED, "next-step", ("no-further-action",), MANAGER, "m")
    waiting = advanced(course, judged(definition, course, decide))
    assert waiting.stage == "consideration"
    assert "next-step" not in waiting.decisions
    with pytest.raises(Refused) as again:
        judged(definition, waiting, decide)
    assert again.value.why is Why.PENDING
    both = MANAGER | {"head-of-service"}
    with pytest.raises(Refused) as own:
        judged(definition, waiting, Act(Kind.AUTHORISED, roles=both, person="m"))
    assert own.value.why is Why.OWN_WORK
    agreed = judged(definition, waiting, Act(Kind.AUTHORISED, roles=both, person="h"))
    assert (agreed.enters, agreed.more) == ("feedback", ("no-further-action",))
    declined = advanced(waiting, judged(definition, waiting, Act(Kind.DECLINED, roles=both, person="h")))
    assert (declined.stage, declined.pending, declined.decisions) == ("consideration", None, frozenset())


def test_only_a_decider_decides_and_answers_go_together() -> None:
    course = replace(begun(), stage="consideration")
    with pytest.raises(Refused) as role:
        judged(REFERRAL, course, Act(Kind.DECIDED, "next-step", ("emergency",), INTAKE))
    assert (role.value.why, role.value.missing) == (Why.ROLE, ("role social-care-manager",))
    with pytest.raises(Refused) as options:
        judged(
            REFERRAL, course, Act(Kind.DECIDED, "possible-offence", ("offence-possible", "no-offence-seen"), MANAGER)
        )
    assert options.value.why is Why.OPTIONS


def test_nobody_signs_off_their_own_form() -> None:
    death = shipped().entry("child-death-joint-agency-response").definition
    sign_off = next((one for one in REFERRAL.sign_offs + death.sign_offs), None)
    assert sign_off is not None
    definition = REFERRAL.model_copy(
        update={"sign_offs": (sign_off.model_copy(update={"forms": ("referral-record",), "own_work": False}),)}
    )
    course = advanced(begun(), judged(definition, begun(), Act(Kind.FORM_COMPLETED, "referral-record", person="a")))
    signer = Act(Kind.SIGNED_OFF, sign_off.id, roles=frozenset(sign_off.roles), person="a")
    with pytest.raises(Refused) as own:
        judged(definition, course, signer)
    assert own.value.why is Why.OWN_WORK
    assert judged(definition, course, replace(signer, person="b")).role == sign_off.roles[0]


def test_a_run_is_not_closed_over_its_overlays() -> None:
    course = replace(begun("feedback"), overlays=frozenset({"disabled-child"}))
    with pytest.raises(Refused) as refused:
        judged(REFERRAL, course, Act(Kind.CLOSED, roles=INTAKE))
    assert (refused.value.why, refused.value.missing) == (Why.OVERLAYS, ("overlay disabled-child",))


def test_a_run_is_closed_by_hand_only_where_an_answer_would_close_it() -> None:
    """The final discussion's own question asks that maltreatment is spoken of; leaving it unanswered does as well."""
    final = shipped().entry("child-death-final-case-discussion").definition
    doctor = frozenset({"designated-doctor"})
    course = advanced(Course(), judged(final, Course(), Act(Kind.STARTED, "distribute", person="d")))
    by_hand = Act(Kind.CLOSED, roles=doctor, person="d")
    with pytest.raises(Refused) as refused:
        judged(final, course, by_hand)
    assert (refused.value.subject, refused.value.missing) == (
        "maltreatment-minuted", ("information maltreatment-statement",),
    )  # fmt: skip
    said = replace(course, information=frozenset({"maltreatment-statement"}))
    assert judged(final, said, by_hand).closes
    # Where one of several answers asks for nothing, neither does the hand.
    free = final.decisions[-1].options[0].model_copy(update={"id": "free", "requires": ()})
    decisions = tuple(
        one.model_copy(update={"options": (*one.options, free)}) if one.id == "closed" else one
        for one in final.decisions
    )
    assert judged(final.model_copy(update={"decisions": decisions}), course, by_hand).closes


@st.composite
def acts(draw: st.DrawFn, definition: Definition) -> Act:
    """Any act at all, sensible or not, by anybody."""
    kind = draw(st.sampled_from([kind for kind in Kind if kind is not Kind.MIGRATED]))
    sections = {
        Kind.STARTED: "stages", Kind.MOVED: "stages", Kind.DECIDED: "decisions", Kind.FORM_COMPLETED: "forms",
        Kind.NOTIFIED: "notifications", Kind.MEETING_HELD: "meetings", Kind.SIGNED_OFF: "sign_offs",
        Kind.GATE_OPENED: "gates",
    }  # fmt: skip
    codes = [one.id for one in getattr(definition, sections[kind])] if kind in sections else ["overlay"]
    if kind is Kind.DUTY_SETTLED:
        codes = [key for one in definition.obligations for key in duty_keys(one)]
    code = draw(st.sampled_from([*codes, "never-heard-of"]))
    more: tuple[str, ...] = ()
    if kind is Kind.DECIDED:
        decision = next((one for one in definition.decisions if one.id == code), None)
        options = [option.id for option in decision.options] if decision else ["none"]
        more = tuple(draw(st.lists(st.sampled_from(options), max_size=2)))
    if kind is Kind.DUTY_SETTLED:
        more = (draw(st.sampled_from(["done", "not_applicable", "not_done"])),)
    if kind is Kind.FORM_COMPLETED and code != "never-heard-of":
        form = next(one for one in definition.forms if one.id == code)
        more = tuple(draw(st.lists(st.sampled_from(form.information), unique=True)))
    everybody = {role for stage in definition.stages for role in (stage.lead, *stage.actors)}
    everybody |= {role for one in definition.decisions for role in one.deciders}
    roles = draw(st.sets(st.sampled_from(sorted(everybody)), min_size=1))
    return Act(kind, code, more, frozenset(roles), draw(st.sampled_from("abc")))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_sequence_of_acts_leads_to_an_impossible_state(data: st.DataObject) -> None:
    definition = data.draw(st.sampled_from([*SHIPPED, gated(), with_authority()]))
    first = definition.stages[0].id
    steps = [judged(definition, Course(), Act(Kind.STARTED, first, person="a"))]
    course = course_of(steps)
    for _ in range(25):
        try:
            step = judged(definition, course, data.draw(acts(definition)))
        except Refused:
            continue
        before, course = course, advanced(course, step)
        steps.append(step)
        assert course.version == before.version + 1
        assert not before.closed
        assert course.stage in {stage.id for stage in definition.stages}
        assert course.stage in course.visited
        if not step.anew:  # another round owes everything again
            assert before.forms <= course.forms
            assert before.decisions <= course.decisions
            assert before.duties.keys() <= course.duties.keys()
        assert (
            before.pending is None or course.pending is before.pending or step.kind in {Kind.AUTHORISED, Kind.DECLINED}
        )
        assert course.stage in {before.stage, step.enters}
        assert before.pending is None or step.kind not in {Kind.MOVED, Kind.DECIDED, Kind.CLOSED}
        assert not (course.closed and course.overlays)
    assert course_of(steps) == course
    assert course_of(read_back(step) for step in steps) == course


def read_back(step: Step) -> Step:
    """A step as it comes back from the database."""
    kept = json.loads(json.dumps(step.kept()))
    return Step.read(step.kind, kept)
