"""Threshold documents as files: what fits is read, what does not is told by file, line and remedy."""

import re

import pytest

from backend.pathways.definitions.faults import Faulty
from backend.thresholds.files import from_text, of_archetype
from backend.thresholds.publishing import content_of, digest_of
from tenants.thresholds.continuum import Continuum

TEXT = """title: Levels
edition: First
citation: Board minute 3
levels:
  - {code: low, name: Low, description: Low need., citation: Board minute 3}
  - {code: high, name: High, description: High need., citation: Board minute 3}
domains: [{code: harm, name: Harm}]
indicators:
  - {code: bruise, name: Bruise, domain: harm}
  - {code: still, name: Not mobile, domain: harm, nature: state}
criteria:
  - code: bruised
    text: A bruise.
    suggests: high
    all: [{indicator: bruise, at_least: 2, within: {weeks: 6}}, {age: {from: {months: 6}, under: {years: 2}}}]
    citation: Board minute 3
"""


def told(text: str) -> list[str]:
    with pytest.raises(Faulty) as refused:
        from_text(text, "levels.yaml")
    return [str(fault) for fault in refused.value.faults]


def test_a_document_is_read_and_says_the_same_once_it_is_stored() -> None:
    one = from_text(TEXT)
    assert [level.code for level in one.levels] == ["low", "high"]
    assert Continuum.model_validate(content_of(one)) == one
    assert digest_of(Continuum.model_validate(content_of(one))) == digest_of(one)


REFERRAL = "pathway: referral-to-childrens-social-care, criterion: significant-ham"
FAULTS = [
    ("suggests: high", "suggests: hihg", "14: there is no level hihg; choose from high, low."),
    ("indicator: bruise,", "indicator: bruize,", "15: there is no indicator bruize; choose from bruise, still."),
    ("domain: harm}\n", "domain: hurt}\n", "9: there is no domain hurt; choose from harm."),
    ("code: high,", "code: low,", "6: low stands in levels twice; rename or remove one."),
    ("{weeks: 6}", "{weeks: 6, days: 1}", "give exactly one of days, weeks, months or years."),
    ("suggests: high\n    ", "", "bruised has no effect; give suggests, opens or both."),
    ("text: A bruise.", "texts: A bruise.", "13: texts is not known in criteria 1; did you mean `text`?"),
    ("indicator: bruise, at_least: 2, within: {weeks: 6}", "indicator: still, at_least: 2",
     "15: still is a state, which holds or does not; leave out at_least, within and looking_back, or make it"),
    ("at_least: 2, within: {weeks: 6}", "people: 2", "15: bruise is not recorded of adults; leave out people, or"),
    ("suggests: high", "opens: [{pathway: early-help}]", "the catalogue has no early-help; did you mean `early-help-"),
    ("suggests: high", f"opens: [{{{REFERRAL}}}]", "no criterion significant-ham; did you mean `significant-harm`?"),
    ("title: Levels", "title: Levels\ntitle: Others", "2: title stands here twice; keep one of them; the first is on"),
]  # fmt: skip


@pytest.mark.parametrize(("was", "becomes", "fault"), FAULTS)
def test_a_fault_is_told_by_its_line_with_what_to_do(was: str, becomes: str, fault: str) -> None:
    assert was in TEXT
    faults = told(TEXT.replace(was, becomes, 1))
    assert all(re.match(r"levels.yaml:\d+: ", each) for each in faults)
    assert any(fault in each for each in faults), faults


def test_a_document_has_levels_or_says_whose_choice_they_are() -> None:
    (fault,) = told(f"unset: The board's.\n{TEXT}")
    assert "either levels or a sentence in unset" in fault


@pytest.mark.parametrize("name", ["hertfordshire", "worcestershire"])
def test_where_no_text_gives_levels_none_are_shipped(name: str) -> None:
    one = of_archetype(name)
    assert one is not None
    assert one.levels == ()
    assert one.unset is not None
    assert all(criterion.suggests is None for criterion in one.criteria)
