"""Every figure of a child's death and of referral and assessment: once, with its force and its source."""

from functools import cache
from typing import Final

import pytest

from backend.clocks.rules import Qualitative
from backend.pathways.definitions import archetypes, clock_table
from backend.pathways.definitions.clock_table import ClockRow
from backend.pathways.definitions.effective import Effective
from backend.pathways.definitions.library import shipped

FAMILIES: Final = {"child-death", "referral-and-assessment"}
CAMBS, HERTS, WORCS = "cambs-peterborough", "hertfordshire", "worcestershire"
JOINT, REFERRAL, CORONER = (
    "child-death-joint-agency-response", "referral-to-childrens-social-care", "child-death-coroner-and-post-mortem",
)  # fmt: skip
Figure = tuple[str, str, str, str, str, str, str]
BOTH: Final[list[Figure]] = [
    (JOINT, "death", "24", "hours", "before", "must", "¶5.7; Working Together 2006 summary s29"),
    (JOINT, "death-confirmed", "24", "hours", "after", "should", "¶5.36"),
    (JOINT, "death", "28", "calendar_days", "after", "must", "¶5.38"),
    (JOINT, "death", "8", "weeks", "after", "should", "¶5.41"),
    (JOINT, "death", "12", "weeks", "after", "should", "¶5.41"),
    ("child-death-overview-panel", "panel-year-began", "1", "years", "after", "will", "¶5.53"),
    ("child-in-need-plan", "cin-plan-made", "6", "months", "after", "should", "¶4.84"),
]
TWO_STAGES: Final[list[Figure]] = [
    (REFERRAL, "referral-telephoned", "48", "hours", "after", "should", "¶4.19"),
    (REFERRAL, "written-referral-received", "1", "working_days", "after", "should", "¶4.19"),
    (REFERRAL, "written-referral-sent", "3", "working_days", "after", "should", "¶4.19"),
    (REFERRAL, "referral-received", "1", "working_days", "after", "should", "¶4.20"),
    ("initial-assessment", "referral-received", "7", "working_days", "after", "should", "¶4.24"),
    ("core-assessment", "initial-assessment-completed", "35", "working_days", "after", "must", "¶4.75, 4.97"),
]
LOCAL: Final[list[Figure]] = [
    (JOINT, "death-confirmed", "12", "hours", "after", "must", "§4.5, L618"),
    (CORONER, "post-mortem-held", "5", "working_days", "after", "should", "L576"),
    (CORONER, "post-mortem-held", "1", "weeks", "after", "should", "L577"),
    (CORONER, "further-findings-available", "1", "weeks", "after", "should", "L578"),
    ("child-death-final-case-discussion", "second-discussion-held", "12", "weeks", "after", "should", "L644"),
    ("child-death-final-case-discussion", "first-discussion-held", "6", "weeks", "after", "should", "L684"),
    ("child-death-final-case-discussion", "first-discussion-held", "8", "weeks", "after", "should", "L684"),
    ("child-death-health-oncall-alert", "visit-made", "24", "hours", "after", "must", "L538"),
    ("child-death-hospital-response", "death", "24", "hours", "before", "should", "L767"),
    ("suicide-death-school-response", "death", "5", "working_days", "after", "will", "L3491"),
    ("suicide-death-school-response", "death", "4", "weeks", "after", "will", "L3512"),
    (REFERRAL, "referral-telephoned", "24", "hours", "after", "should", "L3126"),
    (REFERRAL, "referral-received", "1", "working_days", "after", "must", "L5"),
    (REFERRAL, "referral-received", "3", "working_days", "after", "should", "L3131"),
    (REFERRAL, "referral-received", "1", "working_days", "after", "should", "L3"),
    (REFERRAL, "referral-received", "0", "calendar_days", "after", "should", "L3"),
    (REFERRAL, "referral-received", "1", "working_days", "after", "should", "L3131"),
    ("mash-enquiry", "referral-telephoned", "24", "hours", "after", "will", "L4270"),
    ("mash-enquiry", "referral-received", "1", "working_days", "after", "will", "L4271"),
    ("child-and-family-assessment", "referral-received", "35", "working_days", "after", "should", "L293"),
    ("pre-birth-assessment", "expected-delivery", "4", "weeks", "before", "should", "L200"),
]
# Starts that no text prints, so that the partnership chooses one.
INFERRED: Final = {
    "baseline": {("death-confirmed", "24"), ("written-referral-sent", "3"), ("referral-received", "1"),
                 ("initial-assessment-completed", "35")},
    CAMBS: {("death-confirmed", "24"), ("referral-received", "3"), ("referral-received", "1")},
}  # fmt: skip


@cache
def in_force(name: str) -> dict[str, Effective]:
    families = {pathway: family for pathway, (family, _) in shipped().catalogue.items()}
    found = archetypes.effective(shipped(), archetypes.overlays(name))
    return {code: one for code, one in found.items() if families[code] in FAMILIES}


def rows(name: str) -> list[ClockRow]:
    return clock_table.rows(in_force(name).values())


def figures(name: str, origin: str) -> list[Figure]:
    return sorted(
        (row.pathway, row.start_event, row.value, row.unit, row.direction, row.force, place(row.citation))
        for row in rows(name)
        if row.value and row.origin == origin
    )


def place(citation: str) -> str:
    return citation.removeprefix("Working Together 2005 ").removeprefix("Cambridgeshire and Peterborough manual ")


def test_every_definition_of_the_two_families_is_written() -> None:
    assert len(in_force("baseline")) == 18 + 16


@pytest.mark.parametrize("name", ["baseline", HERTS, WORCS])
def test_the_national_figures_are_each_there_once(name: str) -> None:
    assert figures(name, "baseline") == sorted([*BOTH, *TWO_STAGES])
    assert figures(name, "local") == []


def test_the_local_manual_puts_one_assessment_in_place_of_two_and_never_adds_a_second_clock() -> None:
    assert figures(CAMBS, "baseline") == sorted(BOTH)
    assert figures(CAMBS, "local") == sorted(LOCAL)


@pytest.mark.parametrize("name", INFERRED)
def test_a_reading_of_a_start_that_no_text_prints_is_shown_as_one(name: str) -> None:
    read = {(row.start_event, row.value) for row in rows(name) if row.confidence == "inferred" and row.value}
    assert read == INFERRED[name]


def test_only_the_panels_year_and_the_plans_review_come_again() -> None:
    again = [(row.value, row.unit) for row in rows(CAMBS) if row.recurring == "yes" and row.value]
    assert sorted(again) == [("1", "years"), ("6", "months")]


def test_words_without_a_figure_never_have_one() -> None:
    for name in ("baseline", CAMBS, HERTS, WORCS):
        for one in in_force(name).values():
            words = {clock.action for clock in one.definition.clocks if isinstance(clock, Qualitative)}
            assert not [row for row in clock_table.rows([one]) if row.action in words and row.value]


def test_what_cambridgeshire_has_signed_first_stands_before_an_assessment_is_told_and_a_referral_closed() -> None:
    found = in_force(CAMBS)
    told = next(one for one in found["child-and-family-assessment"].definition.stages if one.id == "told")
    assert told.requires == ("checklist-before-conclusion",)
    decisions = {one.id: one for one in found[REFERRAL].definition.decisions}
    ends = [option for option in decisions["disagreement"].options if option.closes]
    assert [option.requires for option in ends] == [("outcome-signed",)]
