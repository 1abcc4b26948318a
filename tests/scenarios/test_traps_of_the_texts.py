"""Where the texts mislead: what is due when, and what holds what up, worked out from the shipped files."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final

import pytest

from backend.clocks.rules import Deadline, Gate, Qualitative
from backend.clocks.situation import Fact
from backend.pathways.course import Course, advanced
from backend.pathways.definitions import archetypes
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.effective import Effective
from backend.pathways.definitions.library import shipped
from backend.pathways.definitions.simulation import Outcome, Practice, simulate
from backend.pathways.following import opened, outgoing
from backend.pathways.judging import Act, judged
from backend.pathways.models import ActionKind as Kind
from backend.pathways.refusals import Refused, Why
from tenants.calendars.working_days import Calendar, england_bank_holidays

PRACTICE: Final = Practice(Calendar("Europe/London", england_bank_holidays(range(2026, 2028))))
CAMBS, HERTS, WORCS = "cambs-peterborough", "hertfordshire", "worcestershire"
JOINT = "child-death-joint-agency-response"
CHRISTMAS_EVE = datetime(2026, 12, 24, 20, 5, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 10, tzinfo=UTC)


@cache
def in_force(partnership: str) -> dict[str, Effective]:
    return archetypes.effective(shipped(), archetypes.overlays(partnership))


def of(partnership: str, pathway: str) -> Effective:
    return in_force(partnership)[pathway]


def due(partnership: str, pathway: str, facts: dict[str, Fact] | None = None, **events: datetime) -> dict[str, Outcome]:
    """The clocks of a pathway by id, for events written with underscores."""
    told = {code.replace("_", "-"): (instant,) for code, instant in events.items()}
    now = max(events.values())
    return {one.clock: one for one in simulate(of(partnership, pathway), PRACTICE, told, facts or {}, now)}


def test_the_first_discussion_after_a_death_on_christmas_eve_is_due_before_anybody_is_on_call() -> None:
    """Twelve hours elapse overnight and over the holiday, though the telephone is covered from eight."""
    found = due(CAMBS, JOINT, death=CHRISTMAS_EVE, death_confirmed=CHRISTMAS_EVE)
    assert found["child-death-first-discussion"].due_at == datetime(2026, 12, 25, 8, 5, tzinfo=UTC)
    assert found["child-death-scene-visit"].due_at == CHRISTMAS_EVE + timedelta(hours=24)
    cover = of(CAMBS, "child-death-health-oncall-alert").definition.routing
    assert any("From 20:00 to 08:00 nobody is named" in one.decided_by for one in cover)
    assert of(CAMBS, "child-death-health-oncall-alert").settings["hours-without-cover"] == "designated-doctor"


def test_a_partnership_without_a_limit_for_the_visit_leaves_the_national_one_out_and_decides_on_it_all_the_same() -> (
    None
):
    """Working Together 2005 ¶5.36: the 24 hours have no printed start, and a local text may have no figure."""
    left_out = {"clock": "child-death-scene-visit", "ground": "The manual has no figure for it."}
    own = {"pathway": JOINT, "partnership": "invented", "edition": "Its manual", "not_applied": [left_out]}
    found = archetypes.effective(shipped(), archetypes.kept_overlays([own]))
    assert "child-death-scene-visit" not in {clock.id for clock in found[JOINT].definition.clocks}
    assert {one.id for one in found["child-death-scene-visit"].definition.decisions} >= {"visit"}


def test_the_coroners_report_is_counted_from_the_death_and_not_from_notice_or_examination() -> None:
    later = CHRISTMAS_EVE + timedelta(days=3)
    found = due(HERTS, JOINT, death=CHRISTMAS_EVE, coroner_informed=later, post_mortem_held=later)
    assert found["child-death-coroner-report"].last_day == "2027-01-21"


def test_working_days_and_weeks_of_the_pathologist_are_not_converted() -> None:
    examined = datetime(2026, 12, 23, 15, tzinfo=UTC)
    found = due(CAMBS, "child-death-coroner-and-post-mortem", {"complex-investigation-needed": False},
                post_mortem_held=examined)  # fmt: skip
    assert found["child-death-provisional-report"].last_day == "2027-01-04", "Christmas, New Year and weekends left out"
    assert found["child-death-complete-report"].last_day == "2026-12-30", "the complete one is due before it"
    complex_one = due(CAMBS, "child-death-coroner-and-post-mortem", {"complex-investigation-needed": True},
                      post_mortem_held=examined)  # fmt: skip
    assert complex_one["child-death-complete-report"].due_at is None


def test_papers_of_a_weekend_visit_go_by_the_partnerships_own_rule() -> None:
    friday, saturday = datetime(2026, 11, 27, 10, tzinfo=UTC), datetime(2026, 11, 28, 10, tzinfo=UTC)
    pathway = "child-death-health-oncall-alert"
    in_week = due(CAMBS, pathway, {"visit-in-working-week": True}, visit_made=friday)["child-death-visit-papers"]
    assert in_week.due_at == friday + timedelta(hours=24)
    weekend = due(CAMBS, pathway, {"visit-in-working-week": False}, visit_made=saturday)["child-death-visit-papers"]
    assert weekend.last_day == "2026-11-30"
    assert weekend.force == "must"


def test_a_school_counts_working_days_from_the_death_and_weeks_from_the_same_event() -> None:
    found = due(CAMBS, "suicide-death-school-response", death=datetime(2026, 12, 21, 9, tzinfo=UTC))
    assert found["suicide-information-meeting"].last_day == "2026-12-30"
    assert found["suicide-partnership-review"].last_day == "2027-01-18"


def test_four_figures_of_the_final_discussion_are_reminders_from_two_kinds_of_start() -> None:
    pathway = "child-death-final-case-discussion"
    first, second = TUESDAY, TUESDAY + timedelta(days=7)
    found = due(CAMBS, pathway, first_discussion_held=first, second_discussion_held=second)
    assert found["child-death-third-discussion-date"].last_day == "2027-02-23"
    assert found["child-death-final-after-first"].last_day == "2027-01-19"
    assert {found[code].effect for code in ("child-death-third-discussion-date", "child-death-final-after-first")} == {
        "reminder"
    }


@pytest.mark.parametrize(
    ("partnership", "single", "first", "core"),
    [(CAMBS, "2027-01-15", None, None), (HERTS, None, "2026-12-03", "2027-01-26")],
)
def test_one_assessment_of_thirty_five_days_stands_against_seven_and_thirty_five(
    partnership: str, single: str | None, first: str | None, core: str | None
) -> None:
    """Both first limits run from the referral; the second of two stages from the end of the first."""
    one = due(partnership, "child-and-family-assessment", referral_received=TUESDAY).get("assessment-concluded-in-time")
    two_stage = due(partnership, "initial-assessment", referral_received=TUESDAY)
    initial = two_stage.get("initial-assessment-completed-in-time")
    ended = datetime(2026, 12, 3, 16, tzinfo=UTC)
    second = due(partnership, "core-assessment", initial_assessment_completed=ended)
    long = second.get("core-assessment-completed-in-time")
    assert (one and one.last_day, initial and initial.last_day, long and long.last_day) == (single, first, core)


def test_to_acknowledge_is_a_should_in_one_partnership_and_a_must_in_the_other() -> None:
    pathway = "referral-to-childrens-social-care"
    later = TUESDAY + timedelta(days=1)
    local, national = (
        due(name, pathway, referral_received=TUESDAY, written_referral_received=later)["referral-acknowledged"]
        for name in (CAMBS, HERTS)
    )
    assert (local.force, local.last_day) == ("must", "2026-11-25")
    assert (national.force, national.last_day) == ("should", "2026-11-26")


def test_asking_again_counts_from_sending_or_where_the_partnership_says_so_from_receipt() -> None:
    sent, received = TUESDAY, TUESDAY + timedelta(days=2)
    for name, last_day in ((HERTS, "2026-11-27"), (CAMBS, "2026-12-01")):
        found = due(name, "referral-to-childrens-social-care", written_referral_sent=sent, referral_received=received)
        assert found["referral-chased"].last_day == last_day


def test_a_pre_birth_assessment_moves_with_the_expected_birth() -> None:
    known = datetime(2026, 10, 1, 9, tzinfo=UTC)
    clock = "pre-birth-assessment-completed-in-time"
    expected = {date(2027, 3, 1): "2027-02-01", date(2027, 2, 15): "2027-01-18", date(2027, 3, 20): "2027-02-20"}
    for birth, last_day in expected.items():
        at = datetime(birth.year, birth.month, birth.day, 9, tzinfo=UTC)
        found = due(CAMBS, "pre-birth-assessment", pregnancy_known=known, expected_delivery=at)
        assert found[clock].last_day == last_day


def test_a_pregnancy_that_is_known_too_late_goes_by_the_partnerships_own_figure() -> None:
    birth = datetime(2026, 12, 7, 9, tzinfo=UTC)
    found = due(CAMBS, "pre-birth-assessment", pregnancy_known=TUESDAY, expected_delivery=birth)
    assert found["pre-birth-assessment-completed-in-time"].last_day == "2026-12-08"
    assert "so the rule for that case holds" in " ".join(found["pre-birth-assessment-completed-in-time"].trace)


def test_a_plan_for_a_child_in_need_counts_from_the_last_review_held() -> None:
    made, reviewed = datetime(2026, 1, 31, 10, tzinfo=UTC), datetime(2026, 5, 12, 10, tzinfo=UTC)
    clock = "cin-plan-review"
    assert due(HERTS, "child-in-need-plan", cin_plan_made=made)[clock].last_day == "2026-07-31"
    again = due(HERTS, "child-in-need-plan", cin_plan_made=made, cin_plan_reviewed=reviewed)
    assert again[clock].last_day == "2026-11-12"


def test_nothing_found_has_to_be_typed_in_at_both_discussions() -> None:
    second = of(CAMBS, "child-death-second-case-discussion").definition
    final = of(CAMBS, "child-death-final-case-discussion").definition
    asked = {one.id: one for definition in (second, final) for one in definition.information}
    assert asked["safeguarding-statement"].never_empty
    assert asked["maltreatment-statement"].never_empty
    (follow_up,) = [stage for stage in second.stages if stage.id == "follow-up"]
    assert follow_up.requires == ("safeguarding-minuted",)


def test_of_three_rules_on_samples_suspicion_prevails() -> None:
    hospital = of(CAMBS, "child-death-hospital-response").definition
    bans = {one.id: one for one in hospital.prohibitions}
    assert bans["samples-on-suspected-injury"].permission == "forbidden"
    duty = next(one for one in hospital.obligations if one.id == "infant-samples")
    assert duty.force == "must"
    assert duty.unless is not None
    assert hospital.precedence[0].first == "Suspicion of a crime"


def test_two_notices_of_one_death_are_never_refused() -> None:
    routing = {one.id for one in of(CAMBS, JOINT).definition.routing}
    assert "both-panels-if-unsure" in routing
    cautions = {one.id for one in of(WORCS, "cdop-notification").definition.cautions}
    assert {"never-refuse-duplicates", "residents"} <= cautions


def test_a_refusal_of_early_help_never_leads_on_by_itself() -> None:
    early = of(CAMBS, "early-help-assessment").definition
    offered = next(one for one in early.decisions if one.id == "offer-taken")
    declined = next(option for option in offered.options if option.id == "declined")
    assert not declined.opens
    assert any(one.id == "escalating-a-refusal" and one.permission == "forbidden" for one in early.prohibitions)


def begun(definition: Definition, stage: str, *visited: str) -> Course:
    started = advanced(Course(), judged(definition, Course(), Act(Kind.STARTED, definition.stages[0].id, person="a")))
    return replace(started, stage=stage, visited=started.visited | {stage, *visited})


def test_a_final_meeting_is_skipped_by_rule_and_nothing_found_is_still_typed_in() -> None:
    final = of(CAMBS, "child-death-final-case-discussion").definition
    doctor = frozenset({"designated-doctor"})
    (meeting,) = final.meetings
    assert meeting.skipped_if
    assert "conclusive cause" in meeting.skipped_if
    skip = judged(final, begun(final, "convene"), Act(Kind.DECIDED, "skip", ("skipped",), doctor, "d"))
    assert skip.enters == "distribute"
    skipped = replace(begun(final, "distribute"), chosen=frozenset({"skip/skipped"}))
    close = Act(Kind.DECIDED, "closed", ("done",), doctor, "d")
    with pytest.raises(Refused) as silent:
        judged(final, skipped, close)
    assert (silent.value.why, silent.value.missing) == (Why.GATE, ("information maltreatment-statement",))
    said = replace(skipped, information=frozenset({"maltreatment-statement"}))
    with pytest.raises(Refused) as owing:
        judged(final, said, close)
    assert owing.value.why is Why.DUTIES, "what must be done is still asked for"


def test_suspicion_that_arises_at_the_second_discussion_brings_in_the_police_and_the_procedures() -> None:
    second = of(CAMBS, "child-death-second-case-discussion").definition
    course = begun(second, "discussion")
    deciders = frozenset({"sio"})
    step = judged(second, course, Act(Kind.DECIDED, "abuse-suggested", ("suggested",), deciders, "s"))
    assert opened(second, step) == ("child-death-suspicion-escalation", "strategy-discussion")
    assert [one.id for one in outgoing(second, step, ())] == ["abuse-suggested"]
    lead = frozenset({"designated-doctor"})
    with pytest.raises(Refused) as silent:
        judged(second, course, Act(Kind.MOVED, "follow-up", roles=lead, person="d"))
    assert silent.value.missing == ("information safeguarding-statement",)
    suspicion = of(CAMBS, "child-death-suspicion-escalation").definition
    assert any(second.id in point.pathways for point in suspicion.attaches_to)
    must = {one.id for one in suspicion.obligations if one.force == "must"}
    assert {"tell-police", "two-scenes", "siblings-at-once", "refer-section-47-and-panel"} <= must


def test_a_conference_waits_for_no_assessment_and_a_guardian_neither_decides_nor_makes_it_quorate() -> None:
    """Working Together 2005 ¶2.77, 2.133-2.136, 4.69, 4.75, 4.83, 4.124."""
    conference = of(HERTS, "initial-child-protection-conference").definition
    asked = {code for gate in conference.gates for code in (*gate.information, *gate.forms, *gate.decisions)}
    assert asked == {"conference-report", "invitation-list", "quorum-result"}
    assert not [clock.id for clock in conference.clocks if "assessment" in getattr(clock, "met_by", "")]
    (category,) = [one for one in conference.decisions if one.id == "continuing-risk"]
    assert category.deciders == ("conference-chair",)
    assert next(one.kind for one in conference.information if one.id == "category") == "choices", "one or more"
    (reports,) = [one for one in conference.obligations if one.id == "reports-by-others"]
    assert "general-practitioner" in reports.roles, "there or not"
    (meeting,) = [one for one in conference.meetings if one.quorum]
    assert "childrens-guardian" in meeting.may_attend
    assert meeting.quorum is not None
    assert (meeting.quorum.at_least, meeting.quorum.agencies) == (3, ("social-care",))
    assert shipped().roles["childrens-guardian"].agency != "social-care"


@pytest.mark.parametrize("pathway", ["strategy-discussion", "initial-child-protection-conference",
                                     "child-protection-plan", "child-protection-review-conference"])  # fmt: skip
def test_a_child_who_is_not_born_yet_has_the_same_limits(pathway: str) -> None:
    """Working Together 2005 ¶4.121: the variant adds to the work and starts where the work starts."""
    entry = shipped().entries[pathway].definition.entry
    (unborn,) = [one for one in entry.variants if one.id in {"unborn-child", "pre-birth"}]
    assert (unborn.starts_at, unborn.opens) == (None, ())


def test_a_child_who_is_missing_is_outside_the_transfer_of_cases() -> None:
    """Cambridgeshire and Peterborough manual L4316; Working Together 2005 ¶10.60: where the child lives decides."""
    missing = of(CAMBS, "missing-from-care").definition
    opens = {code for one in missing.decisions for option in one.options for code in option.opens}
    assert opens
    assert not [code for code in opens if code.startswith("transfer-")]
    lives = next(one for one in missing.obligations if one.id == "follow-area-procedures")
    assert lives.force == "must"
    assert "where the child is living" in " ".join(lives.text.split())


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("designated-doctor", {"designated paediatrician", "lead paediatrician",
                               "local paediatrician with responsibility for unexpected deaths"}),
        ("paediatrician", {"rapid response paediatrician", "on-call health professional"}),
        ("cdop-manager", {"child death review manager", "panel co-ordinator", "designated person for notifications",
                          "partnership co-ordinator for child deaths"}),
    ],
)  # fmt: skip
def test_one_post_has_one_role_under_all_its_names(code: str, names: set[str]) -> None:
    """Working Together 2005 ¶5.9, 5.12, 5.29, 5.32; Cambridgeshire and Peterborough manual L464, L642."""
    roles = shipped().roles
    assert {name.casefold() for name in roles[code].aliases} >= names
    known = [name.casefold() for role in roles.values() for name in (role.title, *role.aliases)]
    assert len(known) == len(set(known)), "no name is that of two posts"


def test_the_meetings_after_a_death_have_many_names_and_are_three() -> None:
    """Cambridgeshire and Peterborough manual L533, L565, L617, L646."""
    names = {
        "initial": {"information sharing meeting", "information sharing and management meeting",
                    "initial case management discussion"},
        "second": {"information sharing and bereavement planning meeting"},
    }  # fmt: skip
    for which, known in names.items():
        found = of(CAMBS, f"child-death-{which}-case-discussion").definition
        assert {*found.aliases, *(name for meeting in found.meetings for name in meeting.aliases)} >= known


def test_the_response_goes_by_where_the_death_was_and_leaves_out_what_is_certified() -> None:
    """Cambridgeshire and Peterborough manual L422, L466-480: an unattended stillbirth is looked into."""
    criteria = {one.id: one.effect for one in of(CAMBS, JOINT).definition.entry.criteria}
    assert {code: criteria[code].value for code in (
        "any-home-address", "unattended-stillbirth", "stillbirth", "planned-termination", "disability-not-anticipated",
    )} == {
        "any-home-address": "required", "unattended-stillbirth": "opens", "stillbirth": "excludes",
        "planned-termination": "excludes", "disability-not-anticipated": "opens",
    }  # fmt: skip


def test_of_a_death_only_four_things_must_be_done_by_the_national_text() -> None:
    """Working Together 2005 ¶5.19, 5.23, 5.38, 5.52."""
    deaths = [one.definition for one in shipped().entries.values() if one.definition.id.startswith("child-death-")]
    assert {duty.citation.rsplit(" ", 1)[-1] for one in deaths for duty in one.obligations if duty.force == "must"} == {
        "¶5.19", "¶5.23", "¶5.38", "¶5.52",
    }  # fmt: skip


def test_from_a_ward_the_coroner_is_told_before_the_designated_doctor() -> None:
    """Working Together 2005 ¶5.29: elsewhere the list has no order."""
    clocks = {one.id: one for one in shipped().entries[JOINT].definition.clocks}
    after = clocks["child-death-ward-designated-doctor-told"]
    assert isinstance(after, Qualitative)
    assert (after.start and after.start.event, after.condition and after.condition.fact) == (
        "coroner-informed", "died-on-ward",
    )  # fmt: skip


def test_either_tells_the_coroner_and_both_make_sure() -> None:
    """Cambridgeshire and Peterborough manual L449-456, L570."""
    duties = {one.id: one for one in of(CAMBS, "child-death-coroner-and-post-mortem").definition.obligations}
    assert not duties["notify-coroner"].each
    sure = duties["be-sure-of-notice"]
    assert (sure.each, set(sure.roles), sure.force) == (True, {"sio", "clinician"}, "must")
    assert duties["halt-on-suspicion"].force == "must"


def test_a_scene_of_crime_is_visited_together_all_the_same() -> None:
    """Cambridgeshire and Peterborough manual L594-602."""
    visit = of(CAMBS, "child-death-scene-visit").definition
    (asked,) = [one for one in visit.decisions if one.id == "visit"]
    assert asked.deciders == ("sio", "paediatrician")
    assert {option.id: option.when for option in asked.options} == {"together": None, "apart": None, "no-visit": None}
    assert not [one.id for one in visit.prohibitions if "visit" in one.id and one.permission == "forbidden"]


def test_a_list_of_vulnerable_pupils_asks_for_both_kinds_of_nearness_and_refers_nobody() -> None:
    """Cambridgeshire and Peterborough manual L3529-3531."""
    school = of(CAMBS, "suicide-death-school-response").definition
    (listed,) = [one for one in school.forms if one.id == "watch-list"]
    assert {"geographic-nearness", "social-nearness"} <= set(listed.information)
    masked = {one.id: one.mask for one in school.information}
    assert {masked[code] for code in listed.information} == {"watch-list"}
    assert any(one.id == "watch-list-as-referral" and one.permission == "forbidden" for one in school.prohibitions)
    assert not [event.id for event in school.events for by in event.recorded_by if by.form == "watch-list"]


def test_of_all_limits_of_child_protection_only_that_of_a_curfew_must_be_kept() -> None:
    """Working Together 2005 ¶4.55: every other figure is worded as an expectation."""
    family = [one.definition for one in shipped().entries.values() if one.family == "child-protection"]
    must = {clock.id for one in family for clock in one.clocks
            if isinstance(clock, Deadline) and clock.force == "must" and clock.limit is not None}  # fmt: skip
    assert must == {"curfew-enquiry-begun"}


def test_consent_to_go_on_is_asked_after_a_conference_and_not_in_enquiries() -> None:
    """Working Together 2005 ¶4.47-4.57, 4.84."""
    core = shipped().entries["core-assessment"].definition
    (asked,) = [one for one in core.obligations if one.information == ("consent",)]
    assert (asked.force, asked.when) == ("should", "A conference made no plan.")
    assert not [gate.id for gate in core.gates if "consent" in gate.information]


def test_housing_refers_with_consent_and_a_concern_for_a_child_waits_for_none() -> None:
    """Working Together 2005 ¶10.67-10.68."""
    housing = shipped().entries["homeless-family"].definition
    (gate,) = [one for one in housing.gates if one.id == "consent-first"]
    (clock,) = [one for one in housing.clocks if one.id == "consent-before-housing-referral"]
    assert gate.effect == "block"
    assert isinstance(clock, Gate)
    assert clock.exempt_if == "child-protection-concern"
    (asked,) = [one for one in housing.decisions if one.id == "consent"]
    assert {option.id: option.goes_to for option in asked.options}["refused"] == "services"


def test_the_police_are_told_by_any_agency_and_locally_by_social_care_as_a_must() -> None:
    """Working Together 2005 ¶2.119, 4.18, 4.146: three wordings stand beside each other."""
    national, local = (
        {one.id: one.force for one in found.obligations}
        for found in (shipped().entries["police-offence-notification"].definition,
                      of(CAMBS, "police-offence-notification").definition)
    )  # fmt: skip
    told = ("inform-police", "every-agency-informs", "discuss-staff-case")
    assert [national[code] for code in told] == ["should", "should", "should"]
    assert [local[code] for code in told] == ["must", "should", "should"]


def test_a_failed_prosecution_ends_nothing_but_the_police_investigation() -> None:
    """Working Together 2005 ¶2.118-2.119: the enquiries have an end of their own."""
    joint = shipped().entries["joint-police-investigation"].definition
    (asked,) = [one for one in joint.decisions if one.id == "criminal-proceedings"]
    (none,) = [one for one in asked.options if one.id == "none"]
    assert none.closes
    enquiry = shipped().entries["section-47-enquiry"].definition
    ended_by = enquiry.ends_with.events if enquiry.ends_with else ()
    assert not {event.id for event in joint.events} & {*ended_by}


def test_who_refers_an_immediate_danger_is_shown_the_telephone_before_a_form() -> None:
    """Cambridgeshire and Peterborough manual L4258 sends them to a form; Working Together 2005 ¶4.13 does not."""
    hub = of(CAMBS, "mash-enquiry").definition
    (said,) = [" ".join(one.text.split()) for one in hub.obligations if "999" in one.text]
    assert "first of all the telephone and 999" in said
