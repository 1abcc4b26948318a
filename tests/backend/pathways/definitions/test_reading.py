"""What somebody who writes a definition is told: file, line, fault and remedy, in one line."""

from importlib import resources
from pathlib import Path
from textwrap import dedent

import pytest

from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.faults import Faulty
from backend.pathways.definitions.library import checked, load, read_entry, shipped
from backend.pathways.definitions.positions import read
from backend.pathways.definitions.reading import parse

PLACE = "Working Together 2005 ¶10.46"
WHOLE = dedent("""\
    id: bullying
    kind: pathway
    title: Bullying
    edition: Working Together 2005
    citation: Working Together 2005 ¶10.46
    summary: A child is bullied.
    entry:
      trigger: A child is bullied.
      criteria:
        - {id: bullied, text: A child is bullied., citation: Working Together 2005 ¶10.46, clocks: [answer]}
    stages:
      - {id: first, title: First, lead: social-worker, leads_to: [last]}
      - {id: last, title: Last, lead: social-worker, ends: true}
    events:
      - {id: told, title: Told, recorded_by: [{stage: first}]}
    decisions:
      - id: choice
        stage: first
        question: Which?
        deciders: [social-worker]
        citation: Working Together 2005 ¶10.46
        options:
          - {id: one, text: One, goes_to: last}
          - {id: other, text: Other, stays: true}
    clocks:
      - id: answer
        action: Answer
        role: social-worker
        start: {event: told}
        limit: {value: 2, unit: working_days}
        force: should
        citation: Working Together 2005 ¶10.46
    """)


def said(text: str) -> list[str]:
    """The faults of a definition with this text."""
    try:
        checked(read(text, "b.yaml"), "specialist-concerns", shipped())
    except Faulty as error:
        return [str(fault) for fault in error.faults]
    return []


def changed(old: str, new: str) -> list[str]:
    assert old in WHOLE
    return said(WHOLE.replace(old, new, 1))


def line(part: str) -> int:
    return next(number for number, text in enumerate(WHOLE.splitlines(), start=1) if part in text)


def test_the_example_is_whole() -> None:
    assert said(WHOLE) == []


@pytest.mark.parametrize(
    ("old", "new", "where", "fault"),
    [
        ("unit: working_days", "unit: workign_days", "unit:",
         "clocks 1.limit.unit cannot be 'workign_days'; did you mean `working_days`?"),
        ("force: should", "force: shoud", "force:", "clocks 1.force cannot be 'shoud'; did you mean `should`?"),
        ("summary:", "sumary:", "summary:", "sumary is not known; did you mean `summary`?"),
        ("    role:", "    roel:", "    role:", "roel is not known in clocks 1; did you mean `role`?"),
        ("    role: social-worker", "    role: social-wroker", "    role:",
         "there is no role social-wroker; did you mean `social-worker`?"),
        ("leads_to: [last]", "leads_to: [lats]", "id: first", "there is no stage lats; did you mean `last`?"),
        ("goes_to: last", "goes_to: final", "id: one", "there is no stage final"),
        ("goes_to: last", "opens: [bulying]", "id: one", "there is no pathway bulying; did you mean `bullying`?"),
        ("clocks: [answer]", "clocks: [anser]", "id: bullied", "there is no clock anser; did you mean `answer`?"),
        ("start: {event: told}", "start: {event: tolt}", "start:", "there is no event tolt; did you mean `told`?"),
        ("recorded_by: [{stage: first}]", "recorded_by: []", "id: told", "nothing records the event told"),
        ("  - {id: last,", "  - {id: lost, title: Lost, lead: social-worker, ends: true}\n  - {id: last,", "id: last",
         "no case ever comes to the stage lost"),
        ("stays: true", "text: Other", "id: other", "text stands here twice"),
        (", stays: true", "", "id: other", "the option other of choice has no way out"),
        ("id: answer", "id: Answer", "id: answer", "write lower-case words joined by hyphens"),
        (", ends: true", "", "id: last", "no case ever leaves the stage last"),
        ("value: 2", "value: two", "limit:", "limit.value"),
        ("value: 2", "value: -2", "limit:", "limit.value cannot be -2; write at least 0"),
        ("title: Bullying", f"title: {'x' * 301}", "title: Bullying", "title is too long; shorten it to 300"),
        ("citation: Working Together 2005 ¶10.46\nsummary", "effective_from: 2026-13-01\nsummary", "citation:",
         "month must be in 1..12; correct it, or put it in quotes if it is text"),
        ("    limit:", "    recurs: {}\n    limit:", "- id: answer", "a recurring clock has to be met; add met_by"),
        ("kind: pathway", "kind: pathwya", "kind: pathway", "kind cannot be 'pathwya'; did you mean `pathway`?"),
    ],
)  # fmt: skip
def test_each_fault_is_one_line_with_file_line_and_remedy(old: str, new: str, where: str, fault: str) -> None:
    found = changed(old, new)
    assert all("\n" not in one and one.startswith("b.yaml:") and "; " in one for one in found)
    assert [one for one in found if fault in one and one.startswith(f"b.yaml:{line(where)}:")], found


@pytest.mark.parametrize(
    ("kind", "asks", "faults"),
    [
        ("instant", "when", []),
        ("date", "when", []),
        ("text", "when", ["when is no instant and no date"]),
        ("instant", "what", ["no form that records told asks for when"]),
    ],
)
def test_the_moment_of_an_event_is_an_item_of_its_form(kind: str, asks: str, faults: list[str]) -> None:
    items = f"information:\n  - {{id: when, label: When, kind: {kind}}}\n  - {{id: what, label: What}}\n"
    form = (
        f"forms:\n  - {{id: note, title: Note, roles: [social-worker], information: [{asks}], "
        "citation: Working Together 2005 ¶10.46}\n"
    )
    told = WHOLE.replace("recorded_by: [{stage: first}]", "recorded_by: [{form: note}], moment: when")
    found = said(told + items + form)
    assert len(found) == len(faults)
    assert all(fault in one for fault, one in zip(faults, found, strict=True))


def test_an_anchor_that_is_used_is_refused() -> None:
    found = changed("title: Bullying\n", "title: &a Bullying\naliases: [*a]\n")
    assert len(found) == 1
    assert "an anchor is used here; write the value out in full." in found[0]


def test_a_citation_that_dangles_is_told() -> None:
    for place, fault in (("¶10.99", "has no ¶10.99"), ("page 3", "is no place in Working Together 2005")):
        assert any(fault in one for one in said(WHOLE.replace("¶10.46, clocks", f"{place}, clocks")))
    hearsay = WHOLE.replace("citation: Working Together 2005 ¶10.46\nsummary", "citation: Hearsay ¶1.1\nsummary")
    assert any("names no source" in one for one in said(hearsay))


def test_a_clock_without_a_start_is_told() -> None:
    assert "start is missing; add it" in changed("    start: {event: told}\n", "")[0]


@pytest.mark.parametrize(
    ("asks", "faults"),
    [
        ("kind: look_back, start: {event: told}, limit: {value: 6, unit: months}, looks_for: tolt",
         ["there is no event tolt; did you mean `told`?"]),
        ("kind: expiry, start: {event: told}, limit: {value: 8, unit: weeks}, ended_by: tolt",
         ["there is no event tolt; did you mean `told`?"]),
        ("kind: criterion, opens: bulying, test: {begins: tolt, ends: endde, at_least: {value: 28, unit: weeks}}",
         ["there is no event tolt", "there is no event endde", "did you mean `bullying`?"]),
        ("kind: criterion, test: {event: tolt, setting: how-often}",
         ["there is no event tolt", "there is no setting how-often"]),
        ("kind: criterion, test: {fact: sentence, at_least: {value: 30, unit: months}}",
         ["there is no information sentence"]),
    ],
)  # fmt: skip
def test_what_a_clock_asks_about_has_to_be_there(asks: str, faults: list[str]) -> None:
    clock = f"  - {{id: asked, action: Ask, role: social-worker, force: must, citation: {PLACE}, {asks}}}\n"
    found = said(WHOLE.replace("clocks: [answer]", "clocks: [answer, asked]") + clock)
    assert len(found) == len(faults), found
    for fault in faults:
        assert any(fault in one for one in found), found


def test_a_gate_that_blocks_stands_before_something() -> None:
    gate = (
        "gates:\n  - {id: shut, text: It is chosen., before: It ends., decisions: [choice], force: must, "
        f"citation: {PLACE}}}\n"
    )
    assert any("nothing goes through the gate shut; name it in the requires" in one for one in said(WHOLE + gate))
    assert said(WHOLE + gate.replace("force: must", "effect: warn, force: should")) == []
    assert said(WHOLE.replace("goes_to: last", "goes_to: last, requires: [shut]") + gate) == []


def test_a_clock_that_no_duty_names_is_told() -> None:
    assert any("no duty is bound to the clock answer" in one for one in changed(", clocks: [answer]", ""))


MINUTED = """\
meetings:
  - {id: talk, title: Talk, stage: first, called_by: social-worker, chair: social-worker, attend: [parent],
     agenda: [{text: What is known}], force: should, citation: Working Together 2005 ¶10.46}
information:
  - {id: known, label: Known, from_meeting: {agenda: [what is known]}}
  - {id: there, label: There, kind: people, from_meeting: {tells: [attended], agencies: [health]}}
"""


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("agenda: [what is known]", "agenda: [What is knwon]",
         "no agenda has the item 'What is knwon'; did you mean `What is known`?"),
        ("agenda: [what is known]", "agenda: []", "is filled with nothing; name what the meeting tells"),
        ("tells: [attended], agencies: [health]", "tells: [attended], agencies: [helth]",
         "there is no agency helth; did you mean `health`?"),
        ("tells: [attended]", "tells: [atended]", "cannot be 'atended'; did you mean `attended`?"),
        ("tells: [attended], agencies: [health]", "tells: [held]",
         "is of the kind people, which held of a meeting cannot fill"),
        ("label: Known", "label: Known, kind: date", "is of the kind date, which agenda of a meeting cannot fill"),
        ("agenda: [what is known]", "tells: [actions], roles: [parent]", "chooses among people and tells of none"),
    ],
)  # fmt: skip
def test_minutes_are_filled_only_from_what_a_meeting_can_tell(old: str, new: str, fault: str) -> None:
    assert said(WHOLE + MINUTED) == []
    assert old in MINUTED
    assert any(fault in one for one in said(WHOLE + MINUTED.replace(old, new, 1)))


def test_all_faults_are_told_at_once() -> None:
    text = WHOLE.replace("leads_to: [last]", "leads_to: [lats]").replace("event: told}", "event: tolt}")
    assert len(said(text)) >= 2


@pytest.mark.parametrize("text", ["", "- a\n", "a: [", "a: 1\na: 2\n", "? [x]\n: 1\n"])
def test_what_is_no_definition_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(Faulty) as refused:
        parse(read(text, "b.yaml"), Definition)
    assert all(str(fault).startswith("b.yaml:") for fault in refused.value.faults)


def test_a_file_that_lies_in_the_wrong_family_is_told(tmp_path: Path) -> None:
    file = tmp_path / "bullying.yaml"
    file.write_text(WHOLE, "utf-8")
    assert read_entry(file, "specialist-concerns", shipped()).definition.id == "bullying"
    with pytest.raises(Faulty, match="move it to specialist-concerns/"):
        read_entry(file, "child-death", shipped())


def test_a_duty_may_name_a_clock_that_another_definition_runs() -> None:
    duty = (
        "obligations:\n  - {id: hear, stage: first, text: Hear., roles: [social-worker], force: should, "
        "citation: Working Together 2005 ¶10.46, clocks: [referral-decided]}\n"
    )
    assert any("there is no clock referral-decided" in one for one in said(WHOLE + duty))
    shared = "clocks_of: [{pathway: referral-to-childrens-social-care, clocks: [referral-decided]}]\n"
    assert said(WHOLE + duty + shared) == []


def test_a_clock_that_is_said_to_run_elsewhere_runs_there(tmp_path: Path) -> None:
    baseline = resources.files("tenants.baseline")
    for name in ("roles.yaml", "sources.yaml", "catalogue.yaml"):
        (tmp_path / name).write_text((baseline / name).read_text("utf-8"), "utf-8")
    (tmp_path / "specialist-concerns").mkdir()
    shared = "clocks_of: [{pathway: referral-to-childrens-social-care, clocks: [referral-decided]}]\n"
    (tmp_path / "specialist-concerns" / "bullying.yaml").write_text(WHOLE + shared, "utf-8")
    with pytest.raises(Faulty, match="has no clock referral-decided"):
        load(tmp_path)
