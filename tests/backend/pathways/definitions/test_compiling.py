"""A partnership's overlay: what it replaces, and what it may not loosen."""

from typing import Any

import pytest

from backend.pathways.definitions.compiling import compiled
from backend.pathways.definitions.difference import as_json, differences, readable
from backend.pathways.definitions.effective import Effective, national
from backend.pathways.definitions.faults import Faulty
from backend.pathways.definitions.library import shipped
from backend.pathways.definitions.local_overlay import LocalOverlay
from backend.pathways.definitions.positions import Document
from backend.pathways.definitions.reading import parse

DEATH = "child-death-joint-agency-response"
REFERRAL = "referral-to-childrens-social-care"
MINUTE = "Board minute 12, 3 March 2026"


def laid(pathway: str = DEATH, **parts: Any) -> Effective:
    data = {"pathway": pathway, "partnership": "north-shire", "edition": "North Shire manual", **parts}
    found = Document("n.yaml", data, {(): 1})
    return compiled(shipped().entry(pathway), parse(found, LocalOverlay), found, shipped())


def refused(pathway: str = DEATH, **parts: Any) -> str:
    with pytest.raises(Faulty) as error:
        laid(pathway, **parts)
    return "\n".join(str(fault) for fault in error.value.faults)


def clock(code: str, **values: Any) -> dict[str, Any]:
    return {"clocks": {code: values}}


def test_each_value_shows_where_it_comes_from_and_what_it_replaced() -> None:
    one = laid(change=clock("child-death-coroner-report", limit={"value": 21}, citation="Working Together 2005 ¶5.38"))
    value = one.provenance(("clocks", "child-death-coroner-report", "limit", "value"))
    assert (value.origin, value.edition, value.replaced) == ("local", "North Shire manual", 28)
    unit = one.provenance(("clocks", "child-death-coroner-report", "limit", "unit"))
    assert (unit.origin, unit.edition, unit.replaced) == ("baseline", "Working Together 2005", None)
    visit = one.provenance(("clocks", "child-death-scene-visit", "limit", "value"))
    assert visit.origin == "inferred"


@pytest.mark.parametrize(
    "values",
    [
        {"limit": {"value": 29}},
        {"limit": {"value": 28, "unit": "working_days"}},
        {"limit": {"value": 1, "unit": "months"}},
        {"force": "should"},
        {"force": "will"},
        {"soft": "wherever possible"},
        {"start": {"event": "death-confirmed"}},
        {"kind": "qualitative", "wording": "promptly", "setting": "report-within"},
        {"condition": {"fact": "died-on-ward", "otherwise": "no_limit"}},
        {"met_by": "coroner-informed"},
    ],
)  # fmt: skip
def test_a_must_is_loosened_only_with_an_authority(values: dict[str, Any]) -> None:
    code = "child-death-coroner-report"
    assert "a must is loosened in clocks child-death-coroner-report" in refused(change=clock(code, **values))
    assert "a must is loosened" in refused(change=clock(code, **values, ground="It suits us better."))
    one = laid(change=clock(code, **values, authority=MINUTE))
    (found,) = [each for each in one.definition.clocks if each.id == code]
    assert (found.origin, found.authority) == ("local", MINUTE)


@pytest.mark.parametrize(
    "values", [{"limit": {"value": 28}}, {"limit": {"value": 27}}, {"limit": {"value": 3, "unit": "weeks"}}]
)
def test_a_stricter_must_needs_nobody(values: dict[str, Any]) -> None:
    assert laid(change=clock("child-death-coroner-report", **values))


def test_a_should_is_loosened_with_a_ground() -> None:
    change = clock("child-death-scene-visit", limit={"value": 48})
    assert "give the reason in ground" in refused(change=change)
    change["clocks"]["child-death-scene-visit"]["ground"] = "The island has one boat a day."
    assert laid(change=change)


def test_what_waits_for_an_agreed_date_is_not_let_go_unnoticed() -> None:
    change = clock("monitoring-review-set", before=None)
    assert "before, which falls away" in refused("section-47-outcome", change=change)
    assert laid("section-47-outcome", change=clock("monitoring-review-set", action="Look again on the day"))


def test_the_stricter_prohibition_prevails_whoever_decides() -> None:
    change = {"prohibitions": {"delaying-report-of-suspicion": {"permission": "allowed", "authority": MINUTE}}}
    assert "of two prohibitions the stricter prevails" in refused(change=change)


def test_an_overlay_takes_no_base_step_away() -> None:
    shorter = {"gates": {"records-reviewed": {"information": ["circumstances"], "ground": "Fewer records."}}}
    assert "information, which lose records-reviewed" in refused(change=shorter)
    longer = {"gates": {"records-reviewed": {"information+": ["circumstances"]}}}
    (gate,) = [one for one in laid(change=longer).definition.gates if one.id == "records-reviewed"]
    assert gate.information == ("records-reviewed", "circumstances")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"opens": ["serious-case-review-decision"], "closes": True},
         "the answer case-review, whose requires lose each-strand-concludes"),
        ({"closes": True, "requires": ["each-strand-concludes"]},
         "the answer case-review, whose opens lose serious-case-review-decision"),
    ],
)  # fmt: skip
def test_an_answer_asks_for_no_less_and_brings_about_no_less_without_a_ground(
    answer: dict[str, Any], fault: str
) -> None:
    options = [
        {"id": "case-review", "text": "A review", **answer},
        {"id": "no-wider-review", "text": "None", "closes": True, "requires": ["each-strand-concludes"]},
    ]
    lessons: dict[str, Any] = {"options": options}
    assert fault in refused("allegation-against-staff", change={"decisions": {"review-of-lessons": lessons}})
    lessons["ground"] = "The board reviews all of them at its next meeting."
    assert laid("allegation-against-staff", change={"decisions": {"review-of-lessons": lessons}})


def test_a_quorum_is_not_made_up_by_fewer_without_a_ground() -> None:
    conference = "initial-child-protection-conference"
    fewer: dict[str, Any]
    for fewer in ({"at_least": 2}, {"agencies": []}, {"fewer_if": "The chair is content."}):
        change: dict[str, Any] = {"meetings": {"initial-conference": {"quorum": fewer}}}
        assert "the quorum, which fewer make up" in refused(conference, change=change)
    assert laid(conference, change={"meetings": {"initial-conference": {"quorum": {"at_least": 4}}}})


def test_a_clock_that_must_be_kept_is_left_out_only_with_an_authority() -> None:
    left_out = {"clock": "child-death-coroner-report", "ground": "Not needed here."}
    assert "must be kept and is not applied" in refused(not_applied=[left_out])
    one = laid(not_applied=[{**left_out, "authority": MINUTE}])
    assert "child-death-coroner-report" not in {each.id for each in one.definition.clocks}
    assert [path for path, value, _ in one.values() if value is None and path[0] == "clocks" and len(path) == 2]


def test_a_figure_for_words_is_the_partnerships_and_unblocks_publication() -> None:
    before = {item.setting for item in national(shipped().entry(REFERRAL)).unset}
    one = laid(REFERRAL, settings={"inform-police-of-offence-within": {"value": 30, "unit": "minutes"}})
    assert before - {item.setting for item in one.unset} == {"inform-police-of-offence-within"}


def test_a_start_that_no_source_prints_is_chosen_once() -> None:
    one = laid(REFERRAL, starts={"referral-chased": "referral-received"})
    assert "starts.referral-chased" not in {item.setting for item in one.unset}
    assert "the start of referral-confirmed-in-writing is printed" in refused(
        REFERRAL, starts={"referral-confirmed-in-writing": "referral-received"}
    )


def test_local_words_are_used_in_what_people_read() -> None:
    one = laid(REFERRAL, wording=[{"national": "social care", "local": "family services"}])
    assert "family services" in one.definition.title
    assert one.definition.obligations[0].roles, "codes stay as they are"


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"change": clock("child-death-coroner-repotr", force="must")}, "did you mean `child-death-coroner-report`?"),
        ({"settings": {"first-discussion-witihn": 3}}, "did you mean `first-discussion-within`?"),
        ({"change": clock("child-death-coroner-report", role="wizard")}, "there is no role wizard"),
        ({"change": clock("child-death-coroner-report", citation="Hearsay 3")}, "names no source"),
        ({"change": clock("child-death-coroner-report", forse="must")}, "forse is not known"),
        ({"add": {"clocks": [{"id": "child-death-coroner-report"}]}}, "missing"),
        ({"change": {"clock": {}}}, "did you mean `clocks`?"),
    ],
)  # fmt: skip
def test_faults_of_an_overlay_are_told_with_a_remedy(parts: dict[str, Any], fault: str) -> None:
    assert fault in refused(**parts)


def test_a_comparison_names_each_value_once_with_its_source() -> None:
    new = laid(change=clock("child-death-coroner-report", limit={"value": 21}))
    found = differences(national(new.national), new)
    assert [one["path"] for one in as_json(found)] == ["clocks.child-death-coroner-report.limit.value"]
    assert list(readable(found)) == ["~ clocks.child-death-coroner-report.limit.value: 28 -> 21  [North Shire manual]"]
    assert not differences(new, new)


def test_minutes_are_filled_from_the_agenda_as_it_is_worded_locally() -> None:
    final, code = "child-death-final-case-discussion", "family-care"
    words = {"national": "Future care of the family", "local": "Care of the bereaved", "citation": MINUTE}
    worded = laid(final, wording=[words]).definition
    (source,) = [one.from_meeting for one in worded.information if one.id == code]
    assert source is not None
    assert source.agenda == ("Care of the bereaved",)
    assert "Care of the bereaved" in [item.text for item in worded.meetings[0].agenda]
    own = {"agenda": [{"text": "All that matters"}], "ground": "One talk.", "authority": MINUTE}
    assert laid(final, change={"meetings": {"final-discussion": own}}).definition.meetings[0].agenda
    lost = {"information": {code: {"from_meeting": {"agenda": ["Care of the berieved"]}}}}
    assert "n.yaml:1: no agenda has the item 'Care of the berieved'" in refused(final, change=lost)
