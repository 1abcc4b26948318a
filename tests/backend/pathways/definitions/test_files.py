"""The shipped definitions and overlays: they are whole, and their clocks are those of the sources."""

import csv
import io
import json
from dataclasses import astuple
from importlib import resources

import pytest

from backend.clocks.rules import AgreedDate, Qualitative
from backend.pathways.definitions import archetypes, clock_table, schema
from backend.pathways.definitions.effective import Effective
from backend.pathways.definitions.library import shipped
from backend.pathways.definitions.records import Kind
from backend.pathways.following import told_by_form

REFERRAL = "referral-to-childrens-social-care"
ALLEGATION = "allegation-against-staff"
DEATH = "child-death-joint-agency-response"
CAMBS, HERTS = "cambs-peterborough", "hertfordshire"
OF_MANY = {"actions-due", "action-due", "visit-due"}
"""Days of which one form names several: each is told beside it."""


def in_force(name: str) -> dict[str, Effective]:
    return archetypes.effective(shipped(), archetypes.overlays(name))


def numeric(name: str, pathway: str) -> set[tuple[str, str, str, str, str, str]]:
    """Every row with a figure: start, value, unit, force, origin, confidence."""
    return {
        (row.start_event, row.value, row.unit, row.force, row.origin, row.confidence)
        for row in clock_table.rows([in_force(name)[pathway]])
        if row.value
    }


def test_the_catalogue_has_a_hundred_and_sixty_items() -> None:
    assert len(shipped().catalogue) == 160
    assert {REFERRAL, ALLEGATION, DEATH} <= set(shipped().entries)


def test_every_file_names_its_schema_for_editors() -> None:
    baseline, places = resources.files("tenants.baseline"), resources.files("tenants.archetypes")
    files = [file for folder in baseline.iterdir() if folder.is_dir() for file in folder.iterdir()]
    files += [file for name in (CAMBS, HERTS) for file in (places / name / "pathways").iterdir()]
    for file in files:
        if file.name.endswith(".yaml"):
            assert file.read_text("utf-8").startswith("# yaml-language-server: $schema=../"), file.name


@pytest.mark.parametrize("kind", sorted(schema.MODELS))
def test_the_committed_schema_is_current(kind: str) -> None:
    kept = (resources.files("tenants.baseline") / schema.file_name(kind)).read_text("utf-8")
    assert kept == schema.printed(kind), (
        f"run: safeguard pathway schema --of {kind} > tenants/baseline/{kind}.schema.json"
    )
    assert json.loads(kept)["additionalProperties"] is False


def test_the_national_referral_has_its_four_figures() -> None:
    assert numeric("baseline", REFERRAL) == {
        ("referral-telephoned", "48", "hours", "should", "baseline", "stated"),
        ("written-referral-received", "1", "working_days", "should", "baseline", "stated"),
        ("written-referral-sent", "3", "working_days", "should", "baseline", "inferred"),
        ("referral-received", "1", "working_days", "should", "baseline", "inferred"),
    }


def test_cambridgeshire_has_its_own_referral_figures() -> None:
    assert numeric(CAMBS, REFERRAL) == {
        ("referral-telephoned", "24", "hours", "should", "local", "stated"),
        ("referral-received", "1", "working_days", "must", "local", "stated"),
        ("referral-received", "1", "working_days", "should", "local", "stated"),
        ("referral-received", "0", "calendar_days", "should", "local", "stated"),
        ("referral-received", "3", "working_days", "should", "local", "inferred"),
    }


def test_the_national_allegation_has_no_figure_and_cambridgeshire_has_all() -> None:
    assert not numeric("baseline", ALLEGATION)
    assert not numeric(HERTS, ALLEGATION)
    assert numeric(CAMBS, ALLEGATION) == {
        ("allegation-made", "1", "working_days", "must", "local", "stated"),
        ("senior-manager-told", "1", "working_days", "should", "local", "stated"),
        ("threshold-agreed", "3", "working_days", "will", "local", "inferred"),
        ("management-meeting-held", "4", "weeks", "should", "local", "stated"),
        ("police-review-held", "2", "weeks", "should", "local", "stated"),
        ("police-review-held", "1", "months", "should", "local", "stated"),
        ("case-opened", "1", "months", "should", "local", "inferred"),
        ("normal-retirement-age", "0", "years", "should", "local", "stated"),
        ("case-concluded", "10", "years", "should", "local", "inferred"),
    }


def test_a_childs_death_keeps_its_three_clocks_and_the_look_back() -> None:
    national = {clock.id for clock in shipped().entries[DEATH].definition.clocks}
    assert {"child-death-first-discussion", "child-death-scene-visit", "child-death-coroner-report"} <= national
    assert numeric("baseline", DEATH) == {
        ("death", "24", "hours", "must", "baseline", "stated"),
        ("death-confirmed", "24", "hours", "should", "baseline", "inferred"),
        ("death", "28", "calendar_days", "must", "baseline", "stated"),
        ("death", "8", "weeks", "should", "baseline", "stated"),
        ("death", "12", "weeks", "should", "baseline", "stated"),
    }
    assert ("death-confirmed", "12", "hours", "must", "local", "stated") in numeric(CAMBS, DEATH)


def test_words_without_a_figure_have_an_empty_value_and_block_publication() -> None:
    for one in in_force("baseline").values():
        words = {clock.setting for clock in one.definition.clocks if isinstance(clock, Qualitative)}
        assert words <= {unset.setting for unset in one.unset}, f"{one.definition.id} ships a figure no source prints"
    for name in (CAMBS, HERTS):
        for one in in_force(name).values():
            if one.overlay:
                assert not one.unset, f"{name} has not chosen all of {one.definition.id}: it cannot be put in force"
    rows = [
        row
        for row in clock_table.rows([in_force("baseline")[REFERRAL]])
        if row.start_event == "possible-offence-identified"
    ]
    assert [(row.value, row.unit) for row in rows] == [("", "")]


def test_the_table_survives_csv() -> None:
    rows = clock_table.rows(in_force(CAMBS).values())
    written = io.StringIO()
    csv.writer(written).writerows(astuple(row) for row in rows)
    assert [tuple(row) for row in csv.reader(io.StringIO(written.getvalue()))] == [astuple(row) for row in rows]
    assert {row.direction for row in rows} == {"after", "before"}
    recurring = {(row.value, row.unit) for row in rows if row.recurring == "yes" and row.value}
    assert recurring >= {("2", "weeks"), ("1", "months"), ("6", "months")}


def test_the_two_partnerships_differ() -> None:
    for pathway in (REFERRAL, ALLEGATION, DEATH):
        assert in_force(CAMBS)[pathway].definition != in_force(HERTS)[pathway].definition


@pytest.mark.parametrize("name", ["baseline", *archetypes.names()])
def test_the_day_that_a_form_agrees_on_is_an_answer_of_it(name: str) -> None:
    """Nobody gives it twice: a date that is written into a form and counts for nothing would be missed in silence."""
    for one in archetypes.effective(shipped(), archetypes.overlays(name)).values():
        events = {event.id: event for event in one.definition.events}
        items = {item.id: item for item in one.definition.information}
        for clock in one.definition.clocks:
            event = events[clock.event] if isinstance(clock, AgreedDate) else None
            forms = [by.form for by in event.recorded_by if by.form] if event else []
            if event is None or not forms or event.id in OF_MANY:
                continue
            assert (event.ahead, items[event.moment or ""].kind) == (True, Kind.DATE), event.id
            alone = [code for code in forms if told_by_form(one.definition, code) == [event.id]]
            given = items[event.moment or ""]
            assert not alone or given.never_empty or given.force == "must", "unanswered, there would be no limit"
